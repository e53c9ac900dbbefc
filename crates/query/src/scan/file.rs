//! One file: its bytes to batches of the table's columns.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringBuilder};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use datafusion::error::{DataFusionError, Result};
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;

use super::selection::{Open, Selection};
use super::table::Native;
use crate::engine::Progress;
use crate::json::Path;
use crate::store::Store;

/// The rows of a batch: small enough to stay in the processor's cache, large enough for the regular expressions.
const BATCH_ROWS: usize = 8_192;

/// What is read of every file.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) selection: Arc<Selection>,
    /// The columns that come out.
    pub(crate) schema: SchemaRef,
    pub(crate) natives: Arc<[Native]>,
    pub(crate) progress: Arc<Progress>,
}

/// A column that comes out, and what of the file makes it.
enum Origin {
    /// A column of the file.
    Column(&'static str),
    /// A path of the raw JSON.
    Json(Path),
}

impl Reading {
    /// The batches of a file.
    pub(crate) async fn open(
        self,
        file: Arc<Add>,
        open: Open,
    ) -> Result<impl Stream<Item = Result<RecordBatch>> + Send> {
        let outside = |fault: Fault| DataFusionError::External(Box::new(fault));
        let mut options = ArrowReaderOptions::new();
        if let Some(key) = self.store.key(&file).await.map_err(outside)? {
            options = options.with_file_decryption_properties(shoseki_segment::decryption(&key).map_err(outside)?);
        }
        let unreadable = {
            let path = file.path();
            move |error: ParquetError| unreadable(&path, error)
        };
        let bytes = FileBytes { store: Arc::clone(&self.store), file: Arc::clone(&file) };
        let builder =
            ParquetRecordBatchStreamBuilder::new_with_options(bytes, options).await.map_err(unreadable.clone())?;
        let origins = self.origins(&file)?;
        let needed = origins.iter().map(|origin| match origin {
            Origin::Column(name) => *name,
            Origin::Json(_) => "raw",
        });
        let needed: Vec<&str> = needed.chain(open.columns()).collect();
        let mask = ProjectionMask::columns(builder.parquet_schema(), needed.iter().copied());
        let stream = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(unreadable.clone())?;
        self.progress.file_opened(file.size);
        Ok(stream.map_err(unreadable).map(move |batch| {
            let batch = batch?;
            self.progress.rows_read(batch.num_rows());
            self.shape(self.selection.cut(batch, open)?, &origins)
        }))
    }

    fn origins(&self, file: &Add) -> Result<Vec<Origin>> {
        let origin = |name: &str| match self.natives.iter().find(|native| native.column == name) {
            Some(native) => {
                Ok(native.column_in(file).map_or_else(|| Origin::Json(native.path.clone()), Origin::Column))
            }
            None => shoseki_segment::schema::index_of(name)
                .and_then(|at| shoseki_segment::schema::COLUMNS.get(at))
                .map(|column| Origin::Column(column.name))
                .ok_or_else(|| DataFusionError::Internal(format!("no column `{name}`"))),
        };
        self.schema.fields().iter().map(|field| origin(field.name())).collect()
    }

    fn shape(&self, batch: RecordBatch, origins: &[Origin]) -> Result<RecordBatch> {
        let column = |name: &str| {
            let missing = || Fault::damage(msg!("query-column-missing", name = name));
            batch.column_by_name(name).ok_or_else(|| DataFusionError::External(Box::new(missing())))
        };
        let columns = origins.iter().map(|origin| match origin {
            Origin::Column(name) => column(name).map(Arc::clone),
            Origin::Json(path) => Ok(texts_at(column("raw")?, path)),
        });
        let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

fn texts_at(raw: &ArrayRef, path: &Path) -> ArrayRef {
    let mut texts = StringBuilder::new();
    if let Some(raw) = raw.as_binary_opt::<i32>() {
        for bytes in raw {
            texts.append_option(bytes.and_then(|bytes| path.text_of(bytes)));
        }
    }
    Arc::new(texts.finish())
}

fn unreadable(path: &str, error: ParquetError) -> DataFusionError {
    match error {
        // What the store said comes back as it was.
        ParquetError::External(fault) if fault.is::<Fault>() => DataFusionError::External(fault),
        error => DataFusionError::External(Box::new(
            Fault::damage(msg!("query-file-unreadable", path = path)).because(error),
        )),
    }
}

/// A file's bytes, as parquet asks for them.
struct FileBytes {
    store: Arc<dyn Store>,
    file: Arc<Add>,
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
            let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options);
            // Most footers fit into the first request.
            reader.with_prefetch_hint(Some(64 << 10)).load_and_finish(self, size).await.map(Arc::new)
        }
        .boxed()
    }
}
