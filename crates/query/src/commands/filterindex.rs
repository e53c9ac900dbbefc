//! `filterIndex`: the rows of `filter`. In AWS it leaves out what was not indexed; here every field can be asked for, so
//! that it leaves out nothing that `filter` would find.

use shoseki_insights::FilterIndex;

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &FilterIndex) -> Planned<()> {
    for condition in planner.conditions(&command.condition)? {
        planner.require(condition);
    }
    Ok(())
}
