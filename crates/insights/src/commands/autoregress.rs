//! `autoregress`: the values of a field in the rows before.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};
use crate::{Field, Name};

/// `autoregress field [as name] [p=n[-m]]`
#[derive(Clone, Debug, PartialEq)]
pub struct Autoregress {
    /// Whose values.
    pub field: Field,
    /// What the new columns are called.
    pub alias: Option<Name>,
    /// How many rows before, from the least to the most; both at least 1.
    pub rows: (u64, u64),
    /// Whether a range was written, be it `1-1`: its columns have their numbers behind their names.
    pub is_range: bool,
}

/// The farthest row that is looked back to.
const MOST: u64 = 1_000;
/// The most columns of one command.
const MOST_COLUMNS: u64 = 100;

impl Syntax for Autoregress {
    const NAME: &'static str = "autoregress";
    const EXAMPLE: &'static str = "stats count(*) as events by bin(1d) | autoregress events p=1-3";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let (field, alias) = (parser.field()?, parser.alias()?);
        let (mut rows, mut is_range) = ((1, 1), false);
        if parser.take_option("p") {
            let start = parser.next().span;
            let first = parser.count()?;
            is_range = parser.take(Kind::Minus);
            rows = (first, if is_range { parser.count()? } else { first });
            let is_within = rows.0 >= 1 && rows.0 <= rows.1 && rows.1 <= MOST && rows.1 - rows.0 < MOST_COLUMNS;
            if !is_within {
                let message = msg!("insights-autoregress-rows", most = MOST, columns = MOST_COLUMNS);
                parser.note(start.to(parser.previous_span()), message);
            }
        }
        Ok(Self { field, alias, rows, is_range })
    }
}

impl fmt::Display for Autoregress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "autoregress {}", self.field)?;
        self.alias.iter().try_for_each(|alias| write!(f, " as {alias}"))?;
        match (self.rows, self.is_range) {
            ((first, last), true) => write!(f, " p={first}-{last}"),
            ((first, _), false) => write!(f, " p={first}"),
        }
    }
}
