//! Telling of what happens to the doors: at once, or once a minute where others could make much of it happen.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, msg};
use shoseki_vault::ingest::Summary;
use shoseki_vault::wal::{Delivery, Wal};
use tokio::sync::watch;

use crate::Happening;
use crate::alerts::{Alerts, ESCALATED, GROUP, Keeper, Letter};
use crate::conflicts::Conflicts;
use crate::detecting::Told;
use crate::http::Door;
use crate::own::ALERT_FAILED;
use crate::syslog;

/// Tells of what happens, and puts it into the log as evidence.
pub(crate) struct Teller {
    pub(crate) happened: Box<dyn Fn(&Happening) + Send + Sync>,
    pub(crate) wal: Wal,
    pub(crate) alerts: Alerts,
    pub(crate) conflicts: Conflicts,
    /// The matches that people were told of.
    pub(crate) matches: Arc<Told>,
}

impl Teller {
    /// Tells it. `false` where it could not be kept as evidence: then it was told all the same.
    pub(crate) async fn tell(&self, happening: Happening) -> bool {
        (self.happened)(&happening);
        let letters = self.alerts.letters(&happening, None);
        if letters.iter().any(|letter| letter.hold.is_some()) {
            return self.keep_then_send(vec![(happening, letters)]).await;
        }
        self.send(letters, &happening).await;
        self.keep(&happening).await
    }

    /// Tells all of it: what is kept as evidence is kept together, and only then are people told, each of what says so. What was told
    /// is known after a restart, so nobody is told twice. `false` where it could not be kept: then it was told all the same.
    pub(crate) async fn tell_all(&self, all: Vec<(Happening, bool)>) -> bool {
        all.iter().for_each(|(happening, _)| (self.happened)(happening));
        let with_letters = |(happening, is_told): (Happening, bool)| {
            let letters = if is_told { self.alerts.letters(&happening, None) } else { Vec::new() };
            (happening, letters)
        };
        self.keep_then_send(all.into_iter().map(with_letters).collect()).await
    }

    /// Keeps records, what is told of them, and records that say so, in this order and together; people are told once all of it is
    /// kept. `false` where it could not be: then nothing is told, and whoever asked comes again.
    pub(crate) async fn tell_kept(&self, before: Vec<Delivery>, told: Vec<Happening>, after: Vec<Delivery>) -> bool {
        let with_letters = |happening: Happening| {
            let letters = self.alerts.letters(&happening, None);
            (happening, letters)
        };
        let told: Vec<(Happening, Vec<Letter>)> = told.into_iter().map(with_letters).collect();
        let deliveries: Vec<Delivery> = before.into_iter().chain(told.iter().flat_map(records)).chain(after).collect();
        if self.wal.append(&deliveries).await.is_err() {
            return false;
        }
        for (happening, letters) in told {
            (self.happened)(&happening);
            self.send(letters, &happening).await;
        }
        true
    }

    /// Tells which records of what was sealed contradict others.
    pub(crate) async fn tell_conflicts(&self, summary: &Summary) {
        let all = self.conflicts.of(summary, Timestamp::now());
        if !all.is_empty() {
            self.tell_all(all).await;
        }
    }

    /// Tells whoever is to be told. What happened is kept by the caller.
    pub(crate) async fn alert(&self, happening: &Happening) {
        let letters = self.alerts.letters(happening, None);
        let held: Vec<Delivery> = letters.iter().filter_map(Letter::record).map(|record| record.delivery()).collect();
        let is_kept = held.is_empty() || self.wal.append(&held).await.is_ok();
        self.send(if is_kept { letters } else { at_once(letters) }, happening).await;
    }

    /// Keeps what happened, and what is held of it, together; then tells the rest. What cannot be kept as held is told at once.
    async fn keep_then_send(&self, all: Vec<(Happening, Vec<Letter>)>) -> bool {
        let deliveries: Vec<Delivery> = all.iter().flat_map(records).collect();
        let is_kept = self.wal.append(&deliveries).await.is_ok();
        for (happening, letters) in all {
            self.send(if is_kept { letters } else { at_once(letters) }, &happening).await;
        }
        is_kept
    }

