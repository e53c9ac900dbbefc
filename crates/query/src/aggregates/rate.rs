//! `rate`: how much the number changes in a period, from the earliest event that has one to the latest.
//!
//! AWS says only that it is the change of the field per interval. Here that is the change over the time between the two
//! events, so that a `bin` that lacks events at its ends is not taken for a slow one. With fewer than two events, or with
//! all at one instant, it is null.

use datafusion::arrow::datatypes::DataType;
use datafusion::functions::expr_fn::nullif;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit};
use shoseki_insights::Node;
use shoseki_messages::msg;

use super::{Aggregate, first_present};
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::{Value, mean_micros};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "rate",
    aliases: &[],
    title: "query-aggregate-rate",
    example: ("rate(total, 1m)", "2"),
    least: 2,
    most: 2,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let Node::Duration(period) = call.arguments[1].node else {
        return Err(planner.note(call.arguments[1].span, msg!("query-period-literal")));
    };
    let value = planner.expression(&call.arguments[0])?.as_number();
    let time = planner.event_field("@timestamp", call.span)?.as_time(planner.zone);
    let micros = cast(cast(time, DataType::Int64), DataType::Float64);
    let is_there = value.clone().is_not_null();
    let of_there = |aggregate: Expr| aggregate.filter(is_there.clone()).build();
    let [first, last] = [planner.by_time(true), planner.by_time(false)].map(|order| first_present(value.clone(), order));
    let between = of_there(max(micros.clone()))? - of_there(min(micros))?;
    Ok(Value::number((last? - first?) / nullif(between, lit(0.0)) * lit(mean_micros(period))))
}
