//! The same request in both encodings is the same events.

use serde_json::json;

use super::*;
use crate::receivers::Part;
use crate::receivers::tests::{post, refused, taken};

const KIND: (&str, &str) = ("content-type", "application/json");
const ALERT: &str = r#"{"output":"x","priority":"Notice","rule":"r","time":"2026-03-05T01:02:03Z"}"#;

fn as_json() -> Value {
    json!({"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "決済"}}]},
        "scopeLogs": [{"scope": {"name": "lib", "version": "1"}, "logRecords": [
            {"timeUnixNano": "1772672523004000005", "observedTimeUnixNano": "1772672524000000000",
             "severityNumber": 9, "severityText": "INFO", "body": {"stringValue": "login"},
             "attributes": [
                {"key": "user.name", "value": {"stringValue": "愛子"}},
                {"key": "level", "value": {"intValue": "7"}},
                {"key": "all", "value": {"kvlistValue": {"values": [
                    {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": true}, {"doubleValue": 1.5}]}}},
                    {"key": "bytes", "value": {"bytesValue": "/w=="}}, {"key": "none", "value": {}}]}}}],
             "traceId": "0102", "spanId": "03", "flags": 1, "eventName": "user.login"},
            {"body": {"stringValue": ALERT}}]}]}]})
}

fn event() -> Value {
    json!({
        "timestamp": "2026-03-05T01:02:03.004000005Z", "level": "INFO", "message": "login", "user.name": "愛子",
        "all": {"list": [true, 1.5], "bytes": "ff", "none": null}, "event.name": "user.login", "service.name": "決済",
        "otel": {
            "resource": {"service.name": "決済"}, "scope": {"name": "lib", "version": "1"}, "attributes": {"level": 7},
            "severity_number": 9, "trace_id": "0102", "span_id": "03", "flags": 1,
            "observed": "2026-03-05T01:02:04Z",
        },
    })
}

fn check(parts: &[Part]) {
    let [part] = parts else { panic!("{parts:?}") };
    assert_eq!(part.log.as_deref(), Some("決済"));
    assert_eq!(serde_json::from_slice::<Value>(&part.events[0]).unwrap(), event());
    assert_eq!(&*part.events[1], ALERT.as_bytes());
}

#[test]
fn both_encodings_are_the_same_events() {
    let text = as_json().to_string();
    let (parts, yes) = taken(&Otlp, &post("/v1/logs", &[KIND], text.as_bytes()));
    check(&parts);
    assert_eq!((yes.content_type, &*yes.body), ("application/json", b"{}".as_slice()));
    let bytes = json::read(text.as_bytes()).unwrap().encode_to_vec();
    let (parts, yes) = taken(&Otlp, &post("/v1/logs", &[("content-type", PROTOBUF)], &bytes));
    check(&parts);
    assert_eq!((yes.content_type, yes.body.len()), (PROTOBUF, 0));
    for cut in 0..bytes.len() {
        let _ = Otlp.take(&post("/v1/logs", &[], &bytes[..cut])); // refused or fewer, and no panic
    }
}

/// A line that the Collector read from a container's log: it stays as it was written, and the pod's name is not lost.
#[test]
fn an_applications_line_keeps_what_the_collector_says() {
    let line = r#" {"timestamp":"2026-03-05T01:02:03Z","event":"login","level":"info","n":1.10} "#;
    let body = json!({"resourceLogs": [{
        "resource": {"attributes": [{"key": "k8s.pod.name", "value": {"stringValue": "api-1"}}]},
        "scopeLogs": [{"logRecords": [{"timeUnixNano": "1772672524000000000", "severityText": "INFO", "body": {"stringValue": line},
            "attributes": [{"key": "log.file.path", "value": {"stringValue": "/var/log/x"}},
                {"key": "event", "value": {"stringValue": "other"}}]}]}]}]});
    let (parts, _) = taken(&Otlp, &post("/v1/logs", &[KIND], body.to_string().as_bytes()));
    let event = std::str::from_utf8(&parts[0].events[0]).unwrap();
    let expected = r#"{"timestamp":"2026-03-05T01:02:03Z","event":"login","level":"info","n":1.10,"log.file.path":"/var/log/x","otel":{"attributes":{"event":"other"},"resource":{"k8s.pod.name":"api-1"},"severity_text":"INFO","time":"2026-03-05T01:02:04Z"}}"#;
    assert_eq!(event, expected);
}

#[test]
fn what_is_no_request_is_refused_in_its_encoding() {
    for body in [
        "",
        "{}",
        "[]",
        r#"{"resourceLogs":{}}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"x":1}}]}]}]}"#,
    ] {
        let answer = refused(&Otlp, &post("/v1/logs", &[KIND], body.as_bytes()));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap()["code"], 3, "{body}");
    }
    let answer = refused(&Otlp, &post("/v1/logs", &[("content-type", PROTOBUF)], b"\xff\xff"));
    assert_eq!(proto::Status::decode(answer.body).unwrap().code, 3);
}
