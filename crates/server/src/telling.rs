//! Telling of what happens to the doors: at once, or once a minute where others could make much of it happen.

use std::sync::Arc;
use std::time::Duration;

use shoseki_messages::msg;
use shoseki_vault::wal::Wal;
use tokio::sync::watch;

use crate::Happening;
use crate::alerts::Alerts;
use crate::http::Door;
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
        self.alert(&happening);
        self.keep(&happening).await
    }

    /// Tells all of it: what is kept as evidence is kept together, and only then are people told, each of what says so. What was told
    /// is known after a restart, so nobody is told twice. `false` where it could not be kept: then it was told all the same.
    pub(crate) async fn tell_all(&self, all: Vec<(Happening, bool)>) -> bool {
        all.iter().for_each(|(happening, _)| (self.happened)(happening));
        let deliveries: Vec<_> = all.iter().map(|(happening, _)| happening.delivery()).collect();
        let is_kept = self.wal.append(&deliveries).await.is_ok();
        all.iter().filter(|(_, is_told)| *is_told).for_each(|(happening, _)| self.alert(happening));
        is_kept
    }

    /// Tells whoever is to be told.
    fn alert(&self, happening: &Happening) {
        for name in self.alerts.tell(happening) {
            let message = msg!("server-alert-full", name = name);
            (self.happened)(&Happening::failure("alert.full", message).with("name", name));
        }
    }

    /// Keeps it as evidence. `false` where that was not possible.
    pub(crate) async fn keep(&self, happening: &Happening) -> bool {
        self.wal.append(&[happening.delivery()]).await.is_ok()
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
            teller.alert(&told);
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
            teller.alert(&told);
            if !teller.keep(&told).await {
                door.lost_again(lost); // the log is full: that is when datagrams are lost
            }
        }
        if is_over {
            return;
        }
    }
}
