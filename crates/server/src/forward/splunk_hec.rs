//! Splunk's HTTP event collector: `POST /services/collector/event`, events one after another.

use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use shoseki_messages::Result;

use super::line::Line;
use super::web::Web;
use super::{Most, No, Refused, Target};
use crate::config::{self, Forward};

pub(super) struct SplunkHec {
    web: Web,
    index: Option<String>,
}

#[derive(Serialize)]
struct Sent<'a> {
    /// Seconds since 1970, to the microsecond.
    time: String,
    host: &'static str,
    source: &'a str,
    sourcetype: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'a str>,
    event: &'a RawValue,
    fields: Fields,
}

#[derive(Serialize)]
struct Fields {
    record: String,
}

impl SplunkHec {
    pub(super) fn of(forward: &Forward, one: &config::SplunkHec) -> Result<Self> {
        let web = Web::of(forward, "Splunk")?.at("/services/collector/event").refusing(is_unfit);
        Ok(Self { web, index: one.index.clone() })
    }

    fn body(&self, lines: &[Line]) -> Vec<u8> {
        let mut body = Vec::new();
        for line in lines {
            let micros = line.columns.time.0;
            let sent = Sent {
                time: format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)),
                host: "shoseki",
                source: &line.stream,
                sourcetype: format!("shoseki:{}", line.source),
                index: self.index.as_deref(),
                event: &line.json(),
                fields: Fields { record: line.id.to_string() },
            };
            let _ = serde_json::to_writer(&mut body, &sent); // writing to memory does not fail
            body.push(b'\n');
        }
        body
    }
}

/// Splunk says by a code of its own what it refuses: no data, no valid data, no event, an empty one, wrong fields. Others, such as a
/// wrong index, a token that is off or wants a channel, are of the set-up.
fn is_unfit(status: http::StatusCode, said: &str) -> bool {
    let code = serde_json::from_str::<serde_json::Value>(said).ok().and_then(|said| said["code"].as_u64());
    status == http::StatusCode::BAD_REQUEST && matches!(code, Some(5 | 6 | 12 | 13 | 15))
}

#[async_trait::async_trait]
impl Target for SplunkHec {
    fn most(&self) -> Most {
        Most { records: 1_000, bytes: 768 << 10 } // Splunk Cloud takes a megabyte
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        self.web.post(self.body(lines), "application/json", true, HeaderMap::new()).await.map(|_| Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use crate::forward::web::Web;
    use crate::forward::web::tests::{forward_of, judged};

    #[test]
    fn a_wrong_index_is_not_the_events_fault() {
        let target = "[forward.splunk-hec]\nurl = \"https://a\"\ntoken_file = \"token\"";
        let mut forward = forward_of(target);
        forward.splunk_hec.as_mut().unwrap().token_file = None;
        let web = Web::of(&forward, "Splunk").unwrap().refusing(super::is_unfit);
        assert_eq!(judged(&web, 400, r#"{"text":"Incorrect index","code":7}"#), Err(false));
        assert_eq!(judged(&web, 400, r#"{"text":"Data channel is missing","code":10}"#), Err(false));
        assert_eq!(judged(&web, 400, r#"{"text":"Invalid data format","code":6,"invalid-event-number":0}"#), Err(true));
        assert_eq!(judged(&web, 400, "<html>"), Err(false));
    }
}
