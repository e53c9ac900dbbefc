//! `dedup`: the first event of each combination of values, in the order of the answer. As AWS documents it, events with a
//! missing value are all kept.

use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, lit};
use shoseki_insights::Dedup;

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Dedup) -> Planned<()> {
    let mut values = Vec::with_capacity(command.fields.len());
    for field in &command.fields {
        let value = planner.field(field)?;
        values.push(planner.plain(value, field.span, "dedup")?.shown().expr);
    }
    planner.settle(false)?;
    let number = row_number().partition_by(values.clone()).order_by(planner.order()).build()?;
    let columns = planner.all_columns();
    planner.step(|plan| plan.window([number]))?;
    let is_first = planner.last_column().eq(lit(1_u64));
    let is_kept = values.into_iter().map(Expr::is_null).fold(is_first, Expr::or);
    // Without the number's column again: another `dedup` may call its own the same.
    planner.step(|plan| plan.filter(is_kept)?.project(columns))?;
    planner.unorder();
    planner.cut();
    Ok(())
}
