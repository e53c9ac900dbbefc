//! What an erasure does not reach by itself, and when that ends: older versions in a bucket, replicas, what was handed out, what
//! shoseki itself noted, and where the evidence came from.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use shoseki_aws::Caller;
use shoseki_aws::versions::{Lock, Version, Versions};
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_segment::erasure::Request;
use shoseki_segment::layout;
use shoseki_vault::erase::Plan;
use shoseki_vault::{Snapshot, Vault};

use super::super::query::{fault, newest};
use crate::context::Context;
use crate::output;

/// How many objects of a bucket are named one by one.
const NAMED: usize = 20;

/// What is not reached.
#[derive(Debug)]
pub(super) struct Unreached {
    /// What it is, for programs.
    what: &'static str,
    /// Where it is.
    place: String,
    /// How many.
    count: u64,
    /// When it ends by itself, where that is known.
    until: Option<String>,
    /// What there is to say of it.
    message: Message,
}

impl Unreached {
    fn new(what: &'static str, place: impl Into<String>, count: u64, message: Message) -> Self {
        Self { what, place: place.into(), count, until: None, message }
    }
}

pub(super) fn as_json(all: &[Unreached]) -> Value {
    let of = |one: &Unreached| {
        json!({
            "what": one.what, "place": one.place, "count": one.count, "until": one.until,
            "message": one.message.text(Lang::En),
        })
    };
    all.iter().map(of).collect()
}

pub(super) fn print(context: &Context, all: &[Unreached]) {
    if all.is_empty() {
        return;
    }
    context.say(&msg!("cli-erase-unreached"));
    for one in all {
        output::line(&format!("- {}", one.message.text(context.lang)));
    }
}

