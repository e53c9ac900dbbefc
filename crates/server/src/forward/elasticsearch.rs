//! Elasticsearch and OpenSearch: `POST /_bulk`. A document's name is the record's, and it is created, never overwritten: what is sent
//! twice is there once. Fields are those of the Elastic Common Schema.

use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use shoseki_event::Outcome;
use shoseki_messages::{Fault, Result, msg};

use super::line::Line;
use super::web::Web;
use super::{Most, No, Refused, Target};
use crate::config::{self, Forward};

/// There is one of that name: it was sent before.
const CONFLICT: u16 = 409;
/// The document is none that the index can hold, or too large: it will be so the next time too.
const UNFIT: [u16; 2] = [400, 413];
/// How much of a reason is shown.
const SHOWN: usize = 300;

pub(super) struct Elasticsearch {
    web: Web,
    index: String,
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    create: Created,
}

#[derive(Deserialize)]
struct Created {
    status: u16,
    #[serde(default)]
    error: Value,
}

impl Elasticsearch {
    pub(super) fn of(forward: &Forward, one: &config::Elasticsearch) -> Result<Self> {
        Ok(Self { web: Web::of(forward, "ApiKey")?.at("/_bulk"), index: one.index.clone() })
    }

    fn body(&self, lines: &[Line]) -> Vec<u8> {
        let mut body = String::new();
        for line in lines {
            let create = json!({"create": {"_index": self.index, "_id": line.id.to_string()}});
            body.push_str(&format!("{create}\n{}\n", document(line)));
        }
        body.into_bytes()
    }
}

/// A record as a document. What is not known is left out.
fn document(line: &Line) -> Value {
    let columns = &line.columns;
    let outcome = match columns.status {
        Outcome::Unknown => None,
        known => Some(known.name()),
    };
    let address = columns.src_ip.as_deref();
    let ip = address.filter(|text| text.parse::<std::net::IpAddr>().is_ok());
    let mut document = json!({
        "@timestamp": columns.time.to_string(),
        "event": {
            "original": line.text,
            "dataset": line.source,
            "created": line.received.to_string(),
            "id": columns.key.as_deref(),
            "action": columns.operation.as_deref(),
            "provider": columns.service.as_deref(),
            "outcome": outcome,
        },
        "user": {"name": columns.actor.as_deref()},
        "source": {"address": address, "ip": ip},
        "cloud": {"account": {"id": columns.account.as_deref()}, "region": columns.region.as_deref()},
        "error": {"code": columns.error.as_deref()},
        "shoseki": {"record": line.id.to_string(), "stream": line.stream, "resource": columns.resource.as_deref()},
    });
    prune(&mut document);
    document
}

/// Takes out what is null, and objects that are empty then.
fn prune(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.values_mut().for_each(prune);
        fields.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|fields| !fields.is_empty()));
    }
}

/// What an answer says of a batch of so many.
fn judge(answer: &[u8], count: usize) -> Result<Vec<Refused>, No> {
    let unreadable = || Fault::world(msg!("server-forward-no-bulk"));
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|error| No::Later(unreadable().because(error), None))?;
    if answer.items.len() != count {
        return Err(No::Later(unreadable(), None));
    }
    let mut refused = Vec::new();
    for (at, Item { create }) in answer.items.into_iter().enumerate() {
        match create.status {
            200..300 | CONFLICT => {}
            status => {
                let why: String = create.error.to_string().chars().take(SHOWN).collect();
                if !UNFIT.contains(&status) {
                    // It has too much to do, or we may not, or the index is not there: that is no fault of the document.
                    let fault = Fault::world(msg!("server-forward-item", status = status, why = why));
                    return Err(No::Later(fault, None));
                }
                refused.push(Refused { at: Some(at), why: format!("{status}: {why}") });
            }
        }
    }
    Ok(refused)
}

#[async_trait::async_trait]
impl Target for Elasticsearch {
    fn most(&self) -> Most {
        Most { records: 1_000, bytes: 4 << 20 }
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        let answer = self.web.post(self.body(lines), "application/x-ndjson", true, HeaderMap::new()).await?;
        judge(&answer, lines.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Form;
    use crate::forward::line::tests::line_of;

    #[test]
    fn an_answer_is_read_item_by_item() {
        let answer = |statuses: &[u16]| {
            let items = statuses.iter().map(|status| json!({"create": {"status": status, "error": {"type": "x"}}}));
            json!({"errors": true, "items": items.collect::<Vec<_>>()}).to_string()
        };
        assert!(judge(answer(&[201, 409]).as_bytes(), 2).unwrap().is_empty());
        let refused = judge(answer(&[201, 400, 201]).as_bytes(), 3).unwrap();
        assert_eq!((refused.len(), refused[0].at), (1, Some(1)));
        assert!(refused[0].why.starts_with("400: "), "{refused:?}");
        for status in [403, 404, 429, 500, 503] {
            assert!(matches!(judge(answer(&[201, status, 400]).as_bytes(), 3), Err(No::Later(..))), "{status}");
        }
        assert!(matches!(judge(answer(&[201]).as_bytes(), 2), Err(No::Later(..))), "one is missing");
        assert!(matches!(judge(b"<html>", 1), Err(No::Later(..))));
    }

    #[test]
    fn a_document_has_what_is_known() {
        let raw = br#"{"eventVersion":"1.08","eventID":"a","eventName":"GetObject","eventTime":"2026-03-05T00:00:00Z","sourceIPAddress":"s3.amazonaws.com"}"#;
        let line = line_of("cloudtrail", raw, Form::Original);
        let document = document(&line);
        assert_eq!(document["event"]["original"], json!(line.text));
        assert_eq!(document["source"], json!({"address": "s3.amazonaws.com"}));
        assert!(document.get("user").is_none());
    }
}
