//! The doors that we open ourselves: what lies in buckets, what queues name, what log groups and
//! databases' log files hold is fetched.
//!
//! ```text
//! bucket ─► list ─┐
//! queue ─► names ─┴─► objects ─► received as files are ─► commit          an object is known by its receipt
//! log group ─► pages ─► events ═► write-ahead log ─► commit               an event by what CloudWatch Logs calls it
//! database ─► log files ─► portions ─► events ═► write-ahead log ─► commit   a file by what it begins with
//! ```
//!
//! A fetcher is one file: what a round of it does. How far it is, is committed with what it brought. What fails is told once, is
//! evidence, and is tried again; a queue's message is deleted when what it names is sealed.

mod log_groups;
mod notification;
mod rds;
mod s3;
mod sqs;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_vault::Vault;
use shoseki_vault::ingest::{Memory, Meter, Object, Request, Summary, ingest_on, unknown_of};
use shoseki_vault::wal::{Delivery, Refusal, Wal};
use tokio::sync::{Mutex, watch};

use crate::Happening;
use crate::config::Fetch;
use crate::metrics::Metrics;
use crate::telling::Teller;

pub(crate) use log_groups::pattern_of;

/// How long it takes until what failed is tried again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How long a full log is waited for until it is asked again.
const FULL: Duration = Duration::from_secs(1);

/// What all fetchers work with.
pub(crate) struct Shared {
    pub(crate) vault: Arc<Vault>,
    pub(crate) wal: Wal,
    pub(crate) teller: Arc<Teller>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stop: watch::Receiver<bool>,
    /// How long what is small is gathered before it becomes a commit.
    pub(crate) gather: Duration,
    /// One takes in at a time; what it remembers, the next has.
    memory: Mutex<Memory>,
    meter: Arc<Meter>,
}

impl Shared {
    pub(crate) fn new(
        vault: Arc<Vault>,
        wal: Wal,
        (teller, metrics): (Arc<Teller>, Arc<Metrics>),
        stop: watch::Receiver<bool>,
        gather: Duration,
    ) -> Self {
        Self { vault, wal, teller, metrics, stop, gather, memory: Mutex::default(), meter: Arc::default() }
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits, unless it is stopped. `false` where it was.
    async fn pause(&self, time: Duration) -> bool {
        let mut stop = self.stop.clone();
        tokio::time::timeout(time, stop.wait_for(|stop| *stop)).await.is_err()
    }

    /// Takes objects in, as files are.
    async fn ingest(&self, request: &Request) -> Result<Summary> {
        if request.objects.is_empty() {
            return Ok(Summary::default());
        }
        let mut memory = self.memory.lock().await;
        let summary = ingest_on(&self.vault, request, &self.meter, &mut memory).await?;
        self.metrics.sealed(&summary);
        self.teller.tell_conflicts(&summary).await;
        Ok(summary)
    }

    /// Those of some objects that were not received before.
    async fn unknown_of(&self, objects: Vec<Object>) -> Result<Vec<Object>> {
        if objects.is_empty() {
            return Ok(objects);
        }
        unknown_of(&self.vault, objects, &mut *self.memory.lock().await).await
    }

    /// Puts events into the write-ahead log; where it is full, once there is room. `false` where it was stopped before.
    async fn keep(&self, deliveries: &[Delivery]) -> Result<bool> {
        loop {
            match self.wal.append(deliveries).await {
                Ok(()) => return Ok(true),
                Err(Refusal::Full) if self.pause(FULL).await => {}
                Err(Refusal::Full | Refusal::Closed) => return Ok(false),
                Err(Refusal::Failed(fault) | Refusal::Unfit(fault)) => return Err(Fault::clone(&fault)),
            }
        }
    }

    async fn tell(&self, happening: Happening) {
        self.teller.tell(happening).await;
    }
}

/// What a round brought.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Objects that were read, or messages.
    pub(crate) objects: u64,
    /// Events in them.
    pub(crate) events: u64,
    /// Of these, new ones; where that is known.
    pub(crate) new: u64,
    /// Bytes, as they were fetched.
    pub(crate) bytes: u64,
    /// Why something of it is left for the next round.
    pub(crate) fault: Option<Arc<Fault>>,
    /// Whether there is more than what failed, so that it comes again as if nothing had.
    pub(crate) is_part: bool,
}

