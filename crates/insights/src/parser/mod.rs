//! Tokens to a tree. One mistake ends its command; reading goes on behind the next `|`, so that all are found at once.

mod expression;
mod options;
mod subquery;
mod words;

use std::fmt;

use shoseki_messages::{Message, msg};

use crate::commands::{COMMANDS, Command};
use crate::lexer::{self, Kind, Token};
use crate::{Error, Field, Name, Query, Segment, Span, Step, nearest};

/// The longest query that is read, in bytes.
pub const MAX_QUERY_BYTES: usize = 64 << 10;
/// The deepest expression.
pub const MAX_DEPTH: usize = 100;
/// The most commands of one query.
pub const MAX_COMMANDS: usize = 200;

/// Words that go on with an expression or a command, for the nearest of them.
const CONNECTING: &[&str] = &["and", "or", "not", "in", "like", "as", "by", "offset", "asc", "desc"];

/// What came of a text.
#[derive(Clone, Default, PartialEq)]
pub struct Parsed {
    /// The commands that could be read; the whole query only where there are no errors.
    pub query: Query,
    /// Every mistake, in the order of the text.
    pub errors: Vec<Error>,
    /// Every name that may be one of a field of events, as it was read, once or more.
    pub fields: Vec<Field>,
    /// Every name that was called as a function, also where what stands around it could not be read.
    pub calls: Vec<Name>,
}

impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.query.steps {
            writeln!(f, "{:?} {}", step.span, step.command)?;
        }
        for error in &self.errors {
            writeln!(f, "{error:?}")?;
        }
        Ok(())
    }
}

/// Reads a query.
pub fn parse(source: &str) -> Parsed {
    if source.len() > MAX_QUERY_BYTES {
        let message = msg!("insights-query-too-long", bytes = source.len(), limit = MAX_QUERY_BYTES);
        return Parsed { errors: vec![Error::new(Span::default(), message)], ..Parsed::default() };
    }
    let mut parser = Parser::new(source);
    parser.query()
}

/// A command could not be read on; why has been noted.
#[derive(Debug)]
pub(crate) struct Stop;

pub(crate) type Read<T> = Result<T, Stop>;

