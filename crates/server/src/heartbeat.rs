//! A dead man's switch: while the doors, sealing and alerts are well, it is posted to somebody outside, again and again. Where that
//! stops, whoever is posted to tells people; a process that is dead cannot. Nothing of the evidence is in it.
//!
//! ```text
//! {"from":"shoseki","version":"0.1.0","time":"2026-11-27T12:00:00Z"}
//! ```

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_vault::wal::Wal;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use crate::Happening;
use crate::alerts::Hook;
use crate::config::Heartbeat;
use crate::metrics::Metrics;
use crate::telling::Teller;

/// How long is waited before the second try.
const PAUSE: Duration = Duration::from_secs(2);

/// What is looked at.
pub(crate) struct Body {
    pub(crate) wal: Wal,
    /// How much may wait on the disk for its seal, in bytes.
    pub(crate) most: u64,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) teller: Arc<Teller>,
    /// What takes connections.
    pub(crate) receiving: AbortHandle,
}

impl Body {
    /// What is not well.
    fn ills(&self) -> Vec<Message> {
        let mut ills = Vec::new();
        if self.receiving.is_finished() {
            ills.push(msg!("alert-heartbeat-doors"));
        }
        if is_full(&self.wal, self.most) {
            ills.push(msg!("server-full"));
        }
        if self.metrics.is_sealing_failing() {
            ills.push(msg!("alert-heartbeat-sealing"));
        }
        if self.metrics.are_disks_low() {
            ills.push(msg!("alert-heartbeat-disk"));
        }
        ills.extend(self.teller.alerts.failing().map(|name| msg!("alert-heartbeat-alert", name = name)));
        ills
    }
}

/// Whether so much waits for its seal that senders will soon be told to come again.
pub(crate) fn is_full(wal: &Wal, most: u64) -> bool {
    wal.waiting().now().0 >= most / 10 * 9
}

/// How the last beat went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beat {
    Sent,
    Failed,
    Withheld,
}

/// The heart of a process: where it beats to, and how often.
pub(crate) struct Heart {
    hook: Hook,
    every: Duration,
}

impl Heart {
    /// That of a configuration.
    ///
    /// # Errors
    /// The caller's mistake where the file with the URL cannot be read, or holds none.
    pub(crate) fn of(heartbeat: &Heartbeat) -> Result<Self> {
        Ok(Self { hook: Hook::of(heartbeat.target()?), every: heartbeat.every.0 })
    }

    /// Beats until the stop. That it does not is told once, and once that it does again.
    pub(crate) async fn run(self, body: Body, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = Beat::Sent;
        loop {
            tokio::select! {
                biased;
                () = over(&mut stop) => return,
                _ = ticks.tick() => {}
            }
            let ills = body.ills();
            let (beat, told) = if ills.is_empty() {
                let sent = tokio::select! {
                    () = over(&mut stop) => return,
                    sent = self.beat() => sent,
                };
                match sent {
                    Ok(()) => (Beat::Sent, Happening::new("heartbeat.recovered", msg!("alert-heartbeat-recovered"))),
                    Err(fault) => (Beat::Failed, failed(&fault)),
                }
            } else {
                (Beat::Withheld, withheld(ills))
            };
            if beat != last {
                body.teller.tell(told).await;
            }
            last = beat;
        }
    }

    async fn beat(&self) -> Result<()> {
        let body =
            || json!({"from": "shoseki", "version": env!("CARGO_PKG_VERSION"), "time": Timestamp::now().to_string()});
        if self.hook.post(&body()).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        self.hook.post(&body()).await
    }
}

/// Resolves once it is to end.
async fn over(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await; // who would say so is gone: it is over too
}

fn failed(fault: &Fault) -> Happening {
    let message = msg!("alert-heartbeat-failed", why = vec![fault.message().clone()]);
    Happening::failure("heartbeat.failed", message).with("why", fault.chain(Lang::En))
}

fn withheld(ills: Vec<Message>) -> Happening {
    let why = ills.iter().map(|ill| ill.text(Lang::En)).collect::<Vec<_>>().join("; ");
    Happening::failure("heartbeat.withheld", msg!("alert-heartbeat-withheld", why = ills)).with("why", why)
}
