//! `server_audit`'s lines: the columns of our samples, its dialects, and lines that want to be another.

use proptest::prelude::*;

use super::*;

const HEAD: &str = "20260305 01:02:03,db-1,aiko,198.51.100.7,17,204";

fn derive(line: &str) -> Result<Columns, Reason> {
    MariaDbAudit.derive(line.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
}

fn with(rest: &str) -> Columns {
    derive(&format!("{HEAD},{rest}")).unwrap_or_else(|reason| panic!("{rest}: {reason}"))
}

fn native(line: &str) -> serde_json::Value {
    serde_json::from_slice(&MariaDbAudit.native(line.as_bytes()).unwrap()).unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&MariaDbAudit);
}

#[test]
fn exact_fields_are_exact() {
    crate::tests::native_fields_are_exact(&MariaDbAudit);
}

#[test]
fn classes_and_activities() {
    for (rest, class_uid, activity_id, status) in [
        ("QUERY,shop,'select 1',0", 6005, 1, Outcome::Success),
        ("QUERY,shop,' /* x */ ( SELECT 1)',0", 6005, 1, Outcome::Success),
        ("QUERY,shop,'\\n\\tUpdate t set a = 1',1064", 6005, 2, Outcome::Failure),
        ("QUERY,,'drop user mei',0", 6005, 7, Outcome::Success),
        ("QUERY,,'call p()',0", 6005, 4, Outcome::Success),
        ("QUERY,,'',0", 6005, 4, Outcome::Success),
        ("READ,shop,orders,", 6005, 1, Outcome::Unknown),
        ("DROP,shop,orders,", 6005, 7, Outcome::Unknown),
        ("CONNECT,shop,,0", 3002, 1, Outcome::Success),
        ("CONNECT,,,0,SSL", 3002, 1, Outcome::Success),
        ("FAILED_CONNECT,,,1045", 3002, 1, Outcome::Failure),
        ("DISCONNECT,shop,,0", 3002, 2, Outcome::Success),
    ] {
        let columns = with(rest);
        assert_eq!(
            (columns.class_uid, columns.activity_id, columns.status),
            (class_uid, activity_id, status),
            "{rest}"
        );
    }
    assert_eq!(with("QUERY,,'select 1',1142").severity_id, 3);
    assert_eq!(with("QUERY,,'select 1',1146").severity_id, 2);
}

#[test]
fn times_of_both_kinds() {
    let time = |text: &str| derive(&format!("{text},h,u,c,1,0,CONNECT,,,0")).map(|columns| columns.time.to_string());
    assert_eq!(time("20260305 01:02:03").unwrap(), "2026-03-05T01:02:03Z");
    assert_eq!(time("1772672523000123").unwrap(), "2026-03-05T01:02:03.000123Z");
    assert_eq!(time("20261305 01:02:03").unwrap(), "2026-03-06T00:00:00Z", "a time that cannot be");
    assert!(time("2026-03-05 01:02:03").is_err());
}

#[test]
fn a_statement_that_was_cut_is_an_event() {
    let cut = with("QUERY,shop,'select \\'x");
    assert_eq!((cut.status, cut.resource.as_deref()), (Outcome::Unknown, Some("shop")));
    assert_eq!(with("QUERY,shop,'select \\").status, Outcome::Unknown);
    let whole = native(&format!("{HEAD},QUERY,shop,'a \\'b\\',\\n\\\\',1064"));
    assert_eq!((whole["object"].as_str(), whole["retcode"].as_i64()), (Some("a 'b',\n\\"), Some(1064)));
}

/// Whoever fails to log in chooses the user's name.
#[test]
fn a_name_cannot_make_another_event_of_the_line() {
    let line = "20260305 01:02:03,db-1,x,localhost,1,0,CONNECT,,,0,203.0.113.77,17,0,FAILED_CONNECT,,,1045";
    let columns = derive(line).unwrap();
    assert_eq!(columns.operation.as_deref(), Some("FAILED_CONNECT"));
    assert_eq!(columns.actor.as_deref(), Some("x,localhost,1,0,CONNECT,,,0"));
    assert_eq!(columns.src_ip.as_deref(), Some("203.0.113.77"));
    let query = "20260305 01:02:03,db-1,x,h,1,2,QUERY,d,'q',0,203.0.113.77,17,0,FAILED_CONNECT,,,1045";
    assert_eq!(derive(query).unwrap().operation.as_deref(), Some("FAILED_CONNECT"));
}

/// As MariaDB 10.11 wrote them.
#[test]
fn names_with_commas_and_quotes_are_read_where_nothing_else_fits() {
    let head = "20261126 11:24:58,vm,root,localhost,11,17";
    let of = |rest: &str| {
        let columns = derive(&format!("{head},{rest}")).unwrap_or_else(|reason| panic!("{rest}: {reason}"));
        (columns.operation.unwrap().to_string(), columns.resource.unwrap_or_default().to_string(), columns.status)
    };
    let (create, disconnect) = ("CREATE".to_owned(), "DISCONNECT".to_owned());
    assert_eq!(of("CREATE,a,b,t,'x,"), (create, "a,b,t,'x".to_owned(), Outcome::Unknown));
    assert_eq!(of("DISCONNECT,a,b,,0"), (disconnect, "a,b".to_owned(), Outcome::Success));
    assert_eq!(of("QUERY,a,b,'drop table x',0").1, "a,b");
    let line = "20261126 11:24:58,vm,evil,198.51.100.9,1,2,QUERY,x,'select 1,localhost,8,0,FAILED_CONNECT,,,1045";
    let columns = derive(line).unwrap();
    assert_eq!(columns.operation.as_deref(), Some("FAILED_CONNECT"), "it is no statement that was cut off");
    assert_eq!(columns.actor.as_deref(), Some("evil,198.51.100.9,1,2,QUERY,x,'select 1"));
}

