//! `filldown`: where a value is missing, the last one that was there.

use std::fmt;

use super::Syntax;
use crate::Wildcard;
use crate::parser::{Parser, Read};

/// `filldown [field …]`
#[derive(Clone, Debug, PartialEq)]
pub struct Filldown {
    /// Which fields, `*` standing for any letters; every column of the answer where it is empty.
    pub fields: Vec<Wildcard>,
}

impl Syntax for Filldown {
    const NAME: &'static str = "filldown";
    const EXAMPLE: &'static str = "fields @timestamp, userIdentity.userName as who | sort @timestamp asc | filldown who";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if parser.is_command_end() {
            return Ok(Self { fields: Vec::new() });
        }
        Ok(Self { fields: parser.loose_list(Parser::field_or_wildcard)? })
    }
}

impl fmt::Display for Filldown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("filldown")?;
        self.fields.iter().try_for_each(|field| write!(f, " {field}"))
    }
}
