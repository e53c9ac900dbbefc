//! Parquet for other tools: plain, zstd, a row group every 65,536 rows.

use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use shoseki_messages::Result;

use super::{RowWriter, failed};

const GROUP_ROWS: usize = 65_536;

pub(super) struct ParquetWriter<W: Write + Send> {
    out: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetWriter<W> {
    pub(super) fn new(out: W, schema: &SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        Ok(Self { out: ArrowWriter::try_new(out, Arc::clone(schema), Some(properties)).map_err(failed)? })
    }
}

impl<W: Write + Send> RowWriter for ParquetWriter<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.out.write(batch).map_err(failed)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.out.close().map(|_| ()).map_err(failed)
    }
}
