//! OpenTelemetry's logs over HTTP: protobuf and JSON, as the SDKs and the Collector export them.
//!
//! ```text
//! POST /v1/logs           {"resourceLogs":[{"resource":{"attributes":[…]},"scopeLogs":[{"scope":{…},"logRecords":[…]}]}]}
//! ```
//!
//! A body that a source knows is that source's event, and its service is the stream's name; to an application's line what the
//! record says is added behind its own members. Any other record becomes an event of JSON, its attributes outermost, so that an
//! application's log reads the same by whichever door it came:
//!
//! ```text
//! {"timestamp":"…","level":"INFO","message":"login","user.name":"aiko","service.name":"api",
//!  "otel":{"resource":{…},"scope":{…},"severity_number":9,"trace_id":"…","span_id":"…"}}
//! ```

mod json;
mod proto;

use bytes::Bytes;
use http::{Method, StatusCode};
use prost::Message;
use serde_json::{Map, Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::msg;
use shoseki_sources::{Source, auto};

use super::{Answer, Asked, No, Receiver, Request, Taken, by_log, instant};
use crate::trial::Sample;
use proto::{AnyValue, ExportLogs, KeyValue, LogRecord, Resource, Scope, any_value};

/// The receiver `otlp`.
pub(crate) struct Otlp;

const PROTOBUF: &str = "application/x-protobuf";

/// How deep values may lie in one another.
const DEPTH: usize = 32;

fn is_json(asked: &Asked) -> bool {
    asked.header("content-type").is_some_and(|kind| kind.starts_with("application/json"))
}

impl Receiver for Otlp {
    fn id(&self) -> &'static str {
        "otlp"
    }

    fn title(&self) -> &'static str {
        "OpenTelemetry (OTLP/HTTP logs)"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/v1/logs"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let text = |text: &str| json!({"stringValue": text});
        let nanoseconds = time.0.saturating_mul(1_000).to_string();
        let record = json!({"timeUnixNano": nanoseconds, "body": text(&format!("shoseki-check-{mark}"))});
        let service = json!({"key": "service.name", "value": text("shoseki-check")});
        let resource = json!({"resource": {"attributes": [service]}, "scopeLogs": [{"logRecords": [record]}]});
        let body = json!({"resourceLogs": [resource]}).to_string().into_bytes();
        Some(Sample { path: "/v1/logs", kind: "application/json", body })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        let malformed = || No::malformed(msg!("server-no-otlp"));
        let logs = if is_json(&request.asked) {
            json::read(&request.body).ok_or_else(malformed)?
        } else {
            ExportLogs::decode(&*request.body).map_err(|_| malformed())?
        };
        let mut all = Vec::new();
        for of_resource in &logs.resource_logs {
            let resource = of_resource.resource.clone().unwrap_or_default();
            let service = resource.text("service.name").map(str::to_owned);
            for of_scope in &of_resource.scope_logs {
                let scope = of_scope.scope.clone().unwrap_or_default();
                for record in &of_scope.log_records {
                    all.push((service.clone(), event(&resource, &scope, record)));
                }
            }
        }
        // An empty answer says that all was taken: nothing is ever taken in part.
        let (content_type, body) = if is_json(&request.asked) {
            ("application/json", Bytes::from_static(b"{}"))
        } else {
            (PROTOBUF, Bytes::new())
        };
        let yes = Answer { status: StatusCode::OK, content_type, body, headers: Vec::new() };
        Ok(Taken { parts: by_log(all), yes })
    }

    /// `google.rpc.Status`, in the encoding of the request.
    fn refuse(&self, asked: &Asked, no: &No) -> Answer {
        let code = match no.status {
            StatusCode::UNAUTHORIZED => 16,
            StatusCode::FORBIDDEN => 7,
            StatusCode::TOO_MANY_REQUESTS => 8,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            _ => 3,
        };
        let message = no.why.to_string();
        if is_json(asked) {
            return Answer::json(no.status, &serde_json::json!({ "code": code, "message": message }));
        }
        let body = proto::Status { code, message }.encode_to_vec().into();
        Answer { status: no.status, content_type: PROTOBUF, body, headers: Vec::new() }
    }
}

/// The names that an event's own members have.
const OWN: [&str; 4] = ["timestamp", "level", "message", "otel"];

fn event(resource: &Resource, scope: &Scope, record: &LogRecord) -> Bytes {
    let body = match &record.body {
        Some(AnyValue { value: Some(any_value::Value::Text(text)) }) => text.trim(),
        _ => "",
    };
    let line = match auto(body.as_bytes()).map(Source::id) {
        Some("app") => serde_json::from_str::<Map<String, Value>>(body).ok(),
        Some(_) => return Bytes::copy_from_slice(body.as_bytes()),
        None => None,
    };
    let added = added(resource, scope, record, line.as_ref()).to_string();
    match body.strip_suffix('}').filter(|_| line.is_some()) {
        // An application's line stays as it was written, and what the record says beside it follows.
        Some(line) => format!("{line},{}", added.strip_prefix('{').unwrap_or(&added)).into(),
        None => added.into(),
    }
}

