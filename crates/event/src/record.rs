//! A record: one event in our columns, with its raw bytes.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Columns, Timestamp};

/// The longest raw event that becomes an `event` record; what is longer is kept as `unparsed`, in the originals.
pub const MAX_RAW_BYTES: usize = 16 << 20;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An event that its source's parser read.
    Event,
    /// Bytes that no parser could read: kept, counted, shown.
    Unparsed,
    /// What was received: one a file, with what is needed to rebuild it.
    Receipt,
}

impl Kind {
    /// The name in columns and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Unparsed => "unparsed",
            Self::Receipt => "receipt",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Event, Self::Unparsed, Self::Receipt].into_iter().find(|kind| kind.name() == name)
    }

    /// The byte that stands for it in the canonical bytes.
    pub fn code(self) -> u8 {
        match self {
            Self::Event => 1,
            Self::Unparsed => 2,
            Self::Receipt => 3,
        }
    }
}

/// Where bytes came from and when: sealed together with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// What the record is.
    pub kind: Kind,
    /// The source that it was taken for: `cloudtrail`, `pgaudit`; `unknown` where none fitted.
    pub source: Arc<str>,
    /// The stream: one log of one source.
    pub stream: Arc<str>,
    /// The file or object that it was read from, as a URL or a path; `-` for standard input. For an event that was written
    /// in a string or in base64 within an envelope, what its carrier calls it, such as a log event's id in CloudWatch.
    pub origin: Arc<str>,
    /// Where it begins in the uncompressed bytes of the origin; out of an envelope, its number in the delivery.
    pub position: u64,
    /// When it was received, by this machine's clock.
    pub received: Timestamp,
    /// Why it could not be parsed, in English; empty unless [`Kind::Unparsed`].
    pub reason: Arc<str>,
}

/// One record: sealed bytes and what was derived from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Where the bytes came from.
    pub provenance: Provenance,
    /// The exact bytes of the event: a slice of the file, or what a string or base64 in it stands for; never serialised again.
    pub raw: Bytes,
    /// What was derived from the above.
    pub columns: Columns,
}
