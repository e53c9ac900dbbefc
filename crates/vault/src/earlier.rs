//! The table of an earlier tree: the files that hold what the first so many commits added, and which of their segments those are.
//!
//! Compactions move segments and change none, so what was there then is asked of the files that hold it now. Where a compaction
//! has since put older and newer segments into one file, the newer ones are left out by their names, which each row has.

use async_recursion::async_recursion;
use std::collections::BTreeSet;

use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{APP_MAPPING_KEY, Add, Commit, Replay};

use crate::Vault;

/// What a sealed tree had.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The files with its records, by path. They may hold newer segments too.
    pub files: Vec<Add>,
    /// Its segments.
    pub segments: BTreeSet<SegmentId>,
    /// Its mapping of applications' names.
    pub app_mapping: Option<String>,
}

impl Vault {
    /// The files with the records of the sealed tree of this size, and what it said of them.
    ///
    /// # Errors
    /// The caller's mistake where no tree of that size is sealed; damage where a commit is missing or not of the grammar.
    #[async_recursion]
    pub async fn at(&self, size: u64) -> Result<Earlier> {
        let newest = self.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
        if size == 0 || size > newest {
            return Err(Fault::caller(msg!("vault-tree-not-sealed", size = size, newest = newest)));
        }
        let mut then = Replay::default();
        self.commits(size, |version, bytes| {
            let refused = |fault| Fault::damage(msg!("vault-commit-refused", version = version)).because(fault);
            then.apply(&Commit::parse(&bytes)?).map_err(refused)
        })
        .await?;
        let segments: BTreeSet<SegmentId> =
            then.files().flat_map(|file| &file.add.tags.segments).map(|segment| segment.id).collect();
        let now = self.snapshot().await?;
        for segment in &segments {
            let lost = || Fault::damage(msg!("vault-segment-unknown", segment = segment.to_string()));
            if let Some(version) = now.replay.expired_by(*segment) {
                let segment = segment.to_string();
                return Err(Fault::caller(msg!("vault-segment-expired", segment = segment, version = version)));
            }
            if let Some((_, version)) = now.replay.erased_in(*segment).find(|(_, version)| *version >= size) {
                let segment = segment.to_string();
                return Err(Fault::caller(msg!("vault-segment-erased", segment = segment, version = version)));
            }
            now.replay.file_of(*segment).ok_or_else(lost)?;
        }
        let has_older = |add: &&Add| add.tags.segments.iter().any(|segment| segments.contains(&segment.id));
        let files = now.replay.files().map(|file| &file.add).filter(has_older).cloned().collect();
        let app_mapping = then.setting(APP_MAPPING_KEY).map(str::to_owned);
        Ok(Earlier { files, segments, app_mapping })
    }
}
