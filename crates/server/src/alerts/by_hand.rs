//! What a command of its own tells: it ends, so nobody waits in a line. What is held is a record before anybody is told; what comes
//! together is told together.

use async_recursion::async_recursion;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result};

use super::held::{Letter, sent};
use super::{Note, Severity, Untold, Way, hears};
use crate::Happening;
use crate::config::Alert;

/// What is to be told now, and what later.
#[derive(Debug, Default)]
pub struct Post {
    alerts: Vec<Alert>,
    /// For whom, by his place, and what.
    now: Vec<(usize, Vec<Happening>)>,
    /// The records of what is held: they are to be kept before anybody is told.
    pub held: Vec<Happening>,
}

impl Post {
    /// Sorts what happened. Where nothing can be kept, nothing is held.
    pub fn of(alerts: &[Alert], happened: &[Happening], may_hold: bool) -> Self {
        let (alerts, mut post) = (alerts.to_vec(), Self::default());
        for (at, alert) in alerts.iter().enumerate() {
            let (held, now) = happened
                .iter()
                .filter(|happening| hears(alert, happening))
                .partition::<Vec<&Happening>, _>(|happening| may_hold && quiet(alert, happening).is_some());
            post.held.extend(held.iter().filter_map(|happening| record(alert, happening)));
            if !now.is_empty() {
                post.now.push((at, now.into_iter().cloned().collect()));
            }
        }
        Self { alerts, ..post }
    }

    /// Tells whoever is to be told now, once each. Gives who could not be told of what; of that the others are told. The second are
    /// further records of what is held.
    #[async_recursion]
    pub async fn send(&self) -> (Vec<Untold>, Vec<Happening>) {
        let (mut untold, mut held) = (Vec::new(), Vec::new());
        for (alert, happened) in self.now.iter().filter_map(|(at, happened)| Some((self.alerts.get(*at)?, happened))) {
            let way = Way::of(alert);
            let together = if alert.group.is_some() { happened.len() } else { 1 };
            for happened in happened.chunks(together) {
                let notes: Vec<Note> = happened.iter().map(|one| Note::of(one, alert.lang())).collect();
                if let Err(why) = send(&way, &notes, alert).await {
                    for happening in happened {
                        let kept = happening.untold(&alert.name, &why);
                        if happening.to.is_empty() {
                            held.extend(self.tell_others(&alert.name, &kept).await);
                        }
                        untold.push(Untold { name: alert.name.clone(), why: why.clone(), kept });
                    }
                }
            }
        }
        (untold, held)
    }

    async fn tell_others(&self, name: &str, untold: &Happening) -> Vec<Happening> {
        let mut held = Vec::new();
        for other in self.alerts.iter().filter(|other| other.name != name && hears(other, untold)) {
            match record(other, untold) {
                Some(record) => held.push(record),
                None => {
                    // Who runs it by hand is told on the screen too.
                    let _ = send(&Way::of(other), &[Note::of(untold, other.lang())], other).await;
                }
            }
        }
        held
    }
}

/// Until when somebody is not told of a happening.
fn quiet(alert: &Alert, happening: &Happening) -> Option<Timestamp> {
    alert.quiet.as_ref()?.until(Timestamp::now(), Severity::of(happening))
}

/// The record of what is held of a happening; nothing where it is to be told now.
fn record(alert: &Alert, happening: &Happening) -> Option<Happening> {
    let until = quiet(alert, happening)?;
    Letter::of(alert, happening, Some(until)).record()
}

async fn send(way: &Result<Way>, notes: &[Note], alert: &Alert) -> Result<()> {
    match way {
        Ok(way) => way.send(notes, alert.lang()).await,
        Err(fault) => Err(fault.clone()),
    }
}

/// Tells what is held and is due, as one for each. Gives the records of it that it was told, and who could not be told, and why: for him
/// it stays held.
pub(crate) async fn tell_due(alerts: &[Alert], letters: &[Letter]) -> (Vec<Happening>, Vec<(String, Fault)>) {
    let (mut told, mut untold, now) = (Vec::new(), Vec::new(), Timestamp::now());
    for alert in alerts {
        let is_due = |letter: &&Letter| {
            let is_over = letter.hold.as_ref().is_none_or(|hold| hold.until <= now);
            let quiet = || alert.quiet.as_ref().and_then(|quiet| quiet.until(now, letter.note.severity));
            letter.name == alert.name && is_over && quiet().is_none()
        };
        let due: Vec<&Letter> = letters.iter().filter(is_due).collect();
        if due.is_empty() {
            continue;
        }
        let notes: Vec<Note> = due.iter().map(|letter| letter.note.clone()).collect();
        let ids: Vec<String> = due.iter().filter_map(|letter| Some(letter.hold.as_ref()?.id.clone())).collect();
        match send(&Way::of(alert), &notes, alert).await {
            Ok(()) => told.push(sent(&alert.name, &ids)),
            Err(why) => untold.push((alert.name.clone(), why)),
        }
    }
    (told, untold)
}
