//! A record's leaf: RFC 6962's leaf hash over its canonical bytes.

use shoseki_event::{Provenance, Salt, canonical_head};
use shoseki_merkle::Hash;

/// Hashes leaves one after another without allocating for each.
#[derive(Default)]
pub struct LeafHasher {
    head: Vec<u8>,
}

impl LeafHasher {
    /// `SHA-256(0x00 ‖ canonical bytes)`.
    pub fn leaf(&mut self, salt: &Salt, provenance: &Provenance, raw: &[u8]) -> Hash {
        canonical_head(salt, provenance, raw.len(), &mut self.head);
        shoseki_merkle::leaf_hash_parts(&[&self.head, raw])
    }
}

/// One leaf.
pub fn leaf_hash(salt: &Salt, provenance: &Provenance, raw: &[u8]) -> Hash {
    LeafHasher::default().leaf(salt, provenance, raw)
}
