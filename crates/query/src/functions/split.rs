//! `split`: the list of the parts of a text between the occurrences of another; with an empty one, of its letters.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Value, per_row};

pub(super) const FUNCTION: Function = Function {
    name: "split",
    aliases: &[],
    title: "query-function-split",
    example: ("split('a,b,c', ',')[1]", "b"),
    least: 2,
    most: Some(2),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let text = planner.expression(&call.arguments[0])?.as_text();
    let between = planner.expression(&call.arguments[1])?.as_text();
    let kernel = Kernel::Text(|row| {
        let (text, between) = (row.text(0)?, row.text(1)?);
        let parts: Vec<String> = match between {
            "" => text.chars().map(String::from).collect(),
            between => text.split(between).map(str::to_owned).collect(),
        };
        serde_json::to_string(&parts).ok()
    });
    Ok(Value::structure(per_row("split", kernel, vec![text, between])))
}
