//! Judges a record's proof: record → segment's root → commit → entry in the log → signed checkpoint → key.

use shoseki_event::Timestamp;
use shoseki_merkle::root_from_inclusion;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{Action, Commit};
use shoseki_segment::proof::{ProvenRecord, RecordProof};
use shoseki_segment::{SegmentTag, leaf_hash};
use shoseki_tlog::{CommitEntry, SignedCheckpoint, TlogProof, VerifierKey};

use crate::verdict::{Problem, Report};

/// What a proof proves.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The record, unchanged since it was sealed.
    pub record: ProvenRecord,
    /// When the commit that added it says that it was written.
    pub committed: Timestamp,
    /// The checkpoint of the tree that the commit is in.
    pub checkpoint: SignedCheckpoint,
}

/// The segments that a commit's bytes add.
pub(crate) fn segments(bytes: &[u8]) -> Result<(Timestamp, Vec<SegmentTag>)> {
    let commit = Commit::parse(bytes)?;
    let time = Timestamp(commit.timestamp_ms.saturating_mul(1_000));
    match commit.action {
        Action::Ingest { adds, .. } => Ok((time, adds.into_iter().flat_map(|add| add.tags.segments).collect())),
        // What a compaction or an erasure adds was there: whether it is as it was is told by the commits before it.
        _ => Ok((time, Vec::new())),
    }
}

/// Whether a record is in one of these segments, at its place.
pub(crate) fn is_in(record: &ProvenRecord, segments: &[SegmentTag]) -> Result<()> {
    let id = record.id.to_string();
    let tag = segments
        .iter()
        .find(|tag| tag.id == record.id.segment)
        .ok_or_else(|| Fault::damage(msg!("verify-proof-segment", record = id.as_str(), version = record.version)))?;
    let wrong = || Fault::damage(msg!("verify-proof-record", record = id.as_str()));
    let leaf = leaf_hash(&record.salt, &record.provenance, &record.raw);
    let (index, count) = (u64::from(record.id.ordinal), u64::from(tag.count));
    let root = root_from_inclusion(leaf, index, count, &record.inclusion).map_err(|error| wrong().because(error))?;
    if record.count == tag.count && root == tag.root { Ok(()) } else { Err(wrong()) }
}

/// Whether a commit is in the log of a key; gives the checkpoint that says so.
pub(crate) fn is_sealed(version: u64, commit: &[u8], log: &[u8], key: &VerifierKey) -> Result<SignedCheckpoint> {
    let proof = TlogProof::parse(log)?;
    if proof.index != version || !proof.extra.is_empty() {
        return Err(Fault::damage(msg!("verify-proof-commit", version = version)));
    }
    proof.verify(&CommitEntry::of(version, commit).to_bytes(), key)
}

/// Verifies a record's proof.
///
/// # Errors
/// Damage where any step of it does not hold; the caller's mistake where a newer version wrote it.
pub fn verify_proof(bytes: &[u8], key: &VerifierKey) -> Result<Proven> {
    let RecordProof { record, commit, log } = RecordProof::parse(bytes)?;
    let checkpoint = is_sealed(record.version, &commit, log.as_bytes(), key)?;
    let (committed, segments) = segments(&commit)?;
    is_in(&record, &segments)?;
    Ok(Proven { record, committed, checkpoint })
}

/// Judges a record's proof; `what` is what it is called in the report. Without a key nothing can be judged.
pub fn judge_proof(what: &str, bytes: &[u8], key: Option<&VerifierKey>) -> (Report, Option<Proven>) {
    let mut report = Report::new(key.map_or("", VerifierKey::name));
    let Some(key) = key else {
        report.problem(Problem::unverifiable(what, msg!("verify-no-key")));
        return (report.conclude(0), None);
    };
    match verify_proof(bytes, key) {
        Ok(proven) => {
            report.tree_size = proven.checkpoint.size();
            report.checked.records = 1;
            report.checked.commits = 1;
            report.checked.checkpoints = 1;
            report.checked.bytes = proven.record.raw.len() as u64;
            report.note(msg!(
                "verify-proof-holds",
                record = proven.record.id.to_string(),
                version = proven.record.version,
                size = proven.checkpoint.size(),
                time = proven.committed.to_string()
            ));
            (report.conclude(1), Some(proven))
        }
        Err(fault) => {
            report.problem(Problem::of(what, fault));
            (report.conclude(1), None)
        }
    }
}
