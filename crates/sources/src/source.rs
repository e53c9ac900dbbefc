//! What a source is: a parser that knows one system's events. It is not a collector: bytes in, columns out.

use std::borrow::Cow;

use shoseki_event::{ColumnText, Columns, Timestamp};

use crate::Reason;
use crate::ocsf::{Extra, Product};
use crate::recognise::{self, Signature};

/// What a native field's values are, where a query language has types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeKind {
    /// Text, or the JSON text of an object or a list.
    Text,
    /// A whole number.
    Whole,
    /// True or false.
    Boolean,
    /// An instant, in RFC 3339.
    Time,
}

/// How a source's input is cut into events.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// JSON documents, one after another, or lists of them under a name.
    Json,
    /// Each line is an event.
    Lines,
    /// A line of which this is true begins an event; others belong to the one before. It is given the line without its end,
    /// or the first kilobyte of it.
    Groups(fn(&[u8]) -> bool),
}

/// A system that evidence comes from, and our parser for it. A new one is a file and a word in [`crate::SOURCES`].
pub trait Source: Sync {
    /// The name in commands and records: `cloudtrail`.
    fn id(&self) -> &'static str;

    /// The name for people; a proper noun, the same in every language.
    fn title(&self) -> &'static str;

    /// How its input is cut into events.
    fn form(&self) -> Form {
        Form::Json
    }

    /// By which outermost keys an event of this source is known; any one of the signatures suffices.
    fn signatures(&self) -> &'static [Signature] {
        &[]
    }

    /// Whether the event looks like one of this source. Cheap: the outermost keys decide, or the shape of the first line. A
    /// source without signatures says it here.
    fn recognises(&self, event: &[u8]) -> bool {
        self.signatures().iter().any(|signature| recognise::has(event, signature))
    }

    /// Whether it reads events that stand in a message of syslog with its head, because that says what they do not: the message
    /// is then the event.
    fn reads_syslog(&self) -> bool {
        false
    }

    /// The version of [`Source::derive`]: whoever changes what it derives from the same bytes raises it. It is sealed with
    /// each segment, so that a judge compares only what its own version derived.
    fn derivation(&self) -> u32 {
        1
    }

    /// Derives the columns from an event's bytes. An event of JSON is checked to be JSON throughout; in one of text any
    /// bytes may stand, and what of it becomes a column is read as UTF-8, with U+FFFD for what is not.
    ///
    /// # Errors
    /// Why it is no event of this source; the record is then kept as unparsed with this reason.
    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason>;

    /// The stream that an event belongs to where the caller names none.
    fn stream(&self, columns: &Columns) -> String;

    /// Native paths whose value, read as text, always equals a column's, for every event that `derive` accepts: a query
    /// for the path may read the column. As text means: a string's content, nothing for `null`, else the JSON itself.
    fn fields(&self) -> &'static [(&'static str, &'static str)];

    /// The native fields of an event of text, as the JSON text of an object; `None` for an event that is JSON itself, or
    /// none of this source.
    fn native(&self, _raw: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// The native fields that people ask for, in the order in which a table shows them: the columns of the source's view
    /// in SQL, and what a shell completes. Any other path can be asked for too.
    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[]
    }

    /// The OCSF classes that its events are of: that of its example, unless it says more.
    fn classes(&self) -> Vec<i32> {
        self.derive(self.example(), Timestamp::now()).map(|columns| vec![columns.class_uid]).unwrap_or_default()
    }

    /// The product that writes its events, for OCSF.
    fn product(&self) -> Product {
        Product { name: self.title(), ..Product::default() }
    }

    /// The fields for which OCSF has a place and we have no column, for an event with these columns: paths of the JSON, or
    /// of what `native` gives. Of several for one place the first that says something counts.
    fn extras(&self, _columns: &Columns) -> &'static [(Extra, &'static str)] {
        &[]
    }

    /// One event, for help pages and tests.
    fn example(&self) -> &'static [u8];
}

/// A text that a column keeps.
pub(crate) fn owned(text: Option<Cow<'_, str>>) -> Option<ColumnText> {
    text.map(ColumnText::from)
}

/// A column as a part of a stream's name: what is no plain name is `unknown`.
pub(crate) fn name_or_unknown(column: &Option<ColumnText>) -> &str {
    let is_name = |text: &&str| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && !text.starts_with(['.', '_', '-'])
    };
    column.as_deref().filter(is_name).unwrap_or("unknown")
}
