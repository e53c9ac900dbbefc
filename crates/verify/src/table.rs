//! The table as the commits tell it: the files that must be there, those that a compaction replaced, which may be, and those that
//! expired or of which records were erased, which are to go.
//!
//! Where every commit could be applied it is the replay's; where one is missing or was changed, those behind it are still
//! read, so that one lie does not make everything look wrong.

use std::collections::HashMap;

use shoseki_segment::commit::{Add, File, Order, Remove};

/// A file that a compaction took out of the table.
#[derive(Clone, Debug)]
pub(crate) struct Replaced {
    pub(crate) file: File,
    /// The version of the compaction.
    pub(crate) by: u64,
}

/// A file whose time was over.
#[derive(Clone, Debug)]
pub(crate) struct Expired {
    pub(crate) file: File,
    /// The version of the expiry.
    pub(crate) by: u64,
}

/// A file that had records which were erased: another is in its place.
#[derive(Clone, Debug)]
pub(crate) struct Erased {
    pub(crate) file: File,
    /// The version of the erasure.
    pub(crate) by: u64,
}

/// The files as [`Table::finish`] tells them apart.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Those of the table, in the order of what is in them.
    pub(crate) there: Vec<File>,
    pub(crate) replaced: Vec<Replaced>,
    pub(crate) expired: Vec<Expired>,
    pub(crate) erased: Vec<Erased>,
}

/// The files that the commits name.
#[derive(Debug, Default)]
pub(crate) struct Table {
    files: Vec<(Order, File)>,
    orders: HashMap<String, Order>,
    replaced: HashMap<String, u64>,
    expired: HashMap<String, u64>,
    erased: HashMap<String, u64>,
}

impl Table {
    pub(crate) fn ingest(&mut self, version: u64, adds: Vec<Add>) {
        for (index, add) in adds.into_iter().enumerate() {
            self.add((version, index), File { version, add });
        }
    }

    /// The file that was added takes the place of the first that was removed.
    pub(crate) fn compact(&mut self, version: u64, removes: &[Remove], add: Add) {
        let first = removes.first().and_then(|remove| self.orders.get(&remove.path()));
        let order = first.copied().unwrap_or((version, 0));
        for remove in removes {
            self.replaced.entry(remove.path()).or_insert(version);
        }
        self.add(order, File { version, add });
    }

    pub(crate) fn expire(&mut self, version: u64, removes: &[Remove]) {
        for remove in removes {
            self.expired.entry(remove.path()).or_insert(version);
        }
    }

    /// Each file that was added takes the place of the one that was removed.
    pub(crate) fn erase(&mut self, version: u64, removes: &[Remove], adds: Vec<Add>) {
        for (remove, add) in removes.iter().zip(adds) {
            let order = self.orders.get(&remove.path()).copied().unwrap_or((version, 0));
            self.erased.entry(remove.path()).or_insert(version);
            self.add(order, File { version, add });
        }
    }

    fn add(&mut self, order: Order, file: File) {
        self.orders.entry(file.add.path()).or_insert(order);
        self.files.push((order, file));
    }

    /// All files, told apart.
    pub(crate) fn finish(mut self) -> Files {
        self.files.sort_by_key(|(order, _)| *order);
        let mut files = Files::default();
        for (_, file) in self.files {
            let path = file.add.path();
            let after = |by: &&u64| **by > file.version;
            let by = |all: &HashMap<String, u64>| all.get(&path).filter(after).copied();
            match (by(&self.replaced), by(&self.expired), by(&self.erased)) {
                (Some(by), ..) => files.replaced.push(Replaced { by, file }),
                (None, Some(by), _) => files.expired.push(Expired { by, file }),
                (None, None, Some(by)) => files.erased.push(Erased { by, file }),
                (None, None, None) => files.there.push(file),
            }
        }
        files
    }
}
