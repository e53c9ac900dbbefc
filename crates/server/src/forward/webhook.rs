//! A URL: lines of JSON are posted to it, signed where there is a secret.
//!
//! ```text
//! {"record":"…","source":"cloudtrail","stream":"…","time":"2026-03-05T00:00:00Z","event":{…}}
//! ```
//!
//! The signature is the HMAC-SHA-256 of the body, in `X-Shoseki-Signature-256: sha256=…`.

use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::value::RawValue;
use shoseki_messages::Result;

use super::line::Line;
use super::web::Web;
use super::{Most, No, Refused, Target};
use crate::config::{self, Forward, Hidden, secret};
use crate::hmac_sha256::mac;

pub(super) struct Webhook {
    web: Web,
    secret: Option<Hidden>,
}

#[derive(Serialize)]
struct Sent<'a> {
    record: String,
    source: &'a str,
    stream: &'a str,
    time: String,
    event: &'a RawValue,
}

impl Webhook {
    pub(super) fn of(forward: &Forward, one: &config::Webhook) -> Result<Self> {
        // It has no protocol but HTTP's: whoever answers so has looked at what was sent.
        let is_unfit = |status: http::StatusCode, _: &str| matches!(status.as_u16(), 400 | 422);
        let web = Web::of(forward, "Bearer")?.refusing(is_unfit);
        Ok(Self { web, secret: secret(None, one.secret_file.as_ref())? })
    }
}

fn body(lines: &[Line]) -> Vec<u8> {
    let mut body = Vec::new();
    for line in lines {
        let sent = Sent {
            record: line.id.to_string(),
            source: &line.source,
            stream: &line.stream,
            time: line.columns.time.to_string(),
            event: &line.json(),
        };
        let _ = serde_json::to_writer(&mut body, &sent); // writing to memory does not fail
        body.push(b'\n');
    }
    body
}

#[async_trait::async_trait]
impl Target for Webhook {
    fn most(&self) -> Most {
        Most { records: 1_000, bytes: 1 << 20 }
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        let (body, mut headers) = (body(lines), HeaderMap::new());
        if let Some(secret) = &self.secret {
            let code = format!("sha256={}", hex::encode(mac(secret.expose().as_bytes(), &body)));
            if let Ok(value) = HeaderValue::from_str(&code) {
                headers.insert("x-shoseki-signature-256", value);
            }
        }
        self.web.post(body, "application/x-ndjson", false, headers).await.map(|_| Vec::new())
    }
}
