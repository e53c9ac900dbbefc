//! From files to batches of lines: a thread decodes ahead of what is sent, by two batches at most.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use shoseki_event::{Kind, RecordId, SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Mapping;
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::commit::File;
use shoseki_vault::{Part, SealedEvents, Snapshot, Vault};
use tokio::sync::{mpsc, oneshot};

use super::Most;
use super::condition::matching;
use super::line::{Line, Writing};
use crate::config::{Forward, Since};

/// How many batches are decoded ahead.
const AHEAD: usize = 2;

/// Which records go out, and as what.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    sources: Vec<String>,
    streams: Vec<glob::Pattern>,
    filter: Option<String>,
    /// How names of applications' events are read by the condition.
    mapping: Option<Arc<Mapping>>,
    /// Of which time on.
    from: Option<Timestamp>,
    /// Up to which time, itself left out.
    to: Option<Timestamp>,
    writing: Writing,
}

/// Some lines, and the record behind the last that was looked at.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) lines: Vec<Line>,
    pub(super) next: RecordId,
}

/// Batches as they are read.
pub(super) struct Reading {
    batches: mpsc::Receiver<Result<Batch>>,
    ended: oneshot::Receiver<()>,
}

impl Reading {
    /// The next one; nothing after the last.
    pub(super) async fn next(&mut self) -> Option<Result<Batch>> {
        self.batches.recv().await
    }

    /// After the last: whether it was, or the reader died on the way. Then nothing of the file has passed.
    ///
    /// # Errors
    /// Our own broken invariant where the reader died.
    pub(super) async fn ended(self) -> Result<()> {
        self.ended.await.map_err(|_| Fault::broken(msg!("server-forward-stopped")))
    }
}

impl Wanted {
    pub(super) fn of(forward: &Forward, snapshot: &Snapshot) -> Result<Self> {
        let from = match forward.from {
            Since::Day(day) => Some(Timestamp(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())),
            Since::Now | Since::Beginning => None,
        };
        Ok(Self {
            sources: forward.sources.clone(),
            streams: forward.streams.iter().filter_map(|stream| glob::Pattern::new(stream).ok()).collect(),
            filter: forward.filter.clone(),
            mapping: snapshot.app_mapping().map(Mapping::parse).transpose()?.map(Arc::new),
            from,
            to: None,
            writing: Writing::new(forward.format, forward.mask)?,
        })
    }

    /// The same for events of a stretch alone, whatever the configuration says of where it begins.
    pub(super) fn between(self, from: Timestamp, to: Timestamp) -> Self {
        Self { from: Some(from), to: Some(to), ..self }
    }

    fn has_stream(&self, stream: &str) -> bool {
        self.streams.is_empty() || self.streams.iter().any(|pattern| pattern.matches(stream))
    }

    /// The segments of a part that may have something to send.
    pub(super) fn segments(&self, part: &Part) -> Vec<SegmentId> {
        let is_source = |source: &String| match self.sources.is_empty() {
            true => source != OWN_SOURCE,
            false => self.sources.contains(source),
        };
        let may = part.segments.iter().filter(|tag| {
            is_source(&tag.source)
                && tag.streams.iter().any(|stream| self.has_stream(&stream.name))
                && self.from.is_none_or(|from| tag.max >= from)
                && self.to.is_none_or(|to| tag.min < to)
        });
        may.map(|tag| tag.id).collect()
    }

    /// Reads segments of a file, each from an ordinal on, and gives batches of what is to be sent. It reads on a thread of its own: a
    /// target that is dead may hold it up for days, and the runtime has few threads that may wait.
    ///
    /// # Errors
    /// Where the file cannot be read, or there is no thread.
    pub(super) async fn batches(
        &self,
        vault: &Arc<Vault>,
        file: &File,
        from: BTreeMap<SegmentId, u32>,
        most: Most,
    ) -> Result<Reading> {
        let matching = match &self.filter {
            Some(filter) => Some(matching(vault, file, filter, self.mapping.clone()).await?),
            None => None,
        };
        let events = vault.events_of(file, from).await?;
        let (batches, receiver) = mpsc::channel(AHEAD);
        let (done, ended) = oneshot::channel();
        let wanted = self.clone();
        let thread = std::thread::Builder::new().name("forward".to_owned());
        let reading = move || {
            if let Err(fault) = wanted.read(events, matching.as_ref(), most, &batches) {
                let _ = batches.blocking_send(Err(fault)); // whoever took them is gone
            }
            let _ = done.send(());
        };
        thread.spawn(reading).map_err(|error| Fault::world(msg!("server-no-thread")).because(error))?;
        Ok(Reading { batches: receiver, ended })
    }

    fn read(
        &self,
        events: SealedEvents,
        matching: Option<&HashSet<RecordId>>,
        most: Most,
        batches: &mpsc::Sender<Result<Batch>>,
    ) -> Result<()> {
        let (mut lines, mut bytes, mut last) = (Vec::new(), 0, None);
        let gone = || Fault::broken(msg!("server-forward-stopped"));
        let give = |lines: &mut Vec<Line>, bytes: &mut usize, last: Option<RecordId>| {
            let Some(RecordId { segment, ordinal }) = last else { return Ok(()) };
            let batch = Batch { lines: std::mem::take(lines), next: RecordId { segment, ordinal: ordinal + 1 } };
            *bytes = 0;
            batches.blocking_send(Ok(batch)).map_err(|_| gone())
        };
        for some in events {
            for event in some? {
                let is_evidence = event.provenance.kind != Kind::Receipt;
                // What forwarders tell is not forwarded: a target that refuses it would be told of that, and so on.
                let is_of_forwarders = &*event.provenance.source == OWN_SOURCE && is_of_forwarders(&event.raw);
                if is_evidence
                    && !is_of_forwarders
                    && self.has_stream(&event.provenance.stream)
                    && matching.is_none_or(|ids| ids.contains(&event.id))
                {
                    let line = self.writing.line(&event)?;
                    let time = line.columns.time;
                    if self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to) {
                        if !lines.is_empty() && bytes + line.text.len() > most.bytes {
                            give(&mut lines, &mut bytes, last)?;
                        }
                        bytes += line.text.len();
                        lines.push(line);
                    }
                }
                last = Some(event.id);
                if lines.len() >= most.records {
                    give(&mut lines, &mut bytes, last)?;
                }
            }
        }
        give(&mut lines, &mut bytes, last)
    }
}

/// Whether an event of ours is one that a forwarder tells.
fn is_of_forwarders(raw: &[u8]) -> bool {
    let event: Option<serde_json::Value> = serde_json::from_slice(raw).ok();
    event.is_some_and(|event| event["action"].as_str().is_some_and(|action| action.starts_with("forward.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_died_has_not_read_to_the_end() {
        let reading = |dies: bool| {
            let (_, batches) = mpsc::channel(AHEAD);
            let (done, ended) = oneshot::channel();
            if !dies {
                let _ = done.send(());
            }
            Reading { batches, ended }
        };
        for dies in [false, true] {
            let mut reading = reading(dies);
            assert!(reading.next().await.is_none());
            assert_eq!(reading.ended().await.is_err(), dies);
        }
    }
}
