//! `lookup`: fields out of a table, by a key.

use std::fmt;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};
use crate::{Field, Name, print};

/// `lookup table column [as field], … OUTPUT|OUTPUTNEW column [as field], …`
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The table.
    pub table: Name,
    /// What must be equal, at least one.
    pub keys: Vec<LookupKey>,
    /// What is taken out of the table.
    pub outputs: Outputs,
}

/// A column of the table and the field that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupKey {
    /// The column.
    pub column: Name,
    /// The field; the one that is called as the column where none is given.
    pub field: Option<Field>,
}

/// What is taken out of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    /// Only where the field is empty so far (`OUTPUTNEW`), and not in any case (`OUTPUT`).
    pub only_new: bool,
    /// The columns, at least one.
    pub columns: Vec<Output>,
}

/// A column of a table as a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The column.
    pub column: Name,
    /// What it is called; as the column where nothing is given.
    pub alias: Option<Name>,
}

impl Output {
    /// What the field is called.
    pub fn name(&self) -> &str {
        self.alias.as_ref().map_or(&self.column.text, |alias| &alias.text)
    }
}

impl Syntax for Lookup {
    const NAME: &'static str = "lookup";
    const EXAMPLE: &'static str = "lookup user_data id as userIdentity.userName OUTPUT name, department | stats count(*) by department";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let table = table(parser)?;
        let keys = parser.list(|parser| {
            let column = parser.name()?;
            let field = if parser.take_word("as") { Some(parser.field()?) } else { None };
            Ok(LookupKey { column, field })
        })?;
        Ok(Self { table, keys, outputs: Outputs::parse(parser)? })
    }
}

/// A table's name; one with a hyphen needs quotes or backticks.
pub(super) fn table(parser: &mut Parser<'_>) -> Read<Name> {
    match parser.next().kind {
        Kind::Text => parser.text().map(|(text, span)| Name { span, text }),
        _ => parser.name(),
    }
}

impl Outputs {
    pub(super) fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let only_new = parser.take_word("OUTPUTNEW");
        if !only_new && !parser.take_word("OUTPUT") {
            return Err(parser.unexpected("output"));
        }
        let columns = parser.list(|parser| Ok(Output { column: parser.name()?, alias: parser.alias()? }))?;
        Ok(Self { only_new, columns })
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lookup {} ", self.table)?;
        print::list(&self.keys, f)?;
        write!(f, " {}", self.outputs)
    }
}

impl fmt::Display for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.column.fmt(f)?;
        match &self.field {
            Some(field) => write!(f, " as {field}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.only_new { "OUTPUTNEW " } else { "OUTPUT " })?;
        print::list(&self.columns, f)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.column.fmt(f)?;
        match &self.alias {
            Some(alias) => write!(f, " as {alias}"),
            None => Ok(()),
        }
    }
}
