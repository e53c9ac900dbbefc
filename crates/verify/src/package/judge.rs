//! Judges a package, offline: the manifest is signed, every file is the one it names and no other is there, and every
//! record leads over its segment and its commit to the checkpoint.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{Read, Seek};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::RecordId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::SegmentTag;
use shoseki_segment::commit::MAX_COMMIT_BYTES;
use shoseki_segment::proof::{MAX_RECORD_LINE_BYTES, ProvenRecord};
use shoseki_segment::receipt::Extent;
use shoseki_tlog::{
    Hash, MAX_CHECKPOINT_BYTES, MAX_PROOF_BYTES, SignedCheckpoint, TlogProof, VerifierKey, open_statement,
};

use super::again::Judged;
use super::archive::Archive;
use super::manifest::{MAX_MANIFEST_BYTES, is_newer};
use super::population::Take;
use super::{ATTACHED, STATEMENT, commit, commit_proof, commit_version, document_hash, population_part, table_name};
use super::{CHECKPOINT, COMMITS, DRAWN_FROM, FIXED, MANIFEST, Manifest, NOTE, READMES, RECORDS, ROWS_CSV, ROWS_JSONL};
use crate::proof::{is_in, is_sealed, segments};
use crate::verdict::{Problem, Report};

/// The longest line of `rows.jsonl`: every field of a long record, escaped.
const MAX_ROW_BYTES: usize = 256 << 20;
/// The most that is said of one file.
pub(super) const MAX_PROBLEMS: u64 = 100;

/// The largest table that a query looks things up in.
const MAX_TABLE_BYTES: usize = 10 << 20;

/// Judges a package. `known` is a checkpoint of the same log that the auditor holds from elsewhere: it tells an old package.
/// The query is not run again, which the report says where the package has what is needed for that.
///
/// # Errors
/// The world's failure where the package cannot be read; the caller's mistake where `known` is not of this log. Everything
/// else is in the report.
pub fn verify_package<R: Read + Seek>(reader: R, key: Option<&VerifierKey>, known: Option<&[u8]>) -> Result<Report> {
    judge_package(reader, key, known, None).map(Judged::report)
}

/// The same for who runs the query again over the segments of the population, which `take` is given one by one.
///
/// # Errors
/// As [`verify_package`], and what `take` says.
pub fn judge_package<R: Read + Seek>(
    reader: R,
    key: Option<&VerifierKey>,
    known: Option<&[u8]>,
    take: Option<Take<'_>>,
) -> Result<Judged> {
    let mut report = Report::new(key.map_or("", VerifierKey::name));
    let unread = |report: Report| {
        let (manifest, population, tables) = (None, None, BTreeMap::new());
        Judged { report, manifest, proven: 0, population, tables, app_mapping: None }
    };
    let Some(key) = key else {
        report.problem(Problem::unverifiable(MANIFEST, msg!("verify-no-key")));
        return Ok(unread(report));
    };
    let known = known.map(|bytes| SignedCheckpoint::open(bytes, key)).transpose();
    let known = known.map_err(|fault| Fault::caller(msg!("verify-against-unreadable")).because(fault))?;
    let mut archive = match Archive::open(reader) {
        Ok(archive) => archive,
        Err(fault) if fault.kind() == shoseki_messages::Kind::World => return Err(fault),
        Err(fault) => {
            report.problem(Problem::of("package", fault));
            return Ok(unread(report));
        }
    };
    let Some(manifest) = signed_manifest(&mut archive, key, &mut report) else { return Ok(unread(report)) };
    let mut judge = Judge { archive, manifest, key, report, app_mapping: None };
    judge.files();
    let checkpoint = judge.checkpoint(known.as_ref());
    let commits = judge.commits(checkpoint.as_ref());
    let records = judge.records(&commits);
    let shown = judge.rows(&records);
    judge.sample(&records, &shown);
    judge.attachments(&commits);
    let population = judge.population(checkpoint.as_ref(), take)?;
    let tables = judge.tables();
    Ok(judge.conclude(checkpoint.as_ref(), records.len() as u64, (population, tables)))
}

