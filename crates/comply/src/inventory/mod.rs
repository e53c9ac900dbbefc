//! What exists against what speaks: each resource that should leave evidence, the stream of the vault in which it would, and when that
//! spoke last.
//!
//! ```text
//! estate (an account as it is, as AWS Config recorded it, or as an inventory in the vault has it) ─┐
//! streams of the vault, each with its newest record, and buckets that data events name            ─┴─► speeches ─► findings, a table
//! ```
//!
//! Whether something is switched on, the checks of settings say. These say whether it works: what was switched on and is lost on the
//! way is seen here alone.

mod kept;
mod spoken;

use std::collections::BTreeSet;

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

pub use kept::{Kept, OLDEST, newest as newest_kept};
pub use spoken::{Heard, QUERIES, RECENT, Spoken, Stream};

use crate::account::Looked;
use crate::checks::{Check, Finding, Judged, Looks, Status};
use crate::settings::{Kind, Origin, Resource};

const HOUR: i64 = 3_600_000_000;

/// What is listened to: what exists, what spoke, and the moment at which that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Listening<'a> {
    /// What exists.
    pub looked: &'a Looked,
    /// What spoke up to the moment.
    pub spoken: &'a Spoken,
    /// The moment.
    pub now: Timestamp,
}

/// How something speaks where all is well.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Within how many hours something comes.
    pub hours: i64,
    /// Whether a longer silence is a failure. Of what may have nothing to say, it is no evidence.
    pub is_steady: bool,
}

/// What is said of a resource that should speak.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The resource: an ARN, an account, an account with a region.
    pub resource: String,
    /// The account and the region, as far as they are known.
    pub place: Option<String>,
    /// The stream in which it would speak; a name with `…` where only a part of it is known beforehand.
    pub stream: String,
    /// What was heard of it.
    pub heard: Option<Heard>,
    /// How it stands.
    pub status: Status,
    /// Why.
    pub what: Message,
    origin: Option<Origin>,
}

impl Speech {
    /// Of a resource that is known.
    pub(crate) fn of(resource: &Resource, stream: impl Into<String>, said: (Status, Message)) -> Self {
        Self {
            resource: resource.name.clone(),
            place: resource.place_text(),
            stream: stream.into(),
            heard: None,
            status: said.0,
            what: said.1,
            origin: Some(resource.origin.clone()),
        }
    }

    /// Of an account, or of a region of one.
    pub(crate) fn of_place(place: &str, stream: impl Into<String>, said: (Status, Message)) -> Self {
        let (status, what) = said;
        let (resource, stream) = (place.to_owned(), stream.into());
        Self { resource, place: Some(place.to_owned()), stream, heard: None, status, what, origin: None }
    }

    /// The same, of which this was heard.
    #[must_use]
    pub(crate) fn hearing(self, heard: Option<&Heard>) -> Self {
        Self { heard: heard.cloned(), ..self }
    }

    fn finding(&self) -> Finding {
        let finding = Finding::new(self.status, self.resource.as_str(), self.what.clone());
        let finding = match &self.heard {
            // A silence has no events of its own: by the last of them a person would take it for over.
            Some(heard) => finding.proved_by([heard.record.clone()]),
            None => finding,
        };
        let finding = Finding { place: self.place.clone(), ..finding };
        match &self.origin {
            Some(origin) => finding.seen_at(origin),
            None => finding,
        }
    }
}

impl Habit {
    /// What is made speaks steadily, within so many hours.
    pub const fn steady(hours: i64) -> Self {
        Self { hours, is_steady: true }
    }

    /// It speaks where something happens.
    pub const fn at_times(hours: i64) -> Self {
        Self { hours, is_steady: false }
    }

    fn is_over(self, since: Timestamp, now: Timestamp) -> bool {
        now.0.saturating_sub(since.0) > self.hours.saturating_mul(HOUR)
    }

    /// How something stands that is there since `created` and was heard so in `stream`.
    pub(crate) fn judged(
        self,
        (stream, heard): (&str, Option<&Heard>),
        created: Option<Timestamp>,
        now: Timestamp,
    ) -> (Status, Message) {
        let Some(heard) = heard else { return self.unheard(stream, created, now) };
        let last = heard.last.to_string();
        let with = |message: Message| message.with("stream", stream).with("last", last.as_str());
        match (self.is_over(heard.last, now), self.is_steady) {
            (false, _) => (Status::Pass, with(msg!("inventory-speaks", records = heard.records))),
            (true, true) => (Status::Fail, with(msg!("inventory-silent", hours = self.hours))),
            (true, false) => (Status::NoEvidence, with(msg!("inventory-quiet"))),
        }
    }

    fn unheard(self, stream: &str, created: Option<Timestamp>, now: Timestamp) -> (Status, Message) {
        match created {
            Some(created) if !self.is_over(created, now) => {
                let created = created.to_string();
                (Status::NotApplicable, msg!("inventory-young", created = created, hours = self.hours))
            }
            Some(created) => {
                (Status::Fail, msg!("inventory-never-since", created = created.to_string(), stream = stream))
            }
            None => (Status::Fail, msg!("inventory-never", stream = stream)),
        }
    }
}

impl<'a> Listening<'a> {
    /// The resources of a kind.
    pub(crate) fn resources(&self, kind: Kind) -> impl Iterator<Item = &'a Resource> + use<'a> {
        self.looked.estate.of_kind(kind)
    }

    /// Of what older records are to be asked for: the sources of streams in which something that is there for longer than its time was
    /// not heard, and whether a bucket is among it.
    pub fn unheard(&self, checks: &[&Check]) -> (BTreeSet<String>, bool) {
        let (mut sources, mut has_buckets) = (BTreeSet::new(), false);
        for check in checks {
            let Looks::Inventory { kinds, .. } = &check.looks else { continue };
            let is_of_buckets = kinds.contains(&Kind::Bucket);
            let is_unheard = |speech: &Speech| speech.heard.is_none() && speech.status != Status::NotApplicable;
            for speech in self.speeches(check).iter().filter(|speech| is_unheard(speech)) {
                has_buckets |= is_of_buckets;
                let source =
                    if is_of_buckets { "s3-access" } else { speech.stream.split('/').next().unwrap_or_default() };
                sources.insert(source.to_owned());
            }
        }
        sources.remove("");
        (sources, has_buckets)
    }

    /// What a check says of each resource that it concerns; nothing where it is no check of this.
    pub fn speeches(&self, check: &Check) -> Vec<Speech> {
        match &check.looks {
            Looks::Inventory { judge, .. } => judge(self),
            _ => Vec::new(),
        }
    }

    /// Judges. Each check says something: where nothing is there that it concerns, that.
    pub fn judge<'c>(&self, checks: &[&'c Check]) -> Vec<Judged<'c>> {
        let one = |check: &&'c Check| {
            let Looks::Inventory { kinds, .. } = &check.looks else { return None };
            let mut findings: Vec<Finding> = self.speeches(check).iter().map(Speech::finding).collect();
            findings.extend(self.looked.unseen_of(kinds));
            if findings.is_empty() {
                findings = self.looked.nothing_of(check);
            }
            findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
            Some(Judged { check, findings })
        };
        checks.iter().filter_map(one).collect()
    }
}

#[cfg(test)]
mod tests;
