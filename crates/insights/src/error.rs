//! What is wrong with a query, and where.

use std::fmt;

use shoseki_messages::Message;

use crate::Span;

/// One mistake in a query. Who plans the tree reports its own (an unknown function) in the same shape.
#[derive(Clone, PartialEq)]
pub struct Error {
    /// The place; empty at the end of the query.
    pub span: Span,
    /// What was found and what was expected.
    pub message: Message,
}

impl Error {
    /// A mistake at a place.
    pub fn new(span: Span, message: Message) -> Self {
        Self { span, message }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.span, self.message)
    }
}
