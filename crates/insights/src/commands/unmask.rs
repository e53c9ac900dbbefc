//! `unmask`: shows what a data protection policy masks. A vault masks nothing, so that its columns are the plain ones.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Item, print};

/// `unmask expression [as name], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Unmask {
    /// The columns, at least one.
    pub items: Vec<Item>,
}

impl Syntax for Unmask {
    const NAME: &'static str = "unmask";
    const EXAMPLE: &'static str = "fields @timestamp | unmask @message | limit 20";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { items: parser.list(Parser::item)? })
    }
}

impl fmt::Display for Unmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unmask ")?;
        print::list(&self.items, f)
    }
}
