//! Detection: Sigma rules over records, as they come and looking back over any range.
//!
//! ```text
//! rules (YAML) ─► Rules ─► Detector          for each source, the rules of its log source
//! records ─► Detector::look ─► hits ─► Correlator ─► matches        one rule, one who, not an hour between two hits
//! ```
//!
//! What a rule says is judged by `rsigma`; what is ours is which records it is asked about, what becomes of its hits, and the proof
//! that each of our own rules finds what it should and nothing else (`rules/`).

mod corpus;
mod correlate;
mod coverage;
mod detector;
mod found;
mod log_source;
mod look_back;
mod members;
mod narrowed;
mod prove;
mod record;
mod rule;
mod suppress;

pub use corpus::{Example, Examples, Problem, Rules};
pub use correlate::Correlator;
pub use coverage::{Coverage, Part, Run, Seen};
pub use detector::{Detector, Hit, Look};
pub use found::{Known, Match, Matches};
pub use look_back::{Before, Kept, Looked, look_back, look_on};
pub use prove::{Proof, prove_own};
pub use record::{About, Record};
pub use rule::{Level, Origin, Rule};
pub use suppress::{Suppression, Suppressions};

/// The engine that judges, as a record states it.
pub const ENGINE: &str = "rsigma-eval 0.23";
