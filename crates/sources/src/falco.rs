//! Falco: an alert as `json_output` writes it, to a file, by `http_output`, or through falcosidekick.
//!
//! ```text
//! {"hostname":"node-a","output":"02:03:04.…: Notice A shell was spawned …","priority":"Notice",
//!  "rule":"Terminal shell in container","source":"syscall","tags":["container","shell"],
//!  "time":"2026-03-05T01:02:03.000000004Z","output_fields":{"k8s.ns.name":"shop","k8s.pod.name":"web-1","user.name":"root"}}
//! ```
//!
//! The keys of `output_fields` have dots in them: `` output_fields.`k8s.pod.name` `` in a query.
//!
//! Falco says itself when it lost system calls: an alert whose rule begins with `Falco internal: `. Such an alert is evidence
//! of a gap, and severe whatever its priority.
//!
//! Falco gives an alert no id; falcosidekick gives it a `uuid`, which then is the key.

use std::borrow::Cow;

use shoseki_event::{ColumnText, Columns, Timestamp};

use crate::ocsf::Extra;
use crate::source::owned;
use crate::{Cursor, NativeKind, Reason, Signature, Source, time};

/// The source `falco`.
pub(crate) struct Falco;

type Text<'a> = Option<Cow<'a, str>>;

const DETECTION_FINDING: i32 = 2004;

/// Rules by which Falco says that it lost what it should have seen.
const LOSSES: &[&str] = &["Falco internal: syscall event drop", "Falco internal: timeouts notification"];

/// The members of `output_fields` that say who acted, from where and on what, the most telling first. The plugins for
/// Kubernetes' audit (`ka.…`) and CloudTrail (`ct.…`) have their own.
const ACTORS: &[&str] = &["user.name", "ka.user.name", "ct.user", "user.loginname", "user.uid"];
const ADDRESSES: &[&str] = &["ct.srcip", "ka.sourceips", "fd.cip"];
const CONTAINERS: &[&str] = &["container.name", "container.id"];

#[derive(Default)]
struct Alert<'a> {
    id: Text<'a>,
    time: Text<'a>,
    rule: Text<'a>,
    priority: Text<'a>,
    source: Text<'a>,
    host: Text<'a>,
    actor: Best<'a>,
    address: Best<'a>,
    container: Best<'a>,
    namespace: Text<'a>,
    pod: Text<'a>,
}

/// The most telling of several values, with its place in the list of their names.
#[derive(Default)]
struct Best<'a>(Option<(usize, Cow<'a, str>)>);

impl Source for Falco {
    fn id(&self) -> &'static str {
        "falco"
    }

    fn title(&self) -> &'static str {
        "Falco"
    }

    fn signatures(&self) -> &'static [Signature] {
        // The Go programs behind Falco read `Rule` as `rule`, and some senders write it so.
        &[&[&["output"], &["priority"], &["rule", "Rule"], &["time"]]]
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let alert = Alert::read(raw)?;
        let rule = alert.rule.as_deref().ok_or(Reason::Missing { field: "rule" })?;
        let priority = alert.priority.as_deref().ok_or(Reason::Missing { field: "priority" })?;
        let severity_id = if LOSSES.contains(&rule) { 4.max(severity(priority)) } else { severity(priority) };
        let (time, time_origin) = time::stated(alert.time.as_deref(), received);
        let resource = alert.resource();
        Ok(Columns {
            time,
            time_origin,
            class_uid: DETECTION_FINDING,
            activity_id: 1,
            severity_id,
            resource,
            key: owned(alert.id),
            operation: owned(alert.rule),
            service: owned(alert.source),
            actor: owned(alert.actor.value()),
            src_ip: owned(alert.address.value()),
            ..Columns::default()
        })
    }

    fn stream(&self, _: &Columns) -> String {
        "falco".to_owned() // an alert does not name its cluster
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("source", "service"), ("uuid", "key")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("time", NativeKind::Time),
            ("rule", NativeKind::Text),
            ("priority", NativeKind::Text),
            ("output", NativeKind::Text),
            ("source", NativeKind::Text),
            ("hostname", NativeKind::Text),
            ("tags", NativeKind::Text),
            ("output_fields", NativeKind::Text),
            ("uuid", NativeKind::Text),
        ]
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[(Extra::Message, "output"), (Extra::Device, "hostname"), (Extra::Rule, "rule"), (Extra::Rule, "Rule")]
    }

    fn example(&self) -> &'static [u8] {
        br#"{"hostname":"node-a","output":"01:02:03.004000005: Notice A shell was spawned in a container with an attached terminal (user=root container=web command=sh)","output_fields":{"container.id":"3ad7b26ded6d","container.name":"web","evt.time":1772672523004000005,"k8s.ns.name":"shop","k8s.pod.name":"web-7d9f8-x2x7p","proc.cmdline":"sh","proc.pname":"containerd-shim","user.name":"root","user.uid":0},"priority":"Notice","rule":"Terminal shell in container","source":"syscall","tags":["T1059","container","mitre_execution","shell"],"time":"2026-03-05T01:02:03.004000005Z"}"#
    }
}

