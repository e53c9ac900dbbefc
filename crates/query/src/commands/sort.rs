//! `sort`: text in AWS's natural order; what is missing comes last, whichever way.

use shoseki_insights::Sort;

use crate::plan::{Planned, Planner, sort_key};

pub(super) fn plan(planner: &mut Planner, command: &Sort) -> Planned<()> {
    let mut keys = Vec::with_capacity(command.keys.len());
    for key in &command.keys {
        let value = planner.expression(&key.expression)?;
        let value = planner.plain(value, key.expression.span, "sort")?;
        keys.push(sort_key(&value).sort(!key.descending, false));
    }
    planner.order_by(keys);
    Ok(())
}
