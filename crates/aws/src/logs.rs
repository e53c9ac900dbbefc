//! Log groups of CloudWatch Logs: which there are, their events, and events that are put there.

use async_recursion::async_recursion;
use std::ops::Range;

use aws_config::SdkConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shoseki_messages::Result;

use crate::call::{Json, JsonService, Service, failed};
use crate::client::{self, Caller};

/// How many pages of log groups are read: 50 stand on each.
const MAX_PAGES: usize = 1_000;

pub(crate) static LOGS: JsonService = JsonService {
    service: Service { id: "CloudWatch Logs", host: "logs", is_fips_in_gov: true },
    target: "Logs_20140328",
    content_type: "application/x-amz-json-1.1",
};

/// CloudWatch Logs of one account and region.
#[derive(Clone, Debug)]
pub struct Logs {
    logs: Json,
}

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroup {
    /// Its name, `/aws/eks/shop/cluster`.
    pub name: String,
    /// The account that it is of.
    pub owner: String,
}

/// An event of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// What CloudWatch Logs calls it; a subscription gives the same.
    pub id: String,
    /// The log stream.
    pub stream: String,
    /// When it was, in milliseconds since 1970.
    pub time: i64,
    /// The event.
    pub message: String,
}

/// Some events of a log group, and where the next ones are.
#[derive(Clone, Debug, Default)]
pub struct LogPage {
    /// The events, of all streams. None may be here although there are more.
    pub events: Vec<LogEvent>,
    /// What the next page is asked for with; absent after the last.
    pub next: Option<String>,
}

/// Which events are asked for.
#[derive(Clone, Debug)]
pub struct LogQuestion<'a> {
    /// The log group.
    pub group: &'a str,
    /// What the names of the log streams begin with; all where absent.
    pub streams: Option<&'a str>,
    /// What they must have in them, in the language of filter patterns; all where absent.
    pub pattern: Option<&'a str>,
    /// From this time on, in milliseconds since 1970.
    pub from: i64,
    /// Up to this time, itself left out.
    pub to: i64,
}

/// Which of some events CloudWatch Logs did not take, by their places in the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotTaken {
    /// Those of more than two weeks ago, or older than the group keeps events.
    pub too_old: Range<usize>,
    /// Those of more than two hours ahead.
    pub too_new: Range<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    #[serde(default)]
    log_groups: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    log_group_name: Option<String>,
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filtered {
    #[serde(default)]
    events: Vec<Found>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    event_id: Option<String>,
    log_stream_name: Option<String>,
    timestamp: Option<i64>,
    message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    log_group_name: &'a str,
    log_stream_name: &'a str,
    log_events: Vec<Given<'a>>,
}

#[derive(Serialize)]
struct Given<'a> {
    timestamp: i64,
    message: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    rejected_log_events_info: Option<Rejected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rejected {
    /// The first that is not too old, and the first that has not expired: they begin the batch.
    too_old_log_event_end_index: Option<usize>,
    expired_log_event_end_index: Option<usize>,
    /// The first that is too new: they end the batch.
    too_new_log_event_start_index: Option<usize>,
}

impl Logs {
    /// As a caller sees them. Nothing is called yet.
    #[async_recursion]
    pub async fn of(caller: &Caller) -> Self {
        Self::by(&client::config_of(caller).await)
    }

    pub(crate) fn by(config: &SdkConfig) -> Self {
        Self { logs: Json::of(&LOGS, config) }
    }

    /// The log groups whose names begin with this. `logs:DescribeLogGroups`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn groups(&self, prefix: &str) -> Result<Vec<LogGroup>> {
        let (mut groups, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let prefix_asked = Some(prefix).filter(|prefix| !prefix.is_empty());
            let input =
                asked([("logGroupNamePrefix", prefix_asked.map(Into::into)), ("nextToken", next.map(Value::from))]);
            let answer = self.logs.call::<Groups>("DescribeLogGroups", &input).await;
            let answer = answer.map_err(|failure| failed("logs:DescribeLogGroups", prefix, failure))?;
            for group in answer.log_groups {
                // arn:aws:logs:ap-northeast-1:111122223333:log-group:/aws/eks/shop/cluster:*
                let owner = group.arn.as_deref().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default().to_owned();
                groups.extend(group.log_group_name.map(|name| LogGroup { name, owner }));
            }
            next = answer.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(groups)
    }

    /// A page of events. `logs:FilterLogEvents`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such log group; the world's failure else.
    #[async_recursion]
    pub async fn page(&self, question: &LogQuestion<'_>, page: Option<String>) -> Result<LogPage> {
        let input = asked([
            ("logGroupName", Some(question.group.into())),
            ("logStreamNamePrefix", question.streams.map(Into::into)),
            ("filterPattern", question.pattern.map(Into::into)),
            ("startTime", Some(question.from.into())),
            ("endTime", Some(question.to.saturating_sub(1).into())),
            ("nextToken", page.map(Into::into)),
        ]);
        let answer = self.logs.call::<Filtered>("FilterLogEvents", &input).await;
        let answer = answer.map_err(|failure| failed("logs:FilterLogEvents", question.group, failure))?;
        let event = |event: Found| {
            let (id, stream) = (event.event_id?, event.log_stream_name?);
            Some(LogEvent { id, stream, time: event.timestamp?, message: event.message? })
        };
        let events = answer.events.into_iter().filter_map(event).collect();
        Ok(LogPage { events, next: answer.next_token })
    }

