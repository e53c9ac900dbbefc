//! Sub-queries: planned by a planner of their own, with the same ground under them, into rows beside the query's.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr};
use shoseki_insights::{Expression, Field, Node, Query, Span};
use shoseki_messages::msg;

use super::ground::{ValueSet, is_in};
use super::{Named, Planned, Planner, Rows, Stop, named_column};
use crate::json::share;
use crate::values::{Kind, Value};

/// The rows of a sub-query beside those of the query, after a `join`.
pub(crate) struct Side {
    /// What the rows before it are called.
    pub(crate) left: String,
    /// What its own rows are called.
    pub(crate) right: String,
    /// Knows what its fields are.
    pub(crate) planner: Box<Planner>,
    /// What stands before the names of its columns.
    pub(crate) prefix: String,
}

/// What a sub-query must give before the query itself can be optimised.
pub(crate) struct SetPlan {
    pub(crate) plan: LogicalPlan,
    pub(crate) set: Arc<ValueSet>,
}

impl Planner {
    /// Plans the commands of a sub-query; its mistakes are noted with the others. Nothing is counted in it of what a
    /// pattern misses.
    pub(crate) fn subplanner(&mut self, query: &Query) -> Planned<Box<Self>> {
        let ground = Arc::clone(&self.ground);
        let selection = ground.asked.selection_of(query);
        let mut sub = Box::new(Self::new((ground.tables)(selection), ground)?);
        sub.is_sub = true;
        sub.commands(query)?;
        let has_failed = !sub.errors.is_empty();
        self.errors.append(&mut sub.errors);
        if has_failed { Err(Stop::Noted) } else { Ok(sub) }
    }

    /// Whether a side of a `join` is called so.
    pub(crate) fn has_side(&self, name: &str) -> bool {
        self.sides.iter().any(|side| side.left == name || side.right == name)
    }

    /// From now on these rows stand beside those of the query.
    pub(crate) fn put_beside(&mut self, side: Side) {
        self.sides.push(side);
    }

    /// The plan as it is.
    pub(crate) fn built(&self) -> LogicalPlan {
        self.plan.clone()
    }

    /// The plan with these columns only.
    pub(crate) fn project(&self, exprs: Vec<Expr>) -> Planned<LogicalPlan> {
        Ok(LogicalPlanBuilder::from(self.plan.clone()).project(exprs)?.build()?)
    }

    /// Whether columns were asked for.
    pub(crate) fn has_fields(&self) -> bool {
        self.has_fields || self.display.is_some()
    }

    /// Whether every field of the events may be asked for, since no column was.
    fn is_open(&self) -> bool {
        self.rows == Rows::Events && !self.has_fields()
    }

