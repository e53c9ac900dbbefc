//! What happens to the doors themselves: it is shown, and it is evidence, in the stream `shoseki/serve`.

use std::collections::BTreeMap;

use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::Message;
use shoseki_segment::OWN_SOURCE;
use shoseki_vault::wal::Delivery;

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
        Delivery {
            received: self.time,
            door: "serve".to_owned(),
            sender: OWN_SOURCE.to_owned(),
            from: None,
            source: Some(OWN_SOURCE.to_owned()),
            stream: Some("shoseki/serve".to_owned()),
            log: None,
            id: None,
            is_wrapped_by_us: false,
            cursor: None,
            events: vec![self.to_json().to_string().into()],
        }
    }
}
