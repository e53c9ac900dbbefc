//! Applications' events: the columns of our samples, what is taken for one, and what words mean.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn derive(event: &Value) -> Columns {
    App.derive(event.to_string().as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap()).unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&App);
}

#[test]
fn a_time_and_what_happened_make_an_event() {
    let is_app = |event: &str| crate::auto(event.as_bytes()).map(Source::id) == Some("app");
    assert!(is_app(r#"{"event":"log-in","timestamp":"2026-03-05T00:00:00Z"}"#));
    assert!(is_app(r#"{"@timestamp":"2026-03-05T00:00:00.000Z","event":{"action":"x"}}"#));
    assert!(is_app(r#"{"ts":1772672523.004,"msg":"x"}"#));
    assert!(!is_app(r#"{"timestamp":"yesterday","message":"x"}"#));
    assert!(!is_app(r#"{"timestamp":"2026-03-05T00:00:00Z"}"#));
    assert!(!is_app(r#"{"message":"x"}"#));
    assert!(!is_app(r#"{"time":"2026-03-05T00:00:00Z","detail-type":"x","detail":{}}"#));
    assert!(!is_app(r#"{"timestamp":"2026-03-05T00:00:00Z","message":{"a":1}}"#));
}

#[test]
fn what_another_source_knows_is_not_taken() {
    for source in crate::SOURCES {
        if matches!(source.form(), crate::Form::Json) && source.id() != "app" {
            let mut event: Value = serde_json::from_slice(source.example()).unwrap();
            event["timestamp"] = json!("2026-03-05T00:00:00Z");
            event["message"] = json!("x");
            assert_eq!(crate::auto(event.to_string().as_bytes()).map(Source::id), Some(source.id()));
        }
    }
    assert_eq!(crate::SOURCES.last().map(|source| source.id()), Some("app"), "it takes what nobody else does");
}

#[test]
fn what_stands_in_an_envelope_of_splunk_counts() {
    let envelope = json!({"time": 1_772_672_523.004, "host": "web-1", "sourcetype": "app", "event": {
        "action": "login", "result": "failure", "user": "愛子", "client_ip": "203.0.113.7", "level": "warn"}});
    let columns = derive(&envelope);
    assert_eq!(columns.time.to_string(), "2026-03-05T01:02:03.004Z");
    assert_eq!((columns.operation.as_deref(), columns.actor.as_deref()), (Some("login"), Some("愛子")));
    assert_eq!((columns.src_ip.as_deref(), columns.status), (Some("203.0.113.7"), Outcome::Failure));
}

#[test]
fn times_as_loggers_write_them() {
    let time = |value: Value| derive(&json!({"time": value, "msg": "x"})).time.to_string();
    for value in [
        json!("2026-03-05T01:02:03Z"),
        json!("2026-03-05T10:02:03+09:00"),
        json!("2026-03-05 01:02:03"),
        json!("2026-03-05 01:02:03,000"),
        json!("2026-03-05 01:02:03.000 UTC"),
        json!("2026-03-05T10:02:03+0900"),
        json!(1_772_672_523),
        json!(1_772_672_523_000_i64),
        json!(1_772_672_523.0),
    ] {
        assert_eq!(time(value.clone()), "2026-03-05T01:02:03Z", "{value}");
    }
    assert_eq!(derive(&json!({"time": "noon", "msg": "x"})).time_origin, TimeOrigin::Implausible);
    assert_eq!(derive(&json!({"msg": "x"})).time_origin, TimeOrigin::Received);
}

#[test]
fn what_was_done() {
    for (operation, actor, class_uid, activity_id) in [
        ("user.login", true, 3002, 1),
        ("User logged in", false, 3002, 1),
        ("sign-out", false, 3002, 2),
        ("logInFailed", true, 3002, 1),
        ("order.created", true, 6003, 1),
        ("ordersListed", true, 6003, 2),
        ("DELETE", true, 6003, 4),
        ("order refunded", true, 6003, 99),
        ("order.created", false, 0, 99),
        ("loading thread", true, 6003, 99),
        ("", false, 0, 99),
    ] {
        assert_eq!(classify(operation, actor), (class_uid, activity_id), "{operation}");
    }
}

#[test]
fn the_most_telling_name_counts() {
    let who = |event: Value| derive(&event).actor.map(String::from).unwrap_or_default();
    assert_eq!(who(json!({"user_id": 17, "user": {"id": 18, "name": "aiko"}})), "aiko");
    assert_eq!(who(json!({"user.name": "aiko", "user": "mei"})), "aiko");
    assert_eq!(who(json!({"user": {"name": null, "id": 18}})), "18");
    assert_eq!(who(json!({"user": ["aiko"], "sub": "mei"})), "mei");
    assert_eq!(who(json!({"request": {"user": "aiko"}})), "");
    let failed =
        derive(&json!({"event": "x", "http": {"response": {"status_code": 403}}, "level": "info", "error": "a\nb"}));
    assert_eq!((failed.status, failed.severity_id, failed.error.as_deref()), (Outcome::Failure, 3, Some("a")));
    assert_eq!(derive(&json!({"event": "x", "success": true})).status, Outcome::Success);
    assert_eq!(derive(&json!({"event": "x", "status": "pending"})).status, Outcome::Unknown);
    assert_eq!(derive(&json!({"msg": "x", "level": 60})).severity_id, 4);
    assert_eq!(App.stream(&derive(&json!({"msg": "x", "service": "a b"}))), "app/unknown");
    let deep = json!({"http": {"response": {"status_code": {"x": {"y": 1}}}}});
    assert_eq!(derive(&deep).status, Outcome::Unknown);
}

proptest! {
    #[test]
    fn any_json_ends_in_an_answer(keys in prop::collection::vec(prop::sample::select(vec![
        "user", "name", "event", "action", "time", "timestamp", "message", "http", "response", "status_code", "error", "x", "証",
    ]), 1..12), leaf in prop::sample::select(vec!["1", "null", "\"\"", "\"2026-03-05 01:02:03\"", "[]", "{}", "true", "1e9", "\"証\\n\""])) {
        let mut flat = String::new();
        let mut nested = leaf.to_owned();
        for key in &keys {
            flat += &format!("{}\"{key}\":{leaf}", if flat.is_empty() { "" } else { "," });
            nested = format!("{{\"{key}\":{nested}}}");
        }
        for event in [format!("{{{flat}}}"), nested] {
            let columns = App.derive(event.as_bytes(), Timestamp(0)).unwrap();
            prop_assert!(!App.stream(&columns).is_empty());
            let _ = App.recognises(event.as_bytes());
        }
    }
}