/// The manifest, if the key signed it. Nothing else is looked at before: a package that is not signed is not read far.
fn signed_manifest<R: Read + Seek>(
    archive: &mut Archive<R>,
    key: &VerifierKey,
    report: &mut Report,
) -> Option<Manifest> {
    let mut read = |name: &str, limit: u64| match archive.read(name, limit) {
        Ok(Some(bytes)) => Some(bytes),
        Ok(None) => {
            report.problem(Problem::tampered(name, msg!("verify-object-missing")));
            None
        }
        Err(fault) => {
            report.problem(Problem::of(name, fault));
            None
        }
    };
    let bytes = read(MANIFEST, MAX_MANIFEST_BYTES);
    let note = read(NOTE, MAX_CHECKPOINT_BYTES as u64);
    let (bytes, note) = (bytes?, note?);
    // A newer version may sign otherwise: say that it is newer before saying that it is wrong.
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(fault) => {
            let is_newer = is_newer(&fault);
            report.problem(if is_newer { Problem::of(MANIFEST, fault) } else { changed(MANIFEST).because(fault) });
            return None;
        }
    };
    match open_statement(STATEMENT, &note, key) {
        Ok(hash) if hash == Hash(Sha256::digest(&bytes).into()) => {}
        Ok(_) => {
            report.problem(changed(MANIFEST));
            return None;
        }
        // It may be whole, but the key is that of another vault, and judges nothing. Where a part of it names the key, it was changed.
        Err(_) if manifest.origin != key.name() && !names(&note, key) && !checkpoint_names(archive, key) => {
            let there = manifest.origin.as_str();
            let message = msg!("verify-package-other-origin", there = there, key = key.name());
            report.problem(Problem::unverifiable(MANIFEST, message));
            return None;
        }
        Err(fault) => {
            report.problem(Problem::of(NOTE, fault));
            return None;
        }
    }
    Some(manifest)
}

/// Whether a signed note names the key, in its text or among its signatures.
fn names(note: &[u8], key: &VerifierKey) -> bool {
    String::from_utf8_lossy(note).split_ascii_whitespace().any(|word| word == key.name())
}

/// Whether the package's checkpoint names the key, or cannot be read.
fn checkpoint_names<R: Read + Seek>(archive: &mut Archive<R>, key: &VerifierKey) -> bool {
    match archive.read(CHECKPOINT, MAX_CHECKPOINT_BYTES as u64) {
        Ok(Some(bytes)) => names(&bytes, key),
        _ => true,
    }
}

fn changed(name: &str) -> Problem {
    Problem::tampered(name, msg!("verify-package-entry-changed"))
}

/// A commit that the log proves: what it adds.
pub(super) type Commits = BTreeMap<u64, Vec<SegmentTag>>;

pub(super) struct Judge<'a, R> {
    pub(super) archive: Archive<R>,
    pub(super) manifest: Manifest,
    pub(super) key: &'a VerifierKey,
    pub(super) report: Report,
    /// What the commits of the tree say of applications' names, once they were looked at.
    pub(super) app_mapping: Option<String>,
}

/// Whether an entry may be in a package.
fn is_known(name: &str) -> bool {
    let json = name.strip_suffix(".tlog-proof").map(|name| format!("{name}.json"));
    [MANIFEST, NOTE, COMMITS, DRAWN_FROM, ATTACHED].contains(&name)
        || FIXED.contains(&name)
        || commit_version(json.as_deref().unwrap_or(name)).is_some()
        || population_part(name).is_some()
        || table_name(name).is_some()
        || document_hash(name).is_some()
}

