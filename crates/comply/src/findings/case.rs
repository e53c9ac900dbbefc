//! A finding through time: what it is, how it stands, and what happened to it.

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, lookup, msg};

use super::id::Id;
use super::said::{Accept, Added, Due, Measure, Resolve, Seen};
use crate::checks::{Period, Severity, Status};

const DAY: i64 = 86_400_000_000;

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Something is to be done.
    Open,
    /// An exception is in force: it is known, and borne until a day.
    Accepted,
    /// It is not so any more, or a person says that it is done.
    Resolved,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Accepted, Self::Resolved];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }

    /// The word for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("finding-state-{}", self.name()), lang).unwrap_or_default()
    }
}

/// Where a finding comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A check found it; how it was seen for the last time.
    Check(Box<Seen>),
    /// Somebody from outside found it.
    Outside(Box<Added>),
}

/// What a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// It is not as it should be.
    Fail,
    /// Somebody from outside found it.
    Outside,
    /// There is nothing to judge by.
    NoEvidence,
    /// Nothing is wrong by itself, and a person should look at it.
    Review,
}

impl Nature {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Outside => "outside",
            Self::NoEvidence => "no_evidence",
            Self::Review => "review",
        }
    }

    /// The word for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("finding-nature-{}", self.name().replace('_', "-")), lang).unwrap_or_default()
    }
}

/// A measure that was taken, and whether its check proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What is done, by when, and by which check it is proved.
    pub measure: Measure,
    /// When it was said.
    pub at: Timestamp,
    /// The run whose pass proves it, by its record, and the end of its period.
    pub proof: Option<(String, Timestamp)>,
    /// The end of the latest period over which its check spoke after it.
    pub(super) judged_to: Timestamp,
}

/// How a finding was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// Who says so; nobody where a run no longer found it.
    pub by: Option<String>,
    /// What the person said; nothing where a run no longer found it.
    pub said: Option<Resolve>,
    /// Whether a run after that did not find it.
    pub is_confirmed: bool,
}

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<String>,
    /// The record that says so.
    pub record: String,
    /// What.
    pub what: Happened,
}

/// What may happen to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A run found it for the first time.
    Found(Period),
    /// A run found it again, after it was resolved.
    FoundAgain(Period),
    /// It stands otherwise.
    Changed(Nature, Nature),
    /// Somebody from outside found it.
    Added(String),
    /// Its cause.
    Cause(String),
    /// A measure against recurrence.
    Measure(Box<Measure>),
    /// The check of a measure passes.
    Proved(String, Period),
    /// The check of a measure fails again.
    Disproved(String, Period),
    /// An exception.
    Accepted(Box<Accept>),
    /// The exception is over.
    Ended(String),
    /// A run over a period that ends later did not find it.
    Gone(Period),
    /// A person says that it is done.
    Resolved(Box<Resolve>),
    /// A run after that did not find it.
    Confirmed(Period),
    /// A remark.
    Noted(String),
}

