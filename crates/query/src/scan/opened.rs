//! A file that is open: its footer, read once however often the file is asked about, and the columns that it has.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use arrow::array::{Array, RecordBatch};
use bytes::Bytes;
use datafusion::error::{DataFusionError, Result};
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, async_reader::ParquetRecordBatchStream};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use shoseki_event::SegmentId;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::index::{Columns, Item};
use shoseki_segment::shred::{Kind, TEMPLATE, Template};
use shoseki_segment::{SegmentFooter, with_dictionaries};

use super::index::Index;
use super::paths::templates_of;
use crate::store::Store;

/// The footers and templates that are kept; beyond, all are forgotten.
const KEPT: usize = 8_192;

/// The indexes of which the part about columns is kept: each has some hundred kilobytes.
const KEPT_INDEXES: usize = 512;

/// The answers of indexes about items that are kept, of some forty bytes each; beyond, all are forgotten.
const KEPT_ITEMS: usize = 262_144;

/// What is remembered between queries over one vault: the footers of files, the templates of events. It grows to a bound.
#[derive(Debug, Default)]
pub struct Cache {
    files: Mutex<HashMap<SegmentId, Arc<Opened>>>,
    templates: Mutex<HashMap<String, Option<Arc<Template>>>>,
    indexes: Mutex<HashMap<SegmentId, Option<Arc<Columns>>>>,
    items: Mutex<HashMap<(SegmentId, Item), bool>>,
}

impl Cache {
    /// A template, read once; `None` where it is none.
    pub(crate) fn template(&self, text: &str) -> Option<Arc<Template>> {
        let Ok(mut templates) = self.templates.lock() else { return None };
        if let Some(known) = templates.get(text) {
            return known.clone();
        }
        if templates.len() >= KEPT {
            templates.clear();
        }
        let template = Template::parse(text).map(Arc::new);
        templates.insert(text.to_owned(), template.clone());
        template
    }

