//! What is reached by HTTP: one client, its secrets, and what an answer means.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, StatusCode};
use shoseki_messages::{Fault, Result, msg};
use url::Url;

use super::No;
use crate::config::{self, Forward, Hidden, is_fit, secret};

/// How long an answer is waited for.
const WAIT: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const LONGEST: usize = 16 << 20;
/// How much of an answer is shown.
const SHOWN: usize = 300;

/// A place that is reached by HTTP.
pub(super) struct Web {
    client: Client,
    url: Url,
    headers: HeaderMap,
    user: Option<(String, Hidden)>,
    token: Option<Hidden>,
    /// What stands before the token in `authorization`.
    scheme: &'static str,
    /// Whether a refusal with this status and these words is one of what was sent, and not of how it is set up.
    is_unfit: fn(StatusCode, &str) -> bool,
}

impl Web {
    /// What a forwarder's configuration says.
    ///
    /// # Errors
    /// The caller's mistake where a file cannot be read, or its URL may not be used.
    pub(super) fn of(forward: &Forward, scheme: &'static str) -> Result<Self> {
        let name = forward.name.as_str();
        let unfit = || Fault::caller(msg!("server-config-forward-plain", name = name));
        let config::Web { url, url_file, ca, plain_text, token_file, user } = forward.web().ok_or_else(unfit)?;
        let url = secret(Some(&url), url_file.as_ref())?.unwrap_or_default();
        if !is_fit(url.expose(), plain_text) {
            return Err(unfit());
        }
        let url = Url::parse(url.expose()).map_err(|_| unfit())?;
        let mut client = Client::builder().timeout(WAIT).redirect(Policy::none());
        if let Some(path) = &ca {
            client = client.tls_built_in_root_certs(false); // these, and none of this machine's
            let shown = path.display().to_string();
            let unreadable = || Fault::caller(msg!("server-pem", path = shown.as_str()));
            let pem = std::fs::read(path).map_err(|error| unreadable().because(error))?;
            let authorities = Certificate::from_pem_bundle(&pem).map_err(|error| unreadable().because(error))?;
            client = authorities.into_iter().fold(client, reqwest::ClientBuilder::add_root_certificate);
        }
        let client = client.build().map_err(|error| Fault::caller(msg!("server-tls")).because(error))?;
        let user = match user {
            Some((user, file)) => Some((user, secret(None, file.as_ref())?.unwrap_or_default())),
            None => None,
        };
        let token = secret(None, token_file.as_ref())?;
        let is_unfit = |status, _: &str| status == StatusCode::PAYLOAD_TOO_LARGE;
        Ok(Self { client, url, headers: HeaderMap::new(), user, token, scheme, is_unfit })
    }

    /// The same, where more than a body that is too large is a refusal of what was sent. A mistake in how a target is set up must
    /// not pass for one: all would be passed over.
    pub(super) fn refusing(self, is_unfit: fn(StatusCode, &str) -> bool) -> Self {
        Self { is_unfit, ..self }
    }

    /// The same with a path, unless the URL has one.
    pub(super) fn at(mut self, path: &str) -> Self {
        if self.url.path().trim_end_matches('/').is_empty() {
            self.url.set_path(path);
        }
        self
    }

    /// The same with a header, unless its value is none.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Posts a body, compressed where the other side takes that, and gives the answer.
    ///
    /// # Errors
    /// Where it did not say yes.
    pub(super) async fn post(
        &self,
        body: Vec<u8>,
        kind: &str,
        is_compressed: bool,
        own: HeaderMap,
    ) -> Result<Vec<u8>, No> {
        let mut request = self.client.post(self.url.clone()).headers(self.headers.clone()).headers(own);
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, Some(password.expose()));
        }
        if let Some(token) = &self.token {
            let value = HeaderValue::from_str(&format!("{} {}", self.scheme, token.expose()));
            let mut value = value.map_err(|_| No::Later(Fault::caller(msg!("server-forward-token")), None))?;
            value.set_sensitive(true);
            request = request.header(reqwest::header::AUTHORIZATION, value);
        }
        let body = if is_compressed {
            request = request.header(CONTENT_ENCODING, "gzip");
            compressed(&body)
                .map_err(|error| No::Later(Fault::broken(msg!("server-forward-body")).because(error), None))?
        } else {
            body
        };
        let at = self.shown();
        let unreachable = |error: reqwest::Error| {
            let fault = Fault::world(msg!("server-forward-unreachable", at = at.as_str()));
            No::Later(fault.because(error.without_url()), None)
        };
        let answer = request.header(CONTENT_TYPE, kind).body(body).send().await.map_err(unreachable)?;
        let (status, after) = (answer.status(), retry_after(answer.headers()));
        let said = bounded(answer).await.map_err(unreachable)?;
        self.judge(status, after, said)
    }

    /// What an answer means.
    fn judge(&self, status: StatusCode, after: Option<Duration>, said: Vec<u8>) -> Result<Vec<u8>, No> {
        if status.is_success() {
            return Ok(said);
        }
        let said = String::from_utf8_lossy(&said);
        let is_unfit = status == StatusCode::PAYLOAD_TOO_LARGE || (self.is_unfit)(status, &said);
        let (at, shown) = (self.shown(), said.chars().filter(|c| !c.is_control()).take(SHOWN).collect::<String>());
        let fault = Fault::world(msg!("server-forward-answered", at = at, status = status.as_u16(), said = shown));
        if is_unfit { Err(No::Unfit(fault, said.into_owned())) } else { Err(No::Later(fault, after)) }
    }

    /// What may be shown of where it is.
    fn shown(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

async fn bounded(mut answer: reqwest::Response) -> reqwest::Result<Vec<u8>> {
    let mut said = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        let room = LONGEST - said.len();
        said.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
        if said.len() == LONGEST {
            break;
        }
    }
    Ok(said)
}

fn compressed(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 6), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Config;

    /// What a target of this configuration makes of an answer: whether it was a yes, or else whether what was sent is unfit.
    pub(in crate::forward) fn judged(web: &Web, status: u16, said: &str) -> Result<(), bool> {
        let status = StatusCode::from_u16(status).unwrap();
        match web.judge(status, None, said.as_bytes().to_vec()) {
            Ok(_) => Ok(()),
            Err(No::Unfit(..)) => Err(true),
            Err(No::Later(..)) => Err(false),
        }
    }

    /// The forwarder of a configuration.
    pub(in crate::forward) fn forward_of(target: &str) -> Forward {
        let text = format!("[[forward]]\nname = \"a\"\n{target}\n");
        Config::parse(&text, "shoseki.toml").unwrap().forwards.remove(0)
    }

    #[test]
    fn a_mistake_in_the_set_up_passes_nothing_over() {
        let web = Web::of(&forward_of("[forward.loki]\nurl = \"https://a\""), "Bearer").unwrap();
        for status in [200, 204] {
            assert_eq!(judged(&web, status, ""), Ok(()));
        }
        for status in [301, 400, 401, 403, 404, 408, 422, 429, 500, 503] {
            assert_eq!(judged(&web, status, ""), Err(false), "{status}");
        }
        assert_eq!(judged(&web, 413, ""), Err(true));
    }
}
