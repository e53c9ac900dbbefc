//! Matches: what is told to people. Hits of one rule by one who, with less than an hour between two, are one match.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;

use crate::correlate::Fired;
use crate::detector::Hit;
use crate::record::{About, Record};
use crate::rule::Rule;
use crate::suppress::{Suppression, Suppressions};

/// The most of its records that a match names.
pub(crate) const RECORDS: usize = 100;

/// The longest between two hits of one match, in microseconds.
const PAUSE: i64 = 3_600_000_000;

/// A match that was told before.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub id: String,
    /// Which rule, and who: see [`Match::key`].
    pub key: String,
    /// The time of its first event.
    pub first: Timestamp,
    /// The time of its last.
    pub last: Timestamp,
}

/// A match.
#[derive(Clone, Debug, Serialize)]
pub struct Match {
    /// Its name: the same whenever the same is found again.
    pub id: String,
    /// The SHA-256 of which rule it is of and who it is about, 16 hexadecimal digits: those of one match that goes on.
    pub key: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's title, in its own language.
    pub title: String,
    /// How grave it is.
    pub level: &'static str,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// The SHA-256 of the rule's file.
    pub rule_sha256: String,
    /// The time of the first event.
    #[serde(serialize_with = "in_utc")]
    pub first: Timestamp,
    /// The time of the last.
    #[serde(serialize_with = "in_utc")]
    pub last: Timestamp,
    /// How many events.
    pub events: u64,
    /// The records, by their names: a hundred at most.
    pub records: Vec<String>,
    /// What its records have in common, `*` where they differ; the source of the first.
    #[serde(flatten)]
    pub about: About,
    /// The fields by which the first matched, or by which was counted.
    pub fields: BTreeMap<String, Value>,
    /// Who bears it until when, where somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
    #[serde(skip)]
    of: Arc<Rule>,
}

fn in_utc<S: serde::Serializer>(time: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(time)
}

impl Match {
    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.of
    }
}

/// A hit that is not yet a part of a match.
#[derive(Debug)]
struct One {
    rule: Arc<Rule>,
    record: Record,
    fields: BTreeMap<String, Value>,
    /// Who it is about: the actor, or what a correlation counts by.
    who: String,
    /// The records: this one, or those that a correlation counted, the newest of them.
    records: Vec<String>,
    events: u64,
    last: Timestamp,
}

/// Hits as they come, in any order.
#[derive(Debug, Default)]
pub struct Matches(Vec<One>);

impl Matches {
    /// Adds what a record satisfies.
    pub fn add(&mut self, record: &Record, hit: Hit) {
        let (fields, about) = (hit.fields.into_iter().collect(), &record.about);
        // Where nobody is named, it is who came from there.
        let who = if about.actor.is_empty() { &about.address } else { &about.actor };
        let who = format!("{who}\0{}", about.stream);
        let records = vec![record.name.clone()];
        let last = record.time;
        self.0.push(One { rule: hit.rule, record: record.clone(), fields, who, records, events: 1, last });
    }

    /// Adds what a correlation counted: what its records have in common, at the time of the first, and the time of the last.
    pub(crate) fn add_fired(&mut self, (record, last): (&Record, Timestamp), rule: &Arc<Rule>, fired: Fired) {
        let who = fired.group.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
        let fields = fired.group.into_iter().map(|(name, value)| (name, value.into())).collect();
        let mut records = fired.records;
        if records.is_empty() {
            records.push(record.name.clone());
        }
        let events = fired.events.max(records.len() as u64);
        let (rule, record) = (Arc::clone(rule), record.clone());
        self.0.push(One { rule, record, fields, who, records, events, last });
    }

    /// How many hits there are.
    pub fn hits(&self) -> usize {
        self.0.len()
    }

    /// The matches, the gravest first, then the newest.
    ///
    /// One that goes on where a known one ended, or lies within it, has its name.
    pub fn merged(mut self, known: &[Known], suppressions: &Suppressions) -> Vec<Match> {
        self.0.sort_by(|a, b| (a.record.time, &a.record.name).cmp(&(b.record.time, &b.record.name)));
        let mut open: HashMap<(String, String), usize> = HashMap::new();
        let mut matches: Vec<Match> = Vec::new();
        for one in self.0 {
            let key = (one.rule.id.clone(), one.who.clone());
            let known = open.get(&key).and_then(|at| matches.get_mut(*at));
            match known.filter(|known| one.record.time.0.saturating_sub(known.last.0) < PAUSE) {
                Some(known) => known.grow((one.record.time, one.last), one.events, one.records, &one.record.about),
                None => {
                    open.insert(key, matches.len());
                    matches.push(Match::of(one));
                }
            }
        }
        let mut by_key: HashMap<&str, Vec<&Known>> = HashMap::new();
        for one in known {
            by_key.entry(&one.key).or_default().push(one);
        }
        for one in &mut matches {
            let known = by_key.get(one.key.as_str()).into_iter().flatten();
            let goes_on = |known: &&&Known| {
                one.first.0.saturating_sub(known.last.0) < PAUSE && known.first.0.saturating_sub(one.last.0) < PAUSE
            };
            if let Some(known) = known.filter(goes_on).max_by_key(|known| known.last) {
                one.id.clone_from(&known.id);
            }
        }
        // Two that belong to one that is known are one.
        let mut folded: Vec<Match> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for one in matches {
            match places.get(&one.id).and_then(|at| folded.get_mut(*at)) {
                Some(same) => same.grow((one.first, one.last), one.events, one.records, &one.about),
                None => {
                    places.insert(one.id.clone(), folded.len());
                    folded.push(one);
                }
            }
        }
        let mut matches = folded;
        for one in &mut matches {
            one.suppressed = suppressions.of(one).cloned();
        }
        matches.sort_by(|a, b| (b.of.level, b.last, &a.id).cmp(&(a.of.level, a.last, &b.id)));
        matches
    }
}

impl Match {
    fn of(one: One) -> Self {
        let One { rule, record, fields, who, records, events, last } = one;
        let first = records.first().cloned().unwrap_or_default();
        let key = Sha256::digest(format!("{}\0{who}", rule.id));
        let hash = Sha256::digest(format!("{}\0{who}\0{first}", rule.id));
        Self {
            id: format!("M-{}", hex::encode(&hash[..5]).to_uppercase()),
            key: hex::encode(&key[..8]),
            rule: rule.id.clone(),
            title: rule.title(shoseki_messages::Lang::En).to_owned(),
            level: rule.level.name(),
            tags: rule.tags.clone(),
            rule_sha256: rule.hash.clone(),
            first: record.time,
            last,
            events,
            records,
            about: record.about,
            fields,
            suppressed: None,
            of: rule,
        }
    }

    /// Takes in more of the same.
    fn grow(&mut self, (first, last): (Timestamp, Timestamp), events: u64, records: Vec<String>, about: &About) {
        (self.first, self.last) = (self.first.min(first), self.last.max(last));
        self.events += events;
        for name in records {
            if self.records.len() < RECORDS && !self.records.contains(&name) {
                self.records.push(name);
            }
        }
        self.about.agree_with(about);
    }
}
