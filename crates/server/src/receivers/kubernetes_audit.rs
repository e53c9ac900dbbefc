//! The webhook of a Kubernetes API server's audit: a POST of an `EventList`, `--audit-webhook-config-file` names the place.
//!
//! ```text
//! POST /kubernetes-audit
//! {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"level":"Metadata","auditID":"…",…}]}
//! ```
//!
//! The API server keeps 10,000 events while it waits and drops what is more, so the answer must come soon. It sends a batch again
//! after 429 and 5xx; an event is known by `auditID` and `stage`, so that this makes no second record.

use http::{Method, StatusCode};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;
use shoseki_sources::by_id;

use super::{Answer, No, Part, Receiver, Request, Taken, events};
use crate::trial::Sample;

/// The receiver `kubernetes-audit`.
pub(crate) struct KubernetesAudit;

/// What this door takes in, whatever the events look like: who may send audit events may not make up a trail.
const SOURCE: &str = "k8s-audit";

impl Receiver for KubernetesAudit {
    fn id(&self) -> &'static str {
        "kubernetes-audit"
    }

    fn title(&self) -> &'static str {
        "Kubernetes audit webhook"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/kubernetes-audit"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let time = time.to_string();
        let event = json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": format!("shoseki-check-{mark}"),
            "stage": "ResponseComplete", "requestURI": "/shoseki-check", "verb": "get",
            "user": {"username": "shoseki setup check"}, "userAgent": "shoseki",
            "requestReceivedTimestamp": time, "stageTimestamp": time,
        });
        let body = json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [event]});
        Some(Sample { path: "/kubernetes-audit", kind: "application/json", body: body.to_string().into_bytes() })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        if request.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(No::malformed(msg!("server-no-event-list")));
        }
        let events = events(&request.body, by_id(SOURCE))?;
        let yes = Answer::json(StatusCode::OK, &json!({ "received": events.len() }));
        Ok(Taken { parts: vec![Part { source: Some(SOURCE), events, ..Part::default() }], yes })
    }
}