    /// A field of what a sub-query gives: a column of it, or, where its rows are events, a field of those.
    pub(crate) fn output(&mut self, field: &Field) -> Planned<Value> {
        let name = field.name();
        match self.columns().into_iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(value),
            None => self.field(field),
        }
    }

    /// `value in (sub-query)`: the sub-query runs once, before the query.
    pub(crate) fn is_in_query(
        &mut self,
        value: &Expression,
        query: &Query,
        span: Span,
        negated: bool,
    ) -> Planned<Value> {
        let (left, sub) = (self.expression(value), self.subplanner(query));
        let (left, mut sub) = (left?, sub?);
        let right = self.column_for(&mut sub, value, span)?;
        let kind = common(&left, &right);
        let zone = self.zone;
        let key = |value: &Value| Value::new(value.as_kind(kind, zone), kind).as_text();
        sub.settle(false)?;
        let name = sub.fresh();
        let plan = LogicalPlanBuilder::from(sub.plan.clone()).project([key(&right).alias(&name)])?;
        let plan = plan.filter(named_column(&name).is_not_null())?.distinct()?.build()?;
        self.absorb(*sub);
        let set = self.ground.asked.sets.at(self.sets.len());
        self.sets.push(SetPlan { plan: share(plan)?, set: Arc::clone(&set) });
        let found = is_in(key(&left), set);
        Ok(Value::boolean(if negated { found.is_false() } else { found }))
    }

    /// The column that a value is looked for in: the one of its name, or the only one.
    fn column_for(&mut self, sub: &mut Self, value: &Expression, span: Span) -> Planned<Value> {
        let field = match &value.node {
            Node::Field(field) => Some(field),
            _ => None,
        };
        if let (true, Some(field)) = (sub.is_open(), field) {
            return sub.output(field);
        }
        let columns = if sub.is_open() { Vec::new() } else { sub.columns() };
        let name = field.map(Field::name);
        if let Some((_, value)) = columns.iter().find(|(known, _)| Some(known) == name.as_ref()) {
            return Ok(value.clone());
        }
        match <[Named; 1]>::try_from(columns) {
            Ok([(_, value)]) => Ok(value),
            Err(_) => Err(self.note(span, msg!("query-subquery-column"))),
        }
    }

    /// Takes over what a sub-query has to say beside the answer.
    pub(crate) fn absorb(&mut self, sub: Self) {
        let hints = sub.hints;
        self.hints.fields.extend(hints.fields);
        for known in hints.known {
            if !self.hints.known.contains(&known) {
                self.hints.known.push(known);
            }
        }
        self.errors.extend(sub.errors);
    }

    /// No rows stand beside the query's any more.
    pub(crate) fn leave_sides(&mut self) {
        for side in std::mem::take(&mut self.sides) {
            self.absorb(*side.planner);
        }
        self.appended.clear();
    }

    /// What a field means whose first name is that of a side of a `join`: the right one, or everything left of it.
    pub(crate) fn of_side(&mut self, field: &Field) -> Option<Planned<Value>> {
        let (first, rest) = field.segments.split_first()?;
        if rest.is_empty() {
            return None;
        }
        let rest = Field { span: field.span, segments: rest.to_vec() };
        if let Some(at) = self.sides.iter().rposition(|side| side.right == first.name) {
            return Some(self.right_field(at, &rest));
        }
        self.sides.iter().any(|side| side.left == first.name).then(|| self.field(&rest))
    }

    fn right_field(&mut self, at: usize, field: &Field) -> Planned<Value> {
        let Some(side) = self.sides.get_mut(at) else { return Ok(Value::missing()) };
        let value = side.planner.output(field)?;
        Ok(Value::new(carried(value.expr, &side.prefix)?, value.kind))
    }

    /// A column of a side that has no other name, for a field without a side's name: the rows before it come first, and
    /// what they lack is the right side's.
    pub(crate) fn column_of_side(&mut self, name: &str) -> Option<Planned<Value>> {
        let at = self.side_with_column(name)?;
        let field = Field { span: Span::default(), segments: vec![segment(name)] };
        Some(self.right_field(at, &field))
    }

    /// The first side that shows a column of this name.
    pub(crate) fn side_with_column(&self, name: &str) -> Option<usize> {
        self.sides
            .iter()
            .position(|side| !side.planner.is_open() && side.planner.columns().iter().any(|(known, _)| known == name))
    }

    /// What breaks ties of a sub-query's rows, as columns of the query.
    pub(crate) fn ties_of_side(sub: &Self, prefix: &str) -> Planned<Vec<SortExpr>> {
        let carry = |tie: SortExpr| Ok(SortExpr { expr: carried(tie.expr, prefix)?, ..tie });
        sub.order().into_iter().map(carry).collect()
    }
}

fn segment(name: &str) -> shoseki_insights::Segment {
    shoseki_insights::Segment { name: name.to_owned(), quoted: true }
}

/// The same expression where the columns have a prefix.
pub(crate) fn carried(expr: Expr, prefix: &str) -> Planned<Expr> {
    let carried = expr.transform(|expr| {
        Ok(match expr {
            Expr::Column(column) => Transformed::yes(named_column(&format!("{prefix}{}", column.name))),
            expr => Transformed::no(expr),
        })
    })?;
    Ok(carried.data)
}

/// What two values are compared as, as `=` does it.
pub(crate) fn common(left: &Value, right: &Value) -> Kind {
    let has = |kind: Kind| left.kind == kind || right.kind == kind;
    let has_number = left.is_number() || right.is_number();
    match () {
        () if has(Kind::Time) && !has_number => Kind::Time,
        () if has(Kind::Boolean) && !has_number => Kind::Boolean,
        () if has_number => Kind::Number,
        () => Kind::Text,
    }
}
