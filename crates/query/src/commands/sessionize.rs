//! `sessionize`: events of one identity, in the order of their times and with no pause between them that is longer than
//! `maxspan`, are a session. Sessions are numbered from 1 in the order in which they begin. What lacks a part of the
//! identity, or the time, belongs to none.
//!
//! The order of the answer plays no part: a session is the same from either side.

use arrow::datatypes::DataType;
use datafusion::functions_aggregate::min_max::max_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_window::lead_lag::lag_udwf;
use datafusion::logical_expr::{Expr, SortExpr, WindowFunctionDefinition, cast, col, lit, when};
use datafusion::scalar::ScalarValue;
use shoseki_insights::Sessionize;
use shoseki_messages::msg;

use crate::earlier::length;
use crate::plan::{Planned, Planner, Rows, Running, balanced};
use crate::values::{Kind, Value};

pub(super) fn plan(planner: &mut Planner, command: &Sessionize) -> Planned<()> {
    let mut identity = Vec::with_capacity(command.fields.len());
    for field in &command.fields {
        identity.push(planner.field(field)?.shown());
    }
    let time = time_of_rows(planner)?;
    identity.push(time);
    let mut columns: Vec<Expr> = planner.compute(&identity)?.into_iter().map(|value| value.expr).collect();
    let Some(time) = columns.pop() else { return Ok(()) };
    let mut order = vec![time.clone().sort(true, false)];
    order.extend(planner.order());
    let is_whole: Vec<Expr> = columns.iter().chain([&time]).map(|value| value.clone().is_not_null()).collect();
    let is_whole = balanced(is_whole, Expr::and).unwrap_or_else(|| lit(true));
    let running = |function: WindowFunctionDefinition, arguments: Vec<Expr>, within: &[Expr], order: &[SortExpr]| {
        Running { function, arguments, within: within.to_vec(), order: order.to_vec(), present: false }
    };

    let lag = WindowFunctionDefinition::WindowUDF(lag_udwf());
    let arguments = vec![time.clone(), lit(1_i64), lit(ScalarValue::Null)];
    let before = planner.over_rows(vec![running(lag, arguments, &columns, &order)])?.remove(0);
    let micros = |time: Expr| cast(time, DataType::Int64);
    let pause = micros(time) - micros(before.clone());
    let most = length(command.pause).unwrap_or(i64::MAX);
    let begins = is_whole.clone().and(before.is_null().or(pause.gt(lit(most))));

    let one = when(begins.clone(), lit(1_i64)).otherwise(lit(0_i64))?;
    let begun = planner.over_rows(vec![running(sum_udaf().into(), vec![one], &[], &order)])?.remove(0);
    let number = when(begins, begun).end()?;
    let number = planner.over_rows(vec![running(max_udaf().into(), vec![number], &columns, &order)])?.remove(0);
    planner.assign(&command.name.text, &Value::number(when(is_whole, number).end()?));
    Ok(())
}

/// The time of a row: an event's; of the rows of a `stats`, a column `@timestamp` or the only one that holds times.
fn time_of_rows(planner: &mut Planner) -> Planned<Value> {
    if planner.rows == Rows::Events {
        return Ok(Value::time(col("time")));
    }
    if let Some(time) = planner.named("@timestamp").filter(|value| value.kind == Kind::Time) {
        return Ok(time);
    }
    let mut times = planner.shown_columns().into_iter().filter(|(_, value)| value.kind == Kind::Time);
    match (times.next(), times.next()) {
        (Some((_, time)), None) => Ok(time),
        _ => Err(planner.note(planner.span(), msg!("query-sessionize-time"))),
    }
}