/// Before it is done: nothing is deleted.
pub(super) async fn before(
    context: &Context,
    vault: &Arc<Vault>,
    snapshot: &Snapshot,
    plan: &Plan,
) -> Result<Vec<Unreached>> {
    if plan.count() == 0 {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    if let Some((bucket, prefix)) = bucket(vault) {
        let segments = plan.records().into_keys().collect();
        let mut names = vault.files_that_had(snapshot, &segments, u64::MAX).await?;
        names.extend(plan.parts.iter().map(|part| format!("{}/{}", layout::EVENTS, part.file.add.path())));
        names.extend(plan.originals.keys().map(|sha256| layout::original(sha256)));
        all = locked(&Versions::of(&Caller::default(), bucket).await, prefix, &names).await;
    }
    all.extend(elsewhere(context, vault, snapshot).await?);
    Ok(all)
}

/// Behind a request that was done: older versions are deleted where that is allowed.
pub(super) async fn after(
    context: &Context,
    vault: &Arc<Vault>,
    request: &Request,
    version: u64,
) -> Result<Vec<Unreached>> {
    let snapshot = vault.snapshot().await?;
    let mut all = Vec::new();
    if let Some((bucket, prefix)) = bucket(vault) {
        let unreadable = |why: String| Fault::damage(msg!("retention-unreadable", why = why));
        let segments = request.erased().map_err(unreadable)?.into_keys().collect();
        let mut names = vault.files_that_had(&snapshot, &segments, version).await?;
        names.extend(request.originals.iter().map(|sha256| layout::original(sha256)));
        all = cleared(&Versions::of(&Caller::default(), bucket).await, prefix, &names).await;
    }
    all.extend(elsewhere(context, vault, &snapshot).await?);
    Ok(all)
}

/// The bucket of a vault and what its keys begin with.
fn bucket(vault: &Vault) -> Option<(&str, &str)> {
    let rest = vault.store().url().strip_prefix("s3://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

fn key(prefix: &str, name: &str) -> String {
    match prefix.trim_matches('/') {
        "" => name.to_owned(),
        prefix => format!("{prefix}/{name}"),
    }
}

/// The versions that must stay for a time.
async fn locked(versions: &Versions, prefix: &str, names: &BTreeSet<String>) -> Vec<Unreached> {
    let mut all = Vec::new();
    for name in names {
        match locked_of(versions, &key(prefix, name)).await {
            Ok(found) => all.extend(found),
            Err(fault) => return vec![unseen(&fault)],
        }
    }
    in_short(all)
}

async fn locked_of(versions: &Versions, key: &str) -> Result<Vec<Unreached>> {
    let mut all = Vec::new();
    for Version { id, .. } in versions.list(key).await?.into_iter().filter(|version| !version.is_marker) {
        all.extend(versions.lock(key, &id).await?.map(|lock| of_lock(key, lock)));
    }
    Ok(all)
}

/// Deletes versions, and gives those that stay.
async fn cleared(versions: &Versions, prefix: &str, names: &BTreeSet<String>) -> Vec<Unreached> {
    let mut all = Vec::new();
    for name in names {
        match cleared_of(versions, &key(prefix, name)).await {
            Ok(left) => all.extend(left),
            Err(fault) => return vec![unseen(&fault)],
        }
    }
    in_short(all)
}

async fn cleared_of(versions: &Versions, key: &str) -> Result<Vec<Unreached>> {
    // What says that the object is gone goes last.
    let (markers, found): (Vec<Version>, Vec<Version>) =
        versions.list(key).await?.into_iter().partition(|version| version.is_marker);
    let mut all = Vec::new();
    for Version { id, .. } in found {
        let lock = versions.lock(key, &id).await.ok().flatten();
        all.extend(match lock {
            Some(lock) => Some(of_lock(key, lock)),
            None => versions.delete(key, &id).await.err().map(|fault| undeleted(key, &fault)),
        });
    }
    for Version { id, .. } in markers.into_iter().filter(|_| all.is_empty()) {
        // A marker that stays says nothing of what there was.
        let _ = versions.delete(key, &id).await;
    }
    Ok(all)
}

fn of_lock(key: &str, lock: Lock) -> Unreached {
    match lock {
        Lock::Until(time, mode) => Unreached {
            until: Some(time.clone()),
            ..Unreached::new("version", key, 1, msg!("cli-erase-locked", key = key, until = time, mode = mode))
        },
        Lock::Hold => Unreached::new("version", key, 1, msg!("cli-erase-on-hold", key = key)),
    }
}

fn undeleted(key: &str, fault: &Fault) -> Unreached {
    Unreached::new("version", key, 1, msg!("cli-erase-undeleted", key = key, why = fault))
}

fn unseen(fault: &Fault) -> Unreached {
    Unreached::new("versions", "", 0, msg!("cli-erase-unseen", why = fault))
}

/// The first of them, and how many more there are.
fn in_short(mut all: Vec<Unreached>) -> Vec<Unreached> {
    if all.len() > NAMED {
        let rest = all.split_off(NAMED);
        let last = rest.iter().filter_map(|one| one.until.clone()).max();
        let message = msg!(
            "cli-erase-more-versions",
            count = output::count(rest.len() as u64),
            until = last.clone().unwrap_or_default()
        );
        all.push(Unreached { until: last, ..Unreached::new("version", "", rest.len() as u64, message) });
    }
    all
}

/// What lies outside the vault's own objects, or is never erased.
async fn elsewhere(context: &Context, vault: &Arc<Vault>, snapshot: &Snapshot) -> Result<Vec<Unreached>> {
    let mut all = Vec::new();
    for url in snapshot.replicas() {
        let message = msg!("cli-erase-replica", url = url.as_str());
        all.push(Unreached::new("replica", url, 1, message));
    }
    let anchors = snapshot.anchors().len() as u64;
    if anchors > 0 {
        all.push(Unreached::new("anchor", "", anchors, msg!("cli-erase-anchors", count = anchors)));
    }
    let handed = handed_out(context, vault).await?;
    if handed > 0 {
        all.push(Unreached::new("package", "", handed, msg!("cli-erase-packages", count = output::count(handed))));
    }
    all.push(Unreached::new("own", "", 0, msg!("cli-erase-own-records")));
    all.push(Unreached::new("source", "", 0, msg!("cli-erase-sources")));
    Ok(all)
}

/// How many packages were made, as records of accesses say.
async fn handed_out(context: &Context, vault: &Arc<Vault>) -> Result<u64> {
    const QUESTION: &str = "filter action = \"package.create\" and outcome = \"success\" | fields @ptr";
    let sources = vec![shoseki_segment::OWN_SOURCE.to_owned()];
    let tail = newest(context, vault, false, true).await?;
    let options = Options { sources, include_internal: true, ..Options::default() };
    let engine = Engine::over_tail(Arc::clone(vault), &tail, options);
    let asked = |failure| fault(context, QUESTION, failure);
    let (mut answer, mut count) = (engine.insights(QUESTION).await.map_err(asked)?, 0);
    while let Some(batch) = answer.next().await? {
        count += batch.num_rows() as u64;
    }
    Ok(count)
}
