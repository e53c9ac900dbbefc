//! `lookup`: fields out of a table, by keys that are compared letter by letter. Of several rows with the same keys the first
//! counts. `OUTPUT` gives what the table has, and nothing where it has no row; `OUTPUTNEW` fills only what is missing or
//! empty.

use std::sync::Arc;

use datafusion::functions::expr_fn::{coalesce, nullif};
use datafusion::logical_expr::{Expr, lit};
use shoseki_insights::{Field, Lookup, Name, Outputs, Segment, nearest};
use shoseki_messages::msg;

use crate::lookups::{Table, key_of};
use crate::plan::{Planned, Planner};
use crate::values::{Value, part, parts};

pub(super) fn plan(planner: &mut Planner, command: &Lookup) -> Planned<()> {
    let table = table(planner, &command.table)?;
    let (mut columns, mut values) = (Vec::new(), Vec::with_capacity(command.keys.len()));
    for key in &command.keys {
        columns.push(column(planner, &table, &key.column));
        values.push(match &key.field {
            Some(field) => planner.field(field)?.as_text(),
            None => planner.field(&named(&key.column))?.as_text(),
        });
    }
    // All names that are wrong are told at once.
    let outputs = output_columns(planner, &table, &command.outputs);
    let columns = columns.into_iter().collect::<Planned<Vec<_>>>()?;
    let outputs = outputs?;
    let name = format!("lookup:{}:{:p}:{columns:?}:{outputs:?}", command.table.text, Arc::as_ptr(&table));
    let keys = table.keys(&columns);
    let compute = {
        let outputs = outputs.clone();
        move |row: &[Option<&[u8]>], found: &mut [Option<String>]| {
            let cells: Option<Vec<&[u8]>> = row.iter().copied().collect();
            if let Some(row) = cells.and_then(|cells| keys.get(&key_of(cells))) {
                fill(&table, *row, &outputs, found);
            }
        }
    };
    give(planner, &command.outputs, parts(name, outputs.len(), Arc::new(compute), values))
}

/// The table of a name.
pub(super) fn table(planner: &mut Planner, name: &Name) -> Planned<Arc<Table>> {
    let ground = Arc::clone(&planner.ground);
    ground.asked.lookups.table(&name.text).map_err(|message| planner.note(name.span, message))
}

/// The place of a column.
pub(super) fn column(planner: &mut Planner, table: &Table, name: &Name) -> Planned<usize> {
    if let Some(at) = table.column(&name.text) {
        return Ok(at);
    }
    let text = name.text.as_str();
    Err(match nearest(text, table.columns.iter().map(String::as_str)) {
        Some(near) => planner.note(name.span, msg!("query-lookup-no-column-near", name = text, near = near)),
        None => {
            let known = table.columns.iter().take(20).map(|column| format!("`{column}`")).collect::<Vec<_>>();
            planner.note(name.span, msg!("query-lookup-no-column", name = text, known = known.join(" ")))
        }
    })
}

/// The field of a column's name.
pub(super) fn named(name: &Name) -> Field {
    Field { span: name.span, segments: vec![Segment { name: name.text.clone(), quoted: true }] }
}

/// The places of the columns that are asked for.
pub(super) fn output_columns(planner: &mut Planner, table: &Table, outputs: &Outputs) -> Planned<Vec<usize>> {
    let columns: Vec<_> = outputs.columns.iter().map(|output| column(planner, table, &output.column)).collect();
    columns.into_iter().collect()
}

/// What a row has in these columns.
pub(super) fn fill(table: &Table, row: u32, columns: &[usize], found: &mut [Option<String>]) {
    for (found, column) in found.iter_mut().zip(columns) {
        *found = table.cell(row as usize, *column).map(str::to_owned);
    }
}

/// Makes fields of what was found.
pub(super) fn give(planner: &mut Planner, outputs: &Outputs, found: Expr) -> Planned<()> {
    for (at, output) in outputs.columns.iter().enumerate() {
        let mut cell = part(found.clone(), at);
        if outputs.only_new {
            let field = named(output.alias.as_ref().unwrap_or(&output.column));
            let before = planner.quiet_field(&field)?.as_text();
            cell = coalesce(vec![nullif(before, lit("")), cell]);
        }
        planner.append_column(output.name(), Value::text(cell))?;
    }
    Ok(())
}
