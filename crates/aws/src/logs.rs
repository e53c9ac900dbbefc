//! Log groups of CloudWatch Logs: which there are, and their events.

use std::ops::Range;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
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

/// Which of some events CloudWatch Logs did not take, by their places in the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotTaken {
    /// Those that are older than the log group keeps, or than 14 days.
    pub too_old: Range<usize>,
    /// Those that are further ahead than two hours.
    pub too_new: Range<usize>,
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

    /// Puts events, in the order of their times, into a log stream. `logs:PutLogEvents`.
    ///
    /// # Errors
    /// The caller's mistake where the log group or the log stream is not there; the world's failure else.
    pub async fn put(&self, group: &str, stream: &str, events: &[(i64, &str)]) -> Result<NotTaken> {
        let event =
            |(time, message): &(i64, &str)| InputLogEvent::builder().timestamp(*time).message(*message).build().ok();
        let call = self.client.put_log_events().log_group_name(group).log_stream_name(stream);
        let call = call.set_log_events(Some(events.iter().filter_map(event).collect()));
        let answer = call.send().await.map_err(|error| failed("logs:PutLogEvents", group, error))?;
        let Some(info) = answer.rejected_log_events_info() else { return Ok(NotTaken::default()) };
        let place = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok());
        let old = place(info.too_old_log_event_end_index()).max(place(info.expired_log_event_end_index()));
        let new = place(info.too_new_log_event_start_index()).unwrap_or(events.len());
        Ok(NotTaken { too_old: 0..old.unwrap_or_default(), too_new: new..events.len() })
    }

    /// Creates a log stream; one that is there stays. `logs:CreateLogStream`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such log group; the world's failure else.
    pub async fn create_stream(&self, group: &str, stream: &str) -> Result<()> {
        let call = self.client.create_log_stream().log_group_name(group).log_stream_name(stream);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_resource_already_exists_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(failed("logs:CreateLogStream", group, error)),
        }
    }
}
