//! What a check says: statuses, and findings with what proves them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, lookup};

use crate::findings::{Known, State};
use crate::settings::Origin;

/// How a check, a requirement or a finding stands. The absence of evidence is a status of its own, and never a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is not as it should be, and records or settings prove it.
    Fail,
    /// Nothing there to judge by, or not enough.
    NoEvidence,
    /// It is as it should be, and what was judged is there.
    Pass,
    /// It does not concern this vault.
    NotApplicable,
}

impl Status {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Fail, Self::NoEvidence, Self::Pass, Self::NotApplicable];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NoEvidence => "no_evidence",
            Self::Pass => "pass",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// The assessor's word for it in English, as PCI DSS has it.
    pub fn assessor(self) -> &'static str {
        match self {
            Self::Fail => "Not in Place",
            Self::NoEvidence => "Not Tested",
            Self::Pass => "In Place",
            Self::NotApplicable => "Not Applicable",
        }
    }

    /// The word of our own for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("check-status-{}", self.name().replace('_', "-")), lang).unwrap_or_default()
    }

    /// The assessor's word in a language.
    pub fn assessed(self, lang: Lang) -> String {
        lookup(&format!("check-assessor-{}", self.name().replace('_', "-")), lang).unwrap_or_default()
    }

    /// The status of the whole, of those of its parts: the worst of them; what does not concern us counts only where all is so.
    /// Without parts there is nothing to judge by.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or(Self::NoEvidence)
    }
}

/// How much a failure matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It makes evidence harder to use.
    Low,
    /// It leaves a question open.
    Medium,
    /// Evidence may be missing, or a control does not work.
    High,
    /// Evidence is missing, or somebody could hide what was done.
    Critical,
}

impl Severity {
    /// Its name in JSON, and in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|severity| severity.name() == name)
    }

    /// The word for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("check-severity-{}", self.name()), lang).unwrap_or_default()
    }
}

/// What a check found about one subject.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How it stands.
    pub status: Status,
    /// What it is about: a stream, an account, a principal, a file.
    pub subject: String,
    /// What was found.
    pub what: Message,
    /// Whether a person should look at it, though nothing is wrong by itself: a change of rights, an access to evidence.
    pub is_to_review: bool,
    /// How many events it counts.
    pub events: u64,
    /// The time of the first of them.
    pub first: Option<Timestamp>,
    /// The time of the last.
    pub last: Option<Timestamp>,
    /// Records that prove it, by their names (`@ptr`), some of all.
    pub records: Vec<String>,
    /// What tells it from others that the check says of the same subject, in every run alike: the beginning of a gap, a field; mostly
    /// nothing. With the check and the subject it is the finding's name.
    pub aspect: String,
    /// What is known of it from runs before.
    pub known: Option<Known>,
    /// Where a setting was seen: a line of a file, a call, an item. Findings over the evidence have records alone.
    pub origin: Option<Origin>,
    /// The account and the region that it is of, where it is of such a place. A run that looked elsewhere says nothing of it.
    pub place: Option<String>,
    /// What could be there and was not seen; a run that says so closes nothing of that.
    pub hides: Hides,
}

/// What could not be seen, where a finding says that something was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hides {
    /// Nothing but what it is about.
    #[default]
    Nothing,
    /// What could be in a place.
    Place(String),
    /// All that the check could find.
    All,
}

/// How many records a finding names.
pub const MOST_RECORDS: usize = 5;

impl Finding {
    /// A finding without events.
    pub fn new(status: Status, subject: impl Into<String>, what: Message) -> Self {
        let subject = subject.into();
        Self {
            status,
            subject,
            what,
            is_to_review: false,
            events: 0,
            first: None,
            last: None,
            records: Vec::new(),
            aspect: String::new(),
            known: None,
            origin: None,
            place: None,
            hides: Hides::Nothing,
        }
    }

    /// As it should be.
    pub fn pass(subject: impl Into<String>, what: Message) -> Self {
        Self::new(Status::Pass, subject, what)
    }

    /// Not as it should be.
    pub fn fail(subject: impl Into<String>, what: Message) -> Self {
        Self::new(Status::Fail, subject, what)
    }

    /// Not to be judged.
    pub fn no_evidence(subject: impl Into<String>, what: Message) -> Self {
        Self::new(Status::NoEvidence, subject, what)
    }

    /// Nothing to be judged.
    pub fn not_applicable(subject: impl Into<String>, what: Message) -> Self {
        Self::new(Status::NotApplicable, subject, what)
    }

    /// The same, for a person to look at.
    #[must_use]
    pub fn to_review(self) -> Self {
        Self { is_to_review: true, ..self }
    }

    /// The same, told from others of its subject by this.
    #[must_use]
    pub fn told_by(self, aspect: impl Into<String>) -> Self {
        Self { aspect: aspect.into(), ..self }
    }

    /// Whether it is a failure that somebody answered: an exception is in force, or a person resolved it and nothing happened since.
    pub fn is_answered(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.state != State::Open)
    }

    /// The same, of so many events.
    #[must_use]
    pub fn of_events(self, events: u64, first: Option<Timestamp>, last: Option<Timestamp>) -> Self {
        Self { events, first, last, ..self }
    }

    /// The same with records that prove it; empty names are none.
    #[must_use]
    pub fn proved_by(self, records: impl IntoIterator<Item = String>) -> Self {
        let mut records: Vec<String> = records.into_iter().filter(|record| !record.is_empty()).collect();
        records.sort();
        records.dedup();
        records.truncate(MOST_RECORDS);
        Self { records, ..self }
    }

    /// The same, seen there; what of it is a record proves it.
    #[must_use]
    pub fn seen_at(self, origin: &Origin) -> Self {
        let records: Vec<String> = self.records.iter().cloned().chain(origin.record().map(str::to_owned)).collect();
        Self { origin: Some(origin.clone()), ..self.proved_by(records) }
    }

    /// As JSON, in both languages.
    pub fn to_json(&self) -> Value {
        json!({
            "status": self.status.name(),
            "subject": self.subject,
            "what": {"en": self.what.text(Lang::En), "ja": self.what.text(Lang::Ja)},
            "to_review": self.is_to_review,
            "events": self.events,
            "first": self.first.map(|time| time.to_string()),
            "last": self.last.map(|time| time.to_string()),
            "records": self.records,
            "finding": self.known.as_ref().map(Known::to_json),
            "origin": self.origin.as_ref().map(Origin::to_json),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_as_its_worst_part_and_nothing_is_no_pass() {
        use Status::{Fail, NoEvidence, NotApplicable, Pass};
        for (parts, whole) in [
            (vec![], NoEvidence),
            (vec![Pass], Pass),
            (vec![Pass, NotApplicable], Pass),
            (vec![NotApplicable, NotApplicable], NotApplicable),
            (vec![Pass, NoEvidence], NoEvidence),
            (vec![NoEvidence, Fail, Pass], Fail),
        ] {
            assert_eq!(Status::of_all(parts.clone()), whole, "{parts:?}");
        }
    }

    #[test]
    fn every_word_is_there() {
        for lang in [Lang::En, Lang::Ja] {
            for status in Status::ALL {
                assert!(!status.word(lang).is_empty() && !status.assessed(lang).is_empty(), "{status:?}");
            }
            for severity in [Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
                assert!(!severity.word(lang).is_empty());
                assert_eq!(Severity::from_name(severity.name()), Some(severity));
            }
        }
        assert_eq!(Status::Pass.assessed(Lang::En), Status::Pass.assessor());
    }
}
