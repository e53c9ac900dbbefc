//! The commit grammar: the only forms that a commit of the Delta log may have. Anything else is `tampered`.
//!
//! | action | lines, in this order |
//! | --- | --- |
//! | `create` | `commitInfo`, `protocol`, `metaData`; version 0 and only there |
//! | `ingest` | `commitInfo`, `txn` (none, one or more), `add` (one or more) |
//! | `compact` | `commitInfo`, `remove` (two or more), `add` (one); all with `dataChange` false |
//! | `expire` | `commitInfo` with the policy, `remove` (one or more); all with `dataChange` true |
//! | `erase` | `commitInfo` with who and why, `remove` and `add` (as many of each, one or more); all with `dataChange` true |
//! | `configure` | `commitInfo`, `metaData` with the same id and schema |
//!
//! `expire`, `erase`, and a `configure` that changes the policy, a hold or a request to erase, carry a statement of the log's key
//! (`statement.rs`).
//!
//! A commit is canonical: reading it and writing it again gives the same bytes, so nothing can hide in it.

mod compaction;
mod erasure;
mod expiry;
mod replay;
mod statement;
mod wire;

pub use replay::{File, Order, Replay};

use std::collections::BTreeMap;

use shoseki_event::{Day, SegmentId};
use shoseki_messages::{Fault, Result, msg};

use crate::layout::{self, newer};
use crate::{FORMAT_VERSION, FileTags, SegmentTag};

/// The configuration's name for the format's version.
pub const FORMAT_KEY: &str = "shoseki.format";
/// The configuration's name for the log's origin.
pub const ORIGIN_KEY: &str = "shoseki.origin";
/// The configuration's name for the encryption of files: `aes-256-gcm` or `none`.
pub const ENCRYPTION_KEY: &str = "shoseki.encryption";
/// The configuration's name for how events lie in new files: `columns` or `text`; absent in a vault that knows only the latter.
pub const LAYOUT_KEY: &str = "shoseki.layout";
/// The configuration's name for the anchors: URLs, one a line.
pub const ANCHORS_KEY: &str = "shoseki.anchors";
/// The configuration's name for the anchors that were removed: URLs, one a line. Whatever [`ANCHORS_KEY`] ever named is an anchor until
/// it stands here, and that takes the log's key: else who can write to the store could have a sealer write to no anchor any more.
pub const REMOVED_ANCHORS_KEY: &str = "shoseki.anchors.removed";
/// The most anchors that are ever named: each is written to at every sealing.
pub const MAX_ANCHORS: usize = 64;

/// Whether a text may be an anchor: a line of visible letters, and no longer than a path.
pub fn is_anchor(url: &str) -> bool {
    !url.is_empty() && url.len() <= 2_048 && !url.chars().any(shoseki_messages::is_hidden)
}

/// The configuration's name for the replicas: URLs, one a line.
pub const REPLICAS_KEY: &str = "shoseki.replicas";
/// The configuration's name for which names of applications' events say who did what: TOML, as it was given.
pub const APP_MAPPING_KEY: &str = "shoseki.app-mapping";

/// The longest commit that is read.
pub const MAX_COMMIT_BYTES: usize = 64 << 20;

/// The table, as `metaData` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The table's own random id, as a UUID.
    pub id: String,
    /// When it was created, milliseconds since 1970.
    pub created_ms: i64,
    /// Delta's and our settings. Policies live here, so that changing one is sealed.
    pub configuration: BTreeMap<String, String>,
}

/// How far an application's stream was read: Delta's `txn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The stream.
    pub stream: String,
    /// The cursor's number.
    pub sequence: i64,
}

/// A file that a commit adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add {
    /// Its name: that of its only segment, or, where a compaction wrote it, one of its own.
    pub name: SegmentId,
    /// Its retention class.
    pub class: String,
    /// The UTC day of its records.
    pub day: Day,
    /// Its length in bytes.
    pub size: u64,
    /// When it was written, milliseconds since 1970.
    pub modified_ms: i64,
    /// Its tags.
    pub tags: FileTags,
}

impl Add {
    /// The file's name, which no other file of the table ever has.
    pub fn id(&self) -> SegmentId {
        self.name
    }

    /// Its path below `events/`.
    pub fn path(&self) -> String {
        layout::data_file(&self.class, self.day, self.id())
    }

    /// How many records are in it.
    pub fn records(&self) -> u64 {
        self.tags.segments.iter().map(|segment| u64::from(segment.count)).sum()
    }

