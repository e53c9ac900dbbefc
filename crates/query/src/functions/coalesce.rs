//! `coalesce`: the first value that is there.

use super::alike;
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "coalesce",
    aliases: &[],
    title: "query-function-coalesce",
    example: ("coalesce(nothing, eventName)", "DeleteTrail"),
    least: 1,
    most: None,
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let values: Vec<Value> =
        call.arguments.iter().map(|argument| planner.expression(argument)).collect::<Planned<_>>()?;
    let (exprs, kind) = alike(&values, planner.zone);
    Ok(Value::new(datafusion::functions::expr_fn::coalesce(exprs), kind))
}
