//! `formatDate`: the time in a format of Java's (`yyyy-MM-dd`) or with `%` (`%Y-%m-%d`), in a zone.
//!
//! A format or a zone that is written in the query and cannot be understood is a mistake of the query. Where they come from
//! an event, the value is null.

use chrono_tz::Tz;
use shoseki_insights::{Expression, Node, nearest};
use shoseki_messages::msg;

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::{DateFormat, Kernel, Row, Value, known_letters, per_row_in, zone_named, zones};

pub(super) const FUNCTION: Function = Function {
    name: "formatDate",
    aliases: &["strftime"],
    title: "query-function-formatdate",
    example: ("formatDate(@timestamp, 'yyyy/MM/dd HH:mm', 'Asia/Tokyo')", "2026/03/05 10:02"),
    least: 2,
    most: Some(3),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    format_of(planner, &call.arguments[1])?;
    check_zone(planner, call.arguments.get(2))?;
    let mut arguments = vec![planner.expression(&call.arguments[0])?.as_time(planner.zone)];
    for argument in call.arguments.iter().skip(1) {
        arguments.push(planner.expression(argument)?.as_text());
    }
    let kernel = Kernel::Text(|row| DateFormat::new(row.text(1)?).ok()?.write(row.time(0)?, zone_of(row, 2)?));
    Ok(Value::text(per_row_in("formatDate", kernel, arguments, planner.zone)))
}

/// The format that is written in the query; `None` where it comes from elsewhere.
pub(super) fn format_of(planner: &mut Planner, argument: &Expression) -> Planned<Option<DateFormat>> {
    let Node::Text(text) = &argument.node else { return Ok(None) };
    DateFormat::new(text).map(Some).map_err(|part| {
        planner.note(argument.span, msg!("question-date-format", part = part, known = known_letters()))
    })
}

/// Notes where a zone that is written in the query is none.
pub(super) fn check_zone(planner: &mut Planner, argument: Option<&Expression>) -> Planned<()> {
    let Some(Expression { node: Node::Text(name), span }) = argument else { return Ok(()) };
    if zone_named(name).is_some() {
        return Ok(());
    }
    Err(match nearest(name, zones()) {
        Some(near) => planner.note(*span, msg!("question-zone-unknown-near", name = name.as_str(), near = near)),
        None => planner.note(*span, msg!("question-zone-unknown", name = name.as_str())),
    })
}

/// The zone that an argument names; the configured one where there is none.
pub(super) fn zone_of(row: &Row<'_>, argument: usize) -> Option<Tz> {
    match row.text(argument) {
        Some(name) => zone_named(name),
        None => Some(row.zone()),
    }
}
