//! Inclusion and consistency proofs: made from leaf hashes, verified against roots.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use crate::{Hash, consistency_ranges, empty_root, inclusion_ranges, node_hash, root};

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The tree of this size has no leaf of this index.
    NoSuchLeaf {
        /// The leaf's place in the tree, from 0.
        index: u64,
        /// The tree's number of leaves.
        size: u64,
    },
    /// The old tree is larger than the new one.
    Shrunk {
        /// The old tree's number of leaves.
        old: u64,
        /// The new tree's number of leaves.
        new: u64,
    },
    /// From the empty tree there is nothing to be consistent with, so nothing can be proved.
    Empty,
    /// The proof has too many or too few hashes for these sizes.
    Length {
        /// How many the proof has.
        found: usize,
    },
    /// The proof does not lead to the old root.
    OldRoot,
    /// The proof does not lead to the new root.
    NewRoot,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchLeaf { index, size } => write!(f, "a tree of {size} leaves has no leaf {index}"),
            Self::Shrunk { old, new } => write!(f, "the old tree has {old} leaves, more than the new one's {new}"),
            Self::Empty => f.write_str("from an empty tree there is nothing to prove"),
            Self::Length { found } => write!(f, "the proof has {found} hashes, which does not fit the sizes"),
            Self::OldRoot => f.write_str("the proof does not lead to the old root"),
            Self::NewRoot => f.write_str("the proof does not lead to the new root"),
        }
    }
}

impl Error for ProofError {}

/// The proof that the leaf of this index is in the tree over these leaf hashes (RFC 9162, section 2.1.3.1). `None`
/// where there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    roots(leaves, inclusion_ranges(index, leaves.len() as u64)?)
}

/// The proof that the tree over the first `old_size` of these leaf hashes is the beginning of the tree over all of them
/// (RFC 9162, section 2.1.4.1). `None` where there are not so many, and from the empty tree to a larger one.
pub fn consistency_proof(leaves: &[Hash], old_size: u64) -> Option<Vec<Hash>> {
    roots(leaves, consistency_ranges(old_size, leaves.len() as u64)?)
}

fn roots(leaves: &[Hash], ranges: Vec<Range<u64>>) -> Option<Vec<Hash>> {
    let root_of = |range: Range<u64>| {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        Some(root(leaves.get(range)?))
    };
    ranges.into_iter().map(root_of).collect()
}

/// The root that a leaf's inclusion proof leads to (RFC 9162, section 2.1.3.2); the caller compares it with a root that
/// it trusts **for the same size**: trees of nearby sizes can have proofs of the same shape.
///
/// # Errors
/// Where the tree has no such leaf, or the proof is not exactly as long as it must be.
pub fn root_from_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            climb_to_right_child(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(wrong_length) }
}

/// A node without a sibling at its height stands for itself further up: go to where it is a right child.
fn climb_to_right_child(node: &mut u64, last: &mut u64) {
    if *node != 0 {
        let heights = node.trailing_zeros();
        *node >>= heights;
        *last >>= heights;
    }
}

/// Verifies that the tree of `old_size` leaves and root `old_root` is the beginning of that of `new_size` leaves and root
/// `new_root` (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// Where the sizes are the wrong way round, the old tree is empty and the new one is not (a success would say that
/// something was checked, and nothing was), the proof has the wrong length, or it does not lead to both roots.
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old: old_size, new: new_size });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    if old_size == new_size {
        return match proof {
            [] if old_size == 0 && old_root != empty_root() => Err(ProofError::OldRoot),
            [] if old_root != new_root => Err(ProofError::NewRoot),
            [] => Ok(()),
            _ => Err(wrong_length),
        };
    }
    if old_size == 0 {
        return Err(ProofError::Empty);
    }

    // The smallest subtree that ends where the old tree ends; where that is the old tree itself, its root is not sent.
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    let heights = node.trailing_ones();
    node >>= heights;
    last >>= heights;
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length)?;
        (*first, rest)
    };

    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            climb_to_right_child(&mut node, &mut last);
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match last {
        0 if old != old_root => Err(ProofError::OldRoot),
        0 if new != new_root => Err(ProofError::NewRoot),
        0 => Ok(()),
        _ => Err(wrong_length),
    }
}
