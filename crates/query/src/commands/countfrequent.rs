//! `countFrequent`: a `stats count(*) by …`, the most frequent first. Its column is called `_approxcount` as in AWS, and
//! is exact here.

use shoseki_insights::{CountFrequent, Expression, Field, Item, Name, Node, Span, Stats};

use super::stats;
use crate::plan::{Planned, Planner};
use crate::values::Value;

const COUNT: &str = "_approxcount";

pub(super) fn plan(planner: &mut Planner, command: &CountFrequent) -> Planned<()> {
    let name = |text: &str| Name { span: Span::default(), text: text.to_owned() };
    let at = |node| Expression { span: planner.span(), node };
    let count = at(Node::Call { name: name("count"), arguments: vec![at(Node::Star)] });
    let group = |field: &Field| Item {
        expression: Expression { span: field.span, node: Node::Field(field.clone()) },
        alias: None,
    };
    let groups = command.fields.iter().map(group).collect();
    let aggregates = vec![Item { expression: count, alias: Some(name(COUNT)) }];
    stats::plan(planner, &Stats { aggregates, groups, offset: None })?;
    let count = planner.named(COUNT).unwrap_or_else(Value::missing);
    planner.order_by(vec![count.expr.sort(false, false)]);
    Ok(())
}
