//! `app`: a line that an application logs, for each sender whose receiver takes applications' logs and for each watched file. A person
//! has the application log it: what is written past it would prove another way than the application's.

use serde_json::json;

use super::{Emit, Scene, Source, Trial};

pub(super) const SOURCE: Source = Source { name: "app", of };

/// The receivers by which applications' logs come.
pub(super) const RECEIVERS: [&str; 5] = ["otlp", "loki", "elasticsearch", "splunk-hec", "ndjson"];

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let mut all: Vec<String> = Vec::new();
    for door in scene.given.doors.iter().filter(|door| RECEIVERS.contains(&door.receiver.as_str())) {
        if !all.contains(&door.sender) {
            all.push(door.sender.clone());
        }
    }
    all.extend(scene.given.files.iter().map(|(name, paths)| format!("{name} {paths}")));
    for of in all {
        let line = |mark: &str| {
            Emit::Person(json!({"event": "shoseki.check", "message": format!("shoseki-check-{mark}")}).to_string())
        };
        trials.push(Trial::new(SOURCE.name, scene, &of, line).within(0, 2));
    }
}
