//! `expand`: an event for each element of a field's list, with the element in the list's place.

use std::fmt;

use super::Syntax;
use crate::Field;
use crate::parser::{Parser, Read};

/// `expand field`
#[derive(Clone, Debug, PartialEq)]
pub struct Expand {
    /// The field that has the list.
    pub field: Field,
}

impl Syntax for Expand {
    const NAME: &'static str = "expand";
    const EXAMPLE: &'static str = "expand resources | stats count(*) by resources.type";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { field: parser.field()? })
    }
}

impl fmt::Display for Expand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expand {}", self.field)
    }
}
