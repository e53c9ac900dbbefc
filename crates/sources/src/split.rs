//! Cuts a stream of bytes into events, so that every byte is accounted for: it is in an event, in unparsed bytes, or in
//! a gap (what stands between events: commas, white space, the rest of a wrapper). Nothing is parsed further.
//!
//! ```text
//! {"Records":[{"eventName":"A"},{"eventName":"B"}]}     CloudTrail: two events, three gaps
//! [{…},{…}]                                             an array of objects
//! {…}\n{…}\n                                            JSON Lines, documents one after another, pretty-printed or not
//! {"kind":"EventList","items":[{…},{…}]}                Kubernetes' audit webhook
//! {"fileVersion":"1.0","configurationItems":[{…},{…}]}  AWS Config
//! {"total_count":2,"workflow_runs":[{…},{…}]}           GitHub's API
//! ```
//!
//! Text is cut at its lines (see `lines`); what an input is whose source nobody named, its first lines say (see `sniff`).
//!
//! Each decision depends on the input alone, never on how it was chunked: what is undecided is held and looked at
//! again when twice as much is there, so that the time stays linear and no state lives inside a token. Events are
//! slices of the chunk; only what straddles two chunks is copied.
//!
//! One bad event does not cost its file: `resync` says where reading goes on. Memory is bounded by
//! [`MAX_RAW_BYTES`] (twice, while a long event is held) and the chunk.

mod lines;
mod place;
mod resync;
mod sniff;

use bytes::{Bytes, BytesMut};
use shoseki_event::MAX_RAW_BYTES;

use crate::{Form, Reason, Source};
use place::Place;
use resync::Skip;
use sniff::Seen;

/// The longest gap, and the longest piece of what is too long to be an event, in bytes.
pub const MAX_PIECE: usize = 1 << 20;

/// How much more than what is held must arrive before it is worth another look.
const LOOK_AGAIN: usize = 4096;

/// A stretch of the input. `offset` is its place in the uncompressed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// One event: a JSON object, valid in grammar and UTF-8, or a line of text, or several; no longer than [`MAX_RAW_BYTES`].
    Event {
        /// Where it begins.
        offset: u64,
        /// Its bytes, as they came.
        bytes: Bytes,
    },
    /// What should be an event and is not, no longer than [`MAX_RAW_BYTES`].
    Unparsed {
        /// Where it begins.
        offset: u64,
        /// Its bytes, as they came.
        bytes: Bytes,
        /// Why it is not an event.
        reason: Reason,
    },
    /// What stands between events, no longer than [`MAX_PIECE`].
    Gap {
        /// Where it begins.
        offset: u64,
        /// Its bytes, as they came.
        bytes: Bytes,
    },
}

impl Piece {
    /// The bytes of the piece.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Event { bytes, .. } | Self::Unparsed { bytes, .. } | Self::Gap { bytes, .. } => bytes,
        }
    }

    /// Where the piece begins in the uncompressed input.
    pub fn offset(&self) -> u64 {
        match self {
            Self::Event { offset, .. } | Self::Unparsed { offset, .. } | Self::Gap { offset, .. } => *offset,
        }
    }
}

/// What to do with the next bytes.
#[derive(Debug, PartialEq)]
enum Cut {
    Gap(usize),
    Event(usize),
    Unparsed(usize, Reason),
    /// More bytes are needed to decide.
    More,
}

/// Cuts one input into pieces. Feed it, then [`Splitter::finish`].
pub struct Splitter {
    form: Form,
    /// Whether the form is still to be seen from the input.
    is_open: bool,
    /// The source that text is taken for, whatever its first lines are.
    expected: Option<&'static dyn Source>,
    /// The source whose text the input was taken for.
    text_of: Option<&'static dyn Source>,
    /// Whether the rest of a text's event is passed over that is too long for one.
    is_too_long: bool,
    place: Place,
    skip: Option<Skip>,
    /// What was fed and has not left in a piece.
    held: BytesMut,
    /// How many of the held bytes are known to belong to a gap.
    gap: usize,
    /// How much must be held before it is looked at again.
    look_again: usize,
    /// The place of the first held byte in the input.
    offset: u64,
    /// The first key of this list's events, quotes included.
    first_key: Option<Vec<u8>>,
    /// How many bytes were read for nothing, because an event was broken earlier than it showed.
    reread: u64,
}

impl Splitter {
    /// At the beginning of an input that is cut so.
    pub fn of(form: Form) -> Self {
        Self {
            form,
            is_open: false,
            expected: None,
            text_of: None,
            is_too_long: false,
            place: Place::default(),
            skip: None,
            held: BytesMut::new(),
            gap: 0,
            look_again: 0,
            offset: 0,
            first_key: None,
            reread: 0,
        }
    }

    /// At the beginning of an input that says itself, by its first lines, how it is cut.
    pub fn auto() -> Self {
        Self { is_open: true, ..Self::of(Form::Json) }
    }

    /// At the beginning of an input that was said to be of a source. What begins as JSON does is cut as JSON all the same, and
    /// what an export task wrote as that: it may hold the source's text.
    pub fn expecting(source: &'static dyn Source) -> Self {
        Self { is_open: true, expected: Some(source), ..Self::of(source.form()) }
    }

