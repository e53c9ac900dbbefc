//! Whether a record that comes is one that is here.

use shoseki_event::Record;

use crate::segments::Sealed;

/// How a record that is here compares with one that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same event again.
    Same,
    /// The same key, other bytes: both are kept, or a forged first event would hide the genuine one.
    SameKey,
    /// Of the same key, and erased: what it was nobody can tell, and it does not come in again.
    Erased,
    /// Only the hash is the same.
    Other,
}

impl Likeness {
    pub(super) fn of(sealed: &Sealed, key: Option<&str>, record: &Record) -> Self {
        if sealed.is(record) {
            return Self::Same;
        }
        let same_key = key.is_some() && key == record.columns.key.as_deref();
        if same_key && sealed.provenance.source == record.provenance.source { Self::SameKey } else { Self::Other }
    }
}
