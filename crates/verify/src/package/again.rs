//! The second step of a judgement: what came of running the query again over the population. It is run elsewhere, by who has
//! an engine; the verdict is drawn here.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Message, Result, msg};

use super::Manifest;
use super::archive::Archive;
use super::manifest::MAX_MANIFEST_BYTES;
use crate::verdict::{Problem, Report};

/// A package that was judged as far as that goes without a query engine.
#[derive(Debug)]
pub struct Judged {
    pub(super) report: Report,
    /// `None` where it is not signed.
    pub(super) manifest: Option<Manifest>,
    /// How many records of the answer are proven.
    pub(super) proven: u64,
    /// How many records of the population are, if all of it is.
    pub(super) population: Option<u64>,
    pub(super) tables: BTreeMap<String, Bytes>,
    pub(super) app_mapping: Option<String>,
}

/// One thing in which the package is not what the query gives.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The file, with the row; or the record.
    pub what: String,
    /// What is different.
    pub message: Message,
}

/// What came of running the query again.
#[derive(Debug, Default)]
pub struct RunAgain {
    /// Over how many records.
    pub records: u64,
    /// How many rows it gave.
    pub rows: u64,
    /// Whether the rows had to come in the same order; else the query leaves it open.
    pub in_order: bool,
    /// In what the package differs.
    pub differences: Vec<Difference>,
    /// Sources whose columns another version of their parser derived when their records were sealed, with that version: the
    /// difference may lie in that.
    pub other_derivations: BTreeMap<String, u32>,
    /// The version that asked, where it is another than the one that ran it again: it may understand the query otherwise.
    pub other_engine: Option<String>,
    /// Why it could not be run, where it could not.
    pub failed: Option<Fault>,
}

impl Judged {
    /// The manifest, if everything that it has been looked at for holds and the package has all that is needed to run the
    /// query again.
    pub fn can_run_again(&self) -> Option<&Manifest> {
        let is_good = self.report.problems.is_empty() && self.population.is_some();
        self.manifest.as_ref().filter(|_| is_good)
    }

    /// The tables that the query looks things up in, by name.
    pub fn tables(&self) -> &BTreeMap<String, Bytes> {
        &self.tables
    }

    /// Which names of applications' events say who did what, as the commits of the tree have it; without a population nothing.
    pub fn app_mapping(&self) -> Option<&str> {
        self.app_mapping.as_deref()
    }

    /// The report, where the query is not run again.
    pub fn report(mut self) -> Report {
        if let Some(manifest) = &self.manifest {
            if let Some(records) = self.population {
                self.report.note(msg!("verify-population-whole", records = records, size = manifest.tree_size));
                self.report.note(msg!("verify-population-not-run"));
            }
            let (created, rows, size) = (manifest.created.as_str(), manifest.rows, manifest.tree_size);
            let claim = if manifest.complete {
                msg!("verify-package-claims-complete", created = created, rows = rows, size = size)
            } else {
                msg!("verify-package-claims-part", created = created, rows = rows, size = size)
            };
            // What is said of a sample stands with the draw.
            if manifest.sample.is_none() {
                self.report.note(claim);
            }
        }
        self.masked();
        self.report.conclude(self.proven)
    }

    /// The report, with what came of running the query again.
    pub fn ran_again(mut self, again: RunAgain) -> Report {
        let (Some(manifest), Some(records)) = (&self.manifest, self.population) else { return self.report() };
        if again.records != records {
            // Who ran it took other records than were handed on.
            self.report.problem(Problem::unverifiable("population", msg!("verify-population-not-run")));
        }
        let has_failed = again.failed.is_some();
        if let Some(fault) = again.failed {
            self.report.problem(Problem::unverifiable("population", msg!("verify-population-failed")).because(fault));
        }
        let is_run_alike = again.other_derivations.is_empty() && again.other_engine.is_none();
        let differs = !again.differences.is_empty();
        for Difference { what, message } in again.differences {
            let problem = Problem::tampered(what, message);
            // A row that differs because another version reads events or queries otherwise was not tampered with.
            let verdict = if is_run_alike { problem.verdict } else { crate::Verdict::Unverifiable };
            self.report.problem(Problem { verdict, ..problem });
        }
        for (source, version) in again.other_derivations {
            let message = msg!("verify-population-derivation", source = source, version = version);
            self.report.note(message);
        }
        if let Some(engine) = again.other_engine {
            self.report.note(msg!("verify-population-engine", engine = engine));
        }
        self.report.note(msg!("verify-population-whole", records = records, size = manifest.tree_size));
        if !differs && !has_failed {
            self.report.note(msg!("verify-population-complete", records = records, rows = again.rows));
            if let Some(sample) = &manifest.sample {
                self.report.note(msg!("verify-population-list", from = sample.from));
            }
            if !again.in_order {
                self.report.note(msg!("verify-population-any-order"));
            }
            self.report.note(msg!("verify-population-relative"));
            // That nothing fits the query is proven too.
            self.proven = self.proven.max(1);
        }
        self.masked();
        self.report.conclude(self.proven)
    }

    fn masked(&mut self) {
        if self.manifest.as_ref().is_some_and(|manifest| manifest.masked) {
            self.report.note(msg!("verify-package-masked"));
        }
    }
}

/// Reads an entry of a package that was judged, once more, and makes sure that it is still the one that was signed.
///
/// # Errors
/// Damage where it is another; what `read` says; the world's failure where it cannot be read.
pub fn read_again<R: Read + Seek, T>(
    reader: R,
    manifest: &Manifest,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> Result<T>,
) -> Result<T> {
    let changed = || Fault::damage(msg!("verify-package-entry-changed"));
    let named = manifest.files.get(name).ok_or_else(changed)?;
    let mut archive = Archive::open(reader)?;
    let is_signed = |bytes: &[u8]| bytes == manifest.to_bytes();
    if !archive.read(super::MANIFEST, MAX_MANIFEST_BYTES)?.is_some_and(|bytes| is_signed(&bytes)) {
        return Err(changed());
    }
    archive.reader(name, named.size, |inner| {
        let mut hashing = Hashing { inner, hasher: Sha256::new(), size: 0 };
        let given = read(&mut hashing)?;
        std::io::copy(&mut hashing, &mut std::io::sink()).map_err(|error| changed().because(error))?;
        let is_same = hashing.size == named.size && hex::encode(hashing.hasher.finalize()) == named.sha256;
        if is_same { Ok(given) } else { Err(changed()) }
    })
}

/// Hashes what is read.
struct Hashing<'r> {
    inner: &'r mut dyn Read,
    hasher: Sha256,
    size: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        self.size += length as u64;
        Ok(length)
    }
}
