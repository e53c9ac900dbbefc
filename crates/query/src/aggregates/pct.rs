//! `pct`: the value below which so many percent of the numbers lie, exactly.

use datafusion::functions_aggregate::expr_fn::percentile_cont;
use datafusion::logical_expr::lit;
use shoseki_insights::Node;
use shoseki_messages::msg;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "pct",
    aliases: &["percentile"],
    title: "query-aggregate-pct",
    example: ("pct(n, 50)", "1"),
    least: 2,
    most: 2,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.as_number();
    let percent = match &call.arguments[1].node {
        Node::Number(text) => text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent)),
        _ => None,
    };
    let Some(percent): Option<f64> = percent else {
        return Err(planner.note(call.arguments[1].span, msg!("query-percent")));
    };
    // The engine cuts the weight between two numbers off behind its sixth digit, and 0.15 may be a hair less before.
    let fraction = (percent / 100.0 * (1.0 + 4.0 * f64::EPSILON)).min(1.0);
    Ok(Value::number(percentile_cont(value.sort(true, false), lit(fraction))))
}
