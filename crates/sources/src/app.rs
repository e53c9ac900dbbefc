//! Applications' own logs as JSON Lines: structlog's `JSONRenderer`, ECS logging, and plain JSON of other loggers.
//!
//! ```text
//! {"event":"order.refunded","timestamp":"2026-03-05T01:02:03.004Z","level":"info","user_id":"aiko","order":7}   structlog
//! {"@timestamp":"2026-03-05T01:02:03.004Z","log.level":"info","message":"…","event":{"action":"login","outcome":"failure"},
//!  "user":{"name":"mei"},"source":{"ip":"203.0.113.77"}}                                                     ECS
//! {"time":1772672523004,"level":30,"msg":"…","req":{…}}                                                     pino
//! ```
//!
//! Who did what, with which result, is found by the names that loggers and applications commonly use (see `mapping`). A time
//! without a zone is read as UTC. No name makes an event one of its kind, so an event is known by where it was received.

mod mapping;

use std::borrow::Cow;
use std::sync::LazyLock;

use shoseki_event::{Columns, Outcome, TimeOrigin, Timestamp};

use crate::ocsf::{Extra, Product};
use crate::source::name_or_unknown;
use crate::{Cursor, NativeKind, Reason, Source, time};
use mapping::{Mapping, Role};

/// The source `app`.
pub(crate) struct App;

const BASE_EVENT: i32 = 0;
const AUTHENTICATION: i32 = 3002;
const API_ACTIVITY: i32 = 6003;

/// How deep names are looked for: `http.response.status_code`.
const DEPTH: usize = 4;

/// The names that are known without being told.
static BUILT_IN: LazyLock<Mapping> = LazyLock::new(mapping::built_in);

/// The most telling value of each role, with its rank.
#[derive(Default)]
struct Event<'a> {
    values: [Option<(usize, Cow<'a, str>)>; Role::COUNT],
}

impl Source for App {
    fn id(&self) -> &'static str {
        "app"
    }

    fn title(&self) -> &'static str {
        "Application log"
    }

    /// It has a time that can be read and says what happened, both in the outermost object: anything less may be anything.
    fn recognises(&self, event: &[u8]) -> bool {
        let (mut has_time, mut says) = (false, false);
        let Ok(mut cursor) = Cursor::new(event) else { return false };
        // An error ends the visit: all was seen, or the bytes are broken.
        let _ = cursor.members(|key, value| {
            match BUILT_IN.value(key).copied().flatten() {
                Some((Role::Time, _)) => has_time |= value.text()?.is_some_and(|text| instant(&text).is_some()),
                Some((Role::Action | Role::Name | Role::Message, _)) => {
                    let is_plain = !value.is_object() && !value.is_list();
                    says |= value.text()?.is_some_and(|text| key == "event" || (is_plain && !text.is_empty()));
                }
                _ => drop(value.skip()?),
            }
            if has_time && says { Err(Reason::Unknown) } else { Ok(()) }
        });
        has_time && says
    }

    /// 2: what stands in `event`, as in Splunk's envelopes.
    fn derivation(&self) -> u32 {
        2
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let mut event = Event::default();
        event.read(raw, &BUILT_IN)?;
        let (time, time_origin) = match event.get(Role::Time) {
            Some(stated) => time::judged(instant(stated), received),
            None => TimeOrigin::judge(None, received),
        };
        let operation = event.get(Role::Action).or(event.get(Role::Name));
        let status = event.get(Role::Outcome).map_or(Outcome::Unknown, outcome);
        let has_actor = event.get(Role::Actor).is_some() || event.get(Role::Action).is_some();
        let (class_uid, activity_id) = classify(operation.or(event.get(Role::Message)).unwrap_or_default(), has_actor);
        let level = event.get(Role::Level).map_or(1, severity);
        let severity_id = if status == Outcome::Failure { level.max(3) } else { level };
        let column = |role: Role| event.get(role).map(Into::into);
        Ok(Columns {
            time,
            time_origin,
            key: None,
            class_uid,
            activity_id,
            severity_id,
            status,
            operation: operation.map(Into::into),
            service: column(Role::Service),
            actor: column(Role::Actor),
            actor_type: column(Role::ActorType),
            src_ip: column(Role::Address),
            account: column(Role::Account),
            region: column(Role::Region),
            resource: column(Role::Resource),
            error: event.get(Role::Error).map(|error| first_line(error).into()),
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        match columns.service {
            Some(_) => format!("app/{}", name_or_unknown(&columns.service)),
            None => "app".to_owned(),
        }
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[] // each application has its own names for the same
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("timestamp", NativeKind::Time),
            ("level", NativeKind::Text),
            ("event", NativeKind::Text),
            ("message", NativeKind::Text),
            ("logger", NativeKind::Text),
        ]
    }

    fn classes(&self) -> Vec<i32> {
        vec![BASE_EVENT, AUTHENTICATION, API_ACTIVITY]
    }

    fn product(&self) -> Product {
        Product { name: self.title(), is_named_by_service: true, ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[
            (Extra::Message, "message"),
            (Extra::Message, "msg"),
            (Extra::UserAgent, "user_agent"),
            (Extra::UserAgent, "user_agent.original"),
        ]
    }

    fn example(&self) -> &'static [u8] {
        br#"{"event":"order.refunded","timestamp":"2026-03-05T01:02:03.004000Z","level":"info","logger":"shop.orders","service":"shop","user_id":"aiko","client_ip":"198.51.100.7","resource":"orders/7","result":"success","amount":4800}"#
    }
}

