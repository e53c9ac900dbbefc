//! `expand`: an event for each element of a field's list, with the element in the list's place. What is no list stays as it
//! is; the event of an empty list is gone.

use shoseki_insights::Expand;

use super::unnest::elements;
use crate::plan::{Planned, Planner};
use crate::values::{Value, part};

pub(super) fn plan(planner: &mut Planner, command: &Expand) -> Planned<()> {
    let list = planner.expression(&command.list)?;
    let element = planner.multiply(elements(&list), 1)?;
    planner.expand(&command.list, Value::json(part(element, 0)))
}
