//! Deleting what compactions replaced, and only where its records are certain to lie elsewhere. What expired or was erased meanwhile
//! lies nowhere: `gone.rs` deletes it.
//!
//! A file goes if all of this holds: a compaction removed it from the table; the log's signed checkpoint proves that
//! compaction's commit, as it lies there; the commit is older than the grace period, by the clocks of its writer and of this
//! machine; the files that hold its segments now were read a moment ago, and their leaves lead to the sealed roots.

use async_recursion::async_recursion;
use std::collections::BTreeSet;

use serde::Serialize;
use shoseki_event::{SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{Action, Add, Commit, Remove};
use shoseki_segment::{SegmentTag, layout};
use shoseki_tlog::{CommitEntry, SignedCheckpoint};

use crate::Vault;
use crate::vault::Snapshot;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// How long a replaced file is kept by default: readers of an older state are done by then.
pub const GRACE_DAYS: u32 = 7;

/// What was deleted of the files that compactions replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deleted {
    /// How many files were deleted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many are kept, since they were replaced too short a time ago or their compaction is not sealed.
    pub kept: u64,
}

impl Vault {
    /// Deletes the files that compactions replaced at least `grace_days` days before `now`.
    ///
    /// # Errors
    /// Damage where a compaction is not the one that was sealed, or the records of what it replaced are not where it says;
    /// the world's failure else. Nothing is deleted of such a compaction.
    #[async_recursion]
    pub async fn delete_replaced(&self, grace_days: u32, now: Timestamp) -> Result<Deleted> {
        let snapshot = self.snapshot().await?;
        let Some(checkpoint) = self.checkpoint().await? else { return Ok(Deleted::default()) };
        let mut left = self.not_in_the_table(&snapshot).await?;
        let (mut deleted, mut checked) = (Deleted::default(), BTreeSet::new());
        let latest_ms = now.0.saturating_sub(i64::from(grace_days).saturating_mul(DAY)).div_euclid(1_000);
        for version in snapshot.replay.compactions() {
            if left.is_empty() {
                break;
            }
            let (commit, mut removes, add) = self.compaction(*version, None).await?;
            removes.retain(|remove| left.remove(&remove.path()));
            if removes.is_empty() {
                continue;
            }
            if *version >= checkpoint.size() || commit.timestamp_ms > latest_ms {
                deleted.kept += removes.len() as u64;
                continue;
            }
            if add.tags.segments.iter().all(|tag| snapshot.replay.expired_by(tag.id).is_some()) {
                deleted.kept += removes.len() as u64;
                continue;
            }
            let (proven, _, add) = self.compaction(*version, Some(&checkpoint)).await?;
            if proven != commit {
                return Err(Fault::damage(msg!("vault-commit-refused", version = *version)));
            }
            self.check_moved(&snapshot, &checkpoint, &add, &mut checked).await?;
            for remove in &removes {
                self.store().delete_removed(&format!("{}/{}", layout::EVENTS, remove.path())).await?;
                deleted.files += 1;
                deleted.bytes += remove.size;
            }
        }
        Ok(deleted)
    }

    /// The paths of the data files that are no longer in the table, or never were.
    pub(crate) async fn not_in_the_table(&self, snapshot: &Snapshot) -> Result<BTreeSet<String>> {
        let there = self.store().list(layout::EVENTS).await?;
        let paths = there.iter().filter(|(name, _)| !name.starts_with(layout::DELTA_LOG));
        let paths = paths.filter_map(|(name, _)| name.strip_prefix(layout::EVENTS)?.strip_prefix('/'));
        Ok(paths.filter(|path| snapshot.replay.file(path).is_none()).map(str::to_owned).collect())
    }

    /// A compaction's commit as it lies there; proven by a checkpoint, where one is given.
    async fn compaction(
        &self,
        version: u64,
        checkpoint: Option<&SignedCheckpoint>,
    ) -> Result<(Commit, Vec<Remove>, Add)> {
        let bytes = match checkpoint {
            None => self.store().need(&layout::commit(version)).await?,
            Some(checkpoint) => {
                let proven = self.prove_commit(version, checkpoint).await?;
                proven.proof.verify(&CommitEntry::of(version, &proven.bytes).to_bytes(), &self.verifier()?)?;
                proven.bytes
            }
        };
        let commit = Commit::parse(&bytes)?;
        match commit.action.clone() {
            Action::Compact { removes, add } => Ok((commit, removes, add)),
            _ => Err(Fault::damage(msg!("vault-commit-refused", version = version))),
        }
    }

    /// Makes sure that all segments of a compaction's file are in the table, in files whose commits are sealed and whose
    /// records lead to the roots. Each file is read once.
    pub(crate) async fn check_moved(
        &self,
        snapshot: &Snapshot,
        checkpoint: &SignedCheckpoint,
        add: &Add,
        checked: &mut BTreeSet<SegmentId>,
    ) -> Result<()> {
        for tag in add.tags.segments.iter().filter(|tag| snapshot.replay.expired_by(tag.id).is_none()) {
            let lost = || Fault::damage(msg!("vault-segment-unknown", segment = tag.id.to_string()));
            let file = snapshot.replay.file_of(tag.id).ok_or_else(lost)?;
            // Of what was erased since there is a leaf.
            let is_it = |now: &SegmentTag| SegmentTag { erased: tag.erased.clone(), ..now.clone() } == *tag;
            let is_there = file.add.tags.segments.iter().any(is_it) && file.version < checkpoint.size();
            if !is_there {
                return Err(lost());
            }
            if checked.insert(file.add.name) {
                self.check_compacted(file).await?;
            }
        }
        Ok(())
    }
}
