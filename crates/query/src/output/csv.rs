//! CSV that is safe to open in a spreadsheet: a text that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage
//! return) gets an apostrophe before it, by which spreadsheets know text. Numbers stay numbers.

use std::borrow::Cow;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono_tz::Tz;
use shoseki_messages::Result;

use super::{Cell, RowWriter, failed};
use crate::values::read_number;

pub(super) struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
    zone: Tz,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(mut out: W, schema: &SchemaRef, bom: bool, zone: Tz) -> Result<Self> {
        if bom {
            out.write_all("\u{feff}".as_bytes()).map_err(failed)?;
        }
        let mut out = csv::Writer::from_writer(out);
        let names = schema.fields().iter().map(|field| head(field.name()).into_owned());
        out.write_record(names).map_err(failed)?;
        Ok(Self { out, zone })
    }
}

/// A name in the first line. `@timestamp` and the like are no formulas, and scripts look for them.
fn head(name: &str) -> Cow<'_, str> {
    let is_ours = name.strip_prefix('@').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic()));
    if is_ours { Cow::Borrowed(name) } else { guarded(Cow::Borrowed(name)) }
}

/// What a formula begins with. In Japanese and Chinese, spreadsheets take the wide ones too.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_formula = text.starts_with(FORMULAS) && read_number(&text).is_none();
    if is_formula { Cow::Owned(format!("'{text}")) } else { text }
}

impl<W: Write + Send> RowWriter for CsvWriter<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        for row in 0..batch.num_rows() {
            for column in batch.columns() {
                let text = match Cell::of(column, row) {
                    Cell::Text(text) => guarded(text),
                    other => other.text(self.zone),
                };
                self.out.write_field(text.as_bytes()).map_err(failed)?;
            }
            self.out.write_record(None::<&[u8]>).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+a", "'+a"),
            ("-5", "-5"),
            ("-5+cmd", "'-5+cmd"),
            ("\t=1", "'\t=1"),
            ("a=1", "a=1"),
            ("＝1+1", "'＝1+1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("\n=1", "'\n=1"),
            ("あ＝1", "あ＝1"),
            ("", ""),
        ] {
            assert_eq!(guarded(Cow::Borrowed(text)), written);
        }
    }
}
