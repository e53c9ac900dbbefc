//! An entry of the log: what it says about the commit of the same number.
//!
//! ```text
//! shoseki-commit/v1
//! 7
//! 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//! 4
//! ```
//! Format and version, the commit's number, the SHA-256 of the commit's bytes, their count; each line ends with a line
//! feed. It commits to the bytes and does not hold them: entries are at most 64 KiB.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

const HEADER: &str = "shoseki-commit/v1";
/// Header, two numbers of up to 20 digits, 64 digits of hash, four line ends.
const MAX_BYTES: usize = HEADER.len() + 20 + 64 + 20 + 4;

/// What an entry says: this commit has this hash and this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitEntry {
    /// The commit's number, which is the entry's index.
    pub version: u64,
    /// The SHA-256 of the commit's bytes.
    pub sha256: [u8; 32],
    /// How many bytes the commit has.
    pub length: u64,
}

impl CommitEntry {
    /// The entry of a commit.
    pub fn of(version: u64, commit: &[u8]) -> Self {
        Self { version, sha256: Sha256::digest(commit).into(), length: commit.len() as u64 }
    }

    /// Whether the entry is that of this commit.
    pub fn is_of(&self, version: u64, commit: &[u8]) -> bool {
        *self == Self::of(version, commit)
    }

    /// The entry's bytes.
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(format!("{HEADER}\n{}\n{}\n{}\n", self.version, hex::encode(self.sha256), self.length))
    }

    /// Reads only the form that is written: one commit has one entry.
    ///
    /// # Errors
    /// Damage where the bytes are anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("tlog-entry-unreadable"));
        if bytes.len() > MAX_BYTES {
            return Err(unreadable());
        }
        let lenient = || {
            let mut lines = str::from_utf8(bytes).ok()?.split('\n').skip(1);
            let version = lines.next()?.parse().ok()?;
            let mut sha256 = [0; 32];
            hex::decode_to_slice(lines.next()?, &mut sha256).ok()?;
            Some(Self { version, sha256, length: lines.next()?.parse().ok()? })
        };
        lenient().filter(|entry| entry.to_bytes() == bytes).ok_or_else(unreadable)
    }
}
