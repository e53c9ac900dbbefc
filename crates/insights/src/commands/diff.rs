//! `diff`: the patterns of the time range beside those of an earlier one.

use std::fmt;

use shoseki_messages::msg;

use super::Syntax;
use crate::lexer::Kind;
use crate::nearest;
use crate::parser::{Parser, Read};

/// `diff [previousDay|previousWeek|previousMonth]`
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// Which earlier time.
    pub with: Earlier,
}

/// An earlier time range of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The one that ends where the time range begins.
    Period,
    /// The same time a day before.
    Day,
    /// The same time a week before.
    Week,
    /// The same time a month before.
    Month,
}

/// The words for all but the first.
const EARLIER: &[(&str, Earlier)] =
    &[("previousDay", Earlier::Day), ("previousWeek", Earlier::Week), ("previousMonth", Earlier::Month)];

impl Syntax for Diff {
    const NAME: &'static str = "diff";
    const EXAMPLE: &'static str = "pattern @message | diff previousWeek";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if parser.next().kind != Kind::Word {
            return Ok(Self { with: Earlier::Period });
        }
        for (word, earlier) in EARLIER {
            if parser.take_word(word) {
                return Ok(Self { with: *earlier });
            }
        }
        let span = parser.next().span;
        let found = span.of(parser.source());
        match nearest(found, EARLIER.iter().map(|(word, _)| *word)) {
            Some(near) => Err(parser.fail(span, msg!("insights-word-near", found = found, near = near))),
            None => Err(parser.unexpected("previous")),
        }
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("diff")?;
        let word = EARLIER.iter().find(|(_, earlier)| *earlier == self.with);
        word.map_or(Ok(()), |(word, _)| write!(f, " {word}"))
    }
}
