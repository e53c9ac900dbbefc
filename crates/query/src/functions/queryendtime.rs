//! `queryEndTime`: when the time range of the query ends; where it was not said, now.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "queryEndTime",
    aliases: &[],
    title: "query-function-queryendtime",
    example: ("queryEndTime()", "2026-03-06T00:00:00Z"),
    least: 0,
    most: Some(0),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, _call: &Call<'_>) -> Planned<Value> {
    Ok(Value::at(Some(planner.range().1)))
}