impl Happened {
    /// Its name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::FoundAgain(_) => "found_again",
            Self::Changed(..) => "changed",
            Self::Added(_) => "added",
            Self::Cause(_) => "cause",
            Self::Measure(_) => "measure",
            Self::Proved(..) => "proved",
            Self::Disproved(..) => "disproved",
            Self::Accepted(_) => "accepted",
            Self::Ended(_) => "exception_ended",
            Self::Gone(_) => "gone",
            Self::Resolved(_) => "resolved",
            Self::Confirmed(_) => "confirmed",
            Self::Noted(_) => "noted",
        }
    }

    /// What it says; `shown` says times.
    pub fn text(&self, lang: Lang, shown: &dyn Fn(Timestamp) -> String) -> Message {
        let of =
            |message: Message, period: &Period| message.with("from", shown(period.from)).with("to", shown(period.to));
        let due = |due: &Option<Due>| due.as_ref().map_or_else(|| "-".to_owned(), |due| due.day.clone());
        match self {
            Self::Found(period) => of(msg!("finding-moment-found"), period),
            Self::FoundAgain(period) => of(msg!("finding-moment-found-again"), period),
            Self::Changed(was, is) => msg!("finding-moment-changed", was = was.word(lang), is = is.word(lang)),
            Self::Added(source) => msg!("finding-moment-added", source = source),
            Self::Cause(text) => msg!("finding-moment-cause", text = text),
            Self::Measure(measure) => {
                let (text, due) = (measure.text.as_str(), due(&measure.due));
                match &measure.check {
                    Some(check) => msg!("finding-moment-measure-checked", text = text, due = due, check = check),
                    None => msg!("finding-moment-measure", text = text, due = due),
                }
            }
            Self::Proved(check, period) => of(msg!("finding-moment-proved", check = check), period),
            Self::Disproved(check, period) => of(msg!("finding-moment-disproved", check = check), period),
            Self::Accepted(accept) => accepted(accept),
            Self::Ended(day) => msg!("finding-moment-ended", day = day),
            Self::Gone(period) => of(msg!("finding-moment-gone"), period),
            Self::Resolved(said) => resolved(said),
            Self::Confirmed(period) => of(msg!("finding-moment-confirmed"), period),
            Self::Noted(text) => msg!("finding-moment-noted", text = text),
        }
    }
}

fn accepted(accept: &Accept) -> Message {
    let (until, owner, reason) = (&accept.until.day, &accept.owner, &accept.reason);
    match &accept.approved_by {
        Some(approved) => {
            let message = msg!("finding-moment-accepted-approved", until = until, owner = owner, reason = reason);
            message.with("approved", approved)
        }
        None => msg!("finding-moment-accepted", until = until, owner = owner, reason = reason),
    }
}

fn resolved(said: &Resolve) -> Message {
    let parts = [&said.without_proof, &said.cause, &said.measure];
    let what = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ");
    match (&said.without_proof, what.is_empty()) {
        (Some(_), _) => msg!("finding-moment-resolved-unproved", what = what),
        (None, true) => msg!("finding-moment-resolved-plain"),
        (None, false) => msg!("finding-moment-resolved", what = what),
    }
}

/// Why a finding is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Its own day is over.
    Due(Timestamp),
    /// The day of one of its measures is over, and the measure is not proved.
    Measure(Timestamp),
    /// It is open for longer than its severity allows.
    Open(Timestamp),
}

/// For how many days a failure, or a finding from outside without a day, may be open.
pub fn days_allowed(severity: Severity) -> i64 {
    match severity {
        Severity::Critical => 7,
        Severity::High => 30,
        Severity::Medium => 90,
        Severity::Low => 180,
    }
}

/// A finding through time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub id: Id,
    /// What it is.
    pub origin: Origin,
    /// When it was found for the first time, or entered.
    pub first_seen: Timestamp,
    /// When a run found it last.
    pub last_seen: Timestamp,
    /// Over which period that run judged; nothing of a finding from outside.
    pub seen_over: Option<Period>,
    /// Since when it is open; where it is not, since when it was.
    pub open_since: Timestamp,
    /// How it was resolved, where it is.
    pub resolution: Option<Resolution>,
    /// The exception that is in force.
    pub exception: Option<Accept>,
    /// Its cause, as it was said last.
    pub cause: Option<String>,
    /// What was done.
    pub measures: Vec<Taken>,
    /// What happened, in order.
    pub history: Vec<Moment>,
    /// The end of the latest period for which a run said something of it.
    pub(super) judged_to: Timestamp,
    /// When an exception ended without another.
    pub ended: Option<Timestamp>,
}

impl Case {
    /// How it stands.
    pub fn state(&self) -> State {
        match (&self.resolution, &self.exception) {
            (Some(_), _) => State::Resolved,
            (None, Some(_)) => State::Accepted,
            (None, None) => State::Open,
        }
    }

