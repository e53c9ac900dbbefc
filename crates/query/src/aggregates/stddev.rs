//! `stddev`: the standard deviation of the numbers, as a sample: of their exact sum and that of their squares, so that it
//! does not depend on the order in which they come.

use super::Aggregate;
use crate::exact::stddev;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "stddev",
    aliases: &[],
    title: "query-aggregate-stddev",
    example: ("round(stddev(n) * 100)", "520"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.as_number();
    Ok(Value::number(stddev(value)))
}
