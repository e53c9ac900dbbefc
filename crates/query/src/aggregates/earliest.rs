//! `earliest`: the value of the earliest event that has one.

use super::first_present;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "earliest",
    aliases: &[],
    title: "query-aggregate-earliest",
    example: ("earliest(word)", "b"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.shown();
    let order = planner.by_time(true);
    Ok(Value::new(first_present(value.expr, order)?, value.kind))
}
