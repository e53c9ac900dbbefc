//! `unnest`: a row for each element of a list.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, Name};

/// `unnest field into name`
#[derive(Clone, Debug, PartialEq)]
pub struct Unnest {
    /// The list.
    pub field: Field,
    /// What an element is called.
    pub name: Name,
}

impl Syntax for Unnest {
    const NAME: &'static str = "unnest";
    const EXAMPLE: &'static str = "unnest requestParameters.tagSet.items into tag | display @timestamp, tag.key, tag.value";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let field = parser.field()?;
        if !parser.take_word("into") {
            return Err(parser.unexpected("into"));
        }
        Ok(Self { field, name: parser.name()? })
    }
}

impl fmt::Display for Unnest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unnest {} into {}", self.field, self.name)
    }
}
