//! One file that is watched: read from where it was left, known again when it was renamed, begun anew when it was shortened.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_segment::commit::Transaction;
use shoseki_sources::Source;

use super::cursors::{Cursors, Found, HEAD};
use super::cut::Cutter;
use super::find::{Key, Place, key_of};
use crate::config::Format;

/// How much is read at once: what is cut of it goes into one delivery, which so has few enough events.
const CHUNK: u64 = 256 << 10;
/// How far before the end of a file a line's end is looked for, where reading begins at the end.
const LAST_LINE: u64 = 64 << 10;
/// How long a file that is gone is kept open once it is quiet: whoever writes it may not know yet.
const GONE: Duration = Duration::from_secs(60);
/// How long until what could not be opened is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What reading works with.
pub(super) struct Reading<'a> {
    pub(super) format: Format,
    pub(super) source: Option<&'static dyn Source>,
    pub(super) cursors: &'a Cursors,
    pub(super) now: Instant,
}

/// Events that were read, and how far the file was read with them.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) key: Key,
    /// The file, its content, and the place of the first event: no other events are called so.
    pub(super) id: String,
    pub(super) source: Option<&'static str>,
    pub(super) path: PathBuf,
    pub(super) cursor: Transaction,
    pub(super) events: Vec<Bytes>,
}

/// A file was shorter than it had been, or began with other bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Shortened {
    pub(super) path: PathBuf,
    /// How far it had been read.
    pub(super) read: u64,
    pub(super) size: u64,
}

pub(super) struct Watched {
    pub(super) key: Key,
    pub(super) path: PathBuf,
    /// The file that was at this path before, and is read first.
    pub(super) after: Option<Key>,
    /// Whether it lies no more where it was found first.
    pub(super) is_rotated: bool,
    /// Whether no pattern leads to it any more.
    pub(super) is_gone: bool,
    pub(super) size: u64,
    /// How far it is durable.
    pub(super) done: u64,
    /// When it last had something new.
    pub(super) changed: Instant,
    file: Option<File>,
    again: Option<Instant>,
    content: Option<Content>,
}

/// What the file holds, as long as it only grows.
struct Content {
    generation: u64,
    head: Vec<u8>,
    /// The length at which the head was looked at.
    seen: u64,
    read: u64,
    /// How far what was read has left.
    taken: u64,
    /// How many batches left since, of a list that is too long to wait for its end.
    parts: u32,
    cutter: Cutter,
}

impl Watched {
    pub(super) fn new(place: Place, after: Option<Key>, now: Instant) -> Self {
        Self {
            key: place.key,
            path: place.path,
            after,
            is_rotated: false,
            is_gone: false,
            size: place.size,
            done: 0,
            changed: now,
            file: None,
            again: None,
            content: None,
        }
    }

    /// Whether all of it was read, and nothing waits for more of it.
    pub(super) fn is_at_end(&self) -> bool {
        match &self.content {
            None => self.size == 0,
            Some(content) => content.read >= self.size && !content.cutter.waits(),
        }
    }

