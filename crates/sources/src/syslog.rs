//! Syslog as it travels: RFC 5424, and the older form that RFC 3164 describes.
//!
//! ```text
//! <110>1 2026-03-05T01:02:03.004Z web-1 sshd 4711 LOGIN [origin ip="203.0.113.7"] Accepted publickey for aiko
//! <38>Mar  5 01:02:03 web-1 sshd[4711]: Accepted publickey for aiko
//! ```
//!
//! The older form has neither a year nor a zone. Where its time may be that of the receipt in some zone, the receipt's stands in;
//! else it is read as UTC in the latest year that is not in the future.

use shoseki_event::{Columns, TimeOrigin, Timestamp};

use crate::native::Native;
use crate::ocsf::{Extra, Product};
use crate::source::name_or_unknown;
use crate::{Form, NativeKind, Reason, Source, time};

/// The source `syslog`.
pub(crate) struct Syslog;

#[rustfmt::skip] // as the RFC's table has them
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
/// OCSF's `severity_id` of each.
const GRAVITY: [i32; 8] = [6, 5, 5, 4, 3, 2, 1, 1];

/// The widest that a clock's zone can lie from UTC, and an hour for its error, in microseconds.
const ANY_ZONE: i64 = 15 * 3_600_000_000;

/// What may stand behind a message.
const ENDS: [char; 3] = ['\r', '\n', '\0'];

/// A message's parts; empty where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Message<'a> {
    facility: usize,
    severity: usize,
    is_modern: bool,
    pub(crate) time: &'a str,
    host: &'a str,
    pub(crate) app: &'a str,
    process: &'a str,
    id: &'a str,
    data: &'a str,
    /// What it says, to the message's end.
    pub(crate) text: &'a str,
}

impl Source for Syslog {
    fn id(&self) -> &'static str {
        "syslog"
    }

    fn title(&self) -> &'static str {
        "Syslog"
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn recognises(&self, event: &[u8]) -> bool {
        Message::read(&String::from_utf8_lossy(event))
            .is_some_and(|message| message.instant(Timestamp::now()).is_some())
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let text = String::from_utf8_lossy(raw);
        let message = Message::read(&text).ok_or(Reason::NotALine { of: "syslog" })?;
        let (time, time_origin) = message.judged(received);
        let column = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Into::into);
        Ok(Columns {
            time,
            time_origin,
            severity_id: GRAVITY[message.severity],
            service: column(message.app),
            resource: column(message.host),
            operation: column(message.id),
            ..Columns::default()
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        format!("syslog/{}", name_or_unknown(&columns.resource))
    }

    fn native(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(raw);
        let message = Message::read(&text)?;
        let mut native = Native::new();
        native.text("facility", FACILITIES[message.facility]);
        native.text("severity", SEVERITIES[message.severity]);
        native.text("timestamp", message.time);
        native.text("hostname", message.host);
        native.text("app_name", message.app);
        native.text("proc_id", message.process);
        native.text("msg_id", message.id);
        native.text("structured_data", message.data);
        native.text("message", message.text);
        Some(native.finish())
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("hostname", "resource"), ("app_name", "service"), ("msg_id", "operation")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("facility", NativeKind::Text),
            ("severity", NativeKind::Text),
            ("timestamp", NativeKind::Text),
            ("hostname", NativeKind::Text),
            ("app_name", NativeKind::Text),
            ("proc_id", NativeKind::Text),
            ("msg_id", NativeKind::Text),
            ("structured_data", NativeKind::Text),
            ("message", NativeKind::Text),
        ]
    }

    fn product(&self) -> Product {
        Product { name: self.title(), is_named_by_service: true, ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[(Extra::Message, "message"), (Extra::Device, "hostname")]
    }

    fn example(&self) -> &'static [u8] {
        br#"<110>1 2026-03-05T01:02:03.004Z web-1 sshd 4711 LOGIN [origin ip="203.0.113.7"] Accepted publickey for aiko"#
    }
}

/// The message in a line, and where it says that it is from: what carries it, and what may be an event of another source.
pub fn syslog_message(line: &str) -> Option<(String, &str)> {
    let message = Message::read(line)?;
    let parts = [message.host, message.app].into_iter().filter(|part| !part.is_empty());
    Some((parts.collect::<Vec<_>>().join("/"), message.text))
}

