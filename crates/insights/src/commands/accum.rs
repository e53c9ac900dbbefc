//! `accum`: the running total of a field.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, Name};

/// `accum field [as name]`
#[derive(Clone, Debug, PartialEq)]
pub struct Accum {
    /// What is added up.
    pub field: Field,
    /// What the running total is called; it takes the field's place where no name is given.
    pub alias: Option<Name>,
}

impl Syntax for Accum {
    const NAME: &'static str = "accum";
    const EXAMPLE: &'static str = "stats count(*) as events by bin(1h) | accum events as total";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self { field: parser.field()?, alias: parser.alias()? })
    }
}

impl fmt::Display for Accum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accum {}", self.field)?;
        self.alias.iter().try_for_each(|alias| write!(f, " as {alias}"))
    }
}
