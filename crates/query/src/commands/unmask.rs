//! `unmask`: shows columns. A vault masks nothing, so that there is nothing to be lifted; packages are what masks.

use shoseki_insights::{Fields, Unmask};

use super::fields;
use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Unmask) -> Planned<()> {
    fields::plan(planner, &Fields { items: command.items.clone() })
}
