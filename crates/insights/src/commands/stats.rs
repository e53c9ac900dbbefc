//! `stats`: aggregates, by groups.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Item, print};

/// `stats aggregate [as name], … [by group [as name], …]`
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// What is computed for each group, at least one.
    pub aggregates: Vec<Item>,
    /// What makes a group; one group of all where it is empty.
    pub groups: Vec<Item>,
}

impl Syntax for Stats {
    const NAME: &'static str = "stats";
    const EXAMPLE: &'static str = "stats count(*) as events by eventName, bin(1h)";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let aggregates = parser.list(Parser::item)?;
        let groups = if parser.take_word("by") { parser.list(Parser::item)? } else { Vec::new() };
        if parser.is_word("offset") {
            let span = parser.next().span;
            return Err(parser.fail(span, msg!("insights-stats-offset-unsupported")));
        }
        Ok(Self { aggregates, groups })
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
        Ok(())
    }
}
