//! Trees as text, so that printing and parsing again gives the same tree. It is also how columns without an alias get
//! their names.

use std::fmt::{self, Display, Formatter, Write};

use crate::lexer::{is_name_part, is_name_start};
use crate::{Arithmetic, Duration, Expression, Field, Item, Matcher, Name, Node, Part, Query, Segment, Wildcard};

/// Words that cannot be a field without backticks.
pub(crate) const RESERVED: &[&str] = &["and", "or", "not", "in", "like", "as", "by", "true", "false"];

/// How tightly an expression holds together: an operand that holds less tightly than it must stands in parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binding {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Negation,
    Power,
    Operand,
}

impl Node {
    fn binding(&self) -> Binding {
        match self {
            Self::Or(_) => Binding::Or,
            Self::And(_) => Binding::And,
            Self::Not(_) => Binding::Not,
            Self::Compare(..) | Self::In { .. } | Self::InQuery { .. } | Self::Like { .. } => Binding::Comparison,
            Self::Arithmetic(sign, ..) => sign.binding(),
            Self::Negate(_) => Binding::Negation,
            _ => Binding::Operand,
        }
    }
}

impl Arithmetic {
    pub(crate) fn binding(self) -> Binding {
        match self {
            Self::Add | Self::Subtract => Binding::Sum,
            Self::Multiply | Self::Divide | Self::Remainder => Binding::Product,
            Self::Power => Binding::Power,
        }
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "\n| " })?;
            step.command.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Number(text) => f.write_str(text),
            Node::Text(text) => write_text(text, f),
            Node::Boolean(value) => value.fmt(f),
            Node::Regex(pattern) => write_regex(pattern, f),
            Node::Duration(duration) => duration.fmt(f),
            Node::Star => f.write_char('*'),
            Node::Field(field) => field.fmt(f),
            Node::Call { name, arguments } => {
                write!(f, "{}(", name.text)?;
                list(arguments, f)?;
                f.write_char(')')
            }
            Node::Access { value, path } => access(value, path, f),
            Node::Negate(inner) => {
                f.write_char('-')?;
                operand(inner, Binding::Negation, f)
            }
            Node::Not(inner) => {
                f.write_str("not ")?;
                operand(inner, Binding::Not, f)
            }
            Node::And(operands) => chain(operands, " and ", Binding::Not, f),
            Node::Or(operands) => chain(operands, " or ", Binding::And, f),
            Node::Arithmetic(sign, left, right) => arithmetic(*sign, left, right, f),
            Node::Compare(sign, left, right) => {
                operand(left, Binding::Comparison, f)?;
                write!(f, " {} ", sign.sign())?;
                operand(right, Binding::Sum, f)
            }
            Node::In { value, list: items, negated } => {
                operand(value, Binding::Comparison, f)?;
                f.write_str(if *negated { " not in [" } else { " in [" })?;
                list(items, f)?;
                f.write_char(']')
            }
            Node::InQuery { value, query, negated, .. } => {
                operand(value, Binding::Comparison, f)?;
                write!(f, "{} ({query})", if *negated { " not in" } else { " in" })
            }
            Node::Like { value, matcher, negated, .. } => {
                operand(value, Binding::Comparison, f)?;
                f.write_str(if *negated { " not like " } else { " like " })?;
                matcher.fmt(f)
            }
        }
    }
}

/// Only fields and calls can be gone into without parentheses. A key at once behind a field would be a part of its name, so there a
/// space stands between, as it was written: some commands take a value that begins with a field, and no parenthesis.
fn access(value: &Expression, path: &[Part], f: &mut Formatter<'_>) -> fmt::Result {
    match value.node {
        Node::Field(_) if matches!(path.first(), Some(Part::Key(_))) => write!(f, "{value} ")?,
        Node::Field(_) | Node::Call { .. } => value.fmt(f)?,
        _ => write!(f, "({value})")?,
    }
    path.iter().try_for_each(|part| part.fmt(f))
}

/// Sums and products hold from the left, powers from the right; the right side of a power may begin with a minus.
fn arithmetic(sign: Arithmetic, left: &Expression, right: &Expression, f: &mut Formatter<'_>) -> fmt::Result {
    let (left_least, right_least) = match sign.binding() {
        Binding::Sum => (Binding::Sum, Binding::Product),
        Binding::Product => (Binding::Product, Binding::Negation),
        _ => (Binding::Operand, Binding::Negation),
    };
    operand(left, left_least, f)?;
    write!(f, " {} ", sign.sign())?;
    operand(right, right_least, f)
}

fn operand(inner: &Expression, least: Binding, f: &mut Formatter<'_>) -> fmt::Result {
    if inner.node.binding() < least { write!(f, "({inner})") } else { inner.fmt(f) }
}

fn chain(operands: &[Expression], between: &str, least: Binding, f: &mut Formatter<'_>) -> fmt::Result {
    for (at, inner) in operands.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { between })?;
        operand(inner, least, f)?;
    }
    Ok(())
}

/// Items with commas between.
pub(crate) fn list<T: Display>(items: &[T], f: &mut Formatter<'_>) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { ", " })?;
        item.fmt(f)?;
    }
    Ok(())
}

impl Display for Matcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write_text(text, f),
            Self::Regex(pattern) => write_regex(pattern, f),
        }
    }
}

impl Display for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.name())
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => write!(f, "[{place}]"),
            Self::Key(key) => {
                f.write_char('.')?;
                write_segment(key, key.name.chars().all(is_name_part), f)
            }
        }
    }
}

/// A name between dots, in backticks where it was written so or must be.
fn write_segment(segment: &Segment, fits: bool, f: &mut Formatter<'_>) -> fmt::Result {
    if segment.quoted || !fits { write!(f, "`{}`", segment.name) } else { f.write_str(&segment.name) }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_only = self.segments.len() == 1;
        for (at, segment) in self.segments.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "." })?;
            let fits = match at {
                0 => is_bare(&segment.name) && !(is_only && is_reserved(&segment.name)),
                _ => segment.name.chars().all(is_name_part),
            };
            write_segment(segment, fits, f)?;
        }
        Ok(())
    }
}

impl Display for Wildcard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Pattern { text, .. } => f.write_str(text),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_bare(&self.text) && !is_reserved(&self.text) {
            f.write_str(&self.text)
        } else {
            write!(f, "`{}`", self.text)
        }
    }
}

impl Display for Item {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)?;
        match &self.alias {
            Some(alias) => write!(f, " as {alias}"),
            None => Ok(()),
        }
    }
}

fn is_bare(name: &str) -> bool {
    name.starts_with(is_name_start) && name.chars().all(is_name_part)
}

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name))
}

pub(crate) fn write_text(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

fn write_regex(pattern: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('/')?;
    let mut escaped = false;
    for c in pattern.chars() {
        if c == '/' && !escaped {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
        escaped = c == '\\' && !escaped;
    }
    f.write_char('/')
}
