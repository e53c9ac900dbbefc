//! The fetcher of log groups of CloudWatch Logs: events are asked for by their times, a stretch at a time.
//!
//! Events come late, so each round asks again for the last minutes (`overlap`); those that it had are known by what CloudWatch Logs
//! calls them, also by the vault. How far a group was read is committed with the events that were read last.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use shoseki_aws::logs::{LogEvent, LogGroup, LogQuestion, Logs};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::Transaction;
use shoseki_vault::wal::Delivery;

use super::{Fetcher, Round, Shared};
use crate::config::{LogGroupsFetch, Reach};

/// How often log groups are looked for: a new cluster or database has a new one.
const OFTEN: Duration = Duration::from_secs(3_600);
/// The stretch that is asked for at first where much is to be read; it grows where little is in it.
const STRETCH_MS: i64 = 3_600_000;
/// The longest stretch.
const LONGEST_MS: i64 = 7 * 24 * STRETCH_MS;
/// Where a group begins that was never read, and of which the configuration says nothing.
const FIRST_MS: i64 = 24 * STRETCH_MS;
/// How many bytes of events go into one envelope.
const ENVELOPE: usize = 1 << 20;
/// The door in provenance.
const DOOR: &str = "cloudwatch-logs";

/// The fetcher.
pub(super) struct LogGroupsFetcher {
    config: LogGroupsFetch,
    reach: Reach,
    logs: Option<Logs>,
    groups: BTreeMap<LogGroup, Progress>,
    looked: Option<Instant>,
    /// Whether it says how far it is.
    keeps_cursors: bool,
}

/// How far a group was read.
#[derive(Debug)]
struct Progress {
    /// All before was read, in milliseconds since 1970.
    until: i64,
    /// What was read of the last minutes, by a digest of its name, with its time.
    had: HashMap<[u8; 16], i64>,
    /// When it was last said how far that is.
    said: Instant,
}

fn now_ms() -> i64 {
    Timestamp::now().0.div_euclid(1_000)
}

impl LogGroupsFetcher {
    pub(super) fn new(config: LogGroupsFetch) -> Self {
        Self { reach: config.reach(), config, logs: None, groups: BTreeMap::new(), looked: None, keeps_cursors: true }
    }

    fn cursor_of(&self, group: &LogGroup) -> String {
        format!("fetch/{}/{}/{}", self.reach.name, group.owner, group.name)
    }

    /// Looks for the groups that the configuration means.
    /// Gives the first fault of a group that is not there or of which nothing is said: the others are read all the same.
    async fn look(&mut self, shared: &Shared, logs: &Logs) -> Result<Option<Fault>> {
        let replay = shared.vault.snapshot().await?.replay;
        let mut absent = None;
        for pattern in &self.config.groups {
            let prefix = pattern.split('*').next().unwrap_or_default();
            let Some(is_meant) = pattern_of(pattern) else { continue };
            let found: Vec<LogGroup> =
                logs.groups(prefix).await?.into_iter().filter(|group| is_meant.matches(&group.name)).collect();
            if found.is_empty() && !pattern.contains('*') {
                absent.get_or_insert_with(|| Fault::caller(msg!("server-fetch-no-group", group = pattern)));
            }
            for group in found {
                let read = replay.cursor(&self.cursor_of(&group));
                let first = || {
                    self.config.from.map_or(now_ms() - FIRST_MS, |from| {
                        from.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()
                    })
                };
                let until = read.unwrap_or_else(first);
                self.groups.entry(group).or_insert(Progress { until, had: HashMap::new(), said: Instant::now() });
            }
        }
        self.looked = absent.is_none().then(Instant::now);
        Ok(absent)
    }

    /// Says how far groups were read, in deliveries without events: they are committed with whatever comes with them.
    async fn say_how_far(&mut self, shared: &Shared, groups: &[LogGroup]) -> Result<()> {
        if !self.keeps_cursors {
            return Ok(());
        }
        let said: Vec<Delivery> = groups
            .iter()
            .filter_map(|group| {
                let sequence = self.groups.get(group)?.until;
                let cursor = Some(Transaction { stream: self.cursor_of(group), sequence });
                Some(Delivery { cursor, events: Vec::new(), ..self.delivery(group, "", &[]) })
            })
            .collect();
        if !said.is_empty() {
            shared.keep(&said).await?;
        }
        for group in groups {
            if let Some(progress) = self.groups.get_mut(group) {
                progress.said = Instant::now();
            }
        }
        Ok(())
    }

