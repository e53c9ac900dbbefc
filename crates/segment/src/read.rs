//! Reading a segment's file: the footer's secrets, and the rows of a batch as what was sealed.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, FieldRef, Int32Type, Int64Type, Schema, SchemaRef, TimestampMicrosecondType};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::encryption::decrypt::FileDecryptionProperties;
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};
use shoseki_event::{Kind, Provenance, Salt, SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::index::{Builder, Plain, Version};
use crate::keys::Secret;
use crate::layout::newer;
use crate::schema::schema;
use crate::shred::{self, Joiner};
use crate::{
    COMPACTED_FORMAT, ERASED_FORMAT, ERASED_KIND, FIRST_FORMAT, FORMAT_VERSION, LeafHasher, MAX_FILE_SEGMENTS,
    SHREDDED_FORMAT, Seed, Seeds,
};

/// The name of our entry in the Parquet footer's key-value metadata.
pub(crate) const FOOTER_KEY: &str = "shoseki.segments";

/// What the footer says beyond Parquet's own: the secrets of the segments in the file. Encrypted with the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFooter {
    /// The segments, in their order in the file.
    pub segments: Vec<(SegmentId, Seeds)>,
    /// How deep its events' objects were taken apart; `None` where its events stand whole.
    pub depth: Option<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u32,
    segments: Vec<WireSegment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    depth: Option<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSegment {
    id: String,
    /// Depth, index, value in hexadecimal digits.
    seeds: Vec<(u8, u32, String)>,
}

impl SegmentFooter {
    /// The version of the format that is needed to read the file.
    pub(crate) fn format(&self) -> u32 {
        match (self.segments.len(), self.depth) {
            _ if self.segments.iter().any(|(_, seeds)| !seeds.are_whole()) => ERASED_FORMAT,
            (2.., _) => COMPACTED_FORMAT,
            (_, Some(_)) => SHREDDED_FORMAT,
            (_, None) => FIRST_FORMAT,
        }
    }

    /// The metadata's value.
    pub fn to_text(&self) -> String {
        let segments = self.segments.iter().map(|(id, seeds)| WireSegment {
            id: id.to_string(),
            seeds: seeds.0.iter().map(|seed| (seed.depth, seed.index, hex::encode(seed.value))).collect(),
        });
        let wire = Wire { format: self.format(), segments: segments.collect(), depth: self.depth };
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
        let depth = wire.depth.filter(|depth| (1..=shred::MAX_DEPTH).contains(depth));
        let (is_bounded, format) = (wire.segments.len() <= MAX_FILE_SEGMENTS && depth == wire.depth, wire.format);
        if !is_bounded {
            return Err(unreadable());
        }
        let footer = Self { segments: wire.segments.into_iter().map(segment).collect::<Result<_>>()?, depth };
        if footer.format() == format { Ok(footer) } else { Err(unreadable()) }
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

/// Opens a segment's file that is in memory: the footer, and a reader over the columns named (all of the format's where none
/// is). Events that were taken apart come out joined, as `raw`.
///
/// # Errors
/// Damage where it is no Parquet file, the key is another, our metadata is missing, or a column is not of the format.
pub fn records(file: Bytes, key: Option<&Secret>, columns: &[&str]) -> Result<(SegmentFooter, Records)> {
    open(file, key, columns, None)
}

/// As [`records`] of all columns, for a judge: what was taken apart is the only thing that the joined events can have been
/// taken apart into, so that whoever reads a column sees what stands in the events. `index` is the version of the file's index.
///
/// # Errors
/// As [`records`]; the batches' errors too.
pub fn records_strictly(file: Bytes, key: Option<&Secret>, index: Version) -> Result<(SegmentFooter, Records)> {
    open(file, key, &[], Some(index))
}

fn open(
    file: Bytes,
    key: Option<&Secret>,
    columns: &[&str],
    strictly: Option<Version>,
) -> Result<(SegmentFooter, Records)> {
    let mut options = ArrowReaderOptions::new();
    if let Some(key) = key {
        options = options.with_file_decryption_properties(decryption(key)?);
    }
    let opened = ArrowReaderMetadata::load(&file, options.clone()).map_err(unreadable)?;
    let footer = SegmentFooter::from_metadata(opened.metadata().file_metadata().key_value_metadata())?;
    let opened = with_dictionaries(&opened, options)?;
    check_columns(opened.schema(), footer.depth.is_some())?;
    let wanted = |name: &str| columns.is_empty() || columns.contains(&name);
    let fields = schema().fields().iter().filter(|field| wanted(field.name())).cloned().collect::<Vec<_>>();
    let joiner = footer.depth.filter(|_| wanted("raw")).map(|depth| {
        let joiner = Joiner::new(opened.schema().fields().iter().map(|field| field.name().as_str()));
        if strictly.is_some() { joiner.strictly(depth) } else { joiner }
    });
    let mut names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    names.extend(joiner.iter().flat_map(Joiner::needs));
    let roots: Vec<usize> = names.iter().filter_map(|name| opened.schema().index_of(name).ok()).collect();
    let mask = ProjectionMask::roots(opened.parquet_schema(), roots);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, opened).with_projection(mask);
    let reader = builder.with_batch_size(8_192).build().map_err(unreadable)?;
    let index = strictly.map(Builder::new);
    Ok((footer, Records { reader, joiner, index, schema: Arc::new(Schema::new(fields)) }))
}

fn unreadable(error: parquet::errors::ParquetError) -> Fault {
    Fault::damage(msg!("segment-file-unreadable")).because(error)
}

/// The same metadata for a reader that keeps the dictionaries of what was taken apart: a value is then read once, however
/// often it stands in the column.
///
/// # Errors
/// Damage where the columns are not what the footer says.
pub fn with_dictionaries(opened: &ArrowReaderMetadata, options: ArrowReaderOptions) -> Result<ArrowReaderMetadata> {
    let metadata = Arc::clone(opened.metadata());
    let Some(group) = metadata.row_groups().first() else { return Ok(opened.clone()) };
    let keeps = |(at, field): (usize, &FieldRef)| {
        let is_taken_apart = field.name() == shred::TEMPLATE || shred::Kind::of_column(field.name()).is_some();
        let has_dictionary = group.columns().get(at).is_some_and(|chunk| chunk.dictionary_page_offset().is_some());
        if !is_taken_apart || !has_dictionary || *field.data_type() != DataType::Utf8 {
            return Arc::clone(field);
        }
        let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        Arc::new(field.as_ref().clone().with_data_type(kind))
    };
    let fields: Vec<FieldRef> = opened.schema().fields().iter().enumerate().map(keeps).collect();
    let options = options.with_schema(Arc::new(Schema::new(fields)));
    ArrowReaderMetadata::try_new(metadata, options).map_err(unreadable)
}

/// A file has the format's columns, and behind them, where its events were taken apart, templates, rest and paths by name:
/// anything else would be a place to hide in.
fn check_columns(found: &Schema, is_shredded: bool) -> Result<()> {
    let differs = || Fault::damage(msg!("segment-columns-differ"));
    let format = schema();
    let own = format.fields().len();
    let is_same =
        |(found, own): (&FieldRef, &FieldRef)| found.name() == own.name() && found.data_type() == own.data_type();
    if found.fields().len() < own || !found.fields().iter().zip(format.fields()).all(is_same) {
        return Err(differs());
    }
    let more = &found.fields()[own..];
    let (first, paths) = match more {
        [template, rest, paths @ ..] => (template.name() == shred::TEMPLATE && rest.name() == shred::REST, paths),
        [] => (!is_shredded, more),
        _ => (false, more),
    };
    let is_path = |field: &FieldRef| {
        let is_text = match field.data_type() {
            DataType::Utf8 => true,
            DataType::Dictionary(_, values) => **values == DataType::Utf8,
            _ => false,
        };
        match shred::Kind::of_column(field.name()) {
            Some((shred::Kind::Uuid, _)) => *field.data_type() == DataType::FixedSizeBinary(16),
            Some(_) => is_text,
            None => false,
        }
    };
    let is_good = first && is_shredded != more.is_empty() && paths.iter().all(is_path);
    let is_sorted = paths.windows(2).all(|two| two[0].name() < two[1].name());
    if is_good && is_sorted { Ok(()) } else { Err(differs()) }
}

/// The batches of a segment's file.
#[derive(Debug)]
pub struct Records {
    reader: ParquetRecordBatchReader,
    joiner: Option<Joiner>,
    index: Option<Builder>,
    schema: SchemaRef,
}

impl Iterator for Records {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        let damaged = |error| Fault::damage(msg!("segment-file-unreadable")).because(error);
        Some(batch.map_err(damaged).and_then(|batch| self.shape(&batch)))
    }
}

impl Records {
    /// For a judge, after the last batch: the index that follows from the rows of a file of so many raw bytes.
    pub fn index(self, raw: u64) -> Option<Plain> {
        self.index.map(|index| index.finish(raw))
    }

    fn shape(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if let Some(index) = &mut self.index {
            index.add(batch);
        }
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            let missing = || Fault::damage(msg!("segment-column-missing", name = field.name().as_str()));
            let column = batch.column_by_name(field.name()).ok_or_else(missing)?;
            columns.push(match &mut self.joiner {
                Some(joiner) if field.name() == "raw" => Arc::new(joiner.join(batch, column.as_binary_opt())?),
                _ => Arc::clone(column),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| Fault::damage(msg!("segment-file-unreadable")).because(error))
    }
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

    /// The leaf of a row's record, where it was erased: its bytes are gone.
    ///
    /// # Errors
    /// Damage where an erased record has no leaf.
    pub fn erased(&self, row: usize) -> Result<Option<Hash>> {
        let kinds = self.texts[0];
        if kinds.is_null(row) || kinds.value(row) != ERASED_KIND {
            return Ok(None);
        }
        let leaf = self.raw(row).try_into().map_err(|_| Fault::damage(msg!("segment-erased-unreadable")))?;
        Ok(Some(Hash(leaf)))
    }

    /// The leaf of a row's record: the one that stands there where it was erased, else that of its bytes. `None` where the salt is
    /// not that of such a record: there is none where it was erased, and there is one where it was not.
    ///
    /// # Errors
    /// Damage where the row is unreadable.
    pub fn leaf(&mut self, row: usize, salt: Option<&Salt>, hasher: &mut LeafHasher) -> Result<Option<Hash>> {
        match (self.erased(row)?, salt) {
            (Some(leaf), None) => Ok(Some(leaf)),
            (None, Some(salt)) => Ok(Some(hasher.leaf(salt, &self.provenance(row)?, self.raw(row)))),
            _ => Ok(None),
        }
    }

    /// Where a row's bytes came from.
    ///
    /// # Errors
    /// Damage where the kind is unknown; that of an erased record is none.
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
