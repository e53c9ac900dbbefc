//! A statement that a log's key signs beside its checkpoints: that something of this kind has this hash (C2SP signed-note).
//!
//! ```text
//! shoseki-package/v1
//! 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//!
//! — example.com/log M9e0lu…
//! ```
//! A checkpoint's text has three lines at least and its second is a number, so neither can be taken for the other.

use bytes::Bytes;
use shoseki_messages::{Fault, Result, msg};
use signed_note::{Note, NoteError, VerifierList};

use crate::{Hash, MAX_CHECKPOINT_BYTES, SigningKey, VerifierKey};

/// The signed note that says that a thing of this kind has this SHA-256: always the same bytes.
///
/// # Errors
/// Our own broken invariant where the kind is no line of text.
pub fn sign_statement(kind: &str, sha256: Hash, key: &SigningKey) -> Result<Bytes> {
    let unsigned = |error: NoteError| Fault::broken(msg!("tlog-statement-not-signed", kind = kind)).because(error);
    let mut note = Note::new(format!("{kind}\n{sha256}\n").as_bytes(), &[]).map_err(unsigned)?;
    note.add_sigs(&[key]).map_err(unsigned)?;
    Ok(Bytes::from(note.to_bytes()))
}

/// The SHA-256 in a statement of this kind that this key, and nobody else, signed.
///
/// # Errors
/// Damage where the bytes are no such statement.
pub fn open_statement(kind: &str, bytes: &[u8], key: &VerifierKey) -> Result<Hash> {
    let wrong = || Fault::damage(msg!("tlog-statement-wrong", kind = kind, key = key.to_string()));
    if bytes.len() > MAX_CHECKPOINT_BYTES {
        return Err(wrong());
    }
    let note = Note::from_bytes(bytes).map_err(|error| wrong().because(error))?;
    let verifiers = VerifierList::new(vec![Box::new(key.clone())]);
    let (ours, others) = note.verify(&verifiers).map_err(|error| wrong().because(error))?;
    let text = str::from_utf8(note.text()).map_err(|error| wrong().because(error))?;
    let hash = text.strip_prefix(kind).and_then(|rest| rest.strip_prefix('\n')?.strip_suffix('\n'));
    let is_alone = ours.len() == 1 && others.is_empty() && note.to_bytes() == bytes;
    hash.filter(|_| is_alone).and_then(|hash| hash.parse().ok()).ok_or_else(wrong)
}

/// Whether a statement of this kind says that its thing has this hash, and this key signed it.
///
/// # Errors
/// Damage where it is none, says so of something else, or is not of this key.
pub fn check_statement(kind: &str, bytes: &[u8], sha256: Hash, key: &VerifierKey) -> Result<()> {
    if open_statement(kind, bytes, key)? == sha256 {
        Ok(())
    } else {
        Err(Fault::damage(msg!("tlog-statement-of-other", kind = kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, SignedCheckpoint};

    #[test]
    fn a_statement_is_opened_only_as_what_it_is() {
        let key = SigningKey::generate("example.com/log").unwrap();
        let hash = crate::leaf_hash(b"a");
        let signed = sign_statement("a-kind/v1", hash, &key).unwrap();
        assert_eq!(open_statement("a-kind/v1", &signed, key.verifier()).unwrap(), hash);
        assert!(open_statement("a-kind/v2", &signed, key.verifier()).is_err());
        assert!(SignedCheckpoint::open(&signed, key.verifier()).is_err());
        let other = SigningKey::generate("example.com/log").unwrap();
        assert!(open_statement("a-kind/v1", &signed, other.verifier()).is_err());
        for at in 0..signed.len() {
            let mut changed = signed.to_vec();
            changed[at] ^= 1;
            assert!(open_statement("a-kind/v1", &changed, key.verifier()).is_err(), "byte {at}");
        }
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size: 1, root: hash }.sign(&key).unwrap();
        assert!(open_statement(key.name(), &checkpoint, key.verifier()).is_err());
    }
}
