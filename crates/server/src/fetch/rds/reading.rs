//! One log file that is being read: portion by portion, and known again when it was called otherwise in between.

use std::time::Instant;

use bytes::Bytes;
use shoseki_aws::rds::{BEGINNING, CUT, LogFile, Rds};
use shoseki_messages::Result;
use shoseki_segment::commit::Transaction;
use shoseki_sources::Source;

use super::marks::{HEAD_LINES, Marks, hash, head_of};
use crate::config::Format;
use crate::files::cut::Cutter;

/// How many lines are asked for at first: as many as a megabyte has, where they are long.
const LINES: u32 = 2_000;
/// The most that RDS gives.
const MOST_LINES: u32 = 10_000;
/// Where a portion is shorter, in bytes, the next may have more lines.
const SHORT: usize = 400 << 10;
/// How much is cut at once: what is cut of it goes into one delivery, which so has few enough events.
const CHUNK: usize = 256 << 10;
/// How many portions are read before what is in them is written down.
const TOGETHER: u64 = 8;

/// Where a log file is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) rds: &'a Rds,
    pub(super) instance: &'a str,
    pub(super) file: &'a LogFile,
}

impl Place<'_> {
    /// What the file begins with.
    pub(super) async fn head(&self) -> Result<Vec<u8>> {
        let portion = self.rds.portion(self.instance, &self.file.name, BEGINNING, HEAD_LINES).await?;
        Ok(head_of(&portion.lines).to_vec())
    }
}

/// A file.
pub(super) struct Reading {
    pub(super) number: u64,
    head: Vec<u8>,
    /// A digest of the first line, which stands there as long as the file.
    first: String,
    /// How many bytes of it came.
    pub(super) read: u64,
    /// How far what came has left.
    taken: u64,
    /// How many batches left since, of a list that is too long to wait for its end.
    parts: u32,
    /// Where what follows begins. Where that is not known it is read from its beginning, and what came is passed over.
    marker: Option<String>,
    /// How many bytes from there on came before.
    known: u64,
    lines: u32,
    /// As it was listed when it was read to its end.
    pub(super) seen: Option<LogFile>,
    /// Whether it was told that something of it did not come.
    pub(super) is_told: bool,
    cutter: Cutter,
}

/// What a few portions brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) portions: u64,
    pub(super) bytes: u64,
    /// Whether the file has no more.
    pub(super) is_all: bool,
    /// Whether RDS says of what follows no other place than before.
    pub(super) is_stuck: bool,
    /// Whether RDS cut a line that is longer than a portion.
    pub(super) is_cut: bool,
}

/// Events that were read, and how far the file was read with them.
pub(super) struct Cut {
    pub(super) id: String,
    pub(super) source: Option<&'static str>,
    pub(super) cursor: Transaction,
    pub(super) events: Vec<Bytes>,
}

impl Reading {
    /// A file that begins so, and was read up to here.
    pub(super) fn new((number, at): (u64, u64), head: Vec<u8>, source: Option<&'static dyn Source>) -> Self {
        let line = memchr::memchr(b'\n', &head).map_or(head.as_slice(), |end| &head[..end]);
        Self {
            number,
            first: hash(line),
            head,
            read: at,
            taken: at,
            parts: 0,
            marker: None,
            known: at,
            lines: LINES,
            seen: None,
            is_told: false,
            cutter: Cutter::new(Format::Lines, source, at, Instant::now()),
        }
    }

    /// Whether a file that begins so may be this one.
    pub(super) fn is(&self, head: &[u8]) -> bool {
        head.starts_with(&self.head)
    }

    /// Takes that it has another name by now: what its markers mean under that one, RDS does not say.
    pub(super) fn renamed(self) -> Self {
        Self { marker: None, ..self }
    }

    /// Whether a file whose markers are not known needs not be read once more: all that is listed came of it. So the files that lie
    /// there are not read again after a start, or when they are rotated.
    pub(super) fn is_whole(&self, file: &LogFile) -> bool {
        self.marker.is_none() && self.read == file.size && self.read > 0
    }

    /// Whether something of what came waits for more.
    pub(super) fn waits(&self) -> bool {
        self.cutter.waits()
    }

    /// Takes that nothing more comes of it: what waits is an event as it is.
    pub(super) fn end(&mut self) {
        self.cutter.end(Instant::now());
    }

    /// Reads what is new, a few portions of it. `None` where another file took its place meanwhile: what came may then be of both,
    /// and is not to be used.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) async fn read(&mut self, place: Place<'_>) -> Result<Option<Brought>> {
        let mut brought = Brought::default();
        let mut marker = self.marker.clone().unwrap_or_else(|| {
            self.known = self.read;
            BEGINNING.to_owned()
        });
        let mut head = None;
        loop {
            let portion = place.rds.portion(place.instance, &place.file.name, &marker, self.lines).await?;
            let is_cut = portion.lines.trim_end().ends_with(CUT);
            if is_cut && self.lines > 1 {
                self.lines = (self.lines / 4).max(1); // so that no line is cut but one that is too long by itself
                continue;
            }
            brought.portions += 1;
            if marker == BEGINNING && self.lines >= HEAD_LINES {
                head = Some(head_of(&portion.lines).to_vec());
            }
            if portion.lines.len() < SHORT {
                self.lines = self.lines.saturating_mul(2).min(MOST_LINES);
            }
            let before = brought.bytes;
            self.take_in(portion.lines.into(), &mut brought);
            brought.is_cut |= is_cut && brought.bytes > before;
            brought.is_all = !portion.is_more;
            self.marker = portion.next.filter(|next| next != BEGINNING);
            brought.is_stuck = self.marker.as_ref().is_none_or(|next| *next == marker);
            match &self.marker {
                Some(next) if portion.is_more && !brought.is_stuck && brought.portions < TOGETHER => {
                    marker.clone_from(next);
                }
                _ => break,
            }
        }
        // One portion is of one file; of more, only a file that is the same before and after.
        let head = match head.filter(|_| brought.portions == 1) {
            Some(head) => head,
            None => place.head().await?,
        };
        let is_same = self.is(&head) || (!head.is_empty() && self.head.starts_with(&head));
        if !is_same {
            return Ok(None);
        }
        if head.len() > self.head.len() {
            self.head = head;
        }
        Ok(Some(brought))
    }

    /// Takes lines in, but for what came of them before.
    fn take_in(&mut self, lines: Bytes, brought: &mut Brought) {
        let passed = usize::try_from(self.known).unwrap_or(usize::MAX).min(lines.len());
        self.known -= passed as u64;
        let new = lines.slice(passed..);
        if new.is_empty() {
            return;
        }
        self.read += new.len() as u64;
        brought.bytes += new.len() as u64;
        for at in (0..new.len()).step_by(CHUNK) {
            self.cutter.feed(new.slice(at..new.len().min(at + CHUNK)), Instant::now());
        }
    }

    /// The events that may go.
    pub(super) fn take(&mut self, marks: &Marks, place: &str) -> Vec<Cut> {
        let mut cuts = Vec::new();
        for (events, end) in self.cutter.take() {
            let part = if self.parts > 0 { format!("+{}", self.parts) } else { String::new() };
            cuts.push(Cut {
                id: format!("{place}:{}-{}:{}{part}", self.number, self.first, self.taken),
                source: self.cutter.source(),
                cursor: marks.at(self.number, &self.head, end),
                events,
            });
            self.parts = if end == self.taken { self.parts + 1 } else { 0 };
            self.taken = end;
        }
        cuts
    }
}
