//! Falco's `http_output`, and falcosidekick's webhook: one alert a POST.
//!
//! ```text
//! POST /t/<token>/falco
//! {"output":"…","priority":"Notice","rule":"Terminal shell in container","time":"…","output_fields":{…},…}
//! ```
//!
//! Falco can send no header of its own, so its token stands in the path, or it shows a certificate. It keeps nothing: what is
//! refused is lost, and the refusal is all that is seen of it. falcosidekick does not send again either.

use http::{Method, StatusCode};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;
use shoseki_sources::by_id;

use super::{Answer, No, Part, Receiver, Request, Taken, events};
use crate::trial::Sample;

/// The receiver `falco`.
pub(crate) struct Falco;

const SOURCE: &str = "falco";

impl Receiver for Falco {
    fn id(&self) -> &'static str {
        "falco"
    }

    fn title(&self) -> &'static str {
        "Falco HTTP output"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/falco"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let alert = json!({
            "output": format!("shoseki-check-{mark}"), "priority": "Debug", "rule": "shoseki setup check",
            "source": "shoseki", "time": time.to_string(),
        });
        Some(Sample { path: "/falco", kind: "application/json", body: alert.to_string().into_bytes() })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        if request.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(No::malformed(msg!("server-no-alert")));
        }
        let events = events(&request.body, by_id(SOURCE))?;
        let yes = Answer::json(StatusCode::OK, &json!({ "received": events.len() }));
        Ok(Taken { parts: vec![Part { source: Some(SOURCE), events, ..Part::default() }], yes })
    }
}
