//! `SOURCE`: which streams, and which time range, at the beginning of a query or a sub-query.
//!
//! ```text
//! SOURCE logGroups(namePrefix: ['cloudtrail/', 'k8s']) START=-1d END=now
//! SOURCE 'k8s-audit/prod', 'k8s-audit/test'
//! ```

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read, Stop};
use crate::{Duration, Name, Span, nearest, print};

/// `SOURCE logGroups(namePrefix: ['x', …]) [START=…] [END=…]`, `SOURCE 'name', … [START=…] [END=…]`
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Which streams.
    pub logs: Logs,
    /// The earliest time, inclusive.
    pub start: Option<Moment>,
    /// The latest time, exclusive.
    pub end: Option<Moment>,
}

/// Which streams a query is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Logs {
    /// Those of these names.
    Named(Vec<Name>),
    /// Those whose names begin with one of these; all where it is empty.
    Prefixes(Vec<Name>),
}

/// A point in time.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// `now`
    Now,
    /// So long before now: `-1d`.
    Back(Duration),
    /// A date, a time in RFC 3339, or seconds or milliseconds since 1970; who plans the tree reads it.
    At(Name),
}

/// Arguments of `logGroups` that AWS has and that mean nothing in a vault.
const FOREIGN: &[&str] = &["accountIdentifier", "accountIdentifiers", "class", "logGroupClass"];
const PREFIX: &str = "namePrefix";

impl Syntax for Source {
    const NAME: &'static str = "SOURCE";
    const EXAMPLE: &'static str = "SOURCE logGroups(namePrefix: ['cloudtrail', 'k8s']) START=-1d END=now | stats count(*) by @log";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let is_call = parser.next().kind == Kind::Word && parser.second().kind == Kind::Open;
        let logs = if is_call { call(parser)? } else { Logs::Named(parser.list(stream)?) };
        let (mut start, mut end) = (None, None);
        loop {
            if start.is_none() && parser.take_option("START") {
                start = Some(moment(parser)?);
            } else if end.is_none() && parser.take_option("END") {
                end = Some(moment(parser)?);
            } else {
                return Ok(Self { logs, start, end });
            }
        }
    }
}

/// A stream's name, in quotes where it has other characters than a field's name.
fn stream(parser: &mut Parser<'_>) -> Read<Name> {
    match parser.next().kind {
        Kind::Text => parser.text().map(|(text, span)| Name { span, text }),
        _ if parser.is_field() => parser.name(),
        _ => Err(parser.unexpected("source")),
    }
}

fn call(parser: &mut Parser<'_>) -> Read<Logs> {
    let span = parser.advance().span;
    let name = span.of(parser.source());
    if name.eq_ignore_ascii_case("dataSource") || name.eq_ignore_ascii_case("dataSources") {
        return Err(parser.fail(span, msg!("insights-source-foreign", name = name)));
    }
    if !name.eq_ignore_ascii_case("logGroups") {
        return Err(parser.fail(span, msg!("insights-source-unknown", name = name, expected = "logGroups")));
    }
    parser.expect(Kind::Open, "opening")?;
    let mut prefixes = Vec::new();
    while parser.next().kind != Kind::Close {
        argument(parser, &mut prefixes)?;
        if !parser.take(Kind::Comma) {
            break;
        }
    }
    parser.expect(Kind::Close, "comma-or-closing")?;
    Ok(Logs::Prefixes(prefixes))
}

fn argument(parser: &mut Parser<'_>, prefixes: &mut Vec<Name>) -> Read<()> {
    let name = parser.name()?;
    let is_it = |known: &str| known.eq_ignore_ascii_case(&name.text);
    if let Some(known) = FOREIGN.iter().find(|known| is_it(known)) {
        return Err(parser.fail(name.span, msg!("insights-source-foreign", name = *known)));
    }
    if !is_it(PREFIX) {
        let near = nearest(&name.text, FOREIGN.iter().copied().chain([PREFIX])).unwrap_or(PREFIX);
        return Err(parser.fail(name.span, msg!("insights-source-unknown", name = name.text, expected = near)));
    }
    parser.expect(Kind::Colon, "colon")?;
    parser.expect(Kind::OpenList, "list")?;
    if parser.next().kind != Kind::CloseList {
        prefixes.extend(parser.list(|parser| parser.text().map(|(text, span)| Name { span, text }))?);
    }
    parser.expect(Kind::CloseList, "comma-or-list-end").map(|_| ())
}

fn moment(parser: &mut Parser<'_>) -> Read<Moment> {
    if parser.take_word("now") {
        return Ok(Moment::Now);
    }
    let at = |span: Span, text: String| Ok(Moment::At(Name { span, text }));
    match parser.next().kind {
        Kind::Minus => {
            parser.advance();
            parser.period().map(|(period, _)| Moment::Back(period))
        }
        Kind::Number => {
            let span = parser.advance().span;
            let is_date = parser.next().kind == Kind::Minus && parser.next().span.start == span.end;
            if is_date {
                return Err(date_without_quotes(parser, span));
            }
            at(span, span.of(parser.source()).to_owned())
        }
        Kind::Text => parser.text().and_then(|(text, span)| at(span, text)),
        _ => Err(parser.unexpected("moment")),
    }
}

/// `2026-03-06` without quotes is an arithmetic.
fn date_without_quotes(parser: &mut Parser<'_>, start: Span) -> Stop {
    let rest = parser.source().get(start.start..).unwrap_or_default();
    let is_of_date = |c: char| c.is_ascii_alphanumeric() || "-:.+".contains(c);
    let length = rest.find(|c| !is_of_date(c)).unwrap_or(rest.len());
    let span = Span::new(start.start, start.start + length);
    let text = span.of(parser.source()).to_owned();
    parser.fail(span, msg!("question-date-quotes", date = text))
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = |names: &[Name], f: &mut fmt::Formatter<'_>| {
            for (at, name) in names.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { ", " })?;
                print::write_text(&name.text, f)?;
            }
            Ok(())
        };
        f.write_str("SOURCE ")?;
        match &self.logs {
            Logs::Named(names) => texts(names, f)?,
            Logs::Prefixes(prefixes) if prefixes.is_empty() => f.write_str("logGroups()")?,
            Logs::Prefixes(prefixes) => {
                f.write_str("logGroups(namePrefix: [")?;
                texts(prefixes, f)?;
                f.write_str("])")?;
            }
        }
        for (name, moment) in [("START", &self.start), ("END", &self.end)] {
            if let Some(moment) = moment {
                write!(f, " {name}={moment}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Back(length) => write!(f, "-{length}"),
            Self::At(text) => print::write_text(&text.text, f),
        }
    }
}
