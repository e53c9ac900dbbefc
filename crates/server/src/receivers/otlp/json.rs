//! OTLP's JSON form: lowerCamelCase names, 64-bit numbers as texts, ids in hexadecimal, bytes in base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::proto::{
    AnyValue, ExportLogs, KeyValue, KeyValues, LogRecord, Resource, ResourceLogs, Scope, ScopeLogs, Values, any_value,
};

/// Reads a request. `None` where it is none.
pub(super) fn read(body: &[u8]) -> Option<ExportLogs> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let resource_logs = list(document.get("resourceLogs")?)?.iter().map(of_resource).collect::<Option<_>>()?;
    Some(ExportLogs { resource_logs })
}

fn list(value: &Value) -> Option<&Vec<Value>> {
    value.as_array()
}

/// The members of a list that may be absent.
fn each<T>(object: &Value, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match object.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(members) => list(members)?.iter().map(read).collect(),
    }
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A number that may be written as a text.
fn whole(object: &Value, name: &str) -> Option<u64> {
    match object.get(name) {
        None | Some(Value::Null) => Some(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    }
}

fn of_resource(value: &Value) -> Option<ResourceLogs> {
    let resource = match value.get("resource") {
        Some(resource) => Some(Resource { attributes: each(resource, "attributes", pair)? }),
        None => None,
    };
    Some(ResourceLogs { resource, scope_logs: each(value, "scopeLogs", of_scope)? })
}

fn of_scope(value: &Value) -> Option<ScopeLogs> {
    let scope = match value.get("scope") {
        Some(scope) => Some(Scope {
            name: text(scope, "name"),
            version: text(scope, "version"),
            attributes: each(scope, "attributes", pair)?,
        }),
        None => None,
    };
    Some(ScopeLogs { scope, log_records: each(value, "logRecords", record)? })
}

fn record(value: &Value) -> Option<LogRecord> {
    let id = |name: &str| hex::decode(text(value, name)).ok();
    Some(LogRecord {
        time_unix_nano: whole(value, "timeUnixNano")?,
        observed_time_unix_nano: whole(value, "observedTimeUnixNano")?,
        severity_number: i32::try_from(whole(value, "severityNumber").unwrap_or_default()).ok()?,
        severity_text: text(value, "severityText"),
        body: value.get("body").map(any).transpose_some()?,
        attributes: each(value, "attributes", pair)?,
        flags: u32::try_from(whole(value, "flags")?).ok()?,
        trace_id: id("traceId")?,
        span_id: id("spanId")?,
        event_name: text(value, "eventName"),
    })
}

/// An absent value is fine, one that is no value is not.
trait TransposeSome<T> {
    fn transpose_some(self) -> Option<Option<T>>;
}

impl<T> TransposeSome<T> for Option<Option<T>> {
    fn transpose_some(self) -> Option<Option<T>> {
        match self {
            None => Some(None),
            Some(inner) => inner.map(Some),
        }
    }
}

fn pair(value: &Value) -> Option<KeyValue> {
    let key = value.get("key")?.as_str()?.to_owned();
    Some(KeyValue { key, value: value.get("value").map(any).transpose_some()? })
}

fn any(value: &Value) -> Option<AnyValue> {
    let Some((kind, inner)) = value.as_object()?.iter().next() else { return Some(AnyValue { value: None }) };
    let value = match kind.as_str() {
        "stringValue" => any_value::Value::Text(inner.as_str()?.to_owned()),
        "boolValue" => any_value::Value::Boolean(inner.as_bool()?),
        "intValue" => any_value::Value::Whole(match inner {
            Value::String(text) => text.parse().ok()?,
            number => number.as_i64()?,
        }),
        "doubleValue" => any_value::Value::Real(match inner {
            Value::String(text) => text.parse().ok()?, // NaN and infinities
            number => number.as_f64()?,
        }),
        "arrayValue" => any_value::Value::List(Values { values: each(inner, "values", any)? }),
        "kvlistValue" => any_value::Value::Map(KeyValues { values: each(inner, "values", pair)? }),
        "bytesValue" => any_value::Value::Bytes(BASE64_STANDARD.decode(inner.as_str()?).ok()?),
        _ => return None,
    };
    Some(AnyValue { value: Some(value) })
}
