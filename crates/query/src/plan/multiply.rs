//! Several rows of one: `unnest`, `expand`, `parse … multi`. And values that have parts of their own, which those commands
//! give.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, SortExpr};
use shoseki_insights::Field;

use super::{Planned, Planner, Rows, named_column};
use crate::json::{Path, Sightings, at_path};
use crate::values::{Kind, Value, part};

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

    /// A new field whose value is JSON, so that what is in it can be asked for: `m.level`, `tag.key`.
    pub(crate) fn define_structure(&mut self, name: &str, value: Value) -> Planned<Value> {
        let value = self.define(name, value)?;
        self.structures.push(name.to_owned());
        Ok(value)
    }

    /// What a field means that leads into the value of another.
    pub(crate) fn within_structure(&self, field: &Field) -> Option<Value> {
        let names: Vec<&str> = field.segments.iter().map(|segment| segment.name.as_str()).collect();
        let outer = (1..names.len()).rev().find_map(|length| {
            let (first, rest) = names.split_at(length);
            let name = first.join(".");
            self.structures.contains(&name).then(|| self.named(&name)).flatten().map(|value| (value, rest))
        });
        let (value, rest) = outer?;
        Some(path_within(&value, &rest.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()))
    }
}

/// The text at a path of a value that is JSON.
pub(crate) fn path_within(value: &Value, keys: &[String]) -> Value {
    let expr = if matches!(value.kind, Kind::Bytes | Kind::Text) { value.expr.clone() } else { value.as_text() };
    // No hint: what it would suggest are names in other values.
    Value::text(at_path(expr, &keys.join("."), Path::new(keys), Arc::new(Sightings::default())))
}
