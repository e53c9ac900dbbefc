//! The root of a tree, leaf by leaf: the Merkle Tree Hash of RFC 9162, section 2.1.1.

use crate::{Hash, empty_root, node_hash};

/// Builds a tree's root while its leaves go by: it keeps one hash per bit of the size, not the leaves.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    size: u64,
    /// The roots of the perfect subtrees that the leaves so far fall into, largest first.
    peaks: Vec<Hash>,
}

impl Builder {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves were given.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each set bit at the end of the size is a finished subtree of the same height as the one just completed.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size = self.size.wrapping_add(1); // nobody hashes 2^64 leaves
    }

    /// The root over the leaves given so far.
    pub fn root(&self) -> Hash {
        let mut from_the_right = self.peaks.iter().rev();
        let Some(last) = from_the_right.next() else { return empty_root() };
        from_the_right.fold(*last, |right, left| node_hash(left, &right))
    }
}

impl Extend<Hash> for Builder {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

/// The root of the tree over these leaf hashes; of none, the root of the empty tree.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut builder = Builder::new();
    builder.extend(leaves.iter().copied());
    builder.root()
}
