//! What waits to be told: in somebody's quiet hours, or for more that comes. It is a record before anybody is told, and so is that it was
//! told, so a restart loses nothing and tells nothing twice.
//!
//! ```text
//! {"action":"alert.held", …, "details":{"name":"ops","held":"5f0c…","of":"gap.opened","until":"…","note":"{…}"}}
//! {"action":"alert.sent", …, "details":{"name":"ops","held":"5f0c… 9a1b…","count":"2"}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_comply::checks::Rows;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Note, Told};
use crate::Happening;
use crate::config::Alert;

/// Somebody is told of something later.
pub(crate) const HELD: &str = "alert.held";
/// He was told of it.
pub(crate) const SENT: &str = "alert.sent";

/// Until when something is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// By what it is known.
    pub(crate) id: String,
    pub(crate) until: Timestamp,
}

/// Something for somebody.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The name of the alert.
    pub(crate) name: String,
    pub(crate) note: Note,
    /// What it is of; nothing where it was read back from a record.
    pub(crate) of: Option<Happening>,
    /// Nothing where it is told at once.
    pub(crate) hold: Option<Hold>,
}

impl Letter {
    /// For somebody, of what happened; held where he is not to be told now.
    pub(super) fn of(alert: &Alert, happening: &Happening, until: Option<Timestamp>) -> Self {
        let note = Note::of(happening, alert.lang());
        let id = |note: &Note| {
            let hash = hex::encode(Sha256::digest(format!("{} {}", alert.name, note.json)));
            hash.get(..16).unwrap_or(&hash).to_owned()
        };
        let hold = until.map(|until| Hold { id: id(&note), until });
        Self { name: alert.name.clone(), note, of: Some(happening.clone()), hold }
    }

    /// The record of it that it is held. What is told besides, line by line, is no part of the evidence, so after a restart it is not
    /// told.
    pub(crate) fn record(&self) -> Option<Happening> {
        let (hold, of) = (self.hold.as_ref()?, self.of.as_ref()?);
        let (name, until) = (self.name.as_str(), hold.until.to_string());
        let mut json = self.note.json.clone();
        json.as_object_mut().map(|members| members.remove("lines"));
        let message = msg!("alert-held", name = name, until = until.as_str(), what = vec![of.message.clone()]);
        let record = Happening::new(HELD, message).with("name", name).with("held", &hold.id).with("of", of.action);
        Some(record.with("until", until).with("note", json))
    }
}

/// The record of it that somebody was told of what was held for him.
pub(super) fn sent(name: &str, ids: &[String]) -> Happening {
    let happening = Happening::new(SENT, msg!("alert-sent", name = name, count = ids.len()));
    happening.with("name", name).with("held", ids.join(" ")).with("count", ids.len())
}

/// When somebody is told of what happens now: nothing where it is now.
pub(super) fn until(told: &Told, happening: &Happening, now: Timestamp) -> Option<Timestamp> {
    let (alert, severity) = (&told.alert, super::Severity::of(happening));
    let quiet = |at: Timestamp| alert.quiet.as_ref().and_then(|quiet| quiet.until(at, severity));
    let Some(group) = alert.group else { return quiet(now) };
    // What comes until then goes out with it.
    let Ok(mut open) = told.group_until.lock() else { return quiet(now) };
    let length = i64::try_from(group.0.as_micros()).unwrap_or(i64::MAX);
    let due = open.filter(|due| *due > now).unwrap_or(Timestamp(now.0.saturating_add(length)));
    *open = Some(due);
    Some(quiet(due).unwrap_or(due))
}

/// What is held, as the records say.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// By its id: for whom, and what.
    held: BTreeMap<String, (String, Value)>,
    sent: BTreeSet<String>,
}

impl Held {
    /// Takes records, in whichever order, and as often as they come.
    pub(crate) fn read(&mut self, rows: &Rows) {
        for row in rows.iter() {
            let Ok(event) = serde_json::from_str::<Value>(row.text("raw")) else { continue };
            self.take(row.text("operation"), &|name| event["details"][name].as_str());
        }
        self.held.retain(|id, _| !self.sent.contains(id));
    }