    /// Puts events, in the order of their times (in milliseconds since 1970), into a log stream. `logs:PutLogEvents`.
    ///
    /// # Errors
    /// The caller's mistake (`aws-call-absent`) where the group or the stream is not there; the world's failure else.
    #[async_recursion]
    pub async fn put(&self, group: &str, stream: &str, events: &[(i64, &str)]) -> Result<NotTaken> {
        let given = events.iter().map(|&(timestamp, message)| Given { timestamp, message });
        let batch = Batch { log_group_name: group, log_stream_name: stream, log_events: given.collect() };
        let put = self.logs.call::<Put>("PutLogEvents", &batch).await;
        let put = put.map_err(|failure| failed("logs:PutLogEvents", &format!("{group}:{stream}"), failure))?;
        Ok(put.rejected_log_events_info.map(|rejected| rejected.of(events.len())).unwrap_or_default())
    }

    /// Creates a log stream; one that is there stays. `logs:CreateLogStream`.
    ///
    /// # Errors
    /// The caller's mistake (`aws-call-absent`) where there is no such log group; the world's failure else.
    #[async_recursion]
    pub async fn create_stream(&self, group: &str, stream: &str) -> Result<()> {
        let input = json!({"logGroupName": group, "logStreamName": stream});
        match self.logs.call::<Value>("CreateLogStream", &input).await {
            Err(failure) if failure.code() == "ResourceAlreadyExistsException" => Ok(()),
            Err(failure) => Err(failed("logs:CreateLogStream", group, failure)),
            Ok(_) => Ok(()),
        }
    }
}

impl Rejected {
    /// The places in a batch of so many events.
    fn of(&self, count: usize) -> NotTaken {
        let old = self.too_old_log_event_end_index.max(self.expired_log_event_end_index).unwrap_or(0).min(count);
        let new = self.too_new_log_event_start_index.unwrap_or(count).clamp(old, count);
        NotTaken { too_old: 0..old, too_new: new..count }
    }
}

/// What is asked: what is absent is left out.
fn asked<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use shoseki_messages::Kind;

    use super::*;
    use crate::call::stub;

    #[tokio::test]
    async fn events_are_put_and_found_page_by_page() {
        let Some(config) = stub::moto("log groups of CloudWatch Logs") else { return };
        let logs = Logs::by(&config);
        let (group, other) = (stub::unique("/shop/app"), stub::unique("/shop/app"));
        for name in [&group, &other] {
            let _: Value = logs.logs.call("CreateLogGroup", &json!({"logGroupName": name})).await.unwrap();
        }
        assert_eq!(
            logs.groups(&group).await.unwrap(),
            [LogGroup { name: group.clone(), owner: "123456789012".into() }]
        );
        assert!(logs.groups("").await.unwrap().len() >= 2);

        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let absent = logs.put(&group, "web-1", &[(now, "x")]).await.unwrap_err();
        assert_eq!((absent.id(), absent.kind()), ("aws-call-absent", Kind::Caller));
        for stream in ["web-1", "web-1", "job-1"] {
            logs.create_stream(&group, stream).await.unwrap();
        }
        let texts: Vec<String> = (0..120).map(|number| format!("証拠 {number} \"q\"\n")).collect();
        let mut batch = vec![(now - 16 * 86_400_000, "older"), (now - 15 * 86_400_000, "old")];
        batch.extend((0..).zip(&texts).map(|(number, text)| (now + number - 200, text.as_str())));
        batch.push((now + 3 * 3_600_000, "new"));
        let left = logs.put(&group, "web-1", &batch).await.unwrap();
        // The end is the first that is taken, as AWS has it; moto gives the last that is not.
        assert_eq!(left, NotTaken { too_old: 0..1, too_new: 122..123 });
        assert_eq!(logs.put(&group, "job-1", &[(now - 50, "job")]).await.unwrap(), NotTaken::default());

        let question =
            LogQuestion { group: &group, streams: Some("web-"), pattern: None, from: now - 200, to: now - 80 };
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = logs.page(&question, next).await.unwrap();
            found.extend(page.events);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(found.iter().map(|event| &event.message).collect::<Vec<_>>(), texts.iter().collect::<Vec<_>>());
        assert_eq!((found[0].time, found[0].stream.as_str()), (now - 200, "web-1"));
        let absent = LogQuestion { group: "/none", ..question };
        assert_eq!(logs.page(&absent, None).await.unwrap_err().id(), "aws-call-absent");
        assert_eq!(logs.create_stream("/none", "x").await.unwrap_err().id(), "aws-call-absent");
    }

    #[test]
    fn what_was_not_taken_begins_and_ends_a_batch() {
        let rejected = |old, expired, new| Rejected {
            too_old_log_event_end_index: old,
            expired_log_event_end_index: expired,
            too_new_log_event_start_index: new,
        };
        assert_eq!(rejected(Some(2), Some(3), Some(8)).of(10), NotTaken { too_old: 0..3, too_new: 8..10 });
        assert_eq!(rejected(None, None, None).of(10), NotTaken { too_old: 0..0, too_new: 10..10 });
        assert_eq!(rejected(Some(50), None, Some(1)).of(10), NotTaken { too_old: 0..10, too_new: 10..10 });
    }
}
