//! `jsonArrayContains`: whether a part of a list is equal to a value, as a text or as a number.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Value, elements, per_row, plain_text, read_number};

pub(super) const FUNCTION: Function = Function {
    name: "jsonArrayContains",
    aliases: &[],
    title: "query-function-jsonarraycontains",
    example: ("jsonArrayContains('[\"a\", 2]', 'a') and jsonArrayContains('[\"a\", 2]', 2.0)", "true"),
    least: 2,
    most: Some(2),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let structure = planner.expression(&call.arguments[0])?.parsed();
    let wanted = planner.expression(&call.arguments[1])?.as_text();
    let kernel = Kernel::Boolean(|row| {
        let wanted = row.text(1)?;
        Some(elements(row.text(0)?)?.any(|part| is_equal(part, wanted)))
    });
    Ok(Value::boolean(per_row("jsonArrayContains", kernel, vec![structure.expr, wanted])))
}

/// A text in the list is compared as such; what stands there without quotes also as a number.
fn is_equal(part: &str, wanted: &str) -> bool {
    let Some(text) = plain_text(part) else { return false };
    let number = || read_number(part).zip(read_number(wanted)).is_some_and(|(part, wanted)| part == wanted);
    text == wanted || number()
}
