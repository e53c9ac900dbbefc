//! Answers as files and as texts: CSV, a JSON array, JSON Lines, Parquet. Rows are written as they come; nothing but one
//! batch is in memory (of Parquet, one row group).

mod cell;
mod csv;
mod json;
mod parquet;

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, SchemaRef};
use chrono_tz::Tz;
use shoseki_messages::{Fault, Result, msg};

pub use cell::{Cell, row_texts};

/// In the metadata of a column: that its texts are numbers.
const DIGITS: &str = "shoseki.digits";

/// A column whose texts are the digits of numbers.
pub(crate) fn in_digits(field: Field) -> Field {
    field.with_metadata([(DIGITS.to_owned(), "true".to_owned())].into())
}

/// Whether a column's texts are the digits of numbers, some of them perhaps beyond what a double holds.
pub fn is_in_digits(field: &Field) -> bool {
    field.metadata().contains_key(DIGITS)
}

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, RFC 4180, a line of names first. No cell is a formula for a spreadsheet. Times in the zone.
    Csv {
        /// Begins with a byte order mark, by which some spreadsheets know UTF-8.
        bom: bool,
        /// The zone that times are written in.
        zone: Tz,
    },
    /// One array of objects. Times in UTC.
    Json,
    /// An object a line. Times in UTC.
    JsonLines,
    /// Parquet, zstd.
    Parquet,
}

/// Writes rows in a format.
pub trait RowWriter: Send {
    /// Writes a batch.
    ///
    /// # Errors
    /// The world's failure where it cannot be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what comes at the end. Without it the file is not whole.
    ///
    /// # Errors
    /// The world's failure where it cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A writer of a format for rows of a schema.
///
/// # Errors
/// The world's failure where the beginning cannot be written.
pub fn writer<'w>(format: Format, schema: &SchemaRef, out: impl Write + Send + 'w) -> Result<Box<dyn RowWriter + 'w>> {
    Ok(match format {
        Format::Csv { bom, zone } => Box::new(csv::CsvWriter::new(out, schema, bom, zone)?),
        Format::Json => Box::new(json::JsonWriter::array(out, schema)),
        Format::JsonLines => Box::new(json::JsonWriter::lines(out, schema)),
        Format::Parquet => Box::new(parquet::ParquetWriter::new(out, schema)?),
    })
}

/// A failure of writing.
fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::world(msg!("query-output")).because(error)
}
