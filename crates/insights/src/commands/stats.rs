//! `stats`: aggregates, by groups.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Duration, Item, Span, print};

/// `stats aggregate [as name], … [by group [as name], …] [offset period]`
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// What is computed for each group, at least one.
    pub aggregates: Vec<Item>,
    /// What makes a group; one group of all where it is empty.
    pub groups: Vec<Item>,
    /// `offset 1d`: what was a period earlier stands in the bins of now.
    pub offset: Option<Offset>,
}

/// How far `bin` is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offset {
    /// How far.
    pub period: Duration,
    /// Where it stands.
    pub span: Span,
}

impl Syntax for Stats {
    const NAME: &'static str = "stats";
    const EXAMPLE: &'static str = "stats count(*) as events by eventName, bin(1h)";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let aggregates = parser.list(Parser::item)?;
        let group = parser.next().span;
        if parser.take_word("group") {
            let by = if parser.is_word("by") { parser.next().span } else { group };
            return Err(parser.fail_with_instead(group.to(by), "by"));
        }
        let groups = if parser.take_word("by") { parser.list(Parser::item)? } else { Vec::new() };
        let start = parser.next().span;
        let offset = if parser.take_word("offset") {
            let (period, end) = parser.period()?;
            Some(Offset { period, span: start.to(end) })
        } else {
            None
        };
        Ok(Self { aggregates, groups, offset })
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stats ")?;
        print::list(&self.aggregates, f)?;
        if !self.groups.is_empty() {
            f.write_str(" by ")?;
            print::list(&self.groups, f)?;
        }
        match self.offset {
            Some(offset) => write!(f, " offset {}", offset.period),
            None => Ok(()),
        }
    }
}
