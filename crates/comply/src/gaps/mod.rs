//! The gap register: in which stretches a stream should have spoken and did not, and what was lost by who says so itself.
//!
//! It is a fold over the evidence, and keeps nothing: a stretch that is filled later is no gap any more. What `serve` saw open and
//! close is evidence too (`gap.opened`, `gap.closed`), so that a closed gap is not forgotten.

mod losses;
mod lost;
mod occupied;
mod read;
mod rhythm;
mod senders;
mod settled;
mod watch;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Message, Result, msg};
use shoseki_query::{Engine, Options};

pub use lost::{CLOSED, ENDED, LOST, OPENED, TOLD};
pub use occupied::Occupied;
pub use rhythm::Rhythm;
pub use settled::{SETTLED, Settled};
pub use watch::{Change, Watch};

const MINUTE: i64 = 60_000_000;
/// How long before the asked stretch rhythms are learned from, in microseconds.
const LEARNED: i64 = 28 * 24 * 60 * MINUTE;

/// A stated rhythm.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The streams, `*` for anything.
    pub stream: glob::Pattern,
    /// The longest silence that is no gap, in minutes.
    pub at_most: i64,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Gaps that end after this time.
    pub from: Timestamp,
    /// The time up to which streams should have spoken; mostly now.
    pub to: Timestamp,
    /// Stated rhythms; the first that names a stream counts. Others are learned.
    pub expected: Vec<Expected>,
}

/// What a gap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A stream was silent for longer than it is.
    Silent,
    /// A stream that is expected never spoke.
    Never,
    /// A sender or a door says that it lost events.
    Lost,
    /// A file that should be there is not, or could not be read.
    Missing,
}

impl Kind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Never => "never",
            Self::Lost => "lost",
            Self::Missing => "missing",
        }
    }
}

/// How a gap stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The stream is silent still.
    Ongoing,
    /// It speaks again; what is missing is missing.
    Open,
    /// A person said why, and what was done: nothing more will come.
    Settled,
    /// What was missing came later.
    Closed,
}

impl State {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ongoing => "ongoing",
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Closed => "closed",
        }
    }
}

/// A gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What it is.
    pub kind: Kind,
    /// The stream, or the door that tells of it.
    pub stream: String,
    /// Its beginning: the end of the last minute with an event, or when the loss was told.
    pub from: Timestamp,
    /// Its end; absent where it lasts.
    pub to: Option<Timestamp>,
    /// How it stands.
    pub state: State,
    /// When it was closed, or settled.
    pub closed: Option<Timestamp>,
    /// Who settled it, and why.
    pub settled: Option<Settled>,
    /// How many events are lost, where somebody says so.
    pub lost: Option<u64>,
    /// The file that is missing, or what was said of the loss.
    pub detail: Option<String>,
    /// The longest silence that would have been none, in minutes.
    pub at_most: Option<i64>,
    /// Whether that was stated, and not learned.
    pub is_stated: bool,
}

impl Gap {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            "stream": self.stream,
            "from": self.from.to_string(),
            "to": self.to.map(|to| to.to_string()),
            "state": self.state.name(),
            "closed": self.closed.map(|closed| closed.to_string()),
            "settled": self.settled.as_ref().map(|settled| {
                json!({"by": settled.by, "cause": settled.cause, "answer": settled.answer})
            }),
            "lost": self.lost,
            "detail": self.detail,
            "at_most_minutes": self.at_most,
            "expected": self.at_most.map(|_| if self.is_stated { "stated" } else { "learned" }),
        })
    }

    /// What to do about it.
    pub fn mend(&self) -> Message {
        match self.kind {
            Kind::Silent | Kind::Never => msg!("comply-gap-mend-silent"),
            Kind::Lost => msg!("comply-gap-mend-lost"),
            Kind::Missing => msg!("comply-gap-mend-missing"),
        }
    }
}

/// A stream, and what is known of its rhythm.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// The end of the last minute in which it spoke.
    pub last: Option<Timestamp>,
    /// Its rhythm; absent where too little is known.
    pub rhythm: Option<Rhythm>,
    /// Whether that was stated.
    pub is_stated: bool,
    /// How long its events are on their way, in minutes: nine of ten are not longer.
    pub delay: i64,
}

/// The register.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// The gaps, those that last first, then the newest.
    pub gaps: Vec<Gap>,
    /// The streams, by their names.
    pub streams: Vec<Stream>,
}

impl Register {
    /// The gaps that are neither closed nor settled.
    pub fn open(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| !matches!(gap.state, State::Closed | State::Settled))
    }
}

/// What streams said, and what is known of losses: the register is a fold over it.
#[derive(Debug, Default)]
struct Heard {
    /// By stream: the minutes in which it spoke, and the delays of the last ones.
    streams: BTreeMap<String, (Occupied, i64)>,
    lost: Vec<Gap>,
    /// Gaps that were seen to open, by stream and beginning, and when they were closed.
    seen: BTreeMap<(String, Timestamp), (Gap, Option<Timestamp>)>,
}

