//! Files that others write: watched, read on as they grow, followed when they are rotated. Nothing is told to whoever writes
//! them, so how far each was read is committed with what was read of it: a restart goes on there.
//!
//! ```text
//! patterns ─► files ─► what is new ─► events ═► write-ahead log, with how far ─► commit, with how far
//! ```
//!
//! Looked at once a second. There is no being told by the kernel: it tells nothing of network folders, and forgets when much happens.

mod cri;
mod cursors;
pub(crate) mod cut;
mod find;
mod watch;
mod watched;

use std::sync::Arc;
use std::time::{Duration, Instant};

use shoseki_event::Timestamp;
use shoseki_messages::{Lang, msg};
use shoseki_segment::commit::Transaction;
use shoseki_vault::Vault;
use shoseki_vault::wal::{Delivery, Refusal, Wal};
use tokio::sync::watch::Receiver;

use crate::Happening;
use crate::config::{Files, Format, Start};
use crate::metrics::Metrics;
use crate::telling::Teller;
use cursors::Cursors;
use watch::{Looked, Read, Watch};
use watched::Cut;

/// The door's name.
const DOOR: &str = "files";
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits where the log is full or the vault cannot be read, until it is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// What watching works with.
pub(crate) struct Door {
    pub(crate) config: Files,
    pub(crate) vault: Arc<Vault>,
    pub(crate) wal: Wal,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) teller: Arc<Teller>,
}

/// Watches until the stop. It begins once `caught_up` says that commits hold all that was read before: they say where to go on.
pub(crate) async fn run(door: Door, mut stop: Receiver<bool>, mut caught_up: Receiver<bool>) {
    tokio::select! {
        caught_up = caught_up.wait_for(|is| *is) => if caught_up.is_err() { return },
        _ = stop.wait_for(|stop| *stop) => return,
    }
    let Some(cursors) = door.cursors(&mut stop).await else { return };
    let watch = Watch::new(&door.config, cursors);
    if door.watch(watch, &mut stop).await.is_none() {
        let message = msg!("server-files-died", name = door.config.name.as_str());
        door.teller.tell(Happening::failure("files.died", message)).await;
    }
}

impl Door {
    /// How far each file was read. `None` where all is being stopped.
    async fn cursors(&self, stop: &mut Receiver<bool>) -> Option<Cursors> {
        let mut is_told = false;
        loop {
            let fault = match self.vault.snapshot().await {
                Ok(snapshot) => {
                    let prefix = Cursors::prefix(&self.config.name);
                    return Some(Cursors::new(&self.config.name, snapshot.replay.cursors_below(&prefix)));
                }
                Err(fault) => fault,
            };
            if !is_told {
                let message = msg!("server-files-no-vault", name = self.config.name.as_str(), why = &fault);
                let told = Happening::failure("files.waiting", message).with("why", fault.chain(Lang::En));
                self.teller.tell(told).await;
                is_told = true;
            }
            if sleep(PAUSE * 10, stop).await {
                return None;
            }
        }
    }

    /// Looks and reads until the stop. `None` where a thread died.
    async fn watch(&self, watch: Watch, stop: &mut Receiver<bool>) -> Option<()> {
        let (mut watch, looked) = blocking(watch, |watch| watch.look(Instant::now())).await?;
        watch = match self.begin(watch, looked, stop).await? {
            Some(watch) => watch,
            None => return Some(()),
        };
        loop {
            let looked = Instant::now();
            loop {
                let (back, Read { cuts, told }) = blocking(watch, |watch| watch.read(Instant::now())).await?;
                watch = back;
                self.tell_all(told).await;
                if !self.write(&self.deliveries(&cuts), stop).await {
                    return Some(());
                }
                watch.durable(&cuts);
                self.count(&cuts, &watch);
                if cuts.is_empty() || looked.elapsed() >= LOOK {
                    break;
                }
            }
            if sleep(LOOK.saturating_sub(looked.elapsed()), stop).await {
                return Some(());
            }
            let (back, Looked { told, .. }) = blocking(watch, |watch| watch.look(Instant::now())).await?;
            watch = back;
            self.tell_all(told).await;
        }
    }

