//! Web hooks: JSON is posted to a URL, which is a secret and never shown.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use serde_json::Value;
use shoseki_messages::{Fault, Result, msg};

use crate::config::Hidden;

/// How long an answer is waited for.
const WAIT: Duration = Duration::from_secs(20);

/// A web hook.
pub(crate) struct Hook {
    url: Hidden,
}

impl Hook {
    pub(crate) fn of(url: Hidden) -> Self {
        Self { url }
    }

    pub(crate) async fn post(&self, body: &Value) -> Result<()> {
        let failed =
            |error: reqwest::Error| Fault::world(msg!("server-alert-unreachable")).because(error.without_url());
        let client = Client::builder().timeout(WAIT).redirect(Policy::none()).build().map_err(failed)?;
        let request = client.post(self.url.expose()).header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(Fault::world(msg!("server-alert-refused", status = status.as_u16())))
        }
    }
}
