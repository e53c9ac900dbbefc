//! `door`: an event to each receiver that each sender of `serve` may use, with the sender's token where it is at hand; and a message to
//! each listener for syslog that this machine may send to.

use super::{Emit, Scene, Source, Trial, app, falco};

pub(super) const SOURCE: Source = Source { name: "door", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let url = scene.given.url.trim_end_matches('/');
    // What a person has another program send is a trial of that program.
    let is_its_own = |receiver: &str| receiver == falco::SOURCE.name || app::RECEIVERS.contains(&receiver);
    for door in scene.given.doors.iter().filter(|door| door.is_open || !is_its_own(&door.receiver)) {
        let emit = |mark: &str| match door.is_open {
            true => Emit::Door { sender: door.sender.clone(), receiver: door.receiver.clone() },
            // What a real sender sends has the mark in it wherever its owner puts it.
            false => Emit::Person(format!("{} → {url}{}: shoseki-check-{mark}", door.sender, door.path)),
        };
        trials.push(Trial::new(SOURCE.name, scene, &format!("{} {}", door.sender, door.receiver), emit).within(0, 2));
    }
    for (name, may_send) in &scene.given.syslog {
        let emit = |mark: &str| match may_send {
            true => Emit::Syslog(name.clone()),
            false => Emit::Person(format!("logger shoseki-check-{mark}")),
        };
        trials.push(Trial::new(SOURCE.name, scene, &format!("{name} syslog"), emit).within(0, 2));
    }
}
