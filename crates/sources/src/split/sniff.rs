//! What an input is, by its first lines: JSON, or the text of a source that knows one of them.

use super::place::BYTE_ORDER_MARK;
use crate::{Form, SOURCES, Source};

/// How many bytes are looked at, at most.
pub(super) const REACH: usize = 64 << 10;

/// How many lines are looked at, at most: a log may begin in the middle of an event.
const LINES: usize = 64;

/// The source of a text, or nothing for JSON; `None` where more bytes are needed. What has no known form is split as JSON:
/// its lines then are kept as unparsed, each for itself.
/// Where a source is expected, only whether it is JSON is to be seen.
pub(super) fn sniff(
    bytes: &[u8],
    ended: bool,
    expected: Option<&'static dyn Source>,
) -> Option<Option<&'static dyn Source>> {
    let is_all = ended || bytes.len() >= REACH;
    let head = bytes.get(..REACH).unwrap_or(bytes);
    if !is_all && BYTE_ORDER_MARK.starts_with(head) {
        return None;
    }
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Some(None),
        Some(_) if expected.is_some() => Some(expected),
        _ if !is_all => None,
        _ => Some(expected.or_else(|| of_text(head))),
    }
}

fn of_text(head: &[u8]) -> Option<&'static dyn Source> {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.is_empty()).take(LINES).find_map(of_line)
}

fn of_line(line: &[u8]) -> Option<&'static dyn Source> {
    SOURCES.iter().copied().find(|source| !matches!(source.form(), Form::Json) && source.recognises(line))
}
