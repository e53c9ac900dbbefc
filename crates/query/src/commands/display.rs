//! `display`: the last one counts.

use shoseki_insights::Display;

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Display) -> Planned<()> {
    let mut columns = Vec::with_capacity(command.items.len());
    for item in &command.items {
        let value = planner.item(item)?;
        if let Some(alias) = &item.alias {
            planner.define(&alias.text, value.clone())?;
        }
        columns.push((item.name(), value));
    }
    planner.display(columns);
    Ok(())
}
