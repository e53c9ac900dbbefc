//! Container logs as a node keeps them: each line says when, by which of two streams, and whether the message goes on.
//!
//! ```text
//! 2026-03-05T01:02:03.123456789Z stdout F a message
//! 2026-03-05T01:02:03.123456789Z stderr P the beginning of a long one,
//! 2026-03-05T01:02:03.123456790Z stderr F  and its end
//! ```
//!
//! An event is the message as the application wrote it. Where a source's events go over several lines, as PostgreSQL's do, the
//! messages of one are put together again. A line of another form is kept whole.

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use shoseki_sources::{Form, Source, auto};

use super::cut::{Batch, GOES_ON, ROTATED, Ready, UNENDED};

/// The longest message and the longest line; what is longer becomes several.
const MAX_MESSAGE: usize = 4 << 20;

/// Cuts the log of a container.
pub(crate) struct Cri {
    source: Option<&'static dyn Source>,
    /// A line that has no end yet.
    line: BytesMut,
    /// The place of the line's first byte.
    at: u64,
    since: Instant,
    output: Stream,
    errors: Stream,
    ready: Ready,
}

/// What an application writes to one of its streams.
#[derive(Default)]
struct Stream {
    /// A message that goes on in the next line.
    message: Option<Held>,
    /// Messages that are one event so far.
    event: Option<Held>,
    /// Which messages begin an event, where its text goes over several.
    begins: Option<fn(&[u8]) -> bool>,
}

/// What may go on.
struct Held {
    text: BytesMut,
    /// The place of its first line.
    from: u64,
    /// The place behind its last line.
    to: u64,
    since: Instant,
}

/// A line's parts.
struct Parts<'a> {
    is_output: bool,
    is_partial: bool,
    message: &'a [u8],
}

impl Cri {
    pub(super) fn new(source: Option<&'static dyn Source>, at: u64, now: Instant) -> Self {
        let (output, errors) = (Stream::default(), Stream::default());
        Self { source, line: BytesMut::new(), at, since: now, output, errors, ready: Ready::default() }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8], now: Instant) {
        self.since = now;
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(end);
            self.line.extend_from_slice(line);
            chunk = rest.get(1..).unwrap_or_default();
            self.take_line(1, now);
        }
        self.line.extend_from_slice(chunk);
        if self.line.len() >= MAX_MESSAGE {
            self.take_line(0, now);
        }
        self.close();
        if self.ready.is_full() {
            self.end_where(|_, _| true); // what one stream began is kept as it is, so that the other's need not wait
        }
    }

    pub(super) fn pause(&mut self, now: Instant, is_rotated: bool) {
        let unended = if is_rotated { ROTATED } else { UNENDED };
        let over = |since: Instant, patience: Duration| now.saturating_duration_since(since) >= patience;
        if !self.line.is_empty() && over(self.since, unended) {
            self.take_line(0, now);
        }
        self.end_where(|held, is_whole| over(held.since, if is_whole { GOES_ON } else { unended }));
    }

    pub(super) fn finish(&mut self) {
        if !self.line.is_empty() {
            self.take_line(0, self.since);
        }
        self.end_where(|_, _| true);
    }

    pub(super) fn waits(&self) -> bool {
        !self.line.is_empty() || self.held().next().is_some()
    }

    pub(super) fn take(&mut self) -> Vec<Batch> {
        self.ready.take()
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        [&self.output, &self.errors].into_iter().flat_map(|stream| stream.message.iter().chain(&stream.event))
    }

    /// Ends what may go on, where that is over; it is told whether its last message is whole.
    fn end_where(&mut self, is_over: impl Fn(&Held, bool) -> bool) {
        for stream in [&mut self.output, &mut self.errors] {
            if stream.message.as_ref().is_some_and(|held| is_over(held, false)) {
                stream.end_message(self.source, &mut self.ready);
            }
            if stream.event.as_ref().is_some_and(|held| is_over(held, true)) {
                stream.end_event(&mut self.ready);
            }
        }
        self.close();
    }

    fn close(&mut self) {
        let safe = self.held().map(|held| held.from).min().unwrap_or(self.at);
        self.ready.close(safe);
    }

    /// Takes the line that is there, with so many bytes of an end behind it.
    fn take_line(&mut self, end: u64, now: Instant) {
        let line = self.line.split();
        let from = self.at;
        self.at += line.len() as u64 + end;
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        let Some(parts) = Parts::read(text) else {
            if !text.is_empty() {
                self.ready.push(Bytes::copy_from_slice(text), self.at);
            }
            return;
        };
        let stream = if parts.is_output { &mut self.output } else { &mut self.errors };
        let held = Held { text: BytesMut::new(), from, to: self.at, since: now };
        let message = stream.message.get_or_insert(held);
        message.text.extend_from_slice(parts.message);
        (message.to, message.since) = (self.at, now);
        if !parts.is_partial || message.text.len() >= MAX_MESSAGE {
            stream.end_message(self.source, &mut self.ready);
        }
    }
}

