//! The skip index of a file: what certainly is not in it. It stands in the file, between the rows and the Parquet footer,
//! where no other reader looks, and the commit says where.
//!
//! ```text
//! header     of each column of events: the bytes that occur in it, and its groups of three bytes
//! zeros      up to a whole chunk
//! filter     a Bloom filter in blocks of 64 bytes: groups of eight bytes, and UUIDs and IPv4 addresses whole
//! ```
//!
//! In chunks of [`CHUNK`] bytes, so that a reader fetches the one that it needs; each encrypted for itself in an encrypted
//! vault. The filter says whether a file can hold a literal at all, the header in which of its columns it can be.
//!
//! It may only ever say "certainly not here". It follows from the rows, and a judge makes it again: an index that lies would
//! hide evidence. `docs/spec/index.md` describes it.

mod build;
mod columns;
mod filter;
mod items;
mod pieces;

pub use build::{Builder, Plain};
pub use columns::{Columns, Summary};
pub use items::{Item, Literal};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

use crate::keys::{Secret, open as open_chunk, seal as seal_chunk};
use crate::{ADDRESSED_FORMAT, INDEXED_FORMAT};

/// The unit of reading, in bytes.
pub const CHUNK: usize = 4_096;
/// What encryption adds to a chunk.
const TAG: usize = 16;

/// What an index takes of a file: it is asked as it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Version {
    /// Of format 3: two bits an item, and of the numbers of an address up to three digits, whatever they are.
    #[default]
    First,
    /// Of format 7: three bits an item, and of an address the digits that can be one.
    Second,
}

impl Version {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// The newest one for files of up to a format; `None` where those have none.
    pub fn of(format: u32) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|version| version.format() <= format)
    }

    /// The format of a file that has one.
    pub fn format(self) -> u32 {
        match self {
            Self::First => INDEXED_FORMAT,
            Self::Second => ADDRESSED_FORMAT,
        }
    }

    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

impl From<Version> for u8 {
    fn from(version: Version) -> Self {
        match version {
            Version::First => 1,
            Version::Second => 2,
        }
    }
}

impl TryFrom<u8> for Version {
    type Error = String;

    fn try_from(number: u8) -> std::result::Result<Self, String> {
        let is_it = |version: &Self| u8::from(*version) == number;
        Self::ALL.into_iter().find(is_it).ok_or_else(|| format!("an index of version {number}, not 1 or 2"))
    }
}

/// Where the index of a file is, as its commit says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexTag {
    /// The place of its first byte in the file.
    pub offset: u64,
    /// The length of the header, in bytes.
    pub header: u32,
    /// The blocks of the filter.
    pub blocks: u32,
    /// What it takes of the file.
    #[serde(default, skip_serializing_if = "Version::is_first")]
    pub version: Version,
}

impl IndexTag {
    /// The chunks before the filter.
    fn header_chunks(self) -> usize {
        (self.header as usize).div_ceil(CHUNK)
    }

    /// The length in bytes, before it is encrypted.
    fn plain_len(self) -> usize {
        self.header_chunks() * CHUNK + self.blocks as usize * filter::BLOCK
    }

    /// The chunks in all.
    pub fn chunks(self) -> usize {
        self.plain_len().div_ceil(CHUNK)
    }

    /// The length in the file.
    pub fn stored_len(self, is_encrypted: bool) -> u64 {
        let tags = if is_encrypted { self.chunks() * TAG } else { 0 };
        (self.plain_len() + tags) as u64
    }

    /// The chunks of the header.
    pub fn header_range(self) -> std::ops::Range<usize> {
        0..self.header_chunks()
    }

    /// The chunk that says whether an item may be there, and the place of its block in it.
    pub fn chunk_of(self, item: Item) -> (usize, usize) {
        let at = filter::block_of(item, self.blocks) as usize * filter::BLOCK;
        (self.header_chunks() + at / CHUNK, at % CHUNK)
    }

    /// Whether a block of the filter, with the bytes of its chunk from its place on, has an item. What is too short has all.
    pub fn may_have(self, block: &[u8], item: Item) -> bool {
        filter::may_have(block, item, self.version)
    }

    /// Where chunks lie in the file.
    pub fn bytes_of(self, chunks: std::ops::Range<usize>, is_encrypted: bool) -> std::ops::Range<u64> {
        let tag = if is_encrypted { TAG } else { 0 };
        let end = chunks.end.saturating_mul(CHUNK + tag).min(self.plain_len() + self.chunks() * tag);
        let at = |place: usize| self.offset.saturating_add(place as u64);
        at(chunks.start.saturating_mul(CHUNK + tag))..at(end)
    }
}

/// What opens the chunks of one file's index.
#[derive(Clone, Debug)]
pub struct Opener {
    key: Secret,
    name: String,
}

impl Opener {
    /// For the file of a path, such as `class=standard/day=2026-03-05/<segment>.parquet`, with its key.
    pub fn new(file_key: &Secret, path: &str) -> Self {
        // The file's key is used for this and for Parquet's own encryption: each has its own by this.
        let mut hasher = Sha256::new();
        hasher.update(b"shoseki index\0");
        hasher.update(file_key.expose());
        Self { key: Secret::from(<[u8; 32]>::from(hasher.finalize())), name: path.to_owned() }
    }

    fn nonce(number: usize) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&(number as u64).to_be_bytes());
        nonce
    }

    /// The content of chunks that lie one behind the other, the first of the number given.
    ///
    /// # Errors
    /// Damage where a byte was changed, or the chunks are another file's or of another place.
    pub fn open(&self, first: usize, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut plain = Vec::with_capacity(sealed.len());
        for (number, chunk) in sealed.chunks(CHUNK + TAG).enumerate() {
            let number = first + number;
            let mut chunk = chunk.to_vec();
            let opened = open_chunk(&self.key, Self::nonce(number), self.name.as_bytes(), &mut chunk)?;
            let changed = || Fault::damage(msg!("segment-index-changed", path = self.name.as_str(), chunk = number));
            plain.extend_from_slice(opened.ok_or_else(changed)?);
        }
        Ok(plain)
    }

    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::with_capacity(plain.len() + plain.len().div_ceil(CHUNK) * TAG);
        for (number, chunk) in plain.chunks(CHUNK).enumerate() {
            let mut chunk = chunk.to_vec();
            seal_chunk(&self.key, Self::nonce(number), self.name.as_bytes(), &mut chunk)?;
            sealed.append(&mut chunk);
        }
        Ok(sealed)
    }
}

#[cfg(test)]
pub(crate) mod tests;
