//! `if`: the second value where the condition holds, else the third.

use super::choose;
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "if",
    aliases: &[],
    title: "query-function-if",
    example: ("if(eventName like /^Delete/, 'gone', 'there')", "gone"),
    least: 3,
    most: Some(3),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let condition = planner.expression(&call.arguments[0])?.as_condition();
    let values = [planner.expression(&call.arguments[1])?, planner.expression(&call.arguments[2])?];
    choose(vec![condition], &values, planner.zone)
}
