//! Reading a segment's file: the footer's secrets, and the rows of a batch as what was sealed.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BinaryArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::encryption::decrypt::FileDecryptionProperties;
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};
use shoseki_event::{Kind, Provenance, SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};

use crate::keys::Secret;
use crate::layout::newer;
use crate::{FORMAT_VERSION, Seed, Seeds};

/// The name of our entry in the Parquet footer's key-value metadata.
pub(crate) const FOOTER_KEY: &str = "shoseki.segments";

/// What the footer says beyond Parquet's own: the secrets of the segments in the file. Encrypted with the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFooter {
    /// The segments, in their order in the file.
    pub segments: Vec<(SegmentId, Seeds)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u32,
    segments: Vec<WireSegment>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSegment {
    id: String,
    /// Depth, index, value in hexadecimal digits.
    seeds: Vec<(u8, u32, String)>,
}

impl SegmentFooter {
    /// The metadata's value.
    pub fn to_text(&self) -> String {
        let segments = self.segments.iter().map(|(id, seeds)| WireSegment {
            id: id.to_string(),
            seeds: seeds.0.iter().map(|seed| (seed.depth, seed.index, hex::encode(seed.value))).collect(),
        });
        let wire = Wire { format: FORMAT_VERSION, segments: segments.collect() };
        serde_json::to_string(&wire).unwrap_or_default() // plain structs always serialise
    }

    /// Reads the footer's metadata.
    ///
    /// # Errors
    /// Damage where ours is missing or unreadable; the caller's mistake where a newer version wrote it.
    pub fn from_metadata(metadata: Option<&Vec<KeyValue>>) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("segment-footer-unreadable"));
        let entry = metadata.into_iter().flatten().find(|entry| entry.key == FOOTER_KEY).ok_or_else(unreadable)?;
        let wire: Wire = serde_json::from_str(entry.value.as_deref().unwrap_or_default())
            .map_err(|error| unreadable().because(error))?;
        if wire.format > FORMAT_VERSION {
            return Err(newer(FOOTER_KEY, wire.format));
        }
        let seed = |(depth, index, value): (u8, u32, String)| {
            let mut seed = Seed { depth, index, value: [0; 32] };
            hex::decode_to_slice(&value, &mut seed.value).map_err(|_| unreadable())?;
            Ok(seed)
        };
        let segment = |wire: WireSegment| {
            let seeds = Seeds(wire.seeds.into_iter().map(seed).collect::<Result<_>>()?);
            if seeds.are_within_bounds() { Ok((wire.id.parse()?, seeds)) } else { Err(unreadable()) }
        };
        Ok(Self { segments: wire.segments.into_iter().map(segment).collect::<Result<_>>()? })
    }
}

/// Parquet's decryption properties for a file's key.
///
/// # Errors
/// Our own broken invariant: a key of 32 bytes is always accepted.
pub fn decryption(key: &Secret) -> Result<Arc<FileDecryptionProperties>> {
    FileDecryptionProperties::builder(key.expose().to_vec())
        .build()
        .map_err(|error| Fault::broken(msg!("segment-cipher")).because(error))
}

/// Opens a segment's file that is in memory: the footer, and a reader over the columns named (all where none is).
///
/// # Errors
/// Damage where it is no Parquet file, the key is another, or our metadata is missing.
pub fn records(
    file: Bytes,
    key: Option<&Secret>,
    columns: &[&str],
) -> Result<(SegmentFooter, ParquetRecordBatchReader)> {
    let unreadable = |error| Fault::damage(msg!("segment-file-unreadable")).because(error);
    let mut options = ArrowReaderOptions::new();
    if let Some(key) = key {
        options = options.with_file_decryption_properties(decryption(key)?);
    }
    let mut builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(unreadable)?;
    let footer = SegmentFooter::from_metadata(builder.metadata().file_metadata().key_value_metadata())?;
    if !columns.is_empty() {
        let mask = parquet::arrow::ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    Ok((footer, builder.with_batch_size(8_192).build().map_err(unreadable)?))
}

/// The rows of a batch that has all columns, as what was sealed.
pub struct Rows<'a> {
    segment: &'a BinaryArray,
    ordinal: &'a [i32],
    texts: [&'a StringArray; 5],
    position: &'a [i64],
    received: &'a [i64],
    raw: &'a BinaryArray,
    seen: HashMap<&'a str, Arc<str>>,
}

/// The sealed text columns, in the order of [`Rows::texts`].
const TEXTS: [&str; 5] = ["kind", "source", "stream", "origin", "reason"];

impl<'a> Rows<'a> {
    /// The columns that [`Rows::of`] needs.
    pub const COLUMNS: &'static [&'static str] =
        &["segment", "ordinal", "kind", "source", "stream", "origin", "position", "received", "reason", "raw"];

    /// Takes a batch.
    ///
    /// # Errors
    /// Damage where a sealed column is missing or of another type.
    pub fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = |name: &'static str| Fault::damage(msg!("segment-column-missing", name = name));
        let column = |name: &'static str| batch.column_by_name(name).ok_or_else(|| missing(name));
        let mut texts = Vec::with_capacity(TEXTS.len());
        for name in TEXTS {
            texts.push(column(name)?.as_string_opt::<i32>().ok_or_else(|| missing(name))?);
        }
        let instants = |name| column(name)?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| missing(name));
        Ok(Self {
            segment: column("segment")?.as_binary_opt().ok_or_else(|| missing("segment"))?,
            ordinal: column("ordinal")?.as_primitive_opt::<Int32Type>().ok_or_else(|| missing("ordinal"))?.values(),
            texts: texts.try_into().map_err(|_| missing("kind"))?,
            position: column("position")?.as_primitive_opt::<Int64Type>().ok_or_else(|| missing("position"))?.values(),
            received: instants("received")?.values(),
            raw: column("raw")?.as_binary_opt().ok_or_else(|| missing("raw"))?,
            seen: HashMap::new(),
        })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ordinal.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ordinal.is_empty()
    }

    /// The segment and the ordinal of a row.
    pub fn id(&self, row: usize) -> (&'a [u8], i32) {
        (self.segment.value(row), self.ordinal[row])
    }

    /// The raw bytes of a row.
    pub fn raw(&self, row: usize) -> &'a [u8] {
        self.raw.value(row)
    }

    /// Where a row's bytes came from.
    ///
    /// # Errors
    /// Damage where the kind is unknown.
    pub fn provenance(&mut self, row: usize) -> Result<Provenance> {
        let mut text = |which: usize| -> Arc<str> {
            let array = self.texts[which];
            let value = if array.is_null(row) { "" } else { array.value(row) };
            Arc::clone(self.seen.entry(value).or_insert_with(|| value.into()))
        };
        let kind = text(0);
        Ok(Provenance {
            kind: Kind::from_name(&kind)
                .ok_or_else(|| Fault::damage(msg!("segment-kind-unknown", kind = kind.to_string())))?,
            source: text(1),
            stream: text(2),
            origin: text(3),
            position: u64::try_from(self.position[row]).unwrap_or_default(),
            received: Timestamp(self.received[row]),
            reason: text(4),
        })
    }
}