impl<'a> Event<'a> {
    /// Reads an event and checks that all of it is JSON. It is too large to be handed back.
    fn read(&mut self, raw: &'a [u8], mapping: &Mapping) -> Result<(), Reason> {
        let mut cursor = Cursor::new(raw)?;
        if !self.members(&mut cursor, 1, mapping)? {
            return Err(Reason::NotAnObject);
        }
        cursor.end()
    }

    /// Visits an object, given what its members may stand for.
    fn members(&mut self, cursor: &mut Cursor<'a>, depth: usize, mapping: &Mapping) -> Result<bool, Reason> {
        cursor.members(|key, value| {
            if value.is_object() {
                return match mapping.object(key).filter(|_| depth < DEPTH) {
                    Some(below) => self.members(value, depth + 1, below).map(|_| ()),
                    None => value.skip().map(|_| ()),
                };
            }
            match mapping.value(key).copied().flatten() {
                Some((role, rank)) => self.take(role, rank, value),
                None => value.skip().map(|_| ()),
            }
        })
    }

    /// Takes a value, which is no object, where it is no list and there is no more telling one.
    fn take(&mut self, role: Role, rank: usize, value: &mut Cursor<'a>) -> Result<(), Reason> {
        let is_plain = !value.is_list();
        let text = value.text()?.filter(|text| is_plain && !text.is_empty());
        let into = &mut self.values[role as usize];
        if let Some(text) = text.filter(|_| into.as_ref().is_none_or(|(best, _)| rank <= *best)) {
            *into = Some((rank, text));
        }
        Ok(())
    }

    fn get(&self, role: Role) -> Option<&str> {
        self.values[role as usize].as_ref().map(|(_, text)| text.as_ref())
    }
}

/// The first line of a text that is not empty.
fn first_line(text: &str) -> &str {
    match memchr::memchr(b'\n', text.as_bytes()) {
        None => text,
        Some(end) => {
            let line = text.get(..end).unwrap_or_default();
            line.strip_suffix('\r').unwrap_or(line)
        }
    }
}

/// A time as loggers write it: RFC 3339, the same with a space or without a zone, or a number since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    if text.bytes().take(5).all(|byte| byte.is_ascii_digit()) {
        return time::epoch(text); // a date has a hyphen there
    }
    let (time, zone) = time::civil(text)?;
    match zone.trim_start() {
        "" | "UTC" | "GMT" => Some(time),
        zone => time::at_offset(time, zone),
    }
}

/// What a word or a status of HTTP says of the outcome of what an application did.
pub fn outcome(text: &str) -> Outcome {
    let words = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_number = text.as_bytes().first().is_some_and(|first| matches!(first, b'0'..=b'9' | b'+'));
    if is_number && let Ok(code) = text.parse::<u16>() {
        return match code {
            100..400 => Outcome::Success,
            400..600 => Outcome::Failure,
            _ => Outcome::Unknown,
        };
    }
    if words(&["success", "succeeded", "successful", "ok", "true", "allow", "allowed", "granted", "accepted", "passed"])
    {
        Outcome::Success
    } else if words(&[
        "failure",
        "failed",
        "fail",
        "error",
        "false",
        "deny",
        "denied",
        "forbidden",
        "refused",
        "rejected",
        "unauthorized",
    ]) {
        Outcome::Failure
    } else {
        Outcome::Unknown
    }
}

/// OCSF's severity of a level, by its name or by pino's number.
fn severity(level: &str) -> i32 {
    let levels: [(i32, &[&str]); 3] = [
        (4, &["60", "fatal", "critical", "crit", "alert", "emergency", "emerg", "panic"]),
        (3, &["50", "error", "err", "severe"]),
        (2, &["40", "warning", "warn", "notice"]),
    ];
    let found = levels.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(level)));
    found.map_or(1, |(severity, _)| *severity)
}

