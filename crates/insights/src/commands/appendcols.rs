//! `appendcols`: the columns of a sub-query beside the rows so far, the first row beside the first.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Query, Span};

/// `appendcols [override=true|false] [max=n] (sub-query)`
#[derive(Clone, Debug, PartialEq)]
pub struct Appendcols {
    /// Whether a column of the sub-query takes the place of one of the same name.
    pub overrides: bool,
    /// The most rows that are taken of the sub-query.
    pub max: Option<u64>,
    /// Where the columns come from.
    pub query: Query,
    /// Where the sub-query stands.
    pub query_span: Span,
}

impl Syntax for Appendcols {
    const NAME: &'static str = "appendcols";
    const EXAMPLE: &'static str = "stats count(*) as events by bin(1d) | appendcols (filter ispresent(errorCode) | stats count(*) as errors by bin(1d))";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let (mut overrides, mut max) = (None, None);
        loop {
            if overrides.is_none() && parser.take_option("override") {
                overrides = Some(parser.boolean()?);
            } else if max.is_none() && parser.take_option("max") {
                max = Some(parser.count()?);
            } else {
                break;
            }
        }
        let (query, query_span) = parser.subquery()?;
        Ok(Self { overrides: overrides.unwrap_or(false), max, query, query_span })
    }
}

impl fmt::Display for Appendcols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "appendcols override={} ", self.overrides)?;
        if let Some(max) = self.max {
            write!(f, "max={max} ")?;
        }
        write!(f, "({})", self.query)
    }
}