/// What a record says beside an application's line, or all that it says where there is none.
fn added(resource: &Resource, scope: &Scope, record: &LogRecord, line: Option<&Map<String, Value>>) -> Value {
    let (mut event, mut otel, mut beside) = (Map::new(), Map::new(), Map::new());
    let time = [record.time_unix_nano, record.observed_time_unix_nano].into_iter().find(|time| *time > 0);
    let time = time.map(|time| Value::from(instant(i128::from(time))));
    let level = Some(record.severity_text.clone()).filter(|level| !level.is_empty()).map(Value::from);
    let (names, target) = match line {
        None => (["timestamp", "level"], &mut event),
        Some(_) => (["time", "severity_text"], &mut otel),
    };
    for (name, value) in names.into_iter().zip([time, level]) {
        target.extend(value.map(|value| (name.to_owned(), value)));
    }
    if let Some(body) = record.body.as_ref().filter(|_| line.is_none()) {
        event.insert("message".to_owned(), json_of(body, DEPTH));
    }
    let is_taken = |key: &str| OWN.contains(&key) || line.is_some_and(|line| line.contains_key(key));
    for KeyValue { key, value } in &record.attributes {
        let value = value.as_ref().map_or(Value::Null, |value| json_of(value, DEPTH));
        let target = if is_taken(key) { &mut beside } else { &mut event };
        target.insert(key.clone(), value);
    }
    let named =
        [("event.name", record.event_name.as_str()), ("service.name", resource.text("service.name").unwrap_or(""))];
    for (name, value) in named.into_iter().filter(|(name, value)| !value.is_empty() && !is_taken(name)) {
        event.entry(name).or_insert_with(|| value.into());
    }
    let both = record.time_unix_nano > 0 && record.observed_time_unix_nano > 0;
    let observed = if both { instant(i128::from(record.observed_time_unix_nano)) } else { String::new() };
    for (name, value) in [
        ("resource", object(&resource.attributes, DEPTH)),
        ("scope", scope_of(scope)),
        ("attributes", Value::Object(beside)),
        ("severity_number", record.severity_number.into()),
        ("trace_id", hex::encode(&record.trace_id).into()),
        ("span_id", hex::encode(&record.span_id).into()),
        ("flags", record.flags.into()),
        ("observed", observed.into()),
    ] {
        if says_something(&value) {
            otel.insert(name.to_owned(), value);
        }
    }
    event.insert("otel".to_owned(), Value::Object(otel));
    Value::Object(event)
}

/// Whether a value is more than the default of its kind, which protobuf leaves out.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_u64() != Some(0),
        _ => true,
    }
}

fn scope_of(scope: &Scope) -> Value {
    let mut shown = Map::new();
    for (name, value) in [("name", &scope.name), ("version", &scope.version)] {
        if !value.is_empty() {
            shown.insert(name.to_owned(), value.clone().into());
        }
    }
    if !scope.attributes.is_empty() {
        shown.insert("attributes".to_owned(), object(&scope.attributes, DEPTH));
    }
    Value::Object(shown)
}

fn object(pairs: &[KeyValue], depth: usize) -> Value {
    let members = pairs.iter().map(|KeyValue { key, value }| {
        (key.clone(), value.as_ref().map_or(Value::Null, |value| json_of(value, depth)))
    });
    Value::Object(members.collect())
}

/// A value as JSON; bytes in hexadecimal. What lies too deep is left out, which prost's own bound makes rare.
fn json_of(value: &AnyValue, depth: usize) -> Value {
    let Some(below) = depth.checked_sub(1) else { return Value::Null };
    match &value.value {
        None => Value::Null,
        Some(any_value::Value::Text(text)) => text.clone().into(),
        Some(any_value::Value::Boolean(boolean)) => (*boolean).into(),
        Some(any_value::Value::Whole(whole)) => (*whole).into(),
        Some(any_value::Value::Real(real)) => serde_json::Number::from_f64(*real).map_or(Value::Null, Value::Number),
        Some(any_value::Value::List(list)) => list.values.iter().map(|value| json_of(value, below)).collect(),
        Some(any_value::Value::Map(map)) => object(&map.values, below),
        Some(any_value::Value::Bytes(bytes)) => hex::encode(bytes).into(),
    }
}

#[cfg(test)]
mod tests;
