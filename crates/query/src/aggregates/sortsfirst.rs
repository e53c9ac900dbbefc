//! `sortsFirst`: the value that `sort` puts first.

use super::first_present;
use crate::plan::sort_key;

use super::Aggregate;
use crate::functions::Call;
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "sortsFirst",
    aliases: &[],
    title: "query-aggregate-sortsfirst",
    example: ("sortsFirst(word)", "a"),
    least: 1,
    most: 1,
    build,
};

fn build(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let value = planner.expression(&call.arguments[0])?.shown();
    let order = vec![sort_key(&value).sort(true, false)];
    Ok(Value::new(first_present(value.expr, order)?, value.kind))
}
