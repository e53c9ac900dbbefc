//! `min`: the least number, or the earliest time. A whole number stays what it is, however large.

use datafusion::functions_aggregate::expr_fn::min;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::{Kind, Value, number_key, number_of_key};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "min",
    aliases: &[],
    title: "query-aggregate-min",
    example: ("min(n)", "1"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?;
    match value.kind {
        Kind::Time => Ok(Value::time(min(value.expr))),
        Kind::Text | Kind::Bytes | Kind::Digits | Kind::Json => {
            Ok(Value::digits(number_of_key(min(number_key(value.as_text())))))
        }
        _ => Ok(Value::number(min(value.as_number()))),
    }
}
