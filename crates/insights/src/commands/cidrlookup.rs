//! `cidrlookup`: fields out of a table of address ranges, by the narrowest range that an address lies in.

use std::fmt;

use super::lookup::{Outputs, table};
use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, Name};

/// `cidrlookup table ip [as column] OUTPUT|OUTPUTNEW column [as field], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Cidrlookup {
    /// The table.
    pub table: Name,
    /// The field that has the address.
    pub field: Field,
    /// The column that has the ranges, where it is given.
    pub column: Option<Name>,
    /// What is taken out of the table.
    pub outputs: Outputs,
}

impl Syntax for Cidrlookup {
    const NAME: &'static str = "cidrlookup";
    const EXAMPLE: &'static str = "fields @timestamp, sourceIPAddress | cidrlookup net_table sourceIPAddress as cidr OUTPUT region, owner as team";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let table = table(parser)?;
        let field = parser.field()?;
        Ok(Self { table, field, column: parser.alias()?, outputs: Outputs::parse(parser)? })
    }
}

impl fmt::Display for Cidrlookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cidrlookup {} {}", self.table, self.field)?;
        if let Some(column) = &self.column {
            write!(f, " as {column}")?;
        }
        write!(f, " {}", self.outputs)
    }
}
