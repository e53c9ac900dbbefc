//! `queryTimeRange`: how long the time range of the query is, in milliseconds.

use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "queryTimeRange",
    aliases: &[],
    title: "query-function-querytimerange",
    example: ("queryTimeRange()", "82677000"),
    least: 0,
    most: Some(0),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, _call: &Call<'_>) -> Planned<Value> {
    let (start, end) = planner.range();
    let millis = start.map(|start| end.0.saturating_sub(start.0) as f64 / 1_000.0);
    Ok(Value::number(lit(ScalarValue::Float64(millis))))
}
