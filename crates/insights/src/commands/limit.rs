//! `limit`: at most so many rows. `head` and `tail` are old names of it, with the same meaning.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};

/// `limit [any] n`
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// At most so many rows; there is no upper bound.
    pub count: u64,
    /// Whichever rows are found first, so that the scan may end early.
    pub any: bool,
}

impl Syntax for Limit {
    const NAME: &'static str = "limit";
    const ALIASES: &'static [&'static str] = &["head", "tail"];
    const EXAMPLE: &'static str = "fields @timestamp, @message | limit 100";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { any: parser.take_word("any"), count: parser.count()? })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "limit {}{}", if self.any { "any " } else { "" }, self.count)
    }
}
