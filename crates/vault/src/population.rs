//! What a package needs to be complete: every record of whole segments, and every commit of a tree.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use shoseki_event::{RecordId, SegmentId};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::population::{ErasedRecord, PopulationLine, SealedRecord};
use shoseki_segment::{LeafHasher, layout};

use crate::decoded::DecodedFiles;
use crate::segments::Slot;
use crate::vault::{Snapshot, Vault};

/// How many commits are read at once.
const AT_ONCE: usize = 16;

impl Vault {
    /// The commits of the first versions, in order, as they were sealed.
    ///
    /// # Errors
    /// Damage where one is missing; what `each` says.
    pub async fn commits(&self, size: u64, mut each: impl FnMut(u64, Bytes) -> Result<()>) -> Result<()> {
        let mut commits = futures::stream::iter(0..size)
            .map(|version| async move { Ok::<_, Fault>((version, self.store().need(&layout::commit(version)).await?)) })
            .buffered(AT_ONCE);
        while let Some((version, bytes)) = commits.try_next().await? {
            each(version, bytes)?;
        }
        Ok(())
    }

    /// Every record of segments, and the leaf of each that was erased, in the order in which these are named. A file is decoded once for segments of it that are
    /// named one after another.
    ///
    /// # Errors
    /// The caller's mistake where a segment is not there; damage where its records are no longer what was sealed; what `each`
    /// says.
    pub async fn population(
        &self,
        snapshot: &Snapshot,
        segments: &[SegmentId],
        mut each: impl FnMut(PopulationLine) -> Result<()>,
    ) -> Result<()> {
        let mut decoded = DecodedFiles::default();
        for segment in segments {
            let unknown = || Fault::caller(msg!("vault-segment-unknown", segment = segment.to_string()));
            let damaged = || Fault::damage(msg!("vault-segment-differs", segment = segment.to_string()));
            let file = snapshot.replay.file_of(*segment).ok_or_else(unknown)?;
            let opened = decoded.of(self, file).await?;
            let tag = file.add.tags.segments.iter().find(|tag| tag.id == *segment).ok_or_else(damaged)?;
            let salts = opened.seeds(*segment).ok_or_else(damaged)?.salts(tag.count);
            let (mut hasher, mut root) = (LeafHasher::default(), shoseki_merkle::Builder::new());
            let own = opened.segment(*segment);
            for (slot, salt) in own.iter().zip(&salts) {
                root.push(slot.leaf(salt.as_ref(), &mut hasher).ok_or_else(damaged)?);
            }
            if root.root() != tag.root || own.len() != tag.count as usize {
                return Err(damaged());
            }
            for (ordinal, (slot, salt)) in (0..).zip(own.iter().zip(salts)) {
                let id = RecordId { segment: *segment, ordinal };
                each(match slot {
                    Slot::Erased(leaf) => PopulationLine::Erased(ErasedRecord { id, leaf: *leaf }),
                    Slot::Record(record) => PopulationLine::Record(SealedRecord {
                        id,
                        provenance: record.provenance.clone(),
                        salt: salt.ok_or_else(damaged)?,
                        raw: record.raw.clone(),
                    }),
                })?;
            }
        }
        Ok(())
    }
}
