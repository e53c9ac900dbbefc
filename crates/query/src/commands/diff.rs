//! `diff`: the patterns of the time range beside those of the range before, or of the same time a day, a week or a month
//! before. Which range that is stands in `earlier`.

use shoseki_insights::Diff;

use super::compare;
use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, _command: &Diff) -> Planned<()> {
    compare::plan(planner, "diff")
}
