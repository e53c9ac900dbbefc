//! What happens to the doors themselves: it is shown, and it is evidence, in the stream `shoseki/serve`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Message, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_vault::wal::Delivery;

/// The stream of what happens to `serve`.
pub(crate) const STREAM: &str = "shoseki/serve";
/// Somebody could not be told of what happened.
pub(crate) const ALERT_FAILED: &str = "alert.failed";

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Happening {
    /// When.
    pub time: Timestamp,
    /// What: `serve.start`, `serve.stop`, `seal.failed`.
    pub action: &'static str,
    /// Whether it is a failure.
    pub is_failure: bool,
    /// The sentence for people.
    pub message: Message,
    /// What people are told besides, line by line: it is no part of the evidence.
    pub beside: Vec<Message>,
    /// What to do about it.
    pub mend: Option<Message>,
    /// Who alone is told, by the names of alerts: those who could not be told before. Nobody named: whoever wants to know.
    pub to: BTreeSet<String>,
    /// The details, in names and values.
    pub details: BTreeMap<&'static str, String>,
}

impl Happening {
    pub(crate) fn new(action: &'static str, message: Message) -> Self {
        Self {
            time: Timestamp::now(),
            action,
            is_failure: false,
            message,
            beside: Vec::new(),
            mend: None,
            to: BTreeSet::new(),
            details: BTreeMap::new(),
        }
    }

    pub(crate) fn failure(action: &'static str, message: Message) -> Self {
        Self { is_failure: true, ..Self::new(action, message) }
    }

    pub(crate) fn mended_by(self, mend: Message) -> Self {
        Self { mend: Some(mend), ..self }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.details.insert(name, value.to_string());
        self
    }

    /// The same, told once more to those who could not be told.
    pub(crate) fn again_to(self, names: &BTreeSet<String>) -> Self {
        let to = names.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        Self { to: names.clone(), ..self.with("told_to", to) }
    }

    /// The same, told to one alone.
    pub(crate) fn for_one(self, name: &str) -> Self {
        Self { to: BTreeSet::from([name.to_owned()]), ..self }
    }

    /// That somebody could not be told of it: with what tells it from others, so that it can be told again.
    pub(crate) fn untold(&self, name: &str, why: &Fault) -> Self {
        /// What names it: the findings, the rows, the matches, the day, the schedule, what stands open.
        const NAMES: [&str; 6] = ["schedule", "findings", "new_rows", "day", "alert", "matches"];
        let said = vec![why.message().clone()];
        let message = msg!("server-alert-failed", name = name, why = said, what = vec![self.message.clone()]);
        let mut untold = Self::failure(ALERT_FAILED, message).with("name", name).with("of", self.action);
        untold = untold.with("told", self.time).with("why", why.chain(Lang::En));
        for name in NAMES {
            if let Some(value) = self.details.get(name) {
                untold = untold.with(name, value);
            }
        }
        untold
    }

    /// As the JSON that is kept, and that a log shows.
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "time": self.time.to_string(),
            "action": self.action,
            "outcome": if self.is_failure { "failure" } else { "success" },
            "message": self.message.to_string(),
            "details": self.details,
        })
    }

    pub(crate) fn delivery(&self) -> Delivery {
        delivery(self.time, vec![self.to_json().to_string().into()])
    }
}

/// Events of our own, as they go into the log.
pub(crate) fn delivery(received: Timestamp, events: Vec<Bytes>) -> Delivery {
    Delivery {
        received,
        door: "serve".to_owned(),
        sender: OWN_SOURCE.to_owned(),
        from: None,
        source: Some(OWN_SOURCE.to_owned()),
        stream: Some(STREAM.to_owned()),
        log: None,
        id: None,
        is_wrapped_by_us: false,
        cursor: None,
        events,
    }
}
