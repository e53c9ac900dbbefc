//! `falco`: where somebody sends Falco's alerts, a pod that reads a file which Falco watches. A person starts it: nothing is started in
//! a cluster from here.

use super::{Emit, Scene, Source, Trial};

pub(super) const SOURCE: Source = Source { name: "falco", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    for door in scene.given.doors.iter().filter(|door| door.receiver == SOURCE.name) {
        let emit = |mark: &str| {
            let name = format!("shoseki-check-{mark}");
            // `Read sensitive file untrusted` has the whole command in its output.
            Emit::Person(format!(
                "kubectl run {name} --rm -i --restart=Never --image=busybox -- cat /etc/shadow {name}"
            ))
        };
        trials.push(Trial::new(SOURCE.name, scene, &door.sender, emit).within(0, 2));
    }
}
