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
//! ```

mod archive;
mod judge;
mod manifest;
mod writer;

pub use judge::verify_package;
pub use manifest::{Language, Manifest};
pub use writer::PackageWriter;

/// The version of this form.
pub const PACKAGE_VERSION: u32 = 1;

/// What the vault's key signs of a package.
pub(crate) const STATEMENT: &str = "shoseki-package/v1";

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const NOTE: &str = "manifest.note";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const RECORDS: &str = "records.jsonl";
pub(crate) const ROWS_CSV: &str = "rows.csv";
pub(crate) const ROWS_JSONL: &str = "rows.jsonl";
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

#[cfg(test)]
mod tests;
