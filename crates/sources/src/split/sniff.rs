//! What an input is, by its first lines: JSON, or the text of a source that knows one of them.

use super::place::BYTE_ORDER_MARK;
use crate::envelope::export;
use crate::{Form, SOURCES, Source};

/// How many bytes are looked at, at most.
pub(super) const REACH: usize = 64 << 10;

/// How many lines are looked at, at most: a log may begin in the middle of an event.
const LINES: usize = 64;

/// What an input is.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    /// JSON; also what has no known form: its lines then are kept as unparsed, each for itself.
    Json,
    /// A source's text.
    Text(&'static dyn Source),
    /// Log events that an export task of CloudWatch Logs wrote, whatever they are.
    Export,
}

impl Seen {
    /// How it is cut.
    pub(super) fn form(self) -> Form {
        match self {
            Self::Json => Form::Json,
            Self::Text(source) => source.form(),
            Self::Export => Form::Groups(export::begins),
        }
    }
}

/// Looks at the first lines; `None` where more bytes are needed. A source that is expected is believed, unless they are JSON or
/// come from an export task.
pub(super) fn sniff(bytes: &[u8], ended: bool, expected: Option<&'static dyn Source>) -> Option<Seen> {
    let is_all = ended || bytes.len() >= REACH;
    let head = bytes.get(..REACH).unwrap_or(bytes);
    if !is_all && BYTE_ORDER_MARK.starts_with(head) {
        return None;
    }
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Some(Seen::Json),
        _ if !is_all => None,
        _ => Some(of_text(head, expected)),
    }
}

fn of_text(head: &[u8], expected: Option<&'static dyn Source>) -> Seen {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).take(LINES).collect();
    let found =
        lines.iter().find_map(|line| if export::is_known(line) { Some(Seen::Export) } else { of_line(line, expected) });
    found.or(expected.map(Seen::Text)).unwrap_or(Seen::Json)
}

fn of_line(line: &[u8], expected: Option<&'static dyn Source>) -> Option<Seen> {
    let mut sources =
        SOURCES.iter().copied().filter(|source| expected.is_none_or(|expected| expected.id() == source.id()));
    sources.find(|source| !matches!(source.form(), Form::Json) && source.recognises(line)).map(Seen::Text)
}
