//! Loki's push: streams with labels, as JSON or as snappy-compressed protobuf, by Promtail, Alloy, Fluent Bit, falcosidekick.
//!
//! ```text
//! POST /loki/api/v1/push
//! {"streams":[{"stream":{"app":"api"},"values":[["1772672523004000000","login aiko",{"trace_id":"…"}]]}]}
//! ```
//!
//! A line that a source knows is that source's event, and its labels are the stream's name. Any other line, and one with
//! structured metadata, becomes an event of JSON that has all of it:
//!
//! ```text
//! {"timestamp":"2026-03-05T01:02:03.004000000Z","message":"login aiko","labels":{"app":"api"},"metadata":{"trace_id":"…"}}
//! ```

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode};
use prost::Message;
use serde::Deserialize;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Answer, No, Part, Receiver, Request, Taken, instant, is_known};
use crate::trial::Sample;

/// The receiver `loki`.
pub(crate) struct Loki;

/// What a body may be inflated to.
const MAX_INFLATED: usize = 256 << 20;

/// Labels, or metadata.
type Pairs = BTreeMap<String, String>;

/// A line with what stands beside it: nanoseconds since 1970, the line, structured metadata.
type Line = (i128, String, Pairs);

/// `logproto.PushRequest`.
#[derive(Clone, PartialEq, Message)]
struct PushRequest {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<Stream>,
}

#[derive(Clone, PartialEq, Message)]
struct Stream {
    #[prost(string, tag = "1")]
    labels: String,
    #[prost(message, repeated, tag = "2")]
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<Time>,
    #[prost(string, tag = "2")]
    line: String,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<Label>,
}

#[derive(Clone, PartialEq, Message)]
struct Time {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Deserialize)]
struct JsonPush {
    streams: Vec<JsonStream>,
}

#[derive(Deserialize)]
struct JsonStream {
    #[serde(default)]
    stream: Pairs,
    values: Vec<JsonEntry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum JsonEntry {
    Plain((String, String)),
    WithMetadata((String, String, Pairs)),
}

impl Receiver for Loki {
    fn id(&self) -> &'static str {
        "loki"
    }

    fn title(&self) -> &'static str {
        "Loki push API"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/loki/api/v1/push", "/api/prom/push", "/ready"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let nanoseconds = time.0.saturating_mul(1_000).to_string();
        let stream =
            json!({"stream": {"app": "shoseki-check"}, "values": [[nanoseconds, format!("shoseki-check-{mark}")]]});
        let body = json!({"streams": [stream]}).to_string().into_bytes();
        Some(Sample { path: "/loki/api/v1/push", kind: "application/json", body })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        let asked = &request.asked;
        if asked.path.starts_with("/ready") {
            return Ok(Taken { parts: Vec::new(), yes: Answer::empty(StatusCode::OK) });
        }
        if asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        let is_json = asked.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let streams = if is_json { of_json(&request.body) } else { of_protobuf(&request.body) };
        let parts = streams.ok_or_else(|| No::malformed(msg!("server-no-loki")))?.into_iter().map(|(labels, lines)| {
            let events = lines.into_iter().map(|line| event(&labels, line)).collect();
            Part { log: Some(shown(&labels)), events, ..Part::default() }
        });
        Ok(Taken { parts: parts.collect(), yes: Answer::empty(StatusCode::NO_CONTENT) })
    }
}

fn of_json(body: &[u8]) -> Option<Vec<(Pairs, Vec<Line>)>> {
    let push: JsonPush = serde_json::from_slice(body).ok()?;
    let lines = |stream: JsonStream| {
        let lines = stream.values.into_iter().map(|entry| {
            let (time, line, metadata) = match entry {
                JsonEntry::Plain((time, line)) => (time, line, Pairs::new()),
                JsonEntry::WithMetadata(all) => all,
            };
            Some((time.parse().ok()?, line, metadata))
        });
        Some((stream.stream, lines.collect::<Option<Vec<Line>>>()?))
    };
    push.streams.into_iter().map(lines).collect()
}

fn of_protobuf(body: &[u8]) -> Option<Vec<(Pairs, Vec<Line>)>> {
    if snap::raw::decompress_len(body).ok()? > MAX_INFLATED {
        return None;
    }
    let plain = snap::raw::Decoder::new().decompress_vec(body).ok()?;
    let push = PushRequest::decode(&*plain).ok()?;
    let lines = |stream: Stream| {
        let lines = stream.entries.into_iter().map(|entry| {
            let time = entry.timestamp.unwrap_or_default();
            let nanoseconds = i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
            let metadata = entry.metadata.into_iter().map(|label| (label.name, label.value)).collect();
            (nanoseconds, entry.line, metadata)
        });
        Some((labels(&stream.labels)?, lines.collect()))
    };
    push.streams.into_iter().map(lines).collect()
}

