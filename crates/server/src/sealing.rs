//! What goes on behind the doors: closed files of the log are sealed, and what accesses left; now and then small files are put together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shoseki_messages::{Fault, Kind, Lang, msg};
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::spool::take_in;
use shoseki_vault::wal::Sealer;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

use crate::Happening;
use crate::metrics::Metrics;
use crate::telling::Teller;

/// How long it takes until something that failed is tried again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What sealing works with.
pub(crate) struct Upkeep {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) teller: Arc<Teller>,
    /// How often small files are put together; never where absent.
    pub(crate) compact_every: Option<Duration>,
    /// Told once all is sealed that was left from the last run: from then on the vault knows how far was read.
    pub(crate) caught_up: watch::Sender<bool>,
    /// Where accesses on this machine leave their records.
    pub(crate) spool: PathBuf,
    /// Told each time that something was sealed: whoever looks at it need not wait.
    pub(crate) sealed: Arc<Notify>,
}

/// How long the record of an access waits for its seal: each time is a commit where there are any.
const ACCESSES_EVERY: Duration = Duration::from_secs(300);

/// Waits until all is sealed that was left from the last run. `false` where it is stopped before.
pub(crate) async fn is_ready(stop: &mut watch::Receiver<bool>, is_caught_up: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => false,
        ready = is_caught_up.wait_for(|is| *is) => ready.is_ok(), // what it gives holds a lock: it must not be kept
    }
}

/// Seals what is closed, file by file. What fails is tried again: it stays on the disk meanwhile.
pub(crate) async fn seal_all(mut sealer: Sealer, upkeep: Upkeep, stop: watch::Receiver<bool>) {
    let Upkeep { metrics, teller, compact_every, caught_up, spool, sealed } = upkeep;
    let (mut compacted, mut left) = (Instant::now(), sealer.left());
    caught_up.send_replace(left == 0);
    let mut accesses = tokio::time::interval(ACCESSES_EVERY); // the first time is now
    accesses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sequence = tokio::select! {
            sequence = sealer.next() => sequence,
            _ = accesses.tick() => {
                take_accesses_in(&sealer, &metrics, &teller, &spool).await;
                continue;
            }
        };
        let Some(sequence) = sequence else { break };
        let (mut pause, mut is_told) = (Duration::from_secs(1), false);
        loop {
            let fault = match sealer.seal(sequence).await {
                Ok(summary) => {
                    metrics.sealed(&summary);
                    metrics.sealing_fails(false);
                    teller.tell_conflicts(&summary).await;
                    for warning in &summary.warnings {
                        let action = if warning.kind() == Kind::Damage { "wal.damaged" } else { "seal.warning" };
                        let why = warning.chain(Lang::En);
                        teller.tell(Happening::failure(action, warning.message().clone()).with("why", why)).await;
                    }
                    if is_told {
                        teller.tell(Happening::new("seal.recovered", msg!("server-seal-recovered"))).await;
                    }
                    break;
                }
                Err(fault) => fault,
            };
            metrics.seal_failed();
            metrics.sealing_fails(true);
            if !is_told {
                let message = msg!("server-seal-failed", why = &fault);
                teller.tell(Happening::failure("seal.failed", message).with("why", fault.chain(Lang::En))).await;
                is_told = true;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(if *stop.borrow() { Duration::from_secs(5) } else { LONGEST_PAUSE });
        }
        left = left.saturating_sub(1);
        caught_up.send_replace(left == 0);
        sealed.notify_one();
        if compact_every.is_some_and(|every| compacted.elapsed() >= every) && !*stop.borrow() {
            compact_now(&sealer, &teller).await;
            compacted = Instant::now();
        }
    }
    take_accesses_in(&sealer, &metrics, &teller, &spool).await;
}

/// Seals what accesses left. What fails stays where it is until the next time.
async fn take_accesses_in(sealer: &Sealer, metrics: &Metrics, teller: &Teller, spool: &Path) {
    match take_in(sealer.vault(), spool).await {
        Ok(taken) => {
            for warning in &taken.warnings {
                teller.tell(of_accesses(warning)).await;
            }
        }
        Err(fault) => {
            metrics.seal_failed();
            let message = msg!("server-accesses-failed", why = &fault);
            (teller.happened)(&Happening::failure("access.failed", message).with("why", fault.chain(Lang::En)));
        }
    }
}

/// What there is to warn of where accesses were taken in.
pub(crate) fn of_accesses(warning: &Fault) -> Happening {
    let action = if warning.kind() == Kind::Damage { "access.damaged" } else { "seal.warning" };
    Happening::failure(action, warning.message().clone()).with("why", warning.chain(Lang::En))
}

/// Puts the small files of the last hours together. What cannot be merged stays as it is.
async fn compact_now(sealer: &Sealer, teller: &Teller) {
    let happening = match compact(sealer.vault(), &Goal::default(), &Arc::default()).await {
        Ok(summary) => {
            let before: u64 = summary.partitions.iter().map(|partition| partition.files_before).sum();
            let after: u64 = summary.partitions.iter().map(|partition| partition.files_after).sum();
            if before == after && summary.faults.is_empty() {
                return;
            }
            let message = msg!("server-compacted", before = before, after = after);
            let happening = match summary.faults.first() {
                None => Happening::new("compact.done", message),
                Some(fault) => Happening::failure("compact.done", message).with("why", fault.chain(Lang::En)),
            };
            happening.with("files_before", before).with("files_after", after)
        }
        Err(fault) => {
            let message = msg!("server-compact-failed", why = &fault);
            Happening::failure("compact.failed", message).with("why", fault.chain(Lang::En))
        }
    };
    teller.tell(happening).await;
}
