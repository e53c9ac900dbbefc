//! What stands behind the names of commands besides expressions: options (`action=remove`), lists without commas, names
//! with `*` in them, lengths of time.

use super::{Parser, Read};
use crate::Wildcard;
use crate::lexer::{self, Kind};

impl Parser<'_> {
    /// Whether an option of this name begins here: the word, and `=` behind it. A field of that name is none.
    pub(crate) fn is_option(&self, name: &str) -> bool {
        self.is_word(name) && self.second().kind == Kind::Equal
    }

    /// Steps over the name of an option and its `=`; `false` where something else comes.
    pub(crate) fn take_option(&mut self, name: &str) -> bool {
        let is_it = self.is_option(name);
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
            Err(self.unexpected("boolean"))
        }
    }

    /// A number without a sign, as it was written.
    pub(crate) fn decimal(&mut self) -> Read<String> {
        let span = self.expect(Kind::Number, "number")?.span;
        Ok(span.of(self.source()).to_owned())
    }

    /// One or more, with commas or blanks between, up to the end of the command.
    pub(crate) fn loose_list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = vec![one(self)?];
        while self.take(Kind::Comma) || !self.is_command_end() {
            items.push(one(self)?);
        }
        Ok(items)
    }

    /// A field, or a name with `*` for any letters: what stands together without blanks.
    pub(crate) fn field_or_wildcard(&mut self) -> Read<Wildcard> {
        let is_part = |kind: Kind| {
            matches!(kind, Kind::Word | Kind::QuotedName | Kind::Number | Kind::NumberWithUnit | Kind::Star | Kind::Dot)
        };
        let start = self.next().span;
        let next = lexer::token(self.source(), start.end);
        let has_star = self.next().kind == Kind::Star || (next.kind == Kind::Star && next.span.start == start.end);
        if !has_star {
            return self.field().map(Wildcard::Field);
        }
        if self.next().kind != Kind::Star && !self.is_field() {
            return Err(self.unexpected("field"));
        }
        self.advance();
        while self.next().span.start == self.previous_span().end && is_part(self.next().kind) {
            self.advance();
        }
        let span = start.to(self.previous_span());
        Ok(Wildcard::Pattern { span, text: span.of(self.source()).to_owned() })
    }
}
