//! What an export task of CloudWatch Logs writes: each log event behind the time that CloudWatch has for it, one after another.
//!
//! ```text
//! 2026-03-05T01:02:03.004Z {"kind":"Event","apiVersion":"audit.k8s.io/v1",…}
//! 2026-03-05T01:02:03.101Z 2026-03-05 01:02:03 UTC:198.51.100.7(40432):aiko@shop:[1234]:LOG:  AUDIT: SESSION,…,"select *
//! ⇥ from orders",<not logged>
//! ```
//!
//! The event is a slice of the line; the time before it is no part of it.

use crate::{auto, time};

/// How long a time is, with the space behind it.
const LENGTH: usize = 25;

/// Whether a line begins a log event: with a time to the millisecond in UTC.
pub(crate) fn begins(line: &[u8]) -> bool {
    message(line).is_some()
}

/// Where the message begins.
pub(super) fn message(line: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(line.get(..LENGTH)?).ok()?;
    let (_, rest) = time::civil(head)?;
    (rest == "Z " && head.as_bytes().get(10) == Some(&b'T')).then_some(LENGTH)
}

/// Whether a line begins a log event that some source knows.
pub(crate) fn is_known(line: &[u8]) -> bool {
    message(line).is_some_and(|start| auto(line.get(start..).unwrap_or_default()).is_some())
}
