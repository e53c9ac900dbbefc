//! Plain HTTP: a body of JSON, of JSON Lines or of text, as `curl --data-binary` sends it.
//!
//! ```text
//! POST /ingest            {"timestamp":"…","level":"info","event":"login","user":"yamada"}⏎…
//! POST /ingest/<log>      the same for a stream of that name
//! ```
//!
//! A request may have a name, `Idempotency-Key`: then the same again is no second delivery. Without one, who sends it again makes
//! second records of events that have no key of their own.

use http::{Method, StatusCode};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Answer, No, Part, Receiver, Request, Taken, events};
use crate::trial::Sample;

/// The receiver `ndjson`.
pub(crate) struct NdJson;

/// The longest name of a request.
const MAX_ID: usize = 128;

impl Receiver for NdJson {
    fn id(&self) -> &'static str {
        "ndjson"
    }

    fn title(&self) -> &'static str {
        "JSON Lines over HTTP"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/ingest", "/ingest/{log}"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let line = json!({"timestamp": time.to_string(), "event": "shoseki.check", "message": format!("shoseki-check-{mark}")});
        Some(Sample { path: "/ingest", kind: "application/x-ndjson", body: format!("{line}\n").into_bytes() })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST && request.asked.method != Method::PUT {
            return Err(No::method("POST"));
        }
        let id = request.asked.header("idempotency-key").map(str::to_owned);
        if id.as_ref().is_some_and(|id| id.is_empty() || id.len() > MAX_ID) {
            return Err(No::malformed(msg!("server-no-request-id", max = MAX_ID)));
        }
        let events = events(&request.body, request.source)?;
        if events.is_empty() {
            return Err(No::malformed(msg!("server-no-events")));
        }
        let yes = Answer::json(StatusCode::OK, &json!({ "received": events.len() }));
        let log = request.asked.parts.first().cloned();
        Ok(Taken { parts: vec![Part { source: None, log, id, events }], yes })
    }
}
