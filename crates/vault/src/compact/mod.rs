//! Compaction: small files become large, whole segments in their order. Nothing is read, derived or sealed anew: a record's
//! proof goes over the commit that first added its segment, and that commit stays.
//!
//! ```text
//! read ─► roots ─► merge ─► read again ─► data file ─► commit (remove, add) ─► seal
//! ```
//!
//! What is replaced lies on: who reads an older state of the table is not disturbed. `replaced.rs` deletes it, where that
//! is asked for. If the process dies, it leaves a file that no commit names, or a commit that is sealed next time.

mod plan;
mod replaced;

pub use plan::{Goal, Group, plan};
pub use replaced::{Deleted, GRACE_DAYS};

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use shoseki_event::{Day, Timestamp};
use shoseki_messages::{Fault, Kind, Lang, Result, msg};
use shoseki_segment::commit::{Add, File, LAYOUT_KEY, Remove, Replay};
use shoseki_segment::keys::Secret;
use shoseki_segment::{Built, Layout, Merged, Roots, SegmentTag, check_roots, layout, merge, new_name, records};

use crate::Vault;
use crate::ingest::Meter;
use crate::keyring::Keyring;

/// How many merged files are committed before they are sealed.
const SEALED_AT_ONCE: usize = 16;
/// How many small files are fetched at once.
const FETCHED_AT_ONCE: usize = 8;

/// What was merged of a partition and a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// The retention class.
    pub class: String,
    /// The UTC day.
    pub day: String,
    /// The source.
    pub source: String,
    /// How many records were in the files.
    pub records: u64,
    /// How many files were replaced.
    pub files_before: u64,
    /// How many are in their place.
    pub files_after: u64,
    /// The bytes of those that were replaced.
    pub bytes_before: u64,
    /// The bytes of those in their place; `None` where nothing was written.
    pub bytes_after: Option<u64>,
}

/// Partitions, in the order of their days.
#[derive(Debug, Default)]
struct Partitions(BTreeMap<(Day, String, String), Partition>);

impl Partitions {
    fn add(&mut self, group: &Group, bytes_after: Option<u64>) {
        let Group { class, day, source, .. } = group;
        let done = self.0.entry((*day, class.clone(), source.clone())).or_insert_with(|| Partition {
            class: class.clone(),
            day: day.to_string(),
            source: source.clone(),
            ..Partition::default()
        });
        done.records += group.records();
        done.files_before += group.files.len() as u64;
        done.files_after += 1;
        done.bytes_before += group.bytes();
        if let Some(bytes) = bytes_after {
            done.bytes_after = Some(done.bytes_after.unwrap_or_default() + bytes);
        }
    }
}

/// What would be merged, and nothing is done.
pub fn preview(replay: &Replay, goal: &Goal) -> Vec<Partition> {
    let mut partitions = Partitions::default();
    plan(replay, goal).iter().for_each(|group| partitions.add(group, None));
    partitions.0.into_values().collect()
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// By partition and source, oldest days first.
    pub partitions: Vec<Partition>,
    /// How often another process was first: what it had merged was not merged again.
    pub lost_races: u64,
    /// The tree's size after the last sealing.
    pub tree_size: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What could not be merged, and why, in English; the faults speak every language.
    pub problems: Vec<String>,
    /// What is wrong with it.
    #[serde(skip)]
    pub faults: Vec<Arc<Fault>>,
    /// What went wrong beside the evidence, such as an anchor that could not be reached.
    #[serde(skip)]
    pub warnings: Vec<Arc<Fault>>,
}

