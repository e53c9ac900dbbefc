//! The fold over the commits: which files the table holds, and whether each commit may follow the ones before it.

use std::collections::{BTreeMap, HashSet};

use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Result, msg};

use super::{Action, Add, Commit, FORMAT_KEY, Table};
use crate::FIRST_FORMAT;

/// A file of the table and the commit that added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The Delta version of its commit, which is the index of its entry in the log.
    pub version: u64,
    /// The file.
    pub add: Add,
}

/// What is left of all commits so far.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    next: u64,
    table: Option<Table>,
    files: BTreeMap<String, File>,
    segments: HashSet<SegmentId>,
    cursors: BTreeMap<String, i64>,
}

impl Replay {
    /// How many commits were applied; the next one has this version.
    pub fn next_version(&self) -> u64 {
        self.next
    }

    /// The table; `None` before the first commit.
    pub fn table(&self) -> Option<&Table> {
        self.table.as_ref()
    }

    /// A setting of the table.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.table.as_ref()?.configuration.get(name).map(String::as_str)
    }

    /// The newest format that whoever reads the vault is known to understand: files of a later one are not written into it.
    pub fn format(&self) -> u32 {
        self.setting(FORMAT_KEY).and_then(|format| format.parse().ok()).unwrap_or(FIRST_FORMAT)
    }

    /// The files, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// The file that holds a segment.
    pub fn file_of(&self, segment: SegmentId) -> Option<&File> {
        self.files.values().find(|file| file.add.tags.segments.iter().any(|tag| tag.id == segment))
    }

    /// How far a stream was read.
    pub fn cursor(&self, stream: &str) -> Option<i64> {
        self.cursors.get(stream).copied()
    }

    /// Applies the next commit.
    ///
    /// # Errors
    /// Damage where it may not follow what came before: a second `create`, none at all, a segment or file that is there
    /// already, another table's `configure`.
    pub fn apply(&mut self, commit: &Commit) -> Result<()> {
        let refused = |why: &str| Fault::damage(msg!("segment-commit-out-of-place", version = self.next, why = why));
        match (&commit.action, &self.table) {
            (Action::Create(table), None) if self.next == 0 => self.table = Some(table.clone()),
            (Action::Create(_), _) => return Err(refused("a table is created once, by commit 0")),
            (_, None) => return Err(refused("commit 0 does not create the table")),
            (Action::Configure(table), Some(old)) if table.id != old.id || table.created_ms != old.created_ms => {
                return Err(refused("it configures another table"));
            }
            (Action::Configure(table), Some(_)) => self.table = Some(table.clone()),
            (Action::Ingest { transactions, adds }, Some(_)) => {
                for add in adds {
                    if let Some(tag) = add.tags.segments.iter().find(|tag| !self.segments.insert(tag.id)) {
                        return Err(refused(&format!("segment `{}` is there already", tag.id)));
                    }
                    self.files.insert(add.path(), File { version: self.next, add: add.clone() });
                }
                for transaction in transactions {
                    self.cursors.insert(transaction.stream.clone(), transaction.sequence);
                }
            }
        }
        self.next += 1;
        Ok(())
    }
}
