//! Names to values.

use std::sync::Arc;

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;
use shoseki_insights::{Expression, Field, Node, Part, Span, nearest};
use shoseki_messages::msg;

use super::{Planned, Planner, Rows, named_column, system};
use crate::fields;
use crate::functions::alike;
use crate::json::{Path, at_path};
use crate::scan::native_column;
use crate::values::{Kernel, Kind, Value, per_row};

impl Planner {
    /// What a name that was defined, or a column of `stats`, stands for.
    pub(crate) fn named(&self, name: &str) -> Option<Value> {
        self.named.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// What a field stands for at this point of the query.
    pub(crate) fn field(&mut self, field: &Field) -> Planned<Value> {
        let name = field.name();
        if let Some(value) = self.named(&name) {
            return Ok(value);
        }
        if let Some(value) = self.of_side(field) {
            return value;
        }
        if let Some(value) = self.part_of_named(field) {
            return Ok(value);
        }
        if let Some(right) = self.column_of_side(&name) {
            return self.beside(field, right?);
        }
        if self.rows == Rows::Groups {
            return Ok(self.no_column(&name));
        }
        self.field_of_event(field)
    }

    /// A field that the rows of a query and those beside it may have: the query's, and where it is missing the other.
    fn beside(&mut self, field: &Field, right: Value) -> Planned<Value> {
        if self.rows == Rows::Groups {
            return Ok(right);
        }
        let hints = self.hints.fields.len();
        let left = self.field_of_event(field)?;
        // That events lack it is no slip.
        self.hints.fields.truncate(hints);
        let (exprs, kind) = alike(&[left, right], self.zone);
        Ok(Value::new(coalesce(exprs), kind))
    }

    /// What a field stands for, without a word about it where no event has it.
    pub(crate) fn quiet_field(&mut self, field: &Field) -> Planned<Value> {
        let (fields, known) = (self.hints.fields.len(), self.hints.known.len());
        let value = self.field(field);
        self.hints.fields.truncate(fields);
        self.hints.known.truncate(known);
        value
    }

    /// A field of an event.
    fn field_of_event(&mut self, field: &Field) -> Planned<Value> {
        let name = field.name();
        if name == "@ptr" {
            return Ok(pointer());
        }
        if let Some((column, kind)) = fields::column(&name) {
            return self.mapped(&name, Value::new(named_column(column), kind));
        }
        let (native, keys) = fields::native_path(field);
        let column = native_column(&native);
        let has = |column: &str| self.plan.schema().has_column_with_unqualified_name(column);
        let (nested, whole) = (has(&column), fields::native_whole(field).map(|whole| native_column(&whole)));
        let whole = whole.filter(|whole| has(whole));
        self.watch(field);
        let nested = if nested {
            named_column(&column)
        } else {
            at_path(system("@message").expr, &native, Path::new(&keys), Arc::default())
        };
        // Both `{"a":{"b":1}}` and `{"a.b":1}` have what AWS calls `a.b`.
        let value = Value::text(match whole {
            Some(whole) => coalesce(vec![nested, named_column(&whole)]),
            None => nested,
        });
        // `status` is a column of some sources, and a field of others.
        if name == crate::mapping::STATUS { self.mapped(&name, value) } else { Ok(value) }
    }

    /// From now on the answer says so where no event has the field.
    fn watch(&mut self, field: &Field) {
        let name = field.name();
        if self.hints.fields.iter().all(|(known, _)| *known != name)
            && let Some(sightings) = fields::sightings(&self.ground.sought, field)
        {
            self.hints.fields.push((name, Arc::clone(sightings)));
        }
    }

    /// A part of a map or of a list that has a name: `j.a.b`, of the longest name that is one.
    fn part_of_named(&self, field: &Field) -> Option<Value> {
        (1..field.segments.len()).rev().find_map(|length| {
            let (name, path) = field.segments.split_at_checked(length)?;
            let name = name.iter().map(|segment| segment.name.as_str()).collect::<Vec<_>>().join(".");
            let value = self.named(&name).filter(Value::has_parts)?;
            Some(value.part(path.iter().cloned().map(Part::Key).collect()))
        })
    }

    /// What stands at a path in a value: `x[0]`, `jsonParse(x).a`. Of a field of the event it is a longer path of the event.
    pub(crate) fn part(&mut self, value: &Expression, path: &[Part]) -> Planned<Value> {
        if let Node::Field(field) = &value.node
            && self.is_of_event(field)
        {
            return self.field(&field.with_parts(path));
        }
        Ok(self.expression(value)?.part(path.to_vec()))
    }

    /// Whether a field is read from the event's JSON.
    fn is_of_event(&self, field: &Field) -> bool {
        let name = field.name();
        let is_named = self.named(&name).is_some() || self.part_of_named(field).is_some();
        let is_beside = self.side_with_column(&name).is_some();
        let is_of_side = field.segments.first().is_some_and(|first| self.has_side(&first.name));
        self.rows == Rows::Events
            && !self.is_collecting()
            && !is_named
            && !is_beside
            && !is_of_side
            && fields::column(&name).is_none()
    }

    /// A field of the events that a function reads by itself. Among the aggregates of `stats` it can stand only where it
    /// is a group.
    pub(crate) fn event_field(&mut self, name: &str, span: Span) -> Planned<Value> {
        let field = Field { span, ..Field::bare(name) };
        if self.is_collecting() { self.field_of_stats(&field) } else { self.field(&field) }
    }

    /// After `stats` only its columns are there; another name is null, and the answer says so.
    fn no_column(&mut self, name: &str) -> Value {
        let columns = self.named.iter().map(|(known, _)| known.as_str());
        let message = match nearest(name, columns) {
            Some(near) => msg!("query-hint-no-column-near", name = name, near = near),
            None => msg!("query-hint-no-column", name = name),
        };
        if !self.hints.known.contains(&message) {
            self.hint(message);
        }
        Value::missing()
    }
}

/// `@ptr`: `<segment>:<ordinal>`.
pub(crate) fn pointer() -> Value {
    let kernel = Kernel::Text(|row| {
        let (segment, ordinal) = (row.bytes(0)?, row.number(1)?);
        Some(format!("{}:{ordinal}", hex::encode(segment)))
    });
    Value::text(per_row("pointer", kernel, vec![named_column("segment"), named_column("ordinal")]))
}

/// A text that was written in the query.
pub(crate) fn text_literal(text: &str) -> Value {
    Value::new(lit(ScalarValue::Utf8(Some(text.to_owned()))), Kind::Text)
}
