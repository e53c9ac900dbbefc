//! Proofs: from records to the signed checkpoint, for whoever trusts neither the vault nor its operator.

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bytes::Bytes;
use shoseki_event::{RecordId, SegmentId};
use shoseki_merkle::{Hash, Levels};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::proof::{ProvenRecord, RecordProof};
use shoseki_segment::{LeafHasher, SegmentTag, layout};
use shoseki_tlog::{SignedCheckpoint, TlogProof, inclusion_paths, prove_inclusion};

use crate::decoded::{Decoded, DecodedFiles};
use crate::log::objects;
use crate::segments::Slot;
use crate::vault::{Snapshot, Vault};

/// A commit and the proof that it is in the log.
#[derive(Clone, Debug)]
pub struct ProvenCommit {
    /// The commit's bytes.
    pub bytes: Bytes,
    /// The proof of its entry, with the checkpoint.
    pub proof: TlogProof,
}

/// Records with all that proves them under a checkpoint.
#[derive(Clone, Debug)]
pub struct Proofs {
    /// The records, in the order of their names.
    pub records: Vec<ProvenRecord>,
    /// The commits that added their segments.
    pub commits: BTreeMap<u64, ProvenCommit>,
}

impl Vault {
    /// Proves records under a checkpoint.
    ///
    /// # Errors
    /// The caller's mistake where a record is not there or not yet sealed; damage where it is no longer what was sealed.
    #[async_recursion]
    pub async fn prove(&self, snapshot: &Snapshot, checkpoint: &SignedCheckpoint, ids: &[RecordId]) -> Result<Proofs> {
        let mut wanted: BTreeMap<SegmentId, Vec<u32>> = BTreeMap::new();
        for id in ids {
            wanted.entry(id.segment).or_default().push(id.ordinal);
        }
        let mut places = Vec::with_capacity(wanted.len());
        for (segment, ordinals) in wanted {
            let unknown = || Fault::caller(msg!("vault-segment-unknown", segment = segment.to_string()));
            if let Some(version) = snapshot.replay.expired_by(segment) {
                return Err(Fault::caller(msg!(
                    "vault-segment-expired",
                    segment = segment.to_string(),
                    version = version
                )));
            }
            for ordinal in &ordinals {
                snapshot.check_not_erased(RecordId { segment, ordinal: *ordinal })?;
            }
            let file = snapshot.replay.file_of(segment).ok_or_else(unknown)?;
            // The commit that first added it proves it, whichever file it lies in now.
            let version = snapshot.replay.commit_of(segment).ok_or_else(unknown)?;
            if version >= checkpoint.size() {
                return Err(Fault::caller(msg!("vault-not-yet-sealed", segment = segment.to_string())));
            }
            places.push((file, version, segment, ordinals));
        }
        places.sort_by_key(|(file, _, segment, _)| (file.add.name, *segment)); // each file is decoded once
        let (mut records, mut commits, mut decoded) = (Vec::new(), BTreeMap::new(), DecodedFiles::default());
        for (file, version, segment, mut ordinals) in places {
            ordinals.sort_unstable();
            ordinals.dedup();
            let opened = decoded.of(self, file).await?;
            let damaged = || Fault::damage(msg!("vault-segment-differs", segment = segment.to_string()));
            let tag = file.add.tags.segments.iter().find(|tag| tag.id == segment).ok_or_else(damaged)?;
            records.extend(prove_in_segment(&opened, tag, version, &ordinals)?);
            if let Entry::Vacant(free) = commits.entry(version) {
                free.insert(self.prove_commit(version, checkpoint).await?);
            }
            tokio::task::yield_now().await; // a segment is hashed whole, and there may be many
        }
        records.sort_by_key(|record| record.id);
        Ok(Proofs { records, commits })
    }

    /// One record's own proof.
    ///
    /// # Errors
    /// As [`Vault::prove`].
    #[async_recursion]
    pub async fn prove_one(&self, snapshot: &Snapshot, id: RecordId) -> Result<RecordProof> {
        let Some(checkpoint) = self.checkpoint().await? else {
            return Err(Fault::caller(msg!("vault-nothing-sealed")));
        };
        let proofs = self.prove(snapshot, &checkpoint, &[id]).await?;
        let unknown = || Fault::caller(msg!("vault-record-unknown", record = id.to_string()));
        let record = proofs.records.into_iter().next().ok_or_else(unknown)?;
        let commit = proofs.commits.into_values().next().ok_or_else(unknown)?;
        let log = String::from_utf8(commit.proof.to_bytes().to_vec())
            .map_err(|error| Fault::broken(msg!("vault-proof-not-text")).because(error))?;
        Ok(RecordProof { record, commit: commit.bytes, log })
    }

    pub(crate) async fn prove_commit(&self, version: u64, checkpoint: &SignedCheckpoint) -> Result<ProvenCommit> {
        let size = checkpoint.size();
        let tiles = objects(self.store(), inclusion_paths(version, size)?).await?;
        let proof = TlogProof {
            extra: Vec::new(),
            index: version,
            hashes: prove_inclusion(version, size, &tiles)?,
            checkpoint: checkpoint.bytes().clone(),
        };
        Ok(ProvenCommit { bytes: self.store().need(&layout::commit(version)).await?, proof })
    }
}

/// Proves records of a segment whose commit is `version`.
fn prove_in_segment(decoded: &Decoded, tag: &SegmentTag, version: u64, ordinals: &[u32]) -> Result<Vec<ProvenRecord>> {
    let segment = tag.id;
    let damaged = || Fault::damage(msg!("vault-segment-differs", segment = segment.to_string()));
    let own = decoded.segment(segment);
    let salts = decoded.seeds(segment).ok_or_else(damaged)?.salts(tag.count);
    let mut hasher = LeafHasher::default();
    let leaves = own.iter().zip(&salts).map(|(slot, salt)| slot.leaf(salt.as_ref(), &mut hasher));
    let leaves: Vec<Hash> = leaves.collect::<Option<_>>().ok_or_else(damaged)?;
    let tree = Levels::of(leaves);
    if tree.root() != tag.root {
        return Err(damaged());
    }
    let prove = |ordinal: &u32| {
        let id = RecordId { segment, ordinal: *ordinal };
        let unknown = || Fault::caller(msg!("vault-record-unknown", record = id.to_string()));
        let record = own.get(*ordinal as usize).and_then(Slot::record).ok_or_else(unknown)?;
        let salt = salts.get(*ordinal as usize).copied().flatten().ok_or_else(unknown)?;
        Ok(ProvenRecord {
            id,
            provenance: record.provenance.clone(),
            salt,
            raw: record.raw.clone(),
            inclusion: tree.inclusion_proof(u64::from(*ordinal)).ok_or_else(unknown)?,
            count: tag.count,
            version,
        })
    };
    ordinals.iter().map(prove).collect()
}
