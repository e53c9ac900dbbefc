//! The scope: what those on a trail read, changed, made, deleted and were refused, and who else did the same. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message};

use super::seen::{Deed, Seen};
use super::trail::Trail;

/// From how many objects of one folder on they are shown as one line.
const FOLDED: usize = 3;

/// What was done to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of thing was done.
    pub deed: Deed,
    /// On what; empty where the records do not say.
    pub resource: String,
    /// What was done, each once.
    pub actions: BTreeSet<String>,
    /// Records.
    pub records: usize,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// Somebody else who did the same to the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub resource: String,
    /// How often.
    pub records: usize,
    /// The last record of it.
    pub record: String,
}

/// The scope.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What was done, by kind and thing.
    pub lines: Vec<Line>,
    /// Who else did the same.
    pub others: Vec<Other>,
    /// What was left out.
    pub cut: Vec<Message>,
    /// What was done to which thing, of what succeeded.
    done: BTreeSet<(String, String)>,
}

impl Scope {
    /// Of a trail, without others.
    pub fn of(trail: &Trail) -> Self {
        let mut lines: BTreeMap<(Deed, &str), Line> = BTreeMap::new();
        let mut done = BTreeSet::new();
        for step in trail.steps().filter(|step| !step.is_origin) {
            let seen = &step.seen;
            let new = || Line {
                deed: seen.deed,
                resource: seen.resource.clone(),
                actions: BTreeSet::new(),
                records: 0,
                first: seen.time,
                last: seen.time,
            };
            let line = lines.entry((seen.deed, seen.resource.as_str())).or_insert_with(new);
            line.actions.insert(seen.action.clone());
            line.records += 1;
            line.last = line.last.max(seen.time);
            if seen.deed != Deed::Refused && !seen.resource.is_empty() {
                done.insert((seen.action.clone(), seen.resource.clone()));
            }
        }
        Self { lines: lines.into_values().collect(), others: Vec::new(), cut: trail.cut.clone(), done }
    }

    /// The lines of a kind.
    pub fn of_deed(&self, deed: Deed) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.deed == deed)
    }

    /// The lines of a kind, where objects of one folder of S3 to which the same was done are one line. Each with how many things it
    /// stands for.
    pub fn folded(&self, deed: Deed) -> Vec<(Line, usize)> {
        let folder = |line: &Line| folder(&line.resource).unwrap_or(&line.resource).to_owned();
        let key = |line: &Line| (folder(line), line.actions.clone());
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for line in self.of_deed(deed) {
            *counts.entry(key(line)).or_default() += 1;
        }
        let mut folded: Vec<(Line, usize)> = Vec::new();
        for line in self.of_deed(deed) {
            let (of, count) = (key(line), counts.get(&key(line)).copied().unwrap_or_default());
            if count < FOLDED || of.0 == line.resource {
                folded.push((line.clone(), 1));
            } else if let Some((known, things)) = folded.iter_mut().find(|(known, _)| key(known) == of) {
                known.records += line.records;
                (known.first, known.last) = (known.first.min(line.first), known.last.max(line.last));
                *things += 1;
            } else {
                folded.push((Line { resource: of.0, ..line.clone() }, 1));
            }
        }
        folded
    }

    /// Keeps what is of some deeds, and others who did that.
    pub fn keep(&mut self, deeds: &[Deed]) {
        self.lines.retain(|line| deeds.contains(&line.deed));
        let lines = &self.lines;
        let is_of = |other: &Other| {
            lines.iter().any(|line| line.resource == other.resource && line.actions.contains(&other.action))
        };
        self.others.retain(is_of);
    }

    /// What was done to which thing, of what succeeded.
    pub(super) fn pairs(&self) -> BTreeSet<(String, String)> {
        self.done.clone()
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let line = |line: &Line| {
            json!({"deed": line.deed, "resource": line.resource, "actions": line.actions, "records": line.records,
                "first": line.first.to_string(), "last": line.last.to_string()})
        };
        json!({
            "done": self.lines.iter().map(line).collect::<Vec<_>>(),
            "others": self.others,
            "cut": self.cut.iter().map(|cut| cut.text(Lang::En)).collect::<Vec<_>>(),
        })
    }
}

/// The folder of an object of S3, with its `/`; nothing of anything else.
pub fn folder(resource: &str) -> Option<&str> {
    let is_object = resource.starts_with("arn:") && resource.contains(":s3:::");
    resource.rfind('/').filter(|_| is_object).map(|end| &resource[..=end])
}

impl Other {
    /// Those of what was found that did the same and are not on the trail.
    pub(super) fn all(trail: &Trail, pairs: &BTreeSet<(String, String)>, found: Vec<Seen>) -> Vec<Self> {
        let mut others: BTreeMap<(String, String, String), Self> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for seen in found {
            let pair = (seen.action.clone(), seen.resource.clone());
            let is_same = seen.deed != Deed::Refused && pairs.contains(&pair) && !trail.has(&seen);
            if !is_same || !counted.insert(seen.record.clone()) {
                continue;
            }
            let new = || Self {
                actor: seen.actor.clone(),
                action: pair.0.clone(),
                resource: pair.1.clone(),
                records: 0,
                record: String::new(),
            };
            let other = others.entry((seen.actor.clone(), pair.0.clone(), pair.1.clone())).or_insert_with(new);
            other.records += 1;
            other.record = seen.record;
        }
        others.into_values().collect()
    }
}
