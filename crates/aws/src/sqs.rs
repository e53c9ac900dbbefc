//! Queues: what is received is invisible to others for a while, and comes again unless it is deleted.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use shoseki_messages::{Fault, Result, msg};

use crate::client::{self, Caller, failed};

/// How many messages come, or are deleted, with one call.
pub const AT_ONCE: usize = 10;

/// The longest time that a message can be hidden, in seconds.
const MOST_HIDDEN: i32 = 43_200;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What SQS calls it; the same at each delivery.
    pub id: String,
    /// What this delivery of it is deleted by.
    pub receipt: String,
    /// What stands in it.
    pub body: String,
}

impl Queue {
    /// The queue of a URL. Nothing is called yet.
    pub async fn of(url: &str, caller: &Caller) -> Self {
        Self { client: Client::new(&client::config_of(caller).await), url: url.to_owned() }
    }

    /// At most [`AT_ONCE`] messages, once there are any or `wait` is over (at most 20 s). Others do not see them while they are
    /// `hidden`. `sqs:ReceiveMessage`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such queue; the world's failure else.
    pub async fn receive(&self, wait: Duration, hidden: Duration) -> Result<Vec<Letter>> {
        let hidden = i32::try_from(hidden.as_secs()).unwrap_or(i32::MAX).min(MOST_HIDDEN);
        let seconds = i32::try_from(wait.as_secs().min(20)).unwrap_or(20);
        let most = i32::try_from(AT_ONCE).unwrap_or(1);
        let call = self.client.receive_message().queue_url(&self.url).max_number_of_messages(most);
        let answer = call.wait_time_seconds(seconds).visibility_timeout(hidden).send().await;
        let answer = answer.map_err(|error| failed("sqs:ReceiveMessage", &self.url, error))?;
        let letter = |message: aws_sdk_sqs::types::Message| {
            Some(Letter { id: message.message_id?, receipt: message.receipt_handle?, body: message.body? })
        };
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(letter).collect())
    }

    /// Deletes deliveries of messages: they do not come again. `sqs:DeleteMessage`.
    ///
    /// # Errors
    /// The world's failure where some could not be deleted.
    pub async fn delete(&self, receipts: &[String]) -> Result<()> {
        for receipts in receipts.chunks(AT_ONCE) {
            let mut call = self.client.delete_message_batch().queue_url(&self.url);
            for (number, receipt) in receipts.iter().enumerate() {
                let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(receipt);
                let broken =
                    |error| Fault::broken(msg!("aws-call-broken", action = "sqs:DeleteMessage")).because(error);
                call = call.entries(entry.build().map_err(broken)?);
            }
            let answer = call.send().await.map_err(|error| failed("sqs:DeleteMessage", &self.url, error))?;
            if let Some(left) = answer.failed().first() {
                let (what, code) = (self.url.as_str(), left.code());
                return Err(Fault::world(msg!(
                    "aws-call-refused",
                    action = "sqs:DeleteMessage",
                    what = what,
                    code = code
                )));
            }
        }
        Ok(())
    }
}
