//! A proof that stands alone: entry in tree, tree in checkpoint, checkpoint signed (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra YWdl
//! index 7
//! gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
//!
//! example.com/log
//! 9
//! sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
//!
//! — example.com/log hI2DJw…
//! ```
//! The entry itself is not in it; whoever verifies has it. `extra` is optional and **proves nothing**: nobody signs it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use shoseki_merkle::{Hash, leaf_hash, root_from_inclusion};
use shoseki_messages::{Fault, Result, msg};

use crate::{MAX_CHECKPOINT_BYTES, SignedCheckpoint, VerifierKey};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of fewer than 2^64 entries has no longer path.
const MAX_HASHES: usize = 64;
/// The largest proof that is read.
pub const MAX_PROOF_BYTES: usize = 1024 * 1024;

/// A proof as it is carried; nothing of it is verified before [`TlogProof::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Whatever the application wants to carry along, unauthenticated; empty where there is nothing.
    pub extra: Vec<u8>,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling to the root's child.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, byte for byte.
    pub checkpoint: Bytes,
}

impl TlogProof {
    /// The proof's text.
    pub fn to_bytes(&self) -> Bytes {
        let mut text = format!("{HEADER}\n");
        if !self.extra.is_empty() {
            text.push_str(&format!("extra {}\n", BASE64_STANDARD.encode(&self.extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&format!("{}\n", BASE64_STANDARD.encode(hash.0)));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint);
        Bytes::from(bytes)
    }

    /// Reads a proof; only the form that is written.
    ///
    /// # Errors
    /// Damage where the bytes are more than [`MAX_PROOF_BYTES`] or no proof.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("tlog-proof-unreadable"));
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(unreadable());
        }
        let text = str::from_utf8(bytes).map_err(|error| unreadable().because(error))?;
        parse(text).filter(|proof| proof.to_bytes() == bytes).ok_or_else(unreadable)
    }

    /// Verifies that the entry is in the log of this key: the checkpoint's signature, and the path from the entry to
    /// the checkpoint's root. Gives the checkpoint; `extra` remains unverified.
    ///
    /// # Errors
    /// Damage where either does not hold.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<SignedCheckpoint> {
        let signed = SignedCheckpoint::open(&self.checkpoint, key)?;
        let wrong = || Fault::damage(msg!("tlog-proof-wrong", index = self.index, size = signed.size()));
        let root = root_from_inclusion(leaf_hash(entry), self.index, signed.size(), &self.hashes)
            .map_err(|error| wrong().because(error))?;
        if root == signed.root() { Ok(signed) } else { Err(wrong()) }
    }
}

fn parse(text: &str) -> Option<TlogProof> {
    let (head, checkpoint) = text.split_once("\n\n")?;
    if checkpoint.len() > MAX_CHECKPOINT_BYTES {
        return None;
    }
    let mut lines = head.strip_prefix(HEADER)?.strip_prefix('\n')?.split('\n').peekable();
    let extra = match lines.next_if(|line| line.starts_with("extra ")) {
        Some(line) => BASE64_STANDARD.decode(line.strip_prefix("extra ")?).ok()?,
        None => Vec::new(),
    };
    let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
    let mut hashes = Vec::new();
    for line in lines {
        if hashes.len() == MAX_HASHES {
            return None;
        }
        hashes.push(Hash(BASE64_STANDARD.decode(line).ok()?.try_into().ok()?));
    }
    Some(TlogProof { extra, index, hashes, checkpoint: Bytes::copy_from_slice(checkpoint.as_bytes()) })
}
