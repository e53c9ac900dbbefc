//! `relevantfields`: the fields by which events for which a condition holds differ from the others.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Expression, Field, print};

/// `relevantfields [field, …] where condition`
#[derive(Clone, Debug, PartialEq)]
pub struct RelevantFields {
    /// The fields that are looked at; all where it is empty.
    pub fields: Vec<Field>,
    /// What holds for the events that are compared with the others.
    pub condition: Expression,
}

impl Syntax for RelevantFields {
    const NAME: &'static str = "relevantfields";
    const EXAMPLE: &'static str = "relevantfields where errorCode = \"AccessDenied\"";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let fields = if parser.is_word("where") { Vec::new() } else { parser.list(Parser::field)? };
        if !parser.take_word("where") {
            return Err(parser.unexpected("where"));
        }
        Ok(Self { fields, condition: parser.expression()? })
    }
}

impl fmt::Display for RelevantFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("relevantfields ")?;
        print::list(&self.fields, f)?;
        let gap = if self.fields.is_empty() { "" } else { " " };
        write!(f, "{gap}where {}", self.condition)
    }
}
