//! Writing a segment: records in, one Parquet file and its tags out.
//!
//! The layout is not part of what is sealed (leaves are), so it may improve: one row group; `raw` as lengths and bytes in
//! pages of 1 MB; integers that grow as deltas; everything zstd; no bloom filters (parquet would write them in the clear).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, Int32Array, Int64Array, RecordBatch, StringBuilder};
use arrow::array::{BinaryArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, FieldRef, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};
use shoseki_event::{Day, Kind, Record, SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::commit::Add;
use crate::derivation;
use crate::index::{Builder, IndexTag, Version};
use crate::keys::{Secret, WrappedKey};
use crate::layout;
use crate::read::FOOTER_KEY;
use crate::schema::schema;
use crate::seal::LeafHasher;
use crate::shred::{self, Shredded, shred};
use crate::{FORMAT_VERSION, FileTags, MAX_FILE_RECORDS, MAX_RECORDS, Ordinals, Seeds};
use crate::{SegmentFooter, SegmentTag, StreamTag};

/// How the events of a segment lie in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Each as it came, in the column `raw`: what every reader of Parquet understands.
    #[default]
    Text,
    /// Taken apart where that pays: smaller, and faster to search.
    Columns,
}

impl Layout {
    /// The name in the table's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Columns => "columns",
        }
    }

    /// The layout of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Text, Self::Columns].into_iter().find(|layout| layout.name() == name)
    }
}

/// A segment about to be written: records of one source, one retention class and one day, in their final order.
#[derive(Debug)]
pub struct Draft {
    /// Its name.
    pub id: SegmentId,
    /// Its secret.
    pub seeds: Seeds,
    /// The retention class.
    pub class: String,
    /// The UTC day.
    pub day: Day,
    /// How the events lie in the file.
    pub layout: Layout,
    /// The newest format that the file may have: who reads the vault may know no later one.
    pub format: u32,
    /// The records.
    pub records: Vec<Record>,
}

impl Draft {
    /// An empty draft with a new name and a new secret.
    ///
    /// # Errors
    /// The world's failure where there are no random numbers.
    pub fn new(class: &str, day: Day) -> Result<Self> {
        let (id, seeds) = (new_name()?, Seeds::fresh()?);
        Ok(Self {
            id,
            seeds,
            class: class.to_owned(),
            day,
            layout: Layout::default(),
            format: FORMAT_VERSION,
            records: Vec::new(),
        })
    }
}

/// A new name for a segment, or for a file of several.
///
/// # Errors
/// The world's failure where there are no random numbers.
pub fn new_name() -> Result<SegmentId> {
    let random = Secret::fresh()?;
    let mut name = [0; 16];
    name.copy_from_slice(&random.expose()[..16]);
    Ok(SegmentId(name))
}

/// A written segment.
#[derive(Debug)]
pub struct Built {
    /// What the commit will say of it.
    pub add: Add,
    /// The file.
    pub bytes: Bytes,
}

