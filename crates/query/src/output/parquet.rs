//! Parquet for other tools: plain, zstd, a row group every 65,536 rows. Numbers in their digits are doubles here, as other
//! numbers are: a column has one type.

use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use shoseki_messages::Result;

use super::{RowWriter, failed, is_in_digits};

const GROUP_ROWS: usize = 65_536;

pub(super) struct ParquetWriter<W: Write + Send> {
    out: ArrowWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> ParquetWriter<W> {
    pub(super) fn new(out: W, schema: &SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let column = |field: &Arc<Field>| match is_in_digits(field) {
            true => Arc::new(Field::new(field.name(), DataType::Float64, true)),
            false => Arc::clone(field),
        };
        let schema = Arc::new(Schema::new(schema.fields().iter().map(column).collect::<Vec<_>>()));
        let out = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(failed)?;
        Ok(Self { out, schema })
    }
}

impl<W: Write + Send> RowWriter for ParquetWriter<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(array, field)| cast(array, field.data_type()));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(failed)?;
        self.out.write(&batch).map_err(failed)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.out.close().map(|_| ()).map_err(failed)
    }
}
