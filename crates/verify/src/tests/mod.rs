//! Every way to lie, and every byte: each lie must be detected and located.

mod compaction;
pub(crate) mod erasure;
pub(crate) mod fixture;
mod flips;
pub(crate) mod ground;
mod index;
mod lies;
mod outside;
mod proofs;
mod retention;
mod rotation;
