//! `messageSize`: the bytes of the event, or of a field.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Kind, Value, per_row};

pub(super) const FUNCTION: Function = Function {
    name: "messageSize",
    aliases: &[],
    title: "query-function-messagesize",
    example: ("messageSize('証跡')", "6"),
    least: 0,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = match call.arguments.first() {
        Some(argument) => planner.expression(argument)?,
        None => planner.event_field("@message", call.span)?,
    };
    let kernel = Kernel::Number(|row| {
        let length = row.bytes(0).map(<[u8]>::len).or_else(|| row.text(0).map(str::len));
        length.map(|length| length as f64)
    });
    let whole = if value.kind == Kind::Bytes { value.expr } else { value.shown().as_text() };
    Ok(Value::number(per_row("messageSize", kernel, vec![whole])))
}
