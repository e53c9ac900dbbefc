//! `parse`: takes new fields out of a text, by a glob with `*`, by a regular expression with named groups, or by the form
//! that the text has.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};
use crate::{Field, Matcher, Name, Span, print};

/// `parse [field] "glob * *" as a, b`, `parse [field] /…(?<name>…)…/ [multi]`, `parse [field] logfmt as m`,
/// `parse [field] csv as a, b`, `parse field json "a.b" as x`
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
    /// The same, with a row for each place where it is found.
    Multi(String),
    /// Pairs such as `level=info msg="a b"`, as one map.
    Logfmt(Name),
    /// Values with commas between.
    Csv(Vec<Name>),
    /// JSON, of which these paths are read.
    Json {
        /// The paths: `a.b.0`.
        paths: Vec<String>,
        /// The new fields, as many as there are paths.
        names: Vec<Name>,
    },
}

/// Words that say which form a text has.
const MODES: &[&str] = &["logfmt", "csv", "json"];

impl Syntax for Parse {
    const NAME: &'static str = "parse";
    const EXAMPLE: &'static str = "parse @message \"user=*, method:*\" as user, method";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if parser.is_word("json") && lies_behind(parser, "field") {
            return json_of_field(parser);
        }
        // A mode with `as` behind it is no field: `parse logfmt as m`.
        let is_mode = mode(parser).is_some() && lies_behind(parser, "as");
        let field = if parser.is_field() && !is_mode { Some(parser.field()?) } else { None };
        if let Some(mode) = mode(parser) {
            let span = parser.advance().span;
            let pattern = by_mode(parser, mode, span)?;
            return Ok(Self { field, pattern, pattern_span: span });
        }
        if parser.next().kind == Kind::Slash {
            let (pattern, pattern_span) = parser.regex()?;
            let pattern =
                if parser.take_word("multi") { Pattern::Multi(pattern) } else { Pattern::Regex(pattern) };
            return Ok(Self { field, pattern, pattern_span });
        }
        if parser.next().kind != Kind::Text {
            return Err(parser.unexpected(if field.is_some() { "pattern" } else { "field-or-pattern" }));
        }
        let (glob, pattern_span) = parser.text()?;
        let names = names(parser)?;
        let stars = glob.matches('*').count();
        if stars != names.len() {
            parser.note(pattern_span, msg!("insights-parse-stars", stars = stars, names = names.len()));
        }
        Ok(Self { field, pattern: Pattern::Glob { glob, names }, pattern_span })
    }
}

/// The mode that the next word names.
fn mode(parser: &Parser<'_>) -> Option<&'static str> {
    MODES.iter().find(|mode| parser.is_word(mode)).copied()
}

/// Whether this word stands behind the next token.
fn lies_behind(parser: &Parser<'_>, word: &str) -> bool {
    parser.second().span.of(parser.source()).eq_ignore_ascii_case(word)
}

fn names(parser: &mut Parser<'_>) -> Read<Vec<Name>> {
    if !parser.take_word("as") {
        return Err(parser.unexpected("as"));
    }
    parser.list(Parser::name)
}

fn by_mode(parser: &mut Parser<'_>, mode: &str, span: Span) -> Read<Pattern> {
    match mode {
        "json" => json(parser, span),
        "csv" => Ok(Pattern::Csv(names(parser)?)),
        _ if parser.take_word("as") => Ok(Pattern::Logfmt(parser.name()?)),
        _ => Err(parser.unexpected("as-map")),
    }
}

/// `json field=f "a.b", … as x, …`
fn json_of_field(parser: &mut Parser<'_>) -> Read<Parse> {
    let pattern_span = parser.advance().span;
    parser.advance();
    parser.expect(Kind::Equal, "equal")?;
    let field = parser.field()?;
    Ok(Parse { field: Some(field), pattern: json(parser, pattern_span)?, pattern_span })
}

fn json(parser: &mut Parser<'_>, span: Span) -> Read<Pattern> {
    let paths = parser.list(|parser| parser.text().map(|(text, _)| text))?;
    let names = names(parser)?;
    if paths.len() != names.len() {
        parser.note(span, msg!("insights-parse-paths", paths = paths.len(), names = names.len()));
    }
    Ok(Pattern::Json { paths, names })
}

impl fmt::Display for Parse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parse ")?;
        if let Pattern::Json { .. } = &self.pattern {
            f.write_str("json field=")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field} ")?;
        }
        match &self.pattern {
            Pattern::Regex(pattern) => Matcher::Regex(pattern.clone()).fmt(f),
            Pattern::Multi(pattern) => write!(f, "{} multi", Matcher::Regex(pattern.clone())),
            Pattern::Logfmt(name) => write!(f, "logfmt as {name}"),
            Pattern::Csv(names) => {
                f.write_str("csv as ")?;
                print::list(names, f)
            }
            Pattern::Json { paths, names } => {
                for (at, path) in paths.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    print::write_text(path, f)?;
                }
                f.write_str(" as ")?;
                print::list(names, f)
            }
            Pattern::Glob { glob, names } => {
                print::write_text(glob, f)?;
                f.write_str(" as ")?;
                print::list(names, f)
            }
        }
    }
}