impl<'a> Message<'a> {
    /// The message in the bytes of a line, and what it says to the line's end, also where that is no UTF-8.
    pub(crate) fn of_bytes(line: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let valid = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(line.get(..error.valid_up_to())?).ok()?,
        };
        let message = Self::read(valid)?;
        let text = line.get(valid.trim_end_matches(ENDS).len() - message.text.len()..)?;
        Some((message, text))
    }

    fn read(line: &'a str) -> Option<Self> {
        let line = line.trim_end_matches(ENDS);
        let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
        let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let priority: usize = number.parse().ok().filter(|_| is_number)?;
        let (facility, severity) = (priority / 8, priority % 8);
        if facility >= FACILITIES.len() {
            return None;
        }
        let message = match rest.strip_prefix("1 ") {
            Some(rest) => Self::modern(rest),
            None => Self::older(rest),
        };
        Some(Self { facility, severity, ..message? })
    }

    /// RFC 5424, behind the version.
    fn modern(rest: &'a str) -> Option<Self> {
        let mut rest = rest;
        let mut word = || {
            let (word, after) = rest.split_once(' ')?;
            rest = after;
            (!word.is_empty()).then(|| if word == "-" { "" } else { word })
        };
        let [time, host, app, process, id] = [word()?, word()?, word()?, word()?, word()?];
        let (data, text) = match rest.strip_prefix('-') {
            Some(after) => ("", after),
            None => rest.split_at(structured(rest)?),
        };
        let text = match text.strip_prefix(' ') {
            Some(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                text.strip_prefix(' ').unwrap_or(text) // rsyslog's own template puts one more before it
            }
            None if text.is_empty() => "",
            None => return None,
        };
        Some(Self { is_modern: true, time, host, app, process, id, data, text, ..Self::default() })
    }

    /// RFC 3164: senders take liberties, so that only the time must be one.
    fn older(rest: &'a str) -> Option<Self> {
        let (time, after) = rest.split_at_checked(15)?;
        time::civil_of_year(time, 2_000)?;
        let rest = after.strip_prefix(' ')?;
        let (host, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let end = rest.find([':', '[', ' ']).unwrap_or(rest.len());
        let (tag, after) = rest.split_at(end);
        let (process, after) = match after.strip_prefix('[').and_then(|after| after.split_once(']')) {
            Some((process, after)) => (process, after),
            None => ("", after),
        };
        let Some(text) = after.strip_prefix(':') else {
            return Some(Self { time, host, text: rest, ..Self::default() }); // no tag, but words
        };
        Some(Self { time, host, app: tag, process, text: text.strip_prefix(' ').unwrap_or(text), ..Self::default() })
    }

    /// When it was, and who says so.
    pub(crate) fn judged(&self, received: Timestamp) -> (Timestamp, TimeOrigin) {
        match self.instant(received) {
            Some(time) if !self.is_modern && (time.0 - received.0).abs() <= ANY_ZONE => {
                TimeOrigin::judge(None, received)
            }
            None if self.time.is_empty() => TimeOrigin::judge(None, received),
            stated => time::judged(stated, received),
        }
    }

    fn instant(&self, received: Timestamp) -> Option<Timestamp> {
        if self.is_modern {
            return Timestamp::parse(self.time).ok();
        }
        let latest = Timestamp(received.0.saturating_add(24 * 3_600_000_000));
        let year: i64 = received.to_string().get(..4)?.parse().ok()?;
        let of_year = |year: i64| time::civil_of_year(self.time, year);
        [year + 1, year, year - 1, year - 2, year - 3, year - 4].into_iter().filter_map(of_year).find(|t| *t <= latest)
    }
}

