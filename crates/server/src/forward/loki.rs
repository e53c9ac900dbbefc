//! Grafana Loki: `POST /loki/api/v1/push`, as JSON. A stream of ours is one of Loki's; who did what stays in the line, since each
//! value of a label would be a stream of its own.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use shoseki_messages::{Lang, Result};

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
        let web = web.refusing(|status, said| status == StatusCode::BAD_REQUEST && is_of_lines(said));
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
        match self.web.post(body, "application/json", true, HeaderMap::new()).await {
            Ok(_) => Ok(Vec::new()),
            Err(No::Unfit(fault, said)) => match ignored(&said) {
                // It took the others: to send halves of them again would only bring what it has.
                Some(count) if count <= lines.len() => {
                    let refused = Refused { at: None, why: fault.chain(Lang::En) };
                    Ok(std::iter::repeat_n(refused, count).collect())
                }
                _ => Err(No::Unfit(fault, said)),
            },
            Err(no) => Err(no),
        }
    }
}

/// Whether Loki refuses lines for what they are, and not us for how we send. It tells by words alone.
fn is_of_lines(said: &str) -> bool {
    const OF_LINES: [&str; 7] = [
        "too far behind",
        "too old",
        "too new",
        "out of order",
        "max entry size",
        "greater_than_max_sample_age",
        "line too long",
    ];
    let said = said.to_ascii_lowercase();
    OF_LINES.iter().any(|words| said.contains(words))
}

/// How many lines Loki says that it ignored of those that it was sent: `… total ignored: 2 out of 10 for stream: …`.
fn ignored(said: &str) -> Option<usize> {
    let counts = said.split("total ignored: ").skip(1).map(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    counts.collect::<Option<Vec<_>>>().filter(|counts| !counts.is_empty()).map(|counts| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loki_says_is_of_lines_or_of_the_set_up() {
        let late = "entry with timestamp 2026-03-05 00:00:00 +0000 UTC ignored, reason: 'entry too far behind, oldest acceptable \
                    timestamp is: 2026-03-05T05:00:00Z', user 'fake', total ignored: 2 out of 10 for stream: {job=\"shoseki\"}";
        assert!(is_of_lines(late));
        assert_eq!(ignored(late), Some(2));
        assert!(is_of_lines("has timestamp too old: 2026-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-19"));
        assert!(is_of_lines(
            "Max entry size '262144' bytes exceeded for stream '{job=\"shoseki\"}' while adding an entry"
        ));
        assert!(!is_of_lines("structured metadata is not allowed for this stream"));
        assert_eq!(ignored("has timestamp too old"), None);
    }
}
