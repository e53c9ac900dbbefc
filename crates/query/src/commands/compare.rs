//! What `diff` and `logcompare` have in common: each pattern's count in the query's time range beside its count in the
//! earlier one. The patterns that changed most come first. AWS shows the same in its console, but does not document names
//! of columns: `@previousSampleCount` and `@difference` are counts, `@differenceDescription` is one of `new`, `gone`,
//! `more`, `fewer` and `same`.

use datafusion::functions::math::expr_fn::abs;
use datafusion::logical_expr::{lit, when};
use shoseki_messages::msg;

use super::pattern::of_value;
use crate::plan::{Planned, Planner, Rows, system};
use crate::values::Value;

/// Shows both counts. Where no `pattern` stands before, the patterns are those of `@message`.
pub(super) fn plan(planner: &mut Planner, name: &'static str) -> Planned<()> {
    if planner.reach.compared.is_none() {
        return Err(planner.note(planner.span(), msg!("query-compare-range", name = name)));
    }
    if planner.patterns.is_none() && planner.rows == Rows::Events {
        of_value(planner, &system("@message"))?;
    }
    let Some(mut columns) = planner.patterns.take().filter(|columns| !columns.is_cut && !columns.is_compared) else {
        return Err(planner.note(planner.span(), msg!("query-compare-patterns", name = name)));
    };
    let (count, Some(earlier)) = (columns.count.expr.clone(), columns.earlier.clone().map(|earlier| earlier.expr))
    else {
        return Err(planner.note(planner.span(), msg!("query-compare-patterns", name = name)));
    };
    // `anomaly` may stand behind it.
    columns.is_compared = true;
    planner.patterns = Some(columns);
    let difference = count.clone() - earlier.clone();
    let description = when(earlier.clone().eq(lit(0_i64)), lit("new"))
        .when(count.eq(lit(0_i64)), lit("gone"))
        .when(difference.clone().gt(lit(0_i64)), lit("more"))
        .when(difference.clone().lt(lit(0_i64)), lit("fewer"))
        .otherwise(lit("same"))?;
    planner.assign("@previousSampleCount", &Value::number(earlier));
    planner.assign("@difference", &Value::number(difference.clone()));
    planner.assign("@differenceDescription", &Value::text(description));
    let pattern = planner.named("@pattern").unwrap_or_else(Value::missing);
    planner.order_by(vec![abs(difference).sort(false, false), pattern.expr.sort(true, false)]);
    Ok(())
}
