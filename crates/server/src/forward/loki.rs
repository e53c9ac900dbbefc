//! Grafana Loki: `POST /loki/api/v1/push`, as JSON. A stream of ours is one of Loki's; who did what stays in the line, since each
//! value of a label would be a stream of its own.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::{Value, json};
use shoseki_messages::Result;

use super::line::Line;
use super::web::Web;
use super::{Most, No, Refused, Target};
use crate::config::{self, Forward};

pub(super) struct Loki {
    web: Web,
    labels: BTreeMap<String, String>,
    has_metadata: bool,
}

impl Loki {
    pub(super) fn of(forward: &Forward, one: &config::Loki) -> Result<Self> {
        let web = Web::of(forward, "Bearer")?.at("/loki/api/v1/push");
        let web = match &one.tenant {
            Some(tenant) => web.with("x-scope-orgid", tenant),
            None => web,
        };
        Ok(Self { web, labels: one.labels.clone(), has_metadata: one.structured_metadata })
    }

    fn body(&self, lines: &[Line]) -> Value {
        let mut streams: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
        for line in lines {
            streams.entry((&line.source, &line.stream)).or_default().push(line);
        }
        let stream = |((source, stream), mut lines): ((&str, &str), Vec<&Line>)| {
            lines.sort_by_key(|line| line.columns.time); // Loki takes what comes in order
            let mut labels = json!({"job": "shoseki", "source": source, "stream": stream});
            for (name, value) in &self.labels {
                labels[name] = json!(value);
            }
            let value = |line: &&Line| {
                let mut value = vec![json!(line.nanoseconds()), json!(line.text)];
                if self.has_metadata {
                    value.push(json!({"record": line.id.to_string()}));
                }
                value
            };
            json!({"stream": labels, "values": lines.iter().map(value).collect::<Vec<_>>()})
        };
        json!({"streams": streams.into_iter().map(stream).collect::<Vec<_>>()})
    }
}

#[async_trait::async_trait]
impl Target for Loki {
    fn most(&self) -> Most {
        Most { records: 1_000, bytes: 1 << 20 }
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        let body = self.body(lines).to_string().into_bytes();
        self.web.post(body, "application/json", true, HeaderMap::new()).await.map(|_| Vec::new())
    }
}
