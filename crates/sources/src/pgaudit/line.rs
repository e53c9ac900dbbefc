//! A line of PostgreSQL's log: its prefix, its severity and its message. What the message says is not read here.

use shoseki_event::Timestamp;

use crate::time;

/// The severities that PostgreSQL writes, and the words before what it adds to a message. Two spaces follow the colon.
const SEVERITIES: &[&str] = &[
    "LOG",
    "ERROR",
    "FATAL",
    "PANIC",
    "WARNING",
    "NOTICE",
    "INFO",
    "DEBUG",
    "DEBUG1",
    "DEBUG2",
    "DEBUG3",
    "DEBUG4",
    "DEBUG5",
    "STATEMENT",
    "DETAIL",
    "HINT",
    "CONTEXT",
    "QUERY",
    "LOCATION",
    "BACKTRACE",
];

/// The length of the colon and the spaces behind a severity.
const SEPARATOR: usize = 3;

/// How far into a line its severity is looked for.
const REACH: usize = 1024;

/// How long a prefix can be because of the names in it: two of 63 bytes with a sign between.
const NAMES: usize = 128;

/// Zones as PostgreSQL abbreviates them, in hours; those that mean two things are not among them.
#[rustfmt::skip]
const ZONES: &[(&str, i64)] = &[
    ("UTC", 0), ("GMT", 0), ("Z", 0), ("JST", 9), ("KST", 9), ("HKT", 8), ("AEST", 10), ("AEDT", 11), ("NZST", 12), ("NZDT", 13),
    ("WET", 0), ("WEST", 1), ("CET", 1), ("CEST", 2), ("EET", 2), ("EEST", 3), ("MSK", 3), ("BRT", -3),
    ("EST", -5), ("EDT", -4), ("CDT", -5), ("MST", -7), ("MDT", -6), ("PST", -8), ("PDT", -7),
];

/// What a line says; a name that is not there is empty.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    /// `None` where its zone is not known.
    pub(super) time: Option<Timestamp>,
    /// The time as it stands there.
    pub(super) stated: &'a str,
    pub(super) pid: &'a str,
    pub(super) user: &'a str,
    pub(super) database: &'a str,
    pub(super) host: &'a str,
    pub(super) application: &'a str,
    pub(super) severity: &'static str,
    pub(super) message: &'a str,
    /// Whether the names in the prefix may have made up the message: whoever fails to log in chooses them.
    pub(super) has_two_readings: bool,
}

/// Whether a line begins an event: with a time.
pub(super) fn begins(line: &[u8]) -> bool {
    let head = line.get(..19).unwrap_or_default();
    line.get(10) == Some(&b' ') && std::str::from_utf8(head).is_ok_and(|head| time::civil(head).is_some())
}

impl<'a> Line<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (clock, rest) = time::civil(text).filter(|_| text.as_bytes().get(10) == Some(&b' '))?;
        let (time, rest) = zoned(clock, rest);
        let (start, severity) = severity(rest, 0)?;
        let prefix = rest.get(..start)?;
        let message = rest.get(start + severity.len() + SEPARATOR..)?;
        let mut line =
            Self { time, stated: text.get(..text.len() - rest.len())?, severity, message, ..Self::default() };
        line.prefix(prefix);
        line.has_two_readings = has_two_readings(rest, start, severity.len());
        Some(line)
    }

    /// Reads what stands between the time and the severity. A prefix of another form has no names for us.
    fn prefix(&mut self, prefix: &'a str) {
        match prefix.strip_prefix(':') {
            Some(rest) => self.colons(rest),
            None => self.spaces(prefix.trim_start()),
        }
        for name in [&mut self.user, &mut self.database, &mut self.host, &mut self.application] {
            if *name == "[unknown]" {
                *name = "";
            }
        }
    }

    /// `%r:%u@%d:[%p]:`
    fn colons(&mut self, prefix: &'a str) {
        let Some((names, pid)) = prefix.strip_suffix("]:").and_then(|rest| rest.rsplit_once(":[")) else { return };
        let remote = match names.find("):") {
            Some(end) => Some((names.get(..=end).unwrap_or_default(), names.get(end + 2..).unwrap_or_default())),
            None if names.starts_with("[local]:") => names.split_at_checked(7).map(|(host, rest)| (host, &rest[1..])),
            None => names.split_once(':'),
        };
        let Some((remote, names)) = remote else { return };
        self.pid = pid;
        self.host = without_port(remote);
        self.names(names);
    }

    /// `[%p] `, `[%p] %u@%d `, `[%p-%l] …`, `[%p]: [%l-1] user=%u,db=%d,app=%a,client=%h `
    fn spaces(&mut self, prefix: &'a str) {
        let Some((pid, rest)) = prefix.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return };
        self.pid = pid.split_once('-').map_or(pid, |(pid, _)| pid);
        let mut rest = rest.strip_prefix(':').unwrap_or(rest).trim();
        if let Some((_, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            rest = behind.trim_start();
        }
        if !rest.contains('=') {
            return self.names(rest);
        }
        for (key, value) in rest.split([',', ' ']).filter_map(|pair| pair.split_once('=')) {
            match key {
                "user" | "u" => self.user = value,
                "db" | "database" | "d" => self.database = value,
                "app" | "application" | "a" => self.application = value,
                "client" | "host" | "remote" | "h" | "r" => self.host = without_port(value),
                _ => {}
            }
        }
    }

    /// `user@database`. A user of a directory has an `@` in its own name.
    fn names(&mut self, names: &'a str) {
        if let Some((user, database)) = names.rsplit_once('@') {
            (self.user, self.database) = (user, database);
        }
    }
}

/// `198.51.100.7(40432)` without the port.
fn without_port(remote: &str) -> &str {
    remote.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).map_or(remote, |(host, _)| host)
}

/// The instant, given the zone that follows it, and what stands behind the zone.
fn zoned(clock: Timestamp, rest: &str) -> (Option<Timestamp>, &str) {
    let Some(zone) = rest.strip_prefix(' ') else { return (None, rest) };
    let length = zone.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-')).count();
    let (zone, behind) = zone.split_at(length);
    let hours = ZONES.iter().find(|(name, _)| *name == zone).map(|(_, hours)| *hours);
    let time = match hours {
        Some(hours) => Some(Timestamp(clock.0 - hours * 3_600_000_000)),
        None => time::at_offset(clock, zone),
    };
    (time, behind)
}

/// The first severity from a place on, and where it begins.
fn severity(text: &str, from: usize) -> Option<(usize, &'static str)> {
    let mut end = REACH.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end)?;
    let head = head.split_once('\n').map_or(head, |(line, _)| line);
    let colons = memchr::memmem::find_iter(head.as_bytes().get(from..)?, b":  ").map(|at| at + from);
    colons.into_iter().find_map(|colon| {
        let before = head.get(..colon)?;
        let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let start = if before.is_char_boundary(start) { start } else { return None };
        let word = before.get(start..)?;
        SEVERITIES.iter().find(|known| **known == word).map(|known| (start, *known))
    })
}

/// Whether a second severity stands so near behind the first, after the same sign, that the first could be part of a name.
fn has_two_readings(text: &str, first: usize, length: usize) -> bool {
    let sign = |at: usize| at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
    let mut from = first + length + SEPARATOR;
    while let Some((second, word)) = severity(text, from) {
        if second - first > NAMES {
            return false;
        }
        if sign(second) == sign(first) {
            return true;
        }
        from = second + word.len() + SEPARATOR;
    }
    false
}
