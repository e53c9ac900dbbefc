//! `unnest`: a row for each element of a list. As AWS documents it, what is no list counts as a list of one; the row of an
//! empty list is gone. Ours: a text that is a JSON list is a list, whether `jsonParse` made it one or not.

use std::sync::Arc;

use datafusion::logical_expr::Expr;
use shoseki_insights::Unnest;
use sonic_rs::JsonValueTrait;

use crate::plan::{Planned, Planner};
use crate::values::{Elements, Kind, Value, lists, part};

pub(super) fn plan(planner: &mut Planner, command: &Unnest) -> Planned<()> {
    let list = planner.field(&command.field)?;
    let element = planner.multiply(elements(&list), 1)?;
    let value = planner.define_structure(&command.name.text, Value::text(part(element, 0)))?;
    planner.append_shown(&command.name.text, value);
    Ok(())
}

/// The elements of a value.
pub(super) fn elements(value: &Value) -> Expr {
    let expr = if value.kind == Kind::Bytes { value.expr.clone() } else { value.as_text() };
    lists("elements".to_owned(), 1, Arc::new(of_list), expr)
}

fn of_list(value: Option<&[u8]>, elements: &mut Elements) {
    let Some(value) = value else { return elements.push(&[None]) };
    let is_list = value.trim_ascii_start().starts_with(b"[");
    let items: Option<Vec<_>> =
        is_list.then(|| sonic_rs::to_array_iter(value).collect::<Result<_, _>>().ok()).flatten();
    let Some(items) = items else {
        return elements.push(&[Some(&String::from_utf8_lossy(value))]);
    };
    for item in &items {
        let text = (!item.is_null()).then(|| item.as_str().unwrap_or_else(|| item.as_raw_str()));
        elements.push(&[text]);
    }
}
