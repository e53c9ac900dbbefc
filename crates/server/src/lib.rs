//! The doors for what is pushed: HTTP receivers, the write-ahead log before the yes, the sealing behind it. The only crate that
//! knows HTTP. It opens no vault by itself and prints nothing: the command `serve` wires it.
//!
//! ```text
//! connection ─► TLS ─► who ─► how much ─► decode ─► receiver ═► write-ahead log ─► yes
//!                                                                     └─► seal ─► commit
//! ```
//!
//! What is sealed is asked of the rules ([`detecting`]) and goes on from here to other systems ([`forward`]), and what fails is told.
//!
//! A receiver is one file: which paths it answers, how a body becomes events, and how its protocol says yes and no.

mod alerts;
pub mod config;
mod conflicts;
pub mod detecting;
mod disk;
mod fetch;
mod files;
mod forward;
mod gaps;
mod heartbeat;
mod hmac_sha256;
mod http;
mod listen;
mod metrics;
mod own;
mod peer;
mod receivers;
mod run;
pub mod schedule;
mod sealing;
mod senders;
mod syslog;
mod telling;
pub mod trial;

pub use alerts::{ACKNOWLEDGED, Open as OpenAlert, Post, Said, Severity, Standing, Untold};
pub use config::Config;
pub use fetch::{Ask, Fetched};
pub use forward::{Again, Forwarded};
pub use gaps::expected;
pub use http::decoded;
pub use own::Happening;
pub use peer::subject;
pub use receivers::{Answer, Asked, No, Part, RECEIVERS, Receiver, Request, Taken};
pub use run::{Serving, check, fetch, forward, serve, try_alerts};
pub use syslog::{Framer, MAX_MESSAGE, Placed, Sourced, placed};
