//! Cutting text: each line is an event, or a line that begins one together with the lines behind it that do not. What
//! stands between events is the ends of lines and blank lines; any bytes may stand in a line.
//!
//! ```text
//! 20260305 01:02:03,db-1,aiko,198.51.100.7,17,204,QUERY,shop,'select 1',0      one line, one event
//! 2026-03-05 01:02:03 UTC:…:LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,"select 1   begins an event
//! ⇥ from orders",<not logged>                                                  belongs to it
//! ```

use memchr::{memchr, memchr_iter};
use shoseki_event::MAX_RAW_BYTES;

use super::place::{BYTE_ORDER_MARK, bounded};
use super::{Cut, MAX_PIECE, Splitter};
use crate::{Form, Reason};

/// How much of a line is looked at to see whether it begins an event.
const HEAD: usize = 1024;

/// Where an event ends.
enum End {
    /// Before the line feed at this place.
    At(usize),
    /// Not within what was looked at.
    Beyond,
    /// What the next line is, more bytes must say.
    Open,
}

impl Splitter {
    /// Decides on the next bytes of a text; there is at least one.
    pub(super) fn next_text(&mut self, form: Form, rest: &[u8], ended: bool) -> Cut {
        if self.is_too_long {
            match self.too_long(form, rest, ended) {
                Cut::Unparsed(0, _) => {}
                cut => return cut,
            }
        }
        let blank = rest.iter().take_while(|byte| is_line_end(**byte)).count();
        if blank > 0 {
            return Cut::Gap(blank);
        }
        if rest.starts_with(BYTE_ORDER_MARK) {
            return Cut::Gap(BYTE_ORDER_MARK.len());
        }
        if BYTE_ORDER_MARK.starts_with(rest) && !ended {
            return Cut::More;
        }
        match end(form, bounded(rest), rest, ended) {
            End::At(at) => Cut::Event(trimmed(rest, at)),
            End::Beyond if rest.len() >= MAX_RAW_BYTES => {
                self.is_too_long = true;
                self.too_long(form, rest, ended)
            }
            End::Beyond if ended => Cut::Event(trimmed(rest, rest.len())),
            End::Beyond | End::Open => Cut::More,
        }
    }

    /// Passes over what is longer than an event may be, piece by piece, each cut at the same place however the input was
    /// chunked. Nothing is left of it where the piece has no bytes.
    fn too_long(&mut self, form: Form, rest: &[u8], ended: bool) -> Cut {
        let piece = rest.get(..MAX_PIECE).unwrap_or(rest);
        match end(form, piece, rest, ended) {
            End::At(at) => {
                self.is_too_long = false;
                Cut::Unparsed(trimmed(rest, at), Reason::TooLong)
            }
            End::Beyond if rest.len() > MAX_PIECE => Cut::Unparsed(MAX_PIECE, Reason::TooLong),
            End::Beyond if ended => {
                self.is_too_long = false;
                Cut::Unparsed(trimmed(rest, rest.len()), Reason::TooLong)
            }
            End::Beyond | End::Open => Cut::More,
        }
    }
}

/// The end of the event that begins, or goes on, with the first of `within`, which `rest` begins with.
fn end(form: Form, within: &[u8], rest: &[u8], ended: bool) -> End {
    for at in memchr_iter(b'\n', within) {
        match begins(form, rest.get(at + 1..).unwrap_or_default(), ended) {
            Some(true) => return End::At(at),
            Some(false) => {}
            None => return End::Open,
        }
    }
    End::Beyond
}

/// Whether the line that the bytes begin with begins an event; `None` where more of it must be seen.
fn begins(form: Form, line: &[u8], ended: bool) -> Option<bool> {
    let Form::Groups(begins) = form else { return Some(true) };
    let head = line.get(..HEAD).unwrap_or(line);
    match memchr(b'\n', head) {
        Some(end) => Some(begins(head.get(..end).unwrap_or_default())),
        None if line.len() >= HEAD || ended => Some(begins(head)),
        None => None,
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// `end` without the ends of lines before it.
fn trimmed(bytes: &[u8], end: usize) -> usize {
    let head = bytes.get(..end).unwrap_or(bytes);
    head.iter().rposition(|byte| !is_line_end(*byte)).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests;