impl<'a> Alert<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Reason> {
        let mut alert = Self::default();
        let mut cursor = Cursor::new(raw)?;
        if !cursor.members(|key, value| alert.member(key, value))? {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        Ok(alert)
    }

    fn member(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        match key {
            "rule" | "Rule" => self.rule = Some(value.string("rule")?),
            "priority" => self.priority = Some(value.string("priority")?),
            "time" => self.time = value.text()?,
            "source" => self.source = value.text()?,
            "hostname" => self.host = value.text()?,
            "uuid" => self.id = value.text()?,
            "output_fields" => drop(value.members(|key, value| self.field(key, value))?),
            _ => drop(value.skip()?),
        }
        Ok(())
    }

    fn field(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        match key {
            "k8s.ns.name" => self.namespace = value.text()?,
            "k8s.pod.name" => self.pod = value.text()?,
            _ => {
                let wanted =
                    [(ACTORS, &mut self.actor), (ADDRESSES, &mut self.address), (CONTAINERS, &mut self.container)];
                let found = wanted
                    .into_iter()
                    .find_map(|(names, best)| names.iter().position(|name| *name == key).map(|place| (place, best)));
                match found {
                    Some((place, best)) => best.take(place, value.text()?),
                    None => drop(value.skip()?),
                }
            }
        }
        Ok(())
    }

    /// What the alert is about: a pod as `namespace/pods/name`, a container, or the host.
    fn resource(&self) -> Option<ColumnText> {
        let stated = |text: &Text<'a>| text.clone().filter(|text| is_stated(text));
        match (stated(&self.namespace), stated(&self.pod)) {
            (Some(namespace), Some(pod)) => Some(format!("{namespace}/pods/{pod}").into()),
            (None, Some(pod)) => Some(format!("pods/{pod}").into()),
            _ => self.container.clone().value().or_else(|| stated(&self.host)).map(|name| name.into()),
        }
    }
}

impl<'a> Best<'a> {
    fn take(&mut self, place: usize, text: Text<'a>) {
        let is_better = self.0.as_ref().is_none_or(|(best, _)| place <= *best);
        if let Some(text) = text.filter(|text| is_better && is_stated(text)) {
            self.0 = Some((place, text));
        }
    }

    fn value(self) -> Text<'a> {
        self.0.map(|(_, text)| text)
    }
}

impl Clone for Best<'_> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Falco writes `<NA>` where it knows nothing; what runs on the host itself is in the container `host`.
fn is_stated(text: &str) -> bool {
    !matches!(text, "" | "<NA>" | "host")
}

/// OCSF's severity of a priority: fatal for an emergency, critical, high for an error, medium, low, informational.
fn severity(priority: &str) -> i32 {
    match priority.to_ascii_lowercase().as_str() {
        "emergency" => 6,
        "alert" | "critical" => 5,
        "error" => 4,
        "warning" => 3,
        "notice" => 2,
        "informational" | "info" | "debug" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(event: &str) -> Result<Columns, Reason> {
        Falco.derive(event.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
    }

    #[test]
    fn samples_give_their_golden_columns() {
        crate::tests::golden(&Falco);
    }

    #[test]
    fn exact_fields_are_exact() {
        crate::tests::fields_are_exact(&Falco);
    }

    #[test]
    fn a_loss_is_severe_whatever_its_priority() {
        let of = |rule: &str, priority: &str| {
            derive(&format!(r#"{{"rule":"{rule}","priority":"{priority}"}}"#)).unwrap().severity_id
        };
        assert_eq!(of("Falco internal: syscall event drop", "Debug"), 4);
        assert_eq!(of("Falco internal: syscall event drop", "Critical"), 5);
        assert_eq!(of("Falco internal: metrics snapshot", "Informational"), 1);
        assert_eq!(of("Read sensitive file untrusted", "Warning"), 3);
        assert_eq!(of("x", "purple"), 0);
    }

    #[test]
    fn what_an_alert_is_about() {
        let of = |fields: &str| {
            derive(&format!(r#"{{"rule":"r","priority":"Error","hostname":"node-a","output_fields":{fields}}}"#))
                .unwrap()
        };
        let resource = |fields: &str| of(fields).resource.unwrap().into_string();
        assert_eq!(resource(r#"{"k8s.pod.name":"p","k8s.ns.name":"n","container.name":"c"}"#), "n/pods/p");
        assert_eq!(resource(r#"{"k8s.pod.name":"<NA>","container.id":"3ad7","container.name":null}"#), "3ad7");
        assert_eq!(resource(r#"{"container.id":"host","container.name":"host"}"#), "node-a");
        assert_eq!(resource("null"), "node-a");
        assert_eq!(of(r#"{"user.uid":1000,"user.name":"<NA>"}"#).actor.as_deref(), Some("1000"));
        assert_eq!(of(r#"{"ct.user":"aiko","ct.srcip":"198.51.100.7"}"#).src_ip.as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn what_an_alert_must_have() {
        assert_eq!(derive("{}"), Err(Reason::Missing { field: "rule" }));
        assert_eq!(derive(r#"{"rule":"r"}"#), Err(Reason::Missing { field: "priority" }));
        assert_eq!(derive(r#"{"rule":1}"#), Err(Reason::NotText { field: "rule" }));
        assert_eq!(derive("7"), Err(Reason::NotAnObject));
        assert!(derive(r#"{"Rule":"r","priority":"Notice","time":"2026-03-05T00:00:00Z"}"#).is_ok());
    }
}