impl Round {
    fn add(&mut self, summary: &Summary) {
        self.objects += summary.files - summary.files_known;
        self.events += summary.records;
        self.new += summary.new;
        self.bytes += summary.bytes_received;
    }

    fn join(&mut self, other: Self) {
        self.objects += other.objects;
        self.events += other.events;
        self.new += other.new;
        self.bytes += other.bytes;
        self.fault = self.fault.take().or(other.fault);
        self.is_part |= other.is_part;
    }
}

/// What fetches.
#[async_trait::async_trait(?Send)]
trait Fetcher {
    /// The name in the configuration.
    fn name(&self) -> &str;

    /// How long it rests between two rounds.
    fn every(&self) -> Duration;

    /// Whether a round takes a part of what is there, and the next one more of it.
    fn comes_in_parts(&self) -> bool {
        false
    }

    /// Says before a stop what is to be known at the next start.
    async fn rest(&mut self, _: &Shared) -> Result<()> {
        Ok(())
    }

    /// Fetches what is there.
    async fn round(&mut self, shared: &Shared) -> Result<Round>;

    /// Fetches a stretch once more, whatever was read before. How far it is, does not change. Nothing where what it fetches from
    /// keeps nothing.
    async fn again(&mut self, shared: &Shared, from: Timestamp, to: Timestamp) -> Result<Round>;

    /// Fetches objects by their URLs, those that lie where it fetches from. How far it is, does not change.
    async fn objects(&mut self, _: &Shared, _: &[String]) -> Result<Round> {
        Ok(Round::default())
    }
}

fn fetchers(config: &Fetch) -> Vec<Box<dyn Fetcher>> {
    let mut fetchers: Vec<Box<dyn Fetcher>> = Vec::new();
    fetchers.extend(config.s3.iter().map(|one| Box::new(s3::S3Fetcher::new(one.clone())) as Box<_>));
    fetchers.extend(config.sqs.iter().map(|one| Box::new(sqs::SqsFetcher::new(one.clone())) as Box<_>));
    let groups = config.cloudwatch_logs.iter();
    fetchers.extend(groups.map(|one| Box::new(log_groups::LogGroupsFetcher::new(one.clone())) as Box<_>));
    fetchers.extend(config.rds.iter().map(|one| Box::new(rds::RdsFetcher::new(one.clone())) as Box<_>));
    fetchers
}

/// What is to be fetched once.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The fetchers, by their names; all where it is empty.
    pub names: Vec<String>,
    /// The stretch that is fetched again: up to its second time, itself left out. What is new is fetched where it is absent.
    pub stretch: Option<(Timestamp, Timestamp)>,
    /// Objects that alone are fetched, by their URLs; then nothing else is.
    pub objects: Vec<String>,
}

/// What came of one fetcher where each does one round.
#[derive(Debug)]
pub struct Fetched {
    /// Its name in the configuration.
    pub name: String,
    /// Objects or messages that were read.
    pub objects: u64,
    /// Events in them.
    pub events: u64,
    /// Bytes as they were fetched.
    pub bytes: u64,
    /// Why something is left.
    pub fault: Option<Arc<Fault>>,
}

/// Fetches until it is stopped.
pub(crate) async fn fetch_all(shared: &Arc<Shared>, config: &Fetch) {
    let watching = watch_stop(shared);
    let all = fetchers(config).into_iter().map(|fetcher| again_and_again(fetcher, shared));
    futures::join!(futures::future::join_all(all), watching);
}

