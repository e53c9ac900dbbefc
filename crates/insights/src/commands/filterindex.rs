//! `filterIndex`: `filter` by fields that have an index. As AWS documents it, only `=` and `in` can use one.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Comparison, Expression, Node};

/// `filterIndex field = value`, `filterIndex field in [value, …]`
#[derive(Clone, Debug, PartialEq)]
pub struct FilterIndex {
    /// What must hold.
    pub condition: Expression,
}

impl Syntax for FilterIndex {
    const NAME: &'static str = "filterIndex";
    const EXAMPLE: &'static str = "fields @timestamp, @message | filterIndex IPaddress in ['198.51.100.0', '198.51.100.1'] | limit 20";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let condition = parser.expression()?;
        match foreign(&condition) {
            Some(part) => Err(parser.fail(part.span, msg!("insights-filterindex-condition"))),
            None => Ok(Self { condition }),
        }
    }
}

/// The part that no index can answer.
fn foreign(condition: &Expression) -> Option<&Expression> {
    let is_field = |expression: &Expression| matches!(expression.node, Node::Field(_));
    match &condition.node {
        Node::And(parts) | Node::Or(parts) => parts.iter().find_map(foreign),
        Node::Compare(Comparison::Equal, field, value) if is_field(field) && is_literal(value) => None,
        Node::In { value: field, list, negated: false } if is_field(field) && list.iter().all(is_literal) => None,
        _ => Some(condition),
    }
}

fn is_literal(value: &Expression) -> bool {
    match &value.node {
        Node::Number(_) | Node::Text(_) | Node::Boolean(_) => true,
        Node::Negate(inner) => matches!(inner.node, Node::Number(_)),
        _ => false,
    }
}

impl fmt::Display for FilterIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filterIndex {}", self.condition)
    }
}