/// Eight bytes of what a record is known by within its source, as they stand in the column `key_hash`: SHA-256 over
/// `source ‖ 0x00 ‖ key`, or, where the event has no key, `source ‖ 0x01 ‖ origin ‖ 0x00 ‖ position` (big-endian); the
/// first eight bytes as a big-endian integer.
pub fn key_hash(record: &Record) -> i64 {
    let mut hasher = Sha256::new();
    hasher.update(record.provenance.source.as_bytes());
    match &record.columns.key {
        Some(key) => {
            hasher.update([0]);
            hasher.update(key.as_bytes());
        }
        None => {
            hasher.update([1]);
            hasher.update(record.provenance.origin.as_bytes());
            hasher.update([0]);
            hasher.update(record.provenance.position.to_be_bytes());
        }
    }
    let digest = hasher.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// Writes a segment's file. `class_key` is the id of the class key and the key, where the vault is encrypted.
///
/// # Errors
/// Our own broken invariant where the draft is empty or too large; the world's failure where there are no random numbers.
pub fn write(draft: &Draft, class_key: Option<(&str, &Secret)>, now: Timestamp) -> Result<Built> {
    if draft.records.is_empty() || draft.records.len() > MAX_RECORDS {
        return Err(Fault::broken(msg!("segment-draft-size", count = draft.records.len())));
    }
    let tag = tag(draft);
    let shredded = match draft.layout {
        Layout::Text => None,
        Layout::Columns => shred(draft.records.iter().map(|record| &*record.raw)),
    };
    let depth = shredded.as_ref().map(|shredded| shredded.depth);
    let footer = SegmentFooter { segments: vec![(draft.id, draft.seeds.clone())], depth };
    let own = own_columns(draft, shredded.as_ref());
    let path = layout::data_file(&draft.class, draft.day, draft.id);
    let file = File { name: draft.id, path, raw: tag.raw, footer, own, shredded, index: Version::of(draft.format) };
    let format = file.format();
    let Encoded { bytes, key, index } = file.encode(class_key)?;
    let sha256 = Hash(Sha256::digest(&bytes).into());
    let add = Add {
        name: draft.id,
        class: draft.class.clone(),
        day: draft.day,
        size: bytes.len() as u64,
        modified_ms: now.0.div_euclid(1_000),
        tags: FileTags { format, segments: vec![tag], sha256, key, index },
    };
    Ok(Built { add, bytes: bytes.into() })
}

/// A file about to be written.
pub(crate) struct File {
    pub(crate) name: SegmentId,
    /// Its path below `events/`.
    pub(crate) path: String,
    /// The length of all events.
    pub(crate) raw: u64,
    pub(crate) footer: SegmentFooter,
    /// The columns of the format, `raw` only of the events that stand whole.
    pub(crate) own: Vec<ArrayRef>,
    pub(crate) shredded: Option<Shredded>,
    /// Which skip index it has, if it is large enough for one.
    pub(crate) index: Option<Version>,
}

/// A file's bytes, its own key, wrapped by the class key, and where its index lies.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) key: Option<WrappedKey>,
    pub(crate) index: Option<IndexTag>,
}

/// A file's key: for Parquet, wrapped, and as it is.
type FileKey = (Arc<FileEncryptionProperties>, WrappedKey, Secret);

impl File {
    fn indexed(&self) -> Option<Version> {
        self.index.filter(|version| Builder::is_worth_it(*version, self.raw))
    }

    /// The format that is needed to read it.
    pub(crate) fn format(&self) -> u32 {
        self.indexed().map_or(0, Version::format).max(self.footer.format())
    }

    /// Its bytes. A column is written after another, and let go of: a hundred at once would each hold a page, a dictionary and
    /// a compressor.
    pub(crate) fn encode(self, class_key: Option<(&str, &Secret)>) -> Result<Encoded> {
        let key = class_key.map(|(id, class_key)| file_key(self.name, id, class_key)).transpose()?;
        let mut properties = properties(&self.footer)?;
        for column in self.shredded.iter().flat_map(|shredded| &shredded.columns) {
            properties = of_shredded(properties, column);
        }
        if let Some((encryption, ..)) = &key {
            properties = properties.with_file_encryption_properties(Arc::clone(encryption));
        }
        let (version, raw, path) = (self.indexed(), self.raw, self.path.clone());
        let batch = self.into_batch()?;
        let index = version.map(|version| {
            let mut builder = Builder::for_bytes(version, raw);
            builder.add(&batch);
            builder.finish(raw)
        });
        let mut bytes = Vec::with_capacity(usize::try_from(raw / 6).unwrap_or_default() + 4_096);
        let written = |error| Fault::broken(msg!("segment-write")).because(error);
        let writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).map_err(written)?;
        let (mut writer, columns) = writer.into_serialized_writer().map_err(written)?;
        write_rows(batch, &columns, &mut writer).map_err(written)?;
        let index = match index {
            None => None,
            Some(index) => {
                let tag = index.tag(writer.bytes_written() as u64); // it lies behind the rows
                let stored = index.stored(key.as_ref().map(|(.., secret)| secret), &path)?;
                writer.write_all(&stored).map_err(|error| written(error.into()))?;
                Some(tag)
            }
        };
        writer.close().map_err(written)?;
        Ok(Encoded { bytes, key: key.map(|(_, wrapped, _)| wrapped), index })
    }

    fn into_batch(self) -> Result<RecordBatch> {
        let mut fields: Vec<FieldRef> = schema().fields().to_vec();
        let mut columns = self.own;
        for column in self.shredded.into_iter().flat_map(|shredded| shredded.columns) {
            fields.push(Arc::new(column.field));
            columns.push(column.values);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| Fault::broken(msg!("segment-write")).because(error))
    }
}