    /// Tells what is watched. Where it is for the first time and reading begins at the end, what is there is passed over.
    async fn begin(&self, watch: Watch, looked: Looked, stop: &mut Receiver<bool>) -> Option<Option<Watch>> {
        self.tell_all(looked.told).await;
        let name = self.config.name.as_str();
        let (is_first, count) = (!watch.cursors.is_begun, watch.counts().0);
        let mut told = vec![
            Happening::new("files.start", msg!("server-files-started", name = name, count = count))
                .with("name", name)
                .with("files", count)
                .with("paths", self.config.paths.join(" ")),
        ];
        if !looked.empty.is_empty() {
            let empty = looked.empty.join(" ");
            let message = msg!("server-files-nothing", name = name, paths = empty.as_str());
            told.push(Happening::new("files.nothing", message).with("name", name).with("paths", empty));
        }
        let is_at_end = is_first && self.config.start == Start::End;
        let (mut watch, skipped) =
            blocking(watch, move |watch| if is_at_end { watch.skip(Instant::now()) } else { Vec::new() }).await?;
        told.iter().for_each(|happening| (self.teller.happened)(happening));
        // What happened is in the same commit as where reading begins, which without an event would have none.
        let mut deliveries: Vec<Delivery> = told.iter().map(Happening::delivery).collect();
        let begun = is_first.then(|| watch.cursors.begun());
        let transactions: Vec<Transaction> = skipped.into_iter().chain(begun).collect();
        deliveries.extend(transactions.iter().map(|at| self.delivery(Some(at.clone()))));
        if !self.write(&deliveries, stop).await {
            return Some(None);
        }
        transactions.iter().for_each(|transaction| watch.cursors.done(transaction));
        for happening in &told {
            self.teller.alert(happening).await;
        }
        Some(Some(watch))
    }

    async fn tell_all(&self, told: Vec<Happening>) {
        for happening in told {
            self.teller.tell(happening).await;
        }
    }

    fn delivery(&self, cursor: Option<Transaction>) -> Delivery {
        Delivery {
            received: Timestamp::now(),
            door: DOOR.to_owned(),
            sender: self.config.name.clone(),
            from: None,
            source: self.config.source.clone(),
            stream: self.config.stream.clone(),
            log: None,
            id: None,
            is_wrapped_by_us: false,
            cursor,
            events: Vec::new(),
        }
    }

    fn deliveries(&self, cuts: &[Cut]) -> Vec<Delivery> {
        let delivery = |cut: &Cut| Delivery {
            source: self.config.source.clone().or(cut.source.map(str::to_owned)),
            log: if self.config.format == Format::Cri { cri::log_of(&cut.path) } else { None },
            id: Some(cut.id.clone()),
            events: cut.events.clone(),
            ..self.delivery(Some(cut.cursor.clone()))
        };
        cuts.iter().map(delivery).collect()
    }

    /// Writes deliveries, however long it takes: together, or one by one where there is little room. `false` where all is being
    /// stopped: what was not written is read again.
    async fn write(&self, deliveries: &[Delivery], stop: &mut Receiver<bool>) -> bool {
        if deliveries.is_empty() || self.wal.append(deliveries).await.is_ok() {
            return true;
        }
        for delivery in deliveries {
            loop {
                match self.wal.append(std::slice::from_ref(delivery)).await {
                    Ok(()) => break,
                    Err(Refusal::Closed) => return false,
                    Err(Refusal::Full | Refusal::Failed(_) | Refusal::Unfit(_)) => {
                        self.metrics.request(DOOR, &self.config.name, 503);
                        if sleep(PAUSE, stop).await {
                            return false;
                        }
                    }
                }
            }
        }
        true
    }

    fn count(&self, cuts: &[Cut], watch: &Watch) {
        let events = cuts.iter().map(|cut| cut.events.len()).sum();
        let bytes = cuts.iter().flat_map(|cut| &cut.events).map(|event| event.len()).sum();
        let (files, lag) = watch.counts();
        self.metrics.watched(&self.config.name, (events, bytes), files, lag);
    }
}

/// Works on the disk, where waiting for it holds up nobody else. `None` where the thread died.
async fn blocking<T: Send + 'static>(
    mut watch: Watch,
    work: impl FnOnce(&mut Watch) -> T + Send + 'static,
) -> Option<(Watch, T)> {
    let done = tokio::task::spawn_blocking(move || {
        let result = work(&mut watch);
        (watch, result)
    });
    done.await.ok()
}

/// Waits. `true` where all is being stopped.
async fn sleep(length: Duration, stop: &mut Receiver<bool>) -> bool {
    tokio::time::timeout(length, stop.wait_for(|stop| *stop)).await.is_ok()
}
