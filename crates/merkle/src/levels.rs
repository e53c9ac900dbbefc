//! All hashes of a tree, level by level: for who needs the proofs of many of its leaves.

use crate::{Hash, empty_root, node_hash};

/// A tree over leaf hashes, from the leaves to the root. It takes twice the memory of the leaves, and every proof is read from
/// it without hashing.
#[derive(Clone, Debug)]
pub struct Levels(Vec<Vec<Hash>>);

impl Levels {
    /// The tree over these leaf hashes. A node without a sibling stands in the level above as it is, which is the tree of
    /// RFC 9162, section 2.1.1.
    pub fn of(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(last) = levels.last().filter(|level| level.len() > 1) {
            let above = last.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(left, right),
                alone => alone.first().copied().unwrap_or_else(empty_root),
            });
            let above = above.collect();
            levels.push(above);
        }
        Self(levels)
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.0.last().and_then(|level| level.first()).copied().unwrap_or_else(empty_root)
    }

    /// The proof that the leaf of this index is in the tree (RFC 9162, section 2.1.3.1). `None` where there is no such leaf.
    pub fn inclusion_proof(&self, index: u64) -> Option<Vec<Hash>> {
        let mut at = usize::try_from(index).ok()?;
        self.0.first()?.get(at)?;
        let mut proof = Vec::with_capacity(self.0.len());
        for level in &self.0 {
            proof.extend(level.get(at ^ 1));
            at >>= 1;
        }
        Some(proof)
    }
}
