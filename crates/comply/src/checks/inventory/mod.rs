//! Checks of what exists against what speaks: each says of every resource of a kind which stream it would speak in, and when that spoke
//! last. A check is one file here and one word in `CHECKS`.

pub(super) mod account_speaks;
pub(super) mod bucket_speaks;
pub(super) mod cluster_speaks;
pub(super) mod database_speaks;
pub(super) mod recorder_speaks;

use super::{Check, Severity, Status};
use crate::inventory::{Habit, Heard, Listening, Speech};
use crate::settings::{Kind, Resource};

/// A stream as one names it who does not know under which sender it comes.
fn somewhere(source: &str, rest: &str) -> String {
    format!("{source}/…/{rest}")
}

/// How many of a kind are called so: a stream that has the name alone does not tell them apart.
fn namesakes(at: &Listening<'_>, kind: Kind, name: &str) -> usize {
    let name_of = |resource: &Resource| {
        let cluster = resource.cluster().and_then(|cluster| cluster.name.known());
        cluster.or_else(|| resource.database().and_then(|database| database.name.known())).cloned()
    };
    at.resources(kind).filter(|resource| name_of(resource).as_deref() == Some(name)).count()
}
