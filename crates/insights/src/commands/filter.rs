//! `filter`, also `where`: keeps the events for which a condition holds.

use std::fmt;

use super::Syntax;
use crate::Expression;
use crate::parser::{Parser, Read};

/// `filter condition`
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What must hold.
    pub condition: Expression,
}

impl Syntax for Filter {
    const NAME: &'static str = "filter";
    const ALIASES: &'static [&'static str] = &["where"];
    const EXAMPLE: &'static str = "filter eventName like /^Delete/ and not ispresent(errorCode)";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { condition: parser.expression()? })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filter {}", self.condition)
    }
}
