//! What was sealed since: the segments of the commits after another, and their records, for who passes evidence on.

use async_recursion::async_recursion;
use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::{Provenance, RecordId, SegmentId};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::File;
use shoseki_segment::{Records, Rows, SegmentTag, layout, records};

use crate::Vault;
use crate::vault::Snapshot;

/// A record as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEvent {
    /// Its name.
    pub id: RecordId,
    /// Where its bytes came from.
    pub provenance: Provenance,
    /// The event's bytes.
    pub raw: Bytes,
}

/// A file, and those of its segments that were asked for, in their order.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file that holds them now.
    pub file: File,
    /// The segments.
    pub segments: Vec<SegmentTag>,
}

impl Snapshot {
    /// What the commits from `first` on and before `end` added, file by file: wherever a compaction put it since, the segments
    /// are those that these commits added.
    pub fn added(&self, first: u64, end: u64) -> Vec<Part> {
        let is_asked = |version: u64| (first..end).contains(&version);
        let part = |file: &File| {
            let segments = file.add.tags.segments.iter();
            let asked = segments.filter(|tag| is_asked(tag.commit.unwrap_or(file.version))).cloned();
            Part { file: file.clone(), segments: asked.collect() }
        };
        let mut parts: Vec<Part> = self.replay.files().map(part).filter(|part| !part.segments.is_empty()).collect();
        parts.sort_by_key(|part| {
            let first = part.segments.first();
            (first.and_then(|tag| tag.commit).unwrap_or(part.file.version), part.file.add.name)
        });
        parts
    }
}

/// The records of some segments of a file, a batch at a time: see [`Vault::events_of`]. It decodes, so it belongs on a thread that
/// may work.
pub struct SealedEvents {
    records: Records,
    from: BTreeMap<SegmentId, u32>,
}

impl Vault {
    /// The records of segments of a file, each from an ordinal on. The file is the one that was sealed: its hash is that of its
    /// commit.
    ///
    /// # Errors
    /// Damage where it is another; the world's failure where it cannot be read, as when a compaction replaced it.
    #[async_recursion]
    pub async fn events_of(&self, file: &File, from: BTreeMap<SegmentId, u32>) -> Result<SealedEvents> {
        let path = format!("{}/{}", layout::EVENTS, file.add.path());
        let (key, bytes) = (self.file_key(&file.add).await?, self.store().need(&path).await?);
        if Sha256::digest(&bytes)[..] != file.add.tags.sha256.0 {
            return Err(Fault::damage(msg!("vault-file-differs", path = path)));
        }
        let (_, records) = records(bytes, key.as_ref(), Rows::COLUMNS)?;
        Ok(SealedEvents { records, from })
    }
}

impl Iterator for SealedEvents {
    type Item = Result<Vec<SealedEvent>>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.records.next()?;
        Some(batch.and_then(|batch| {
            let mut rows = Rows::of(&batch)?;
            let mut events = Vec::new();
            for row in 0..rows.len() {
                let (segment, ordinal) = rows.id(row);
                let damaged = || Fault::damage(msg!("segment-column-missing", name = "segment"));
                let segment = SegmentId(segment.try_into().map_err(|_| damaged())?);
                let ordinal = u32::try_from(ordinal).map_err(|_| damaged())?;
                let is_asked = self.from.get(&segment).is_some_and(|first| ordinal >= *first);
                if is_asked && rows.erased(row)?.is_none() {
                    let raw = Bytes::copy_from_slice(rows.raw(row));
                    events.push(SealedEvent {
                        id: RecordId { segment, ordinal },
                        provenance: rows.provenance(row)?,
                        raw,
                    });
                }
            }
            Ok(events)
        }))
    }
}
