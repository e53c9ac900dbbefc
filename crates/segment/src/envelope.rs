//! The envelope around everything encrypted that is not Parquet: originals, later the index and the write-ahead log.
//!
//! ```text
//! "SHSKENV1"
//! u16 length ‖ JSON       {"id":"standard/2026-03","wrapped":"…"}: the envelope's own key, wrapped (big-endian length)
//! chunks                  AES-256-GCM over at most 64 KiB each, tag appended;
//!                         nonce = u8 (1 for the last chunk, else 0) ‖ u88 the chunk's number, big-endian
//! ```
//!
//! The associated data is the object's name and the head, so an envelope put in another's place does not open; the last chunk is marked,
//! so a truncated one does not either.

use shoseki_messages::{Fault, Result, msg};

use crate::keys::{Secret, WrappedKey, open as open_chunk, seal as seal_chunk};

const MAGIC: &[u8; 8] = b"SHSKENV1";
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;

fn nonce(number: usize, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[0] = u8::from(is_last);
    nonce[4..].copy_from_slice(&(number as u64).to_be_bytes());
    nonce
}

/// Seals `plain` under a new key of its own, wrapped by a class key; `name` is the object's path in the vault.
///
/// # Errors
/// The world's failure where there are no random numbers.
pub fn seal(class_key_id: &str, class_key: &Secret, name: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let key = Secret::fresh()?;
    seal_by(&WrappedKey::seal(class_key_id, class_key, name, &key)?, &key, name, plain)
}

/// Seals `plain` under a key and what it is wrapped as: the same gives the same bytes.
pub(crate) fn seal_by(wrapped: &WrappedKey, key: &Secret, name: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let head = serde_json::to_vec(wrapped).map_err(|e| Fault::broken(msg!("segment-cipher")).because(e))?;
    let length = u16::try_from(head.len()).map_err(|e| Fault::broken(msg!("segment-cipher")).because(e))?;
    let aad = [name.as_bytes(), &head].concat();
    let mut sealed = Vec::with_capacity(plain.len() + plain.len() / CHUNK * TAG + head.len() + 64);
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&length.to_be_bytes());
    sealed.extend_from_slice(&head);
    let chunks = plain.len().div_ceil(CHUNK).max(1);
    for number in 0..chunks {
        let end = plain.len().min((number + 1) * CHUNK);
        let mut chunk = plain[number * CHUNK..end].to_vec();
        seal_chunk(key, nonce(number, number + 1 == chunks), &aad, &mut chunk)?;
        sealed.append(&mut chunk);
    }
    Ok(sealed)
}

/// Whether bytes begin as an envelope does.
pub fn is_envelope(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The wrapped key in an envelope's head: it names the class key that opens it.
///
/// # Errors
/// Damage where it is no envelope.
pub fn wrapped_key(sealed: &[u8]) -> Result<WrappedKey> {
    let (head, _) = split(sealed)?;
    serde_json::from_slice(head).map_err(|error| Fault::damage(msg!("segment-envelope-unreadable")).because(error))
}

fn split(sealed: &[u8]) -> Result<(&[u8], &[u8])> {
    let unreadable = || Fault::damage(msg!("segment-envelope-unreadable"));
    let rest = sealed.strip_prefix(MAGIC).ok_or_else(unreadable)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(unreadable)?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or_else(unreadable)
}

/// Opens an envelope.
///
/// # Errors
/// Damage where a byte was changed, chunks are missing, or it belongs to another name.
pub fn open(class_key: &Secret, name: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (head, body) = split(sealed)?;
    let key = wrapped_key(sealed)?.open(class_key, name)?;
    let aad = [name.as_bytes(), head].concat();
    let mut plain = Vec::with_capacity(body.len());
    let chunks = body.chunks(CHUNK + TAG);
    let count = chunks.len();
    if count == 0 {
        return Err(Fault::damage(msg!("segment-envelope-unreadable")));
    }
    for (number, chunk) in chunks.enumerate() {
        let mut chunk = chunk.to_vec();
        let opened = open_chunk(&key, nonce(number, number + 1 == count), &aad, &mut chunk)?
            .ok_or_else(|| Fault::damage(msg!("segment-envelope-changed", name = name, chunk = number)))?;
        plain.extend_from_slice(opened);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_opens_whole_or_not_at_all() {
        let key = Secret::fresh().unwrap();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let sealed = seal("standard/2026-03", &key, "originals/a", &plain).unwrap();
            assert_eq!(open(&key, "originals/a", &sealed).unwrap(), plain);
            assert!(open(&key, "originals/b", &sealed).is_err(), "another name");
            assert!(open(&Secret::fresh().unwrap(), "originals/a", &sealed).is_err(), "another key");
            for cut in [0, 7, 20, sealed.len() - 1, sealed.len().saturating_sub(CHUNK + TAG)] {
                assert!(open(&key, "originals/a", &sealed[..cut]).is_err(), "cut at {cut} of {length}");
            }
            for at in (0..sealed.len()).step_by(sealed.len() / 50 + 1) {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(open(&key, "originals/a", &changed).is_err(), "byte {at} of {length}");
            }
        }
    }
}