    /// Reads a group up to now, stretch by stretch.
    async fn read(&mut self, shared: &Shared, logs: &Logs, group: &LogGroup) -> Result<Round> {
        let mut round = Round::default();
        let now = now_ms();
        let overlap = i64::try_from(self.config.overlap.0.as_millis()).unwrap_or(i64::MAX);
        let mut stretch = STRETCH_MS;
        loop {
            let Some(progress) = self.groups.get(group) else { return Ok(round) };
            let from = progress.until.saturating_sub(overlap).max(0);
            let to = progress.until.saturating_add(stretch).min(now);
            let (events, is_over) = self.stretch(shared, (logs, group), (from, to), &mut round).await?;
            if is_over {
                return Ok(round);
            }
            let mut is_to_be_said = events > 0;
            if let Some(progress) = self.groups.get_mut(group) {
                progress.until = to;
                let first = to.saturating_sub(overlap);
                progress.had.retain(|_, time| *time >= first);
                is_to_be_said |= progress.said.elapsed() >= OFTEN;
            }
            if is_to_be_said {
                self.say_how_far(shared, std::slice::from_ref(group)).await?;
            }
            if to >= now {
                return Ok(round);
            }
            stretch = if events < 1_000 { (stretch * 2).min(LONGEST_MS) } else { STRETCH_MS };
        }
    }

    /// Reads a stretch: its events are in the write-ahead log when it is read. Gives how many were new, and whether it was stopped
    /// before its end.
    async fn stretch(
        &mut self,
        shared: &Shared,
        (logs, group): (&Logs, &LogGroup),
        (from, to): (i64, i64),
        round: &mut Round,
    ) -> Result<(u64, bool)> {
        let asked =
            LogQuestion { group: &group.name, streams: self.config.streams.as_deref(), pattern: None, from, to };
        let (mut next, mut count) = (None, 0);
        loop {
            if shared.is_stopped() {
                return Ok((count, true));
            }
            let page = logs.page(&asked, next).await?;
            next = page.next;
            let is_last = next.is_none();
            let Some(progress) = self.groups.get(group) else { return Ok((count, true)) };
            let is_meant =
                |event: &LogEvent| self.config.streams.as_ref().is_none_or(|is| event.stream.starts_with(is));
            let mut names = Vec::new();
            let new: Vec<LogEvent> = page
                .events
                .into_iter()
                .filter(is_meant) // AWS gives no others; what plays AWS may
                .filter(|event| {
                    let name = name_of(event);
                    let is_new = !progress.had.contains_key(&name);
                    if is_new {
                        names.push((name, event.time));
                    }
                    is_new
                })
                .collect();
            count += new.len() as u64;
            round.objects += 1;
            round.events += new.len() as u64;
            round.bytes += new.iter().map(|event| event.message.len() as u64).sum::<u64>();
            let deliveries = self.deliveries(group, new);
            if !deliveries.is_empty() && !shared.keep(&deliveries).await? {
                return Ok((count, true));
            }
            if let Some(progress) = self.groups.get_mut(group) {
                progress.had.extend(names);
            }
            if is_last {
                return Ok((count, false));
            }
        }
    }

    /// Events in the envelope of a subscription, so that it is the same record by whichever way it comes.
    fn deliveries(&self, group: &LogGroup, events: Vec<LogEvent>) -> Vec<Delivery> {
        let mut streams: BTreeMap<String, Vec<LogEvent>> = BTreeMap::new();
        for event in events {
            streams.entry(event.stream.clone()).or_default().push(event);
        }
        let mut deliveries = Vec::new();
        for (stream, events) in streams {
            let (mut envelopes, mut size) = (vec![Vec::new()], 0);
            for event in events {
                if size > ENVELOPE {
                    envelopes.push(Vec::new());
                    size = 0;
                }
                size += event.message.len() + 128;
                if let Some(envelope) = envelopes.last_mut() {
                    envelope.push(json!({"id": event.id, "timestamp": event.time, "message": event.message}));
                }
            }
            deliveries.extend(envelopes.into_iter().map(|events| self.delivery(group, &stream, &events)));
        }
        deliveries
    }

