//! `ispresent`: whether the field is there.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "ispresent",
    aliases: &[],
    title: "query-function-ispresent",
    example: ("ispresent(eventName) and not ispresent(nothing)", "true"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    Ok(Value::boolean(planner.expression(&call.arguments[0])?.expr.is_not_null()))
}
