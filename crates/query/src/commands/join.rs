//! `join`: rows of a sub-query beside those with the same keys, compared as `=` does. What is missing equals nothing.
//!
//! Behind it, `a.x` and `b.x` are the sides' fields. A field without a side's name is the left side's, and where that lacks
//! it a column of that name on the right. The sub-query is held in memory, the rows of the query pass by it.

use datafusion::common::JoinType;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use shoseki_insights::{Join, JoinKind};
use shoseki_messages::msg;

use crate::plan::{Planned, Planner, Side, carried, common};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Join) -> Planned<()> {
    let (left, name) = (command.left.text.as_str(), command.right.text.as_str());
    if planner.has_side(name) {
        return Err(planner.note(command.right.span, msg!("query-join-name-taken", name = name)));
    }
    let mut right = planner.subplanner(&command.query)?;
    planner.settle(false)?;
    right.settle(false)?;
    let prefix = format!("{}:", planner.fresh());
    let (mut left_exprs, mut right_exprs) = (planner.all_columns(), Vec::new());
    for column in right.all_columns() {
        let Expr::Column(inner) = &column else { continue };
        let outer = format!("{prefix}{}", inner.name);
        right_exprs.push(column.alias(outer));
    }
    let (mut left_keys, mut right_keys) = (Vec::new(), Vec::new());
    for key in &command.keys {
        let (of_left, of_right) = (planner.field(&key.left)?, right.output(&key.right)?);
        let kind = common(&of_left, &of_right);
        let (left_key, right_key) = (planner.fresh(), planner.fresh());
        left_exprs.push(of_left.as_kind(kind, planner.zone).alias(&left_key));
        right_exprs.push(of_right.as_kind(kind, planner.zone).alias(&right_key));
        left_keys.push(left_key);
        right_keys.push(right_key);
    }
    let kind = match command.kind {
        JoinKind::Inner => JoinType::Inner,
        // The sub-query comes first, so that it is what is held.
        JoinKind::Left => JoinType::Right,
    };
    let other = right.project(right_exprs)?;
    planner.step(|plan| {
        let rows = plan.project(left_exprs)?.build()?;
        LogicalPlanBuilder::from(other).join(rows, kind, (right_keys, left_keys), None)
    })?;
    planner.unorder();
    planner.cut();
    let ties = Planner::ties_of_side(&right, &prefix)?;
    planner.break_ties(ties);
    if !planner.has_fields() {
        for (column, value) in right.columns() {
            let value = Value::new(carried(value.expr, &prefix)?, value.kind);
            planner.append_shown(&format!("{name}.{column}"), value);
        }
    }
    let side = Side { left: left.to_owned(), right: name.to_owned(), planner: right, prefix };
    planner.put_beside(side);
    Ok(())
}
