//! `sort`: the order of the answer.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Expression, print};

/// `sort expression [asc|desc], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The keys, the first one first.
    pub keys: Vec<SortKey>,
}

/// What to sort by, and which way.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// What to sort by.
    pub expression: Expression,
    /// From the greatest to the least.
    pub descending: bool,
}

impl Syntax for Sort {
    const NAME: &'static str = "sort";
    const EXAMPLE: &'static str = "sort @timestamp desc, eventName";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if parser.is_word("by") {
            let span = parser.previous_span().to(parser.next().span);
            return Err(parser.fail_with_instead(span, "sort"));
        }
        let keys = parser.list(|parser| {
            let expression = parser.expression()?;
            let descending = !parser.take_word("asc") && parser.take_word("desc");
            Ok(SortKey { expression, descending })
        })?;
        Ok(Self { keys })
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sort ")?;
        print::list(&self.keys, f)
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.expression, if self.descending { "desc" } else { "asc" })
    }
}
