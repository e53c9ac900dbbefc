//! `fillmissing`: rows for the periods of `stats … by bin()` in which there was nothing.

use std::fmt;

use super::Syntax;
use crate::Expression;
use crate::parser::{Parser, Read};

/// `fillmissing [with value for field, …]`
#[derive(Clone, Debug, PartialEq)]
pub struct Fillmissing {
    /// What the new rows have in which columns; null in others.
    pub values: Vec<Filling>,
}

/// A value and the column that gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// What is filled in.
    pub value: Expression,
    /// The column: a field, or an expression whose text is its name.
    pub column: Expression,
}

impl Syntax for Fillmissing {
    const NAME: &'static str = "fillmissing";
    const EXAMPLE: &'static str = "stats count(*) as events by bin(1h) | fillmissing with 0 for events";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if !parser.take_word("with") {
            return Ok(Self { values: Vec::new() });
        }
        let values = parser.list(|parser| {
            let value = parser.expression()?;
            if !parser.take_word("for") {
                return Err(parser.unexpected("for"));
            }
            Ok(Filling { value, column: parser.expression()? })
        })?;
        Ok(Self { values })
    }
}

impl fmt::Display for Fillmissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fillmissing")?;
        for (at, Filling { value, column }) in self.values.iter().enumerate() {
            write!(f, "{} {value} for {column}", if at == 0 { " with" } else { "," })?;
        }
        Ok(())
    }
}
