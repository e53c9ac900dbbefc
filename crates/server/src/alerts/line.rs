//! What waits to be told to each, in a line of its own: tried again where it fails, and told or kept as untold when `serve` ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use shoseki_messages::{Fault, Result, msg};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Note, Way};
use crate::Happening;

/// How long what waits is still told once it is to end.
const LAST: Duration = Duration::from_secs(5);
/// How long is waited before each further try.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

/// What waits to be told to somebody.
pub(super) struct Waiting {
    pub(super) note: Note,
    pub(super) of: Happening,
}

/// Keeps it that somebody could not be told.
#[async_trait]
pub(crate) trait Keeper: Send + Sync {
    /// Keeps who could not be told of what, and why.
    async fn untold(&self, name: &str, happening: &Happening, why: &Fault);
}

/// The tasks that tell people; they end when this is dropped.
pub(crate) struct Telling {
    tasks: JoinSet<()>,
    /// Until when what waits is still told, once it is to end.
    closing: watch::Sender<Option<Instant>>,
}

/// One that is told, and what waits for it.
pub(crate) struct Line {
    pub(super) way: Way,
    pub(super) name: String,
    pub(super) waiting: mpsc::Receiver<Waiting>,
    /// Whether the last could not be told.
    pub(super) is_failing: Arc<AtomicBool>,
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
    async fn run(mut self, keeper: Arc<dyn Keeper>, mut closing: watch::Receiver<Option<Instant>>) {
        loop {
            let waiting = tokio::select! {
                biased;
                waiting = self.waiting.recv() => waiting,
                () = over(&mut closing) => None,
            };
            let Some(Waiting { note, of }) = waiting else { return };
            let sent = self.send(&note, &mut closing).await;
            self.is_failing.store(sent.is_err(), Ordering::Relaxed);
            if let Err(fault) = sent {
                keeper.untold(&self.name, &of, &fault).await;
            }
        }
    }

    async fn send(&self, note: &Note, closing: &mut watch::Receiver<Option<Instant>>) -> Result<()> {
        let mut pauses = PAUSES.iter();
        loop {
            let stopped = || Fault::world(msg!("server-alert-stopped"));
            let until = *closing.borrow();
            let sent = match until {
                Some(until) => tokio::time::timeout_at(until, self.way.send(note)).await.map_err(|_| stopped())?,
                None => self.way.send(note).await,
            };
            let Err(fault) = sent else { return Ok(()) };
            let Some(pause) = pauses.next() else { return Err(fault) };
            if until.is_some() || tokio::time::timeout(*pause, over(closing)).await.is_ok() {
                return Err(stopped().because(fault));
            }
        }
    }
}
