//! `sum`: the sum of the numbers, exact in whatever order they come, and then the double nearest to it. Each number is one as
//! [`crate::values::read_number`] has it: of whole numbers beyond 2^53 the double nearest to each is added.

use super::Aggregate;
use crate::exact::sum;
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
