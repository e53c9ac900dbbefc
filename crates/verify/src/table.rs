//! The table as the commits tell it: the files that must be there, and those that a compaction replaced, which may be.
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

/// The files that the commits name.
#[derive(Debug, Default)]
pub(crate) struct Table {
    files: Vec<(Order, File)>,
    orders: HashMap<String, Order>,
    replaced: HashMap<String, u64>,
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

    fn add(&mut self, order: Order, file: File) {
        self.orders.entry(file.add.path()).or_insert(order);
        self.files.push((order, file));
    }

    /// The files of the table, in the order of what is in them, and those that were replaced.
    pub(crate) fn finish(mut self) -> (Vec<File>, Vec<Replaced>) {
        self.files.sort_by_key(|(order, _)| *order);
        let (mut there, mut replaced) = (Vec::new(), Vec::new());
        for (_, file) in self.files {
            match self.replaced.get(&file.add.path()) {
                Some(by) if *by > file.version => replaced.push(Replaced { file, by: *by }),
                _ => there.push(file),
            }
        }
        (there, replaced)
    }
}