/// Merges what is to be merged.
///
/// # Errors
/// The caller's mistake where a key is missing; the world's failure where the vault cannot be read or written. Files that do
/// not hold what was sealed are no longer merged and are among the summary's faults.
#[async_recursion]
pub async fn compact(vault: &Vault, goal: &Goal, meter: &Arc<Meter>) -> Result<Summary> {
    vault.check_before_adding().await?;
    let mut run = Run { vault, meter, done: Partitions::default(), unsealed: 0, summary: Summary::default() };
    let outcome = run.all(goal).await;
    run.seal().await?; // what was committed is sealed, whatever came behind it
    outcome?;
    run.summary.partitions = run.done.0.into_values().collect();
    run.summary.stopped = meter.is_stopped();
    Ok(run.summary)
}

/// What became of a group.
enum Outcome {
    Merged,
    /// A file of it is no longer in the table.
    Lost,
    /// A file of it does not hold what was sealed.
    Damaged(Fault),
}

/// One run.
struct Run<'a> {
    vault: &'a Vault,
    meter: &'a Arc<Meter>,
    done: Partitions,
    unsealed: usize,
    summary: Summary,
}

impl Run<'_> {
    async fn all(&mut self, goal: &Goal) -> Result<()> {
        let mut damaged = Vec::new();
        loop {
            let replay = self.vault.snapshot().await?.replay;
            let mut groups = plan(&replay, goal);
            groups.retain(|group| !group.files.iter().any(|file| damaged.contains(&file.add.name)));
            let (files, bytes) = groups
                .iter()
                .fold((0, 0), |(files, bytes), group| (files + group.files.len() as u64, bytes + group.bytes()));
            Meter::add(&self.meter.files, files);
            Meter::add(&self.meter.bytes, bytes);
            let mut is_outdated = false;
            for group in &groups {
                if self.meter.is_stopped() {
                    return Ok(());
                }
                match self.group(&replay, group).await? {
                    Outcome::Merged => {}
                    Outcome::Lost => {
                        // Another process was here first: what is left is looked at anew.
                        self.summary.lost_races += 1;
                        is_outdated = true;
                        break;
                    }
                    Outcome::Damaged(fault) => {
                        damaged.extend(group.files.iter().map(|file| file.add.name));
                        self.summary.problems.push(fault.chain(Lang::En));
                        self.summary.faults.push(Arc::new(fault));
                    }
                }
            }
            if !is_outdated {
                return Ok(());
            }
        }
    }

    /// Merges a group.
    async fn group(&mut self, replay: &Replay, group: &Group) -> Result<Outcome> {
        let removes: Vec<Remove> = group.files.iter().map(|file| Remove::from(&file.add)).collect();
        if !self.vault.holds(&removes).await? {
            return Ok(Outcome::Lost);
        }
        let add = match self.vault.merge(replay, group, self.meter).await {
            Ok(add) => add,
            // A file that is gone may have been replaced, and deleted, since.
            Err(fault) if fault.kind() == Kind::Damage && self.vault.holds(&removes).await? => {
                return Ok(Outcome::Damaged(fault));
            }
            Err(fault) if fault.kind() == Kind::Damage => return Ok(Outcome::Lost),
            Err(fault) => return Err(fault),
        };
        let after = add.size;
        if !self.vault.commit_compaction(removes, add).await? {
            return Ok(Outcome::Lost);
        }
        self.done.add(group, Some(after));
        self.unsealed += 1;
        if self.unsealed >= SEALED_AT_ONCE {
            self.seal().await?;
        }
        Ok(Outcome::Merged)
    }

    async fn seal(&mut self) -> Result<()> {
        let (checkpoint, warnings) = self.vault.seal().await?;
        self.unsealed = 0;
        self.summary.tree_size = checkpoint.size();
        self.summary.warnings = warnings.into_iter().map(Arc::new).collect();
        Ok(())
    }
}

/// A file that was fetched.
struct Fetched {
    bytes: Bytes,
    key: Option<Secret>,
    add: Add,
}