    /// The source whose text the input was taken for, once it was seen; nothing for JSON, where each event says for itself,
    /// and where the form was named.
    pub fn text_of(&self) -> Option<&'static dyn Source> {
        self.text_of
    }

    /// Takes the next bytes and appends the pieces that they complete.
    pub fn feed(&mut self, mut chunk: Bytes, pieces: &mut Vec<Piece>) {
        if self.is_open {
            match self.look(chunk, false) {
                Some(seen) => chunk = seen,
                None => return,
            }
        }
        while !self.held.is_empty() && !chunk.is_empty() {
            let before = self.held.len();
            let wanted = self.look_again.saturating_sub(before).clamp(1, chunk.len());
            self.held.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
            if self.held.len() < self.look_again {
                return;
            }
            let joined = self.held.split().freeze();
            let used = self.cut(&joined, false, pieces);
            if used >= before {
                // The rest stands in the chunk too: go on there, without copying.
                chunk = chunk.slice(used - before..);
            } else {
                chunk = chunk.slice(wanted..);
                let rest = joined.slice(used..);
                drop(joined); // so that the bytes of a long event are not copied at each look
                self.hold(rest);
            }
        }
        if !chunk.is_empty() {
            let used = self.cut(&chunk, false, pieces);
            self.hold(chunk.slice(used..));
        }
    }

    /// Decides on what was fed, however little it is, and appends the pieces: for an input that grows, of which nobody knows
    /// when more comes. Without a whole line it stays open how the input is cut.
    pub fn decide(&mut self, pieces: &mut Vec<Piece>) {
        let held = self.held.split().freeze();
        if self.is_open {
            let Some(end) = memchr::memrchr(b'\n', &held) else { return self.hold(held) };
            if let Some(seen) = sniff::sniff(held.get(..=end).unwrap_or_default(), true, self.expected) {
                self.see(seen);
            }
        }
        let used = self.cut(&held, false, pieces);
        self.hold(held.slice(used..));
    }

    /// How far the input may be left behind: a new splitter that begins there cuts what follows as this one would. `None`
    /// within a list of events.
    pub fn resumable(&self) -> Option<u64> {
        (self.place == Place::Top).then_some(self.offset + self.gap as u64)
    }

    /// Ends the input and appends what is left. The answer is whether the input ended where it may: `false` where a
    /// list of events was still open, as in a file that was cut off between two of them.
    pub fn finish(&mut self, pieces: &mut Vec<Piece>) -> bool {
        if self.is_open {
            self.look(Bytes::new(), true);
        }
        let rest = self.held.split().freeze();
        self.cut(&rest, true, pieces);
        self.place == Place::Top
    }

    /// Looks what the input is. All that was fed so far comes back once that is seen, unless the input has ended.
    fn look(&mut self, chunk: Bytes, ended: bool) -> Option<Bytes> {
        let joined = if self.held.is_empty() { chunk } else { Bytes::from([&self.held[..], &chunk].concat()) };
        self.held.clear();
        let seen = sniff::sniff(&joined, ended, self.expected);
        if let Some(seen) = seen {
            self.see(seen);
        }
        if seen.is_some() && !ended {
            return Some(joined);
        }
        self.held.extend_from_slice(&joined);
        None
    }

    fn see(&mut self, seen: Seen) {
        self.is_open = false;
        self.form = seen.form();
        self.text_of = match seen {
            Seen::Text(source) => Some(source),
            Seen::Json | Seen::Export => None,
        };
    }

    fn hold(&mut self, rest: Bytes) {
        let length = rest.len();
        self.held = match rest.try_into_mut() {
            Ok(own) => own,
            Err(shared) => BytesMut::from(shared.as_ref()),
        };
        let twice = (length * 2).min(MAX_RAW_BYTES + 1);
        self.look_again = twice.max(length + LOOK_AGAIN);
    }

    /// Cuts what can be decided and returns how many bytes left as pieces; the first `self.gap` bytes behind them are
    /// known to be a gap.
    fn cut(&mut self, bytes: &Bytes, ended: bool, pieces: &mut Vec<Piece>) -> usize {
        let mut left = 0; // what has left as pieces
        let mut at = std::mem::take(&mut self.gap); // what is decided
        loop {
            while at - left >= MAX_PIECE {
                left = self.leave(bytes, left, left + MAX_PIECE, pieces);
            }
            let rest = bytes.get(at..).unwrap_or_default();
            match if rest.is_empty() { Cut::More } else { self.next(rest, ended) } {
                Cut::More => break,
                Cut::Gap(length) => at += length,
                Cut::Event(length) => {
                    left = self.leave(bytes, left, at, pieces);
                    at += length;
                    pieces.push(Piece::Event { offset: self.offset, bytes: bytes.slice(left..at) });
                    self.offset += length as u64;
                    left = at;
                }
                Cut::Unparsed(length, reason) => {
                    left = self.leave(bytes, left, at, pieces);
                    at += length;
                    pieces.push(Piece::Unparsed { offset: self.offset, bytes: bytes.slice(left..at), reason });
                    self.offset += length as u64;
                    left = at;
                }
            }
        }
        if ended {
            left = self.leave(bytes, left, at, pieces);
        }
        self.gap = at - left;
        left
    }

    /// A gap leaves.
    fn leave(&mut self, bytes: &Bytes, start: usize, end: usize, pieces: &mut Vec<Piece>) -> usize {
        if start < end {
            pieces.push(Piece::Gap { offset: self.offset, bytes: bytes.slice(start..end) });
            self.offset += (end - start) as u64;
        }
        end
    }
}

/// The pieces of an input that is whole in memory and says itself what it is.
pub fn split_all(bytes: Bytes) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut splitter = Splitter::auto();
    splitter.feed(bytes, &mut pieces);
    splitter.finish(&mut pieces);
    pieces
}

#[cfg(test)]
mod tests;