    /// What it is.
    pub fn nature(&self) -> Nature {
        match &self.origin {
            Origin::Outside(_) => Nature::Outside,
            Origin::Check(seen) => nature(seen),
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match &self.origin {
            Origin::Check(seen) => seen.severity,
            Origin::Outside(added) => added.severity,
        }
    }

    /// The check that found it.
    pub fn check(&self) -> Option<&str> {
        match &self.origin {
            Origin::Check(seen) => Some(&seen.check),
            Origin::Outside(_) => None,
        }
    }

    /// What it is about: the subject, or who found it.
    pub fn subject(&self) -> &str {
        match &self.origin {
            Origin::Check(seen) => &seen.subject,
            Origin::Outside(added) => &added.source,
        }
    }

    /// What was found, as it was said last.
    pub fn what(&self, lang: Lang) -> &str {
        match (&self.origin, lang) {
            (Origin::Check(seen), Lang::En) => &seen.what.en,
            (Origin::Check(seen), Lang::Ja) => &seen.what.ja,
            (Origin::Outside(added), _) => &added.title,
        }
    }

    /// Where it is: an account, with a region; a file of code.
    pub fn place(&self) -> Option<&str> {
        match &self.origin {
            Origin::Check(seen) => seen.place.as_deref(),
            Origin::Outside(_) => None,
        }
    }

    /// Requirements that it is about.
    pub fn requirements(&self) -> &[String] {
        match &self.origin {
            Origin::Check(seen) => &seen.requirements,
            Origin::Outside(added) => &added.requirements,
        }
    }

    /// Records that prove it, or documents.
    pub fn records(&self) -> &[String] {
        match &self.origin {
            Origin::Check(seen) => &seen.records,
            Origin::Outside(added) => &added.documents,
        }
    }

    /// The day by which it is to be done, where somebody set one.
    pub fn due(&self) -> Option<&Due> {
        match &self.origin {
            Origin::Check(_) => None,
            Origin::Outside(added) => added.due.as_ref(),
        }
    }

    /// Whether it is open again where a run over a period with this end finds it, with its last event then. What a person resolved
    /// is found again where something happened after that, and not where a look back sees the same once more.
    pub(super) fn is_found_again(&self, to: Timestamp, last: Option<Timestamp>) -> bool {
        let is_later = |resolution: &Resolution| resolution.said.is_none() || last.unwrap_or(to) > resolution.at;
        to >= self.judged_to && self.resolution.as_ref().is_some_and(is_later)
    }

    /// Why it is overdue at a time. What there is no evidence for, and what is for a person to look at, is not.
    pub fn overdue(&self, at: Timestamp) -> Option<Overdue> {
        if self.state() != State::Open {
            return None;
        }
        if let Some(due) = self.due().filter(|due| due.end <= at) {
            return Some(Overdue::Due(due.end));
        }
        let open = self.measures.iter().filter(|taken| taken.proof.is_none());
        let measure = open.filter_map(|taken| taken.measure.due.as_ref()).map(|due| due.end).min();
        if let Some(end) = measure.filter(|end| *end <= at) {
            return Some(Overdue::Measure(end));
        }
        let is_counted = matches!(self.nature(), Nature::Fail | Nature::Outside) && self.due().is_none();
        let end = Timestamp(self.open_since.0.saturating_add(days_allowed(self.severity()) * DAY));
        (is_counted && end <= at).then_some(Overdue::Open(end))
    }

    /// Why a person may not say that it is done; nothing where he may.
    pub fn unresolvable(&self, said: &Resolve) -> Option<Message> {
        if self.resolution.is_some() {
            return Some(msg!("finding-resolved-already"));
        }
        if self.cause.is_none() && said.cause.is_none() {
            return Some(msg!("finding-needs-cause"));
        }
        if self.measures.is_empty() && said.measure.is_none() {
            return Some(msg!("finding-needs-measure"));
        }
        if self.nature() != Nature::Outside || said.without_proof.is_some() {
            return None;
        }
        let unproved = |taken: &&Taken| taken.proof.is_none();
        if let Some(check) = self.measures.iter().filter(unproved).find_map(|taken| taken.measure.check.as_ref()) {
            return Some(msg!("finding-needs-proof", check = check));
        }
        let is_proved = self.measures.iter().any(|taken| taken.proof.is_some()) || !said.documents.is_empty();
        (!is_proved).then(|| msg!("finding-needs-any-proof"))
    }

    /// As JSON: what it is and how it stands, without its history.
    pub fn to_json(&self, letters: usize, at: Timestamp) -> Value {
        let both = json!({"en": self.what(Lang::En), "ja": self.what(Lang::Ja)});
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let seen = match &self.origin {
            Origin::Check(seen) => Some(seen),
            Origin::Outside(_) => None,
        };
        let added = match &self.origin {
            Origin::Outside(added) => Some(added),
            Origin::Check(_) => None,
        };
        json!({
            "id": self.id.short(letters),
            "finding": self.id.to_string(),
            "state": self.state().name(),
            "nature": self.nature().name(),
            "severity": self.severity().name(),
            "check": self.check(),
            "subject": self.subject(),
            "place": self.place(),
            "what": both,
            "text": added.and_then(|added| added.text.as_deref()),
            "owner": added.and_then(|added| added.owner.as_deref()),
            "requirements": self.requirements(),
            "records": self.records(),
            "events": seen.map(|seen| seen.events),
            "first_event": time(seen.and_then(|seen| seen.first)),
            "last_event": time(seen.and_then(|seen| seen.last)),
            "period": self.seen_over.map(|over| json!({"from": over.from.to_string(), "to": over.to.to_string()})),
            "first_seen": self.first_seen.to_string(),
            "last_seen": self.last_seen.to_string(),
            "open_since": self.open_since.to_string(),
            "due": self.due().map(|due| due.day.as_str()),
            "overdue": self.overdue(at).is_some(),
            "exception": self.exception.as_ref().map(accept_json),
            "exception_ended": time(self.ended),
            "resolution": self.resolution.as_ref().map(|resolution| json!({
                "at": resolution.at.to_string(),
                "by": resolution.by,
                "by_run": resolution.said.is_none(),
                "confirmed": resolution.is_confirmed,
                "without_proof": resolution.said.as_ref().and_then(|said| said.without_proof.as_deref()),
                "documents": resolution.said.as_ref().map(|said| &said.documents),
            })),
            "cause": self.cause,
            "measures": self.measures.iter().map(|taken| json!({
                "text": taken.measure.text,
                "due": taken.measure.due.as_ref().map(|due| due.day.as_str()),
                "check": taken.measure.check,
                "proved_by": taken.proof.as_ref().map(|(record, _)| record),
            })).collect::<Vec<_>>(),
        })
    }

    /// Its history as JSON.
    pub fn history_json(&self) -> Value {
        let shown = |time: Timestamp| time.to_string();
        let moment = |moment: &Moment| {
            json!({
                "at": moment.at.to_string(),
                "by": moment.by,
                "event": moment.what.name(),
                "what": {
                    "en": moment.what.text(Lang::En, &shown).text(Lang::En),
                    "ja": moment.what.text(Lang::Ja, &shown).text(Lang::Ja),
                },
                "record": (!moment.record.is_empty()).then_some(moment.record.as_str()),
            })
        };
        Value::Array(self.history.iter().map(moment).collect())
    }
}

/// An exception as JSON.
pub(crate) fn accept_json(accept: &Accept) -> Value {
    json!({
        "until": accept.until.day, "owner": accept.owner, "reason": accept.reason, "approved_by": accept.approved_by,
    })
}

/// What a finding of a run is.
pub(super) fn nature(seen: &Seen) -> Nature {
    match seen.status {
        Status::Fail => Nature::Fail,
        Status::NoEvidence => Nature::NoEvidence,
        Status::Pass | Status::NotApplicable => Nature::Review,
    }
}
