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
              |   ^^^^^^^ `sort by` is written `sort` here
            3 | | sort by x | limit ten | stats count(*
              |                     ^^^ found `ten`, expected a whole number
            3 | | sort by x | limit ten | stats count(*
              |                                        ^ the query ends here, expected `,` or `)`
        "#]],
    );
}

#[test]
fn unknown_commands_and_words_behind_known_ones() {
    check(
        "SELECT * FROM events",
        expect![[r#"
        1 | SELECT * FROM events
          | ^^^^^^ unknown command `SELECT`: expected one such as `fields`, `filter`, `stats`, `sort` or `limit`
    "#]],
    );
    check(
        "fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield",
        expect![[r#"
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                    ^^^^^^^^ found `@message`, expected `|` and the next command, or the end
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                               ^^^^^ unknown command `sourc`: did you mean `SOURCE`?
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                                         ^^^^^^ unknown command `filtre`: did you mean `filter`?
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                                                                     ^ found `b`, expected `where` and a condition, such as `where status >= 500`
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                                                                                                  ^ found `|`, expected a field, a value or a function
            1 | fields a | anomaly @message | sourc x | filtre b | relevantfields a b = 1 | relevantfields where | relevantfield
              |                                                                                                    ^^^^^^^^^^^^^ unknown command `relevantfield`: did you mean `relevantfields`?
        "#]],
    );
    check(
        "fields a || limit 1 |",
        expect![[r#"
            1 | fields a || limit 1 |
              |          ^^ `||` is written `or` here
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
        "parse logfmt logfmt | parse a csv 'x' | parse json field=a 'b', 'c' as d",
        expect![[r#"
            1 | parse logfmt logfmt | parse a csv 'x' | parse json field=a 'b', 'c' as d
              |                     ^ found `|`, expected `as` and a name
            1 | parse logfmt logfmt | parse a csv 'x' | parse json field=a 'b', 'c' as d
              |                                   ^^^ found `'x'`, expected `as` and a name for each `*`
            1 | parse logfmt logfmt | parse a csv 'x' | parse json field=a 'b', 'c' as d
              |                                               ^^^^ there must be as many names as there are paths: found 2 of paths and 1 of names
        "#]],
    );
    check(
        "stats count(*) by a offset x | stats count(*) by b offset 5x | fields a[x], b[1 | fields f(). + 1, a[-1], a[99999999999]",
        expect![[r#"
            1 | stats count(*) by a offset x | stats count(*) by b offset 5x | fields a[x], b[1 | fields f(). + 1, a[-1], a[99999999999]
              |                            ^ found `x`, expected a length of time, such as `1h` or `1d`
            1 | stats count(*) by a offset x | stats count(*) by b offset 5x | fields a[x], b[1 | fields f(). + 1, a[-1], a[99999999999]
              |                                                           ^^ `5x` is neither a number nor a length of time: expected a whole number and one of `ms` `s` `m` `h` `d` `w` `mo` `q` `y`, such as `5m`; a field that begins with a digit needs backticks
            1 | stats count(*) by a offset x | stats count(*) by b offset 5x | fields a[x], b[1 | fields f(). + 1, a[-1], a[99999999999]
              |                                                                         ^ found `x`, expected a whole number
            1 | stats count(*) by a offset x | stats count(*) by b offset 5x | fields a[x], b[1 | fields f(). + 1, a[-1], a[99999999999]
              |                                                                                               ^ found `+`, expected a key of a map, such as `.name`; other characters than letters, digits, `_`, `.` and `@` need backticks
        "#]],
    );
}

#[test]
fn sub_queries_and_sources() {
    check(
        "filter a in (SOURCE 'x' | feilds b | filter c in (SOURCE 'y' | fields c)) | fields a | SOURCE 'z' | limit x",
        expect![[r#"
            1 | filter a in (SOURCE 'x' | feilds b | filter c in (SOURCE 'y' | fields c)) | fields a | SOURCE 'z' | limit x
              |                           ^^^^^^ unknown command `feilds`: did you mean `fields`?
            1 | filter a in (SOURCE 'x' | feilds b | filter c in (SOURCE 'y' | fields c)) | fields a | SOURCE 'z' | limit x
              |                                                  ^ a sub-query cannot stand in another
            1 | filter a in (SOURCE 'x' | feilds b | filter c in (SOURCE 'y' | fields c)) | fields a | SOURCE 'z' | limit x
              |                                                                                        ^^^^^^^^^^ `SOURCE` can only stand at the beginning of a query or of a sub-query
            1 | filter a in (SOURCE 'x' | feilds b | filter c in (SOURCE 'y' | fields c)) | fields a | SOURCE 'z' | limit x
              |                                                                                                           ^ found `x`, expected a whole number
        "#]],
    );
    check(
        "filter a in (SOURCE 'x' | fields b | limit 5 | filter (c = 1 | fields d) | limit x",
        expect![[r#"
        1 | filter a in (SOURCE 'x' | fields b | limit 5 | filter (c = 1 | fields d) | limit x
          |                                                              ^ found `|`, expected an operator or `)`
        1 | filter a in (SOURCE 'x' | fields b | limit 5 | filter (c = 1 | fields d) | limit x
          |                                                                                  ^ found `x`, expected a whole number
    "#]],
    );
    check(
        "filter a in (fields b",
        expect![[r#"
        1 | filter a in (fields b
          |                      ^ the query ends here, expected `|` and the next command, or `)` at the end of the sub-query
    "#]],
    );
    check(
        "SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | SOURCE logGroups(namePrefx: ['a']) | SOURCE dataSource(['a']) | SOURCE logs('a')",
        expect![[r#"
            1 | SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | SOURCE logGroups(namePrefx: ['a']) | SOURCE dataSource(['a']) | SOURCE logs('a')
              |                  ^^^^^ `class` means nothing here: a vault's streams have no log class; leave it out
            1 | SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | SOURCE logGroups(namePrefx: ['a']) | SOURCE dataSource(['a']) | SOURCE logs('a')
              |                                                                   ^^^^^^^^^ `SOURCE` has no `namePrefx`: expected `namePrefix`
            1 | SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | SOURCE logGroups(namePrefx: ['a']) | SOURCE dataSource(['a']) | SOURCE logs('a')
              |                                                                                              ^^^^^^^^^^ `dataSource` means nothing here: to ask for a source, use `filter @source = "cloudtrail"`
            1 | SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | SOURCE logGroups(namePrefx: ['a']) | SOURCE dataSource(['a']) | SOURCE logs('a')
              |                                                                                                                         ^^^^ `SOURCE` has no `logs`: expected `logGroups`
        "#]],
    );
    check(
        "SOURCE k8s/audit | fields a",
        expect![[r#"
        1 | SOURCE k8s/audit | fields a
          |           ^ found `/`, expected `|` and the next command, or the end
    "#]],
    );
    check(
        "SOURCE 'a' START=yesterday | fields a",
        expect![[r#"
        1 | SOURCE 'a' START=yesterday | fields a
          |                  ^^^^^^^^^ found `yesterday`, expected a time: `now`, `-1d`, or a date in quotes
    "#]],
    );
    check(
        "join left=a right=b where a.x=c.y (SOURCE 'x' | fields y) | join type=outer left=a (fields x | fields y) | join left=a right=a where a.x=a.y (fields y) | join left=a right=b where a.x=b.y",
        expect![[r#"
            1 | join left=a right=b where a.x=c.y (SOURCE 'x' | fields y) | join type=outer left=a (fields x | fields y) | join left=a right=a where a.x=a.y (fields y) | join l
              |                           ^^^^^^^ a `join` compares a field of `a` with one of `b`: expected it as `a.id=b.id`
            1 | join left=a right=b where a.x=c.y (SOURCE 'x' | fields y) | join type=outer left=a (fields x | fields y) | join left=a right=a where a.x=a.y (fields y) | join l
              |                                                                       ^^^^^ found `outer`, expected `inner` or `left`
            1 |  | fields y) | join type=outer left=a (fields x | fields y) | join left=a right=a where a.x=a.y (fields y) | join left=a right=b where a.x=b.y
              |                                                                                 ^ both sides of the `join` are called `a`: give them different names
            1 | join left=a right=a where a.x=a.y (fields y) | join left=a right=b where a.x=b.y
              |                                                                                 ^ the query ends here, expected a sub-query in parentheses, such as `(SOURCE 'name' | fields x)`
        "#]],
    );
    check(
        "filterIndex a != 1 | filterIndex a = b | filterIndex a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest a",
        expect![[r#"
            1 | filterIndex a != 1 | filterIndex a = b | filterIndex a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest 
              |             ^^^^^^ no index answers this: expected `field = value` or `field in [value, …]`, with `and` or `or` between; `filter` takes any condition
            1 | filterIndex a != 1 | filterIndex a = b | filterIndex a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest 
              |                                  ^^^^^ no index answers this: expected `field = value` or `field in [value, …]`, with `and` or `or` between; `filter` takes any condition
            1 | filterIndex a != 1 | filterIndex a = b | filterIndex a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest 
              |                                                                     ^^^^^^^^^^ no index answers this: expected `field = value` or `field in [value, …]`, with `and` or `or` between; `filter` takes any condition
            1 | filterIndex a = b | filterIndex a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest a
              |                                                                                 ^ found `1`, expected `true` or `false`
            1 | Index a in ['x'] and b like 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest a
              |                                                                                 ^ found `b`, expected `OUTPUT` or `OUTPUTNEW`, and columns of the table
            1 | ike 'y' | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest a
              |                                                                                 ^ found `|`, expected `OUTPUT` or `OUTPUTNEW`, and columns of the table
            1 | appendcols override=1 (fields a) | lookup t a b | cidrlookup t a as b | unnest a
              |                                                                                 ^ the query ends here, expected `into` and a name for an element
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
        "filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'",
        expect![[r#"
            1 | filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
              |            ^ found `=`, expected a field, a value or a function
            1 | filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
              |                             ^ found `|`, expected a field, a value or a function
            1 | filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
              |                                             ^ found `|`, expected an operator or `)`
            1 | filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
              |                                                           ^ found `(`, expected a list in brackets, such as `["a", "b"]`, or a sub-query such as `(SOURCE 'name' | fields x)`
            1 | filter a === 1 | filter a = | filter (a = 1 | filter a in ('x') | filter a in ['x'
              |                                                                                   ^ the query ends here, expected `,` or `]`
        "#]],
    );
    check(
        "filter a not b | filter a =~ x | filter a like b | filter 5x = 1",
        expect![[r#"
            1 | filter a not b | filter a =~ x | filter a like b | filter 5x = 1
              |              ^ found `b`, expected `like` or `in`
            1 | filter a not b | filter a =~ x | filter a like b | filter 5x = 1
              |                              ^ found `x`, expected a string in quotes, or a regular expression between slashes
            1 | filter a not b | filter a =~ x | filter a like b | filter 5x = 1
              |                                                ^ found `b`, expected a string in quotes, or a regular expression between slashes
            1 | filter a not b | filter a =~ x | filter a like b | filter 5x = 1
              |                                                           ^^ `5x` is neither a number nor a length of time: expected a whole number and one of `ms` `s` `m` `h` `d` `w` `mo` `q` `y`, such as `5m`; a field that begins with a digit needs backticks
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

#[test]
fn what_other_languages_write_is_answered_with_what_is_written_here() {
    check(
        "filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b",
        expect![[r#"
            1 | filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b
              |        ^ `!` is written `not` here
            1 | filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b
              |                                     ^^ `&&` is written `and` here
            1 | filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b
              |                                                             ^^ `||` is written `or` here
            1 | filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b
              |                                                                                       ^^^^^^^^ `group by` is written `by` here
            1 | filter !ispresent(a) | filter a = 1 && b = 2 | filter a = 1 || b = 2 | stats count(*) group by a | sort by a, b
              |                                                                                                    ^^^^^^^ `sort by` is written `sort` here
        "#]],
    );
    check(
        "SOURCE logGroups() START=2026-03-06 END=2026-03-07T00:00:00Z | fields a",
        expect![[r#"
        1 | SOURCE logGroups() START=2026-03-06 END=2026-03-07T00:00:00Z | fields a
          |                          ^^^^^^^^^^ a date stands in quotes: `'2026-03-06'`
    "#]],
    );
    check("filter a != 1 | sort a | stats count(*) by a", expect![[r#""#]]);
}