impl Vault {
    /// Writes the file that holds the segments of a group, and gives what its commit says.
    async fn merge(&self, replay: &Replay, group: &Group, meter: &Arc<Meter>) -> Result<Add> {
        let fetched: Vec<Fetched> = futures::stream::iter(group.files.clone())
            .map(|file| async move {
                let (bytes, key) = (self.read_file(&file).await?, self.file_key(&file.add).await?);
                Ok::<_, Fault>(Fetched { bytes, key, add: file.add })
            })
            .buffered(FETCHED_AT_ONCE)
            .try_collect()
            .await?;
        let key = match self.ring() {
            Some(ring) => {
                let id = Keyring::id_of(&group.class, group.day);
                let key = ring.get_or_create(&id).await?;
                Some((id, key))
            }
            None => None,
        };
        let empty = Merged {
            name: new_name()?,
            class: group.class.clone(),
            day: group.day,
            layout: replay.setting(LAYOUT_KEY).and_then(Layout::from_name).unwrap_or_default(),
            format: replay.format(),
            segments: Vec::new(),
            rows: Vec::new(),
        };
        let tags = group.files.iter().flat_map(|file| &file.add.tags.segments);
        let commits: Vec<Option<u64>> = tags.map(|tag| replay.commit_of(tag.id)).collect();
        let counted = Arc::clone(meter);
        let built = tokio::task::spawn_blocking(move || merged(fetched, empty, &commits, key, &counted))
            .await
            .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))??;
        let path = format!("{}/{}", layout::EVENTS, built.add.path());
        self.store().create_same(&path, built.bytes).await?;
        Ok(built.add)
    }

    /// Whether the file of a compaction holds the records of the segments that its commit names.
    pub(crate) async fn check_compacted(&self, file: &File) -> Result<()> {
        let (bytes, key) = (self.read_file(file).await?, self.file_key(&file.add).await?);
        let tags = file.add.tags.segments.clone();
        tokio::task::spawn_blocking(move || check_roots(bytes, key.as_ref(), &tags))
            .await
            .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))?
    }
}

/// Decodes the files, makes sure that they hold what was sealed, writes the new one, and makes sure of it too.
fn merged(
    files: Vec<Fetched>,
    mut merged: Merged,
    commits: &[Option<u64>],
    key: Option<(String, Secret)>,
    meter: &Meter,
) -> Result<Built> {
    let mut commits = commits.iter();
    for Fetched { bytes, key, add } in files {
        let located = |fault: Fault| Fault::damage(msg!("vault-compact-damaged", path = add.path())).because(fault);
        let (footer, batches) = records(bytes, key.as_ref(), &[]).map_err(located)?;
        let mut roots = Roots::of(&add.tags.segments, &footer).map_err(located)?;
        for batch in batches {
            let batch = batch.map_err(located)?;
            roots.push(&batch).map_err(located)?;
            merged.rows.push(batch);
        }
        roots.finish().map_err(located)?;
        let secrets = footer.segments.into_iter().map(|(_, seeds)| seeds);
        let tags = add.tags.segments.into_iter().zip(commits.by_ref());
        let tags = tags.map(|(tag, commit)| SegmentTag { commit: *commit, ..tag });
        merged.segments.extend(tags.zip(secrets));
        Meter::add(&meter.files_done, 1);
        Meter::add(&meter.bytes_done, add.size);
    }
    Meter::add(&meter.records, merged.rows.iter().map(|batch| batch.num_rows() as u64).sum());
    let name = merged.name.to_string();
    let class_key = key.as_ref().map(|(id, key)| (id.as_str(), key));
    let built = merge(merged, class_key, Timestamp::now())?;
    let opened = match (&built.add.tags.key, class_key) {
        (Some(wrapped), Some((_, class_key))) => Some(wrapped.open(class_key, &name)?),
        _ => None,
    };
    let broken = |fault: Fault| Fault::broken(msg!("segment-write")).because(fault);
    check_roots(built.bytes.clone(), opened.as_ref(), &built.add.tags.segments).map_err(broken)?;
    Ok(built)
}
