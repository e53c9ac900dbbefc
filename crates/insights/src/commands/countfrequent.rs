//! `countFrequent`: how often each combination of values comes, the most frequent first.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, print};

/// `countFrequent field, …`
#[derive(Clone, Debug, PartialEq)]
pub struct CountFrequent {
    /// The fields, at least one.
    pub fields: Vec<Field>,
}

impl Syntax for CountFrequent {
    const NAME: &'static str = "countFrequent";
    const ALIASES: &'static [&'static str] = &["count_frequent"];
    const EXAMPLE: &'static str = "countFrequent eventSource, eventName";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { fields: parser.list(Parser::field)? })
    }
}

impl fmt::Display for CountFrequent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("countFrequent ")?;
        print::list(&self.fields, f)
    }
}