/// `{app="api", level="in\"fo"}`: values are quoted as Go quotes them, which JSON reads but for its rarer escapes.
fn labels(text: &str) -> Option<Pairs> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim_start();
    let mut labels = Pairs::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let mut values = serde_json::Deserializer::from_str(after).into_iter::<String>();
        let value = values.next()?.ok()?;
        labels.insert(name.trim().to_owned(), value);
        rest = after.get(values.byte_offset()..)?.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(labels)
}

/// The labels as a stream's name: `app=api,namespace=shop`.
fn shown(labels: &Pairs) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
}

fn event(labels: &Pairs, (nanoseconds, line, metadata): Line) -> Bytes {
    let bytes = Bytes::from(line);
    if metadata.is_empty() && is_known(&bytes) {
        return bytes;
    }
    let mut event = json!({
        "timestamp": instant(nanoseconds),
        "message": String::from_utf8_lossy(&bytes),
        "labels": labels,
    });
    if !metadata.is_empty() {
        event["metadata"] = json!(metadata);
    }
    event.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::tests::{post, refused, taken};

    const ALERT: &str = r#"{"output":"x","priority":"Notice","rule":"r","time":"2026-03-05T01:02:03Z"}"#;
    const KIND: (&str, &str) = ("content-type", "application/json");

    fn expected() -> [Part; 1] {
        let wrapped =
            r#"{"labels":{"app":"a\"b","ns":"店"},"message":"login","timestamp":"2026-03-05T01:02:03.004000005Z"}"#;
        let with = r#"{"labels":{"app":"a\"b","ns":"店"},"message":"login","metadata":{"id":"7"},"timestamp":"2026-03-05T01:02:03.004000005Z"}"#;
        let events = [ALERT, wrapped, with].map(|event| Bytes::copy_from_slice(event.as_bytes())).to_vec();
        [Part { log: Some("app=a\"b,ns=店".to_owned()), events, ..Part::default() }]
    }

    #[test]
    fn lines_as_json() {
        let body = json!({"streams": [{"stream": {"app": "a\"b", "ns": "店"}, "values": [
            ["1772672523004000005", ALERT],
            ["1772672523004000005", "login"],
            ["1772672523004000005", "login", {"id": "7"}],
        ]}]});
        let (parts, yes) = taken(&Loki, &post("/loki/api/v1/push", &[KIND], body.to_string().as_bytes()));
        assert_eq!((parts.as_slice(), yes.status), (expected().as_slice(), StatusCode::NO_CONTENT));
    }

    #[test]
    fn lines_as_protobuf() {
        let timestamp = Some(Time { seconds: 1_772_672_523, nanos: 4_000_005 });
        let entry =
            |line: &str, metadata: Vec<Label>| Entry { timestamp: timestamp.clone(), line: line.to_owned(), metadata };
        let id = Label { name: "id".to_owned(), value: "7".to_owned() };
        let entries = vec![entry(ALERT, vec![]), entry("login", vec![]), entry("login", vec![id])];
        let push = PushRequest { streams: vec![Stream { labels: r#"{app="a\"b", ns="店"}"#.to_owned(), entries }] };
        let body = snap::raw::Encoder::new().compress_vec(&push.encode_to_vec()).unwrap();
        let (parts, _) = taken(&Loki, &post("/loki/api/v1/push", &[], &body));
        assert_eq!(parts, expected());
        for cut in 0..body.len() {
            let _ = Loki.take(&post("/loki/api/v1/push", &[], &body[..cut])); // refused or fewer, and no panic
        }
    }

    #[test]
    fn what_is_no_push_is_refused() {
        for body in ["", "{}", "[]", r#"{"streams":[{"values":[["x","y"]]}]}"#, r#"{"streams":[{"values":[["1"]]}]}"#] {
            assert_eq!(refused(&Loki, &post("/loki/api/v1/push", &[KIND], body.as_bytes())).status, 400, "{body}");
        }
        // It says that four GiB come out of it.
        assert_eq!(refused(&Loki, &post("/loki/api/v1/push", &[], b"\xff\xff\xff\xff\x0f\0")).status, 400);
        assert_eq!(labels("{}"), Some(Pairs::new()));
        assert_eq!([labels("{a}"), labels("a=\"b\""), labels("{a=b}")], [None, None, None]);
    }
}
