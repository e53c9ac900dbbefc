//! What a file of a trail holds: the bytes that a digest's hash covers, and whether more lies in the file than these.
//!
//! CloudTrail writes one gzip member and nothing behind it. A second member or other bytes behind the first are found here
//! although the hash of the content may be right. A file that lies gunzipped is its own content.

use std::io::Read;

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

/// The beginning of a gzip member.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The longest content. CloudTrail cuts its files at a few megabytes; a gzip stream can swell a thousandfold.
const MAX_CONTENT: u64 = 1 << 30;
/// The longest content of a digest, which is kept in memory: a hundred thousand names of log files.
const MAX_DIGEST: u64 = 64 << 20;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The SHA-256 of the content.
    pub sha256: [u8; 32],
    /// How long the content is.
    pub length: u64,
    /// How many bytes lie behind the gzip stream.
    pub trailing: u64,
}

/// Why there is no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoContent {
    /// The gzip stream is cut off or corrupt.
    Corrupt,
    /// It is longer than anything that CloudTrail writes.
    TooLong,
}

/// Hashes the content of a log file.
///
/// # Errors
/// Where the gzip stream is damaged, or swells beyond all bounds.
pub fn hash(file: &[u8]) -> Result<Content, NoContent> {
    let mut hasher = Sha256::new();
    let (length, trailing) = inflate(file, MAX_CONTENT, |bytes| hasher.update(bytes))?;
    Ok(Content { sha256: hasher.finalize().into(), length, trailing })
}

/// The content of a digest, and what is known of it.
///
/// # Errors
/// As [`hash`].
pub fn read(file: &[u8]) -> Result<(Vec<u8>, Content), NoContent> {
    let mut content = Vec::new();
    let (length, trailing) = inflate(file, MAX_DIGEST, |bytes| content.extend_from_slice(bytes))?;
    let sha256 = Sha256::digest(&content).into();
    Ok((content, Content { sha256, length, trailing }))
}

/// Gives the content in pieces; returns its length and how much lies behind it.
fn inflate(file: &[u8], limit: u64, mut take: impl FnMut(&[u8])) -> Result<(u64, u64), NoContent> {
    if !file.starts_with(&GZIP) {
        take(file);
        return if file.len() as u64 <= limit { Ok((file.len() as u64, 0)) } else { Err(NoContent::TooLong) };
    }
    let mut decoder = GzDecoder::new(file);
    let mut buffer = vec![0; 64 << 10];
    let mut length = 0;
    loop {
        let read = decoder.read(&mut buffer).map_err(|_| NoContent::Corrupt)?;
        if read == 0 {
            return Ok((length, decoder.into_inner().len() as u64));
        }
        length += read as u64;
        if length > limit {
            return Err(NoContent::TooLong);
        }
        take(buffer.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_lies_behind_the_stream_is_seen_though_the_hash_is_right() {
        let plain = hash(b"{\"Records\":[]}").unwrap();
        let file = gzip(b"{\"Records\":[]}");
        assert_eq!(hash(&file).unwrap(), plain);
        for behind in [&b"x"[..], &gzip(b""), &[0; 3], &gzip(b"more")] {
            let found = hash(&[&file[..], behind].concat()).unwrap();
            assert_eq!((found.sha256, found.trailing), (plain.sha256, behind.len() as u64));
        }
        assert_eq!(read(&file).unwrap(), (b"{\"Records\":[]}".to_vec(), plain));
    }

    #[test]
    fn what_is_cut_off_corrupt_or_endless_is_no_content() {
        let file = gzip(&vec![7; 100_000]);
        assert_eq!(hash(&file[..file.len() - 1]), Err(NoContent::Corrupt));
        let mut flipped = file.clone();
        flipped[20] ^= 0x40;
        assert!(hash(&flipped).is_err());
        assert_eq!(read(&gzip(&vec![0; (MAX_DIGEST + 1) as usize])), Err(NoContent::TooLong));
    }
}
