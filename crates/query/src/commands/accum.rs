//! `accum`: the running total of a field, in the order of the answer. A row whose value is missing or no number has no
//! total and changes none. Without a name the total takes the field's place; AWS leaves that open.

use datafusion::logical_expr::when;
use shoseki_insights::Accum;

use crate::exact::sum_function;
use crate::plan::{Planned, Planner, Running};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Accum) -> Planned<()> {
    let number = Value::number(planner.field(&command.field)?.as_number());
    // A total of a total must not hold the first one's expression: conditions in conditions are planned without end.
    let number = planner.compute(&[number])?.remove(0).expr;
    let running = Running {
        function: sum_function().into(),
        arguments: vec![number.clone()],
        within: Vec::new(),
        order: planner.order(),
        present: false,
    };
    let total = planner.over_rows(vec![running])?.remove(0);
    let total = Value::number(when(number.is_not_null(), total).end()?);
    let name = command.alias.as_ref().map_or_else(|| command.field.name(), |alias| alias.text.clone());
    planner.assign(&name, &total);
    Ok(())
}
