//! `count_distinct`: the number of different values, exactly.

use datafusion::functions_aggregate::expr_fn::count_distinct;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "count_distinct",
    aliases: &[],
    title: "query-aggregate-count-distinct",
    example: ("count_distinct(word)", "2"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    Ok(Value::number(count_distinct(planner.expression(&call.arguments[0])?.shown().expr)))
}
