//! `parse`: takes new fields out of a text, by a glob with `*` or by a regular expression with named groups.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};
use crate::{Field, Matcher, Name, Span, print};

/// `parse [field] "glob * *" as a, b`, `parse [field] /…(?<name>…)…/`
#[derive(Clone, Debug, PartialEq)]
pub struct Parse {
    /// What is read; `@message` where none is given.
    pub field: Option<Field>,
    /// How.
    pub pattern: Pattern,
    /// Where the pattern stands.
    pub pattern_span: Span,
}

/// How `parse` reads a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// A text with a `*` for each name.
    Glob {
        /// The text.
        glob: String,
        /// The new fields, as many as there are `*`.
        names: Vec<Name>,
    },
    /// A regular expression: each named group is a new field.
    Regex(String),
}

/// Modes of the full language that are not built yet.
const UNSUPPORTED: &[&str] = &["logfmt", "csv", "json", "multi"];

impl Syntax for Parse {
    const NAME: &'static str = "parse";
    const EXAMPLE: &'static str = "parse @message \"user=*, method:*\" as user, method";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let is_mode = |parser: &Parser<'_>| UNSUPPORTED.iter().find(|mode| parser.is_word(mode)).copied();
        let field = if parser.is_field() { Some(parser.field()?) } else { None };
        if let Some(mode) = is_mode(parser) {
            let span = parser.next().span;
            return Err(parser.fail(span, msg!("insights-parse-unsupported", mode = mode)));
        }
        if parser.next().kind == Kind::Slash {
            let (pattern, pattern_span) = parser.regex()?;
            if let Some(mode) = is_mode(parser) {
                let span = parser.next().span;
                return Err(parser.fail(span, msg!("insights-parse-unsupported", mode = mode)));
            }
            return Ok(Self { field, pattern: Pattern::Regex(pattern), pattern_span });
        }
        if parser.next().kind != Kind::Text {
            return Err(parser.unexpected(if field.is_some() { "pattern" } else { "field-or-pattern" }));
        }
        let (glob, pattern_span) = parser.text()?;
        if !parser.take_word("as") {
            return Err(parser.unexpected("as"));
        }
        let names = parser.list(Parser::name)?;
        let stars = glob.matches('*').count();
        if stars != names.len() {
            parser.note(pattern_span, msg!("insights-parse-stars", stars = stars, names = names.len()));
        }
        Ok(Self { field, pattern: Pattern::Glob { glob, names }, pattern_span })
    }
}

impl fmt::Display for Parse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parse ")?;
        if let Some(field) = &self.field {
            write!(f, "{field} ")?;
        }
        match &self.pattern {
            Pattern::Regex(pattern) => Matcher::Regex(pattern.clone()).fmt(f),
            Pattern::Glob { glob, names } => {
                print::write_text(glob, f)?;
                f.write_str(" as ")?;
                print::list(names, f)
            }
        }
    }
}
