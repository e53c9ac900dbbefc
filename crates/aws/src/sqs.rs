//! Queues: what is received is invisible to others for a while, and comes again unless it is deleted.

use async_recursion::async_recursion;
use std::time::Duration;

use aws_config::SdkConfig;
use serde::Deserialize;
use serde_json::json;
use shoseki_messages::{Fault, Result, msg};

use crate::call::{Json, JsonService, Service, failed};
use crate::client::{self, Caller};

/// How many messages come, or are deleted, with one call.
pub const AT_ONCE: usize = 10;

/// The longest time that a message can be hidden, in seconds.
const MOST_HIDDEN: u64 = 43_200;

/// The longest time that a queue can be waited at, in seconds.
const MOST_WAITED: u64 = 20;

pub(crate) static SQS: JsonService = JsonService {
    service: Service { id: "SQS", host: "sqs", is_fips_in_gov: true },
    target: "AmazonSQS",
    content_type: "application/x-amz-json-1.0",
};

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    sqs: Json,
    url: String,
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Letter {
    /// What SQS calls it; the same at each delivery.
    #[serde(rename = "MessageId")]
    pub id: String,
    /// What this delivery of it is deleted by.
    #[serde(rename = "ReceiptHandle")]
    pub receipt: String,
    /// What stands in it.
    #[serde(rename = "Body")]
    pub body: String,
}

#[derive(Deserialize)]
struct Received {
    /// Absent where the queue is empty.
    #[serde(rename = "Messages", default)]
    messages: Option<Vec<Letter>>,
}

#[derive(Deserialize)]
struct Deleted {
    #[serde(rename = "Failed", default)]
    failed: Option<Vec<Left>>,
}

#[derive(Deserialize)]
struct Left {
    #[serde(rename = "Code", default)]
    code: String,
}

impl Queue {
    /// The queue of a URL. Nothing is called yet.
    #[async_recursion]
    pub async fn of(url: &str, caller: &Caller) -> Self {
        Self::by(url, &client::config_of(caller).await)
    }

    fn by(url: &str, config: &SdkConfig) -> Self {
        Self { sqs: Json::of(&SQS, config), url: url.to_owned() }
    }

    /// At most [`AT_ONCE`] messages, once there are any or `wait` is over (at most 20 s). Others do not see them while they are
    /// `hidden`. `sqs:ReceiveMessage`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such queue; the world's failure else.
    #[async_recursion]
    pub async fn receive(&self, wait: Duration, hidden: Duration) -> Result<Vec<Letter>> {
        let input = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": AT_ONCE,
            "WaitTimeSeconds": wait.as_secs().min(MOST_WAITED),
            "VisibilityTimeout": hidden.as_secs().min(MOST_HIDDEN),
        });
        let received = self.sqs.call::<Received>("ReceiveMessage", &input).await;
        let received = received.map_err(|failure| failed("sqs:ReceiveMessage", &self.url, failure))?;
        Ok(received.messages.unwrap_or_default())
    }

    /// Deletes deliveries of messages: they do not come again. `sqs:DeleteMessage`.
    ///
    /// # Errors
    /// The world's failure where some could not be deleted.
    #[async_recursion]
    pub async fn delete(&self, receipts: &[String]) -> Result<()> {
        let (action, what) = ("sqs:DeleteMessage", self.url.as_str());
        for receipts in receipts.chunks(AT_ONCE) {
            let entry =
                |(number, receipt): (usize, &String)| json!({"Id": number.to_string(), "ReceiptHandle": receipt});
            let entries: Vec<_> = receipts.iter().enumerate().map(entry).collect();
            let input = json!({"QueueUrl": self.url, "Entries": entries});
            let deleted = self.sqs.call::<Deleted>("DeleteMessageBatch", &input).await;
            let deleted = deleted.map_err(|failure| failed(action, what, failure))?;
            if let Some(left) = deleted.failed.unwrap_or_default().first() {
                let code = left.code.as_str();
                return Err(Fault::world(msg!("aws-call-refused", action = action, what = what, code = code)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use shoseki_messages::Kind;

    use super::*;
    use crate::call::stub;

    /// A new queue, and its ARN.
    pub(crate) async fn queue(config: &SdkConfig) -> (Queue, String) {
        let sqs = Json::of(&SQS, config);
        let input = json!({"QueueName": stub::unique("queue")});
        let made: serde_json::Value = sqs.call("CreateQueue", &input).await.unwrap();
        let url = made["QueueUrl"].as_str().unwrap().to_owned();
        let input = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
        let told: serde_json::Value = sqs.call("GetQueueAttributes", &input).await.unwrap();
        (Queue::by(&url, config), told["Attributes"]["QueueArn"].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn messages_come_and_are_deleted() {
        let Some(config) = stub::moto("a queue of SQS") else { return };
        let (queue, _) = queue(&config).await;
        let (now, hidden) = (Duration::ZERO, Duration::from_secs(60));
        assert_eq!(queue.receive(now, hidden).await.unwrap(), []);
        for body in ["証拠 1", "2", "3"] {
            let input = json!({"QueueUrl": queue.url, "MessageBody": body});
            let _: serde_json::Value = queue.sqs.call("SendMessage", &input).await.unwrap();
        }
        let mut letters = queue.receive(now, Duration::ZERO).await.unwrap();
        letters.sort_by(|one, other| one.body.cmp(&other.body));
        assert_eq!(letters.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["2", "3", "証拠 1"]);
        // None was hidden, so that they come again; two of them for the last time.
        let again = queue.receive(now, Duration::ZERO).await.unwrap();
        assert_eq!(again.len(), 3);
        queue.delete(&again[..2].iter().map(|letter| letter.receipt.clone()).collect::<Vec<_>>()).await.unwrap();
        let left = queue.receive(now, hidden).await.unwrap();
        assert_eq!(left.iter().map(|letter| &letter.id).collect::<Vec<_>>(), [&again[2].id]);
        assert_eq!(queue.receive(now, hidden).await.unwrap(), [], "it is hidden");

        let absent = Queue::by(&format!("{}-none", queue.url), &config).receive(now, hidden).await.unwrap_err();
        assert_eq!((absent.id(), absent.kind()), ("aws-call-absent", Kind::Caller));
    }
}
