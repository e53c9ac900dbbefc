//! Where in a file the splitter stands, and what the next bytes are there.

use memchr::{memchr, memchr_iter};
use shoseki_event::MAX_RAW_BYTES;

use super::resync::{self, Skip};
use super::{Cut, Splitter};
use crate::json::{self, Document, Stop};
use crate::{Form, Reason};

/// Where in a file the splitter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Between documents.
    #[default]
    Top,
    /// In a list of events; `wrapped` where the list is a member of an object.
    List { wrapped: bool },
    /// Behind such a list, in the object that it is a member of.
    Tail,
}

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that may be read twice beyond twice the input: see [`Splitter::one_line`].
const REREAD: u64 = 64 << 20;

impl Splitter {
    /// Decides on the next bytes; there is at least one.
    pub(super) fn next(&mut self, rest: &[u8], ended: bool) -> Cut {
        if !matches!(self.form, Form::Json) {
            return self.next_text(self.form, rest, ended);
        }
        loop {
            if let Some(skip) = self.skip.as_mut() {
                match skip.next(rest, ended) {
                    Some((length, over)) => {
                        let reason = skip.reason.clone();
                        if over {
                            self.skip = None;
                        }
                        if length > 0 {
                            return Cut::Unparsed(length, reason);
                        }
                    }
                    None => return Cut::More,
                }
                continue;
            }
            let blank = rest.iter().take_while(|byte| is_between(**byte, self.place)).count();
            if blank > 0 {
                return Cut::Gap(blank);
            }
            let step = match self.place {
                Place::Top => self.top(rest, ended),
                Place::List { wrapped } => self.element(rest, ended, wrapped),
                Place::Tail => self.tail(rest, ended),
            };
            if self.skip.is_none() {
                return step;
            }
        }
    }

    fn top(&mut self, rest: &[u8], ended: bool) -> Cut {
        if rest.starts_with(BYTE_ORDER_MARK) {
            return Cut::Gap(BYTE_ORDER_MARK.len());
        }
        if BYTE_ORDER_MARK.starts_with(rest) && !ended {
            return Cut::More;
        }
        let event = bounded(rest);
        match rest.first() {
            Some(b'{') => match json::document(event, self.one_line()) {
                Ok(Document::Value(length)) => self.event(rest, length),
                Ok(Document::List(length)) => self.list(length, true),
                Err(stop) => self.broken(rest, ended, stop),
            },
            Some(b'[') => match json::list_of_objects(event, 0) {
                Ok(Some(length)) => self.list(length, false),
                Err(Stop::End) if !ended && event.len() < MAX_RAW_BYTES => Cut::More,
                _ => self.line(rest, ended, 0, Reason::NotAnObject),
            },
            _ => self.line(rest, ended, 0, Reason::NotAnObject),
        }
    }

    fn element(&mut self, rest: &[u8], ended: bool, wrapped: bool) -> Cut {
        if rest.first() == Some(&b']') {
            self.place = if wrapped { Place::Tail } else { Place::Top };
            return Cut::Gap(1);
        }
        let event = bounded(rest);
        match json::value(event, 0) {
            Ok(length) if rest.first() == Some(&b'{') => self.event(rest, length),
            Ok(length) => Cut::Unparsed(length, Reason::NotAnObject),
            Err(Stop::End) if event.len() < MAX_RAW_BYTES && !ended => Cut::More,
            Err(stop) => {
                let (seen, reason) = seen(event, stop);
                self.broken_element(rest, ended, seen, reason)
            }
        }
    }

    fn tail(&mut self, rest: &[u8], ended: bool) -> Cut {
        if rest.first() == Some(&b'}') {
            self.place = Place::Top;
            return Cut::Gap(1);
        }
        let step = match json::member(bounded(rest), 0, false) {
            Ok((key, value)) => self.tail_value(rest, key, value),
            Err(stop) => Err(stop),
        };
        step.unwrap_or_else(|stop| {
            let cut = self.broken(rest, ended, stop);
            if cut != Cut::More || self.skip.is_some() {
                self.place = Place::Top;
            }
            cut
        })
    }

    fn tail_value(&mut self, rest: &[u8], key: usize, value: usize) -> Result<Cut, Stop> {
        let event = bounded(rest);
        let lists: [&[u8]; 4] = [b"\"Records\"", b"\"configurationItems\"", b"\"items\"", b"\"workflow_runs\""];
        let is_list = event.get(..key).is_some_and(|key| lists.contains(&key));
        if is_list && let Some(length) = json::list_of_objects(event, value)? {
            return Ok(self.list(length, true));
        }
        match json::value(event.get(value..).unwrap_or_default(), 1) {
            Ok(length) => Ok(Cut::Gap(value + length)),
            Err(Stop::Bad(at)) => Err(Stop::Bad(value + at)),
            Err(stop) => Err(stop),
        }
    }

