//! Splunk's HTTP Event Collector: events one after another, each in an envelope of its own, or raw lines.
//!
//! ```text
//! POST /services/collector/event   Authorization: Splunk <token>
//! {"time":1772672523.004,"host":"web-1","sourcetype":"app","event":{"action":"login","user":"aiko"}}{…}
//! POST /services/collector/raw?sourcetype=app
//! ```
//!
//! An event that a source knows is taken out of its envelope, and host and source type stand in the stream's name; else the
//! envelope is the event, with all that it says.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Answer, Asked, No, Part, Receiver, Request, Taken, by_log, events, few, is_known};
use crate::trial::Sample;

/// The receiver `splunk-hec`.
pub(crate) struct SplunkHec;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    host: Option<String>,
    sourcetype: Option<String>,
    source: Option<String>,
}

impl Receiver for SplunkHec {
    fn id(&self) -> &'static str {
        "splunk-hec"
    }

    fn title(&self) -> &'static str {
        "Splunk HTTP Event Collector"
    }

    fn paths(&self) -> &'static [&'static str] {
        &[
            "/services/collector",
            "/services/collector/event",
            "/services/collector/event/1.0",
            "/services/collector/raw",
            "/services/collector/raw/1.0",
            "/services/collector/health",
            "/services/collector/health/1.0",
        ]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let event = json!({"event": "shoseki.check", "message": format!("shoseki-check-{mark}")});
        let body = json!({"time": time.0.div_euclid(1_000_000), "event": event});
        let body = body.to_string().into_bytes();
        Some(Sample { path: "/services/collector/event", kind: "application/json", body })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        let asked = &request.asked;
        if asked.path.contains("/health") {
            let yes = Answer::json(StatusCode::OK, &json!({ "text": "HEC is healthy", "code": 17 }));
            return Ok(Taken { parts: Vec::new(), yes });
        }
        if asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        let parts = if asked.path.contains("/raw") { raw(request)? } else { enveloped(&request.body)? };
        if parts.iter().all(|part| part.events.is_empty()) {
            return Err(No::malformed(msg!("server-no-events")));
        }
        Ok(Taken { parts, yes: Answer::json(StatusCode::OK, &json!({ "text": "Success", "code": 0 })) })
    }

    fn refuse(&self, _: &Asked, no: &No) -> Answer {
        let code = match no.status {
            StatusCode::UNAUTHORIZED => 2,
            StatusCode::FORBIDDEN => 4,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => 9,
            _ => 6,
        };
        Answer::json(no.status, &json!({ "text": no.why.to_string(), "code": code }))
    }
}

fn raw(request: &Request) -> Result<Vec<Part>, No> {
    let given = |name: &str| {
        let pairs = request.asked.query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.clone().find(|(key, _)| *key == name).map(|(_, value)| value.replace('+', " "));
        found.and_then(|value| Some(percent_encoding::percent_decode_str(&value).decode_utf8().ok()?.into_owned()))
    };
    let log = named(given("host"), given("sourcetype").or_else(|| given("source")));
    Ok(vec![Part { log, events: events(&request.body, request.source)?, ..Part::default() }])
}

fn enveloped(body: &Bytes) -> Result<Vec<Part>, No> {
    let mut all = Vec::new();
    for document in serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>() {
        let document = document.map_err(|_| No::malformed(msg!("server-no-hec")))?;
        let envelope: Envelope<'_> =
            serde_json::from_str(document.get()).map_err(|_| No::malformed(msg!("server-no-hec")))?;
        let Some(event) = envelope.event else { return Err(No::malformed(msg!("server-no-hec"))) };
        let inner = inner(body, event);
        let bytes = inner.unwrap_or_else(|| body.slice_ref(document.get().as_bytes()));
        few(all.len() + 1)?;
        all.push((named(envelope.host, envelope.sourcetype.or(envelope.source)), bytes));
    }
    Ok(by_log(all))
}

/// The event in an envelope, where a source knows it: an object as it stands there, or the text of a string.
fn inner(body: &Bytes, event: &RawValue) -> Option<Bytes> {
    let text = event.get();
    let bytes = match text.as_bytes().first()? {
        b'{' => body.slice_ref(text.as_bytes()),
        b'"' => serde_json::from_str::<String>(text).ok()?.into(),
        _ => return None,
    };
    is_known(&bytes).then_some(bytes)
}

fn named(host: Option<String>, kind: Option<String>) -> Option<String> {
    let parts: Vec<String> = [host, kind].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::tests::{post, refused, taken};

    #[test]
    fn what_a_source_knows_is_taken_out_of_its_envelope() {
        let alert = r#"{"output":"x","priority":"Notice","rule":"r","time":"2026-03-05T01:02:03Z"}"#;
        let plain = r#"{"time":1772672523.004,"host":"web-1","sourcetype":"app","event":{"action":"login"}}"#;
        let body = format!(
            "{plain}{{\"host\":\"node\",\"event\":{alert}}}\n{{\"host\":\"node\",\"event\":{}}}{plain}",
            serde_json::to_string(alert).unwrap()
        );
        let (parts, _) = taken(&SplunkHec, &post("/services/collector/event", &[], body.as_bytes()));
        let part = |log: &str, event: &str| Part {
            log: Some(log.to_owned()),
            events: vec![Bytes::copy_from_slice(event.as_bytes()); 2],
            ..Part::default()
        };
        assert_eq!(parts, [part("web-1/app", plain), part("node", alert)]);
        let (parts, _) = taken(&SplunkHec, &post("/services/collector/raw?host=%E7%94%B2&x=", &[], b"a\nb\n"));
        let events = vec![Bytes::from_static(b"a"), Bytes::from_static(b"b")];
        assert_eq!(parts, [Part { log: Some("甲".to_owned()), events, ..Part::default() }]);
    }

    #[test]
    fn mistakes_are_told_as_splunk_tells_them() {
        for body in ["", "x", "{}", "{\"event\":1}x", "[]", "{\"event\":1,\"host\":5}"] {
            let answer = refused(&SplunkHec, &post("/services/collector", &[], body.as_bytes()));
            let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!((answer.status, said["code"].as_i64()), (StatusCode::BAD_REQUEST, Some(6)), "{body}");
        }
    }
}
