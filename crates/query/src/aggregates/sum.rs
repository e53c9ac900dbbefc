//! `sum`: the sum of the numbers.

use datafusion::functions_aggregate::expr_fn::sum;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "sum",
    aliases: &[],
    title: "query-aggregate-sum",
    example: ("sum(n)", "12"),
    least: 1,
    most: 1,
    build,
};

pub(super) fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.as_number();
    Ok(Value::number(sum(value)))
}
