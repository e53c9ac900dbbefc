//! Judges a vault, a record's proof, a package and a trail of CloudTrail, trusting nobody. It reads by itself and never
//! runs the writer's code: what it shares with the writer is the pure formats (`segment`, `tlog`, `merkle`, `sources`,
//! `event`).
//!
//! A verdict is `intact`, `tampered` (what, where, since when) or `unverifiable` (why). Nothing checked is never intact.

mod against;
mod deep;
mod delta;
mod files;
mod keys;
mod log;
mod originals;
pub mod package;
mod place;
mod proof;
mod rebuild;
mod statistics;
mod table;
pub mod trail;
mod vault;
mod verdict;

pub use place::{Place, Reads};
pub use proof::{Proven, judge_proof, verify_proof};
pub use vault::{OpensAnchors, Question, verify_vault};
pub use verdict::{Anchored, Checked, Problem, Report, Since, Verdict};

#[cfg(test)]
mod tests;
