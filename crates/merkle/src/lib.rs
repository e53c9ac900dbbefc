//! Merkle trees as RFC 6962 and RFC 9162 define them: hashes, roots, proofs. Arithmetic only.
//!
//! ```text
//! leaf  SHA-256(0x00 ‖ data)        node  SHA-256(0x01 ‖ left ‖ right)        empty tree  SHA-256("")
//! ```
//!
//! It knows nothing of files, signatures or what a leaf commits to. Whatever it is given, it neither panics nor works
//! for longer than the logarithm of the tree's size to verify.

mod hash;
mod levels;
mod proof;
mod ranges;
mod root;

pub use hash::{Hash, NotAHash, empty_root, leaf_hash, leaf_hash_parts, node_hash};
pub use levels::Levels;
pub use proof::{ProofError, consistency_proof, inclusion_proof, root_from_inclusion, verify_consistency};
pub use ranges::{consistency_ranges, inclusion_ranges, perfect_subtrees};
pub use root::{Builder, root};

#[cfg(test)]
mod tests;
