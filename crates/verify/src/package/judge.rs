//! Judges a package, offline: the manifest is signed, every file is the one it names and no other is there, and every
//! record leads over its segment and its commit to the checkpoint.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek};

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

use super::archive::Archive;
use super::manifest::{MAX_MANIFEST_BYTES, is_newer};
use super::{CHECKPOINT, FIXED, MANIFEST, Manifest, NOTE, READMES, RECORDS, ROWS_CSV, ROWS_JSONL, STATEMENT};
use super::{commit, commit_proof, commit_version};
use crate::proof::{is_in, is_sealed, segments};
use crate::verdict::{Problem, Report};

/// The longest line of `rows.jsonl`: every field of a long record, escaped.
const MAX_ROW_BYTES: usize = 256 << 20;
/// The most that is said of one file.
const MAX_PROBLEMS: u64 = 100;

/// Judges a package. `known` is a checkpoint of the same log that the auditor holds from elsewhere: it tells an old package.
///
/// # Errors
/// The world's failure where the package cannot be read; the caller's mistake where `known` is not of this log. Everything
/// else is in the report.
pub fn verify_package<R: Read + Seek>(reader: R, key: Option<&VerifierKey>, known: Option<&[u8]>) -> Result<Report> {
    let mut report = Report::new(key.map_or("", VerifierKey::name));
    let Some(key) = key else {
        report.problem(Problem::unverifiable(MANIFEST, msg!("verify-no-key")));
        return Ok(report.conclude(0));
    };
    let known = known.map(|bytes| SignedCheckpoint::open(bytes, key)).transpose();
    let known = known.map_err(|fault| Fault::caller(msg!("verify-against-unreadable")).because(fault))?;
    let mut archive = match Archive::open(reader) {
        Ok(archive) => archive,
        Err(fault) if fault.kind() == shoseki_messages::Kind::World => return Err(fault),
        Err(fault) => {
            report.problem(Problem::of("package", fault));
            return Ok(report.conclude(0));
        }
    };
    let Some(manifest) = signed_manifest(&mut archive, key, &mut report) else { return Ok(report.conclude(0)) };
    let mut judge = Judge { archive, manifest, key, report };
    judge.files();
    let checkpoint = judge.checkpoint(known.as_ref());
    let commits = judge.commits(checkpoint.as_ref());
    let records = judge.records(&commits);
    judge.rows(&records);
    Ok(judge.conclude(checkpoint.as_ref(), records.len() as u64))
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
    let manifest = Manifest::parse(&bytes);
    if let Err(fault) = manifest {
        let problem = if is_newer(&fault) { Problem::of(MANIFEST, fault) } else { changed(MANIFEST).because(fault) };
        report.problem(problem);
        return None;
    }
    match open_statement(STATEMENT, &note, key) {
        Ok(hash) if hash == Hash(Sha256::digest(&bytes).into()) => {}
        Ok(_) => {
            report.problem(changed(MANIFEST));
            return None;
        }
        Err(fault) => {
            report.problem(Problem::of(NOTE, fault));
            return None;
        }
    }
    manifest.ok()
}

fn changed(name: &str) -> Problem {
    Problem::tampered(name, msg!("verify-package-entry-changed"))
}

/// A commit that the log proves: what it adds.
type Commits = BTreeMap<u64, Vec<SegmentTag>>;

struct Judge<'a, R> {
    archive: Archive<R>,
    manifest: Manifest,
    key: &'a VerifierKey,
    report: Report,
}

impl<R: Read + Seek> Judge<'_, R> {
    /// Which entries there are, and whether each is the one that the manifest names; those that are read line by line are
    /// hashed when they are.
    fn files(&mut self) {
        let names: Vec<String> = self.archive.names().map(str::to_owned).collect();
        for name in &names {
            let is_commit = |name: &str| {
                let json = name.strip_suffix(".tlog-proof").map(|name| format!("{name}.json"));
                commit_version(json.as_deref().unwrap_or(name)).is_some()
            };
            let is_known = name == MANIFEST || name == NOTE || FIXED.contains(&name.as_str()) || is_commit(name);
            let is_named = name == MANIFEST || name == NOTE || self.manifest.files.contains_key(name);
            if !is_known || !is_named {
                self.report.problem(Problem::tampered(name.as_str(), msg!("verify-package-entry-added")));
            }
        }
        let fixed = FIXED.iter().map(|name| (*name).to_owned());
        let named: std::collections::BTreeSet<String> = self.manifest.files.keys().cloned().chain(fixed).collect();
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
    fn limit(&self, name: &str) -> Option<u64> {
        self.manifest.files.get(name).filter(|_| self.archive.has(name)).map(|extent| extent.size)
    }

    /// Notes whether an entry is the one that the manifest names.
    fn same(&mut self, name: &str, extent: Result<Extent>) -> bool {
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
        let mut streams = std::collections::BTreeSet::new();
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

    /// Every row that says which record it is of is of one of the records.
    fn rows(&mut self, records: &HashSet<RecordId>) {
        #[derive(serde::Deserialize)]
        struct Row {
            #[serde(rename = "@ptr")]
            pointer: Option<String>,
        }
        let Some(limit) = self.limit(ROWS_JSONL) else { return };
        let (mut problems, mut number) = (Vec::new(), 0_u64);
        let extent = self.archive.lines(ROWS_JSONL, limit, MAX_ROW_BYTES, |line| {
            number += 1;
            let what = format!("{ROWS_JSONL} line {number}");
            let problem = match serde_json::from_slice::<Row>(line) {
                Err(_) => Some(Problem::tampered(what, msg!("verify-package-row-unreadable"))),
                Ok(Row { pointer: None }) => None,
                Ok(Row { pointer: Some(pointer) }) => {
                    let is_there = pointer.parse().is_ok_and(|id: RecordId| records.contains(&id));
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
    }

    fn conclude(mut self, checkpoint: Option<&SignedCheckpoint>, records: u64) -> Report {
        let manifest = &self.manifest;
        let mut notes = Vec::new();
        if self.report.problems.is_empty() && records == 0 {
            notes.push(msg!("verify-package-proves-nothing"));
        } else if self.report.problems.is_empty() {
            notes.push(msg!("verify-package-proven", records = records, size = manifest.tree_size));
        }
        let created = manifest.created.as_str();
        notes.push(if manifest.complete {
            msg!("verify-package-claims-complete", created = created, rows = manifest.rows, size = manifest.tree_size)
        } else {
            msg!("verify-package-claims-part", created = created, rows = manifest.rows, size = manifest.tree_size)
        });
        if manifest.masked {
            notes.push(msg!("verify-package-masked"));
        }
        notes.into_iter().for_each(|note| self.report.note(note));
        // An empty answer is a claim: no record in the package is led to the log, so nothing is proven.
        let proven = checkpoint.map_or(0, |_| records);
        self.report.conclude(proven)
    }
}