/// Writes the rows as the first row group.
fn write_rows<W: Write + Send>(
    batch: RecordBatch,
    columns: &ArrowRowGroupWriterFactory,
    file: &mut SerializedFileWriter<W>,
) -> parquet::errors::Result<()> {
    let mut rows = file.next_row_group()?;
    let (schema, arrays, _) = batch.into_parts();
    for ((field, array), mut column) in schema.fields().iter().zip(arrays).zip(columns.create_column_writers(0)?) {
        for leaf in compute_leaves(field, &array)? {
            column.write(&leaf)?; // one: no column has others within it
        }
        drop(array);
        column.close()?.append_to_row_group(&mut rows)?;
    }
    rows.close().map(drop)
}

/// A new key for a file.
fn file_key(name: SegmentId, id: &str, class_key: &Secret) -> Result<FileKey> {
    let key = Secret::fresh()?;
    let wrapped = WrappedKey::seal(id, class_key, &name.to_string(), &key)?;
    let metadata = serde_json::to_vec(&wrapped).map_err(|e| Fault::broken(msg!("segment-cipher")).because(e))?;
    let properties = FileEncryptionProperties::builder(key.expose().to_vec())
        .with_footer_key_metadata(metadata)
        .build()
        .map_err(|error| Fault::broken(msg!("segment-write")).because(error))?;
    Ok((properties, wrapped, key))
}

fn level(level: i32) -> Result<Compression> {
    ZstdLevel::try_new(level).map(Compression::ZSTD).map_err(|e| Fault::broken(msg!("segment-write")).because(e))
}

/// How the columns of what was taken apart are written: values that repeat by a dictionary, whole for the segment, others
/// as lengths and bytes.
fn of_shredded(builder: WriterPropertiesBuilder, column: &shred::Column) -> WriterPropertiesBuilder {
    let path = || ColumnPath::from(vec![column.field.name().clone()]);
    // A row of a hundred columns is put together out of a page of each.
    let builder = builder
        .set_column_statistics_enabled(path(), EnabledStatistics::None)
        .set_column_data_page_size_limit(path(), 256 << 10);
    if column.repeats {
        return builder.set_column_dictionary_page_size_limit(path(), MAX_DICTIONARY_BYTES);
    }
    let encoding =
        if *column.field.data_type() == DataType::Utf8 { Encoding::DELTA_LENGTH_BYTE_ARRAY } else { Encoding::PLAIN };
    let builder = builder.set_column_data_page_size_limit(path(), 64 << 10);
    builder.set_column_dictionary_enabled(path(), false).set_column_encoding(path(), encoding)
}

fn properties(footer: &SegmentFooter) -> Result<WriterPropertiesBuilder> {
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0) // data pages V1: the one that all readers decrypt
        .set_created_by(concat!("shoseki/", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(level(3)?)
        .set_max_row_group_row_count(usize::try_from(MAX_FILE_RECORDS).ok()) // one row group
        .set_data_page_size_limit(1 << 20)
        .set_write_batch_size(256)
        .set_bloom_filter_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![KeyValue::new(FOOTER_KEY.to_owned(), footer.to_text())]));
    for (name, encoding) in [
        ("raw", Encoding::DELTA_LENGTH_BYTE_ARRAY),
        ("ordinal", Encoding::DELTA_BINARY_PACKED),
        ("position", Encoding::DELTA_BINARY_PACKED),
        ("time", Encoding::DELTA_BINARY_PACKED),
        ("key_hash", Encoding::PLAIN),
    ] {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), encoding);
    }
    builder = builder
        .set_column_compression(ColumnPath::from("raw"), level(RAW_LEVEL)?)
        .set_column_statistics_enabled(ColumnPath::from("raw"), EnabledStatistics::None)
        .set_column_compression(ColumnPath::from("key_hash"), Compression::UNCOMPRESSED)
        .set_column_statistics_enabled(ColumnPath::from("key_hash"), EnabledStatistics::None);
    Ok(builder)
}

/// The largest dictionary of a column; what goes beyond is written value by value.
const MAX_DICTIONARY_BYTES: usize = 16 << 20;

/// On CloudTrail's JSON level 1 is both smaller and faster than level 3.
const RAW_LEVEL: i32 = 1;

