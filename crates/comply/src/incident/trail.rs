//! The trail: from the subjects of an incident to whom they became, hop by hop, with the records of each. Pure; [`super::follow`] asks.
//!
//! - A role that was taken on is followed by the access key that the answer names; only where it names none, by the session's name and
//!   the twelve hours that a session lasts at most.
//! - What a principal made is followed: access keys, users, passwords, roles, service accounts and their tokens.
//! - An address and a resource lead to nobody: whoever shares an address is no accomplice. Their records are shown.
//! - What is cut is said.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, msg};

use super::seen::{Deed, Relation, Seen};
use super::subject::{Kind, Subject};

/// The most hops.
pub const HOPS: usize = 8;
/// The most identities.
pub const IDENTITIES: usize = 200;
/// The most records that are looked at.
pub const CANDIDATES: usize = 20_000;

/// Somebody, or something, whose records are on the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who or what.
    pub subject: Subject,
    /// From when it counts.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// How many hops away from the subjects of the incident; those are 0.
    pub hop: usize,
    /// Whom it comes from: the identity before it, how, and the record that shows it.
    pub by: Option<(usize, Relation, String)>,
}

impl Identity {
    fn has(&self, seen: &Seen) -> bool {
        let is_then =
            self.from.is_none_or(|from| seen.time >= from) && self.until.is_none_or(|until| seen.time < until);
        is_then && seen.is_of(&self.subject)
    }

    /// Whether it is a principal, which can be followed.
    fn is_principal(&self) -> bool {
        !matches!(self.subject.kind, Kind::Address | Kind::Resource)
    }
}

/// A record on the trail.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The record.
    pub seen: Seen,
    /// By which identity it belongs.
    pub identity: usize,
    /// Whether it is what gave that identity its credentials, and not its own deed. Who did it is not followed.
    pub is_origin: bool,
}

/// The trail.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Who is on it, those of the incident first.
    pub identities: Vec<Identity>,
    steps: BTreeMap<(Timestamp, String), Step>,
    /// What was left out.
    pub cut: Vec<Message>,
    /// How many records were looked at.
    pub candidates: usize,
}

impl Trail {
    /// The beginning.
    pub fn of(subjects: &[Subject]) -> Self {
        let mut trail = Self::default();
        for subject in subjects {
            trail.add(Identity { subject: subject.clone(), from: None, until: None, hop: 0, by: None });
        }
        trail
    }

