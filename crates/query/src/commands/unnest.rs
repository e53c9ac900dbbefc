//! `unnest`: a row for each element of a list. As AWS documents it, what is no list counts as a list of one; the row of an
//! empty list is gone. Ours: a text that is a JSON list is a list, whether `jsonParse` made it one or not.

use std::sync::Arc;

use datafusion::logical_expr::Expr;
use shoseki_insights::Unnest;

use crate::plan::{Planned, Planner};
use crate::values::{self, Elements, Kind, Value, lists, part, structure};

pub(super) fn plan(planner: &mut Planner, command: &Unnest) -> Planned<()> {
    let list = planner.expression(&command.list)?;
    let element = planner.multiply(elements(&list), 1)?;
    let value = planner.define(&command.name.text, Value::json(part(element, 0)))?;
    planner.append_shown(&command.name.text, value);
    Ok(())
}

/// The elements of a value, each as its JSON text.
pub(super) fn elements(value: &Value) -> Expr {
    let expr = match value.kind {
        Kind::Bytes => value.expr.clone(),
        _ if value.has_parts() => value.shown().expr,
        _ => value.as_text(),
    };
    lists("elements".to_owned(), 1, Arc::new(of_list), expr)
}

fn of_list(value: Option<&[u8]>, elements: &mut Elements) {
    let Some(value) = value else { return elements.push(&[None]) };
    let text = String::from_utf8_lossy(value);
    let Some(json) = structure(&text) else {
        return elements.push(&[Some(&serde_json::Value::from(&*text).to_string())]);
    };
    let Some(items) = values::elements(json) else { return elements.push(&[Some(json)]) };
    for item in items {
        if elements.is_full() {
            return;
        }
        elements.push(&[(item != "null").then_some(item)]);
    }
}
