//! `join`: rows beside those of a sub-query that have the same keys.
//!
//! ```text
//! join type=left left=order right=payment
//!     where order.transactionId=payment.transactionId
//!     (SOURCE 'payments' | fields transactionId, status)
//! ```

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};
use crate::{Field, Name, Query, Span};

/// `join [type=inner|left] left=a right=b where a.k=b.k [and …] (sub-query)`
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Which rows stay.
    pub kind: JoinKind,
    /// What the rows so far are called.
    pub left: Name,
    /// What the rows of the sub-query are called.
    pub right: Name,
    /// What must be equal, at least one pair.
    pub keys: Vec<JoinKey>,
    /// Where the other rows come from.
    pub query: Query,
    /// Where the sub-query stands.
    pub query_span: Span,
}

/// Which rows of the left side stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Those that have a row on the right.
    Inner,
    /// All.
    Left,
}

/// A field of each side, without the sides' names.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinKey {
    /// Of the left side.
    pub left: Field,
    /// Of the right side.
    pub right: Field,
}

impl Syntax for Join {
    const NAME: &'static str = "join";
    const EXAMPLE: &'static str = "join type=left left=a right=b where a.user.username=b.userIdentity.userName (SOURCE logGroups(namePrefix: ['cloudtrail'])) | fields a.verb, b.eventName";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        let (mut kind, mut left, mut right) = (None, None, None);
        loop {
            if kind.is_none() && parser.take_option("type") {
                kind = Some(match () {
                    () if parser.take_word("inner") => JoinKind::Inner,
                    () if parser.take_word("left") => JoinKind::Left,
                    () => return Err(parser.unexpected("join-type")),
                });
            } else if left.is_none() && parser.take_option("left") {
                left = Some(alias(parser)?);
            } else if right.is_none() && parser.take_option("right") {
                right = Some(alias(parser)?);
            } else {
                break;
            }
        }
        let (Some(left), Some(right)) = (left, right) else { return Err(parser.unexpected("join-options")) };
        if left.text == right.text {
            parser.note(right.span, msg!("insights-join-same-names", name = right.text.as_str()));
        }
        if !parser.take_word("where") {
            return Err(parser.unexpected("join-where"));
        }
        let mut keys = vec![key(parser, &left, &right)?];
        while parser.take_word("and") {
            keys.push(key(parser, &left, &right)?);
        }
        let (query, query_span) = parser.subquery()?;
        Ok(Self { kind: kind.unwrap_or(JoinKind::Inner), left, right, keys, query, query_span })
    }
}

/// A side's name: without dots, since they separate it from its fields.
fn alias(parser: &mut Parser<'_>) -> Read<Name> {
    let name = parser.name()?;
    if name.text.contains('.') {
        return Err(parser.fail(name.span, msg!("insights-join-dotted", name = name.text.as_str())));
    }
    Ok(name)
}

/// `a.k = b.k`, in either order.
fn key(parser: &mut Parser<'_>, left: &Name, right: &Name) -> Read<JoinKey> {
    let first = parser.field()?;
    parser.expect(Kind::Equal, "equal")?;
    let second = parser.field()?;
    let of = |side: &Name, field: &Field| match field.segments.split_first() {
        Some((name, rest)) if name.name == side.text && !rest.is_empty() => {
            Some(Field { span: field.span, segments: rest.to_vec() })
        }
        _ => None,
    };
    let straight = of(left, &first).zip(of(right, &second));
    match straight.or_else(|| of(left, &second).zip(of(right, &first))) {
        Some((left, right)) => Ok(JoinKey { left, right }),
        None => {
            let (span, left, right) = (first.span.to(second.span), left.text.as_str(), right.text.as_str());
            Err(parser.fail(span, msg!("insights-join-key", left = left, right = right)))
        }
    }
}

impl fmt::Display for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            JoinKind::Inner => "inner",
            JoinKind::Left => "left",
        };
        let (left, right) = (&self.left, &self.right);
        write!(f, "join type={kind} left={left} right={right} where ")?;
        for (at, key) in self.keys.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " and " })?;
            write!(f, "{left}.{} = {right}.{}", key.left, key.right)?;
        }
        write!(f, " ({})", self.query)
    }
}