    async fn send(&self, letters: Vec<Letter>, happening: &Happening) {
        for name in self.alerts.send(letters) {
            self.untold(&name, happening, &Fault::world(msg!("server-alert-full"))).await;
        }
    }

    /// Keeps it as evidence. `false` where that was not possible.
    pub(crate) async fn keep(&self, happening: &Happening) -> bool {
        self.wal.append(&[happening.delivery()]).await.is_ok()
    }

    /// Tells the others that somebody could not be told. Whose queue is full hears nothing.
    async fn tell_others(&self, untold: Happening, name: &str) {
        (self.happened)(&untold);
        let letters = self.alerts.letters(&untold, Some(name));
        let held = letters.iter().filter_map(Letter::record).map(|record| record.delivery());
        let deliveries: Vec<Delivery> = std::iter::once(untold.delivery()).chain(held).collect();
        let is_kept = self.wal.append(&deliveries).await.is_ok();
        self.alerts.send(if is_kept { letters } else { at_once(letters) });
    }
}

/// What is kept of a happening, and of what of it is held.
fn records((happening, letters): &(Happening, Vec<Letter>)) -> Vec<Delivery> {
    let held = letters.iter().filter_map(Letter::record).map(|record| record.delivery());
    std::iter::once(happening.delivery()).chain(held).collect()
}

/// The same, none of it held.
fn at_once(letters: Vec<Letter>) -> Vec<Letter> {
    letters.into_iter().map(|letter| Letter { hold: None, ..letter }).collect()
}

#[async_trait]
impl Keeper for Teller {
    /// Keeps it that somebody could not be told, and tells the others, once: what is told once more to one alone, they know.
    async fn untold(&self, name: &str, happening: &Happening, why: &Fault) {
        let untold = happening.untold(name, why);
        if happening.action == ESCALATED || (happening.action != ALERT_FAILED && happening.to.is_empty()) {
            return self.tell_others(untold, name).await;
        }
        (self.happened)(&untold);
        self.keep(&untold).await;
    }

    async fn sent(&self, record: Happening) {
        (self.happened)(&record);
        self.keep(&record).await;
    }

    async fn unsent(&self, name: &str, count: usize, why: &Fault) {
        let message = msg!("alert-group-failed", name = name, count = count, why = vec![why.message().clone()]);
        let untold = Happening::failure(ALERT_FAILED, message).with("name", name).with("of", GROUP);
        self.tell_others(untold.with("count", count).with("why", why.chain(Lang::En)), name).await;
    }
}

/// How often it is told what was lost or refused.
const TELLING: Duration = Duration::from_secs(60);

/// Tells who knocked in vain: failed log-ins are evidence. Once a minute, so that knocking fills no vault.
pub(crate) async fn tell_of_refusals(door: Arc<Door>, teller: Arc<Teller>, mut stop: watch::Receiver<bool>) {
    loop {
        let is_over = tokio::time::timeout(TELLING, stop.wait_for(|stop| *stop)).await.is_ok();
        for ((receiver, status), count) in door.refusals() {
            let message = msg!("server-refused", receiver = receiver, status = status, count = count);
            let told = Happening::failure("serve.refused", message).with("receiver", receiver);
            let told = told.with("status", status).with("count", count);
            (teller.happened)(&told);
            teller.alert(&told).await;
            if !teller.keep(&told).await {
                door.refused_again(receiver, status, count); // it is told once more, with what comes until then
            }
        }
        if is_over {
            return;
        }
    }
}

/// Tells what a listener lost: it is evidence of a gap.
pub(crate) async fn tell_of_losses(door: Arc<syslog::Door>, teller: Arc<Teller>, mut stop: watch::Receiver<bool>) {
    loop {
        let is_over = tokio::time::timeout(TELLING, stop.wait_for(|stop| *stop)).await.is_ok();
        let lost = door.lost();
        if lost > 0 {
            let message = msg!("server-lost", name = door.name(), count = lost);
            let told = Happening::failure("syslog.lost", message).with("name", door.name()).with("count", lost);
            (teller.happened)(&told);
            teller.alert(&told).await;
            if !teller.keep(&told).await {
                door.lost_again(lost); // the log is full: that is when datagrams are lost
            }
        }
        if is_over {
            return;
        }
    }
}
