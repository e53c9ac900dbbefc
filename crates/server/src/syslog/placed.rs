//! What a message of syslog is: an event of the source `syslog`, or what carries another source's. Pure.
//!
//! ```text
//! <13>1 2026-03-05T01:02:03Z node-a falco - - - {"rule":…}       Falco's, taken out
//! <14>1 2026-03-05T01:02:03Z db-1 mysql-server_auditing - - - …  MariaDB's, with its head
//! <38>1 2026-03-05T01:02:03Z web-1 sshd 4711 - - Accepted …      syslog's own
//! ```

use bytes::Bytes;
use shoseki_sources::{SOURCES, auto, syslog_message};

/// The source of messages that are nobody else's.
const SYSLOG: &str = "syslog";
/// The longest name of a host and an application in a stream's name.
const MAX_LOG: usize = 128;

/// Whose an event is.
#[derive(Debug, PartialEq)]
pub enum Sourced {
    /// Of this source.
    As(&'static str),
    /// A source knows it.
    ByContent,
    /// Nobody knows it; the configuration may.
    Unknown,
}

/// What a message is: whose, what its stream is called, and the event.
#[derive(Debug, PartialEq)]
pub struct Placed {
    /// Whose it is.
    pub source: Sourced,
    /// What its stream is called: the host, and the application of an event that was taken out.
    pub log: Option<String>,
    /// The event: the message, or a part of it.
    pub event: Bytes,
}

/// Takes out of a message what a source knows.
pub fn placed(message: &Bytes) -> Placed {
    let log = |name: &str| {
        let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_LOG).collect();
        Some(name).filter(|name| !name.is_empty())
    };
    if SOURCES.iter().any(|source| source.reads_syslog() && source.recognises(message)) {
        let text = String::from_utf8_lossy(message);
        let from = syslog_message(&text).map(|(from, _)| from).unwrap_or_default();
        return Placed { source: Sourced::ByContent, log: log(&from), event: message.clone() };
    }
    let Some((from, text)) = std::str::from_utf8(message).ok().and_then(syslog_message) else {
        let is_syslog = syslog_message(&String::from_utf8_lossy(message)).is_some();
        let source = if is_syslog { Sourced::As(SYSLOG) } else { Sourced::Unknown };
        return Placed { source, log: None, event: message.clone() };
    };
    let event = message.slice_ref(text.trim_start().as_bytes()); // rsyslog's own template puts a space before it
    if auto(&event).is_some() {
        return Placed { source: Sourced::ByContent, log: log(&from), event };
    }
    let host = log(from.split('/').next().unwrap_or_default());
    Placed { source: Sourced::As(SYSLOG), log: host, event: message.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_knows_is_taken_out() {
        let alert = r#"{"output":"x","priority":"Notice","rule":"r","time":"2026-03-05T01:02:03Z"}"#;
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let check = |text: &str, source: Sourced, log: Option<&str>, event: &str| {
            assert_eq!(placed(&bytes(text)), Placed { source, log: log.map(str::to_owned), event: bytes(event) });
        };
        let carried = format!("<13>1 2026-03-05T01:02:03Z node-a falco - - -  {alert}");
        check(&carried, Sourced::ByContent, Some("node-a/falco"), alert);
        let plain = "<13>Mar  5 01:02:03 web-1 sshd[1]: x";
        check(plain, Sourced::As("syslog"), Some("web-1"), plain);
        let audited = "<14>Mar  5 01:02:03 db-1 mysql-server_auditing:  db-1,aiko,localhost,8,0,CONNECT,shop,,0";
        check(audited, Sourced::ByContent, Some("db-1/mysql-server_auditing"), audited);
        check("nothing of the kind", Sourced::Unknown, None, "nothing of the kind");
        let broken = Bytes::from_static(b"<13>Mar  5 01:02:03 web-1 sshd[1]: \xff");
        assert_eq!(placed(&broken), Placed { source: Sourced::As("syslog"), log: None, event: broken.clone() });
    }
}
