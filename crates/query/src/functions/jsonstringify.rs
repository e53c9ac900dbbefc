//! `jsonStringify`: a map or a list as JSON, without blanks between its parts.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Value, compact, per_row};

pub(super) const FUNCTION: Function = Function {
    name: "jsonStringify",
    aliases: &[],
    title: "query-function-jsonstringify",
    example: ("jsonStringify(jsonParse('{ \"a\": [1, 2] }'))", "{\"a\":[1,2]}"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let structure = planner.expression(&call.arguments[0])?.parsed();
    let kernel = Kernel::Text(|row| row.text(0).map(compact));
    Ok(Value::text(per_row("jsonStringify", kernel, vec![structure.expr])))
}
