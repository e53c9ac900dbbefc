//! The formats that the writer and the judge share: commit grammar, tags, segment layout, receipts, key envelopes. Pure:
//! bytes in, bytes out. Who reads or writes them, and when, is the business of `vault`, `query` and `verify`.
//!
//! `docs/spec/` describes each of them exactly enough for a stranger to write a verifier.

mod archived;
pub mod attachment;
pub mod commit;
mod derive;
pub mod envelope;
mod erase;
pub mod erasure;
#[cfg(test)]
mod golden;
pub mod index;
pub mod keys;
pub mod layout;
mod merge;
mod ordinals;
pub mod population;
pub mod proof;
mod read;
pub mod receipt;
pub mod retention;
mod roots;
pub mod schema;
mod seal;
mod seed;
pub mod shred;
mod tag;
pub mod wal;
mod write;

pub use archived::archived;
pub use derive::{OWN_SOURCE, UNKNOWN_SOURCE, derivation, derive};
pub use erase::{ERASED_KIND, Erased, erase, is_blank};
pub use merge::{Merged, merge};
pub use ordinals::Ordinals;
pub use read::{Records, Rows, SegmentFooter, decryption, records, records_strictly, with_dictionaries};
pub use roots::{Roots, check_roots};
pub use seal::{LeafHasher, leaf_hash};
pub use seed::{SEED_DEPTH, Seed, Seeds};
pub use tag::{FileTags, SegmentTag, StreamTag};
pub use write::{Built, Draft, Layout, key_hash, new_name, write};

/// The newest version of the format that is understood.
/// Each object states the version that it needs to be read by: files whose events are taken apart need the second; files with
/// a skip index, files of several segments and the commits that add them the third; commits that expire files the fourth; commits
/// that erase records, and the files that they leave, the fifth; a configuration that says which anchors were removed the sixth;
/// files whose skip index is of the second version the seventh.
pub const FORMAT_VERSION: u32 = 7;

/// What `shoseki.toml` and the table's configuration say of a new vault: what is written into it is of no later format, until
/// something in it expires or is erased.
pub const VAULT_FORMAT: u32 = 7;

/// The version of what has not changed since the first: commits, wrapped keys, files whose events stand whole.
pub(crate) const FIRST_FORMAT: u32 = 1;

/// The version of files whose events are taken apart.
pub(crate) const SHREDDED_FORMAT: u32 = 2;

/// The version of files that have a skip index.
pub(crate) const INDEXED_FORMAT: u32 = 3;

/// The version of compactions: their commits, and files of several segments.
pub(crate) const COMPACTED_FORMAT: u32 = 3;

/// The version of commits that expire files.
pub(crate) const EXPIRING_FORMAT: u32 = 4;

/// The version of commits that erase records, and of files with places of erased ones.
pub(crate) const ERASED_FORMAT: u32 = 5;

/// The version of commits behind which anchors were removed.
pub(crate) const ANCHORED_FORMAT: u32 = 6;

/// The version of files whose skip index is of [`index::Version::Second`].
pub(crate) const ADDRESSED_FORMAT: u32 = 7;

/// The most records that a segment holds.
pub const MAX_RECORDS: usize = 65_536;

/// The most raw bytes that a segment holds, unless a single record is larger.
pub const MAX_SEGMENT_RAW_BYTES: u64 = 128 << 20;

/// The most records that a file of several segments holds.
pub const MAX_FILE_RECORDS: u64 = 131_072;

/// The most raw bytes that a file of several segments holds: as many as a segment alone, so that who reads a file whole needs
/// no more memory than before.
pub const MAX_FILE_RAW_BYTES: u64 = MAX_SEGMENT_RAW_BYTES;

/// The most segments of a file: each is a few hundred bytes of a commit.
pub const MAX_FILE_SEGMENTS: usize = 4_096;
