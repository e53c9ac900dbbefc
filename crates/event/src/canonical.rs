//! The canonical bytes of a record, over which its leaf is hashed: `docs/spec/record.md`.
//!
//! ```text
//! u8   version            1
//! [32] salt
//! u8   kind               1 event, 2 unparsed, 3 receipt
//! i64  received           microseconds since 1970, big-endian
//! u64  position           big-endian
//! u32 length ‖ bytes      source, stream, origin, reason, raw: in this order, lengths big-endian
//! ```
//!
//! Only what was received is in it. Columns are derived and stay out, so that they may be improved.

use crate::Provenance;

/// The version that stands in the first byte.
pub const CANONICAL_VERSION: u8 = 1;

/// What blinds a leaf: without it, the hashes of neighbours in a proof would confirm guesses about their content.
pub type Salt = [u8; 32];

/// Everything before the raw bytes, its length included; hashing it and then `raw` hashes the canonical bytes.
pub fn canonical_head(salt: &Salt, provenance: &Provenance, raw_length: usize, head: &mut Vec<u8>) {
    head.clear();
    head.push(CANONICAL_VERSION);
    head.extend_from_slice(salt);
    head.push(provenance.kind.code());
    head.extend_from_slice(&provenance.received.0.to_be_bytes());
    head.extend_from_slice(&provenance.position.to_be_bytes());
    for text in [&provenance.source, &provenance.stream, &provenance.origin, &provenance.reason] {
        length(text.len(), head);
        head.extend_from_slice(text.as_bytes());
    }
    length(raw_length, head);
}

/// The canonical bytes, whole.
pub fn canonical_bytes(salt: &Salt, provenance: &Provenance, raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256 + raw.len());
    canonical_head(salt, provenance, raw.len(), &mut bytes);
    bytes.extend_from_slice(raw);
    bytes
}

/// Lengths are bounded far below 4 GiB by the door ([`crate::MAX_RAW_BYTES`]); a longer one would be cut to the maximum
/// and its hash would simply not verify.
fn length(n: usize, head: &mut Vec<u8>) {
    head.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Timestamp};

    /// The format is sealed for ever: if this golden changes, every old proof breaks.
    #[test]
    fn canonical_bytes_are_golden() {
        let provenance = Provenance {
            kind: Kind::Event,
            source: "cloudtrail".into(),
            stream: "s".into(),
            origin: "a.json".into(),
            position: 12,
            received: Timestamp(1),
            reason: "".into(),
        };
        let bytes = canonical_bytes(&[7; 32], &provenance, b"{}");
        let expected = [
            "01",                           // version
            &"07".repeat(32),               // salt
            "01",                           // kind
            "0000000000000001",             // received
            "000000000000000c",             // position
            "0000000a636c6f7564747261696c", // source
            "0000000173",                   // stream
            "00000006612e6a736f6e",         // origin
            "00000000",                     // reason
            "000000027b7d",                 // raw
        ]
        .concat();
        assert_eq!(hex::encode(bytes), expected);
    }
}