    /// The records, in the order of their times.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &Step> {
        self.steps.values()
    }

    /// Keeps the records of some deeds, where any are given, and of those so many, the earliest. What is left out is said.
    pub fn keep(&mut self, deeds: &[Deed], most: Option<usize>) {
        let all = self.steps.len();
        if !deeds.is_empty() {
            self.steps.retain(|_, step| deeds.contains(&step.seen.deed));
        }
        let of_deeds = self.steps.len();
        let end = most.and_then(|most| self.steps.keys().nth(most).cloned());
        if let Some(end) = end {
            self.steps.split_off(&end);
        }
        if of_deeds < all {
            self.say(msg!("incident-cut-deeds", shown = of_deeds, all = all));
        }
        if self.steps.len() < of_deeds {
            self.say(msg!("incident-cut-limit", shown = self.steps.len(), all = of_deeds));
        }
    }

    /// Whether a record is on it.
    pub fn has(&self, seen: &Seen) -> bool {
        self.steps.contains_key(&(seen.time, seen.record.clone()))
    }

    /// Says that something was left out, once.
    pub(super) fn say(&mut self, what: Message) {
        if !self.cut.contains(&what) {
            self.cut.push(what);
        }
    }

    fn add(&mut self, identity: Identity) {
        let covers = |known: &Identity| {
            let is_as_long = known.until.is_none() || identity.until.is_some_and(|end| known.until >= Some(end));
            known.subject == identity.subject && known.from <= identity.from && is_as_long
        };
        if self.identities.iter().any(covers) {
            // It is asked about already.
        } else if self.identities.len() >= IDENTITIES {
            self.say(msg!("incident-cut-identities", most = IDENTITIES));
        } else if identity.hop > HOPS {
            self.say(msg!("incident-cut-hops", most = HOPS));
        } else {
            self.identities.push(identity);
        }
    }

    /// Takes what was found for the identities of one hop; what comes of it stands behind them.
    pub fn take(&mut self, found: Vec<Seen>, hop: Range<usize>) {
        for seen in found {
            let of_hop = || self.identities.iter().enumerate().take(hop.end).skip(hop.start);
            let Some((at, identity)) = of_hop().find(|(_, identity)| identity.has(&seen)) else {
                let gave = |identity: &Identity| {
                    let is_session = seen.session().is_some_and(|session| session == identity.subject.value);
                    let products = seen.products();
                    !products.is_empty() && (is_session || products.iter().any(|one| one.subject == identity.subject))
                };
                let origin = of_hop().find(|(_, identity)| identity.hop == 0 && gave(identity)).map(|(at, _)| at);
                if let Some(at) = origin {
                    self.put(Step { seen, identity: at, is_origin: true });
                }
                continue;
            };
            let next = identity.hop + 1;
            let follows = of_hop().any(|(_, identity)| identity.is_principal() && identity.has(&seen));
            for product in if follows { seen.products() } else { Vec::new() } {
                let by = Some((at, product.relation, seen.record.clone()));
                let from = Some(seen.time);
                self.add(Identity { subject: product.subject, from, until: product.until, hop: next, by });
            }
            self.put(Step { seen, identity: at, is_origin: false });
        }
    }

    fn put(&mut self, step: Step) {
        let key = (step.seen.time, step.seen.record.clone());
        match self.steps.get_mut(&key) {
            Some(known) if known.is_origin && !step.is_origin => *known = step,
            Some(_) => {}
            None => {
                self.steps.insert(key, step);
            }
        }
    }

    /// How an identity came onto the trail, in words; nothing of those of the incident.
    pub fn way(&self, at: usize, lang: Lang) -> Option<String> {
        let (before, relation, _) = self.identities.get(at)?.by.as_ref()?;
        let before = self.identities.get(*before)?;
        Some(format!("{} {}", before.subject.value, relation.word(lang)))
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let identity = |one: &Identity| {
            let by = one.by.as_ref().map(|(before, relation, record)| {
                let before = self.identities.get(*before).map(|before| before.subject.value.as_str());
                json!({"of": before, "relation": relation, "record": record})
            });
            json!({"kind": one.subject.kind, "value": one.subject.value, "hop": one.hop, "by": by,
                "from": one.from.map(|at| at.to_string()), "until": one.until.map(|at| at.to_string())})
        };
        let step = |step: &Step| {
            let seen = &step.seen;
            let of = self.identities.get(step.identity);
            json!({"time": seen.time.to_string(), "source": seen.source, "actor": seen.actor, "action": seen.action,
                "resource": seen.resource, "outcome": seen.outcome, "error": seen.error, "address": seen.address,
                "deed": seen.deed, "record": seen.record, "hop": of.map(|of| of.hop),
                "identity": of.map(|of| of.subject.value.as_str()), "origin": step.is_origin})
        };
        json!({
            "identities": self.identities.iter().map(identity).collect::<Vec<_>>(),
            "records": self.steps().map(step).collect::<Vec<_>>(),
            "candidates": self.candidates,
            "cut": self.cut.iter().map(|cut| cut.text(Lang::En)).collect::<Vec<_>>(),
        })
    }
}

/// What the text of a record of a subject has in it for certain: letters that no writer of JSON escapes. Nothing where no three such
/// stand together.
pub(super) fn literal(subject: &Subject) -> Option<&str> {
    let value = subject.value.as_str();
    let whole = match subject.kind {
        Kind::User if value.ends_with(":root") => value,
        Kind::User | Kind::Role | Kind::Resource => subject.last_part(),
        Kind::Session => value.split('/').skip(1).max_by_key(|part| part.len()).unwrap_or(value),
        Kind::Address | Kind::Key | Kind::ServiceAccount | Kind::Name => value,
    };
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"\\/<>&'%".contains(c) || c == ' ';
    let run = whole.split(|c| !is_plain(c)).max_by_key(|run| run.len())?;
    (!run.is_empty()).then_some(run)
}