impl Stream {
    /// A message is whole: it is an event, or a part of one.
    fn end_message(&mut self, source: Option<&'static dyn Source>, ready: &mut Ready) {
        let Some(message) = self.message.take() else { return };
        if self.begins.is_none() && message.text.first() != Some(&b'{') {
            self.begins = match source.or_else(|| auto(&message.text)).map(Source::form) {
                Some(Form::Groups(begins)) => Some(begins),
                _ => None,
            };
        }
        let Some(begins) = self.begins else { return push(message, ready) };
        match &mut self.event {
            Some(event) if !begins(&message.text) && event.text.len() + message.text.len() < MAX_MESSAGE => {
                event.text.extend_from_slice(b"\n");
                event.text.extend_from_slice(&message.text);
                (event.to, event.since) = (message.to, message.since);
            }
            _ => {
                self.end_event(ready);
                self.event = Some(message);
            }
        }
    }

    fn end_event(&mut self, ready: &mut Ready) {
        if let Some(event) = self.event.take() {
            push(event, ready);
        }
    }
}

/// What is held becomes an event; the ends of lines behind it belong to none.
fn push(held: Held, ready: &mut Ready) {
    let (text, to) = (held.text.freeze(), held.to);
    let length = text.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    if length > 0 {
        ready.push(text.slice(..length), to);
    }
}

impl<'a> Parts<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let mut parts = line.splitn(4, |byte| *byte == b' ');
        let (time, stream, tags) = (parts.next()?, parts.next()?, parts.next()?);
        let is_time = (20..=40).contains(&time.len())
            && time.get(10) == Some(&b'T')
            && time.iter().all(|byte| byte.is_ascii_digit() || b"-+:.TZ".contains(byte));
        let is_output = match stream {
            b"stdout" => true,
            b"stderr" => false,
            _ => return None,
        };
        let is_partial = match tags.split(|byte| *byte == b':').next()? {
            b"P" => true,
            b"F" => false,
            _ => return None,
        };
        is_time.then_some(Self { is_output, is_partial, message: parts.next().unwrap_or_default() })
    }
}

/// Whose log a file is, by its name: `<namespace>/<pod>/<container>`.
///
/// ```text
/// /var/log/containers/<pod>_<namespace>_<container>-<64 digits>.log
/// /var/log/pods/<namespace>_<pod>_<uid>/<container>/0.log
/// ```
pub(super) fn log_of(path: &Path) -> Option<String> {
    let text = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name = text(path)?;
    let plain = |parts: [&str; 3]| {
        let is_name = |part: &&str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        parts.iter().all(is_name).then(|| parts.join("/"))
    };
    if let Some((stem, id)) = name.strip_suffix(".log").and_then(|stem| stem.rsplit_once('-'))
        && id.len() == 64
        && let [pod, namespace, container] = stem.split('_').collect::<Vec<_>>()[..]
    {
        return plain([namespace, pod, container]);
    }
    let container = path.parent()?;
    let pod = text(container.parent()?)?;
    let [namespace, pod, _] = pod.split('_').collect::<Vec<_>>()[..] else { return None };
    plain([namespace, pod, &text(container)?])
}

#[cfg(test)]
mod tests;
