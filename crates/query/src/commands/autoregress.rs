//! `autoregress`: the values of a field in the rows before, in the order of the answer: `f_p1` is that of the row before.
//! A name given by `as` is the column's own where a single row is looked back to, and stands for the field's in `f_p1`
//! where there are several.

use datafusion::functions_window::lead_lag::lag_udwf;
use datafusion::logical_expr::{WindowFunctionDefinition, lit};
use datafusion::scalar::ScalarValue;
use shoseki_insights::Autoregress;

use crate::plan::{Planned, Planner, Running};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Autoregress) -> Planned<()> {
    let value = planner.field(&command.field)?.shown();
    let order = planner.order();
    let (first, last) = command.rows;
    let before = |rows: u64| Running {
        function: WindowFunctionDefinition::WindowUDF(lag_udwf()),
        arguments: vec![value.expr.clone(), lit(i64::try_from(rows).unwrap_or(i64::MAX)), lit(ScalarValue::Null)],
        within: Vec::new(),
        order: order.clone(),
        present: false,
    };
    let columns = planner.over_rows((first..=last).map(before).collect())?;
    for (rows, column) in (first..=last).zip(columns) {
        let name = match &command.alias {
            Some(alias) if !command.is_range => alias.text.clone(),
            Some(alias) => format!("{}_p{rows}", alias.text),
            None => format!("{}_p{rows}", command.field.name()),
        };
        planner.assign(&name, &Value::new(column, value.kind));
    }
    Ok(())
}