impl<R: Read + Seek> Judge<'_, R> {
    /// Which entries there are, and whether each is the one that the manifest names; those that are read line by line are
    /// hashed when they are.
    fn files(&mut self) {
        let names: Vec<String> = self.archive.names().map(str::to_owned).collect();
        // What belongs to a population, to a sample or to documents is there with it, and only with it.
        let of_kind = |name: &str| match name {
            COMMITS => self.manifest.population.is_some(),
            DRAWN_FROM => self.manifest.sample.is_some(),
            ATTACHED => self.manifest.attachments.is_some(),
            name if document_hash(name).is_some() => self.manifest.attachments.is_some(),
            name => population_part(name).is_none() || self.manifest.population.is_some(),
        };
        let mut added = Vec::new();
        for name in &names {
            let is_named = name == MANIFEST || name == NOTE || self.manifest.files.contains_key(name);
            if !is_known(name) || !is_named || !of_kind(name) {
                added.push(Problem::tampered(name.as_str(), msg!("verify-package-entry-added")));
            }
        }
        let fixed =
            FIXED.iter().copied().chain([COMMITS, DRAWN_FROM, ATTACHED].into_iter().filter(|name| of_kind(name)));
        let fixed = fixed.map(str::to_owned);
        let named: BTreeSet<String> = self.manifest.files.keys().cloned().chain(fixed).collect();
        added.into_iter().for_each(|problem| self.report.problem(problem));
        for name in named {
            if !self.archive.has(&name) || !self.manifest.files.contains_key(&name) {
                self.report.problem(Problem::tampered(name, msg!("verify-object-missing")));
            }
        }
        for name in [READMES[0], READMES[1], ROWS_CSV] {
            if let Some(limit) = self.limit(name) {
                let extent = self.archive.extent(name, limit);
                self.same(name, extent);
            }
        }
    }

    /// How long an entry is by the manifest; `None` where either lacks it.
    pub(super) fn limit(&self, name: &str) -> Option<u64> {
        self.manifest.files.get(name).filter(|_| self.archive.has(name)).map(|extent| extent.size)
    }

    /// Notes whether an entry is the one that the manifest names.
    pub(super) fn same(&mut self, name: &str, extent: Result<Extent>) -> bool {
        let is_same = matches!((&extent, self.manifest.files.get(name)), (Ok(found), Some(named)) if found == named);
        if is_same {
            self.report.checked.files += 1;
            self.report.checked.bytes += extent.map(|extent| extent.size).unwrap_or_default();
        } else {
            self.report.problem(changed(name));
        }
        is_same
    }

    /// Reads a small entry whole, if it is the one that the manifest names.
    fn whole(&mut self, name: &str, limit: usize) -> Option<Vec<u8>> {
        let limit = self.limit(name)?.min(limit as u64);
        let read = self.archive.read(name, limit);
        let extent = match &read {
            Ok(Some(bytes)) => Ok(Extent { size: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) }),
            _ => Err(Fault::damage(msg!("verify-package-entry-changed"))),
        };
        if self.same(name, extent) { read.ok().flatten() } else { None }
    }

    fn checkpoint(&mut self, known: Option<&SignedCheckpoint>) -> Option<SignedCheckpoint> {
        let bytes = self.whole(CHECKPOINT, MAX_CHECKPOINT_BYTES)?;
        let signed = match SignedCheckpoint::open(&bytes, self.key) {
            Ok(signed) => signed,
            Err(fault) => {
                self.report.problem(Problem::of(CHECKPOINT, fault));
                return None;
            }
        };
        if signed.size() != self.manifest.tree_size || self.manifest.origin != self.key.name() {
            let message = msg!("verify-package-other-tree", size = signed.size(), claimed = self.manifest.tree_size);
            self.report.problem(Problem::tampered(CHECKPOINT, message));
        }
        self.report.tree_size = signed.size();
        self.report.checked.checkpoints += 1;
        if let Some(known) = known {
            self.report.checked.anchors += 1;
            let (size, theirs) = (signed.size(), known.size());
            if size == theirs && signed.root() != known.root() {
                self.report.problem(Problem::tampered(CHECKPOINT, msg!("verify-forked", size = size)));
            } else if size < theirs {
                self.report.note(msg!("verify-package-older", size = size, known = theirs));
            }
        }
        Some(signed)
    }

    fn commits(&mut self, checkpoint: Option<&SignedCheckpoint>) -> Commits {
        let versions: Vec<u64> = self.manifest.files.keys().filter_map(|name| commit_version(name)).collect();
        let mut commits = Commits::new();
        for version in versions {
            let (name, proof) = (commit(version), commit_proof(version));
            if !self.manifest.files.contains_key(&proof) {
                self.report.problem(Problem::tampered(proof, msg!("verify-object-missing")));
                continue;
            }
            let bytes = self.whole(&name, MAX_COMMIT_BYTES);
            let log = self.whole(&proof, MAX_PROOF_BYTES);
            let (Some(bytes), Some(log)) = (bytes, log) else { continue };
            if let Err(fault) = is_sealed(version, &bytes, &log, self.key) {
                self.report.problem(Problem::of(proof, fault));
                continue;
            }
            let same_tree =
                TlogProof::parse(&log).is_ok_and(|log| checkpoint.is_some_and(|c| *c.bytes() == log.checkpoint));
            if !same_tree {
                self.report.problem(Problem::tampered(proof, msg!("verify-package-proof-other-tree")));
                continue;
            }
            match segments(&bytes) {
                Ok((_, segments)) => {
                    self.report.checked.commits += 1;
                    commits.insert(version, segments);
                }
                Err(fault) => self.report.problem(Problem::of(name, fault)),
            }
        }
        commits
    }

    fn records(&mut self, commits: &Commits) -> HashSet<RecordId> {
        let mut records = HashSet::new();
        let Some(limit) = self.limit(RECORDS) else { return records };
        let (mut problems, mut number) = (Vec::new(), 0_u64);
        let mut streams = BTreeSet::new();
        let extent = self.archive.lines(RECORDS, limit, MAX_RECORD_LINE_BYTES, |line| {
            number += 1;
            let judged = ProvenRecord::parse_line(line).and_then(|record| {
                let unproven = || Fault::damage(msg!("verify-package-commit-missing", version = record.version));
                is_in(&record, commits.get(&record.version).ok_or_else(unproven)?)?;
                Ok(record)
            });
            let problem = match judged {
                Ok(record) => {
                    let is_new = records.insert(record.id);
                    streams.insert(record.provenance.stream.to_string());
                    (!is_new).then(|| Problem::tampered(record.id.to_string(), msg!("verify-package-record-twice")))
                }
                Err(fault) => {
                    let id = ProvenRecord::parse_line(line).map(|record| record.id.to_string());
                    Some(Problem::of(id.unwrap_or_else(|_| format!("{RECORDS} line {number}")), fault))
                }
            };
            problems.extend(problem.filter(|_| number <= MAX_PROBLEMS || records.len() as u64 + MAX_PROBLEMS > number));
        });
        problems.truncate(MAX_PROBLEMS as usize);
        problems.into_iter().for_each(|problem| self.report.problem(problem));
        self.same(RECORDS, extent);
        self.report.checked.records = records.len() as u64;
        if number != self.manifest.records || streams.iter().ne(&self.manifest.streams) {
            let message = msg!("verify-package-counts", found = number, claimed = self.manifest.records);
            self.report.problem(Problem::tampered(RECORDS, message));
        }
        records
    }

    /// Every row that says which record it is of is of one of the records; of a sample, every row says so. Gives the records
    /// that have a row, of a sample.
    fn rows(&mut self, records: &HashSet<RecordId>) -> HashSet<RecordId> {
        #[derive(serde::Deserialize)]
        struct Row {
            #[serde(rename = "@ptr")]
            pointer: Option<String>,
        }
        let (mut shown, is_sample) = (HashSet::new(), self.manifest.sample.is_some());
        let Some(limit) = self.limit(ROWS_JSONL) else { return shown };
        let (mut problems, mut number) = (Vec::new(), 0_u64);
        let extent = self.archive.lines(ROWS_JSONL, limit, MAX_ROW_BYTES, |line| {
            number += 1;
            let what = format!("{ROWS_JSONL} line {number}");
            let problem = match serde_json::from_slice::<Row>(line) {
                Err(_) => Some(Problem::tampered(what, msg!("verify-package-row-unreadable"))),
                Ok(Row { pointer: None }) if is_sample => {
                    Some(Problem::tampered(what, msg!("verify-package-row-unreadable")))
                }
                Ok(Row { pointer: None }) => None,
                Ok(Row { pointer: Some(pointer) }) => {
                    let is_there = pointer.parse().is_ok_and(|id: RecordId| {
                        is_sample.then(|| shown.insert(id));
                        records.contains(&id)
                    });
                    (!is_there).then(|| Problem::tampered(what, msg!("verify-package-row-unproven", record = pointer)))
                }
            };
            problems.extend(problem.filter(|_| problems.len() < MAX_PROBLEMS as usize));
        });
        problems.into_iter().for_each(|problem| self.report.problem(problem));
        self.same(ROWS_JSONL, extent);
        if number != self.manifest.rows {
            let message = msg!("verify-package-counts", found = number, claimed = self.manifest.rows);
            self.report.problem(Problem::tampered(ROWS_JSONL, message));
        }
        shown
    }

    /// The tables that the query looks things up in.
    fn tables(&mut self) -> BTreeMap<String, Bytes> {
        let names: Vec<String> =
            self.manifest.files.keys().filter(|name| table_name(name).is_some()).cloned().collect();
        let mut tables = BTreeMap::new();
        for name in names {
            if let (Some(table), Some(bytes)) = (table_name(&name), self.whole(&name, MAX_TABLE_BYTES)) {
                tables.insert(table.to_owned(), bytes.into());
            }
        }
        tables
    }

    fn conclude(
        mut self,
        checkpoint: Option<&SignedCheckpoint>,
        records: u64,
        (population, tables): (Option<u64>, BTreeMap<String, Bytes>),
    ) -> Judged {
        let manifest = &self.manifest;
        if self.report.problems.is_empty() && records == 0 && population.is_none() {
            self.report.note(msg!("verify-package-proves-nothing"));
        } else if self.report.problems.is_empty() && records > 0 {
            self.report.note(msg!("verify-package-proven", records = records, size = manifest.tree_size));
        }
        // An empty answer is a claim: no record in the package is led to the log, so nothing of it is proven.
        let proven = checkpoint.map_or(0, |_| records);
        let app_mapping = self.app_mapping;
        Judged { report: self.report, manifest: Some(self.manifest), proven, population, tables, app_mapping }
    }
}
