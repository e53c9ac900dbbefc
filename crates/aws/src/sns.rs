//! Topics: what is published is passed on to whoever subscribed.

use aws_sdk_sns::Client;
use shoseki_messages::Result;

use crate::client::{self, Caller, failed};

/// The longest subject that SNS takes, in ASCII characters.
const MAX_SUBJECT: usize = 100;

/// Publishes a text to a topic, by its ARN. `sns:Publish`.
///
/// # Errors
/// The world's failure.
pub async fn publish(topic: &str, caller: &Caller, subject: &str, text: &str) -> Result<()> {
    let mut caller = caller.clone();
    let named = topic.split(':').nth(3).filter(|region| !region.is_empty());
    caller.region = named.map(str::to_owned).or(caller.region);
    let client = Client::new(&client::config_of(&caller).await);
    let subject: String = subject.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(MAX_SUBJECT).collect();
    let call = client.publish().topic_arn(topic).subject(subject).message(text);
    call.send().await.map(|_| ()).map_err(|error| failed("sns:Publish", topic, error))
}
