//! Names to values.

use std::sync::Arc;

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;
use shoseki_insights::{Field, nearest};
use shoseki_messages::msg;

use super::{Planned, Planner, Rows, named_column, system};
use crate::fields;
use crate::functions::alike;
use crate::json::{Path, Sightings, at_path};
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
        if let Some(value) = self.within_structure(field) {
            return Ok(value);
        }
        if let Some(right) = self.column_of_side(&name) {
            return self.beside(field, right?);
        }
        if self.rows == Rows::Groups {
            return Ok(self.no_column(&name));
        }
        self.event_field(field)
    }

    /// A field that the rows of a query and those beside it may have: the query's, and where it is missing the other.
    fn beside(&mut self, field: &Field, right: Value) -> Planned<Value> {
        if self.rows == Rows::Groups {
            return Ok(right);
        }
        let hints = self.hints.fields.len();
        let left = self.event_field(field)?;
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
    fn event_field(&mut self, field: &Field) -> Planned<Value> {
        let name = field.name();
        if name == "@ptr" {
            return Ok(pointer());
        }
        if let Some((column, kind)) = fields::column(&name) {
            return Ok(Value::new(named_column(column), kind));
        }
        // A field of the source itself that begins with `@` is called `@@…`.
        let native = name.strip_prefix('@').filter(|rest| rest.starts_with('@')).unwrap_or(&name);
        let column = native_column(native);
        if self.plan.schema().has_column_with_unqualified_name(&column) {
            return Ok(Value::text(named_column(&column)));
        }
        let mut keys = field.keys();
        if native != name
            && let Some(first) = keys.first_mut()
        {
            first.remove(0);
        }
        let known = self.hints.fields.iter().find(|(known, _)| *known == name);
        let sightings = known.map_or_else(|| Arc::new(Sightings::default()), |(_, sightings)| Arc::clone(sightings));
        if known.is_none() {
            self.hints.fields.push((name.clone(), Arc::clone(&sightings)));
        }
        Ok(Value::text(at_path(system("@message").expr, native, Path::new(&keys), sightings)))
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
