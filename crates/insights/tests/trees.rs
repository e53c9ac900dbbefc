//! What queries mean: each is printed with all its parentheses. Update with `UPDATE_EXPECT=1`.

use expect_test::{Expect, expect};
use shoseki_insights::{Command, Expression, Matcher, Node, parse};

/// The expression with a pair of parentheses around everything that has parts.
fn explicit(expression: &Expression) -> String {
    let all = |items: &[Expression], between: &str| items.iter().map(explicit).collect::<Vec<_>>().join(between);
    match &expression.node {
        Node::Call { name, arguments } => format!("{}({})", name.text, all(arguments, ", ")),
        Node::Negate(inner) => format!("(-{})", explicit(inner)),
        Node::Not(inner) => format!("(not {})", explicit(inner)),
        Node::And(operands) => format!("({})", all(operands, " and ")),
        Node::Or(operands) => format!("({})", all(operands, " or ")),
        Node::Arithmetic(sign, left, right) => format!("({} {} {})", explicit(left), sign.sign(), explicit(right)),
        Node::Compare(sign, left, right) => format!("({} {} {})", explicit(left), sign.sign(), explicit(right)),
        Node::In { value, list, negated } => {
            format!("({}{} in [{}])", explicit(value), if *negated { " not" } else { "" }, all(list, ", "))
        }
        Node::Like { value, matcher, negated, .. } => {
            let kind = match matcher {
                Matcher::Text(text) => format!("text {text}"),
                Matcher::Regex(pattern) => format!("regex {pattern}"),
            };
            format!("({}{} like {kind})", explicit(value), if *negated { " not" } else { "" })
        }
        _ => expression.to_string(),
    }
}

fn check_condition(condition: &str, expected: Expect) {
    let parsed = parse(&format!("filter {condition}"));
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    match parsed.query.steps.first().map(|step| &step.command) {
        Some(Command::Filter(filter)) => expected.assert_eq(&explicit(&filter.condition)),
        other => assert!(other.is_none(), "not a filter: {other:?}"),
    }
}

fn check(query: &str, expected: Expect) {
    let parsed = parse(query);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    expected.assert_debug_eq(&parsed);
}

