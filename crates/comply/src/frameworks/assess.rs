//! From checks and documents to requirements: what each comes to, and by what.

use chrono::{Months, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, msg};

use super::{Framework, Requirement};
use crate::account;
use crate::checks::{self, Check, Judged, Period, Status};

/// What a document answers, since no machine sees it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Which document, in English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
    /// How old it may be at the period's end, in months.
    pub months: u32,
}

impl Manual {
    /// Which document, in a language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

/// A document that was attached for a requirement.
#[derive(Clone, Debug)]
pub struct Document {
    /// The requirement, as `shoseki attach` was told: `PCI DSS 10.1.1`.
    pub requirement: String,
    /// Its title, or its file's name.
    pub title: String,
    /// The day from which it holds.
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it holds.
    pub valid_to: Option<NaiveDate>,
    /// When it was attached.
    pub attached: Timestamp,
    /// The record that says so.
    pub record: String,
}

/// How a manual item stands.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// `pass` where a document answers it, else `no_evidence`.
    pub status: Status,
    /// What is said of it.
    pub what: Message,
    /// The document that answers it, or the newest that does not any more.
    pub document: Option<&'a Document>,
}

/// A requirement that was assessed.
#[derive(Clone, Debug)]
pub struct Assessed<'a> {
    /// The requirement.
    pub requirement: &'a Requirement,
    /// What it comes to.
    pub status: Status,
    /// Its checks.
    pub checks: Vec<&'a Judged<'a>>,
    /// Its document, where one is asked for.
    pub manual: Option<Answer<'a>>,
    /// Its checks of settings that did not run, by their names: no settings were looked at. Where accounts would have answered one, it
    /// does not pass.
    pub unseen: Vec<&'a str>,
}

impl Assessed<'_> {
    /// Whether it fails, and every failure of its checks is answered: accepted by an exception in force, or resolved by a person. An
    /// exception is no compensating control: the requirement fails all the same.
    pub fn is_answered(&self) -> bool {
        let mut failed = self.checks.iter().filter(|judged| judged.status() == Status::Fail).peekable();
        self.status == Status::Fail && failed.peek().is_some() && failed.all(|judged| judged.is_answered())
    }

    /// As JSON; its checks by their names.
    pub fn to_json(&self, framework: &Framework) -> Value {
        let (one, both) =
            (self.requirement, |message: &Message| json!({"en": message.text(Lang::En), "ja": message.text(Lang::Ja)}));
        let manual = one.manual.as_ref().zip(self.manual.as_ref()).map(|(asked, answer)| {
            json!({
                "asked": {"en": asked.en, "ja": asked.ja},
                "months": asked.months,
                "attach": framework.attach_name(one),
                "status": answer.status.name(),
                "what": both(&answer.what),
                "document": answer.document.map(|document| json!({
                    "title": document.title, "attached": document.attached.to_string(), "record": document.record,
                })),
            })
        });
        json!({
            "number": one.number,
            "title": one.title.to_json(),
            "asks": one.asks.to_json(),
            "whose": one.whose.to_string(),
            "status": self.status.name(),
            "assessor": self.status.assessor(),
            "answered": self.is_answered(),
            "checks": self.checks.iter().map(|judged| json!({
                "id": judged.check.id, "status": judged.status().name(), "to_review": judged.to_review(),
            })).collect::<Vec<_>>(),
            "manual": manual,
            "settings_not_looked_at": self.unseen,
            "not_applicable": one.not_applicable.as_ref().map(super::Text::to_json),
            "unverified": one.unverified.as_ref().map(super::Text::to_json),
        })
    }
}

/// Assesses a framework's requirements by the checks that ran and the documents that are attached.
pub fn assess<'a>(
    framework: &'a Framework,
    judged: &'a [Judged<'a>],
    documents: &'a [Document],
    period: Period,
) -> Vec<Assessed<'a>> {
    let one = |requirement: &'a Requirement| {
        let is_its = |judged: &&Judged<'_>| requirement.checks.iter().any(|id| *id == judged.check.id);
        let checks: Vec<&Judged<'_>> = judged.iter().filter(is_its).collect();
        let manual = requirement.manual.as_ref().map(|manual| {
            let name = framework.attach_name(requirement);
            answered(manual, documents.iter().filter(|document| document.requirement == name), period)
        });
        let statuses = checks.iter().map(|judged| judged.status()).chain(manual.as_ref().map(|answer| answer.status));
        let ran = |id: &str| judged.iter().any(|one| one.check.id == id);
        // What a set-up plans is no matter of who has none.
        let named = requirement.checks.iter().filter_map(|id| checks::find(id, &framework.own));
        let unseen: Vec<&Check> =
            named.filter(|check| check.needs_a_look() && !check.is_of_setup() && !ran(&check.id)).collect();
        // Whether settings are as they should be, nobody knows who did not look: what the evidence shows is a part of it.
        let status = match (&requirement.not_applicable, Status::of_all(statuses)) {
            (Some(_), _) => Status::NotApplicable,
            (None, Status::Pass) if unseen.iter().any(|check| account::answers(check)) => Status::NoEvidence,
            (None, status) => status,
        };
        let unseen = unseen.into_iter().map(|check| check.id.as_ref()).collect();
        Assessed { requirement, status, checks, manual, unseen }
    };
    framework.requirements.iter().map(one).collect()
}

