//! What waits to be told to each, in a line of its own: tried again where it fails, and told or kept as untold when `serve` ends.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::held::sent;
use super::{Letter, Note, WAITING, Way};
use crate::Happening;
use crate::config::Alert;

/// How long what waits is still told once it is to end.
const LAST: Duration = Duration::from_secs(5);
/// How long it takes until what is held is tried again, once it could not be told, in microseconds.
const AGAIN: i64 = 300 * 1_000_000;
/// How long is slept at most.
const NAP: Duration = Duration::from_secs(30);
/// How long is waited before each further try.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

/// Keeps it that somebody could not be told.
#[async_trait]
pub(crate) trait Keeper: Send + Sync {
    /// Keeps who could not be told of what, and why.
    async fn untold(&self, name: &str, happening: &Happening, why: &Fault);
    /// Keeps that somebody was told of what was held for him.
    async fn sent(&self, record: Happening);
    /// Keeps who could not be told of so much that was held for him, and why. It is tried again.
    async fn unsent(&self, name: &str, count: usize, why: &Fault);
}

/// The tasks that tell people; they end when this is dropped.
pub(crate) struct Telling {
    tasks: JoinSet<()>,
    /// Until when what waits is still told, once it is to end.
    closing: watch::Sender<Option<Instant>>,
}

/// One that is told, and what waits for it.
pub(crate) struct Line {
    way: Way,
    alert: Alert,
    waiting: mpsc::Receiver<Letter>,
    /// Whether the last could not be told.
    is_failing: Arc<AtomicBool>,
    /// The ids of what was held by this process.
    known: Arc<Mutex<BTreeSet<String>>>,
    /// What is told later, each with when.
    held: Vec<(Timestamp, Letter)>,
    /// Whether it was said that what is held could not be told.
    is_said: bool,
}

impl Telling {
    /// Begins to tell what waits in these lines.
    pub(crate) fn begin(lines: Vec<Line>, keeper: &Arc<dyn Keeper>) -> Self {
        let (mut tasks, (closing, closed)) = (JoinSet::new(), watch::channel(None));
        for line in lines {
            tasks.spawn(line.run(Arc::clone(keeper), closed.clone()));
        }
        Self { tasks, closing }
    }

    /// Tells what still waits, as far as that can be done in a moment. What cannot is kept as untold: it is told after the next start.
    pub(crate) async fn finish(mut self) {
        let _ = self.closing.send(Some(Instant::now() + LAST)); // where nobody is told, nobody hears it
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Resolves once it is to end.
async fn over(closing: &mut watch::Receiver<Option<Instant>>) {
    let _ = closing.wait_for(Option::is_some).await; // who would say so is gone: it is over too
}

impl Line {
    pub(super) fn new(
        way: Way,
        alert: &Alert,
        waiting: mpsc::Receiver<Letter>,
        (is_failing, known): (Arc<AtomicBool>, Arc<Mutex<BTreeSet<String>>>),
    ) -> Self {
        Self { way, alert: alert.clone(), waiting, is_failing, known, held: Vec::new(), is_said: false }
    }

    async fn run(mut self, keeper: Arc<dyn Keeper>, mut closing: watch::Receiver<Option<Instant>>) {
        loop {
            let due = self.held.iter().map(|(until, _)| *until).min();
            let letter = tokio::select! {
                biased;
                letter = self.waiting.recv() => letter,
                () = over(&mut closing) => None,
                () = nap(due) => {
                    self.tell_held(Timestamp::now(), &keeper, &mut closing).await;
                    continue;
                }
            };
            let Some(letter) = letter else { break };
            match &letter.hold {
                Some(hold) if self.held.len() < WAITING => self.held.push((hold.until, letter)),
                Some(hold) => self.forget(&hold.id),
                None => self.tell(&letter, &keeper, &mut closing).await,
            }
        }
        // What waited for more is told now; what waits for the end of quiet hours, after the next start.
        self.tell_held(Timestamp(i64::MAX), &keeper, &mut closing).await;
    }

    async fn tell(&self, letter: &Letter, keeper: &Arc<dyn Keeper>, closing: &mut watch::Receiver<Option<Instant>>) {
        let sent = self.send(std::slice::from_ref(&letter.note), closing).await;
        self.is_failing.store(sent.is_err(), Ordering::Relaxed);
        if let (Err(fault), Some(of)) = (sent, &letter.of) {
            keeper.untold(&self.alert.name, of, &fault).await;
        }
    }

    /// Tells what was held until now, as one. Where it cannot be told, it stays held.
    async fn tell_held(
        &mut self,
        now: Timestamp,
        keeper: &Arc<dyn Keeper>,
        closing: &mut watch::Receiver<Option<Instant>>,
    ) {
        let quiet = self.alert.quiet.clone();
        let end = |letter: &Letter| quiet.as_ref()?.until(Timestamp::now(), letter.note.severity);
        let (mut due, mut later) = (Vec::new(), Vec::new());
        for (until, letter) in std::mem::take(&mut self.held) {
            match end(&letter) {
                Some(end) => later.push((until.max(end), letter)), // it was held until then, and that is in other quiet hours
                None if until <= now => due.push(letter),
                None => later.push((until, letter)),
            }
        }
        self.held = later;
        let ids: Vec<String> = due.iter().filter_map(|letter| Some(letter.hold.as_ref()?.id.clone())).collect();
        if due.is_empty() {
            return;
        }
        let notes: Vec<Note> = due.iter().map(|letter| letter.note.clone()).collect();
        let told = self.send(&notes, closing).await;
        self.is_failing.store(told.is_err(), Ordering::Relaxed);
        match told {
            Ok(()) => {
                self.is_said = false;
                keeper.sent(sent(&self.alert.name, &ids)).await;
            }
            Err(fault) => {
                let again = Timestamp(Timestamp::now().0.saturating_add(AGAIN));
                self.held.extend(due.into_iter().map(|letter| (again, letter)));
                if !std::mem::replace(&mut self.is_said, true) {
                    keeper.unsent(&self.alert.name, ids.len(), &fault).await;
                }
            }
        }
    }

    /// More is held than is kept in memory: it is read back from its record later.
    fn forget(&self, id: &str) {
        if let Ok(mut known) = self.known.lock() {
            known.remove(id);
        }
    }

    async fn send(&self, notes: &[Note], closing: &mut watch::Receiver<Option<Instant>>) -> Result<()> {
        let (mut pauses, lang) = (PAUSES.iter(), self.alert.lang());
        loop {
            let stopped = || Fault::world(msg!("server-alert-stopped"));
            let until = *closing.borrow();
            let sent = match until {
                Some(until) => {
                    tokio::time::timeout_at(until, self.way.send(notes, lang)).await.map_err(|_| stopped())?
                }
                None => self.way.send(notes, lang).await,
            };
            let Err(fault) = sent else { return Ok(()) };
            let Some(pause) = pauses.next() else { return Err(fault) };
            if until.is_some() || tokio::time::timeout(*pause, over(closing)).await.is_ok() {
                return Err(stopped().because(fault));
            }
        }
    }
}

/// Waits until a time, or for a moment: the clock may be set meanwhile. Without one, for ever.
async fn nap(until: Option<Timestamp>) {
    let Some(until) = until else { return std::future::pending().await };
    loop {
        let left = until.0.saturating_sub(Timestamp::now().0);
        let Ok(left @ 1..) = u64::try_from(left) else { return };
        tokio::time::sleep(Duration::from_micros(left).min(NAP)).await;
    }
}
