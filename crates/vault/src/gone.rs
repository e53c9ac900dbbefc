//! Deleting what is gone from the table for good: files of sealed expiries, files of which records were erased, the copies that
//! compactions left of both, and files kept whole that have what was erased. There is no grace: who reads an older state must
//! not see it either.

use async_recursion::async_recursion;
use std::collections::BTreeSet;

use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{Action, Add, Commit, Remove, Replay};
use shoseki_segment::erasure::requests;
use shoseki_segment::layout;
use shoseki_tlog::{CommitEntry, SignedCheckpoint};

use crate::Vault;

/// What was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// How many files of the table.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The names of the objects, files kept whole among them.
    pub names: Vec<String>,
}

/// What a commit says that goes, and what must be there before it does.
struct Leave {
    removes: Vec<Remove>,
    /// Files whose segments must be in the table, or have expired.
    instead: Vec<Add>,
}

impl Vault {
    /// Deletes the files of sealed expiries and erasures; also at a replica.
    ///
    /// # Errors
    /// Damage where such a commit is not proven, or what is left of a file is not where it says; the world's failure where the vault
    /// cannot be read or written.
    #[async_recursion]
    pub async fn delete_gone(&self) -> Result<Gone> {
        let snapshot = self.snapshot().await?;
        let replay = &snapshot.replay;
        let (Some(checkpoint), mut gone) = (self.checkpoint().await?, Gone::default()) else {
            return Ok(Gone::default());
        };
        let is_sealed = |version: &u64| *version < checkpoint.size();
        let erasures = replay.erasures();
        if !replay.expiries().iter().chain(&erasures).any(is_sealed) {
            return Ok(gone);
        }
        let mut left: BTreeSet<String> = self.not_in_the_table(&snapshot).await?;
        let mut checked: BTreeSet<SegmentId> = BTreeSet::new();
        let all = replay.expiries().iter().chain(&erasures).chain(replay.compactions());
        for version in all.copied().filter(is_sealed) {
            if left.is_empty() {
                break;
            }
            let Some(leave) = leave(replay, self.proven(version, &checkpoint).await?, version, is_sealed)? else {
                continue;
            };
            let removes: Vec<&Remove> = leave.removes.iter().filter(|remove| left.remove(&remove.path())).collect();
            if removes.is_empty() {
                continue;
            }
            for add in &leave.instead {
                self.check_moved(&snapshot, &checkpoint, add, &mut checked).await?;
            }
            for remove in removes {
                let name = format!("{}/{}", layout::EVENTS, remove.path());
                self.store().delete_removed(&name).await?;
                gone.files += 1;
                gone.bytes += remove.size;
                gone.names.push(name);
            }
        }
        let done = replay.done_requests().filter(|(.., done)| is_sealed(done));
        let done: Vec<(String, u64)> = done.map(|(id, made, _)| (id.to_owned(), made)).collect();
        let mut erased = BTreeSet::new();
        for (id, made) in done {
            // What a request named is what the proven commit says that made it.
            let Action::Configure(table) = self.proven(made, &checkpoint).await?.action else { continue };
            let unreadable = |why: String| Fault::damage(msg!("retention-unreadable", why = why));
            let request = requests(&table.configuration).map_err(unreadable)?.remove(&id);
            let originals = request.into_iter().flat_map(|request| request.originals);
            erased.extend(originals.map(|sha256| layout::original(&sha256)));
        }
        let kept = if erased.is_empty() { Vec::new() } else { self.store().list(layout::ORIGINALS).await? };
        let kept: BTreeSet<String> = kept.into_iter().map(|(name, _)| name).collect();
        for name in erased.into_iter().filter(|name| kept.contains(name)) {
            self.store().delete_removed(&name).await?;
            gone.names.push(name);
        }
        Ok(gone)
    }

    /// A commit that a checkpoint proves.
    async fn proven(&self, version: u64, checkpoint: &SignedCheckpoint) -> Result<Commit> {
        let proven = self.prove_commit(version, checkpoint).await?;
        proven.proof.verify(&CommitEntry::of(version, &proven.bytes).to_bytes(), &self.verifier()?)?;
        Commit::parse(&proven.bytes)
    }
}

/// What goes by a sealed commit; `None` where what it took out of the table may lie on.
fn leave(replay: &Replay, commit: Commit, version: u64, is_sealed: impl Fn(&u64) -> bool) -> Result<Option<Leave>> {
    match commit.action {
        Action::Expire { removes, .. } => Ok(Some(Leave { removes, instead: Vec::new() })),
        Action::Erase { removes, adds, .. } => Ok(Some(Leave { removes, instead: adds })),
        Action::Compact { removes, add } => {
            let expired = |id| replay.expired_by(id).is_some_and(|by| is_sealed(&by));
            let erased = |id| replay.erased_in(id).any(|(_, by)| by > version && is_sealed(&by));
            let segments = &add.tags.segments;
            let is_gone = segments.iter().all(|tag| expired(tag.id)) || segments.iter().any(|tag| erased(tag.id));
            Ok(is_gone.then(|| Leave { removes, instead: vec![add] }))
        }
        Action::Create(_) | Action::Ingest { .. } | Action::Configure(_) => {
            Err(Fault::damage(msg!("vault-commit-refused", version = version)))
        }
    }
}