    fn list(&mut self, length: usize, wrapped: bool) -> Cut {
        self.place = Place::List { wrapped };
        self.first_key = None;
        Cut::Gap(length)
    }

    fn event(&mut self, rest: &[u8], length: usize) -> Cut {
        let bytes = rest.get(..length).unwrap_or_default();
        if !bytes.is_ascii() && std::str::from_utf8(bytes).is_err() {
            return Cut::Unparsed(length, Reason::NotUtf8);
        }
        if self.first_key.is_none() && self.place != Place::Top {
            self.first_key = resync::first_key(bytes);
        }
        Cut::Event(length)
    }

    /// A document that has no end where it should.
    fn broken(&mut self, rest: &[u8], ended: bool, stop: Stop) -> Cut {
        let event = bounded(rest);
        if stop == Stop::End && event.len() < MAX_RAW_BYTES && !ended {
            return Cut::More;
        }
        let (seen, reason) = seen(event, stop);
        if memchr(b'\n', event.get(..seen).unwrap_or_default()).is_none() {
            return self.line(rest, ended, seen, reason);
        }
        // It showed on a later line that the document is broken. Lines that begin further left than its inside are
        // documents of their own.
        let ends = memchr_iter(b'\n', event).find(|at| event.get(at + 1).is_some_and(|next| resync::begins(*next)));
        match ends {
            Some(end) => {
                self.reread += seen.saturating_sub(end) as u64;
                Cut::Unparsed(trimmed(event, end), reason)
            }
            None => self.rest(rest, ended, reason),
        }
    }

    /// A line that is no document, or whose document is broken at `seen`.
    fn line(&mut self, rest: &[u8], ended: bool, seen: usize, reason: Reason) -> Cut {
        let event = bounded(rest);
        match memchr(b'\n', event.get(seen..).unwrap_or_default()) {
            Some(length) => Cut::Unparsed(trimmed(event, seen + length), reason),
            None => self.rest(rest, ended, reason),
        }
    }

    /// What has no end within reach: all of it where the input ends there, else pieces until a new line begins.
    fn rest(&mut self, rest: &[u8], ended: bool, reason: Reason) -> Cut {
        if rest.len() >= MAX_RAW_BYTES {
            self.skip = Some(Skip::lines());
        } else if ended {
            return Cut::Unparsed(trimmed(rest, rest.len()), reason);
        }
        Cut::More
    }

    fn broken_element(&mut self, rest: &[u8], ended: bool, seen: usize, reason: Reason) -> Cut {
        let may_reread = !self.one_line();
        for reach in resync::REACHES {
            if reach <= seen && reach < MAX_RAW_BYTES {
                continue;
            }
            if rest.len() < reach && !ended {
                return Cut::More;
            }
            let within = rest.get(..reach).unwrap_or(rest);
            let from = if may_reread { 1 } else { seen };
            if let Some(end) = resync::element(within, self.first_key.as_deref(), from) {
                self.reread += seen.saturating_sub(end) as u64;
                return Cut::Unparsed(trimmed(within, end), reason);
            }
            if rest.len() < reach {
                return Cut::Unparsed(trimmed(rest, rest.len()), reason);
            }
        }
        self.skip = Some(Skip::element());
        Cut::More
    }

    /// A hostile input can hold documents that break late, again and again, so that each byte is read hundreds of
    /// times. Where too much was read for nothing, a document must fit on its line.
    fn one_line(&self) -> bool {
        self.reread > REREAD + 2 * self.offset
    }
}

/// Gaps: white space between documents, also commas within a list or an object.
fn is_between(byte: u8, place: Place) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n') || (byte == b',' && place != Place::Top)
}

pub(super) fn bounded(rest: &[u8]) -> &[u8] {
    rest.get(..MAX_RAW_BYTES).unwrap_or(rest)
}

/// How far a broken event was read, and why it is broken.
fn seen(event: &[u8], stop: Stop) -> (usize, Reason) {
    match stop {
        Stop::End if event.len() >= MAX_RAW_BYTES => (event.len(), Reason::TooLong),
        Stop::End => (event.len(), Reason::EndsEarly),
        Stop::Bad(at) | Stop::Deep(at) => (at, stop.reason()),
    }
}

/// `end` without the white space before it; never nothing.
fn trimmed(bytes: &[u8], end: usize) -> usize {
    let head = bytes.get(..end).unwrap_or(bytes);
    head.iter().rposition(|byte| !is_between(*byte, Place::Top)).map_or(1, |last| last + 1)
}