/// Whether one of the documents answers the item at the period's end: it holds then, and is not too old.
fn answered<'a>(manual: &Manual, documents: impl Iterator<Item = &'a Document>, period: Period) -> Answer<'a> {
    // The last moment that belongs to the period.
    let Some(end) = day(Timestamp(period.to.0 - 1)) else {
        return Answer { status: Status::NoEvidence, what: msg!("comply-manual-none"), document: None };
    };
    let oldest = end.checked_sub_months(Months::new(manual.months)).unwrap_or(NaiveDate::MIN);
    let mut newest: Option<(NaiveDate, &Document)> = None;
    let mut later: Option<(NaiveDate, &Document)> = None;
    for document in documents {
        let Some(since) = document.valid_from.or_else(|| day(document.attached)) else { continue };
        if since > end {
            later = later.filter(|(known, _)| *known <= since).or(Some((since, document)));
        } else if newest.is_none_or(|(known, _)| known < since) {
            newest = Some((since, document));
        }
    }
    let Some((since, document)) = newest else {
        let what = match later {
            Some((since, document)) => msg!("comply-manual-later", title = &document.title, day = since.to_string()),
            None => msg!("comply-manual-none"),
        };
        return Answer { status: Status::NoEvidence, what, document: None };
    };
    let ended = document.valid_to.filter(|last| *last < end);
    let (status, what) = match ended {
        Some(last) => {
            (Status::NoEvidence, msg!("comply-manual-ended", title = &document.title, day = last.to_string()))
        }
        None if since < oldest => {
            let months = manual.months;
            (
                Status::NoEvidence,
                msg!("comply-manual-old", title = &document.title, day = since.to_string(), months = months),
            )
        }
        None => (Status::Pass, msg!("comply-manual-answered", title = &document.title, day = since.to_string())),
    };
    Answer { status, what, document: Some(document) }
}

fn day(time: Timestamp) -> Option<NaiveDate> {
    time.to_utc().map(|time| time.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(months: u32, from: Option<&str>, to: Option<&str>, attached: &str) -> Status {
        let time = |text: &str| Timestamp::parse(text).unwrap_or_default();
        let date = |text: &str| text.parse::<NaiveDate>().ok();
        let document = Document {
            requirement: "PCI DSS 10.1.1".to_owned(),
            title: "procedure".to_owned(),
            valid_from: from.and_then(date),
            valid_to: to.and_then(date),
            attached: time(attached),
            record: "s:1".to_owned(),
        };
        let period = Period { from: time("2026-07-01T00:00:00Z"), to: time("2026-10-01T00:00:00Z") };
        let manual = Manual { en: String::new(), ja: String::new(), months };
        answered(&manual, std::iter::once(&document), period).status
    }

    #[test]
    fn a_document_answers_where_it_holds_and_is_young_enough() {
        use Status::{NoEvidence, Pass};
        assert_eq!(status(12, None, None, "2026-08-01T00:00:00Z"), Pass);
        assert_eq!(status(12, None, None, "2025-09-29T00:00:00Z"), NoEvidence, "too old");
        assert_eq!(
            status(12, Some("2025-09-30"), None, "2026-11-01T00:00:00Z"),
            Pass,
            "attached later, and holds since"
        );
        assert_eq!(status(12, None, None, "2026-11-01T00:00:00Z"), NoEvidence, "attached after the period");
        assert_eq!(
            status(12, Some("2026-04-01"), Some("2026-09-29"), "2026-04-01T00:00:00Z"),
            NoEvidence,
            "ended before"
        );
        assert_eq!(status(12, Some("2026-04-01"), Some("2026-09-30"), "2026-04-01T00:00:00Z"), Pass);
    }
}
