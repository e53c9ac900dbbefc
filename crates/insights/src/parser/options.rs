//! What stands as `name=value` behind a command's name, and lengths of time outside of expressions.

use shoseki_messages::msg;

use super::{Parser, Read};
use crate::lexer::Kind;
use crate::{Duration, Unit};

impl Parser<'_> {
    /// Steps over `name=`; `false` where something else comes.
    pub(crate) fn take_option(&mut self, name: &str) -> bool {
        let is_it = self.is_word(name) && self.second().kind == Kind::Equal;
        if is_it {
            self.advance();
            self.advance();
        }
        is_it
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self) -> Read<bool> {
        if self.take_word("true") {
            Ok(true)
        } else if self.take_word("false") {
            Ok(false)
        } else {
            Err(self.unexpected("true-or-false"))
        }
    }

    /// A length of time: `5m`, `5 minutes`.
    pub(crate) fn length(&mut self) -> Read<Duration> {
        let start = self.next().span;
        let is_split = self.next().kind == Kind::Number && self.second().kind == Kind::Word;
        if self.next().kind != Kind::NumberWithUnit && !is_split {
            return Err(self.unexpected("length"));
        }
        self.advance();
        if is_split {
            self.advance();
        }
        let span = start.to(self.previous_span());
        let text = span.of(self.source());
        let letters = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(letters);
        match (count.parse(), Unit::from_name(unit.trim())) {
            (Ok(count), Some(unit)) if count > 0 => Ok(Duration { count, unit }),
            _ => Err(self.fail(span, msg!("insights-duration-unreadable", text = text))),
        }
    }
}
