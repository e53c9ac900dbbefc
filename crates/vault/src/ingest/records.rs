//! From pieces to records: which source an event is of, its columns, and what an envelope holds.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use shoseki_event::{Columns, Kind, Provenance, Record, TimeOrigin, Timestamp};
use shoseki_segment::{UNKNOWN_SOURCE, key_hash};
use shoseki_sources::{Delivered, Envelope, Piece, Reason, Source, auto, open};

/// A piece of a file's content.
pub(crate) enum Item {
    /// A record and what it is known by.
    Record(Box<Record>, i64),
    /// A record whose bytes stood in a string or in base64, and what it is known by.
    Unwrapped(Box<Record>, i64),
    /// A record that was never here before, whatever is known.
    New(Box<Record>),
    /// Bytes between records.
    Gap(Bytes),
}

impl Item {
    /// How many bytes it is of what was read.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Record(record, _) | Self::Unwrapped(record, _) | Self::New(record) => record.raw.len(),
            Self::Gap(bytes) => bytes.len(),
        }
    }
}

/// The source of an event and its columns.
type Known = (&'static dyn Source, Columns);

/// Where an event came from: the file and the place in it, or what its carrier calls it; and the log group that it is of.
struct Place {
    origin: Arc<str>,
    position: u64,
    log: Option<String>,
}

/// Makes records of the pieces of one file or delivery.
pub(crate) struct Records {
    /// The file, or what the delivery is called.
    pub(crate) origin: Arc<str>,
    /// When it was received.
    pub(crate) received: Timestamp,
    /// The source that all of it belongs to: as asked for, or because it is that source's text.
    pub(crate) source: Option<&'static dyn Source>,
    /// The stream that all of it belongs to, where it was named.
    pub(crate) stream: Option<String>,
    /// Who sent it, where it was pushed: its name is in the stream's, so that nobody can write into another's stream.
    pub(crate) sender: Option<String>,
    /// What the sender's protocol calls the stream: an index, labels, a host.
    pub(crate) log: Option<String>,
    /// Whether what was received can be kept whole, where its events are no slices of it.
    pub(crate) can_be_kept: bool,
    /// The names of sources and streams that occurred.
    pub(crate) interned: Interned,
}

impl Records {
    /// What a piece is: bytes between records, a record, or an envelope with records in it.
    pub(crate) fn items(&mut self, piece: Piece, items: &mut Vec<Item>) {
        let (position, raw, known) = match piece {
            Piece::Gap { bytes, .. } => return items.push(Item::Gap(bytes)),
            Piece::Unparsed { offset, bytes, reason } => (offset, bytes, Err(reason)),
            Piece::Event { offset, bytes } => {
                let known = self.known(&bytes);
                if known.is_err() && self.unwrap(offset, &bytes, items) {
                    return;
                }
                (offset, bytes, known)
            }
        };
        let place = Place { origin: Arc::clone(&self.origin), position, log: None };
        let (record, hash) = self.record(place, raw, known);
        items.push(Item::Record(record, hash));
    }

    /// The source of an event and its columns.
    fn known(&self, event: &Bytes) -> Result<Known, Reason> {
        let source = self.source.or_else(|| auto(event)).ok_or(Reason::Unknown)?;
        Ok((source, source.derive(event, self.received)?))
    }

    /// Opens an envelope. `false` where it is none, or where its file could not be kept whole.
    fn unwrap(&mut self, offset: u64, document: &Bytes, items: &mut Vec<Item>) -> bool {
        if self.source.is_none() && auto(document).is_some() {
            return false;
        }
        match open(document) {
            Some(Envelope::Slice(Range { start, end })) => {
                let event = document.slice(start..end);
                let Ok(known) = self.known(&event) else { return false };
                let place = Place { origin: Arc::clone(&self.origin), position: offset + start as u64, log: None };
                let (record, hash) = self.record(place, event, Ok(known));
                items.push(Item::Gap(document.slice(..start)));
                items.push(Item::Record(record, hash));
                items.push(Item::Gap(document.slice(end..)));
            }
            Some(Envelope::Events(events)) if self.can_be_kept => {
                for Delivered { bytes, delivery, position, log } in events {
                    let bytes = Bytes::copy_from_slice(&bytes); // it is a slice of what was inflated, however large that is
                    let known = self.known(&bytes);
                    let place = Place { origin: delivery.into(), position, log };
                    let (record, hash) = self.record(place, bytes, known);
                    items.push(Item::Unwrapped(record, hash));
                }
                items.push(Item::Gap(document.clone()));
            }
            Some(Envelope::Events(_)) | None => return false,
        }
        true
    }

    fn record(&mut self, place: Place, raw: Bytes, known: Result<Known, Reason>) -> (Box<Record>, i64) {
        let source: Option<&dyn Source> = match &known {
            Ok((source, _)) => Some(*source),
            Err(_) => self.source,
        };
        let (kind, columns, reason) = match known {
            Ok((_, columns)) => (Kind::Event, columns, self.interned.of("")),
            Err(reason) => {
                let columns = Columns { time: self.received, time_origin: TimeOrigin::Received, ..Columns::default() };
                (Kind::Unparsed, columns, reason.text().into())
            }
        };
        let id = source.map_or(UNKNOWN_SOURCE, |source| source.id());
        let log = place.log.as_ref().or(self.log.as_ref()).map(|log| log.trim_start_matches('/'));
        let stream = match (&self.stream, &self.sender, source, log) {
            (Some(stream), ..) => stream.clone(),
            (None, Some(sender), _, Some(log)) => format!("{id}/{sender}/{log}"),
            (None, Some(sender), _, None) => format!("{id}/{sender}"),
            (None, None, _, Some(log)) => format!("{id}/{log}"),
            (None, None, Some(source), None) if kind == Kind::Event => source.stream(&columns),
            (None, None, ..) => id.to_owned(),
        };
        let provenance = Provenance {
            kind,
            source: self.interned.of(id),
            stream: self.interned.of(&stream),
            origin: place.origin,
            position: place.position,
            received: self.received,
            reason,
        };
        let record = Record { provenance, raw, columns };
        let hash = key_hash(&record);
        (Box::new(record), hash)
    }
}

/// Texts that stand in every record, each kept once.
#[derive(Default)]
pub(crate) struct Interned(HashSet<Arc<str>, foldhash::fast::RandomState>);

impl Interned {
    fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.0.insert(Arc::clone(&shared));
        shared
    }
}
