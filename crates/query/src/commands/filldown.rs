//! `filldown`: where a value is missing, the last one that was there, in the order of the answer. Patterns of names and an
//! empty list mean the columns that the answer has at this point: of events, more cannot be known before they are read.

use datafusion::functions_aggregate::first_last::last_value_udaf;
use shoseki_insights::{Filldown, Wildcard};
use shoseki_messages::msg;

use crate::plan::{Named, Planned, Planner, Running};
use crate::values::{Kind, Value};

pub(super) fn plan(planner: &mut Planner, command: &Filldown) -> Planned<()> {
    let mut wanted: Vec<Named> = Vec::new();
    if command.fields.is_empty() {
        wanted = planner.shown_columns();
    }
    for field in &command.fields {
        match field {
            Wildcard::Field(field) => wanted.push((field.name(), planner.field(field)?)),
            Wildcard::Pattern { text, .. } => {
                let known = planner.shown_columns().into_iter().filter(|(name, _)| field.matches(name));
                let count = wanted.len();
                wanted.extend(known);
                if wanted.len() == count {
                    planner.hint(msg!("query-hint-no-match", pattern = text.as_str()));
                }
            }
        }
    }
    let mut names: Vec<String> = Vec::with_capacity(wanted.len());
    // The raw event is never missing.
    wanted.retain(|(name, value)| {
        value.kind != Kind::Bytes && !names.contains(name) && {
            names.push(name.clone());
            true
        }
    });
    if wanted.is_empty() {
        return Ok(());
    }
    let order = planner.order();
    let last = |(_, value): &Named| Running {
        function: last_value_udaf().into(),
        arguments: vec![value.expr.clone()],
        within: Vec::new(),
        order: order.clone(),
        present: true,
    };
    let columns = planner.over_rows(wanted.iter().map(last).collect())?;
    for ((name, value), column) in wanted.iter().zip(columns) {
        planner.assign(name, &Value::new(column, value.kind));
    }
    Ok(())
}
