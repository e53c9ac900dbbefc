//! The fetcher of a queue: the objects that its messages name are taken in, and what is no notification is evidence itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use shoseki_aws::s3::S3;
use shoseki_aws::sqs::{Letter, Queue};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_vault::ingest::{Bucket, Object, Request, Summary};
use shoseki_vault::wal::Delivery;

use super::notification::{self, Named};
use super::{Fetcher, Round, Shared};
use crate::Happening;
use crate::config::{Reach, SqsFetch};

/// How long an empty queue is waited at: the longest that SQS allows.
const WAIT: Duration = Duration::from_secs(20);
/// How long it is waited at a queue that may be empty: without waiting, SQS may say so although it is not.
const SHORTLY: Duration = Duration::from_secs(1);
/// How many messages are read before what they name is taken in: that is one commit.
const LETTERS: usize = 500;
/// How many objects are asked for at once.
const AT_ONCE: usize = 16;
/// The door in provenance.
const DOOR: &str = "sqs";

/// The fetcher.
pub(super) struct SqsFetcher {
    config: SqsFetch,
    reach: Reach,
    queue: Option<Queue>,
    buckets: Arc<S3>,
    opened: BTreeMap<String, Bucket>,
}

/// Objects that messages name.
#[derive(Default)]
struct Found {
    objects: BTreeMap<Named, Object>,
    /// Those that could not be asked for.
    unclear: HashSet<Named>,
    fault: Option<Arc<Fault>>,
}

impl SqsFetcher {
    pub(super) fn new(config: SqsFetch) -> Self {
        let reach = config.reach();
        let buckets = Arc::new(S3::of(reach.caller()));
        Self { config, reach, queue: None, buckets, opened: BTreeMap::new() }
    }

    /// What waits in the queue, at most [`LETTERS`] messages.
    async fn receive(&mut self, shared: &Shared) -> Result<(Queue, Vec<Letter>)> {
        let queue = match &self.queue {
            Some(queue) => queue.clone(),
            None => Queue::of(&self.config.queue, &self.reach.caller()).await,
        };
        self.queue = Some(queue.clone());
        // Long enough to gather and to take in; what a process that died had comes again soon.
        let hidden = shared.gather * 2 + Duration::from_secs(10);
        let mut letters = queue.receive(if self.config.is_patient { WAIT } else { SHORTLY }, hidden).await?;
        let begun = Instant::now();
        while !letters.is_empty() && letters.len() < LETTERS && !shared.is_stopped() {
            let more = queue.receive(SHORTLY, hidden).await?;
            let is_over = !self.config.is_patient || begun.elapsed() >= shared.gather;
            if more.is_empty() && is_over {
                break;
            }
            letters.extend(more);
        }
        Ok((queue, letters))
    }

    /// Asks the buckets for objects: their lengths and tags are what they are known by.
    async fn find(&mut self, shared: &Shared, named: BTreeSet<Named>) -> Result<Found> {
        for Named { bucket, .. } in &named {
            if !self.opened.contains_key(bucket) {
                let (opened, _) = Bucket::open(&format!("s3://{bucket}"), &*self.buckets).await?;
                self.opened.insert(bucket.clone(), opened);
            }
        }
        let asked = named.into_iter().filter_map(|named| {
            let bucket = self.opened.get(&named.bucket)?;
            Some(async move {
                let found = bucket.object(&named.key).await;
                (named, found)
            })
        });
        let answers: Vec<_> = futures::stream::iter(asked).buffered(AT_ONCE).collect().await;
        let mut found = Found::default();
        for (named, answer) in answers {
            match answer {
                Ok(Some(object)) => drop(found.objects.insert(named, object)),
                Ok(None) => {
                    let url = format!("s3://{}/{}", named.bucket, named.key);
                    let message = msg!("server-fetch-vanished", object = url.as_str());
                    let told = Happening::failure("fetch.vanished", message).with("object", url);
                    shared.tell(told.with("name", &self.reach.name)).await;
                }
                // What can be no object will be none later either.
                Err(fault) if fault.kind() == Kind::Caller => {
                    let told = Happening::failure("fetch.unusable", fault.message().clone());
                    shared.tell(told.with("name", &self.reach.name).with("key", &named.key)).await;
                }
                Err(fault) => {
                    found.unclear.insert(named);
                    found.fault = Some(Arc::new(fault));
                }
            }
        }
        Ok(found)
    }
}

