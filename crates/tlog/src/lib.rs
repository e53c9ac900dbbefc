//! The transparency log: what its objects are called and hold, who signed it, and how to prove something with it.
//!
//! ```text
//! checkpoints/<size>          a signed note: origin, size, root         (C2SP tlog-checkpoint, signed-note)
//! tile/<L>/<N>[.p/<W>]        the tree's hashes, 256 a tile             (C2SP tlog-tiles)
//! tile/entries/<N>[.p/<W>]    the entries, 256 a bundle                 (C2SP tlog-tiles)
//! ```
//!
//! It is the only crate that knows signatures. It does no I/O: whoever needs objects plans their paths here, fetches
//! them elsewhere into a map from path to bytes, and computes here. Every object but the mutable copy `checkpoint` of
//! the latest checkpoint is created once and never changed, and is a pure function of the entries (and of the key).

mod audit;
mod checkpoint;
mod edge;
mod entry;
mod keys;
mod paths;
mod portable;
mod proof;
mod statement;
mod tiles;

pub use audit::{Expected, expected_objects, tree_from_entries};
pub use checkpoint::{Checkpoint, Cosignature, MAX_CHECKPOINT_BYTES, SignedCheckpoint};
pub use edge::{Edge, edge_paths};
pub use entry::CommitEntry;
pub use keys::{SigningKey, VerifierKey};
pub use paths::{FULL_WIDTH, LATEST_CHECKPOINT, ObjectPath, full_form};
pub use portable::{MAX_PROOF_BYTES, TlogProof};
pub use proof::{consistency_paths, inclusion_paths, prove_consistency, prove_inclusion, root_from_tiles, root_paths};
pub use statement::{check_statement, open_statement, sign_statement};
pub use tiles::{MAX_ENTRY_BYTES, Objects, decode_bundle, decode_tile, encode_bundle, read_bundle, read_tile};

pub use shoseki_merkle::{Hash, ProofError, empty_root, leaf_hash, root_from_inclusion, verify_consistency};

#[cfg(test)]
mod tests;