/// What the beginning of a word makes of what was done: a log-in, a log-out, or an activity of API Activity.
type Stem = (&'static str, i32, i32);

/// The beginnings of words that begin with a letter. None begins another, so that one at most is a word's.
fn stems(letter: u8) -> &'static [Stem] {
    match letter.to_ascii_lowercase() {
        b'a' => &[("authenticat", AUTHENTICATION, 1), ("add", API_ACTIVITY, 1)],
        b'c' => &[("creat", API_ACTIVITY, 1), ("chang", API_ACTIVITY, 3)],
        b'd' => &[("download", API_ACTIVITY, 2), ("delet", API_ACTIVITY, 4)],
        b'e' => &[("export", API_ACTIVITY, 2), ("edit", API_ACTIVITY, 3)],
        b'g' => &[("get", API_ACTIVITY, 2), ("grant", API_ACTIVITY, 3)],
        b'l' => &[
            ("login", AUTHENTICATION, 1),
            ("logon", AUTHENTICATION, 1),
            ("logout", AUTHENTICATION, 2),
            ("logoff", AUTHENTICATION, 2),
            ("list", API_ACTIVITY, 2),
        ],
        b'r' => &[
            ("regist", API_ACTIVITY, 1),
            ("read", API_ACTIVITY, 2),
            ("revok", API_ACTIVITY, 3),
            ("remov", API_ACTIVITY, 4),
        ],
        b's' => &[("signin", AUTHENTICATION, 1), ("signout", AUTHENTICATION, 2), ("search", API_ACTIVITY, 2)],
        b'u' => &[("updat", API_ACTIVITY, 3)],
        b'v' => &[("view", API_ACTIVITY, 2)],
        _ => &[],
    }
}

/// Whether a word begins so.
fn begins(word: &str, stem: &str) -> bool {
    let head = word.as_bytes().get(..stem.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(stem.as_bytes()))
}

/// The class and the activity of what was done. Without anybody who did it, and but for log-ins, it is a line of a log.
fn classify(operation: &str, has_actor: bool) -> (i32, i32) {
    let (mut known, mut in_two, mut may_log_in) = (None, None, false);
    let words = words(operation);
    for word in words.iter().take_while(|word| !word.is_empty()) {
        if may_log_in && in_two.is_none() {
            in_two = match word.to_ascii_lowercase().as_str() {
                "in" | "on" => Some((AUTHENTICATION, 1)),
                "out" | "off" => Some((AUTHENTICATION, 2)),
                _ => None,
            };
        }
        let of_letter = stems(word.as_bytes().first().copied().unwrap_or_default());
        known = known.or_else(|| of_letter.iter().find(|(stem, ..)| begins(word, stem)));
        may_log_in = !of_letter.is_empty() && (begins(word, "log") || begins(word, "sign"));
    }
    match (in_two, known) {
        (Some(authentication), _) => authentication,
        (None, Some((_, AUTHENTICATION, activity_id))) => (AUTHENTICATION, *activity_id),
        _ if !has_actor => (BASE_EVENT, 99),
        (None, Some((_, class_uid, activity_id))) => (*class_uid, *activity_id),
        (None, None) => (API_ACTIVITY, 99),
    }
}

/// How many words of a name are looked at, and how many of its letters.
const FIRST_WORDS: usize = 8;
const FIRST_LETTERS: usize = 96;

/// What a letter is to a word.
#[derive(Clone, Copy, PartialEq)]
enum Letter {
    Between,
    Lower,
    Upper,
    Digit,
}

/// What each letter of ASCII is.
const LETTERS: [Letter; 256] = {
    let mut letters = [Letter::Between; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        letters[byte as usize] = match byte {
            b'a'..=b'z' => Letter::Lower,
            b'A'..=b'Z' => Letter::Upper,
            b'0'..=b'9' => Letter::Digit,
            _ => Letter::Between,
        };
        byte += 1;
    }
    letters
};

/// The first words of a name: `orderRefunded`, `order.refunded` and `order refunded` have two. Places without a word are empty,
/// and stand behind all others.
fn words(text: &str) -> [&str; FIRST_WORDS] {
    let mut words = [""; FIRST_WORDS];
    let mut free = words.iter_mut();
    let mut put = |word| {
        if !str::is_empty(word)
            && let Some(place) = free.next()
        {
            *place = word;
        }
        free.len() > 0
    };
    let (mut start, mut was_lower) = (0, false);
    let head = text.as_bytes().get(..FIRST_LETTERS).unwrap_or(text.as_bytes());
    if head.is_ascii() {
        for (at, byte) in head.iter().enumerate() {
            let letter = LETTERS[usize::from(*byte)];
            let begins = letter == Letter::Upper && was_lower;
            if begins || letter == Letter::Between {
                if !put(text.get(start..at).unwrap_or_default()) {
                    return words;
                }
                start = at + usize::from(!begins);
            }
            was_lower = letter == Letter::Lower;
        }
        put(text.get(start..).unwrap_or_default());
        return words;
    }
    for (at, letter) in text.char_indices().take(FIRST_LETTERS) {
        let begins = letter.is_ascii_uppercase() && was_lower;
        if begins || !letter.is_alphanumeric() {
            put(text.get(start..at).unwrap_or_default());
            start = at + if begins { 0 } else { letter.len_utf8() };
        }
        was_lower = letter.is_ascii_lowercase();
    }
    put(text.get(start..).unwrap_or_default());
    words
}

#[cfg(test)]
mod tests;
