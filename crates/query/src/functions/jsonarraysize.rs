//! `jsonArraySize`: how many parts a list has, or the list that a text is in JSON.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Value, elements, per_row};

pub(super) const FUNCTION: Function = Function {
    name: "jsonArraySize",
    aliases: &[],
    title: "query-function-jsonarraysize",
    example: ("jsonArraySize('[1, [2, 3]]')", "2"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let structure = planner.expression(&call.arguments[0])?.parsed();
    let kernel = Kernel::Number(|row| Some(elements(row.text(0)?)?.count() as f64));
    Ok(Value::number(per_row("jsonArraySize", kernel, vec![structure.expr])))
}
