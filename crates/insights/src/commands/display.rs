//! `display`: the columns of the answer, and no others.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Item, print};

/// `display expression [as name], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Display {
    /// The columns, at least one.
    pub items: Vec<Item>,
}

impl Syntax for Display {
    const NAME: &'static str = "display";
    const EXAMPLE: &'static str = "parse @message \"user=*\" as user | display user";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { items: parser.list(Parser::item)? })
    }
}

impl fmt::Display for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("display ")?;
        print::list(&self.items, f)
    }
}
