//! `median`: the number in the middle.

use datafusion::functions_aggregate::expr_fn::median;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "median",
    aliases: &[],
    title: "query-aggregate-median",
    example: ("median(n)", "1"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.as_number();
    Ok(Value::number(median(value)))
}