    /// What the index of a file says of its columns; `None` where it has no index.
    ///
    /// # Errors
    /// Damage where it cannot be read, the world's failure where it cannot be had.
    pub(crate) async fn columns(&self, store: &Arc<dyn Store>, file: &Add) -> Result<Option<Arc<Columns>>> {
        let known = self.indexes.lock().ok().and_then(|indexes| indexes.get(&file.id()).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let columns = match Index::of(store, file) {
            Some(index) => index.columns().await?.map(Arc::new),
            None => None,
        };
        if let Ok(mut indexes) = self.indexes.lock() {
            if indexes.len() >= KEPT_INDEXES {
                indexes.clear();
            }
            indexes.insert(file.id(), columns.clone());
        }
        Ok(columns)
    }

    /// Whether an item may be in a file, where its index was asked about it before.
    pub(super) fn item(&self, file: SegmentId, item: Item) -> Option<bool> {
        self.items.lock().ok()?.get(&(file, item)).copied()
    }

    /// Keeps what the index of a file said of items.
    pub(super) fn keep_items(&self, file: SegmentId, found: &[(Item, bool)]) {
        let Ok(mut items) = self.items.lock() else { return };
        if items.len() + found.len() > KEPT_ITEMS {
            items.clear();
        }
        items.extend(found.iter().map(|(item, has)| ((file, *item), *has)));
    }

    /// Opens a file, or takes what is known of it.
    ///
    /// # Errors
    /// Damage where it cannot be read, the world's failure where it cannot be had.
    pub(crate) async fn open(&self, store: &Arc<dyn Store>, file: &Arc<Add>) -> Result<Arc<Opened>> {
        let known = self.files.lock().ok().and_then(|files| files.get(&file.id()).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let opened = Arc::new(Opened::new(store, file).await?);
        if let Ok(mut files) = self.files.lock() {
            if files.len() >= KEPT {
                files.clear();
            }
            files.insert(file.id(), Arc::clone(&opened));
        }
        Ok(opened)
    }
}

/// What is known of a file.
#[derive(Debug)]
pub(crate) struct Opened {
    metadata: ArrowReaderMetadata,
    /// Whether its events were taken apart.
    pub(crate) is_shredded: bool,
    /// How many rows it has.
    pub(crate) rows: usize,
    /// The names of the columns of paths, sorted.
    pub(crate) paths: Vec<String>,
}

impl Opened {
    async fn new(store: &Arc<dyn Store>, file: &Arc<Add>) -> Result<Self> {
        let mut options = ArrowReaderOptions::new();
        if let Some(key) = store.key(file).await.map_err(outside)? {
            options = options.with_file_decryption_properties(shoseki_segment::decryption(&key).map_err(outside)?);
        }
        let mut bytes = FileBytes { store: Arc::clone(store), file: Arc::clone(file) };
        let metadata = ArrowReaderMetadata::load_async(&mut bytes, options.clone()).await;
        let metadata = metadata.map_err(|error| unreadable(file, error))?;
        let values = metadata.metadata().file_metadata().key_value_metadata();
        let is_shredded = SegmentFooter::from_metadata(values).map_err(outside)?.depth.is_some();
        let metadata = if is_shredded { with_dictionaries(&metadata, options).map_err(outside)? } else { metadata };
        let names = metadata.schema().fields().iter().map(|field| field.name().clone());
        let paths = names.filter(|name| is_shredded && Kind::of_column(name).is_some()).collect();
        let rows = usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default();
        Ok(Self { metadata, is_shredded, rows, paths })
    }

    /// The templates of its events, each once, and whether some of its events stand whole.
    ///
    /// # Errors
    /// Damage where one is none.
    pub(crate) async fn templates(&self, bytes: FileBytes, cache: &Cache) -> Result<(Vec<Arc<Template>>, bool)> {
        let file = Arc::clone(&bytes.file);
        let stream = self.read(bytes, &[TEMPLATE], None, self.rows.max(1))?;
        let batches: Vec<RecordBatch> = stream.map_err(|error| unreadable(&file, error)).try_collect().await?;
        let has_whole = batches.iter().flat_map(RecordBatch::columns).any(|column| column.null_count() > 0);
        Ok((templates_of(&batches, cache)?, has_whole))
    }

    /// Columns of the file, batch by batch; of the rows selected, where some are.
    ///
    /// # Errors
    /// Damage where the file is not readable.
    pub(crate) fn read(
        &self,
        bytes: FileBytes,
        columns: &[&str],
        rows: Option<RowSelection>,
        batch: usize,
    ) -> Result<ParquetRecordBatchStream<FileBytes>> {
        let file = Arc::clone(&bytes.file);
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(bytes, self.metadata.clone());
        let schema = self.metadata.schema();
        let roots: Vec<usize> = columns.iter().filter_map(|name| schema.index_of(name).ok()).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let mut builder = builder.with_projection(mask).with_batch_size(batch);
        if let Some(rows) = rows {
            builder = builder.with_row_selection(rows);
        }
        builder.build().map_err(|error| unreadable(&file, error))
    }
}

pub(super) fn outside(fault: Fault) -> DataFusionError {
    DataFusionError::External(Box::new(fault))
}

/// What parquet says, as a fault; what the store said comes back as it was.
pub(super) fn unreadable(file: &Add, error: ParquetError) -> DataFusionError {
    match error {
        ParquetError::External(fault) if fault.is::<Fault>() => DataFusionError::External(fault),
        error => outside(Fault::damage(msg!("query-file-unreadable", path = file.path())).because(error)),
    }
}

/// A file's bytes, as parquet asks for them.
#[derive(Clone)]
pub(crate) struct FileBytes {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) file: Arc<Add>,
}

impl AsyncFileReader for FileBytes {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move {
            let short = || ParquetError::EOF(format!("no bytes from {}", range.start));
            self.get_byte_ranges(vec![range.clone()]).await?.pop().ok_or_else(short)
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move {
            let read = self.store.read(&self.file, &ranges).await;
            read.map_err(|fault| ParquetError::External(Box::new(fault)))
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.file.size;
            let reader = ParquetMetaDataReader::new()
                .with_arrow_reader_options(options)
                .with_offset_index_policy(PageIndexPolicy::Optional);
            // Most footers fit into the first request.
            reader.with_prefetch_hint(Some(64 << 10)).load_and_finish(self, size).await.map(Arc::new)
        }
        .boxed()
    }
}
