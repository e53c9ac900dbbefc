//! Commits that take evidence out of the table, make that it may go, or say where it is copied to and where it is anchored no more: they
//! carry a statement of the log's key (C2SP signed-note). Any other commit adds, or moves what stays; who can write to the store and has no key can write such
//! a one, and wait for a sealer. One that lets evidence go, to nowhere or to somebody, is refused without the key.
//!
//! ```text
//! commitInfo.shoseki.statement = signed note of
//!     shoseki-expiry/v1                                       or shoseki-erasure/v1, shoseki-configuration/v1
//!     SHA-256(root of the tree of all commits before ‖ the commit's bytes without the statement)
//! ```
//! The root ties it to its place: at another version, or behind other commits, it states nothing.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use shoseki_merkle::Hash;

use super::{Action, Commit, REMOVED_ANCHORS_KEY, REPLICAS_KEY, Table};
use crate::erasure::ERASURE_KEY;
use crate::retention::{HOLD_KEY, RETENTION_KEY};

/// The kind of the statement in a commit that expires files.
const EXPIRY: &str = "shoseki-expiry/v1";
/// The kind of the statement in a commit that erases records.
const ERASURE: &str = "shoseki-erasure/v1";
/// The kind of the statement in a commit that changes the policy, a hold, a request to erase, or the lists of replicas and of removed anchors.
const CONFIGURATION: &str = "shoseki-configuration/v1";

impl Commit {
    /// The kind of the statement that it needs behind a table's configuration; `None` where it may carry none.
    pub fn needed_statement(&self, before: Option<&Table>) -> Option<&'static str> {
        match (&self.action, before) {
            (Action::Expire { .. }, _) => Some(EXPIRY),
            (Action::Erase { .. }, _) => Some(ERASURE),
            (Action::Configure(after), Some(before)) => {
                let is_other = lets_go(&before.configuration) != lets_go(&after.configuration);
                is_other.then_some(CONFIGURATION)
            }
            _ => None,
        }
    }

    /// The kind of the statement that it carries: whether it is needed, and by whom it is, is not looked at.
    pub fn carried_statement(&self) -> Option<(&'static str, &str)> {
        let kind = match self.action {
            Action::Expire { .. } => EXPIRY,
            Action::Erase { .. } => ERASURE,
            _ => CONFIGURATION,
        };
        self.statement.as_deref().map(|statement| (kind, statement))
    }

    /// What its statement signs, behind the tree of this root.
    pub fn stated_hash(&self, root: Hash) -> Hash {
        let bare = Self { statement: None, ..self.clone() };
        Hash(Sha256::new().chain_update(root.0).chain_update(bare.to_bytes()).finalize().into())
    }
}

/// The settings by which evidence may go, be copied, or be anchored no more.
pub(super) fn lets_go(settings: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    let begins = |key: &str| [HOLD_KEY, ERASURE_KEY].iter().any(|beginning| key.starts_with(beginning));
    let is_one = |key: &str| [RETENTION_KEY, REPLICAS_KEY, REMOVED_ANCHORS_KEY].contains(&key) || begins(key);
    settings.iter().filter(|(key, _)| is_one(key)).map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
