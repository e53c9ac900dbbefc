//! `bin`: the beginning of the period that holds the event; exact, unlike AWS for more than 60 of a unit.

use shoseki_insights::Node;
use shoseki_messages::msg;

use super::datefloor::{floor, later};
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "bin",
    aliases: &[],
    title: "query-function-bin",
    example: ("bin(1d)", "2026-03-05T00:00:00Z"),
    least: 1,
    most: Some(1),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let Node::Duration(period) = call.arguments[0].node else {
        return Err(planner.note(call.arguments[0].span, msg!("query-period-literal")));
    };
    let time = planner.event_field("@timestamp", call.span)?.as_time(planner.zone);
    let time = match planner.offset {
        Some(offset) => later(time, offset, planner.zone),
        None => time,
    };
    Ok(floor(time, period, planner.zone))
}
