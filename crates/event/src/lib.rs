//! What was seen: raw events, records, their columns and their canonical bytes. No I/O.
//!
//! Evidence is the bytes as they came, with where and when ([`Provenance`]); the normalised view ([`Columns`]) is
//! derived from them and can be derived again at any time. Only the former is sealed.

mod canonical;
mod columns;
mod id;
mod record;
mod time;

pub use canonical::{CANONICAL_VERSION, Salt, canonical_bytes, canonical_head};
pub use columns::{ColumnText, Columns, Outcome, TimeOrigin};
pub use id::{RecordId, SegmentId};
pub use record::{Kind, MAX_RAW_BYTES, Provenance, Record};
pub use time::{Day, Timestamp};
