//! OpenTelemetry's logs over HTTP: protobuf and JSON, as the SDKs and the Collector export them.
//!
//! ```text
//! POST /v1/logs           {"resourceLogs":[{"resource":{"attributes":[…]},"scopeLogs":[{"scope":{…},"logRecords":[…]}]}]}
//! ```
//!
//! A body that a source knows is that source's event, and its service is the stream's name. Any other record becomes an event of
//! JSON, its attributes outermost, so that an application's log reads the same by whichever door it came:
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
use serde_json::{Map, Value};
use shoseki_messages::msg;

use super::{Answer, Asked, No, Receiver, Request, Taken, by_log, instant, is_known};
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
    if let Some(AnyValue { value: Some(any_value::Value::Text(text)) }) = &record.body {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        if is_known(&bytes) {
            return bytes;
        }
    }
    let mut event = Map::new();
    let time = [record.time_unix_nano, record.observed_time_unix_nano].into_iter().find(|time| *time > 0);
    if let Some(time) = time {
        event.insert("timestamp".to_owned(), instant(i128::from(time)).into());
    }
    if !record.severity_text.is_empty() {
        event.insert("level".to_owned(), record.severity_text.clone().into());
    }
    if let Some(body) = &record.body {
        event.insert("message".to_owned(), json_of(body, DEPTH));
    }
    let mut otel = Map::new();
    let mut beside = Map::new();
    for KeyValue { key, value } in &record.attributes {
        let value = value.as_ref().map_or(Value::Null, |value| json_of(value, DEPTH));
        let target = if OWN.contains(&key.as_str()) { &mut beside } else { &mut event };
        target.insert(key.clone(), value);
    }
    if !record.event_name.is_empty() {
        event.entry("event.name").or_insert_with(|| record.event_name.clone().into());
    }
    if let Some(service) = resource.text("service.name") {
        event.entry("service.name").or_insert_with(|| service.into());
    }
    let mut put = |name: &str, value: Value| {
        let is_something = match &value {
            Value::Object(members) => !members.is_empty(),
            Value::String(text) => !text.is_empty(),
            Value::Number(number) => number.as_u64() != Some(0),
            _ => true,
        };
        if is_something {
            otel.insert(name.to_owned(), value);
        }
    };
    put("resource", object(&resource.attributes, DEPTH));
    put("scope", scope_of(scope));
    put("attributes", Value::Object(beside));
    put("severity_number", record.severity_number.into());
    put("trace_id", hex::encode(&record.trace_id).into());
    put("span_id", hex::encode(&record.span_id).into());
    put("flags", record.flags.into());
    if time == Some(record.time_unix_nano) && record.observed_time_unix_nano > 0 {
        put("observed", instant(i128::from(record.observed_time_unix_nano)).into());
    }
    event.insert("otel".to_owned(), Value::Object(otel));
    Value::Object(event).to_string().into()
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
