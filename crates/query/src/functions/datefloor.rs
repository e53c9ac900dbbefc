//! `datefloor`: the time rounded down to a period.

use chrono_tz::Tz;
use datafusion::logical_expr::{Expr, lit};
use shoseki_insights::{Duration, Node, Unit};
use shoseki_messages::msg;

use crate::values::{Kernel, Row, floored, moved, per_row_in};
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "datefloor",
    aliases: &[],
    title: "query-function-datefloor",
    example: ("datefloor(@timestamp, 1h)", "2026-03-05T01:00:00Z"),
    least: 2,
    most: Some(2),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let Node::Duration(period) = call.arguments[1].node else {
        return Err(planner.note(call.arguments[1].span, msg!("query-period-literal")));
    };
    let time = planner.expression(&call.arguments[0])?.as_time(planner.zone);
    Ok(floor(time, period, planner.zone))
}

/// The beginning of the period that holds a time.
pub(super) fn floor(time: Expr, period: Duration, zone: Tz) -> Value {
    Value::time(floored(with_period(time, period), period, zone))
}

/// The time a period later.
pub(super) fn later(time: Expr, period: Duration, zone: Tz) -> Expr {
    let kernel = Kernel::Time(|row| moved(row.time(0)?, period_of(row)?, false, row.zone()));
    per_row_in("later", kernel, with_period(time, period), zone)
}

/// A time and a period as arguments.
pub(super) fn with_period(time: Expr, period: Duration) -> Vec<Expr> {
    vec![time, lit(f64::from(period.count)), lit(period.unit.name())]
}

/// The period among the arguments.
pub(super) fn period_of(row: &Row<'_>) -> Option<Duration> {
    Some(Duration { count: row.number(1)? as u32, unit: Unit::from_name(row.text(2)?)? })
}
