//! A checkpoint: how large the log is and what its root is, in a signed note (C2SP tlog-checkpoint, signed-note).
//!
//! ```text
//! example.com/log
//! 15
//! rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=
//!
//! — example.com/log M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=
//! ```
//! Ed25519 is deterministic: two sealers with one key write the same bytes for the same tree. Lines after the third
//! (extensions) and signatures of others (witnesses) are kept and tolerated; ours has neither when it is signed.

use bytes::Bytes;
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};
use signed_note::{Note, NoteError, Signature, VerifierList};

use crate::{SigningKey, VerifierKey};

/// The largest signed checkpoint that is read: room for the sixteen post-quantum signatures that a reader must accept.
pub const MAX_CHECKPOINT_BYTES: usize = 128 * 1024;

/// The head of a log, as its owner states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is the name of its key.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    fn text(&self) -> Result<Vec<u8>> {
        tlog_tiles::Checkpoint::new(&self.origin, self.size, tlog_tiles::Hash(self.root.0), "")
            .map(|checkpoint| checkpoint.to_bytes())
            .map_err(|_| Fault::broken(msg!("tlog-checkpoint-not-signed", origin = &self.origin)))
    }

    /// The signed note of this checkpoint: always the same bytes for the same checkpoint and key.
    ///
    /// # Errors
    /// The caller's mistake where the key is that of another origin.
    pub fn sign(&self, key: &SigningKey) -> Result<Bytes> {
        if self.origin != key.name() {
            let message = msg!("tlog-checkpoint-other-origin", origin = &self.origin, expected = key.name());
            return Err(Fault::caller(message));
        }
        let unsigned =
            |error: NoteError| Fault::broken(msg!("tlog-checkpoint-not-signed", origin = &self.origin)).because(error);
        let mut note = Note::new(&self.text()?, &[]).map_err(unsigned)?;
        note.add_sigs(&[key]).map_err(unsigned)?;
        Ok(Bytes::from(note.to_bytes()))
    }

    /// What a signed checkpoint claims, **without looking at its signatures**: to say what is there where the key is
    /// missing or the signature is wrong, and for nothing else.
    ///
    /// # Errors
    /// Damage where the bytes are no checkpoint.
    pub fn parse_unverified(bytes: &[u8]) -> Result<Self> {
        Ok(parse(&note(bytes)?)?.0)
    }
}

/// The note, bounded.
fn note(bytes: &[u8]) -> Result<Note> {
    if bytes.len() > MAX_CHECKPOINT_BYTES {
        return Err(Fault::damage(msg!("tlog-checkpoint-too-long", limit = MAX_CHECKPOINT_BYTES)));
    }
    Note::from_bytes(bytes).map_err(|error| Fault::damage(msg!("tlog-checkpoint-unreadable")).because(error))
}

/// The checkpoint in a note's text, and its extension lines.
fn parse(note: &Note) -> Result<(Checkpoint, String)> {
    let unreadable = || Fault::damage(msg!("tlog-checkpoint-unreadable"));
    let found = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| unreadable())?;
    if found.to_bytes() != note.text() {
        return Err(unreadable()); // one checkpoint, one text
    }
    let checkpoint = Checkpoint { origin: found.origin().to_owned(), size: found.size(), root: Hash(found.hash().0) };
    Ok((checkpoint, found.extension().to_owned()))
}

/// A signature on a checkpoint by another key than the log's: nobody has verified it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The name of the key that it says it was made with.
    pub name: String,
    /// That key's hash.
    pub key_id: u32,
    /// The signature, whose form depends on the key's algorithm.
    pub signature: Vec<u8>,
}

impl From<Signature> for Cosignature {
    fn from(line: Signature) -> Self {
        Self { name: line.name().to_owned(), key_id: line.id(), signature: line.signature().to_vec() }
    }
}

/// A checkpoint whose signature by the log's key was verified. There is no other way to get one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    extension: String,
    cosignatures: Vec<Cosignature>,
    bytes: Bytes,
}

impl SignedCheckpoint {
    /// Opens a signed note: it must be signed by this key and be of this key's origin. Signatures by other keys are
    /// kept unverified.
    ///
    /// # Errors
    /// Damage where the bytes are too many, are no checkpoint, carry no valid signature by the key or are of another
    /// origin.
    pub fn open(bytes: &[u8], key: &VerifierKey) -> Result<Self> {
        let note = note(bytes)?;
        let (_, others) = note.verify(&VerifierList::new(vec![Box::new(key.clone())])).map_err(|error| {
            let message = match &error {
                NoteError::UnverifiedNote => msg!("tlog-checkpoint-unsigned", key = key.to_string()),
                _ => msg!("tlog-checkpoint-signature-wrong", key = key.to_string()),
            };
            Fault::damage(message).because(error)
        })?;
        let (checkpoint, extension) = parse(&note)?;
        if checkpoint.origin != key.name() {
            let message = msg!("tlog-checkpoint-other-origin", origin = &checkpoint.origin, expected = key.name());
            return Err(Fault::damage(message));
        }
        let cosignatures = others.into_iter().map(Cosignature::from).collect();
        Ok(Self { checkpoint, extension, cosignatures, bytes: Bytes::copy_from_slice(bytes) })
    }

    /// What was signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The root of the tree over them.
    pub fn root(&self) -> Hash {
        self.checkpoint.root
    }

    /// The extension lines, each with its line end; empty where there are none.
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// The signatures by other keys, unverified.
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }

    /// The signed note, byte for byte as it was opened.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}
