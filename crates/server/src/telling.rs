//! Telling of what happens to the doors: at once, or once a minute where others could make much of it happen.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shoseki_messages::{Fault, msg};
use shoseki_vault::wal::Wal;
use tokio::sync::watch;

use crate::Happening;
use crate::alerts::{Alerts, Keeper};
use crate::http::Door;
use crate::own::ALERT_FAILED;
use crate::syslog;

/// Tells of what happens, and puts it into the log as evidence.
pub(crate) struct Teller {
    pub(crate) happened: Box<dyn Fn(&Happening) + Send + Sync>,
    pub(crate) wal: Wal,
    pub(crate) alerts: Alerts,
}

impl Teller {
    /// Tells it. `false` where it could not be kept as evidence: then it was told all the same.
    pub(crate) async fn tell(&self, happening: Happening) -> bool {
        (self.happened)(&happening);
        self.alert(&happening).await;
        self.keep(&happening).await
    }

    /// Tells all of it: what is kept as evidence is kept together, and only then are people told, each of what says so. What was told
    /// is known after a restart, so nobody is told twice. `false` where it could not be kept: then it was told all the same.
    pub(crate) async fn tell_all(&self, all: Vec<(Happening, bool)>) -> bool {
        all.iter().for_each(|(happening, _)| (self.happened)(happening));
        let deliveries: Vec<_> = all.iter().map(|(happening, _)| happening.delivery()).collect();
        let is_kept = self.wal.append(&deliveries).await.is_ok();
        for (happening, _) in all.iter().filter(|(_, is_told)| *is_told) {
            self.alert(happening).await;
        }
        is_kept
    }

    /// Tells whoever is to be told.
    pub(crate) async fn alert(&self, happening: &Happening) {
        for name in self.alerts.tell(happening) {
            self.untold(name, happening, &Fault::world(msg!("server-alert-full"))).await;
        }
    }

    /// Keeps it as evidence. `false` where that was not possible.
    pub(crate) async fn keep(&self, happening: &Happening) -> bool {
        self.wal.append(&[happening.delivery()]).await.is_ok()
    }
}

#[async_trait]
impl Keeper for Teller {
    /// Keeps it that somebody could not be told, and tells the others, once: what is told once more to one alone, they know.
    async fn untold(&self, name: &str, happening: &Happening, why: &Fault) {
        let untold = happening.untold(name, why);
        (self.happened)(&untold);
        if happening.action != ALERT_FAILED && happening.to.is_empty() {
            self.alerts.tell_others(&untold, name);
        }
        self.keep(&untold).await;
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
