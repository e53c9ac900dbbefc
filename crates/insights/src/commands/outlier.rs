//! `outlier`: numbers far outside of the middle half of a field's numbers.

use std::fmt;

use super::Syntax;
use crate::Field;
use crate::parser::{Parser, Read};

/// `outlier [action=remove|transform] [param=n] [uselower=true|false] [mark=true|false] field …`
#[derive(Clone, Debug, PartialEq)]
pub struct Outlier {
    /// Whether rows with an outlier are left out; otherwise it is moved to the boundary.
    pub remove: bool,
    /// How many interquartile ranges away an outlier begins, as it was written: `2.5` where nothing is said.
    pub factor: String,
    /// Whether numbers that are too small count too.
    pub lower: bool,
    /// Whether there is a new column that says which rows had an outlier.
    pub mark: bool,
    /// The fields, at least one.
    pub fields: Vec<Field>,
}

impl Syntax for Outlier {
    const NAME: &'static str = "outlier";
    const EXAMPLE: &'static str = "stats count(*) as events by bin(1h) | outlier action=remove param=3 events";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let (mut remove, mut factor, mut lower, mut mark) = (false, "2.5".to_owned(), false, false);
        loop {
            if parser.take_option("action") {
                remove = parser.take_word("remove");
                if !remove && !parser.take_word("transform") {
                    return Err(parser.unexpected("remove-or-transform"));
                }
            } else if parser.take_option("param") {
                factor = parser.decimal()?;
            } else if parser.take_option("uselower") {
                lower = parser.boolean()?;
            } else if parser.take_option("mark") {
                mark = parser.boolean()?;
            } else {
                break;
            }
        }
        Ok(Self { remove, factor, lower, mark, fields: parser.loose_list(Parser::field)? })
    }
}

impl fmt::Display for Outlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = if self.remove { "remove" } else { "transform" };
        write!(f, "outlier action={action} param={} uselower={} mark={}", self.factor, self.lower, self.mark)?;
        self.fields.iter().try_for_each(|field| write!(f, " {field}"))
    }
}
