//! Expiry: what is older than its class's period goes, file by file, unless a hold covers it.
//!
//! ```text
//! plan ─► commit (remove) ─► seal ─► delete
//! ```
//!
//! Nothing is deleted whose expiry is not sealed. If the process dies, the next run seals what was committed and deletes what
//! was sealed.

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use shoseki_event::{Day, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::commit::{Expiry, File, Remove, Replay};
use shoseki_segment::retention::{HOLD_KEY, Hold, Policy, RETENTION_KEY, holds, months_before};

use crate::Vault;
use crate::gone::Gone;
use crate::ingest::Meter;
use crate::vault::Snapshot;

/// How many files one commit takes out of the table.
const FILES_AT_ONCE: usize = 1_000;

/// What is due of a class.
#[derive(Clone, Debug)]
pub struct Due {
    /// The class.
    pub class: String,
    /// Its period, in months.
    pub months: u32,
    /// All before this day is due.
    pub before: Day,
    /// The files that go, in the order of their paths.
    pub files: Vec<File>,
    /// The files that would go and are held, each with the ids of the holds.
    pub held: Vec<(File, Vec<String>)>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files that expired.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// Files that were deleted, those of earlier runs included.
    pub deleted: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The tree's size after the last sealing.
    pub tree_size: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// What is due by the table's policy, and nothing is done.
///
/// # Errors
/// Damage where the policy or a hold cannot be read: then nothing may go.
pub fn plan(replay: &Replay, now_ms: i64) -> Result<Vec<Due>> {
    let Some(table) = replay.table() else { return Ok(Vec::new()) };
    let unreadable = |why: String| Fault::damage(msg!("retention-unreadable", why = why));
    let policy = Policy::of(&table.configuration).map_err(unreadable)?;
    let holds = holds(&table.configuration).map_err(unreadable)?;
    let Some(today) = replay.counted_from(now_ms) else { return Ok(Vec::new()) };
    let own_before = policy.longest(replay.classes()).and_then(|months| months_before(today, months));
    let mut all = Vec::new();
    for (class, months) in policy.classes.iter().filter_map(|(class, months)| Some((class, (*months)?))) {
        let Some(before) = months_before(today, months) else { continue };
        let mut due = Due { class: class.clone(), months, before, files: Vec::new(), held: Vec::new() };
        for file in replay.files().filter(|file| file.add.class == *class) {
            let tags = &file.add.tags.segments;
            let is_own = tags.iter().any(|tag| tag.source == OWN_SOURCE);
            let limit = if is_own { own_before.map(|own| own.min(before)) } else { Some(before) };
            let is_old = |limit: Day| file.add.day < limit && tags.iter().all(|tag| tag.max < limit.start());
            if !limit.is_some_and(is_old) {
                continue;
            }
            let covers = |hold: &Hold| hold.is_in_force() && tags.iter().any(|tag| hold.covers(tag));
            let by: Vec<String> = holds.iter().filter(|(_, hold)| covers(hold)).map(|(id, _)| id.clone()).collect();
            if by.is_empty() { due.files.push(file.clone()) } else { due.held.push((file.clone(), by)) }
        }
        due.files.sort_by_key(|file| file.add.path());
        all.push(due);
    }
    Ok(all)
}

impl Gone {
    fn add_to(self, summary: &mut Summary) {
        summary.deleted += self.files;
        summary.bytes += self.bytes;
    }
}

impl Snapshot {
    /// The retention policy.
    ///
    /// # Errors
    /// Damage where it cannot be read.
    pub fn policy(&self) -> Result<Policy> {
        let empty = BTreeMap::new();
        let settings = self.replay.table().map_or(&empty, |table| &table.configuration);
        Policy::of(settings).map_err(|why| Fault::damage(msg!("retention-unreadable", why = why)))
    }

    /// The holds, by id.
    ///
    /// # Errors
    /// Damage where one cannot be read.
    pub fn holds(&self) -> Result<BTreeMap<String, Hold>> {
        let empty = BTreeMap::new();
        let settings = self.replay.table().map_or(&empty, |table| &table.configuration);
        holds(settings).map_err(|why| Fault::damage(msg!("retention-unreadable", why = why)))
    }
}

impl Vault {
    /// Sets the policy, as a sealed change of the configuration. `false` where it is so already.
    ///
    /// # Errors
    /// The caller's mistake where it may not stand; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn set_policy(&self, policy: &Policy) -> Result<bool> {
        policy.check().map_err(|why| Fault::caller(msg!("retention-refused", why = why)))?;
        let text = policy.to_text();
        self.configure(RETENTION_KEY, |replay| {
            (replay.setting(RETENTION_KEY) != Some(text.as_str())).then(|| Some(text.clone()))
        })
        .await
    }

    /// Places a hold, or changes one that is as it was seen, as a sealed change of the configuration. `false` where it is so already.
    ///
    /// # Errors
    /// The caller's mistake where it is no longer as it was seen; damage where the grammar refuses the change; the world's failure
    /// where the vault cannot be written.
    #[async_recursion]
    pub async fn set_hold(&self, id: &str, seen: Option<&Hold>, hold: &Hold) -> Result<bool> {
        let (key, seen, text) = (format!("{HOLD_KEY}{id}"), seen.map(Hold::to_text), hold.to_text());
        let is_moved = AtomicBool::new(false);
        let is_set = self.configure(&key, |replay| {
            let there = replay.setting(&key);
            let (is_there, is_as_seen) = (there == Some(text.as_str()), there == seen.as_deref());
            is_moved.store(!is_there && !is_as_seen, Ordering::Relaxed);
            (!is_there && is_as_seen).then(|| Some(text.clone()))
        });
        let is_set = is_set.await?;
        if is_moved.into_inner() { Err(Fault::caller(msg!("retention-hold-moved", id = id))) } else { Ok(is_set) }
    }

    /// Expires what is due, and deletes what expired. Files of later commits than the first `known` stay: whoever asked the questions
    /// of holds has not seen them. A second run does no harm.
    ///
    /// # Errors
    /// Damage where the policy or a hold cannot be read; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn expire(&self, reason: &str, known: u64, meter: &Meter) -> Result<Summary> {
        self.check_before_adding().await?;
        // What an earlier run committed is sealed and deleted first.
        let mut summary = Summary { tree_size: self.seal().await?.0.size(), ..Summary::default() };
        self.delete_gone().await?.add_to(&mut summary);
        loop {
            if meter.is_stopped() {
                summary.stopped = true;
                return Ok(summary);
            }
            let replay = self.snapshot().await?.replay;
            let all = plan(&replay, Timestamp::now().0.div_euclid(1_000))?;
            let seen = all.into_iter().map(|mut due| {
                due.files.retain(|file| file.version < known);
                due
            });
            let Some(due) = { seen }.find(|due| !due.files.is_empty()) else { return Ok(summary) };
            let files: Vec<&File> = due.files.iter().take(FILES_AT_ONCE).collect();
            let removes: Vec<Remove> = files.iter().map(|file| Remove::from(&file.add)).collect();
            let records = files.iter().map(|file| file.add.records()).sum();
            let expiry = Expiry {
                class: due.class,
                months: due.months,
                from: removes.iter().map(|remove| remove.day).min().unwrap_or(due.before),
                before: due.before,
                segments: files.iter().map(|file| file.add.tags.segments.len() as u64).sum(),
                records,
                reason: reason.to_owned(),
            };
            if !self.commit_expiry(expiry, &removes, replay.next_version()).await? {
                continue; // somebody else committed in between: it is judged anew
            }
            summary.files += removes.len() as u64;
            summary.records += records;
            summary.tree_size = self.seal().await?.0.size();
            self.delete_gone().await?.add_to(&mut summary);
        }
    }
}
