//! The formats of the senders, as pure parsers, one file a source: bytes in, records' columns out. No I/O but a
//! `std::io::Read` that is handed in.
//!
//! Bytes pass through [`Inflate`], which undoes gzip and zstd within bounds, and [`Splitter`], which cuts them into
//! events without losing a byte; a [`Source`] then derives the columns of each event. What no source knows may be an
//! [`Envelope`], which [`open`] opens.

mod cursor;
mod envelope;
mod inflate;
mod json;
mod keys;
mod native;
pub mod ocsf;
mod reason;
mod recognise;
pub mod secrets;
mod source;
mod split;
mod time;

mod app;
mod cloudtrail;
mod config;
mod falco;
mod github;
mod k8s_audit;
mod mariadb_audit;
mod own;
mod pgaudit;
mod s3_access;
mod syslog;

pub use app::outcome;
pub use cloudtrail::{DigestDocument, NamedLogFile, ObjectName, PreviousDigest, TrailFile, TrailFileName};
pub use cursor::Cursor;
pub use envelope::{Delivered, Envelope, open};
pub use inflate::{Inflate, Limits};
pub use json::MAX_DEPTH;
pub use reason::Reason;
pub use recognise::{Signature, auto};
pub use source::{Form, NativeKind, Source};
pub use split::{MAX_PIECE, Piece, Splitter, split_all};
pub use syslog::syslog_message;

/// The sources, in the order in which they are asked whether they know an event; the last takes what nobody else does.
#[rustfmt::skip] // one a line
pub const SOURCES: &[&dyn Source] = &[
    &cloudtrail::CloudTrail,
    &cloudtrail::CloudTrailDigest,
    &config::Config,
    &k8s_audit::K8sAudit,
    &falco::Falco,
    &github::GitHub,
    &mariadb_audit::MariaDbAudit,
    &pgaudit::PgAudit,
    &s3_access::S3Access,
    &syslog::Syslog,
    &app::App,
];

/// The source of our own events. It is not among [`SOURCES`]: nothing that comes from outside is taken for one.
pub const OWN: &dyn Source = &own::Own;

/// All sources, our own last.
pub fn all() -> impl Iterator<Item = &'static dyn Source> {
    SOURCES.iter().copied().chain([OWN])
}

/// The source of an id, such as `cloudtrail`; our own too.
pub fn by_id(id: &str) -> Option<&'static dyn Source> {
    all().find(|source| source.id() == id)
}

#[cfg(test)]
mod tests;
