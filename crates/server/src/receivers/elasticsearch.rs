//! Elasticsearch's `_bulk`, as Fluent Bit, Logstash, Vector and the official clients send it, and what they ask first.
//!
//! ```text
//! GET  /                       who are you?
//! POST /_bulk, /<index>/_bulk  {"create":{"_index":"audit"}}⏎{"@timestamp":"…","message":"…"}⏎…
//! ```
//!
//! An index is a stream. A document with an `_id` is known by it: who sends it again makes no second record. Evidence is added and
//! never changed, so that `update` and `delete` are refused, each for itself, as Elasticsearch would report it.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Answer, Asked, No, Part, Receiver, Request, Taken, few};
use crate::trial::Sample;

/// The receiver `elasticsearch`.
pub(crate) struct Elasticsearch;

/// The version that clients are told: one that all of version 8 and 9 accept.
const VERSION: &str = "8.19.0";
/// Without it the official clients refuse to talk.
const PRODUCT: (&str, &str) = ("x-elastic-product", "Elasticsearch");

impl Receiver for Elasticsearch {
    fn id(&self) -> &'static str {
        "elasticsearch"
    }

    fn title(&self) -> &'static str {
        "Elasticsearch bulk API"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/", "/_bulk", "/{index}/_bulk", "/_license", "/_cluster/health"]
    }

    fn sample(&self, mark: &str, time: Timestamp) -> Option<Sample> {
        let action = json!({"create": {"_index": "shoseki-check"}});
        let document = json!({"@timestamp": time.to_string(), "message": format!("shoseki-check-{mark}")});
        let body = format!("{action}\n{document}\n").into_bytes();
        Some(Sample { path: "/_bulk", kind: "application/x-ndjson", body })
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        let asked = &request.asked;
        let is_bulk = asked.path.trim_end_matches('/').ends_with("_bulk");
        if !is_bulk {
            if asked.method != Method::GET && asked.method != Method::HEAD {
                return Err(No::method("GET"));
            }
            let yes = Answer::json(StatusCode::OK, &about(asked.path.trim_end_matches('/'))).with(PRODUCT);
            return Ok(Taken { parts: Vec::new(), yes });
        }
        if asked.method != Method::POST && asked.method != Method::PUT {
            return Err(No::method("POST"));
        }
        let bulk = Bulk::read(&request.body, asked.parts.first())?;
        let answer = json!({ "took": 0, "errors": bulk.has_errors, "items": bulk.items });
        Ok(Taken { parts: bulk.parts, yes: Answer::json(StatusCode::OK, &answer).with(PRODUCT) })
    }

    fn refuse(&self, _: &Asked, no: &No) -> Answer {
        let kind = match no.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "security_exception",
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "es_rejected_execution_exception",
            _ => "illegal_argument_exception",
        };
        let error = json!({ "type": kind, "reason": no.why.to_string() });
        Answer::json(no.status, &json!({ "error": error, "status": no.status.as_u16() })).with(PRODUCT)
    }
}

/// What clients ask first.
fn about(path: &str) -> Value {
    match path {
        "/_license" => json!({ "license": { "status": "active", "type": "basic", "uid": "shoseki" } }),
        "/_cluster/health" => json!({ "cluster_name": "shoseki", "status": "green", "timed_out": false }),
        _ => json!({
            "name": "shoseki",
            "cluster_name": "shoseki",
            "cluster_uuid": "shoseki",
            "version": { "number": VERSION, "build_flavor": "default", "lucene_version": "9.12.0",
                "minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0" },
            "tagline": "You Know, for Search",
        }),
    }
}

/// A bulk request, read.
#[derive(Default)]
struct Bulk {
    parts: Vec<Part>,
    items: Vec<Value>,
    has_errors: bool,
}

impl Bulk {
    /// Reads lines by twos; `index` is that of the path.
    fn read(body: &Bytes, index: Option<&String>) -> Result<Self, No> {
        let mut bulk = Self::default();
        let mut lines = lines(body);
        while let Some(line) = lines.next() {
            few(bulk.items.len() + 1)?;
            let action = action(&line).ok_or_else(|| No::malformed(msg!("server-no-bulk-action")))?;
            let (name, about) = action;
            let text = |key: &str| about.get(key).and_then(Value::as_str).map(str::to_owned);
            let index = text("_index").or_else(|| index.cloned());
            let document = if name == "delete" { None } else { lines.next() };
            match (name.as_str(), document, index) {
                ("index" | "create", Some(document), Some(index)) => bulk.add(&name, document, index, text("_id")),
                ("index" | "create", Some(_), None) => {
                    bulk.refuse(&name, msg!("server-no-bulk-index").to_string(), 400);
                }
                ("index" | "create" | "update", None, _) => return Err(No::malformed(msg!("server-no-bulk-document"))),
                ("update" | "delete", ..) => bulk.refuse(&name, msg!("server-bulk-never").to_string(), 403),
                _ => return Err(No::malformed(msg!("server-no-bulk-action"))),
            }
        }
        if bulk.items.is_empty() {
            return Err(No::malformed(msg!("server-no-bulk-action")));
        }
        Ok(bulk)
    }

