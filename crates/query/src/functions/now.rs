//! `now`: when the query began, in seconds since 1970.

use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "now",
    aliases: &[],
    title: "query-function-now",
    example: ("now()", "1772755200"),
    least: 0,
    most: Some(0),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let _ = call.arguments;
    Ok(Value::number(datafusion::logical_expr::lit(planner.now.0.div_euclid(1_000_000) as f64)))
}
