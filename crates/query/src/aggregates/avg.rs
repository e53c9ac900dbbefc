//! `avg`: the mean of the numbers: their exact sum by their count.

use super::Aggregate;
use crate::exact::avg;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "avg",
    aliases: &[],
    title: "query-aggregate-avg",
    example: ("avg(n)", "4"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.as_number();
    Ok(Value::number(avg(value)))
}
