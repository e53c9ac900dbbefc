//! Subjects: what an incident is about. What was typed says what it is: an address, an access key, a session, a role, a user, a
//! service account of Kubernetes, a name, or a resource.
//!
//! ```text
//! 203.0.113.77                                                address
//! AKIAEXAMPLEAIKO, ASIA…                                      key
//! arn:aws:sts::111122223333:assumed-role/worker/i-0a1b        session
//! arn:aws:iam::111122223333:role/worker                       role
//! arn:aws:iam::111122223333:user/aiko                         user
//! system:serviceaccount:shop:worker                           service_account
//! aiko                                                        name
//! resource:hinode-customers, pod:shop/web-0, i-0a1b2c3d       resource
//! ```

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Lang, Result, lookup, msg};

/// The longest subject, in bytes.
const LONGEST: usize = 2_048;

/// What a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An address of a network.
    Address,
    /// An access key of AWS, of a user or of a session.
    Key,
    /// A session of a role.
    Session,
    /// A role of IAM.
    Role,
    /// A user of IAM, or the account's root.
    User,
    /// A service account of Kubernetes.
    ServiceAccount,
    /// A name: of a user in Kubernetes, in a database, in an application.
    Name,
    /// A resource.
    Resource,
}

impl Kind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Key => "key",
            Self::Session => "session",
            Self::Role => "role",
            Self::User => "user",
            Self::ServiceAccount => "service_account",
            Self::Name => "name",
            Self::Resource => "resource",
        }
    }

    /// The word for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("incident-kind-{}", self.name().replace('_', "-")), lang).unwrap_or_default()
    }
}

/// A subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Its name, as evidence has it.
    pub value: String,
}

impl Subject {
    /// Of a kind that is known.
    pub fn new(kind: Kind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }

    /// What somebody typed, or what a record has.
    ///
    /// # Errors
    /// The caller's mistake: nothing, more than two kilobytes, or letters that are none.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
            return Err(Fault::caller(msg!("incident-subject-unreadable")));
        }
        if let Some((head, rest)) = text.split_once(':').filter(|(_, rest)| !rest.is_empty()) {
            match head {
                "resource" => return Ok(Self::new(Kind::Resource, rest)),
                "name" => return Ok(Self::new(Kind::Name, rest)),
                "pod" => return Ok(Self::new(Kind::Resource, pod(rest))),
                _ => {}
            }
        }
        Ok(Self::new(kind(text), text))
    }

    /// What a record calls it, and what follows the last `/` or `:` of it.
    pub fn last_part(&self) -> &str {
        self.value.rsplit(['/', ':']).next().unwrap_or(&self.value)
    }

    /// The account that its ARN names.
    pub fn account(&self) -> Option<&str> {
        self.value.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3)).filter(|account| !account.is_empty())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// `shop/web-0` as the column `resource` has pods: `shop/pods/web-0`.
fn pod(text: &str) -> String {
    match text.split_once('/') {
        Some((namespace, name)) if !name.contains('/') => format!("{namespace}/pods/{name}"),
        _ => text.to_owned(),
    }
}

fn kind(text: &str) -> Kind {
    if text.parse::<IpAddr>().is_ok() {
        return Kind::Address;
    }
    let is_key = ["AKIA", "ASIA"].iter().any(|head| text.starts_with(head))
        && text.len() >= 12
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_key {
        return Kind::Key;
    }
    if text.starts_with("system:serviceaccount:") {
        return Kind::ServiceAccount;
    }
    if text.starts_with("arn:") {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let (service, resource) = (parts.get(2).copied(), parts.get(5).copied().unwrap_or_default());
        return match service {
            Some("sts") if resource.starts_with("assumed-role/") || resource.starts_with("federated-user/") => {
                Kind::Session
            }
            Some("iam") if resource.starts_with("role/") => Kind::Role,
            Some("iam") if resource.starts_with("user/") || resource == "root" => Kind::User,
            _ => Kind::Resource,
        };
    }
    let is_id = ["i-", "sg-", "vpc-", "subnet-", "vol-", "snap-", "ami-", "eni-"].iter().any(|head| {
        text.strip_prefix(head).is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    if is_id || text.contains('/') { Kind::Resource } else { Kind::Name }
}
