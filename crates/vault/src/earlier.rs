//! The table of an earlier tree: the files that hold what the first so many commits added, and nothing else.
//!
//! Compactions move segments and change none, so what was there then is asked of the files that hold it now, which are fewer.
//! Only where a compaction has since put older and newer segments into one file are the files of that time needed.

use std::collections::BTreeMap;

use object_store::ObjectStoreExt;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{APP_MAPPING_KEY, Add, Commit, Replay};
use shoseki_segment::layout;

use crate::Vault;

/// What a sealed tree had.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The files with its records, by path.
    pub files: Vec<Add>,
    /// Its mapping of applications' names.
    pub app_mapping: Option<String>,
}

impl Vault {
    /// The files with the records of the sealed tree of this size, and what it said of them.
    ///
    /// # Errors
    /// The caller's mistake where no tree of that size is sealed, or files of that time are needed that a compaction replaced
    /// and that were deleted since; damage where a commit is missing or not of the grammar.
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
        let now = self.snapshot().await?;
        let (mut files, mut needed) = (BTreeMap::new(), BTreeMap::new());
        for file in now.replay.files() {
            let old = file.add.tags.segments.iter().filter_map(|tag| then.file_of(tag.id));
            let old: BTreeMap<String, &Add> = old.map(|old| (old.add.path(), &old.add)).collect();
            let is_all_old = file.add.tags.segments.iter().all(|tag| then.file_of(tag.id).is_some());
            if is_all_old {
                files.insert(file.add.path(), file.add.clone());
            } else {
                needed.extend(old.into_iter().map(|(path, add)| (path, add.clone())));
            }
        }
        for (path, add) in needed {
            let name = self.store().path(&format!("{}/{path}", layout::EVENTS));
            match self.store().objects().head(&name).await {
                Ok(_) => drop(files.insert(path, add)),
                Err(object_store::Error::NotFound { .. }) => {
                    return Err(Fault::caller(msg!("vault-tree-files-deleted", size = size, path = path)));
                }
                Err(error) => {
                    return Err(Fault::world(msg!("vault-file-unreadable", path = path)).because(error));
                }
            }
        }
        let app_mapping = then.setting(APP_MAPPING_KEY).map(str::to_owned);
        Ok(Earlier { files: files.into_values().collect(), app_mapping })
    }
}