    /// How many of them were not erased.
    pub fn left(&self) -> u64 {
        self.tags.segments.iter().map(SegmentTag::left).sum()
    }

    /// How many raw bytes they have.
    pub fn raw(&self) -> u64 {
        self.tags.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.raw))
    }

    /// The source of all its records; `None` where they have several.
    pub fn source(&self) -> Option<&str> {
        let mut sources = self.tags.segments.iter().map(|segment| segment.source.as_str());
        let first = sources.next()?;
        sources.all(|source| source == first).then_some(first)
    }
}

/// A file that a commit takes out of the table; the object may lie on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remove {
    /// Its name.
    pub name: SegmentId,
    /// Its retention class.
    pub class: String,
    /// The UTC day of its records.
    pub day: Day,
    /// Its length in bytes.
    pub size: u64,
}

impl Remove {
    /// Its path below `events/`.
    pub fn path(&self) -> String {
        layout::data_file(&self.class, self.day, self.name)
    }
}

impl From<&Add> for Remove {
    fn from(add: &Add) -> Self {
        Self { name: add.name, class: add.class.clone(), day: add.day, size: add.size }
    }
}

/// What an expiry says of itself: the policy, the range and the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The retention class.
    pub class: String,
    /// Its period, in calendar months.
    pub months: u32,
    /// The earliest day of the files.
    pub from: Day,
    /// All in the files lies before this day, in UTC.
    pub before: Day,
    /// How many segments go.
    pub segments: u64,
    /// How many records go.
    pub records: u64,
    /// Why, in words.
    pub reason: String,
}

/// What an erasure says of itself: who asked, who confirmed, why, and the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The request that it does, by its id.
    pub request: String,
    /// Who asked for it.
    pub asked_by: String,
    /// Who confirmed it.
    pub by: String,
    /// By which law.
    pub ground: String,
    /// Why, in words.
    pub why: String,
    /// In how many segments records go.
    pub segments: u64,
    /// How many records go.
    pub records: u64,
}

/// What a commit does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Creates the table.
    Create(Table),
    /// Adds files.
    Ingest {
        /// How far streams were read.
        transactions: Vec<Transaction>,
        /// The files.
        adds: Vec<Add>,
    },
    /// Puts one file in the place of several that lie next to each other, with the same segments.
    Compact {
        /// The files that are replaced, in their order.
        removes: Vec<Remove>,
        /// The file that replaces them.
        add: Add,
    },
    /// Takes files out of the table whose time is over.
    Expire {
        /// By which policy.
        expiry: Expiry,
        /// The files, in the order of their paths.
        removes: Vec<Remove>,
    },
    /// Puts files in the places of others, with the same segments less some records.
    Erase {
        /// By whose order.
        erasure: Erasure,
        /// The files that are replaced, in the order of their paths.
        removes: Vec<Remove>,
        /// Of each, the file in its place.
        adds: Vec<Add>,
    },
    /// Changes the configuration.
    Configure(Table),
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// When it was written, milliseconds since 1970, by the writer's clock.
    pub timestamp_ms: i64,
    /// The writer: `shoseki/0.1.0`.
    pub engine: String,
    /// 32 random hexadecimal digits: they make two writers' commits differ, so that each knows its own.
    pub batch: String,
    /// What it does.
    pub action: Action,
    /// The statement of the log's key, where evidence may go by it: a signed note.
    pub statement: Option<String>,
}

impl Commit {
    /// The commit's bytes: JSON lines.
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::write(self)
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// Damage where the bytes are not of the grammar; the caller's mistake where a newer version wrote them.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(Fault::damage(msg!("segment-commit-too-long", length = bytes.len(), limit = MAX_COMMIT_BYTES)));
        }
        let commit = wire::read(bytes)?;
        if let Action::Create(table) | Action::Configure(table) = &commit.action {
            check_format(table)?;
        }
        if commit.to_bytes() != bytes {
            return Err(Fault::damage(msg!("segment-commit-not-canonical")));
        }
        Ok(commit)
    }
}

fn check_format(table: &Table) -> Result<()> {
    let format = table.configuration.get(FORMAT_KEY).and_then(|format| format.parse::<u32>().ok());
    match format {
        None => Err(Fault::damage(msg!("segment-commit-without-format"))),
        Some(format) if format > FORMAT_VERSION => Err(newer("metaData.configuration", format)),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
