//! A CloudTrail trail: its digests, which AWS signed and chained, and the log files that they name. Whether all are there,
//! are what was signed, and nothing was added.
//!
//! ```text
//! folder or bucket ─▶ accounts × regions ─▶ digests ─▶ signatures and chain ─▶ log files ─▶ hashes ─▶ coverage ─▶ report
//!      tree, discover                        group        chain                  logs      content   coverage
//! ```
//!
//! What judges (`chain`, `coverage`, `expected`, `content`, `place`, `keys`) reads nothing; what reads (`tree`, `discover`, `group`,
//! `follow`, `logs`, `run`) judges nothing. What could not be judged is `unverifiable`, never `intact`.

mod chain;
mod content;
mod coverage;
mod discover;
mod expected;
mod finding;
mod follow;
mod group;
mod keys;
mod logs;
mod place;
mod report;
mod run;
mod tree;

pub use coverage::TrailRange;
pub use discover::TrailFilter;
pub use expected::TrailExpectation;
pub use finding::{ChainName, Finding, Flaw};
pub use follow::OtherBuckets;
pub use keys::{KeyRing, KeySource, PublicKey};
pub use report::{ChainSummary, Gap, TrailChecked, TrailReport};
pub use run::{Remembered, TrailProgress, TrailQuestion, validate_trail};
pub use tree::TrailPlace;

#[cfg(test)]
mod tests;
