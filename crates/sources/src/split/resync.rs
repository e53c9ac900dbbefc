//! Where reading goes on behind what is broken. It guesses, as it must; it loses no byte, only where events are cut.

use memchr::memmem;
use shoseki_event::MAX_RAW_BYTES;

use super::MAX_PIECE;
use crate::Reason;
use crate::json;

/// How far to look for the end of a broken element: little first, for it is mostly near.
pub(super) const REACHES: [usize; 3] = [64 << 10, 1 << 20, MAX_RAW_BYTES];

/// Whether a line that begins so begins a document of its own: it is neither indented, nor blank, nor a closing bracket.
pub(super) fn begins(first: u8) -> bool {
    !matches!(first, b' ' | b'\t' | b'\r' | b'\n' | b'}' | b']')
}

/// The first key of an object with its quotes: events of one list mostly begin with the same one.
pub(super) fn first_key(event: &[u8]) -> Option<Vec<u8>> {
    let start = json::blank(event, 1, false).ok()?;
    let (end, _) = json::member(event, start, false).ok()?;
    event.get(start..end).filter(|key| key.len() <= 64).map(<[u8]>::to_vec)
}

/// Where a broken element of a list ends: where its brackets say so, or before the next element that begins with the
/// key that the others begin with, whichever comes first. The latter is looked for from `from` on.
pub(super) fn element(bytes: &[u8], key: Option<&[u8]>, from: usize) -> Option<usize> {
    let own = if key.is_none() { first_key(bytes) } else { None };
    let next = key.or(own.as_deref()).and_then(|key| next_element(bytes, key, from));
    let mut brackets = Brackets::default();
    let within = bytes.get(..next.unwrap_or(bytes.len())).unwrap_or(bytes);
    brackets.end(within).or(next)
}

/// The end of what stands before `, { "key"`.
fn next_element(bytes: &[u8], key: &[u8], from: usize) -> Option<usize> {
    let back = |end: usize, expected: u8| {
        let head = bytes.get(1..end)?.trim_ascii_end();
        (head.last() == Some(&expected)).then_some(head.len()) // the place of that byte: the slice begins at 1
    };
    memmem::find_iter(bytes, key)
        .filter_map(|at| back(at, b'{').and_then(|open| back(open, b',')))
        .find(|comma| *comma >= from)
}

/// Brackets counted without looking at what they are, strings ending at the line at the latest.
#[derive(Clone, Default)]
struct Brackets {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    /// The place of the comma or closing bracket behind an element, outside of all that it opens.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' | b'\n' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b',' | b']' if self.depth == 0 => return Some(at),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }
}

/// Passing over what is longer than an event may be, piece by piece.
pub(super) struct Skip {
    pub(super) reason: Reason,
    brackets: Option<Brackets>,
}

impl Skip {
    /// To the next line that begins a document.
    pub(super) fn lines() -> Self {
        Self { reason: Reason::TooLong, brackets: None }
    }

    /// To the end of the element, as its brackets say.
    pub(super) fn element() -> Self {
        Self { reason: Reason::TooLong, brackets: Some(Brackets::default()) }
    }

    /// The length of the next piece and whether it is the last; nothing where more bytes are needed. Pieces are cut at
    /// the same places however the input was chunked.
    pub(super) fn next(&mut self, rest: &[u8], ended: bool) -> Option<(usize, bool)> {
        let mut brackets = self.brackets.clone();
        let piece = rest.get(..MAX_PIECE).unwrap_or(rest);
        let end = match &mut brackets {
            Some(brackets) => brackets.end(piece),
            None => memchr::memchr_iter(b'\n', piece).find(|at| rest.get(at + 1).is_some_and(|next| begins(*next))),
        };
        match end {
            Some(end) => Some((end, true)),
            None if rest.len() > MAX_PIECE => {
                self.brackets = brackets;
                Some((MAX_PIECE, false))
            }
            None if ended => Some((rest.len(), true)),
            None => None,
        }
    }
}