    /// Whether nothing will come of it any more.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let is_lost = self.file.is_none() && self.content.as_ref().is_none_or(|content| content.read < self.size);
        self.is_gone && now.saturating_duration_since(self.changed) >= GONE && (self.is_at_end() || is_lost)
    }

    pub(super) fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Closes it until it grows.
    pub(super) fn close(&mut self) {
        self.file = None;
    }

    /// Takes that its events are durable up to here.
    pub(super) fn durable(&mut self, cursor: i64) {
        self.done = u64::try_from(cursor).unwrap_or_default();
    }

    /// Passes over what the file holds, up to its last line's end, and says so.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn skip(&mut self, with: &Reading<'_>) -> io::Result<Option<Transaction>> {
        self.open()?;
        let Some(file) = &mut self.file else { return Ok(None) };
        let size = file.metadata()?.len();
        let from = size.saturating_sub(LAST_LINE);
        let last = read_at(file, from, size - from)?;
        let at = memchr::memrchr(b'\n', &last).map_or(0, |end| from + end as u64 + 1);
        let head = read_at(file, 0, size.min(HEAD as u64))?;
        if at == 0 {
            return Ok(None); // not a line is there
        }
        self.begin(Found::Known { generation: 0, cursor: at }, head, with);
        Ok(Some(with.cursors.at(self.key.1, 0, &self.head(), at)))
    }

    /// Reads what is new, up to so many bytes, and cuts it. What was told of a shortened file comes beside it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn read(&mut self, with: &Reading<'_>, most: u64) -> io::Result<(Vec<Cut>, Option<Shortened>)> {
        let (mut cuts, mut shortened) = (Vec::new(), None);
        let is_old = self.content.as_ref().is_some_and(|content| content.read == self.size);
        if self.file.is_none() && is_old && self.is_at_end() {
            return Ok((cuts, None));
        }
        self.open()?;
        self.look(with, &mut cuts, &mut shortened)?;
        let (Some(file), Some(content)) = (&mut self.file, &mut self.content) else { return Ok((cuts, shortened)) };
        let until = self.size.min(content.read.saturating_add(most));
        while content.read < until {
            let chunk = read_at(file, content.read, CHUNK.min(until - content.read))?;
            if chunk.is_empty() {
                break; // it was shortened just now
            }
            content.read += chunk.len() as u64;
            self.changed = with.now;
            content.cutter.feed(chunk.into(), with.now);
        }
        if content.read >= self.size {
            content.cutter.pause(with.now, self.is_rotated);
        }
        self.take(with, &mut cuts);
        Ok((cuts, shortened))
    }

    /// Whether it is time to try again what failed.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.again.is_none_or(|again| again <= now)
    }

    /// Takes that it could not be read.
    pub(super) fn failed(&mut self, now: Instant) {
        (self.file, self.again) = (None, Some(now + AGAIN));
    }

    fn open(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            return Ok(());
        }
        let file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || key_of(&self.path, &metadata) != self.key {
            return Err(io::ErrorKind::NotFound.into()); // another took its place just now
        }
        if let Some(content) = &mut self.content {
            content.seen = 0; // its number may be another file's by now
        }
        (self.file, self.again) = (Some(file), None);
        Ok(())
    }

    /// Looks how long it is, and whether it is what it was.
    fn look(&mut self, with: &Reading<'_>, cuts: &mut Vec<Cut>, told: &mut Option<Shortened>) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        self.size = file.metadata()?.len();
        let head = match &self.content {
            Some(content) if content.seen == self.size => return Ok(()),
            None if self.size == 0 => return Ok(()),
            _ => read_at(file, 0, self.size.min(HEAD as u64))?,
        };
        match &mut self.content {
            Some(content) if self.size >= content.read && head.starts_with(&content.head) => {
                (content.head, content.seen) = (head, self.size);
            }
            Some(content) => {
                *told = Some(Shortened { path: self.path.clone(), read: content.read, size: self.size });
                content.cutter.end(with.now);
                self.take(with, cuts);
                self.begin(Found::New, head, with);
            }
            None => {
                let found = with.cursors.find(self.key.1, &head, self.size);
                if let Found::Shorter { cursor, .. } = found {
                    *told = Some(Shortened { path: self.path.clone(), read: cursor, size: self.size });
                }
                self.begin(found, head, with);
            }
        }
        Ok(())
    }

    fn begin(&mut self, found: Found, head: Vec<u8>, with: &Reading<'_>) {
        let (generation, at) = match found {
            Found::New | Found::Shorter { .. } => (with.cursors.fresh(self.key.1), 0),
            Found::Known { generation, cursor } => (generation, cursor),
        };
        let cutter = Cutter::new(with.format, with.source, at, with.now);
        self.done = at;
        self.content = Some(Content { generation, head, seen: self.size, read: at, taken: at, parts: 0, cutter });
    }

    fn head(&self) -> Vec<u8> {
        self.content.as_ref().map(|content| content.head.clone()).unwrap_or_default()
    }

    fn take(&mut self, with: &Reading<'_>, cuts: &mut Vec<Cut>) {
        let Some(content) = &mut self.content else { return };
        let inode = self.key.1;
        for (events, end) in content.cutter.take() {
            let part = if content.parts > 0 { format!("+{}", content.parts) } else { String::new() };
            let path = self.path.display().to_string().replace(char::is_control, "\u{fffd}");
            cuts.push(Cut {
                key: self.key,
                id: format!("{path}:{inode:x}-{}:{}{part}", content.generation, content.taken),
                source: content.cutter.source(),
                path: self.path.clone(),
                cursor: with.cursors.at(inode, content.generation, &content.head, end),
                events,
            });
            content.parts = if end == content.taken { content.parts + 1 } else { 0 };
            content.taken = end;
        }
    }
}

/// So many bytes of a place, or fewer where the file ends before.
fn read_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
