//! `dateceil`: the time rounded up to a period.

use shoseki_insights::Node;
use shoseki_messages::msg;

use super::datefloor::{period_of, with_period};
use crate::values::{Kernel, ceiling, per_row_in};
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "dateceil",
    aliases: &[],
    title: "query-function-dateceil",
    example: ("dateceil(@timestamp, 1h)", "2026-03-05T02:00:00Z"),
    least: 2,
    most: Some(2),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let Node::Duration(period) = call.arguments[1].node else {
        return Err(planner.note(call.arguments[1].span, msg!("query-period-literal")));
    };
    let time = planner.expression(&call.arguments[0])?.as_time(planner.zone);
    let kernel = Kernel::Time(|row| ceiling(row.time(0)?, period_of(row)?, row.zone()));
    Ok(Value::time(per_row_in("dateceil", kernel, with_period(time, period), planner.zone)))
}
