//! `logcompare`: the patterns of the time range beside those of the same range some time before.

use std::fmt;

use super::Syntax;
use crate::Duration;
use crate::lexer::Kind;
use crate::parser::{Parser, Read};

/// `logcompare timeshift period`
#[derive(Clone, Debug, PartialEq)]
pub struct Logcompare {
    /// How long before. It may be written with a minus, which changes nothing.
    pub shift: Duration,
}

impl Syntax for Logcompare {
    const NAME: &'static str = "logcompare";
    const EXAMPLE: &'static str = "filter eventSource = \"iam.amazonaws.com\" | logcompare timeshift 7d";

    fn parse(parser: &mut Parser<'_>) -> Read<Self> {
        if !parser.take_word("timeshift") {
            return Err(parser.unexpected("timeshift"));
        }
        parser.take(Kind::Minus);
        Ok(Self { shift: parser.period()?.0 })
    }
}

impl fmt::Display for Logcompare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "logcompare timeshift {}", self.shift)
    }
}
