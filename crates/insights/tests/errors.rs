//! What is said of mistakes, and where. Update with `UPDATE_EXPECT=1`.

use expect_test::{Expect, expect};
use shoseki_insights::{MAX_COMMANDS, MAX_QUERY_BYTES, parse, render};
use shoseki_messages::Lang;

fn check(query: &str, expected: Expect) {
    let parsed = parse(query);
    expected.assert_eq(&render(query, &parsed.errors, Lang::En));
}

#[test]
fn all_mistakes_at_once() {
    check(
        "feilds @message\n| filter @message like\n| sort by x | limit ten | stats count(*",
        expect![[r#"
        1 | feilds @message
          | ^^^^^^ unknown command `feilds`: did you mean `fields`?
        3 | | sort by x | limit ten | stats count(*
          | ^ found `|`, expected a string in quotes, or a regular expression between slashes
        3 | | sort by x | limit ten | stats count(*
          |        ^^ found `by`, expected a field, a value or a function
        3 | | sort by x | limit ten | stats count(*
          |                     ^^^ found `ten`, expected a whole number
        3 | | sort by x | limit ten | stats count(*
          |                                        ^ the query ends here, expected `,` or `)`
    "#]],
    );
}

#[test]
fn unknown_and_unsupported_commands() {
    check(
        "SELECT * FROM events",
        expect![[r#"
        1 | SELECT * FROM events
          | ^^^^^^ unknown command `SELECT`: expected one such as `fields`, `filter`, `stats`, `sort` or `limit`
    "#]],
    );
    check(
        "fields a | anomaly @message | sourc x | filtre b",
        expect![[r#"
        1 | fields a | anomaly @message | sourc x | filtre b
          |            ^^^^^^^ the command `anomaly` is not supported yet
        1 | fields a | anomaly @message | sourc x | filtre b
          |                               ^^^^^ unknown command `sourc`: did you mean `SOURCE`?
        1 | fields a | anomaly @message | sourc x | filtre b
          |                                         ^^^^^^ unknown command `filtre`: did you mean `filter`?
    "#]],
    );
    check(
        "fields a || limit 1 |",
        expect![[r#"
        1 | fields a || limit 1 |
          |           ^ found `|`, expected a command, such as `fields` or `filter`
        1 | fields a || limit 1 |
          |                      ^ the query ends here, expected a command, such as `fields` or `filter`
    "#]],
    );
    check(
        "",
        expect![[r#"
        1 | 
          | ^ the query ends here, expected a command, such as `fields` or `filter`
    "#]],
    );
    check(
        "'a'",
        expect![[r#"
        1 | 'a'
          | ^^^ found `'a'`, expected a command, such as `fields` or `filter`
    "#]],
    );
    check(
        "parse logfmt logfmt as m | parse a /x/ multi | stats count(*) by a offset 1d",
        expect![[r#"
        1 | parse logfmt logfmt as m | parse a /x/ multi | stats count(*) by a offset 1d
          |              ^^^^^^ `logfmt` of the command `parse` is not supported yet: use a string with `*`, or a regular expression with named groups
        1 | parse logfmt logfmt as m | parse a /x/ multi | stats count(*) by a offset 1d
          |                                        ^^^^^ `multi` of the command `parse` is not supported yet: use a string with `*`, or a regular expression with named groups
        1 | parse logfmt logfmt as m | parse a /x/ multi | stats count(*) by a offset 1d
          |                                                                    ^^^^^^ `offset` of the command `stats` is not supported yet
    "#]],
    );
}

#[test]
fn places_of_expressions() {
    check(
        "fields a\nfilter b = 1",
        expect![[r#"
            2 | filter b = 1
              | ^^^^^^ `|` is missing before the command `filter`
        "#]],
    );
    check(
        "filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'",
        expect![[r#"
        1 | filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
          |          ^^ found `==`, expected `=`
        1 | filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
          |                            ^ found `|`, expected a field, a value or a function
        1 | filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
          |                                            ^ found `|`, expected an operator or `)`
        1 | filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
          |                                                          ^ found `(`, expected a list in brackets, such as `["a", "b"]`
        1 | filter a == 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
          |                                                                                  ^ the query ends here, expected `,` or `]`
    "#]],
    );
    check(
        "filter a not b | filter a =~ 'x' | filter a like b | filter 5x = 1",
        expect![[r#"
        1 | filter a not b | filter a =~ 'x' | filter a like b | filter 5x = 1
          |              ^ found `b`, expected `like` or `in`
        1 | filter a not b | filter a =~ 'x' | filter a like b | filter 5x = 1
          |                              ^^^ found `'x'`, expected a regular expression between slashes, such as `/delete|update/`
        1 | filter a not b | filter a =~ 'x' | filter a like b | filter 5x = 1
          |                                                  ^ found `b`, expected a string in quotes, or a regular expression between slashes
        1 | filter a not b | filter a =~ 'x' | filter a like b | filter 5x = 1
          |                                                             ^^ `5x` is neither a number nor a length of time: expected a whole number and one of `ms` `s` `m` `h` `d` `w` `mo` `q` `y`, such as `5m`; a field that begins with a digit needs backticks
    "#]],
    );
    check(
        "fields a as | fields a as and | fields f(a b) | fields § | dedup a + b",
        expect![[r#"
        1 | fields a as | fields a as and | fields f(a b) | fields § | dedup a + b
          |             ^ found `|`, expected a name; other characters than letters, digits, `_`, `.` and `@` need backticks
        1 | fields a as | fields a as and | fields f(a b) | fields § | dedup a + b
          |                           ^^^ found `and`, expected a name; other characters than letters, digits, `_`, `.` and `@` need backticks
        1 | fields a as | fields a as and | fields f(a b) | fields § | dedup a + b
          |                                            ^ found `b`, expected `,` or `)`
        1 | fields a as | fields a as and | fields f(a b) | fields § | dedup a + b
          |                                                        ^ found `§`, expected a field, a value or a function
        1 | fields a as | fields a as and | fields f(a b) | fields § | dedup a + b
          |                                                                    ^ found `+`, expected `|` and the next command, or the end
    "#]],
    );
    check(
        "parse @message 'a * b *' as x | parse 'x' | parse | parse a b",
        expect![[r#"
        1 | parse @message 'a * b *' as x | parse 'x' | parse | parse a b
          |                ^^^^^^^^^ there must be as many names as there are `*`: found 2 of `*` and 1 of names
        1 | parse @message 'a * b *' as x | parse 'x' | parse | parse a b
          |                                           ^ found `|`, expected `as` and a name for each `*`
        1 | parse @message 'a * b *' as x | parse 'x' | parse | parse a b
          |                                                   ^ found `|`, expected a field, a string in quotes, or a regular expression between slashes
        1 | parse @message 'a * b *' as x | parse 'x' | parse | parse a b
          |                                                             ^ found `b`, expected a string in quotes, or a regular expression between slashes
    "#]],
    );
    check(
        "limit 1.5 | limit -1 | limit 99999999999999999999",
        expect![[r#"
        1 | limit 1.5 | limit -1 | limit 99999999999999999999
          |       ^^^ `1.5` is not a whole number from 0
        1 | limit 1.5 | limit -1 | limit 99999999999999999999
          |                   ^ found `-`, expected a whole number
        1 | limit 1.5 | limit -1 | limit 99999999999999999999
          |                              ^^^^^^^^^^^^^^^^^^^^ `99999999999999999999` is not a whole number from 0
    "#]],
    );
}

#[test]
fn what_is_not_closed_ends_with_its_line() {
    check(
        "filter a = 'x\n| filter b like /x\n| fields `c\n| limit x",
        expect![[r#"
        1 | filter a = 'x
          |            ^^ this string is not closed: expected the same quote again
        2 | | filter b like /x
          |                 ^^ this regular expression is not closed on its line: expected `/`
        3 | | fields `c
          |          ^^ this name in backticks is empty or not closed
        4 | | limit x
          |         ^ found `x`, expected a whole number
    "#]],
    );
    check(
        "fields `` | limit x",
        expect![[r#"
        1 | fields `` | limit x
          |        ^ this name in backticks is empty or not closed
    "#]],
    );
}

#[test]
fn a_pipe_in_a_pattern_is_not_a_command() {
    check(
        "filter a lik /x|y/ | limit x | filter a b = 'x | y'",
        expect![[r#"
            1 | filter a lik /x|y/ | limit x | filter a b = 'x | y'
              |          ^^^ found `lik`: did you mean `like`?
            1 | filter a lik /x|y/ | limit x | filter a b = 'x | y'
              |                            ^ found `x`, expected a whole number
            1 | filter a lik /x|y/ | limit x | filter a b = 'x | y'
              |                                         ^ found `b`, expected `|` and the next command, or the end
        "#]],
    );
}

#[test]
fn carets_stand_under_full_width_letters() {
    let query = "filter 名前 = '山田' oder 役職 = '課長'";
    let errors = parse(query).errors;
    expect![[r#"
        1 | filter 名前 = '山田' oder 役職 = '課長'
          |                      ^^^^ `oder` は読めません。ここには `|` と次のコマンド、またはクエリの終わりが必要です
    "#]]
    .assert_eq(&render(query, &errors, Lang::Ja));
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let query = format!("filter a in [{}] § 1", "'証跡', ".repeat(60) + "1");
    let errors = parse(&query).errors;
    expect![[r#"
        1 | 跡', '証跡', '証跡', '証跡', '証跡', '証跡', '証跡', '証跡', '証跡', '証跡', 1] § 1
          |                                                                                 ^ found `§`, expected `|` and the next command, or the end
    "#]].assert_eq(&render(&query, &errors, Lang::En));
}

#[test]
fn bounds() {
    let long = "a".repeat(MAX_QUERY_BYTES + 1);
    check(
        &long,
        expect![[r#"
        1 | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          | ^ the query has 65537 bytes: at most 65536 are read
    "#]],
    );
    let many = vec!["limit 1"; MAX_COMMANDS + 1].join("|");
    assert_eq!(
        parse(&many).errors.iter().map(|error| error.message.id()).collect::<Vec<_>>(),
        ["insights-too-many-commands"]
    );
    for deep in [
        format!("filter {}a{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("filter {}a", "not ".repeat(10_000)),
        format!("filter {}a", "-".repeat(60_000)),
        format!("filter {}", "f(".repeat(30_000)),
        format!("filter a{}", "^a".repeat(30_000)),
        format!("filter a{}", "+a".repeat(30_000)),
        format!("filter a{}", "=a".repeat(30_000)),
    ] {
        let ids: Vec<_> = parse(&deep).errors.iter().map(|error| error.message.id()).collect();
        assert_eq!(ids, ["insights-too-deep"], "{}", &deep[..20]);
    }
    let wide = format!("filter a{}", " or a".repeat(10_000));
    assert!(parse(&wide).errors.is_empty());
    let nested = format!("filter {}a{}", "(".repeat(90), ")".repeat(90));
    assert!(parse(&nested).errors.is_empty());
}
