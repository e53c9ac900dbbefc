//! Secrets in a text, by how they look and by what stands before them.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use regex::Regex;

use super::SecretKind as Kind;
use super::card::known_cards;
use super::named::{is_placeholder, is_secret_name};

/// Where in a text a secret of a kind stands.
pub(super) type Place = (Range<usize>, Kind);

/// The most places of one text.
const MOST: usize = 1_000;

/// Patterns whose first group, or else the whole, is the secret.
const PATTERNS: &[(Kind, &str)] = &[
    (
        Kind::PrivateKey,
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:[^-]|-[^-])*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?",
    ),
    (Kind::Jwt, r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    (Kind::AwsSecretKey, r"\bA[KS]IA[A-Z2-7]{16}[^A-Za-z0-9]{1,8}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"),
    (Kind::SignedUrl, r"[Xx]-[Aa]mz-[Ss]ignature=([0-9a-f]{64})\b"),
    (Kind::GithubToken, r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b"),
    (Kind::GitlabToken, r"\bglpat-[A-Za-z0-9_-]{20,64}"),
    (Kind::NpmToken, r"\bnpm_[A-Za-z0-9]{36}\b"),
    (
        Kind::SlackToken,
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|hooks\.slack\.com/services/(T[A-Za-z0-9_]{4,20}/B[A-Za-z0-9_]{4,20}/[A-Za-z0-9_]{16,40})",
    ),
    (Kind::GoogleKey, r"\bAIza[0-9A-Za-z_-]{35}"),
    (Kind::StripeKey, r"\bsk_live_[A-Za-z0-9]{16,250}\b"),
];

/// What sees secrets in texts.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    patterns: Vec<(Kind, Regex)>,
    authorization: Regex,
    url: Regex,
    sql: Regex,
    named: Regex,
}

impl Texts {
    pub(super) fn new() -> Result<Self, regex::Error> {
        let patterns = PATTERNS.iter().map(|(kind, pattern)| Ok((*kind, Regex::new(pattern)?)));
        Ok(Self {
            patterns: patterns.collect::<Result<_, regex::Error>>()?,
            authorization: Regex::new(r"(?i)\b(bearer|basic)\s+([A-Za-z0-9._~+/=-]{16,4096})")?,
            url: Regex::new(r#"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@"'<>?#]{0,256}:([^\s/@"'<>?#]{1,256})@"#)?,
            sql: Regex::new(r"(?i)\b(?:identified\s+by|password)\s+(?:as\s+)?'((?:[^'\\]|''|\\.){1,256})'")?,
            named: Regex::new(
                r#"\b([A-Za-z][A-Za-z0-9_-]{2,63})["']{0,2}\s?(=|:)\s?["']?([^\s"'&,;{}\[\]()]{4,4096})"#,
            )?,
        })
    }

    /// The secrets of a text, in their order; none overlaps another.
    pub(super) fn places(&self, text: &str) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        let mut take = |range: Range<usize>, kind| {
            let is_new = places.iter().all(|(known, _)| range.end <= known.start || known.end <= range.start);
            if is_new && places.len() < MOST {
                places.push((range, kind));
            }
        };
        for (kind, pattern) in &self.patterns {
            for found in pattern.captures_iter(text) {
                if let Some(secret) = found.get(1).or_else(|| found.get(0)) {
                    let is_of_service_account = *kind == Kind::Jwt && is_of_service_account(secret.as_str());
                    take(secret.range(), if is_of_service_account { Kind::ServiceAccountToken } else { *kind });
                }
            }
        }
        for found in self.authorization.captures_iter(text) {
            if let (Some(scheme), Some(secret)) = (found.get(1), found.get(2))
                && is_credential(scheme.as_str(), secret.as_str())
            {
                take(secret.range(), Kind::Authorization);
            }
        }
        for (kind, pattern) in [(Kind::UrlPassword, &self.url), (Kind::SqlPassword, &self.sql)] {
            for secret in pattern.captures_iter(text).filter_map(|found| found.get(1)) {
                if !is_placeholder(secret.as_str()) {
                    take(secret.range(), kind);
                }
            }
        }
        for found in self.named.captures_iter(text) {
            if let (Some(name), Some(sign), Some(secret)) = (found.get(1), found.get(2), found.get(3))
                && is_named_secret(name.as_str(), sign.as_str(), secret.as_str())
            {
                take(secret.range(), kind_of_name(name.as_str(), secret.as_str()));
            }
        }
        for card in known_cards(text) {
            take(card, Kind::CardNumber);
        }
        places.sort_by_key(|(range, _)| range.start);
        places
    }
}

/// What the value of a name that says so is.
pub(super) fn kind_of_name(name: &str, secret: &str) -> Kind {
    let is_aws = secret.len() == 40 && name.to_ascii_lowercase().contains("access");
    if is_aws { Kind::AwsSecretKey } else { Kind::Password }
}

/// Whether a name and its value in a text are a secret. In prose a colon stands behind many a word: there the value must
/// have a digit or a sign.
fn is_named_secret(name: &str, sign: &str, value: &str) -> bool {
    let is_prose = sign == ":" && value.chars().all(|c| c.is_alphabetic() || c == '.');
    is_secret_name(name, value) && !is_prose && !is_placeholder(value)
}

/// Whether what stands behind `Bearer` or `Basic` is a credential, and not the next word.
fn is_credential(scheme: &str, secret: &str) -> bool {
    if scheme.eq_ignore_ascii_case("basic") {
        return STANDARD.decode(secret).is_ok_and(|decoded| decoded.contains(&b':'));
    }
    secret.bytes().any(|byte| byte.is_ascii_digit()) && secret.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether a token names a Kubernetes service account.
fn is_of_service_account(token: &str) -> bool {
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    payload.is_some_and(|payload| {
        let has = |needle: &[u8]| memchr::memmem::find(&payload, needle).is_some();
        has(b"kubernetes.io") || has(b"system:serviceaccount:")
    })
}
