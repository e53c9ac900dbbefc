//! The schedules while `serve` runs: what is due runs, one at a time; what was missed while it was down runs once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, msg};
use tokio::sync::watch;

use super::history::History;
use super::{Desk, Outcome, TOO_MANY, failed};
use crate::Happening;
use crate::config::Schedule;
use crate::metrics::Metrics;
use crate::sealing::{is_ready, of_accesses};
use crate::telling::Teller;

/// What was done and told before cannot be read, so nothing runs.
pub(super) const WAITING: &str = "schedule.waiting";
/// How long after it was due something is late.
const LATE: i64 = 60 * 1_000_000;
/// How long is slept at most: the clock may be set meanwhile.
const SLEEP: Duration = Duration::from_secs(30);
/// How long a person who runs a schedule by hand is waited for.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How long it takes until records are asked for again that could not be read.
const AGAIN: Duration = Duration::from_secs(30);

/// The schedules, with what they work with.
pub(crate) struct Scheduler {
    pub(crate) desk: Desk,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) teller: Arc<Teller>,
    pub(crate) metrics: Arc<Metrics>,
}

/// A schedule, and when it is due next.
struct Next<'a> {
    schedule: &'a Schedule,
    due: Timestamp,
}

impl Scheduler {
    /// Does what is due until it is stopped, once the vault has all that was left from the last run. What is being done is stopped then;
    /// what came of something is told to its end: what is evidence of having been told must not be lost on the way.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>, mut is_caught_up: watch::Receiver<bool>) {
        if is_ready(&mut stop, &mut is_caught_up).await {
            self.work(&mut stop).await;
        }
    }

    async fn work(&self, stop: &mut watch::Receiver<bool>) {
        let begun = Timestamp::now();
        let mut history = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            history = self.known() => history,
        };
        let mut all: Vec<Next<'_>> = self.schedules.iter().map(|one| self.first(one, &history, begun)).collect();
        for next in &all {
            self.metrics.scheduled(&next.schedule.name, next.due);
        }
        loop {
            let now = Timestamp::now();
            for next in &mut all {
                // Where the clock was ahead and was set back, what was due then is due when its plan says.
                next.due = next.due.min(next.schedule.plan(self.desk.zone).after(now));
            }
            let Some(next) = all.iter_mut().min_by_key(|next| next.due) else { return };
            match nap(next.due, stop).await {
                Woken::Stopped => return,
                Woken::Early => continue,
                Woken::Due => {}
            }
            let now = Timestamp::now();
            let plan = next.schedule.plan(self.desk.zone);
            let due = plan.latest(now).unwrap_or(next.due).max(next.due);
            let is_late = due < begun || now.0.saturating_sub(due.0) > LATE;
            if !self.once(next.schedule, (due, is_late), &mut history, stop).await {
                return;
            }
            next.due = plan.after(Timestamp::now().max(due));
            self.metrics.scheduled(&next.schedule.name, next.due);
        }
    }

    /// When a schedule is due for the first time: at once, where it was missed since it ran last or was planned.
    fn first<'a>(&self, schedule: &'a Schedule, history: &History, now: Timestamp) -> Next<'a> {
        let plan = schedule.plan(self.desk.zone);
        let missed = history.since(&schedule.name, &plan.line()).and_then(|since| {
            let latest = plan.latest(now)?;
            (latest > since).then_some(latest)
        });
        Next { schedule, due: missed.unwrap_or_else(|| plan.after(now)) }
    }

    /// What was done and told before. Without it, things would be done twice: it is asked for until it is there.
    async fn known(&self) -> History {
        let mut is_told = false;
        loop {
            let mut history = History::beside(&self.teller.matches);
            match self.desk.refresh(&mut history).await {
                Ok(()) => return history,
                Err(fault) if !is_told => {
                    self.teller.tell(unreadable(&fault)).await;
                    is_told = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Does it once, and tells what came of it. `false` where it was stopped before.
    async fn once(
        &self,
        schedule: &Schedule,
        due: (Timestamp, bool),
        history: &mut History,
        stop: &mut watch::Receiver<bool>,
    ) -> bool {
        // A defect in one of them keeps the others from nothing, and is told like any failure.
        let done = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return false,
            done = AssertUnwindSafe(self.done(schedule, due, history)).catch_unwind() => done,
        };
        let Outcome { told, verdict, fault } =
            done.unwrap_or_else(|_| failed(schedule, due, Fault::broken(msg!("schedule-panicked")), history));
        self.metrics.ran(&schedule.name, fault.is_some() || verdict.as_deref() == Some(TOO_MANY));
        for (happening, _) in &told {
            history.told(happening);
        }
        self.teller.tell_all(told).await;
        let warnings = self.desk.warnings.lock().map(|mut warnings| std::mem::take(&mut *warnings)).unwrap_or_default();
        for warning in warnings {
            self.teller.tell(of_accesses(&warning)).await;
        }
        true
    }

    async fn done(&self, schedule: &Schedule, due: (Timestamp, bool), history: &mut History) -> Outcome {
        // While it is held, nobody runs a schedule by hand; what was done so before is read.
        let lock = match self.desk.lock(PATIENCE).await {
            Ok(lock) => lock,
            Err(fault) => return failed(schedule, due, fault, history),
        };
        if let Err(fault) = self.desk.refresh(history).await {
            return failed(schedule, due, fault, history);
        }
        match self.desk.asked(schedule, due, history) {
            Ok(run) => self.desk.run(&run, history, &lock).await,
            Err(fault) => failed(schedule, due, fault, history),
        }
    }
}

fn unreadable(fault: &Fault) -> Happening {
    let why = vec![fault.message().clone()];
    let happening = Happening::failure(WAITING, msg!("schedule-waiting", why = why));
    happening.with("why", fault.chain(Lang::En))
}

/// Why a nap ended.
enum Woken {
    Due,
    /// It is to be looked at the clock again.
    Early,
    Stopped,
}

/// Waits until a time, or for a moment.
async fn nap(due: Timestamp, stop: &mut watch::Receiver<bool>) -> Woken {
    let left = due.0.saturating_sub(Timestamp::now().0);
    let Ok(left @ 1..) = u64::try_from(left) else { return Woken::Due };
    let nap = Duration::from_micros(left);
    match tokio::time::timeout(nap.min(SLEEP), stop.wait_for(|stop| *stop)).await {
        Ok(_) => Woken::Stopped,
        Err(_) if nap <= SLEEP => Woken::Due,
        Err(_) => Woken::Early,
    }
}
