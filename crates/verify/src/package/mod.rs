//! A package: what an auditor is given. The answer to one query, the records behind it and the proofs of each, in one zip
//! file that verifies offline with nothing but the log's verifier key. `docs/spec/package.md`.
//!
//! ```text
//! README.en.html  README.ja.html      for people
//! rows.csv        rows.jsonl          the answer; masked where the manifest says so
//! records.jsonl                       every record behind it: bytes, provenance, salt, path to its segment's root
//! commits/7.json  commits/7.tlog-proof
//! checkpoint
//! manifest.json                       the query, its range, the tree's size, counts, and each file's hash
//! manifest.note                       the hash of manifest.json, signed by the log's key
//!
//! population/0.jsonl                  with the population: every record of its segments
//! commits.jsonl                       and every commit of the tree
//! drawn-from.txt                      of a sample: the names of the records that it was drawn from
//! lookups/people.csv                  the tables that the query looks things up in
//!
//! attachments.jsonl                   with documents: what is said of each, proven as records are
//! attachments/<sha256>                and their bytes
//! ```
//!
//! A judgement is in two steps. [`judge_package`] looks at everything that needs no query engine, and hands on each segment
//! of the population that was led to its root. Who has an engine runs the query again over these and tells [`Judged`] what
//! differs; who has none takes the report as it is, and it says so.

mod again;
mod archive;
mod attached;
mod draw;
mod judge;
mod manifest;
mod population;
mod whole;
mod writer;

pub use again::{Difference, Judged, RunAgain, read_again};
pub use draw::draw;
pub use judge::{judge_package, verify_package};
pub use manifest::{Asked, Attachments, Language, Manifest, Population, Sample};
pub use population::{Called, Due, Take, Wanted, WholeSegment};
pub use writer::PackageWriter;

/// The newest version of this form. A package states the version that is needed to read it: the first, unless it has a
/// population, a sample, tables, or says more of what was asked; the third where it has documents.
pub const PACKAGE_VERSION: u32 = 3;

/// The version of packages without documents.
pub(crate) const SECOND_VERSION: u32 = 2;

/// The version of packages of an answer, its records and their proofs.
pub(crate) const FIRST_VERSION: u32 = 1;

/// What the vault's key signs of a package.
pub(crate) const STATEMENT: &str = "shoseki-package/v1";

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const NOTE: &str = "manifest.note";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const RECORDS: &str = "records.jsonl";
/// The answer, for spreadsheets.
pub const ROWS_CSV: &str = "rows.csv";
/// The answer, for programs.
pub const ROWS_JSONL: &str = "rows.jsonl";
/// Every commit of the tree, one a line.
pub(crate) const COMMITS: &str = "commits.jsonl";
/// What a sample was drawn from.
pub const DRAWN_FROM: &str = "drawn-from.txt";
/// What is said of documents, one statement a line.
pub(crate) const ATTACHED: &str = "attachments.jsonl";
/// The folder of documents.
const DOCUMENTS: &str = "attachments/";
/// The folder of the tables.
pub(crate) const LOOKUPS: &str = "lookups/";
pub(crate) const READMES: [&str; 2] = ["README.en.html", "README.ja.html"];

/// What every package holds beside its commits.
pub(crate) const FIXED: [&str; 6] = [CHECKPOINT, RECORDS, ROWS_CSV, ROWS_JSONL, READMES[0], READMES[1]];

/// The entry of a commit.
pub(crate) fn commit(version: u64) -> String {
    format!("commits/{version}.json")
}

/// The entry of the proof that a commit is in the log.
pub(crate) fn commit_proof(version: u64) -> String {
    format!("commits/{version}.tlog-proof")
}

/// The version in the name of a commit's entry.
pub(crate) fn commit_version(name: &str) -> Option<u64> {
    let version = name.strip_prefix("commits/")?.strip_suffix(".json")?.parse().ok()?;
    (commit(version) == name).then_some(version)
}

/// The entry of a part of the population.
pub(crate) fn population(part: u64) -> String {
    format!("population/{part}.jsonl")
}

/// The part in the name of such an entry.
pub(crate) fn population_part(name: &str) -> Option<u64> {
    let part = name.strip_prefix("population/")?.strip_suffix(".jsonl")?.parse().ok()?;
    (population(part) == name).then_some(part)
}

/// The entry of a document.
pub(crate) fn document(sha256: &str) -> String {
    format!("{DOCUMENTS}{sha256}")
}

/// The hash in the name of such an entry.
pub(crate) fn document_hash(name: &str) -> Option<&str> {
    let hash = name.strip_prefix(DOCUMENTS)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some(hash)
}

/// The entry of a table.
pub(crate) fn table(name: &str) -> String {
    format!("{LOOKUPS}{name}.csv")
}

/// The table of an entry's name.
pub(crate) fn table_name(name: &str) -> Option<&str> {
    let table = name.strip_prefix(LOOKUPS)?.strip_suffix(".csv")?;
    let is_name = !table.is_empty() && table.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    is_name.then_some(table)
}

#[cfg(test)]
mod completeness;
#[cfg(test)]
mod tests;
