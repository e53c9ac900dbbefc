//! `limit`: the first rows in the order of the answer; `limit any` whichever are found first. There is no upper bound.

use shoseki_insights::Limit;

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Limit) -> Planned<()> {
    planner.settle(!command.any)?;
    // More rows than fit into memory's addresses are all rows.
    let count = usize::try_from(command.count).unwrap_or(usize::MAX).min(i64::MAX.unsigned_abs() as usize);
    planner.cut();
    planner.step(|plan| plan.limit(0, Some(count)))
}
