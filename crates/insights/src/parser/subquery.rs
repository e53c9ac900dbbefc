//! Sub-queries: `(SOURCE 'g' | filter … | fields x)`, in `in`, `join` and `appendcols`. As in AWS, there is none in another.

use shoseki_messages::msg;

use super::{Parser, Read};
use crate::commands::COMMANDS;
use crate::lexer::{self, Kind};
use crate::{Query, Span};

impl Parser<'_> {
    /// The token behind the next one.
    pub(crate) fn second(&self) -> lexer::Token {
        lexer::token(self.source(), self.next().span.end)
    }

    /// Whether a sub-query begins here: a parenthesis with a command behind it.
    pub(crate) fn is_subquery(&self) -> bool {
        self.is_command_behind() && !self.is_field_behind()
    }

    /// Whether one begins where no field in parentheses may stand: a command alone is one, too.
    pub(crate) fn is_subquery_of_in(&self) -> bool {
        let third = lexer::token(self.source(), self.second().span.end).kind;
        self.is_command_behind() && (third == Kind::Close || !self.is_field_behind())
    }

    fn is_command_behind(&self) -> bool {
        if self.next().kind != Kind::Open || self.second().kind != Kind::Word {
            return false;
        }
        let word = self.second().span.of(self.source());
        COMMANDS.iter().any(|info| info.answers_to(word))
    }

    /// Whether the word is a field: it has an operator, a comma or the end behind it.
    fn is_field_behind(&self) -> bool {
        let third = lexer::token(self.source(), self.second().span.end).kind;
        matches!(
            third,
            Kind::Equal
                | Kind::NotEqual
                | Kind::Less
                | Kind::LessOrEqual
                | Kind::Greater
                | Kind::GreaterOrEqual
                | Kind::Matches
                | Kind::Plus
                | Kind::Star
                | Kind::Percent
                | Kind::Caret
                | Kind::OpenList
                | Kind::Comma
                | Kind::Close
        )
    }

    /// A sub-query, with its parentheses, and where it stands.
    pub(crate) fn subquery(&mut self) -> Read<(Query, Span)> {
        let start = self.next().span;
        if self.subquery.is_some() {
            return Err(self.fail(start, msg!("insights-subquery-nested")));
        }
        self.expect(Kind::Open, "subquery")?;
        let depth = std::mem::take(&mut self.depth);
        self.subquery = Some(self.parens);
        let query = self.steps();
        self.subquery = None;
        self.depth = depth;
        self.expect(Kind::Close, "subquery-end")?;
        Ok((query, start.to(self.previous_span())))
    }

    /// Steps over a pair of parentheses and everything in it.
    pub(super) fn skip_parentheses(&mut self) {
        let outside = self.parens;
        self.advance();
        while self.parens > outside && self.next().kind != Kind::End {
            self.advance();
        }
    }
}
