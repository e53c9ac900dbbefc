//! `regexReplace`: the text with everything that the pattern finds replaced.

use datafusion::logical_expr::lit;
use shoseki_insights::Node;
use shoseki_messages::msg;

use crate::pattern::compile;
use super::{Body, Call, Function};
use crate::plan::{Planned, Planner};
use crate::values::Value;

pub(super) const FUNCTION: Function = Function {
    name: "regexReplace",
    aliases: &[],
    title: "query-function-regexreplace",
    example: ("regexReplace(eventName, /[A-Z]/, '_')", "_elete_rail"),
    least: 3,
    most: Some(3),
    body: Body::Plan(plan),
};

fn plan(planner: &mut Planner, call: &Call<'_>) -> Planned<Value> {
    let (pattern, span) = match &call.arguments[1].node {
        Node::Text(pattern) | Node::Regex(pattern) => (pattern, call.arguments[1].span),
        _ => return Err(planner.note(call.arguments[1].span, msg!("query-regex-literal"))),
    };
    compile(pattern).map_err(|error| planner.bad_regex(span, &error))?;
    let text = planner.expression(&call.arguments[0])?.as_text();
    let replacement = planner.expression(&call.arguments[2])?.as_text();
    // A pattern is compiled for each batch, not for each row.
    Ok(Value::text(datafusion::functions::regex::expr_fn::regexp_replace(
        text,
        lit(pattern.as_str()),
        replacement,
        Some(lit("g")),
    )))
}
