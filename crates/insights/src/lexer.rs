//! Bytes to tokens, one at a time and on demand: whether `/` divides or opens a regular expression is known only to the
//! parser, so it asks for the latter.

use crate::{Segment, Span};

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// What a token is; its text is its span's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword, a command, a function or a field without backticks.
    Word,
    /// A field with backticks in it.
    QuotedName,
    Number,
    /// A number with letters at once after it: `5m`, and what is nothing: `5x`.
    NumberWithUnit,
    Text,
    Regex,
    Pipe,
    Comma,
    Colon,
    Dot,
    Open,
    Close,
    OpenList,
    CloseList,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Caret,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    End,
    UnterminatedText,
    UnterminatedName,
    UnterminatedRegex,
    Stray,
}

/// The token at or after a byte, past spaces and comments.
pub(crate) fn token(source: &str, at: usize) -> Token {
    let start = skip_blank(source, at);
    let rest = source.get(start..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        return Token { kind: Kind::End, span: Span::new(start, start) };
    };
    let (kind, length) = match first {
        '"' | '\'' => text(rest, first),
        '`' => name(rest),
        c if is_name_start(c) => name(rest),
        c if c.is_ascii_digit() => number(rest),
        c => sign(rest, c),
    };
    Token { kind, span: Span::new(start, start + length) }
}

/// The regular expression that a `/` at this byte opens.
pub(crate) fn regex(source: &str, start: usize) -> Token {
    let rest = source.get(start + 1..).unwrap_or_default();
    let mut escaped = false;
    let mut length = 1;
    for c in rest.chars() {
        match c {
            '\n' => break,
            '/' if !escaped => return Token { kind: Kind::Regex, span: Span::new(start, start + length + 1) },
            _ => escaped = c == '\\' && !escaped,
        }
        length += c.len_utf8();
    }
    Token { kind: Kind::UnterminatedRegex, span: Span::new(start, start + length) }
}

/// The keys of a structure that a `.` is followed by: as a field, but a digit may come first.
pub(crate) fn keys(source: &str, start: usize) -> Token {
    let rest = source.get(start..).unwrap_or_default();
    match name(rest) {
        (Kind::Word, 0) => token(source, start),
        (kind, length) => Token { kind, span: Span::new(start, start + length) },
    }
}

pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '@'
}

pub(crate) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '.')
}

fn skip_blank(source: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let solid = rest.trim_start().len();
        at += rest.len() - solid;
        let rest = source.get(at..).unwrap_or_default();
        if !rest.starts_with('#') {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
}

/// A string that is not closed ends with its line, so that the commands after it are read.
fn text(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return (Kind::Text, at + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    (Kind::UnterminatedText, rest.find('\n').unwrap_or(rest.len()))
}

/// A field: bare runs and names in backticks, with dots between.
fn name(rest: &str) -> (Kind, usize) {
    let mut at = 0;
    let mut kind = Kind::Word;
    loop {
        let here = rest.get(at..).unwrap_or_default();
        if let Some(quoted) = here.strip_prefix('`') {
            kind = Kind::QuotedName;
            let line = quoted.split('\n').next().unwrap_or_default();
            match line.find('`') {
                None | Some(0) => return (Kind::UnterminatedName, at + 1 + line.find('`').unwrap_or(line.len())),
                Some(length) => at += length + 2,
            }
        } else {
            at += here.find(|c| !is_name_part(c)).unwrap_or(here.len());
        }
        let goes_on = if rest.get(..at).unwrap_or_default().ends_with('.') {
            rest.get(at..).unwrap_or_default().starts_with('`')
        } else {
            rest.get(at..).unwrap_or_default().starts_with('.')
        };
        if !goes_on {
            return (kind, at);
        }
    }
}

fn number(rest: &str) -> (Kind, usize) {
    let digits = |at: usize| rest.bytes().skip(at).take_while(u8::is_ascii_digit).count();
    let mut at = digits(0);
    if rest.as_bytes().get(at) == Some(&b'.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    if matches!(rest.as_bytes().get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.as_bytes().get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    let after = rest.get(at..).unwrap_or_default();
    match after.find(|c| !is_name_part(c)).unwrap_or(after.len()) {
        0 => (Kind::Number, at),
        letters => (Kind::NumberWithUnit, at + letters),
    }
}

fn sign(rest: &str, first: char) -> (Kind, usize) {
    let two = [
        // AWS publishes queries with either.
        ("==", Kind::Equal),
        ("=~", Kind::Matches),
        ("!=", Kind::NotEqual),
        ("<=", Kind::LessOrEqual),
        (">=", Kind::GreaterOrEqual),
    ];
    if let Some((_, kind)) = two.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return (*kind, 2);
    }
    let kind = match first {
        '|' => Kind::Pipe,
        ',' => Kind::Comma,
        ':' => Kind::Colon,
        '.' => Kind::Dot,
        '(' => Kind::Open,
        ')' => Kind::Close,
        '[' => Kind::OpenList,
        ']' => Kind::CloseList,
        '+' => Kind::Plus,
        '-' => Kind::Minus,
        '*' => Kind::Star,
        '/' => Kind::Slash,
        '%' => Kind::Percent,
        '^' => Kind::Caret,
        '=' => Kind::Equal,
        '<' => Kind::Less,
        '>' => Kind::Greater,
        _ => Kind::Stray,
    };
    (kind, first.len_utf8())
}

/// The segments of a token of kind `Word` or `QuotedName`.
pub(crate) fn segments(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = text;
    loop {
        if let Some((name, after)) = rest.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            segments.push(Segment { name: name.to_owned(), quoted: true });
            rest = after;
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            segments.push(Segment { name: rest.get(..end).unwrap_or_default().to_owned(), quoted: false });
            rest = rest.get(end..).unwrap_or_default();
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return segments,
        }
    }
}

/// What a string says: without its quotes, `\"`, `\'`, `\\`, `\n`, `\r` and `\t` resolved, other backslashes kept.
pub(crate) fn unescape_text(token: &str) -> String {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some(quoted @ ('"' | '\'' | '\\')) => text.push(quoted),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

/// The pattern of a regular expression: without its slashes, `\/` resolved, everything else kept.
pub(crate) fn unescape_regex(token: &str) -> String {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let mut pattern = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => pattern.push(c),
            (_, true) => match chars.next() {
                Some('/') => pattern.push('/'),
                Some(other) => pattern.extend(['\\', other]),
                None => pattern.push('\\'),
            },
        }
    }
    pattern
}
