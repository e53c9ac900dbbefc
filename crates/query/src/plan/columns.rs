//! What commands that add columns do to a plan: new columns in their places, computed over rows or by a fold.

use datafusion::logical_expr::expr::{NullTreatment, WindowFunction};
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlanBuilder, SortExpr, WindowFrame, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition,
};
use datafusion::scalar::ScalarValue;

use super::{Named, Planned, Planner, Rows, named_column};
use crate::fold::{Fold, folded};
use crate::values::Value;

/// A function over this row and all before it.
pub(crate) struct Running {
    pub(crate) function: WindowFunctionDefinition,
    pub(crate) arguments: Vec<Expr>,
    /// Rows of other values of these are passed over.
    pub(crate) within: Vec<Expr>,
    pub(crate) order: Vec<SortExpr>,
    /// Whether what is missing is passed over.
    pub(crate) present: bool,
}

impl Planner {
    /// The columns that the answer has at this point.
    pub(crate) fn shown_columns(&self) -> Vec<Named> {
        self.columns()
    }

    /// The new fields so far.
    pub(crate) fn defined(&self) -> &[Named] {
        &self.named
    }

    /// Gives a name a value. Where a column of that name is shown, it changes in its place; else it is the last.
    pub(crate) fn assign(&mut self, name: &str, value: &Value) {
        put(&mut self.named, (name, value), true);
        let is_shown = self.has_fields || self.rows == Rows::Events;
        put(&mut self.fields, (name, value), is_shown);
        if let Some(display) = &mut self.display {
            put(display, (name, value), true);
        }
    }

    /// Computes values into columns of the plan, in one step.
    pub(crate) fn compute(&mut self, values: &[Value]) -> Planned<Vec<Value>> {
        self.settle(false)?;
        let names: Vec<String> = values.iter().map(|_| self.fresh()).collect();
        let new = values.iter().zip(&names).map(|(value, name)| value.expr.clone().alias(name));
        let exprs: Vec<Expr> = self.all_columns().into_iter().chain(new).collect();
        self.step(|plan| plan.project(exprs))?;
        Ok(values.iter().zip(names).map(|(value, name)| Value::new(named_column(&name), value.kind)).collect())
    }

    /// Computes functions over rows into columns. All have the same rows and the same order.
    ///
    /// What they are computed of becomes columns first: the engine moves what several windows have in common below the
    /// lowest of them, where columns of the others are not known.
    pub(crate) fn over_rows(&mut self, mut functions: Vec<Running>) -> Planned<Vec<Expr>> {
        self.settle(false)?;
        let mut computed: Vec<(Expr, Expr)> = Vec::new();
        for expr in functions.iter_mut().flat_map(Running::parts) {
            // A column too: two windows that are alike the engine would make once, and miss the other.
            if matches!(expr, Expr::Literal(..)) {
                continue;
            }
            let known = computed.iter().find(|(known, _)| known == expr).map(|(_, column)| column.clone());
            let column = known.unwrap_or_else(|| named_column(&self.fresh()));
            let was = std::mem::replace(expr, column.clone());
            if computed.iter().all(|(known, _)| *known != was) {
                computed.push((was, column));
            }
        }
        if !computed.is_empty() {
            let new = computed.into_iter().map(|(expr, column)| expr.alias(column.schema_name().to_string()));
            let exprs: Vec<Expr> = self.all_columns().into_iter().chain(new).collect();
            self.step(|plan| plan.project(exprs))?;
        }
        let mut columns = Vec::with_capacity(functions.len());
        let mut computed: Vec<(Expr, Expr)> = Vec::with_capacity(functions.len());
        for function in functions {
            let expr = function.expr()?;
            let column = match computed.iter().find(|(known, _)| *known == expr) {
                Some((_, column)) => column.clone(),
                None => {
                    let column = named_column(&self.fresh());
                    computed.push((expr, column.clone()));
                    column
                }
            };
            columns.push(column);
        }
        let exprs = computed.into_iter().map(|(expr, column)| expr.alias(column.schema_name().to_string()));
        let exprs: Vec<Expr> = exprs.collect();
        self.step(|plan| plan.window(exprs))?;
        self.unorder();
        Ok(columns)
    }

    /// Folds the rows, with all columns of the plan.
    pub(crate) fn fold_rows<F: Fold>(&mut self, fold: F) -> Planned<()> {
        self.settle(false)?;
        self.step(|plan| Ok(LogicalPlanBuilder::from(folded(plan.build()?, fold)?)))?;
        self.unorder();
        Ok(())
    }

    /// Folds the rows to others: of these values, in this order.
    pub(crate) fn fold_values<F: Fold>(&mut self, values: Vec<Expr>, fold: F) -> Planned<()> {
        self.settle(false)?;
        let names: Vec<String> = values.iter().map(|_| self.fresh()).collect();
        let exprs: Vec<Expr> = values.into_iter().zip(names).map(|(value, name)| value.alias(name)).collect();
        self.step(|plan| Ok(LogicalPlanBuilder::from(folded(plan.project(exprs)?.build()?, fold)?)))
    }
}

fn put(columns: &mut Vec<Named>, (name, value): (&str, &Value), adds: bool) {
    match columns.iter_mut().rev().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value.clone(),
        None if adds => columns.push((name.to_owned(), value.clone())),
        None => {}
    }
}

impl Running {
    /// What it is computed of.
    fn parts(&mut self) -> impl Iterator<Item = &mut Expr> {
        let order = self.order.iter_mut().map(|key| &mut key.expr);
        self.arguments.iter_mut().chain(&mut self.within).chain(order)
    }

    fn expr(self) -> datafusion::error::Result<Expr> {
        let frame = WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
            WindowFrameBound::CurrentRow,
        );
        let function = Expr::from(WindowFunction::new(self.function, self.arguments));
        let treatment = if self.present { NullTreatment::IgnoreNulls } else { NullTreatment::RespectNulls };
        let function = function.partition_by(self.within).order_by(self.order).window_frame(frame);
        function.null_treatment(treatment).build()
    }
}
