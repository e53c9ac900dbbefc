//! `jsonParse`: the map or the list that a text is in JSON; what is one already stays as it is.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "jsonParse",
    aliases: &[],
    title: "query-function-jsonparse",
    example: ("jsonParse('{\"a\":[1,\"x\"]}').a[1]", "x"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    Ok(planner.expression(&call.arguments[0])?.parsed())
}