    fn delivery(&self, group: &LogGroup, stream: &str, events: &[serde_json::Value]) -> Delivery {
        let envelope = json!({
            "messageType": "DATA_MESSAGE",
            "owner": group.owner,
            "logGroup": group.name,
            "logStream": stream,
            "logEvents": events,
        });
        Delivery {
            received: Timestamp::now(),
            door: DOOR.to_owned(),
            sender: self.reach.name.clone(),
            from: None,
            source: self.reach.source.clone(),
            stream: self.reach.stream.clone(),
            log: None,
            id: None,
            is_wrapped_by_us: true,
            cursor: None,
            events: vec![Bytes::from(envelope.to_string())],
        }
    }
}

/// A name in which `*` stands for anything, and nothing else does.
pub(crate) fn pattern_of(name: &str) -> Option<glob::Pattern> {
    let parts: Vec<String> = name.split('*').map(glob::Pattern::escape).collect();
    let pattern = parts.join("*");
    glob::Pattern::new(&pattern).ok()
}

/// A digest of what CloudWatch Logs calls an event.
fn name_of(event: &LogEvent) -> [u8; 16] {
    let mut name = [0; 16];
    let digest = Sha256::new().chain_update(&event.stream).chain_update([0]).chain_update(&event.id).finalize();
    name.copy_from_slice(&digest[..16]);
    name
}

#[async_trait::async_trait(?Send)]
impl Fetcher for LogGroupsFetcher {
    fn name(&self) -> &str {
        &self.reach.name
    }

    fn every(&self) -> Duration {
        self.config.every.0
    }

    async fn rest(&mut self, shared: &Shared) -> Result<()> {
        let groups: Vec<LogGroup> = self.groups.keys().cloned().collect();
        self.say_how_far(shared, &groups).await
    }

    async fn again(&mut self, shared: &Shared, from: Timestamp, to: Timestamp) -> Result<Round> {
        let logs = Logs::of(&self.reach.caller()).await;
        let absent = self.look(shared, &logs).await?;
        self.keeps_cursors = false;
        let (from, to) = (from.0.div_euclid(1_000), to.0.div_euclid(1_000).saturating_add(1));
        let mut round = Round { fault: absent.map(Arc::new), ..Round::default() };
        for group in self.groups.keys().cloned().collect::<Vec<_>>() {
            let mut at = from;
            while at < to && !shared.is_stopped() {
                let end = at.saturating_add(STRETCH_MS).min(to);
                self.stretch(shared, (&logs, &group), (at, end), &mut round).await?;
                at = end;
            }
        }
        Ok(round)
    }

    async fn round(&mut self, shared: &Shared) -> Result<Round> {
        let logs = match &self.logs {
            Some(logs) => logs.clone(),
            None => Logs::of(&self.reach.caller()).await,
        };
        self.logs = Some(logs.clone());
        let mut round = Round::default();
        // Who just switched logging on waits for its first group, and not an hour.
        if self.groups.is_empty() || self.looked.is_none_or(|looked| looked.elapsed() >= OFTEN) {
            round.fault = self.look(shared, &logs).await?.map(Arc::new);
        }
        for group in self.groups.keys().cloned().collect::<Vec<_>>() {
            match self.read(shared, &logs, &group).await {
                Ok(read) => {
                    round.join(read);
                    round.is_part = true;
                }
                Err(fault) => {
                    if fault.kind() == Kind::Caller {
                        self.groups.remove(&group); // it was deleted
                    }
                    round.fault.get_or_insert_with(|| Arc::new(fault)); // the others go on
                }
            }
            if shared.is_stopped() {
                break;
            }
        }
        Ok(round)
    }
}
