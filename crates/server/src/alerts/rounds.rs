//! Looks again and again what is held for people by others (by this process before it was started anew, by commands that ended), and what
//! others are to be told, since nobody looks after it. Who looks holds a lock, so that nobody is told by two.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use shoseki_comply::checks::{About, Period, Query, VaultFacts, answer};
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};
use shoseki_vault::Vault;
use tokio::sync::watch;

use super::held::Held;
use super::standing::Standing;
use crate::config::Alert;
use crate::telling::Teller;

/// How far back records are read, in microseconds: what was held earlier is told to nobody any more.
const OLDEST: i64 = 90 * 86_400 * 1_000_000;
/// How long a record may wait for its seal and be read all the same, in microseconds.
const BEHIND: i64 = 2 * 86_400 * 1_000_000;
/// The most memory of the question.
const MEMORY: usize = 64 << 20;
/// How often it is looked at the most, and at the least.
const EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// What is held, what was told, and what was said of it; an auditor can ask the same.
const QUESTION: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation in ('alert.held', 'alert.sent', 'alert.ack', 'alert.escalated', 'alert.settled', \
     'gap.opened', 'gap.ended', 'gap.closed', 'gap.lost', 'records.conflict', \
     'fetch.missing', 'fetch.unusable', 'fetch.vanished', 'fetch.damaged', 'fetch.cut', \
     'fetch.failed', 'fetch.recovered', 'forward.failed', 'forward.recovered', 'forward.refused', 'seal.failed', 'seal.recovered', \
     'seal.warning', 'wal.damaged', 'compact.failed', 'gaps.failed', 'gaps.recovered', 'disk.low', 'disk.recovered', 'alert.failed', \
     'heartbeat.failed', 'heartbeat.withheld', 'heartbeat.recovered', 'access.damaged', 'syslog.lost', 'files.shortened', \
     'files.unreadable', 'files.too-many', 'files.nothing', 'files.waiting', 'files.died', 'serve.died', 'serve.refused', \
     'finding.opened', 'finding.closed', 'query.opened', 'query.closed', 'review.missing', 'schedule.failed', 'schedule.recovered', \
     'schedule.waiting', 'match.found', 'detect.failed', 'detect.recovered', 'detect.skipped', 'detect.rules')";

/// The lock of who looks.
pub(crate) fn lock_of(wal: &Path) -> PathBuf {
    wal.join("alerts.lock")
}

/// Records, read on top of what is known.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) held: Held,
    pub(crate) standing: Standing,
    read_to: Option<Timestamp>,
}

impl Read {
    /// Reads what others did meanwhile.
    ///
    /// # Errors
    /// What the question says.
    pub(crate) async fn refresh(&mut self, engine: impl Fn(Options) -> Engine) -> Result<()> {
        let now = Timestamp::now();
        let oldest = Timestamp(now.0.saturating_sub(OLDEST));
        let from = self.read_to.map_or(oldest, |read| Timestamp(read.0.saturating_sub(BEHIND)).max(oldest));
        let period = Period { from, to: now };
        let about = About { period, zone: chrono_tz::UTC, now, expected: Vec::new(), vault: VaultFacts::default() };
        let rows = answer(&engine, &about, &Query::own_open_sql(QUESTION)).await?;
        self.held.read(&rows);
        self.standing.read(&rows);
        self.read_to = Some(now);
        Ok(())
    }
}

/// The rounds of `serve`.
pub(crate) struct Rounds {
    pub(crate) vault: Arc<Vault>,
    pub(crate) teller: Arc<Teller>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) wal: PathBuf,
    /// How long what is acknowledged may wait for its seal: only what is sealed is asked for.
    pub(crate) seal_every: Duration,
}

impl Rounds {
    /// Looks until it is stopped; once only, where nobody has quiet hours and nothing is told to others.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>, mut is_caught_up: watch::Receiver<bool>) {
        let is_ready = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => false,
            ready = is_caught_up.wait_for(|is| *is) => ready.is_ok(), // what it gives holds a lock: it must not be kept
        };
        if !is_ready || self.alerts.is_empty() {
            return;
        }
        let (mut read, mut lock, every) = (Read::default(), None, self.seal_every.clamp(EVERY.0, EVERY.1));
        loop {
            lock = lock.or_else(|| File::create(lock_of(&self.wal)).ok().filter(|file| file.try_lock().is_ok()));
            // What cannot be read now is read the next time.
            let goes_on = self.alerts.iter().any(|one| one.quiet.is_some() || one.escalate.is_some());
            if lock.is_some() && self.look(&mut read).await.is_ok() && !goes_on {
                break;
            }
            if tokio::time::timeout(every, stop.wait_for(|stop| *stop)).await.is_ok() {
                return;
            }
        }
        let _ = stop.wait_for(|stop| *stop).await; // the lock is held until then: what was read is being told
    }

    async fn look(&self, read: &mut Read) -> Result<()> {
        let snapshot = self.vault.snapshot().await?;
        let engine = |options: Options| {
            Engine::over(Arc::clone(&self.vault), &snapshot, Options { memory: MEMORY, cores: 1, ..options })
        };
        read.refresh(engine).await?;
        self.teller.alerts.send(read.held.letters(&self.alerts));
        for happening in read.standing.due(&self.alerts, Timestamp::now()) {
            read.standing.told(&happening);
            self.teller.tell(happening).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Severity, actions};
    use super::*;

    #[test]
    fn all_that_may_stand_open_is_asked_for() {
        let is_asked = |action: &str| QUESTION.contains(&format!("'{action}'"));
        let missing: Vec<&str> =
            actions().filter(|action| Severity::of_action(action) > Severity::Info && !is_asked(action)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(QUESTION.matches('\'').count() % 2, 0);
    }
}