/// How long the structured data at the beginning of a text is: `[id name="value"…]…`, in values `\"`, `\\` and `\]`.
fn structured(text: &str) -> Option<usize> {
    let (mut is_in, mut is_quoted, mut bytes) = (false, false, text.bytes().enumerate());
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if is_quoted => drop(bytes.next()),
            b'"' if is_in => is_quoted = !is_quoted,
            b'[' if !is_in => is_in = true,
            b']' if is_in && !is_quoted => {
                is_in = false;
                if text.as_bytes().get(at + 1) != Some(&b'[') {
                    return Some(at + 1);
                }
            }
            _ if is_in => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVED: &str = "2026-03-05T10:02:04Z";

    fn derive(line: &str) -> Columns {
        Syslog.derive(line.as_bytes(), Timestamp::parse(RECEIVED).unwrap()).unwrap()
    }

    fn native(line: &str) -> serde_json::Value {
        serde_json::from_slice(&Syslog.native(line.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn samples_give_their_columns() {
        crate::tests::golden(&Syslog);
    }

    #[test]
    fn both_forms() {
        let columns = derive(std::str::from_utf8(Syslog.example()).unwrap());
        assert_eq!(columns.time.to_string(), "2026-03-05T01:02:03.004Z");
        assert_eq!(
            (columns.severity_id, columns.service.as_deref(), columns.resource.as_deref()),
            (1, Some("sshd"), Some("web-1"))
        );
        let example = native(std::str::from_utf8(Syslog.example()).unwrap());
        assert_eq!(example["facility"], "audit");
        assert_eq!(example["structured_data"], r#"[origin ip="203.0.113.7"]"#);
        assert_eq!(example["message"], "Accepted publickey for aiko");
        let older = native("<38>Mar  5 01:02:03 web-1 sshd[4711]: 認証に成功: 愛子");
        assert_eq!((&older["proc_id"], &older["app_name"]), (&"4711".into(), &"sshd".into()));
        assert_eq!((&older["severity"], &older["message"]), (&"info".into(), &"認証に成功: 愛子".into()));
        assert_eq!(native("<13>Mar  5 01:02:03 web-1 no tag here")["message"], "no tag here");
        assert_eq!(native("<13>1 - - - - - - \u{feff}裸")["message"], "裸");
        assert_eq!(
            native("<36>1 2026-11-26T11:31:05.19Z vm a - - -  ログイン 0")["message"],
            "ログイン 0",
            "as rsyslog"
        );
        assert_eq!(native(r#"<13>1 - - - - - [a b="]\"\\"][c] x"#)["structured_data"], r#"[a b="]\"\\"][c]"#);
    }

    #[test]
    fn a_time_without_a_zone_is_that_of_the_receipt_where_it_may_be() {
        let older = |time: &str| derive(&format!("<13>{time} h t: x"));
        assert_eq!(older("Mar  5 19:02:03").time_origin, TimeOrigin::Received, "Tokyo's clock");
        assert_eq!(older("Mar  3 19:02:03").time.to_string(), "2026-03-03T19:02:03Z");
        assert_eq!(older("Dec 31 23:59:59").time.to_string(), "2025-12-31T23:59:59Z", "not in the future");
        assert_eq!(older("Feb 29 00:00:00").time.to_string(), "2024-02-29T00:00:00Z", "a day that not every year has");
        assert_eq!(derive("<13>1 noon h t - - - x").time_origin, TimeOrigin::Implausible);
        assert_eq!(derive("<13>1 - h t - - - x").time_origin, TimeOrigin::Received);
    }

    #[test]
    fn what_is_no_utf_8_is_said_to_the_end() {
        for (line, said) in [
            (&b"<13>1 - h a - - - x\xe7\x9b"[..], &b"x\xe7\x9b"[..]),
            (b"<13>1 - h a - - -  x\n\xff\n", b"x\n\xff\n"),
            (b"<13>Mar  5 01:02:03 h a: \xff", b"\xff"),
            (b"<13>1 - h a - - -", b""),
        ] {
            let (message, text) = Message::of_bytes(line).unwrap();
            assert_eq!((message.app, text), ("a", said));
        }
        assert_eq!(Message::of_bytes(b"<13>1 - h\xff a - - - x"), None, "a head is text");
    }

    #[test]
    fn what_is_none_is_refused() {
        let lines = [
            "",
            "<",
            "<>1 - - - - - - x",
            "<192>1 - - - - - - x",
            "<13>",
            "<13>1",
            "<13>1 - - - - -",
            "<0013>1 - - - - - -",
            "<13>1 - - - - - [a",
            "<13>1 - - - - - [a]x",
            "<13>Foo  5 01:02:03 h t: x",
            "<13>Mar  5 01:02:03",
            "<13>壱弐参四五六",
        ];
        for line in lines {
            assert!(Syslog.derive(line.as_bytes(), Timestamp::now()).is_err(), "{line}");
            assert!(!Syslog.recognises(line.as_bytes()) && Syslog.native(line.as_bytes()).is_none(), "{line}");
        }
    }
}