#[test]
fn the_query_of_the_handbook() {
    check(
        "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100",
        expect![[r#"
            @0..27 fields @timestamp, @message
            @30..76 filter @message like /delete|update|privilege/
            @79..99 sort @timestamp desc
            @102..111 limit 100

        "#]],
    );
}

#[test]
fn operators_hold_as_they_should() {
    check_condition("a = 1 or b = 2 and not c = 3 or d", expect!["((a = 1) or ((b = 2) and (not (c = 3))) or d)"]);
    check_condition("(a or b) and c", expect!["((a or b) and c)"]);
    check_condition("not not a = b", expect!["(not (not (a = b)))"]);
    check_condition(
        "1 + 2 * 3 - 4 / 5 % 6 = -2 ^ 2 ^ -x",
        expect!["(((1 + (2 * 3)) - ((4 / 5) % 6)) = (-(2 ^ (2 ^ (-x)))))"],
    );
    check_condition("a - b - c < a ^ b ^ c", expect!["(((a - b) - c) < (a ^ (b ^ c)))"]);
    check_condition(
        "a in [1, 'x', b] and c not in ['y'] or d in []",
        expect![[r#"(((a in [1, "x", b]) and (c not in ["y"])) or (d in []))"#]],
    );
    check_condition(
        r"a like 'x' and b not like /y/ and c =~ /z/ and d =~ 'a/b' and e =~ '\\n' and f == 1",
        expect![[
            r#"((a like text x) and (b not like regex y) and (c like regex z) and (d like regex a/b) and (e like regex \n) and (f = 1))"#
        ]],
    );
    check_condition("event-name = 1 and `event-name` = 2", expect!["(((event - name) = 1) and (`event-name` = 2))"]);
    check_condition("a/b = c /d and strlen(m) / 2 > 1", expect!["(((a / b) = (c / d)) and ((strlen(m) / 2) > 1))"]);
}

#[test]
fn fields_and_literals() {
    check_condition(
        "requestParameters.instancesSet.items.0.instanceId = @message",
        expect!["(requestParameters.instancesSet.items.0.instanceId = @message)"],
    );
    check_condition(
        "a.`b-c`.d = `x.y` or 名前.姓 = '山田'",
        expect![[r#"((a.`b-c`.d = `x.y`) or (名前.姓 = "山田"))"#]],
    );
    check_condition(
        r#"a = "say \"hi\" \d \\ \n" or b = 'it\'s "x"'"#,
        expect![[r#"((a = "say \"hi\" \\d \\ \n") or (b = "it's \"x\""))"#]],
    );
    check_condition(
        r"a like /a\/b\\\/c|d/ and b like /\d+\.\d+/",
        expect![[r#"((a like regex a/b\\/c|d) and (b like regex \d+\.\d+))"#]],
    );
    check_condition(
        "bin(5m) = bin(5 minutes) or bin(1mo) = bin(90sec) or a > 1.5e3",
        expect!["((bin(5m) = bin(5m)) or (bin(1mo) = bin(90s)) or (a > 1.5e3))"],
    );
    check_condition(
        "TRUE = isPresent(a) AND NOT b LIKE 'x' Or c IN [1]",
        expect!["(((true = isPresent(a)) and (not (b like text x))) or (c in [1]))"],
    );
}

#[test]
fn parts_of_structures() {
    check_condition(
        "j.a.b[0] = 1 and jsonParse(x).a.`b-c`[0][1].0.d = f(a)[2] ^ 2",
        expect!["((j.a.b[0] = 1) and (jsonParse(x).a.`b-c`[0][1].0.d = (f(a)[2] ^ 2)))"],
    );
    check_condition("((a[0]) .b)[1] in [1] and (j).k like 'x'", expect!["((a[0].b[1] in [1]) and (j .k like text x))"]);
}

#[test]
fn commands() {
    check(
        "fields a.b as c, toupper(d) as `e f` # names\n# nothing else\n | display c, `e f`",
        expect![[r#"
        @0..36 fields a.b as c, toupper(d) as `e f`
        @63..79 display c, `e f`

    "#]],
    );
    check(
        "where a = 'x | y # z' | head 5",
        expect![[r#"
        @0..21 filter a = "x | y # z"
        @24..30 limit 5

    "#]],
    );
    check(
        "parse @message \"user=*, method:*\" as @user, method | parse /(?<ip>\\d+)/ | parse name '*-*' as a, b",
        expect![[r#"
            @0..50 parse @message "user=*, method:*" as @user, method
            @53..71 parse /(?<ip>\d+)/
            @74..98 parse name "*-*" as a, b

        "#]],
    );
    check(
        "stats count(*), avg(x) as mean by bin(5m) as t, kind | stats max(mean) | sort t, mean desc, kind asc",
        expect![[r#"
            @0..52 stats count(*), avg(x) as mean by bin(5m) as t, kind
            @55..70 stats max(mean)
            @73..100 sort t asc, mean desc, kind asc

        "#]],
    );
    check(
        "stats count(*) by bin(5m) offset 1 hour | stats sum(x) offset 1d",
        expect![[r#"
            @0..39 stats count(*) by bin(5m) offset 1h
            @42..64 stats sum(x) offset 1d

        "#]],
    );
    check(
        "dedup server, severity | limit any 20",
        expect![[r#"
        @0..22 dedup server, severity
        @25..37 limit any 20

    "#]],
    );
    check(
        "STATS Count(*) BY a",
        expect![[r#"
        @0..19 stats Count(*) by a

    "#]],
    );
}

#[test]
fn commands_of_rows_and_tables() {
    check(
        "source 'a', \"b-c\", d start=-30 minutes END='2026-03-05' | filter x not in ( fields y # comment (\n| limit 5 ) and z = 1",
        expect![[r#"
            @0..55 SOURCE "a", "b-c", "d" START=-30m END="2026-03-05"
            @58..118 filter x not in (fields y
            | limit 5) and z = 1

        "#]],
    );
    check(
        "join right=b left=a where b.k.l=a.`m-n` and a.x = b.y (SOURCE logGroups() | stats count(*) by k.l) | appendcols max=5 (limit 3)",
        expect![[r#"
            @0..98 join type=inner left=a right=b where a.`m-n` = b.k.l and a.x = b.y (SOURCE logGroups()
            | stats count(*) by k.l)
            @101..127 appendcols override=false max=5 (limit 3)

        "#]],
    );
    check(
        "LOOKUP 'net-table' id AS user.id, zone outputnew name as who, team | cidrlookup nets ip AS cidr OUTPUT zone | expand a.`b` | unnest a into c",
        expect![[r#"
            @0..66 lookup `net-table` id as user.id, zone OUTPUTNEW name as who, team
            @69..107 cidrlookup nets ip as cidr OUTPUT zone
            @110..122 expand a.`b`
            @125..140 unnest a into c

        "#]],
    );
    check(
        "parse json field=f 'a.b', 'c' as x, y | parse f json 'a' as z | parse csv as a, b | parse f logfmt as m | parse csv 'a *' as c | parse /(?<x>.)/ multi",
        expect![[r#"
            @0..37 parse json field=f "a.b", "c" as x, y
            @40..61 parse json field=f "a" as z
            @64..81 parse csv as a, b
            @84..103 parse f logfmt as m
            @106..126 parse csv "a *" as c
            @129..150 parse /(?<x>.)/ multi

        "#]],
    );
}

/// Where only a list or a sub-query may stand, a command in parentheses is no field.
#[test]
fn a_command_alone_is_a_subquery_of_in() {
    for text in ["filter (0 or -0) in (diff)", "filter a not in (diff previousDay)"] {
        let parsed = parse(text);
        assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
    }
    assert!(!parse("filter a in (nothing)").errors.is_empty());
}
