//! `queryStartTime`: when the time range of the query begins; where it was not said, with the earliest event.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "queryStartTime",
    aliases: &[],
    title: "query-function-querystarttime",
    example: ("queryStartTime()", "2026-03-05T01:02:03Z"),
    least: 0,
    most: Some(0),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, _call: &Call<'_>) -> Planned<Value> {
    Ok(Value::at(planner.range().0))
}
