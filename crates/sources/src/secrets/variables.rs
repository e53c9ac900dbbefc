//! Variables that a container is given: their names say that they are secrets, and stand beside their values.
//!
//! ```text
//! {"requestObject":{"spec":{"containers":[{"name":"web","env":[{"name":"DB_PASSWORD","value":"hunter2"}]}]}}}
//!     password   requestObject.spec.containers.0.env.0.value
//! {"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{…}}}         none: only where it is kept is said
//! ```
//!
//! Whatever has a `name` and a `value` side by side is read so: pods, deployments, jobs, a patch of them, tasks of ECS. What
//! `kubectl apply` keeps of an object is JSON within a text; it is read too, one level deep.

use std::collections::{BTreeMap, BTreeSet};

use super::named::{is_placeholder, is_secret_name, plain};
use super::text::{Place, kind_of_name};
use super::values::{Leaf, leaves};

/// How names of passwords end, in lower case and without what stands between their words.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd"];
/// How names of other secrets end, which are also names of where a secret is kept: what they are given says which.
#[rustfmt::skip] // a few a line
const OTHERS: &[&str] = &[
    "secret", "token", "credential", "credentials", "apikey", "secretkey", "secretkeybase", "secretaccesskey", "privatekey",
    "signingkey", "encryptionkey",
];
/// The least of such a secret.
const LEAST: usize = 8;

/// The values of variables whose names say that they are secrets, by their fields, with their names.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn of(leaves: &[Leaf<'_>]) -> Self {
        let is_of = |leaf: &&Leaf<'_>, key: &str| leaf.is_string && leaf.key == key;
        let names = leaves.iter().filter(|leaf| is_of(leaf, "name"));
        let names: BTreeMap<&str, &str> =
            names.filter_map(|leaf| Some((leaf.field.strip_suffix("name")?, &*leaf.text))).collect();
        let values = leaves.iter().filter(|leaf| is_of(leaf, "value"));
        let secret = values.filter_map(|leaf| {
            let name = names.get(leaf.field.strip_suffix("value")?)?;
            is_secret_variable(name, &leaf.text).then(|| (leaf.field.clone(), (*name).to_owned()))
        });
        Self(secret.collect())
    }

    /// The name of the variable whose value this is, where it is a secret.
    pub(super) fn name(&self, leaf: &Leaf<'_>) -> Option<&str> {
        self.0.get(&leaf.field).map(String::as_str)
    }
}

/// Whether an event may have variables at all.
pub(super) fn may_have(event: &str) -> bool {
    event.contains("name") && event.contains("value")
}

/// The values of such variables in JSON that is a text itself, within their quotes.
pub(super) fn within(text: &str) -> Vec<Place> {
    let Some(leaves) = leaves(text).filter(|_| may_have(text)) else { return Vec::new() };
    let variables = Variables::of(&leaves);
    let place = |leaf: &Leaf<'_>| {
        let name = variables.name(leaf)?;
        Some((leaf.span.start + 1..leaf.span.end.saturating_sub(1), kind_of_name(name, &leaf.text)))
    };
    leaves.iter().filter_map(place).collect()
}

/// Both, in their order; where two overlap, the first counts.
pub(super) fn joined(places: Vec<Place>, others: Vec<Place>) -> Vec<Place> {
    let mut all = places;
    for (range, kind) in others {
        if all.iter().all(|(known, _)| range.end <= known.start || known.end <= range.start) {
            all.push((range, kind));
        }
    }
    all.sort_by_key(|(range, _)| range.start);
    all
}

/// Whether a variable of this name is given a secret.
pub(super) fn is_secret_variable(name: &str, value: &str) -> bool {
    if value.is_empty() || is_placeholder(value) {
        return false;
    }
    let is_path = value.starts_with('/');
    let plain = plain(name);
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    if ends(PASSWORDS) {
        return !is_path; // `PWD` is where a shell is
    }
    // `prod-db` names a secret, and is none.
    let is_random = value.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let is_literal = value.len() >= LEAST && is_random && !is_path && !value.contains("://");
    is_secret_name(name, value) || (ends(OTHERS) && is_literal)
}

/// The columns in which the value of a variable stands alone: its name is not there to be asked.
pub(super) fn is_value_of_variable(column: &str) -> bool {
    let parts: BTreeSet<&str> = column.split('.').collect();
    column.ends_with(".value") && parts.contains("env")
}