/// Reads tokens from left to right and notes mistakes.
pub(crate) struct Parser<'s> {
    source: &'s str,
    next: Token,
    previous: Token,
    depth: usize,
    /// The parentheses that are open.
    parens: usize,
    /// Within a sub-query, the parentheses that were open at its beginning.
    subquery: Option<usize>,
    /// The commands that were begun, those of sub-queries too.
    commands: usize,
    errors: Vec<Error>,
    fields: Vec<Field>,
    calls: Vec<Name>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Self {
        let next = lexer::token(source, 0);
        let previous = Token { kind: Kind::Pipe, span: Span::default() };
        Self {
            source,
            next,
            previous,
            depth: 0,
            parens: 0,
            subquery: None,
            commands: 0,
            errors: Vec::new(),
            fields: Vec::new(),
            calls: Vec::new(),
        }
    }

    fn query(&mut self) -> Parsed {
        let query = self.steps();
        Parsed {
            query,
            errors: std::mem::take(&mut self.errors),
            fields: std::mem::take(&mut self.fields),
            calls: std::mem::take(&mut self.calls),
        }
    }

    /// Commands up to the end of the text or of the sub-query.
    fn steps(&mut self) -> Query {
        let mut query = Query::default();
        let mut is_first = true;
        loop {
            self.commands += 1;
            if self.commands > MAX_COMMANDS {
                // Once is enough, also where the rest of the text is read on behind a sub-query.
                if self.commands == MAX_COMMANDS + 1 {
                    self.note(self.next.span, msg!("insights-too-many-commands", limit = MAX_COMMANDS));
                }
                break;
            }
            match self.step() {
                Ok(step) => {
                    if !is_first && matches!(step.command, Command::Source(_)) {
                        self.note(step.span, msg!("insights-source-first"));
                    }
                    query.steps.push(step);
                }
                Err(Stop) => self.skip_to_pipe(),
            }
            is_first = false;
            if !self.take(Kind::Pipe) {
                break;
            }
        }
        query
    }

    fn step(&mut self) -> Read<Step> {
        let start = self.next.span;
        if self.next.kind != Kind::Word {
            return Err(self.unexpected("command"));
        }
        let name = start.of(self.source);
        let Some(info) = COMMANDS.iter().find(|info| info.answers_to(name)) else {
            return Err(self.no_command(start, name));
        };
        self.advance();
        let command = (info.parse)(self)?;
        if !self.is_command_end() {
            return Err(self.no_end());
        }
        Ok(Step { span: start.to(self.previous.span), command })
    }

    /// Whether a command ends here.
    pub(crate) fn is_command_end(&self) -> bool {
        match self.next.kind {
            Kind::Pipe | Kind::End => true,
            Kind::Close => self.subquery.is_some(),
            _ => false,
        }
    }

    fn no_command(&mut self, span: Span, name: &str) -> Stop {
        match nearest(name, COMMANDS.iter().flat_map(|info| info.names())) {
            Some(known) => self.fail(span, msg!("insights-command-unknown-near", name = name, near = known)),
            None => self.fail(span, msg!("insights-command-unknown", name = name)),
        }
    }

    /// What stands behind a whole command is neither `|` nor the end: a forgotten `|`, or a slip in a word.
    fn no_end(&mut self) -> Stop {
        let span = self.next.span;
        let word = if self.next.kind == Kind::Word { span.of(self.source) } else { "" };
        if COMMANDS.iter().any(|info| info.answers_to(word)) {
            return self.fail(span, msg!("insights-pipe-missing", name = word));
        }
        match nearest(word, CONNECTING.iter().copied()) {
            Some(near) if !near.eq_ignore_ascii_case(word) => {
                self.fail(span, msg!("insights-word-near", found = word, near = near))
            }
            _ if self.subquery.is_some() => self.unexpected("subquery-end"),
            _ => self.unexpected("next-command"),
        }
    }

    /// Notes what was called as a function.
    pub(crate) fn called(&mut self, name: Name) {
        self.calls.push(name);
    }

    /// Notes a field, for who wants to know which a query may ask for.
    pub(crate) fn saw(&mut self, field: &Field) {
        self.fields.push(field.clone());
    }

    /// A slash with a solid letter after it and another slash on its line is taken for a regular expression, so that
    /// the `|` in it is not. A wrong guess costs a second message, not a wrong tree. A sub-query is passed over whole, and
    /// within one the skipping ends with it.
    fn skip_to_pipe(&mut self) {
        let closes = |parser: &Self| parser.next.kind == Kind::Close && parser.subquery == Some(parser.parens);
        while !matches!(self.next.kind, Kind::Pipe | Kind::End) && !closes(self) {
            if self.is_subquery() {
                self.skip_parentheses();
                continue;
            }
            if self.next.kind == Kind::Slash {
                let regex = lexer::regex(self.source, self.next.span.start);
                let opens = !regex.span.of(self.source).starts_with("/ ");
                if regex.kind == Kind::Regex && opens {
                    self.next = regex;
                }
            }
            self.advance();
        }
        self.depth = 0;
        self.parens = self.subquery.unwrap_or_default();
    }

    pub(crate) fn source(&self) -> &'s str {
        self.source
    }

    /// The token that comes next.
    pub(crate) fn next(&self) -> Token {
        self.next
    }

    /// The span of the token that was read last.
    pub(crate) fn previous_span(&self) -> Span {
        self.previous.span
    }

    pub(crate) fn advance(&mut self) -> Token {
        match self.next.kind {
            Kind::Open => self.parens += 1,
            Kind::Close => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        self.previous = self.next;
        self.next = lexer::token(self.source, self.next.span.end);
        self.previous
    }

    /// Steps over a token of this kind; `false` where another comes.
    pub(crate) fn take(&mut self, kind: Kind) -> bool {
        let is_it = self.next.kind == kind;
        if is_it {
            self.advance();
        }
        is_it
    }

    /// Steps over a token of this kind, or notes what was expected: a key of the message `insights-expected`.
    pub(crate) fn expect(&mut self, kind: Kind, expected: &'static str) -> Read<Token> {
        if self.next.kind == kind { Ok(self.advance()) } else { Err(self.unexpected(expected)) }
    }

    /// Reads the regular expression that the next token, a slash, opens.
    pub(crate) fn regex(&mut self) -> Read<(String, Span)> {
        self.next = lexer::regex(self.source, self.next.span.start);
        let token = self.expect(Kind::Regex, "regex")?;
        if self.next.kind == Kind::Word && self.next.span.start == token.span.end {
            let span = self.next.span;
            return Err(self.fail(span, msg!("insights-regex-flags", flags = span.of(self.source))));
        }
        Ok((lexer::unescape_regex(token.span.of(self.source)), token.span))
    }

    /// Reads the keys that the last token, a dot, is followed by.
    pub(crate) fn keys(&mut self) -> Read<Vec<Segment>> {
        self.next = lexer::keys(self.source, self.previous.span.end);
        if !matches!(self.next.kind, Kind::Word | Kind::QuotedName) {
            return Err(self.unexpected("key"));
        }
        let span = self.advance().span;
        Ok(lexer::segments(span.of(self.source)))
    }

    /// One or more, with commas between.
    pub(crate) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = vec![one(self)?];
        while self.take(Kind::Comma) {
            items.push(one(self)?);
        }
        Ok(items)
    }

    pub(crate) fn note(&mut self, span: Span, message: Message) {
        self.errors.push(Error::new(span, message));
    }

    pub(crate) fn fail(&mut self, span: Span, message: Message) -> Stop {
        self.note(span, message);
        Stop
    }

    /// Notes that the next token is not what was expected.
    pub(crate) fn unexpected(&mut self, expected: &'static str) -> Stop {
        if let Some((span, instead)) = self.of_elsewhere() {
            // What stands behind `||` is no command.
            self.advance();
            return self.fail_with_instead(span, instead);
        }
        let span = self.next.span;
        let message = match self.next.kind {
            Kind::End => msg!("insights-expected-at-end", expected = expected),
            Kind::UnterminatedText => msg!("insights-text-unterminated"),
            Kind::UnterminatedName => msg!("insights-name-unterminated"),
            Kind::UnterminatedRegex => msg!("insights-regex-unterminated"),
            _ => msg!("insights-expected", found = found(span.of(self.source)), expected = expected),
        };
        self.fail(span, message)
    }
}

impl Parser<'_> {
    /// A sign of other languages that comes next, and what is written here in its place.
    fn of_elsewhere(&self) -> Option<(Span, &'static str)> {
        let (start, rest) = (self.next.span.start, self.source.get(self.next.span.start..)?);
        if rest.starts_with("&&") {
            return Some((Span::new(start, start + 2), "and"));
        }
        let is_or = self.next.kind == Kind::Pipe && self.previous.kind == Kind::Pipe && self.previous.span.end == start;
        if is_or {
            return Some((self.previous.span.to(self.next.span), "or"));
        }
        let is_not = rest.starts_with('!') && !rest.starts_with("!=") && !rest.starts_with("!~");
        is_not.then(|| (Span::new(start, start + 1), "not"))
    }

    /// Notes that something is written otherwise here.
    pub(crate) fn fail_with_instead(&mut self, span: Span, instead: &'static str) -> Stop {
        self.fail(span, msg!("question-instead", found = found(span.of(self.source)), instead = instead))
    }
}

/// What was found, short enough for a line.
fn found(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}
