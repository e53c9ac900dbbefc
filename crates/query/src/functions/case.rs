//! `case`: the value behind the first condition that holds, else the last value.

use super::choose;
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "case",
    aliases: &[],
    title: "query-function-case",
    example: ("case(eventName = 'x', 1, eventName like 'Trail', 2, 3)", "2"),
    least: 3,
    most: None,
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let (pairs, rest) = call.arguments.as_chunks::<2>();
    for [condition, value] in pairs {
        conditions.push(planner.expression(condition)?.as_condition());
        values.push(planner.expression(value)?);
    }
    values.push(match rest {
        [otherwise] => planner.expression(otherwise)?,
        _ => Value::missing(),
    });
    choose(conditions, &values, planner.zone)
}
