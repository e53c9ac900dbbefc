//! Rows of texts as CSV on standard output: lists of checks and of findings.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::{Format, writer};

use crate::context::Context;
use crate::output;

/// Prints lines under their names; what a line lacks is empty. No cell is a formula for a spreadsheet.
pub fn print(context: &Context, columns: &[&str], lines: &[Vec<String>]) -> Result<()> {
    let broken = |error| Fault::broken(msg!("cli-json")).because(error);
    let fields: Vec<Field> = columns.iter().map(|name| Field::new(*name, DataType::Utf8, false)).collect();
    let column = |at: usize| {
        let values = lines.iter().map(|line| line.get(at).map_or("", String::as_str));
        Arc::new(StringArray::from_iter_values(values)) as ArrayRef
    };
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), (0..columns.len()).map(column).collect()).map_err(broken)?;
    let mut text = Vec::new();
    let mut writer = writer(Format::Csv { bom: false, zone: context.zone }, &schema, &mut text)?;
    writer.write(&batch)?;
    writer.finish()?;
    output::print(&text);
    Ok(())
}
