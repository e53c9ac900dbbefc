//! Several rows of one: `unnest`, `expand`, `parse … multi`.

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, SortExpr};
use shoseki_insights::{Expression, Node};

use super::{Planned, Planner, Rows, named_column};
use crate::values::{Value, part};

impl Planner {
    /// Makes a row of each element of a list, as [`crate::values::lists`] gives it. Returns the element, a structure of
    /// so many texts. Rows of one event keep the order of its list.
    pub(crate) fn multiply(&mut self, list: Expr, width: usize) -> Planned<Expr> {
        self.settle(false)?;
        let name = self.fresh();
        let exprs: Vec<Expr> = self.all_columns().into_iter().chain([list.alias(&name)]).collect();
        let column = || Column::from_name(&name);
        self.step(|plan| plan.project(exprs)?.unnest_column(column())?.unnest_column(column()))?;
        let element = named_column(&name);
        self.break_ties(vec![part(element.clone(), width).sort(true, false)]);
        // What a pattern misses would be counted once a row.
        self.cut();
        Ok(element)
    }

    /// From now on a value stands for an element of the list that it was.
    pub(crate) fn expand(&mut self, list: &Expression, element: Value) -> Planned<()> {
        let name = match &list.node {
            Node::Field(field) => field.name(),
            _ => list.to_string(),
        };
        let element = self.define(&name, element)?;
        self.append_shown(&name, element);
        if !matches!(list.node, Node::Field(_)) {
            self.expanded.push(name);
        }
        Ok(())
    }

    /// What an expression means of which a part was expanded: behind `expand f(x).y`, `f(x).y.z` is a part of the element.
    pub(crate) fn expanded(&self, expression: &Expression) -> Option<Value> {
        if self.expanded.is_empty() {
            return None;
        }
        let known = |expression: &Expression| {
            let name = expression.to_string();
            self.expanded.contains(&name).then(|| self.named(&name)).flatten()
        };
        let Node::Access { value, path } = &expression.node else { return known(expression) };
        (0..=path.len()).rev().find_map(|length| {
            let (before, behind) = path.split_at_checked(length)?;
            let element = match before {
                [] => known(value)?,
                _ => known(&Expression {
                    span: expression.span,
                    node: Node::Access { value: value.clone(), path: before.to_vec() },
                })?,
            };
            Some(if behind.is_empty() { element } else { element.part(behind.to_vec()) })
        })
    }

    /// Says what comes first of rows that were one so far.
    pub(crate) fn break_ties(&mut self, ties: Vec<SortExpr>) {
        if self.rows == Rows::Groups && self.group_ties.is_none() {
            self.group_ties = Some(self.ties());
        }
        if let Some(order) = &mut self.order {
            order.extend(ties.iter().cloned());
        }
        self.more_ties.extend(ties);
        self.is_ordered = false;
    }
}
