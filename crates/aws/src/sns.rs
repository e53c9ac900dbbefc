//! Topics: what is published is passed on to whoever subscribed.

use async_recursion::async_recursion;
use aws_config::SdkConfig;
use shoseki_messages::Result;

use crate::call::{Query, QueryService, Service, failed};
use crate::client::{self, Caller};

/// The longest subject that SNS takes, in ASCII characters.
const MAX_SUBJECT: usize = 100;

static SNS: QueryService =
    QueryService { service: Service { id: "SNS", host: "sns", is_fips_in_gov: true }, version: "2010-03-31" };

/// Publishes a text to a topic, by its ARN. `sns:Publish`.
///
/// # Errors
/// The world's failure.
#[async_recursion]
pub async fn publish(topic: &str, caller: &Caller, subject: &str, text: &str) -> Result<()> {
    let mut caller = caller.clone();
    let named = topic.split(':').nth(3).filter(|region| !region.is_empty());
    caller.region = named.map(str::to_owned).or(caller.region);
    publish_by(&client::config_of(&caller).await, topic, subject, text).await
}

async fn publish_by(config: &SdkConfig, topic: &str, subject: &str, text: &str) -> Result<()> {
    let subject: String = subject.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(MAX_SUBJECT).collect();
    let input = [("TopicArn", topic), ("Subject", &subject), ("Message", text)];
    let published = Query::of(&SNS, config).call("Publish", &input).await;
    published.map(|_| ()).map_err(|failure| failed("sns:Publish", topic, failure))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::call::stub;
    use crate::sqs::tests::queue;

    #[tokio::test]
    async fn what_is_published_comes_to_who_subscribed() {
        let Some(config) = stub::moto("a topic of SNS") else { return };
        let sns = Query::of(&SNS, &config);
        let name = stub::unique("alerts");
        let topic = sns.call("CreateTopic", &[("Name", &name)]).await.unwrap();
        let topic = topic.text_of("TopicArn").unwrap().to_owned();
        let (queue, arn) = queue(&config).await;
        let input = [("TopicArn", topic.as_str()), ("Protocol", "sqs"), ("Endpoint", &arn)];
        sns.call("Subscribe", &input).await.unwrap();

        publish_by(&config, &topic, "証 A gap & more", "証拠 a+b\n=c").await.unwrap();
        let letters = queue.receive(Duration::from_secs(1), Duration::from_secs(30)).await.unwrap();
        let told: serde_json::Value = serde_json::from_str(&letters[0].body).unwrap();
        assert_eq!((&told["Subject"], &told["Message"]), (&" A gap & more".into(), &"証拠 a+b\n=c".into()));

        let absent = publish_by(&config, &format!("{topic}-none"), "x", "x").await.unwrap_err();
        assert_eq!(absent.id(), "aws-call-refused", "{absent}");
    }
}