    fn add(&mut self, action: &str, document: Bytes, index: String, id: Option<String>) {
        let own_id = || format!("{}-{}", Timestamp::now().0, self.items.len());
        let told = id.clone().unwrap_or_else(own_id);
        self.items.push(json!({ action: {
            "_index": index, "_id": told, "_version": 1, "result": "created", "status": 201,
            "_shards": { "total": 1, "successful": 1, "failed": 0 }, "_seq_no": 0, "_primary_term": 1,
        }}));
        let id = id.map(|id| format!("{index}/{id}"));
        let log = Some(index);
        match self.parts.iter_mut().rev().take(8).find(|part| id.is_none() && part.id.is_none() && part.log == log) {
            Some(part) => part.events.push(document),
            None => self.parts.push(Part { source: None, log, id, events: vec![document] }),
        }
    }

    fn refuse(&mut self, action: &str, reason: String, status: u16) {
        self.has_errors = true;
        let error = json!({ "type": "illegal_argument_exception", "reason": reason });
        self.items.push(json!({ action: { "status": status, "error": error } }));
    }
}

/// `{"create":{…}}`: what is to be done, and to what.
fn action(line: &[u8]) -> Option<(String, Map<String, Value>)> {
    let object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let mut members = object.into_iter();
    match (members.next(), members.next()) {
        (Some((name, Value::Object(about))), None) => Some((name, about)),
        _ => None,
    }
}

/// The lines of a body that are not empty.
fn lines(body: &Bytes) -> impl Iterator<Item = Bytes> + '_ {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    lines.map(|line| body.slice_ref(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::tests::{get, post, refused, taken};

    fn bulk(path: &str, body: &str) -> (Vec<Part>, Value) {
        let (parts, yes) = taken(&Elasticsearch, &post(path, &[], body.as_bytes()));
        assert!(yes.headers.contains(&PRODUCT), "the official clients look for it");
        (parts, serde_json::from_slice(&yes.body).unwrap())
    }

    #[test]
    fn an_index_is_a_stream_and_an_id_a_delivery() {
        let (parts, answer) = bulk(
            "/audit/_bulk",
            "{\"index\":{}}\n{\"a\":1}\n{\"create\":{\"_index\":\"other\"}}\n{\"b\":2}\n\n{\"create\":{}}\n {\"a\":3} \r\n\
             {\"index\":{\"_id\":\"x\"}}\n{\"a\":4}\n",
        );
        let part = |log: &str, id: Option<&str>, events: &[&'static str]| Part {
            source: None,
            log: Some(log.to_owned()),
            id: id.map(str::to_owned),
            events: events.iter().map(|event| Bytes::from_static(event.as_bytes())).collect(),
        };
        let expected = [
            part("audit", None, &["{\"a\":1}", "{\"a\":3}"]),
            part("other", None, &["{\"b\":2}"]),
            part("audit", Some("audit/x"), &["{\"a\":4}"]),
        ];
        assert_eq!(parts, expected);
        assert_eq!(answer["errors"], false);
        let statuses: Vec<&Value> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| &i.as_object().unwrap().values().next().unwrap()["status"])
            .collect();
        assert_eq!(statuses, [201, 201, 201, 201]);
        assert_eq!(answer["items"][3]["index"]["_id"], "x");
    }

    #[test]
    fn evidence_is_not_changed() {
        let (parts, answer) = bulk(
            "/_bulk",
            "{\"delete\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"update\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"doc\":{}}\n{\"create\":{}}\n{}\n",
        );
        assert_eq!((parts, &answer["errors"]), (Vec::new(), &json!(true)));
        let status = |at: usize, action: &str| answer["items"][at][action]["status"].as_u64().unwrap();
        assert_eq!([status(0, "delete"), status(1, "update"), status(2, "create")], [403, 403, 400]);
    }

    #[test]
    fn clients_ask_first_and_get_their_mistakes_told() {
        let (parts, yes) = taken(&Elasticsearch, &get("/"));
        assert!(parts.is_empty());
        assert_eq!(serde_json::from_slice::<Value>(&yes.body).unwrap()["version"]["number"], VERSION);
        for body in ["", "{\"index\":{}}", "x\n{}", "{\"index\":{}}\n", "{\"index\":{},\"create\":{}}\n{}"] {
            let answer = refused(&Elasticsearch, &post("/a/_bulk", &[], body.as_bytes()));
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:?}");
            assert!(serde_json::from_slice::<Value>(&answer.body).unwrap()["error"]["reason"].is_string());
        }
    }
}
