//! `addtotals`: the sum of each row's numbers, and of each column's.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Field, Name, Span, print};

/// `addtotals [fieldname=name] [row=true|false] [col=true|false] [field, …]`
#[derive(Clone, Debug, PartialEq)]
pub struct Addtotals {
    /// What the column of the rows' sums is called: `Total` where nothing is said.
    pub name: Name,
    /// Whether each row gets a sum.
    pub rows: bool,
    /// Whether there is a last row with the sum of each column.
    pub columns: bool,
    /// What is added up; every column of the answer that may hold numbers where it is empty.
    pub fields: Vec<Field>,
}

impl Syntax for Addtotals {
    const NAME: &'static str = "addtotals";
    const EXAMPLE: &'static str = "stats sum(read) as r, sum(written) as w by bin(1d) | addtotals fieldname=both col=true r, w";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let name = Name { span: Span::default(), text: "Total".to_owned() };
        let mut command = Self { name, rows: true, columns: false, fields: Vec::new() };
        loop {
            if parser.take_option("fieldname") {
                command.name = parser.name()?;
            } else if parser.take_option("row") {
                command.rows = parser.boolean()?;
            } else if parser.take_option("col") {
                command.columns = parser.boolean()?;
            } else {
                break;
            }
        }
        if !parser.is_command_end() {
            command.fields = parser.loose_list(Parser::field)?;
        }
        Ok(command)
    }
}

impl fmt::Display for Addtotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "addtotals fieldname={} row={} col={}", self.name, self.rows, self.columns)?;
        if !self.fields.is_empty() {
            f.write_str(" ")?;
        }
        print::list(&self.fields, f)
    }
}
