//! `sort`: text in AWS's natural order; what is missing comes last, whichever way.

use shoseki_insights::Sort;

use crate::plan::{Planned, Planner, sort_key};

pub(super) fn plan(planner: &mut Planner, command: &Sort) -> Planned<()> {
    let mut values = Vec::with_capacity(command.keys.len());
    for key in &command.keys {
        let value = planner.expression(&key.expression);
        let value = value.and_then(|value| planner.plain(value, key.expression.span, "sort"));
        values.push(value.map(|value| (value, key.descending)));
    }
    let mut keys = Vec::with_capacity(values.len());
    // All are planned before the first mistake ends it.
    for value in values {
        let (value, descending) = value?;
        keys.push(sort_key(&value).sort(!descending, false));
    }
    planner.order_by(keys);
    Ok(())
}
