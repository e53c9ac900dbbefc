//! `toInt`: the value as a whole number, without its decimals. A whole number beyond 2^53 stays what it is.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Kind, Value, per_row, without_decimals};

pub(super) const FUNCTION: Function = Function {
    name: "toInt",
    aliases: &["toLong"],
    title: "query-function-toint",
    example: ("toInt('-1.9')", "-1"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?;
    if matches!(value.kind, Kind::Number | Kind::Boolean | Kind::Time) {
        let kernel = Kernel::Number(|row| row.number(0).map(f64::trunc));
        return Ok(Value::number(per_row("toInt", kernel, vec![value.as_number()])));
    }
    let kernel = Kernel::Text(|row| row.text(0).and_then(without_decimals));
    Ok(Value::digits(per_row("toInt", kernel, vec![value.as_text()])))
}
