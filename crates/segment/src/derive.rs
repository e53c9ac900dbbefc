//! From what is sealed to the columns: one function for the writer and for the judge, who derives them again.

use shoseki_event::{Columns, Kind, Provenance, TimeOrigin};
use shoseki_messages::{Fault, Result, msg};

use crate::receipt::Receipt;

/// The source of records that shoseki makes itself.
pub const OWN_SOURCE: &str = "shoseki";

/// The source of what no source knows.
pub const UNKNOWN_SOURCE: &str = "unknown";

/// The version of what is derived for a source now; `None` where the source is not known here.
pub fn derivation(source: &str) -> Option<u32> {
    match source {
        OWN_SOURCE | UNKNOWN_SOURCE => Some(1),
        source => shoseki_sources::by_id(source).map(shoseki_sources::Source::derivation),
    }
}

/// The columns of a record.
///
/// # Errors
/// Damage where an `event` is none of its source, or a `receipt` is none: such a record cannot have been written so.
pub fn derive(provenance: &Provenance, raw: &[u8]) -> Result<Columns> {
    let received = provenance.received;
    let without_time = Columns { time: received, time_origin: TimeOrigin::Received, ..Columns::default() };
    match provenance.kind {
        Kind::Unparsed => Ok(without_time),
        Kind::Receipt => {
            let receipt = Receipt::parse(raw)?;
            Ok(Columns { key: Some(receipt.received.sha256.into()), operation: Some("receive".into()), ..without_time })
        }
        Kind::Event => {
            let unknown = || Fault::damage(msg!("segment-source-unknown", source = provenance.source.to_string()));
            let source = shoseki_sources::by_id(&provenance.source).ok_or_else(unknown)?;
            source.derive(raw, received).map_err(|reason| {
                let (source, reason) = (provenance.source.to_string(), reason.text());
                Fault::damage(msg!("segment-not-of-its-source", source = source, reason = &*reason))
            })
        }
    }
}
