//! `logcompare`: as `diff`, with any time between the two ranges.

use shoseki_insights::Logcompare;

use super::compare;
use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, _command: &Logcompare) -> Planned<()> {
    compare::plan(planner, "logcompare")
}
