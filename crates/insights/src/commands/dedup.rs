//! `dedup`: one event for each combination of values, the first in the order of the answer.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, print};

/// `dedup field, …`
#[derive(Clone, Debug, PartialEq)]
pub struct Dedup {
    /// The fields whose values are compared, at least one.
    pub fields: Vec<Field>,
}

impl Syntax for Dedup {
    const NAME: &'static str = "dedup";
    const EXAMPLE: &'static str = "fields @timestamp, eventName | sort @timestamp desc | dedup eventName";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { fields: parser.list(Parser::field)? })
    }
}

impl fmt::Display for Dedup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dedup ")?;
        print::list(&self.fields, f)
    }
}