#[async_trait::async_trait(?Send)]
impl Fetcher for SqsFetcher {
    fn name(&self) -> &str {
        &self.reach.name
    }

    fn every(&self) -> Duration {
        Duration::ZERO // it waits at the queue
    }

    fn comes_in_parts(&self) -> bool {
        true
    }

    async fn again(&mut self, _: &Shared, _: Timestamp, _: Timestamp) -> Result<Round> {
        Ok(Round::default()) // what was read is deleted
    }

    async fn round(&mut self, shared: &Shared) -> Result<Round> {
        let (queue, letters) = tokio::select! {
            received = self.receive(shared) => received?,
            () = super::watch_stop(shared) => return Ok(Round::default()), // what was received meanwhile comes again
        };
        let mut round = Round { objects: letters.len() as u64, ..Round::default() };
        let (mut done, mut waiting, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        for letter in letters {
            match notification::objects(&letter.body) {
                Some(named) if named.is_empty() => done.push(letter.receipt),
                Some(named) => waiting.push((letter.receipt, named)),
                None => evidence.push(letter),
            }
        }
        if !evidence.is_empty() {
            let deliveries: Vec<Delivery> = evidence.iter().map(|letter| self.delivery(letter)).collect();
            round.events += evidence.len() as u64;
            round.bytes += evidence.iter().map(|letter| letter.body.len() as u64).sum::<u64>();
            if shared.keep(&deliveries).await? {
                done.extend(evidence.into_iter().map(|letter| letter.receipt));
            }
        }
        let all = waiting.iter().flat_map(|(_, named)| named.iter().cloned()).collect();
        let found = self.find(shared, all).await?;
        let request = Request {
            objects: shared.unknown_of(found.objects.values().cloned().collect()).await?,
            source: self.reach.source(),
            stream: self.reach.stream.clone(),
            ..Request::default()
        };
        let summary = shared.ingest(&request).await?;
        round.fault = found.fault;
        let mut failed = HashSet::new();
        for problem in &summary.problems {
            if problem.fault.kind() == Kind::Damage {
                let told = Happening::failure("fetch.damaged", problem.fault.message().clone());
                shared.tell(told.with("name", &self.reach.name).with("object", &problem.file)).await;
            } else {
                failed.insert(problem.file.as_str());
                round.fault = Some(Arc::clone(&problem.fault));
            }
        }
        if !summary.stopped {
            let is_open = |named: &Named| {
                found.unclear.contains(named)
                    || found.objects.get(named).is_some_and(|object| failed.contains(object.name()))
            };
            let taken = waiting.into_iter().filter(|(_, named)| !named.iter().any(is_open));
            done.extend(taken.map(|(receipt, _)| receipt));
        }
        round.add(&Summary { files: 0, files_known: 0, ..summary });
        queue.delete(&done).await?;
        Ok(round)
    }
}

impl SqsFetcher {
    fn delivery(&self, letter: &Letter) -> Delivery {
        Delivery {
            received: Timestamp::now(),
            door: DOOR.to_owned(),
            sender: self.reach.name.clone(),
            from: None,
            source: self.reach.source.clone(),
            stream: self.reach.stream.clone(),
            log: None,
            id: Some(letter.id.clone()),
            is_wrapped_by_us: false,
            cursor: None,
            events: vec![Bytes::copy_from_slice(letter.body.as_bytes())],
        }
    }
}
