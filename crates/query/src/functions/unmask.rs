//! `unmask`: what a data protection policy masks, unmasked. A vault masks nothing, so that it is the value itself.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "unmask",
    aliases: &[],
    title: "query-function-unmask",
    example: ("unmask(eventName)", "DeleteTrail"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    match call.arguments.first() {
        Some(value) => planner.expression(value),
        None => Ok(Value::missing()),
    }
}
