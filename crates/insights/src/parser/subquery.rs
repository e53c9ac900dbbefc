//! Sub-queries: `(SOURCE 'g' | filter … | fields x)`, in `in`, `join` and `appendcols`. As in AWS, there is none in another.

use shoseki_messages::msg;

use super::{Parser, Read};
use crate::commands::{COMMANDS, UNSUPPORTED};
use crate::lexer::{self, Kind};
use crate::{Query, Span};

impl Parser<'_> {
    /// The token behind the next one.
    pub(crate) fn second(&self) -> lexer::Token {
        lexer::token(self.source(), self.next().span.end)
    }

    /// Whether a sub-query begins here: a parenthesis with a command behind it.
    pub(crate) fn is_subquery(&self) -> bool {
        if self.next().kind != Kind::Open || self.second().kind != Kind::Word {
            return false;
        }
        let word = self.second().span.of(self.source());
        let is_command = COMMANDS.iter().any(|info| info.answers_to(word))
            || UNSUPPORTED.iter().any(|name| name.eq_ignore_ascii_case(word));
        // A field of that name has an operator, a comma or the end behind it.
        let third = lexer::token(self.source(), self.second().span.end).kind;
        let is_field = matches!(
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
        );
        is_command && !is_field
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
