//! Amazon Data Firehose's HTTP endpoint: a subscription of CloudWatch Logs (EKS, RDS), a stream of EventBridge's events, or what
//! applications put into a stream.
//!
//! ```text
//! POST /firehose          X-Amz-Firehose-Access-Key: <token>
//! {"requestId":"…","timestamp":1772672523000,"records":[{"data":"<base64>"}]}
//! ⇒ {"requestId":"…","timestamp":1772672523123}
//! ```
//!
//! Firehose sends again, for up to two hours, until an answer repeats the `requestId`; so each event is known by it and by its number.
//! A record of CloudWatch Logs is gzip of an envelope, which is kept whole beside the events that it holds.

use std::io::Read;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Answer, Asked, No, Part, Receiver, Request, Taken, events, few};
use crate::trial::Sample;

/// The receiver `firehose`.
pub(crate) struct Firehose;

/// The longest name of a request: Firehose's are UUIDs.
const MAX_ID: usize = 128;
/// What the records of one request may be inflated to, all together: Firehose's bodies are 64 MiB at most, and text grows
/// tenfold.
const MAX_INFLATED: usize = 256 << 20;

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "requestId")]
    request_id: String,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    data: String,
}

impl Receiver for Firehose {
    fn id(&self) -> &'static str {
        "firehose"
    }

    fn title(&self) -> &'static str {
        "Amazon Data Firehose"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/firehose"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let line = json!({"timestamp": time.to_string(), "event": "shoseki.check", "message": format!("shoseki-check-{mark}")});
        let data = BASE64_STANDARD.encode(line.to_string());
        let id = format!("shoseki-check-{mark}");
        let body = json!({"requestId": id, "timestamp": time.0 / 1_000, "records": [{"data": data}]});
        Some(Sample { path: "/firehose", kind: "application/json", body: body.to_string().into_bytes() })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        let body: Body =
            serde_json::from_slice(&request.body).map_err(|_| No::malformed(msg!("server-no-firehose")))?;
        if body.request_id.is_empty() || body.request_id.len() > MAX_ID {
            return Err(No::malformed(msg!("server-no-firehose")));
        }
        let (mut all, mut left) = (Vec::new(), MAX_INFLATED);
        for record in &body.records {
            let data = BASE64_STANDARD.decode(record.data.as_bytes());
            let data = data.map_err(|_| No::malformed(msg!("server-no-base64")))?;
            all.extend(events(&inflated(data, &mut left)?, request.source)?);
            few(all.len())?;
        }
        let yes = Answer::json(StatusCode::OK, &told(&body.request_id, None));
        let id = Some(body.request_id);
        Ok(Taken { parts: vec![Part { id, events: all, ..Part::default() }], yes })
    }

    fn refuse(&self, asked: &Asked, no: &No) -> Answer {
        let id = asked.header("x-amz-firehose-request-id").unwrap_or_default();
        Answer::json(no.status, &told(id, Some(no.why.to_string())))
    }
}

fn told(id: &str, why: Option<String>) -> serde_json::Value {
    let milliseconds = Timestamp::now().0 / 1_000;
    match why {
        None => json!({ "requestId": id, "timestamp": milliseconds }),
        Some(why) => json!({ "requestId": id, "timestamp": milliseconds, "errorMessage": why }),
    }
}

/// A record's content, where it is gzip; itself otherwise, also where it only begins like gzip.
fn inflated(data: Vec<u8>, left: &mut usize) -> Result<Bytes, No> {
    if !data.starts_with(&[0x1f, 0x8b]) {
        return Ok(data.into());
    }
    let mut content = Vec::new();
    let most = *left as u64 + 1;
    if flate2::read::MultiGzDecoder::new(&*data).take(most).read_to_end(&mut content).is_err() {
        return Ok(data.into());
    }
    *left = left.checked_sub(content.len()).ok_or_else(|| No {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        why: msg!("server-too-long", max = MAX_INFLATED),
    })?;
    Ok(content.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::receivers::tests::{post, refused, taken};

    #[test]
    fn records_are_decoded_and_known_by_the_request() {
        let line = r#"{"timestamp":"2026-03-05T00:00:00Z","message":"入"}"#;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let envelope = br#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[]}"#;
        gzip.write_all(&[envelope.as_slice(), envelope].concat()).unwrap();
        let data = [format!("{line}\n{line}").into_bytes(), gzip.finish().unwrap()].map(|d| BASE64_STANDARD.encode(d));
        let body = json!({"requestId": "r-1", "timestamp": 1, "records": [{"data": data[0]}, {"data": data[1]}]});
        let (parts, yes) = taken(&Firehose, &post("/firehose", &[], body.to_string().as_bytes()));
        let [part] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(part.id.as_deref(), Some("r-1"));
        assert_eq!(part.events.len(), 4, "two lines, and two envelopes without anything between them");
        assert_eq!((&*part.events[0], &*part.events[3]), (line.as_bytes(), envelope.as_slice()));
        let yes: serde_json::Value = serde_json::from_slice(&yes.body).unwrap();
        assert_eq!(yes["requestId"], "r-1");
        assert!(yes["timestamp"].is_i64());
    }

    #[test]
    fn what_firehose_would_not_send_is_refused_in_its_words() {
        for body in ["", "{}", r#"{"requestId":"","records":[]}"#, r#"{"requestId":"a","records":[{"data":"%"}]}"#] {
            let answer =
                refused(&Firehose, &post("/firehose", &[("x-amz-firehose-request-id", "r-2")], body.as_bytes()));
            let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!((answer.status, &said["requestId"]), (StatusCode::BAD_REQUEST, &json!("r-2")), "{body}");
            assert!(!said["errorMessage"].as_str().unwrap().is_empty());
        }
    }
}
