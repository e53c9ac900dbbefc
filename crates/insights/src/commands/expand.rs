//! `expand`: an event for each element of a field's list, with the element in the list's place.

use std::fmt;

use super::Syntax;
use crate::Expression;
use crate::parser::{Parser, Read};

/// `expand list`
#[derive(Clone, Debug, PartialEq)]
pub struct Expand {
    /// The list: a field, or a value such as `jsonParse(x).y`.
    pub list: Expression,
}

impl Syntax for Expand {
    const NAME: &'static str = "expand";
    const EXAMPLE: &'static str = "expand resources | stats count(*) by resources.type";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { list: parser.value()? })
    }
}

impl fmt::Display for Expand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expand {}", self.list)
    }
}
