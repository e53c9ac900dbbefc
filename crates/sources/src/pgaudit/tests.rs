//! PostgreSQL's log: the columns of our samples, its prefixes, and lines that want to be another.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const RDS: &str = "2026-03-05 01:02:03 UTC:198.51.100.7(40432):aiko@shop:[1234]:";

fn derive(line: &str) -> Columns {
    let received = Timestamp::parse("2026-03-06T00:00:00Z").unwrap();
    PgAudit.derive(line.as_bytes(), received).unwrap_or_else(|reason| panic!("{line}: {reason}"))
}

fn with(rest: &str) -> Columns {
    derive(&format!("{RDS}{rest}"))
}

fn native(line: &str) -> Value {
    serde_json::from_slice(&PgAudit.native(line.as_bytes()).unwrap()).unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&PgAudit);
}

#[test]
fn exact_fields_are_exact() {
    crate::tests::native_fields_are_exact(&PgAudit);
}

#[test]
fn each_prefix_is_read() {
    for (prefix, pid, user, database, host) in [
        ("2026-03-05 01:02:03 UTC:198.51.100.7(40432):aiko@shop:[1234]:", 1234, "aiko", "shop", "198.51.100.7"),
        (
            "2026-03-05 01:02:03 UTC:2001:db8::7(40432):a@EXAMPLE.COM@shop:[7]:",
            7,
            "a@EXAMPLE.COM",
            "shop",
            "2001:db8::7",
        ),
        ("2026-03-05 01:02:03 UTC:[local]:rdsadmin@rdsadmin:[8]:", 8, "rdsadmin", "rdsadmin", "[local]"),
        ("2026-03-05 01:02:03 UTC::@:[388]:", 388, "", "", ""),
        ("2026-03-05 01:02:03 UTC:198.51.100.7(1):[unknown]@[unknown]:[9]:", 9, "", "", "198.51.100.7"),
        ("2026-03-05 01:02:03.004 UTC [1234] ", 1234, "", "", ""),
        ("2026-03-05 01:02:03.004 UTC [1234] aiko@shop ", 1234, "aiko", "shop", ""),
        ("2026-03-05 01:02:03 UTC [1234-17] aiko@shop ", 1234, "aiko", "shop", ""),
        (
            "2026-03-05 01:02:03 UTC [1234]: user=aiko,db=shop,app=psql,client=198.51.100.7 ",
            1234,
            "aiko",
            "shop",
            "198.51.100.7",
        ),
        ("2026-03-05 01:02:03 UTC [1234]: [5-1] db=shop,user=aiko ", 1234, "aiko", "shop", ""),
    ] {
        let fields = native(&format!("{prefix}LOG:  x"));
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(fields["pid"].as_i64(), Some(pid), "{prefix}");
        assert_eq!(
            (text("user").as_str(), text("database").as_str(), text("host").as_str()),
            (user, database, host),
            "{prefix}"
        );
    }
    let unknown = derive("2026-03-05 01:02:03 UTC some other prefix LOG:  checkpoint starting: time");
    assert_eq!((unknown.operation.as_deref(), unknown.actor), (Some("LOG"), None));
}

#[test]
fn zones_are_read_where_they_mean_one_thing() {
    let time = |zone: &str| derive(&format!("2026-03-05 10:02:03{zone} [1] LOG:  x")).time.to_string();
    assert_eq!(time(".5 JST"), "2026-03-05T01:02:03.500Z");
    assert_eq!(time(" +09"), "2026-03-05T01:02:03Z");
    assert_eq!(time(" EST"), "2026-03-05T15:02:03Z");
    assert_eq!(time(" CST"), "2026-03-06T00:00:00Z", "six hours west, or eight east");
    assert_eq!(derive("2026-03-05 10:02:03 CST [1] LOG:  x").time_origin, shoseki_event::TimeOrigin::Implausible);
}

#[test]
fn classes_and_activities() {
    for (rest, class_uid, activity_id, status, operation) in [
        ("LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<not logged>", 6005, 1, Outcome::Unknown, "SELECT"),
        ("LOG:  AUDIT: OBJECT,1,1,WRITE,UPDATE,TABLE,public.t,u,<none>", 6005, 2, Outcome::Unknown, "UPDATE"),
        ("LOG:  AUDIT: SESSION,1,1,ROLE,CREATE ROLE,,,c,<none>", 6005, 6, Outcome::Unknown, "CREATE ROLE"),
        ("LOG:  AUDIT: SESSION,1,1,MISC,SET,,,set x,<none>", 6005, 99, Outcome::Unknown, "SET"),
        ("LOG:  connection authorized: user=aiko database=shop", 3002, 1, Outcome::Success, "connection authorized"),
        ("FATAL:  password authentication failed for user \"aiko\"", 3002, 1, Outcome::Failure, "connection refused"),
        ("LOG:  disconnection: session time: 0:00:01", 3002, 2, Outcome::Success, "disconnection"),
        ("ERROR:  permission denied for table payments", 6005, 99, Outcome::Failure, "ERROR"),
        ("STATEMENT:  select * from payments", 6005, 1, Outcome::Unknown, "SELECT"),
        ("LOG:  duration: 0.1 ms  statement: drop table t", 6005, 7, Outcome::Unknown, "DROP"),
        ("LOG:  execute <unnamed>: insert into t values ($1)", 6005, 5, Outcome::Unknown, "INSERT"),
        ("LOG:  database system is shut down", 6002, 4, Outcome::Success, "stop"),
        ("LOG:  AUDIT: not one of pgaudit's", 0, 99, Outcome::Unknown, "LOG"),
        ("DETAIL:  parameters: $1 = '1'", 0, 99, Outcome::Unknown, "DETAIL"),
    ] {
        let columns = with(rest);
        assert_eq!(
            (columns.class_uid, columns.activity_id, columns.status),
            (class_uid, activity_id, status),
            "{rest}"
        );
        assert_eq!(columns.operation.as_deref(), Some(operation), "{rest}");
    }
    assert_eq!(with("ERROR:  permission denied for table t").severity_id, 3);
    assert_eq!(with("ERROR:  division by zero").severity_id, 2);
}

