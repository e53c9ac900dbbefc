//! A topic of SNS.

use shoseki_aws::{Caller, sns};
use shoseki_messages::Result;

use super::Note;
use crate::config::Alert;

/// A topic, and as whom it is published to.
pub(super) struct Topic {
    topic: String,
    caller: Caller,
}

impl Topic {
    pub(super) fn of(topic: &str, alert: &Alert) -> Self {
        let caller = Caller { region: None, role: alert.role_arn.clone(), external_id: alert.external_id.clone() };
        Self { topic: topic.to_owned(), caller }
    }

    pub(super) async fn publish(&self, note: &Note) -> Result<()> {
        sns::publish(&self.topic, &self.caller, &note.plain_title(), &note.text).await
    }
}
