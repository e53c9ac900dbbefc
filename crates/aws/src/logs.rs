//! Log groups of CloudWatch Logs: which there are, and their events.

use aws_sdk_cloudwatchlogs::Client;
use shoseki_messages::Result;

use crate::client::{self, Caller, failed};

/// How many pages of log groups are read: 50 stand on each.
const MAX_PAGES: usize = 1_000;

/// CloudWatch Logs of one account and region.
#[derive(Clone, Debug)]
pub struct Logs {
    client: Client,
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
    /// From this time on, in milliseconds since 1970.
    pub from: i64,
    /// Up to this time, itself left out.
    pub to: i64,
}

impl Logs {
    /// As a caller sees them. Nothing is called yet.
    pub async fn of(caller: &Caller) -> Self {
        Self { client: Client::new(&client::config_of(caller).await) }
    }

    /// The log groups whose names begin with this. `logs:DescribeLogGroups`.
    ///
    /// # Errors
    /// The world's failure.
    pub async fn groups(&self, prefix: &str) -> Result<Vec<LogGroup>> {
        let (mut groups, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let mut call = self.client.describe_log_groups().set_next_token(next);
            if !prefix.is_empty() {
                call = call.log_group_name_prefix(prefix);
            }
            let answer = call.send().await.map_err(|error| failed("logs:DescribeLogGroups", prefix, error))?;
            for group in answer.log_groups() {
                // arn:aws:logs:ap-northeast-1:111122223333:log-group:/aws/eks/shop/cluster:*
                let owner = group.arn().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default().to_owned();
                groups.extend(group.log_group_name().map(|name| LogGroup { name: name.to_owned(), owner }));
            }
            next = answer.next_token().map(str::to_owned);
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
    pub async fn page(&self, asked: &LogQuestion<'_>, page: Option<String>) -> Result<LogPage> {
        let call = self.client.filter_log_events().log_group_name(asked.group).start_time(asked.from);
        let call = call.end_time(asked.to.saturating_sub(1)).set_next_token(page);
        let call = call.set_log_stream_name_prefix(asked.streams.map(str::to_owned));
        let answer = call.send().await.map_err(|error| failed("logs:FilterLogEvents", asked.group, error))?;
        let event = |event: aws_sdk_cloudwatchlogs::types::FilteredLogEvent| {
            let (id, stream) = (event.event_id?, event.log_stream_name?);
            Some(LogEvent { id, stream, time: event.timestamp?, message: event.message? })
        };
        let events = answer.events.unwrap_or_default().into_iter().filter_map(event).collect();
        Ok(LogPage { events, next: answer.next_token })
    }
}