    fn take<'a>(&mut self, action: &str, detail: &dyn Fn(&str) -> Option<&'a str>) {
        let (Some(name), Some(ids)) = (detail("name"), detail("held")) else { return };
        match action {
            SENT => self.sent.extend(ids.split(' ').map(str::to_owned)),
            HELD => {
                if let Some(note) = detail("note").and_then(|note| serde_json::from_str(note).ok()) {
                    self.held.insert(ids.to_owned(), (name.to_owned(), note));
                }
            }
            _ => {}
        }
    }

    /// What is to be told to those who are there, as soon as they have no quiet hours: until when it was held depends on how these were
    /// set up then.
    pub(crate) fn letters(&self, alerts: &[Alert]) -> Vec<Letter> {
        let letter = |(id, (name, json)): (&String, &(String, Value))| {
            let alert = alerts.iter().find(|alert| alert.name == *name)?;
            let note = Note::read(json.clone(), alert.lang());
            let hold = Some(Hold { id: id.clone(), until: Timestamp(0) });
            Some(Letter { name: name.clone(), note, of: None, hold })
        };
        let mut letters: Vec<Letter> =
            self.held.iter().filter(|(id, _)| !self.sent.contains(*id)).filter_map(letter).collect();
        letters.sort_by(|a, b| a.note.json["time"].as_str().cmp(&b.note.json["time"].as_str()));
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(more: &str) -> Alert {
        toml::from_str(&format!("name = \"ops\"\nwebhook = \"https://a\"\n{more}")).unwrap()
    }

    #[test]
    fn what_is_held_is_told_until_it_is_said_that_it_was() {
        let ops = alert("lang = \"ja\"");
        let mut happening = Happening::failure("gap.opened", msg!("server-seal-recovered")).with("stream", "app/a");
        happening.beside = vec![msg!("schedule-query-row", row = "user=aiko")];
        let letter = Letter::of(&ops, &happening, Some(Timestamp(7_000_000)));
        let record = letter.record().unwrap();
        assert!(
            letter.note.text.contains("aiko") && !record.to_json().to_string().contains("aiko"),
            "no part of the evidence"
        );
        let done = sent("ops", &[letter.hold.clone().unwrap().id]);
        let read = |records: &[&Happening], alerts: &[Alert]| {
            let mut held = Held::default();
            for record in records {
                held.take(record.action, &|name| record.details.get(name).map(String::as_str));
            }
            held.letters(alerts)
        };
        let ops = std::slice::from_ref(&ops);
        let again = read(&[&record, &record], ops);
        assert_eq!(again.len(), 1);
        let id = |letter: &Letter| letter.hold.as_ref().map(|hold| hold.id.clone());
        assert_eq!((id(&again[0]), &again[0].name), (id(&letter), &letter.name));
        assert_eq!(again[0].note.json["message"], letter.note.json["message"], "in his language");
        assert_eq!(
            (again[0].note.title.as_str(), again[0].note.about.each.as_slice()),
            ("shoseki: [高] gap.opened", letter.note.about.each.as_slice())
        );
        assert!(read(&[&record, &done], ops).is_empty() && read(&[&done, &record], ops).is_empty());
        assert!(read(&[&record], &[]).is_empty(), "who is gone is told nothing");
    }

    #[test]
    fn what_comes_within_the_time_waits_for_one_end() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let told = Told::of(&alert(
            "group = \"5m\"\nquiet = { from = \"22:00\", to = \"07:00\", zone = \"UTC\", but = \"critical\" }",
        ))
        .0;
        let of = |action: &'static str, now: &str| {
            until(&told, &Happening::new(action, msg!("server-seal-recovered")), at(now))
        };
        assert_eq!(of("gap.opened", "2026-11-27T12:00:00Z"), Some(at("2026-11-27T12:05:00Z")));
        assert_eq!(of("seal.failed", "2026-11-27T12:04:59Z"), Some(at("2026-11-27T12:05:00Z")));
        assert_eq!(of("gap.opened", "2026-11-27T12:05:00Z"), Some(at("2026-11-27T12:10:00Z")), "another one");
        assert_eq!(
            of("gap.opened", "2026-11-27T21:58:00Z"),
            Some(at("2026-11-28T07:00:00Z")),
            "its end is in quiet hours"
        );
        assert_eq!(of("seal.failed", "2026-11-27T23:00:00Z"), Some(at("2026-11-27T23:05:00Z")));
        assert_eq!(of("gap.opened", "2026-11-28T06:58:00Z"), Some(at("2026-11-28T07:03:00Z")));
        let told = Told::of(&alert("")).0;
        assert_eq!(
            until(&told, &Happening::new("gap.opened", msg!("server-seal-recovered")), at("2026-11-27T23:00:00Z")),
            None
        );
    }
}
