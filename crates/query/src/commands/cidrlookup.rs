//! `cidrlookup`: fields out of a table of address ranges. An address that lies in several is given the narrowest; of rows
//! with the same range the first counts.
//!
//! Where the column of the ranges is not named, it is the one that is called as the field, or `cidr`, or the only one that
//! holds ranges and nothing else.

use std::sync::Arc;

use shoseki_insights::Cidrlookup;
use shoseki_messages::msg;

use super::lookup::{column, fill, give, output_columns, table};
use crate::plan::{Planned, Planner};
use crate::values::parts;

pub(super) fn plan(planner: &mut Planner, command: &Cidrlookup) -> Planned<()> {
    let table = table(planner, &command.table)?;
    let address = planner.field(&command.field)?.as_text();
    let ranges = match &command.column {
        Some(name) => column(planner, &table, name),
        None => {
            let of_name = || table.columns.iter().position(|column| column.eq_ignore_ascii_case("cidr"));
            let guessed = table.column(&command.field.name()).or_else(of_name).or_else(|| table.column_of_ranges());
            match guessed {
                Some(at) => Ok(at),
                None => Err(planner.note(command.table.span, msg!("query-cidrlookup-no-column"))),
            }
        }
    };
    let outputs = output_columns(planner, &table, &command.outputs);
    let (ranges, outputs) = (ranges?, outputs?);
    let name = format!("cidrlookup:{}:{:p}:{ranges}:{outputs:?}", command.table.text, Arc::as_ptr(&table));
    let ranges = table.ranges(ranges);
    let compute = {
        let outputs = outputs.clone();
        move |row: &[Option<&[u8]>], found: &mut [Option<String>]| {
            let address = row.first().copied().flatten().and_then(|address| std::str::from_utf8(address).ok());
            if let Some(row) = address.and_then(|address| ranges.find(address)) {
                fill(&table, row, &outputs, found);
            }
        }
    };
    give(planner, &command.outputs, parts(name, outputs.len(), Arc::new(compute), vec![address]))
}
