//! What was read of a file, cut into events as `ingest` cuts the same text, and how far the file may be left behind with them.
//! An event goes out as soon as it has an end. What may still go on waits: for more, or for a silence.

use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_sources::{Form, Piece, Source, Splitter};

use super::cri::Cri;
use crate::config::Format;

/// How long an event that is whole but for what may belong to it waits: a statement's next line is written at once.
pub(super) const GOES_ON: Duration = Duration::from_secs(3);
/// How long a line without an end waits for the rest: whoever buffers what it writes cuts lines anywhere.
pub(super) const UNENDED: Duration = Duration::from_secs(30);
/// How long it waits where the file was rotated away.
pub(super) const ROTATED: Duration = Duration::from_secs(5);
/// How many bytes of events wait for the end of what began before them. A list that is longer is read again after a kill.
const MAX_WAITING: usize = 16 << 20;

/// Events that go together, and the place in the file behind them.
pub(crate) type Batch = (Vec<Bytes>, u64);

/// Events on their way out.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// Events with the place where each ends, behind something that is still open.
    open: Vec<(Bytes, u64)>,
    bytes: usize,
    batches: Vec<Batch>,
}

impl Ready {
    pub(super) fn push(&mut self, event: Bytes, end: u64) {
        self.bytes += event.len();
        self.open.push((event, end));
    }

    /// Whether more waits than may.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_WAITING
    }

    /// Lets go what ends up to a place behind which reading may go on.
    pub(super) fn close(&mut self, safe: u64) {
        let (gone, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, end)| *end <= safe);
        self.open = open;
        self.leave(gone, safe);
    }

    /// Lets all go, though reading would go on at `safe`, before it.
    fn force(&mut self, safe: u64) {
        let gone = std::mem::take(&mut self.open);
        self.leave(gone, safe);
    }

    fn leave(&mut self, gone: Vec<(Bytes, u64)>, safe: u64) {
        self.bytes = self.open.iter().map(|(event, _)| event.len()).sum();
        if !gone.is_empty() {
            self.batches.push((gone.into_iter().map(|(event, _)| event).collect(), safe));
        }
    }

    pub(super) fn take(&mut self) -> Vec<Batch> {
        std::mem::take(&mut self.batches)
    }
}

/// Cuts a file.
pub(crate) enum Cutter {
    Lines(Box<Lines>),
    Cri(Box<Cri>),
}

impl Cutter {
    /// For a file that is read from a place on.
    pub(crate) fn new(format: Format, source: Option<&'static dyn Source>, at: u64, now: Instant) -> Self {
        match format {
            Format::Lines => Self::Lines(Box::new(Lines::new(source, at, now))),
            Format::Cri => Self::Cri(Box::new(Cri::new(source, at, now))),
        }
    }

    /// Takes what was read.
    pub(crate) fn feed(&mut self, chunk: Bytes, now: Instant) {
        match self {
            Self::Lines(lines) => lines.feed(chunk, now),
            Self::Cri(cri) => cri.feed(&chunk, now),
        }
    }

    /// Takes that the file has no more at present: what waited long enough is an event as it is.
    pub(crate) fn pause(&mut self, now: Instant, is_rotated: bool) {
        match self {
            Self::Lines(lines) => lines.pause(now, is_rotated),
            Self::Cri(cri) => cri.pause(now, is_rotated),
        }
    }

    /// Takes that nothing of this content comes any more.
    pub(crate) fn end(&mut self, now: Instant) {
        match self {
            Self::Lines(lines) => lines.finish(now),
            Self::Cri(cri) => cri.finish(),
        }
    }

    /// Whether something of what was read waits.
    pub(crate) fn waits(&self) -> bool {
        match self {
            Self::Lines(lines) => lines.safe != lines.fed,
            Self::Cri(cri) => cri.waits(),
        }
    }

    /// The source whose text it is, where the first lines said it.
    pub(crate) fn source(&self) -> Option<&'static str> {
        match self {
            Self::Lines(lines) => lines.known.map(Source::id),
            Self::Cri(_) => None,
        }
    }

    /// The events that may go.
    pub(crate) fn take(&mut self) -> Vec<Batch> {
        match self {
            Self::Lines(lines) => lines.ready.take(),
            Self::Cri(cri) => cri.take(),
        }
    }
}

/// Cuts text and JSON, as the source or the first lines say.
pub(crate) struct Lines {
    expected: Option<&'static dyn Source>,
    known: Option<&'static dyn Source>,
    splitter: Splitter,
    /// The place of the splitter's first byte.
    base: u64,
    fed: u64,
    safe: u64,
    /// When something last came.
    since: Instant,
    is_ended: bool,
    ready: Ready,
}

impl Lines {
    fn new(expected: Option<&'static dyn Source>, at: u64, now: Instant) -> Self {
        let splitter = expected.map_or_else(Splitter::auto, Splitter::expecting);
        let ready = Ready::default();
        Self { expected, known: None, splitter, base: at, fed: at, safe: at, since: now, is_ended: true, ready }
    }

    fn feed(&mut self, chunk: Bytes, now: Instant) {
        self.fed += chunk.len() as u64;
        self.since = now;
        self.is_ended = chunk.last() == Some(&b'\n');
        let mut pieces = Vec::new();
        self.splitter.feed(chunk, &mut pieces);
        self.splitter.decide(&mut pieces);
        self.sort(pieces);
        self.known = self.known.or(self.splitter.text_of());
        if let Some(at) = self.splitter.resumable() {
            self.safe = self.base + at;
            self.ready.close(self.safe);
            if self.safe == self.fed && self.known.is_none() {
                self.renew(); // what comes next may say what these lines did not
            }
        } else if self.ready.is_full() {
            self.ready.force(self.safe);
        }
    }

    fn pause(&mut self, now: Instant, is_rotated: bool) {
        if self.safe == self.fed {
            return;
        }
        let is_whole = self.is_ended && matches!(self.known.map(Source::form), Some(Form::Groups(_)));
        let patience = match (is_whole, is_rotated) {
            (true, _) => GOES_ON,
            (false, true) => ROTATED,
            (false, false) => UNENDED,
        };
        if now.saturating_duration_since(self.since) >= patience {
            self.finish(now);
        }
    }

    fn finish(&mut self, now: Instant) {
        let mut pieces = Vec::new();
        self.splitter.finish(&mut pieces);
        self.sort(pieces);
        self.known = self.known.or(self.splitter.text_of());
        self.safe = self.fed;
        self.since = now;
        self.ready.close(self.safe);
        self.renew();
    }

    fn sort(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            let end = self.base + piece.offset() + piece.bytes().len() as u64;
            match piece {
                Piece::Event { bytes, .. } | Piece::Unparsed { bytes, .. } => self.ready.push(bytes, end),
                Piece::Gap { .. } => {}
            }
        }
    }

    fn renew(&mut self) {
        self.base = self.fed;
        self.splitter = match (self.known, self.expected) {
            (Some(known), _) => Splitter::of(known.form()),
            (None, Some(expected)) => Splitter::expecting(expected),
            (None, None) => Splitter::auto(),
        };
    }
}

#[cfg(test)]
mod tests;
