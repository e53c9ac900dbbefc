//! Passing evidence on: what was sealed goes out to other systems, as it came or in another form.
//!
//! ```text
//! commits after the cursor ─► records ─► condition ─► lines ─► target ═► cursor        a target that is dead keeps nobody else waiting
//! ```
//!
//! Only what is sealed goes out: what another system shows is proven here. At least once: the cursor goes on when the target said yes;
//! who dies in between sends a batch again. A target is one file: how a batch becomes its protocol, and what its answer means.

mod cef;
mod condition;
mod cursor;
mod elasticsearch;
mod line;
mod log_group;
mod loki;
mod reading;
mod round;
mod splunk_hec;
mod syslog;
mod web;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_vault::Vault;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Happening;
use crate::config::{Config, Forward};
use crate::metrics::Metrics;
use crate::telling::Teller;
use cursor::Cursors;
use line::Line;
use round::Forwarder;

pub(crate) use condition::condition;

/// The most of a batch.
#[derive(Clone, Copy, Debug)]
struct Most {
    records: usize,
    /// Of its text.
    bytes: usize,
}

/// Why a batch was not taken.
#[derive(Debug)]
enum No {
    /// Not now: it is tried again, at the earliest after this time.
    Later(Fault, Option<Duration>),
    /// Not as it is: its halves are tried, and what is refused by itself is passed over and told. With all that was answered.
    Unfit(Fault, String),
}

/// A record of a batch that a target did not take, and why.
#[derive(Clone, Debug)]
struct Refused {
    /// Its place in the batch; nothing where the target does not say which.
    at: Option<usize>,
    why: String,
}

/// What evidence is passed on to.
#[async_trait]
trait Target: Send + Sync {
    /// The most that it takes at once.
    fn most(&self) -> Most;

    /// Sends a batch. Gives those that it will never take, and took the others.
    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No>;
}

/// Makes a target.
///
/// # Errors
/// The caller's mistake where a file that it names cannot be read.
fn target_of(forward: &Forward) -> Result<Box<dyn Target>> {
    if let Some(one) = &forward.loki {
        return Ok(Box::new(loki::Loki::of(forward, one)?));
    }
    if let Some(one) = &forward.cloudwatch_logs {
        return Ok(Box::new(log_group::LogGroup::of(one)));
    }
    if let Some(one) = &forward.syslog {
        return Ok(Box::new(syslog::Syslog::of(one)?));
    }
    if let Some(one) = &forward.webhook {
        return Ok(Box::new(webhook::Webhook::of(forward, one)?));
    }
    if let Some(one) = &forward.splunk_hec {
        return Ok(Box::new(splunk_hec::SplunkHec::of(forward, one)?));
    }
    if let Some(one) = &forward.elasticsearch {
        return Ok(Box::new(elasticsearch::Elasticsearch::of(forward, one)?));
    }
    Err(Fault::caller(msg!("server-config-forward-targets", name = forward.name.as_str())))
}

/// Looks at the files that targets name and at their conditions, and sends nothing.
///
/// # Errors
/// The caller's mistake where a file cannot be read, or a condition cannot be asked.
pub(crate) async fn check(forwards: &[Forward]) -> Result<()> {
    for forward in forwards {
        target_of(forward)?;
        if let Some(filter) = &forward.filter {
            condition::understood(filter).await?;
        }
    }
    Ok(())
}

/// What all forwarders work with.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) vault: Arc<Vault>,
    pub(crate) teller: Arc<Teller>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stop: watch::Receiver<bool>,
    /// How often is looked for what was sealed.
    pub(crate) every: Duration,
}

impl Shared {
    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits, unless it is stopped. `false` where it was.
    async fn pause(&self, time: Duration) -> bool {
        let mut stop = self.stop.clone();
        tokio::time::timeout(time, stop.wait_for(|stop| *stop)).await.is_err()
    }
}

/// Starts the forwarders of a configuration. Each goes on until it is stopped.
///
/// # Errors
/// The caller's mistake where a file that one names cannot be read; the world's failure where the cursors' folder cannot be made.
pub(crate) fn begin(shared: &Shared, config: &Config, wal: &Path) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    if config.forwards.is_empty() {
        return Ok(tasks);
    }
    let cursors = Arc::new(Cursors::open(wal, &shared.vault)?);
    for forward in &config.forwards {
        let forwarder = Forwarder::new(forward.clone(), target_of(forward)?, shared.clone(), Arc::clone(&cursors));
        tasks.spawn(forwarder.run());
    }
    Ok(tasks)
}

/// What is to be forwarded once.
#[derive(Clone, Debug, Default)]
pub struct Again {
    /// The forwarders, by their names; all where it is empty.
    pub names: Vec<String>,
    /// The stretch whose events are sent again: up to its second time, itself left out. What is new is sent where it is absent.
    pub stretch: Option<(Timestamp, Timestamp)>,
}

/// What came of one forwarder that does one round.
#[derive(Debug)]
pub struct Forwarded {
    /// Its name in the configuration.
    pub name: String,
    /// Records that its target took.
    pub records: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Records that its target will never take.
    pub refused: u64,
    /// Why something is left.
    pub fault: Option<Fault>,
}

/// Lets each forwarder that is asked for pass on what is sealed, and ends.
pub(crate) async fn once(shared: &Shared, config: &Config, wal: &Path, asked: &Again) -> Result<Vec<Forwarded>> {
    let cursors = Arc::new(Cursors::open(wal, &shared.vault)?);
    let is_asked = |forward: &&Forward| asked.names.is_empty() || asked.names.contains(&forward.name);
    let mut all = Vec::new();
    for forward in config.forwards.iter().filter(is_asked) {
        if shared.is_stopped() {
            break;
        }
        let target = target_of(forward)?;
        let forwarder = Forwarder::new(forward.clone(), target, shared.clone(), Arc::clone(&cursors));
        all.push(forwarder.once(asked.stretch).await);
    }
    Ok(all)
}

/// A forwarder fails, and tries again.
fn failure(name: &str, fault: &Fault) -> Happening {
    let said = vec![fault.message().clone()];
    Happening::failure("forward.failed", msg!("server-forward-failed", name = name, why = said))
        .with("name", name)
        .with("why", fault.chain(Lang::En))
}
