//! `unnest`: a row for each element of a list.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Expression, Name};

/// `unnest list into name`
#[derive(Clone, Debug, PartialEq)]
pub struct Unnest {
    /// The list.
    pub list: Expression,
    /// What an element is called.
    pub name: Name,
}

impl Syntax for Unnest {
    const NAME: &'static str = "unnest";
    const EXAMPLE: &'static str = "unnest requestParameters.tagSet.items into tag | display @timestamp, tag.key, tag.value";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let list = parser.value()?;
        if !parser.take_word("into") {
            return Err(parser.unexpected("into"));
        }
        Ok(Self { list, name: parser.name()? })
    }
}

impl fmt::Display for Unnest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unnest {} into {}", self.list, self.name)
    }
}