#[test]
fn a_message_names_who_where_the_prefix_does_not() {
    let of = |message: &str| derive(&format!("2026-03-05 01:02:03.004 UTC [1234] {message}"));
    let authorized =
        of("LOG:  connection authorized: user=a b database=shop application_name=psql SSL enabled (protocol=TLSv1.3)");
    assert_eq!((authorized.actor.as_deref(), authorized.resource.as_deref()), (Some("a b"), Some("shop")));
    let refused =
        of(r#"FATAL:  no pg_hba.conf entry for host "203.0.113.77", user "mei", database "shop", no encryption"#);
    assert_eq!((refused.actor.as_deref(), refused.src_ip.as_deref()), (Some("mei"), Some("203.0.113.77")));
    let ended = of("LOG:  disconnection: session time: 0:00:01.5 user=aiko database=shop host=[local]");
    assert_eq!((ended.actor.as_deref(), ended.src_ip.as_deref()), (Some("aiko"), Some("[local]")));
    let known = of("LOG:  connection authenticated: identity=\"aiko\" method=scram-sha-256 (/etc/pg_hba.conf:97)");
    assert_eq!(known.actor.as_deref(), Some("aiko"));
}

#[test]
fn a_statement_goes_over_lines() {
    let event = format!(
        "{RDS}LOG:  AUDIT: SESSION,7,2,WRITE,INSERT,TABLE,public.t,\"insert into t\n\tvalues (\"\"a\"\")\",\"1,2\""
    );
    let fields = native(&event);
    assert_eq!(fields["statement"].as_str(), Some("insert into t\nvalues (\"a\")"));
    assert_eq!((fields["parameter"].as_str(), fields["substatement_id"].as_i64()), (Some("1,2"), Some(2)));
    assert_eq!(derive(&event).resource.as_deref(), Some("shop.public.t"));
    let cut = native(&format!("{RDS}LOG:  AUDIT: SESSION,7,2,WRITE,INSERT,TABLE,public.t,\"insert in"));
    assert_eq!(cut["statement"].as_str(), Some("insert in"));
    assert!(line::begins(event.as_bytes()) && !line::begins(b"\t2026-03-05 01:02:03 UTC") && !line::begins(b""));
}

/// Whoever fails to log in chooses the names in the prefix.
#[test]
fn a_name_that_makes_up_a_message_is_seen() {
    let forged = "2026-03-05 01:02:03 UTC:203.0.113.77(4):x@y:[1]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,s,@shop:[1234]:FATAL:  password authentication failed";
    assert_eq!((derive(forged).severity_id, derive(forged).error.as_deref()), (4, Some(TWO_READINGS)));
    let forged = "2026-03-05 01:02:03 UTC [1234] x LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,s,@shop FATAL:  password authentication failed";
    assert_eq!(derive(forged).severity_id, 4);
    let plain = with("LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,\"select 'x ERROR:  y'\",<not logged>");
    assert_eq!((plain.severity_id, plain.error), (1, None));
}

#[test]
fn what_is_no_line_of_it() {
    for line in [
        "",
        "{}",
        "2026-03-05 01:02:03",
        "2026-03-05 01:02:03 UTC [1] LOG: x",
        "2026-03-05 01:02:03,123 INFO x",
        "LOG:  x",
    ] {
        assert_eq!(PgAudit.derive(line.as_bytes(), Timestamp(0)), Err(Reason::NotALine { of: "PostgreSQL" }), "{line}");
    }
    let latin = b"2026-03-05 01:02:03 UTC [1] \xe9@shop LOG:  x";
    assert_eq!(PgAudit.derive(latin, Timestamp(0)).unwrap().actor.as_deref(), Some("\u{FFFD}"));
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        crate::tests::text_is_answered(&PgAudit, &bytes);
    }

    #[test]
    fn near_misses_end_in_an_answer(parts in prop::collection::vec(prop::sample::select(vec![
        "2026-03-05 01:02:03", " UTC", ":", "[", "]", "1", "@", " ", "  ", "LOG:  ", "FATAL:  ", "AUDIT: ", "SESSION,1,1,", "\"", ",",
        "\n\t", "user=", "host \"", "a", "証", "(", ")", "database=",
    ]), 0..30)) {
        crate::tests::text_is_answered(&PgAudit, parts.concat().as_bytes());
        crate::tests::text_is_answered(&PgAudit, format!("{RDS}{}", parts.concat()).as_bytes());
        crate::tests::text_is_answered(&PgAudit, format!("2026-03-05 01:02:03 UTC{}", parts.concat()).as_bytes());
    }
}
