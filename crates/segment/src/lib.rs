//! The formats that the writer and the judge share: commit grammar, tags, segment layout, receipts, key envelopes. Pure:
//! bytes in, bytes out. Who reads or writes them, and when, is the business of `vault`, `query` and `verify`.
//!
//! `docs/spec/` describes each of them exactly enough for a stranger to write a verifier.

pub mod commit;
mod derive;
pub mod envelope;
pub mod keys;
pub mod layout;
pub mod proof;
mod read;
pub mod receipt;
pub mod schema;
mod seal;
mod seed;
mod tag;
mod write;

pub use derive::{OWN_SOURCE, UNKNOWN_SOURCE, derivation, derive};
pub use read::{Rows, SegmentFooter, decryption, records};
pub use seal::{LeafHasher, leaf_hash};
pub use seed::{SEED_DEPTH, Seed, Seeds};
pub use tag::{FileTags, SegmentTag, StreamTag};
pub use write::{Built, Draft, key_hash, write};

/// The format's version: it stands in `shoseki.toml`, in the table's configuration and in each tag.
pub const FORMAT_VERSION: u32 = 1;

/// The most records that a segment holds.
pub const MAX_RECORDS: usize = 65_536;

/// The most raw bytes that a segment holds, unless a single record is larger.
pub const MAX_SEGMENT_RAW_BYTES: u64 = 128 << 20;
