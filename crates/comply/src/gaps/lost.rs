//! What our own doors say that they lost, and which gaps `serve` saw open and close. What senders say is in `senders`.

use std::collections::BTreeMap;

use arrow::array::Array;
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::Engine;

use super::read::{rows, texts, times};
use super::settled::{SETTLED, Said, Settled};
use super::{Gap, Kind, State};

/// The action of a gap that `serve` saw.
pub const OPENED: &str = "gap.opened";
/// The action of a gap whose stream speaks again.
pub const ENDED: &str = "gap.ended";
/// The action of a gap that was filled.
pub const CLOSED: &str = "gap.closed";

/// The action of losses of which a sender told.
pub const LOST: &str = "gap.lost";

/// What our own doors tell of that is lost, or not there: the action, and whether events were lost or a file is missing.
pub const TOLD: [(&str, Kind); 10] = [
    ("syslog.lost", Kind::Lost),
    ("files.shortened", Kind::Lost),
    ("files.too-many", Kind::Lost),
    ("fetch.cut", Kind::Lost),
    ("wal.damaged", Kind::Lost),
    ("access.damaged", Kind::Lost),
    ("files.unreadable", Kind::Missing),
    ("fetch.missing", Kind::Missing),
    ("fetch.vanished", Kind::Missing),
    ("fetch.damaged", Kind::Missing),
];

const OWN: &str =
    "select time, operation, arrow_cast(raw, 'Utf8') as raw from events where kind = 'event' order by time";

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) lost: Vec<Gap>,
    pub(super) seen: BTreeMap<(String, Timestamp), (Gap, Option<Timestamp>)>,
    pub(super) settled: Vec<Said>,
    /// By stream: up to which time people were told of losses, and when.
    pub(super) losses: BTreeMap<String, (Timestamp, Timestamp)>,
}

/// Reads what our own doors told.
pub(super) async fn told(engine: &Engine) -> Result<Told> {
    let mut told = Told::default();
    for batch in rows(engine, OWN).await? {
        let (at, actions, raws) = (times(&batch, 0)?, texts(&batch, 1)?, texts(&batch, 2)?);
        for row in (0..batch.num_rows()).filter(|row| !actions.is_null(*row) && !raws.is_null(*row)) {
            let (action, at) = (actions.value(row), Timestamp(at.value(row)));
            let Ok(event) = serde_json::from_str::<Value>(raws.value(row)) else { continue };
            told.event(action, at, &event);
        }
    }
    Ok(told)
}

impl Told {
    fn event(&mut self, action: &str, at: Timestamp, event: &Value) {
        let detail = |name: &str| event["details"][name].as_str();
        if let Some((_, kind)) = TOLD.iter().find(|(told, _)| *told == action) {
            let door = action.split('.').next().unwrap_or(action);
            let stream = detail("name").map_or_else(|| door.to_owned(), |name| format!("{door}/{name}"));
            let what = ["file", "object", "path", "why"].into_iter().find_map(detail);
            self.lost.push(Gap {
                kind: *kind,
                stream,
                from: at,
                to: Some(at),
                state: State::Open,
                closed: None,
                settled: None,
                lost: detail("count").and_then(|count| count.parse().ok()),
                detail: what.map(str::to_owned),
                at_most: None,
                is_stated: false,
            });
            return;
        }
        let time = |name: &str| detail(name).and_then(|text| Timestamp::parse(text).ok());
        let (Some(stream), Some(from)) = (detail("stream"), time("from")) else { return };
        let key = (stream.to_owned(), from);
        match action {
            OPENED => {
                let gap = Gap {
                    kind: Kind::Silent,
                    stream: stream.to_owned(),
                    from,
                    to: time("to"),
                    state: State::Open,
                    closed: None,
                    settled: None,
                    lost: None,
                    detail: None,
                    at_most: detail("at_most_minutes").and_then(|minutes| minutes.parse().ok()),
                    is_stated: detail("expected") == Some("stated"),
                };
                self.seen.insert(key, (gap, None));
            }
            ENDED => {
                if let Some((gap, _)) = self.seen.get_mut(&key) {
                    gap.to = time("to");
                }
            }
            CLOSED => {
                if let Some((gap, closed)) = self.seen.get_mut(&key) {
                    *closed = Some(at);
                    gap.to = gap.to.or(time("to"));
                }
            }
            LOST => {
                let until = time("to").unwrap_or(from);
                let told = self.losses.entry(stream.to_owned()).or_insert((until, at));
                *told = (told.0.max(until), told.1.max(at));
            }
            SETTLED if event["outcome"] == "success" => {
                let settled = Settled {
                    at,
                    by: event["actor"]["user"].as_str().map(str::to_owned),
                    cause: detail("cause").unwrap_or_default().to_owned(),
                    answer: detail("answer").map(str::to_owned),
                };
                self.settled.push((stream.to_owned(), from, time("to"), settled));
            }
            _ => {}
        }
    }
}
