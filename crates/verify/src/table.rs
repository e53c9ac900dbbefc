//! The table as the commits tell it: the files that must be there, those that a compaction replaced, which may be, and those that
//! expired.
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

/// The files as [`Table::finish`] tells them apart.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Those of the table, in the order of what is in them.
    pub(crate) there: Vec<File>,
    pub(crate) replaced: Vec<Replaced>,
    pub(crate) expired: Vec<Expired>,
}

/// The files that the commits name.
#[derive(Debug, Default)]
pub(crate) struct Table {
    files: Vec<(Order, File)>,
    orders: HashMap<String, Order>,
    replaced: HashMap<String, u64>,
    expired: HashMap<String, u64>,
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
            match (self.replaced.get(&path).filter(after), self.expired.get(&path).filter(after)) {
                (Some(by), _) => files.replaced.push(Replaced { by: *by, file }),
                (None, Some(by)) => files.expired.push(Expired { by: *by, file }),
                (None, None) => files.there.push(file),
            }
        }
        files
    }
}
