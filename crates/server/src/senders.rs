//! Who sends: by a token, of which only the hash is kept, or by a certificate; and how often.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use crate::config;

/// A sender, and how many requests it may still make.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) config: config::Sender,
    allowance: Option<Mutex<Allowance>>,
}

/// A bucket of requests that fills by time: ten seconds' worth at most.
#[derive(Debug)]
struct Allowance {
    requests: f64,
    since: Instant,
}

/// How many seconds of requests may come at once.
const BURST: f64 = 10.0;

impl Sender {
    fn new(config: config::Sender) -> Self {
        let full = |rate: u32| Mutex::new(Allowance { requests: f64::from(rate) * BURST, since: Instant::now() });
        Self { allowance: config.requests_per_second.map(full), config }
    }

    /// Whether it may use a receiver.
    pub(crate) fn may_use(&self, receiver: &str) -> bool {
        self.config.receivers.iter().any(|allowed| allowed == receiver)
    }

    /// Takes one request out of its allowance. `false` where nothing is left.
    pub(crate) fn may_go_on(&self) -> bool {
        let (Some(allowance), Some(rate)) = (&self.allowance, self.config.requests_per_second) else { return true };
        let mut allowance = allowance.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, rate) = (Instant::now(), f64::from(rate));
        let gained = now.duration_since(allowance.since).as_secs_f64() * rate;
        allowance.requests = (allowance.requests + gained).min(rate * BURST);
        allowance.since = now;
        let is_left = allowance.requests >= 1.0;
        allowance.requests -= f64::from(u8::from(is_left));
        is_left
    }
}

/// All senders, by the hashes of what they show.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    by_hash: HashMap<String, Arc<Sender>>,
}

impl Senders {
    pub(crate) fn new(all: &[config::Sender]) -> Self {
        let mut by_hash = HashMap::new();
        for config in all {
            let sender = Arc::new(Sender::new(config.clone()));
            for hash in [&config.token_sha256, &config.certificate_sha256].into_iter().flatten() {
                by_hash.insert(hash.clone(), Arc::clone(&sender));
            }
        }
        Self { by_hash }
    }

    /// Who shows one of these tokens, or this certificate's SHA-256. A token is looked up by its hash: how long that takes says
    /// nothing of the token.
    pub(crate) fn who(&self, tokens: &[String], certificate: Option<&str>) -> Option<Arc<Sender>> {
        let hashes = tokens.iter().map(|token| hex::encode(Sha256::digest(token)));
        hashes.chain(certificate.map(str::to_owned)).find_map(|hash| self.by_hash.get(&hash).cloned())
    }
}

/// The tokens that a request shows, each as its sender can carry it: `Bearer`, `Splunk` or `ApiKey`, as the password of `Basic`,
/// as Firehose's access key.
pub(crate) fn tokens(headers: &HeaderMap) -> Vec<String> {
    let mut found = Vec::new();
    let firehose = headers.get("x-amz-firehose-access-key");
    found.extend(firehose.and_then(|value| value.to_str().ok()).map(str::to_owned));
    for value in headers.get_all(AUTHORIZATION) {
        let Some((scheme, rest)) = value.to_str().ok().and_then(|value| value.trim().split_once(' ')) else { continue };
        let rest = rest.trim();
        let after_colon = || {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(rest).ok()?).ok()?;
            decoded.split_once(':').map(|(_, secret)| secret.to_owned())
        };
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "splunk" => found.push(rest.to_owned()),
            "basic" => found.extend(after_colon()),
            "apikey" => {
                found.push(rest.to_owned());
                found.extend(after_colon());
            }
            _ => {}
        }
    }
    found
}

/// Takes a secret out of a path, where the sender can carry it nowhere else: `/t/<token>/falco` is `/falco`.
pub(crate) fn of_path(path: &str) -> (Option<String>, &str) {
    let Some(rest) = path.strip_prefix("/t/") else { return (None, path) };
    match rest.find('/') {
        Some(end) => (Some(rest[..end].to_owned()), &rest[end..]),
        None => (Some(rest.to_owned()), "/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: &'static str, value: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header, value.parse().unwrap());
        tokens(&headers)
    }

    #[test]
    fn each_sender_carries_its_token_as_it_can() {
        assert_eq!(shown("authorization", "Bearer abc"), ["abc"]);
        assert_eq!(shown("authorization", "Splunk abc"), ["abc"]);
        assert_eq!(shown("authorization", "Basic dXNlcjphYmM="), ["abc"]);
        assert_eq!(shown("authorization", "ApiKey aWQ6YWJj"), ["aWQ6YWJj", "abc"]);
        assert_eq!(shown("x-amz-firehose-access-key", "abc"), ["abc"]);
        assert_eq!(shown("authorization", "Basic !"), [""; 0]);
        assert_eq!(of_path("/t/abc/falco"), (Some("abc".to_owned()), "/falco"));
        assert_eq!(of_path("/t/abc"), (Some("abc".to_owned()), "/"));
        assert_eq!(of_path("/falco"), (None, "/falco"));
    }

    #[test]
    fn an_allowance_ends() {
        let config = config::Sender {
            secret: None,
            secret_file: None,
            name: "a".to_owned(),
            token_sha256: Some(hex::encode(Sha256::digest("abc"))),
            certificate_sha256: None,
            receivers: vec!["falco".to_owned()],
            source: None,
            stream: None,
            requests_per_second: Some(1),
        };
        let senders = Senders::new(&[config]);
        assert!(senders.who(&["abd".to_owned()], None).is_none());
        let sender = senders.who(&["abc".to_owned()], None).unwrap();
        assert!(sender.may_use("falco") && !sender.may_use("ndjson"));
        let allowed = (0..100).take_while(|_| sender.may_go_on()).count();
        assert!((10..15).contains(&allowed), "{allowed}");
    }
}
