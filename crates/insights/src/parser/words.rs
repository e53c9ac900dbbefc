//! Names, fields, items and keywords.

use shoseki_messages::msg;

use super::{Parser, Read};
use crate::lexer::{self, Kind};
use crate::print::is_reserved;
use crate::{Field, Item, Name, Span};

impl Parser<'_> {
    /// Whether the next token is this keyword.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.next().kind == Kind::Word && self.next().span.of(self.source()).eq_ignore_ascii_case(word)
    }

    /// Steps over this keyword; `false` where something else comes.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let is_it = self.is_word(word);
        if is_it {
            self.advance();
        }
        is_it
    }

    /// Whether a field may begin here.
    pub(crate) fn is_field(&self) -> bool {
        match self.next().kind {
            Kind::QuotedName => true,
            Kind::Word => !is_reserved(self.next().span.of(self.source())),
            _ => false,
        }
    }

    /// A field.
    pub(crate) fn field(&mut self) -> Read<Field> {
        if !self.is_field() {
            return Err(self.unexpected("field"));
        }
        let span = self.advance().span;
        let field = Field { span, segments: lexer::segments(span.of(self.source())) };
        self.saw(&field);
        Ok(field)
    }

    /// A new name.
    pub(crate) fn name(&mut self) -> Read<Name> {
        if !self.is_field() {
            return Err(self.unexpected("name"));
        }
        let field = self.field()?;
        Ok(Name { span: field.span, text: field.name() })
    }

    /// `as name`, if it is there.
    pub(crate) fn alias(&mut self) -> Read<Option<Name>> {
        if self.take_word("as") { self.name().map(Some) } else { Ok(None) }
    }

    /// An expression with an optional alias.
    pub(crate) fn item(&mut self) -> Read<Item> {
        Ok(Item { expression: self.expression()?, alias: self.alias()? })
    }

    /// A whole number from 0.
    pub(crate) fn count(&mut self) -> Read<u64> {
        let token = self.expect(Kind::Number, "whole-number")?;
        let text = token.span.of(self.source());
        text.parse().map_err(|_| self.fail(token.span, msg!("insights-number-not-whole", text = text)))
    }

    /// A string and where it stands.
    pub(crate) fn text(&mut self) -> Read<(String, Span)> {
        let token = self.expect(Kind::Text, "text")?;
        Ok((lexer::unescape_text(token.span.of(self.source())), token.span))
    }
}
