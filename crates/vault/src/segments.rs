//! Reading segments back: all of their records, or only what they are known by.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use bytes::Bytes;
use shoseki_event::{ColumnText, Provenance, Record, Salt};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::File;
use shoseki_segment::{LeafHasher, Rows, SegmentFooter, derive, layout, records};

use crate::Vault;

/// The sealed part of a record.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) provenance: Provenance,
    pub(crate) raw: Bytes,
}

/// A place of a segment.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// A record.
    Record(Sealed),
    /// The leaf of a record that was erased.
    Erased(Hash),
}

impl Slot {
    /// The record, where it was not erased.
    pub(crate) fn record(&self) -> Option<&Sealed> {
        match self {
            Self::Record(sealed) => Some(sealed),
            Self::Erased(_) => None,
        }
    }

    /// Its leaf: `None` where there is a record and no salt.
    pub(crate) fn leaf(&self, salt: Option<&Salt>, hasher: &mut LeafHasher) -> Option<Hash> {
        match self {
            Self::Record(sealed) => salt.map(|salt| hasher.leaf(salt, &sealed.provenance, &sealed.raw)),
            Self::Erased(leaf) => Some(*leaf),
        }
    }
}

impl Vault {
    pub(crate) async fn read_file(&self, file: &File) -> Result<Bytes> {
        self.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await
    }

    /// The column `key_hash` of a file, in order.
    pub(crate) async fn key_hashes(&self, file: &File) -> Result<Vec<i64>> {
        let key = self.file_key(&file.add).await?;
        let (_, reader) = records(self.read_file(file).await?, key.as_ref(), &["key_hash"])?;
        let mut hashes = Vec::new();
        for batch in reader {
            let batch = batch?;
            let missing = || Fault::damage(msg!("segment-column-missing", name = "key_hash"));
            let column = batch.column_by_name("key_hash").and_then(|c| c.as_primitive_opt::<Int64Type>());
            hashes.extend_from_slice(column.ok_or_else(missing)?.values());
        }
        Ok(hashes)
    }

    /// The places of a file, in order, and its footer.
    pub(crate) async fn sealed(&self, file: &File) -> Result<(SegmentFooter, Arc<[Slot]>)> {
        let key = self.file_key(&file.add).await?;
        let (footer, reader) = records(self.read_file(file).await?, key.as_ref(), Rows::COLUMNS)?;
        let mut all = Vec::new();
        for batch in reader {
            let batch = batch?;
            let mut rows = Rows::of(&batch)?;
            for row in 0..rows.len() {
                all.push(match rows.erased(row)? {
                    Some(leaf) => Slot::Erased(leaf),
                    None => {
                        let provenance = rows.provenance(row)?;
                        Slot::Record(Sealed { provenance, raw: Bytes::copy_from_slice(rows.raw(row)) })
                    }
                });
            }
        }
        Ok((footer, all.into()))
    }
}

impl Sealed {
    /// What the event is known by within its source.
    pub(crate) fn key(&self) -> Result<Option<ColumnText>> {
        Ok(derive(&self.provenance, &self.raw)?.key)
    }

    /// Whether a record is this one again: the same key and the same bytes; without a key, the same place too.
    pub(crate) fn is(&self, record: &Record) -> bool {
        let (own, other) = (&self.provenance, &record.provenance);
        let same_place = own.origin == other.origin && own.position == other.position;
        own.source == other.source && self.raw == record.raw && (record.columns.key.is_some() || same_place)
    }
}
