//! `sessionize`: events of one identity that follow one another without a long pause are a session.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};
use crate::{Duration, Field, Name, Span, Unit, print};

/// `sessionize field, … [maxspan period] [as name]`
#[derive(Clone, Debug, PartialEq)]
pub struct Sessionize {
    /// The fields that make an identity, at least one.
    pub fields: Vec<Field>,
    /// The longest pause within a session: 30 minutes where nothing is said.
    pub pause: Duration,
    /// What the new column is called: `session_id` where nothing is said.
    pub name: Name,
}

impl Syntax for Sessionize {
    const NAME: &'static str = "sessionize";
    const EXAMPLE: &'static str = "sessionize sourceIPAddress maxspan 1h as visit | stats count(*) by visit";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let fields = parser.list(Parser::field)?;
        let pause = if parser.take_word("maxspan") {
            parser.period()?.0
        } else {
            Duration { count: 30, unit: Unit::Minute }
        };
        let name = parser.alias()?.unwrap_or(Name { span: Span::default(), text: "session_id".to_owned() });
        Ok(Self { fields, pause, name })
    }
}

impl fmt::Display for Sessionize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sessionize ")?;
        print::list(&self.fields, f)?;
        write!(f, " maxspan {} as {}", self.pause, self.name)
    }
}
