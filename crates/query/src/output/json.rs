//! A JSON array, or an object a line. Numbers and booleans are such, times are RFC 3339 in UTC, null is null.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use shoseki_messages::Result;

use super::{Cell, RowWriter, failed, is_in_digits};
use crate::values::{show_number, show_time};

pub(super) struct JsonWriter<W: Write> {
    out: W,
    /// The names, as JSON with a colon after.
    names: Vec<String>,
    /// Which columns are numbers in their digits.
    digits: Vec<bool>,
    is_array: bool,
    is_first: bool,
}

impl<W: Write> JsonWriter<W> {
    pub(super) fn array(out: W, schema: &SchemaRef) -> Self {
        Self::new(out, schema, true)
    }

    pub(super) fn lines(out: W, schema: &SchemaRef) -> Self {
        Self::new(out, schema, false)
    }

    fn new(out: W, schema: &SchemaRef, is_array: bool) -> Self {
        let names = schema.fields().iter().map(|field| format!("{}:", serde_json::Value::from(field.name().as_str())));
        let digits = schema.fields().iter().map(|field| is_in_digits(field)).collect();
        Self { out, names: names.collect(), digits, is_array, is_first: true }
    }

    fn row(&mut self, batch: &RecordBatch, row: usize) -> std::io::Result<()> {
        let before = match (self.is_array, self.is_first) {
            (true, true) => "[\n{",
            (true, false) => ",\n{",
            (false, _) => "{",
        };
        self.is_first = false;
        self.out.write_all(before.as_bytes())?;
        for (at, (name, column)) in self.names.iter().zip(batch.columns()).enumerate() {
            self.out.write_all(if at == 0 { b"" } else { b"," })?;
            self.out.write_all(name.as_bytes())?;
            match Cell::of(column, row) {
                Cell::Null => self.out.write_all(b"null")?,
                Cell::Text(text) if self.digits[at] && is_number(&text) => self.out.write_all(text.as_bytes())?,
                Cell::Text(text) => serde_json::to_writer(&mut self.out, &*text)?,
                Cell::Integer(number) => write!(self.out, "{number}")?,
                Cell::Number(number) if number.is_finite() => self.out.write_all(show_number(number).as_bytes())?,
                Cell::Number(_) => self.out.write_all(b"null")?,
                Cell::Boolean(value) => write!(self.out, "{value}")?,
                Cell::Time(micros) => write!(self.out, "\"{}\"", show_time(micros))?,
            }
        }
        self.out.write_all(if self.is_array { b"}" } else { b"}\n" })
    }
}

/// Whether it can stand in JSON as a number: what was masked is none.
fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

impl<W: Write + Send> RowWriter for JsonWriter<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        for row in 0..batch.num_rows() {
            self.row(batch, row).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.is_array {
            self.out.write_all(if self.is_first { b"[]\n" } else { b"\n]\n" }).map_err(failed)?;
        }
        self.out.flush().map_err(failed)
    }
}
