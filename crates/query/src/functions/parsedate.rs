//! `parseDate`: the time that a text names in a format of Java's, in a zone.

use shoseki_insights::Node;
use shoseki_messages::msg;

use super::formatdate::{format_of, zone_of, check_zone};
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{DateFormat, Kernel, Value, per_row_in};

pub(super) const FUNCTION: Function = Function {
    name: "parseDate",
    aliases: &[],
    title: "query-function-parsedate",
    example: ("parseDate('2026/03/05 10:02', 'yyyy/MM/dd HH:mm', 'Asia/Tokyo')", "2026-03-05T01:02:00Z"),
    least: 2,
    most: Some(3),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let format = &call.arguments[1];
    if format_of(planner, format)?.is_some_and(|format| !format.is_readable()) {
        let Node::Text(text) = &format.node else { return Ok(Value::missing()) };
        return Err(planner.note(format.span, msg!("question-date-format-short", format = text.as_str())));
    }
    check_zone(planner, call.arguments.get(2))?;
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in call.arguments {
        arguments.push(planner.expression(argument)?.as_text());
    }
    let kernel = Kernel::Time(|row| DateFormat::new(row.text(1)?).ok()?.read(row.text(0)?, zone_of(row, 2)?));
    Ok(Value::time(per_row_in("parseDate", kernel, arguments, planner.zone)))
}
