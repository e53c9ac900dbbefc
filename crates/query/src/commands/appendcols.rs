//! `appendcols`: the n-th row of a sub-query beside the n-th row. Rows of the sub-query beyond the last are left out; rows
//! beyond the sub-query's last get nothing.
//!
//! Unlike AWS, which takes 10,000 rows of the sub-query unless `max` says otherwise, all are taken.

use datafusion::common::JoinType;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, lit};
use shoseki_insights::{Appendcols, Field, Segment};

use crate::functions::choose;
use crate::plan::{Planned, Planner, named_column};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Appendcols) -> Planned<()> {
    let mut right = planner.subplanner(&command.query)?;
    planner.settle(false)?;
    right.settle(false)?;
    let columns = right.columns();
    let (number, other_number) = (planner.fresh(), planner.fresh());
    let kept = |value: Value| if value.has_parts() { value } else { value.shown() };
    let named: Vec<(String, Value, String)> =
        columns.into_iter().map(|(name, value)| (name, kept(value), planner.fresh())).collect();
    let exprs = named.iter().map(|(_, value, out)| value.expr.clone().alias(out)).collect();
    numbered(&mut right, &other_number, exprs)?;
    let mut other = LogicalPlanBuilder::from(right.built());
    if let Some(max) = command.max {
        other = other.filter(named_column(&other_number).lt_eq(lit(max)))?;
    }
    let other = other.build()?;
    let all = planner.all_columns();
    numbered(planner, &number, all)?;
    planner.step(|plan| {
        let keys = (vec![other_number.as_str()], vec![number.as_str()]);
        LogicalPlanBuilder::from(other).join(plan.build()?, JoinType::Right, keys, None)
    })?;
    planner.unorder();
    planner.cut();
    planner.absorb(*right);
    for (name, value, out) in named {
        let appended = Value::new(named_column(&out), value.kind);
        let is_there = planner.has_column(&name);
        if is_there && !command.overrides {
            continue;
        }
        let value = if is_there {
            let segments = vec![Segment { name: name.clone(), quoted: true }];
            let before = planner.quiet_field(&Field { span: planner.span(), segments })?.shown();
            choose(vec![named_column(&other_number).is_not_null()], &[appended, before], planner.zone)?
        } else {
            appended
        };
        planner.append_column(&name, value)?;
    }
    Ok(())
}

/// Numbers the rows of a plan in their order, and leaves these columns beside the number.
fn numbered(planner: &mut Planner, name: &str, mut exprs: Vec<Expr>) -> Planned<()> {
    let order = planner.order();
    let number = if order.is_empty() { row_number() } else { row_number().order_by(order).build()? };
    planner.step(|plan| plan.window([number]))?;
    exprs.push(planner.last_column().alias(name));
    planner.step(|plan| plan.project(exprs))
}
