//! `filter`: conditions wait until a command needs them applied, so that several filters are one.

use shoseki_insights::Filter;

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Filter) -> Planned<()> {
    for condition in planner.conditions(&command.condition)? {
        planner.require(condition);
    }
    Ok(())
}
