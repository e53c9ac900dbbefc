//! Why bytes are no event. It stands in an `unparsed` record, sealed with it, and is therefore English, always.

use std::borrow::Cow;
use std::fmt;

use shoseki_event::MAX_RAW_BYTES;

use crate::json::MAX_DEPTH;

/// Why bytes are no event. `Display` gives the text for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does not begin as a JSON object does.
    NotAnObject,
    /// It begins as JSON and then does not go on as JSON; the place counts from the beginning of the bytes.
    Syntax {
        /// The first byte that does not fit.
        at: usize,
    },
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It is longer than [`MAX_RAW_BYTES`], and stands here in several pieces.
    TooLong,
    /// It is JSON but for a string that is not UTF-8.
    NotUtf8,
    /// The input ends inside it.
    EndsEarly,
    /// It is an object, and none of the sources knows it.
    Unknown,
    /// It lacks what an event of its source must have.
    Missing {
        /// The native name of what is missing.
        field: &'static str,
    },
    /// It is no line of the log that it was taken for.
    NotALine {
        /// What writes such lines.
        of: &'static str,
    },
    /// What must be a string is something else.
    NotText {
        /// The native name of what is not a string.
        field: &'static str,
    },
}

impl Reason {
    /// The text for the record.
    pub fn text(&self) -> Cow<'static, str> {
        match self {
            Self::NotAnObject => "not a JSON object".into(),
            Self::Syntax { at } => format!("not JSON: the byte at {at} does not fit").into(),
            Self::TooDeep => format!("JSON nested deeper than {MAX_DEPTH} levels").into(),
            Self::TooLong => format!("longer than {MAX_RAW_BYTES} bytes, kept in pieces").into(),
            Self::NotUtf8 => "not UTF-8".into(),
            Self::EndsEarly => "the input ends inside it".into(),
            Self::Unknown => "no source knows such an event".into(),
            Self::Missing { field } => format!("`{field}` is missing").into(),
            Self::NotALine { of } => format!("not a line as {of} writes it").into(),
            Self::NotText { field } => format!("`{field}` is not a string").into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
