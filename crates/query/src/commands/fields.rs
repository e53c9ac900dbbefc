//! `fields`: several of them add up. An expression without an alias can be used by its own text behind `stats` only.

use shoseki_insights::{Fields, Node};

use crate::plan::{Planned, Planner};

pub(super) fn plan(planner: &mut Planner, command: &Fields) -> Planned<()> {
    let mut mistake = None;
    for item in &command.items {
        let mut value = match planner.item(item) {
            Ok(value) => value,
            Err(stop) => {
                mistake = Some(stop);
                continue;
            }
        };
        let name = item.name();
        let is_plain = item.alias.is_none() && matches!(item.expression.node, Node::Field(_));
        if !is_plain {
            value = planner.define(&name, value)?;
        }
        planner.show(&name, value, true);
    }
    mistake.map_or(Ok(()), Err)
}
