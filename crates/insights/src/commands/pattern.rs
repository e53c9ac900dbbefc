//! `pattern`: the texts of a field by their shape.

use std::fmt;

use super::Syntax;
use crate::Expression;
use crate::parser::{Parser, Read};

/// `pattern expression`
#[derive(Clone, Debug, PartialEq)]
pub struct Patterns {
    /// The text.
    pub value: Expression,
}

impl Syntax for Patterns {
    const NAME: &'static str = "pattern";
    const EXAMPLE: &'static str = "filter @message like /ERROR/ | pattern @message";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { value: parser.expression()? })
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pattern {}", self.value)
    }
}
