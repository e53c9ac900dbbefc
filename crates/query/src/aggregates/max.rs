//! `max`: the greatest number, or the latest time. A whole number stays what it is, however large.

use datafusion::functions_aggregate::expr_fn::max;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::{Kind, Value, number_key, number_of_key};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "max",
    aliases: &[],
    title: "query-aggregate-max",
    example: ("max(n)", "10"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?;
    match value.kind {
        Kind::Time => Ok(Value::time(max(value.expr))),
        Kind::Text | Kind::Bytes | Kind::Digits | Kind::Json => {
            Ok(Value::digits(number_of_key(max(number_key(value.as_text())))))
        }
        _ => Ok(Value::number(max(value.as_number()))),
    }
}
