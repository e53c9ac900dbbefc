//! Secrets that stand where none belong: tokens, passwords, keys and card numbers in the bodies of events. They are seen, so
//! that they can be told and masked; what is told of one never holds it.
//!
//! ```text
//! {"responseObject":{"kind":"Secret","data":{"password":"aHVudGVyMg=="}}}
//!     kubernetes-secret   responseObject.data.password
//! {"message":"GET /x Authorization: Bearer eyJhbGciOi…"}
//!     jwt                 message                         fingerprint 5d41402a
//! ```
//!
//! An event is first asked, in one pass over its bytes, whether it can have any ([`Secrets::may_have`]); few do. Those are
//! walked through value by value, so that each secret is named by its field. All patterns take time in proportion to the
//! text; of one event at most [`MOST`] secrets are told.
//!
//! A variable of a container is told by its name, which stands beside its value (`variables`).
//!
//! An identifier is no secret: access key ids alone are not told, and neither are the session tokens that CloudTrail
//! records, which nobody can use without the key that it leaves out.

mod bodies;
mod card;
mod kind;
mod masked;
mod named;
mod text;
mod values;
mod variables;

pub use card::{cards, masked_cards};
pub use kind::SecretKind;

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use shoseki_messages::{Fault, Result, msg};

use text::Texts;

/// The most secrets that are told of one event.
pub const MOST: usize = 1_000;
/// Which secrets are seen and how they are masked: who masks again later must do the same.
pub const VERSION: u32 = 2;
/// The version in which variables of containers were not read yet.
const WITHOUT_VARIABLES: u32 = 1;

/// A secret, without what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// What it is.
    pub kind: SecretKind,
    /// The field that it stands in, as a query names it; `@message` in an event that is no JSON.
    pub field: String,
    /// The first eight hexadecimal digits of its SHA-256, by which the same secret is known elsewhere; `None` for what could
    /// be guessed from them: passwords, card numbers, values of Kubernetes secrets.
    pub fingerprint: Option<String>,
}

/// What sees secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    may_have: Regex,
    body: Regex,
    version: u32,
    texts: Texts,
}

/// What an event with a secret has somewhere. Everything that is looked for later is found by one of these, also where JSON
/// writes `/` or an end of line with a backslash.
const SIGNS: &[&str] = &[
    r"eyJ[A-Za-z0-9_-]{8}",
    r"A[KS]IA[A-Z2-7]{16}(?:[^A-Za-z0-9]|\\[nrt]){1,32}[A-Za-z0-9/+\\]{40}",
    r"PRIVATE KEY-----",
    r"gh[pousr]_|github_pat_|glpat-|npm_[A-Za-z0-9]|sk_live_|AIza[0-9A-Za-z_-]|xox[abeoprs]-|hooks\.slack\.com",
    r":(?:\\?/){2}[^/@\s]*:[^/@\s]+@",
    r"[Xx]-[Aa]mz-[Ss]ignature=",
    r"(?i:passw|passphrase|pwd|api[_-]?key|access[_-]?token|refresh[_-]?token|auth[_-]?token|bearer[_-]?token|bearer\s|basic\s)",
    r#"(?i:private[_-]?key|identified\s+by|\btoken[\\"']{0,6}\s?[=:])"#,
    // `secretsmanager` and `arn:…:secret:…` stand in many an event.
    r"(?i:(?:client|api|consumer|signing|webhook)[_-]?secret|secret[_-]?(?:access[_-]?)?(?:key|string))",
    r"\b[2-6](?:[ -]?[0-9]){13}",
    // Variables of containers: the name beside a value.
    r#"(?i:\bname[\\"'\s:]{1,12}[a-z0-9_.-]*(?:secret|token|[a-z]_?key|key_?base|credentials?)[\\"'])"#,
];

/// What the body of a Kubernetes secret has: its kind, or the resource of the call.
const BODY: &str = r#""kind"\s*:\s*"Secret(?:List)?"|"resource"\s*:\s*"secrets""#;

impl Secrets {
    /// What sees all kinds. It is made once.
    ///
    /// # Errors
    /// Our own broken invariant: the patterns can be read.
    pub fn all() -> Result<&'static Self> {
        static MADE: OnceLock<std::result::Result<Secrets, regex::Error>> = OnceLock::new();
        made(MADE.get_or_init(|| Self::new(VERSION)))
    }

    /// What sees the kinds that those of a version saw, in the same way; `None` where the version is not known.
    ///
    /// # Errors
    /// Our own broken invariant: the patterns can be read.
    pub fn of_version(version: u32) -> Result<Option<&'static Self>> {
        static EARLIER: OnceLock<std::result::Result<Secrets, regex::Error>> = OnceLock::new();
        match version {
            VERSION => Self::all().map(Some),
            WITHOUT_VARIABLES => made(EARLIER.get_or_init(|| Self::new(WITHOUT_VARIABLES))).map(Some),
            _ => Ok(None),
        }
    }

    fn new(version: u32) -> std::result::Result<Self, regex::Error> {
        // Of bytes: letters beyond ASCII would make it several times as slow.
        // The last came with the variables.
        let signs =
            if version > WITHOUT_VARIABLES { SIGNS } else { SIGNS.split_last().map_or(SIGNS, |(_, first)| first) };
        let signs = RegexBuilder::new(&signs.join("|")).unicode(false).build()?;
        Ok(Self { may_have: signs, body: Regex::new(BODY)?, version, texts: Texts::new()? })
    }

    /// Whether variables of containers are read.
    fn reads_variables(&self) -> bool {
        self.version > WITHOUT_VARIABLES
    }

    /// Whether an event can have a secret. Where it says no, there is none that would be told.
    pub fn may_have(&self, event: &[u8]) -> bool {
        self.may_have.is_match(event) || self.body.is_match(event)
    }

    /// The secrets of an event, by their kinds and their fields.
    pub fn find(&self, event: &[u8]) -> Vec<Secret> {
        if !self.may_have(event) {
            return Vec::new();
        }
        let text = String::from_utf8_lossy(event);
        let mut found = Vec::new();
        for (field, seen) in values::seen(self, &text) {
            for (range, kind) in seen.places {
                if found.len() >= MOST {
                    break;
                }
                let secret = seen.text.get(range).unwrap_or_default();
                found.push(Secret { kind, field: field.clone(), fingerprint: kind.fingerprint(secret) });
            }
        }
        found.sort();
        found
    }

    /// The kinds of secrets in a text or an event, each once, in their order.
    pub fn kinds(&self, event: &str) -> Vec<SecretKind> {
        let mut kinds: Vec<SecretKind> = self.find(event.as_bytes()).into_iter().map(|secret| secret.kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// The secrets of a value by how they look. Most values have no sign of any, which is known in one pass.
    fn places(&self, text: &str) -> Vec<text::Place> {
        if self.may_have.is_match(text.as_bytes()) { self.texts.places(text) } else { Vec::new() }
    }

    fn may_be_body(&self, event: &[u8]) -> bool {
        self.body.is_match(event)
    }
}

fn made(made: &'static std::result::Result<Secrets, regex::Error>) -> Result<&'static Secrets> {
    made.as_ref().map_err(|error| Fault::broken(msg!("sources-secrets-own")).because(error.to_string()))
}

#[cfg(test)]
mod tests;