/// Reads the evidence and says what is missing in it. `engine` gives an engine for what is asked about.
///
/// # Errors
/// What the questions say.
pub async fn register(engine: impl Fn(Options) -> Engine, asked: &Asked) -> Result<Register> {
    let learned_from = Timestamp(asked.from.0.min(asked.to.0 - LEARNED));
    let streams = read::spoken(&engine(read::options(learned_from, asked.to, false))).await?;
    // What was said of a gap later is said of it all the same.
    let own = Options { to: None, ..read::options(learned_from, asked.to, true) };
    let lost = read::options(asked.from, asked.to, false);
    let (told, senders) = (lost::told(&engine(own)).await?, senders::lost(&engine(lost)).await?);
    let mut heard = Heard { streams, ..Heard::default() };
    heard.seen = told.seen;
    heard.lost =
        told.lost.into_iter().chain(senders).filter(|gap| (asked.from..asked.to).contains(&gap.from)).collect();
    settled::found(&engine(read::options(asked.from, Timestamp::now(), true)), &mut heard.lost).await?;
    let mut register = judged(&heard, asked);
    settled::settle(&mut register.gaps, &told.settled);
    register.gaps.sort_by(|a, b| (a.state, b.from, &a.stream).cmp(&(b.state, a.from, &b.stream)));
    Ok(register)
}

fn judged(heard: &Heard, asked: &Asked) -> Register {
    let Heard { streams, lost, seen } = heard;
    let mut register = Register { gaps: lost.clone(), streams: Vec::new() };
    let stated = |name: &str| asked.expected.iter().find(|expected| expected.stream.matches(name));
    for (name, (occupied, delay)) in streams {
        let expected = stated(name);
        let rhythm = match expected {
            Some(expected) => Some(Rhythm::stated(expected.at_most)),
            None => Rhythm::learned(occupied, minute(asked.to)),
        };
        let stream = Stream {
            name: name.clone(),
            last: occupied.span().map(|(_, end)| time(end)),
            rhythm,
            is_stated: expected.is_some(),
            delay: *delay,
        };
        silences(&stream, occupied, asked, &mut register.gaps);
        register.streams.push(stream);
    }
    for expected in &asked.expected {
        let (name, has_star) = (expected.stream.as_str(), expected.stream.as_str().contains(['*', '?', '[']));
        if !has_star && !streams.contains_key(name) {
            let gap = Gap { to: None, ..silent(name, (minute(asked.from), minute(asked.to)), expected.at_most, true) };
            register.gaps.push(Gap { kind: Kind::Never, state: State::Ongoing, ..gap });
        }
    }
    for ((stream, from), (gap, closed)) in seen {
        let is_there = |now: &Gap| {
            let overlaps = now.to.is_none_or(|to| to > *from) && gap.to.is_none_or(|to| now.from < to);
            now.stream == *stream && matches!(now.kind, Kind::Silent | Kind::Never) && overlaps
        };
        let end = closed.or(gap.to).unwrap_or(asked.to);
        if end >= asked.from && !register.gaps.iter().any(is_there) {
            register.gaps.push(Gap { state: State::Closed, closed: closed.or(Some(asked.to)), ..gap.clone() });
        }
    }
    register.gaps.sort_by(|a, b| (a.state, b.from, &a.stream).cmp(&(b.state, a.from, &b.stream)));
    register
}

/// The silences of a stream that are gaps.
fn silences(stream: &Stream, occupied: &Occupied, asked: &Asked, gaps: &mut Vec<Gap>) {
    let Some(rhythm) = &stream.rhythm else { return };
    let (from, to) = (minute(asked.from), minute(asked.to));
    for silence in occupied.silences().filter(|(_, end)| *end > from).filter(|silence| rhythm.is_gap(*silence)) {
        gaps.push(silent(&stream.name, silence, rhythm.at_most, stream.is_stated));
    }
    let Some((_, end)) = occupied.span() else { return };
    if rhythm.is_gap((end, to - stream.delay)) {
        let gap = silent(&stream.name, (end, to), rhythm.at_most, stream.is_stated);
        gaps.push(Gap { to: None, state: State::Ongoing, ..gap });
    }
}

fn silent(stream: &str, (from, to): (i64, i64), at_most: i64, is_stated: bool) -> Gap {
    Gap {
        kind: Kind::Silent,
        stream: stream.to_owned(),
        from: time(from),
        to: Some(time(to)),
        state: State::Open,
        closed: None,
        settled: None,
        lost: None,
        detail: None,
        at_most: Some(at_most),
        is_stated,
    }
}

fn minute(time: Timestamp) -> i64 {
    time.0.div_euclid(MINUTE)
}

fn time(minute: i64) -> Timestamp {
    Timestamp(minute.saturating_mul(MINUTE))
}

#[cfg(test)]
mod tests;
