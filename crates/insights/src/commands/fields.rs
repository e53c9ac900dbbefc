//! `fields`: which columns to show, and new ones computed from expressions.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Item, print};

/// `fields expression [as name], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// The columns, at least one.
    pub items: Vec<Item>,
}

impl Syntax for Fields {
    const NAME: &'static str = "fields";
    const EXAMPLE: &'static str = "fields @timestamp, eventName, toupper(awsRegion) as region";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { items: parser.list(Parser::item)? })
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields ")?;
        print::list(&self.items, f)
    }
}
