//! `count`: the number of events, or of those that have the field.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::lit;
use shoseki_insights::Node;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "count",
    aliases: &[],
    title: "query-aggregate-count",
    example: ("count(*)", "3"),
    least: 0,
    most: 1,
    build,
};

pub(super) fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    match call.arguments.first().map(|argument| &argument.node) {
        None | Some(Node::Star) => Ok(Value::number(count(lit(1_i64)))),
        Some(_) => Ok(Value::number(count(planner.expression(&call.arguments[0])?.expr))),
    }
}