/// One round of each fetcher, or of those that are named; or a stretch once more.
pub(crate) async fn fetch_once(shared: &Arc<Shared>, config: &Fetch, asked: &Ask) -> Vec<Fetched> {
    let mut all = Vec::new();
    let Ask { names, stretch, objects } = asked;
    let is_asked = |fetcher: &dyn Fetcher| names.is_empty() || names.iter().any(|name| name == fetcher.name());
    let rounds = async {
        for mut fetcher in fetchers(config) {
            if !is_asked(&*fetcher) || shared.is_stopped() {
                continue;
            }
            let mut round = Round::default();
            loop {
                let next = match *stretch {
                    _ if !objects.is_empty() => fetcher.objects(shared, objects).await,
                    Some((from, to)) => fetcher.again(shared, from, to).await,
                    None => fetcher.round(shared).await,
                };
                let next = next.unwrap_or_else(failed);
                let is_whole = !fetcher.comes_in_parts() || !objects.is_empty();
                let is_over = is_whole || next.objects == 0 || next.fault.is_some();
                round.join(next);
                if is_over || shared.is_stopped() {
                    break;
                }
            }
            if let Err(fault) = fetcher.rest(shared).await {
                round.join(failed(fault));
            }
            let name = fetcher.name().to_owned();
            count(shared, &name, &round);
            if let Some(fault) = &round.fault {
                shared.tell(failure(&name, fault)).await;
            }
            let Round { objects, events, bytes, fault, .. } = round;
            all.push(Fetched { name, objects, events, bytes, fault });
        }
    };
    let stopping = async {
        watch_stop(shared).await;
        std::future::pending::<()>().await // what is under way comes to its end
    };
    tokio::select! {
        () = rounds => {}
        () = stopping => {}
    }
    all
}

/// Passes a stop on to what is being taken in.
async fn watch_stop(shared: &Shared) {
    let mut stop = shared.stop.clone();
    let _ = stop.wait_for(|stop| *stop).await; // whoever could stop it is gone: that is a stop too
    shared.meter.stop();
}

fn failed(fault: Fault) -> Round {
    Round { fault: Some(Arc::new(fault)), ..Round::default() }
}

fn count(shared: &Shared, name: &str, round: &Round) {
    shared.metrics.fetched(name, (round.objects, round.events, round.bytes), round.fault.is_some());
}

fn failure(name: &str, fault: &Fault) -> Happening {
    let why = fault.chain(Lang::En);
    let said = vec![fault.message().clone()];
    Happening::failure("fetch.failed", msg!("server-fetch-failed", name = name, why = said))
        .with("name", name)
        .with("why", why)
}

async fn again_and_again(mut fetcher: Box<dyn Fetcher>, shared: &Arc<Shared>) {
    let failures = AtomicU64::new(0);
    while !shared.is_stopped() {
        let round = fetcher.round(shared).await;
        let name = fetcher.name().to_owned();
        let round = round.unwrap_or_else(failed);
        count(shared, &name, &round);
        let before = failures.load(Ordering::Relaxed);
        let pause = match &round.fault {
            Some(fault) => {
                failures.store(before + 1, Ordering::Relaxed);
                if before == 0 && !shared.is_stopped() {
                    shared.tell(failure(&name, fault)).await;
                }
                let pause = Duration::from_secs(if round.is_part { 1 } else { 1 << before.min(8) });
                pause.max(fetcher.every()).min(LONGEST_PAUSE.max(fetcher.every()))
            }
            None => {
                if before > 0 {
                    failures.store(0, Ordering::Relaxed);
                    let message = msg!("server-fetch-recovered", name = name.as_str());
                    shared.tell(Happening::new("fetch.recovered", message).with("name", &name)).await;
                }
                fetcher.every()
            }
        };
        if !shared.pause(pause).await {
            break;
        }
    }
    let _ = fetcher.rest(shared).await; // what cannot be said now is read again
}