fn tag(draft: &Draft) -> SegmentTag {
    let mut hasher = LeafHasher::default();
    let mut root = shoseki_merkle::Builder::new();
    let mut streams: BTreeMap<&str, StreamTag> = BTreeMap::new();
    let (mut raw, mut unkeyed, mut unparsed) = (0, 0, 0);
    let (mut min, mut max) = (Timestamp(i64::MAX), Timestamp(i64::MIN));
    let salts = draft.seeds.salts(u32::try_from(draft.records.len()).unwrap_or_default());
    for (record, salt) in draft.records.iter().zip(salts) {
        root.push(hasher.leaf(&salt.unwrap_or_default(), &record.provenance, &record.raw));
        raw += record.raw.len() as u64;
        unkeyed += u32::from(record.columns.key.is_none());
        unparsed += u32::from(record.provenance.kind == Kind::Unparsed);
        let time = record.columns.time;
        (min, max) = (min.min(time), max.max(time));
        let stream = streams.entry(&record.provenance.stream).or_insert_with(|| StreamTag {
            name: record.provenance.stream.to_string(),
            count: 0,
            min: time,
            max: time,
        });
        stream.count += 1;
        (stream.min, stream.max) = (stream.min.min(time), stream.max.max(time));
    }
    let source = draft.records.first().map(|record| record.provenance.source.to_string()).unwrap_or_default();
    SegmentTag {
        id: draft.id,
        root: root.root(),
        count: u32::try_from(draft.records.len()).unwrap_or_default(),
        raw,
        min,
        max,
        derivation: derivation(&source).unwrap_or_default(),
        source,
        unkeyed,
        unparsed,
        streams: streams.into_values().collect(),
        commit: None,
        erased: Ordinals::default(),
    }
}

fn own_columns(draft: &Draft, shredded: Option<&Shredded>) -> Vec<ArrayRef> {
    let rows = &draft.records;
    let text = |value: fn(&Record) -> Option<&str>| -> ArrayRef {
        let mut builder = StringBuilder::with_capacity(rows.len(), rows.len() * 16);
        rows.iter().for_each(|row| builder.append_option(value(row)));
        Arc::new(builder.finish())
    };
    let integers =
        |value: fn(&Record) -> i32| -> ArrayRef { Arc::new(Int32Array::from_iter_values(rows.iter().map(value))) };
    let instants = |value: fn(&Record) -> i64| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter_values(rows.iter().map(value)).with_timezone("UTC"))
    };
    let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    let segment = BinaryArray::from_iter_values(rows.iter().map(|_| draft.id.0));
    let position = rows.iter().map(|row| i64::try_from(row.provenance.position).unwrap_or(i64::MAX));
    vec![
        Arc::new(segment),
        Arc::new(Int32Array::from_iter_values(0..count)),
        text(|row| Some(row.provenance.kind.name())),
        text(|row| Some(&row.provenance.source)),
        text(|row| Some(&row.provenance.stream)),
        text(|row| Some(&row.provenance.origin)),
        Arc::new(Int64Array::from_iter_values(position)),
        instants(|row| row.provenance.received.0),
        text(|row| Some(&*row.provenance.reason).filter(|reason| !reason.is_empty())),
        instants(|row| row.columns.time.0),
        text(|row| Some(row.columns.time_origin.name())),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(key_hash))),
        integers(|row| row.columns.class_uid),
        integers(|row| row.columns.activity_id),
        integers(|row| row.columns.severity_id),
        text(|row| Some(row.columns.status.name())),
        text(|row| row.columns.operation.as_deref()),
        text(|row| row.columns.service.as_deref()),
        text(|row| row.columns.actor.as_deref()),
        text(|row| row.columns.actor_type.as_deref()),
        text(|row| row.columns.src_ip.as_deref()),
        text(|row| row.columns.account.as_deref()),
        text(|row| row.columns.region.as_deref()),
        text(|row| row.columns.resource.as_deref()),
        text(|row| row.columns.error.as_deref()),
        raw(rows, shredded),
    ]
}

/// The events that stand whole.
fn raw(rows: &[Record], shredded: Option<&Shredded>) -> ArrayRef {
    let is_whole = |row: usize| shredded.is_none_or(|shredded| shredded.is_whole.get(row) == Some(&true));
    let bytes: usize = rows.iter().enumerate().filter(|(row, _)| is_whole(*row)).map(|(_, row)| row.raw.len()).sum();
    let mut raw = BinaryBuilder::with_capacity(rows.len(), bytes);
    rows.iter().enumerate().for_each(|(row, record)| raw.append_option(is_whole(row).then_some(&record.raw)));
    Arc::new(raw.finish())
}

#[cfg(test)]
pub(crate) mod tests;