/// As MariaDB 10.11 gave it to rsyslog, which passed it on.
#[test]
fn a_message_of_syslog_is_an_event_with_its_time() {
    let head = "<14>1 2026-03-05T10:02:03.004+09:00 db-1 mysql-server_auditing 4711 - - ";
    let columns = derive(&format!("{head} db-1,愛子,localhost,17,204,QUERY,shop,'select 1',1142")).unwrap();
    assert_eq!(columns.time.to_string(), "2026-03-05T01:02:03.004Z");
    assert_eq!((columns.service.as_deref(), columns.actor.as_deref()), (Some("db-1"), Some("愛子")));
    assert_eq!((columns.status, columns.severity_id, columns.activity_id), (Outcome::Failure, 3, 1));
    let of = |head: &str, rest: &str| native(&format!("{head}{rest},aiko,h,17,0,CONNECT,shop,,0"));
    assert_eq!(of(head, "db-1")["serverhost"], "db-1");
    assert_eq!(of(head, "本番, 東京 db-1")["username"], " 東京 db-1,aiko", "no comma in server_audit_syslog_info");
    assert_eq!(of(head, "本番 東京 db-1")["serverhost"], "db-1", "server_audit_syslog_info");
    assert_eq!(of(head, "db-1")["timestamp"], "2026-03-05T10:02:03.004+09:00");
    let older = "<14>Mar  5 01:02:03 db-1 mysql-server_auditing:  db-1,a,b,h,1,2,READ,shop,orders,";
    assert_eq!(derive(older).unwrap().time.to_string(), "2026-03-05T01:02:03Z");
    assert_eq!(derive(older).unwrap().actor.as_deref(), Some("a,b"));
    assert!(MariaDbAudit.recognises(older.as_bytes()));
    let cut = [older.as_bytes(), b"\xe7\x9b"].concat();
    assert!(!MariaDbAudit.recognises(&cut), "a table's name ends with a comma");
    let cut = [head.as_bytes(), b"db-1,a,h,1,2,QUERY,shop,'\xe7\x9b\xa3\xe7\x9b"].concat();
    assert!(MariaDbAudit.recognises(&cut), "a statement that was cut within a letter");
}

/// Who tries to log in by SSH chooses a name, and it stands in a message of syslog.
#[test]
fn what_others_log_is_no_event_of_a_database() {
    let line = "db-1,a,b,1,2,QUERY,shop,'drop table orders',0";
    for (tag, text) in [
        ("sshd", format!("Invalid user {line}")),
        ("sshd", line.to_owned()),
        ("a mysql-server_auditing", line.to_owned()),
    ] {
        let message = format!("<38>1 2026-03-05T01:02:03Z db-1 {tag} 4711 - - {text}");
        assert!(!MariaDbAudit.recognises(message.as_bytes()), "{message}");
        assert_ne!(crate::auto(message.as_bytes()).map(Source::id), Some("mariadb-audit"));
    }
}

#[test]
fn what_is_no_line_of_it() {
    for line in ["", "20260305 01:02:03", "20260305 01:02:03,a,b,c,d", "{}"] {
        assert_eq!(derive(line), Err(Reason::NotALine { of: "server_audit" }), "{line}");
    }
    for rest in ["QUERY", "QUERY,shop,select 1,0", "READ,shop,orders,0", "CONNECT,,,x", "SHOUT,,,0", "QUERY,s,'a'b,0"] {
        assert!(derive(&format!("{HEAD},{rest}")).is_err(), "{rest}");
    }
    assert_eq!(derive("20260305 01:02:03,h,証,c,1,0,CONNECT,,,0").unwrap().actor.as_deref(), Some("証"));
    let latin = b"20260305 01:02:03,h,\xe9,c,1,0,CONNECT,,,0";
    assert_eq!(MariaDbAudit.derive(latin, Timestamp(0)).unwrap().actor.as_deref(), Some("\u{FFFD}"));
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        crate::tests::text_is_answered(&MariaDbAudit, &bytes);
    }

    #[test]
    fn near_misses_end_in_an_answer(parts in prop::collection::vec(prop::sample::select(vec![
        ",", ",", ",", "'", "\\", "\\'", "0", "17", "QUERY", "READ", "CONNECT", "20260305 01:02:03", "1772672523000000", "a", "証", "/*", "(",
    ]), 0..40)) {
        crate::tests::text_is_answered(&MariaDbAudit, parts.concat().as_bytes());
        crate::tests::text_is_answered(&MariaDbAudit, format!("{HEAD},{}", parts.concat()).as_bytes());
    }
}
