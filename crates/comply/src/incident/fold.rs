//! The fold: from records to how each incident stands. It depends on the records alone, and not on the order in which they are read.
//!
//! - Records are taken in the order of their times. The first that opens a name opens it; another one of the same name says nothing.
//! - Of an incident that is closed, notes, reports and measures still count: reports are due after the fire is out.
//! - The cause that was said last holds.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Message, Result, lookup, msg};
use shoseki_query::{Engine, Options};

use super::deadline::{Deadline, Duty, Form, deadline};
use super::said::{Close, Open, RECORDS, Said, Told};
use super::subject::Subject;
use crate::checks::Rows;
use crate::findings::Id;

/// The head of a name.
const HEAD: &str = "I-";
/// How many letters stand behind it.
const LETTERS: usize = 7;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// What opened it.
    pub open: Open,
    /// When.
    pub opened: Timestamp,
    /// By whom, as the machine knows the person.
    pub by: Option<String>,
    /// Whom it is about.
    pub subjects: Vec<Subject>,
    /// Records that show it.
    pub records: Vec<String>,
    /// Whom it must be reported to.
    pub duties: Vec<Duty>,
    /// Its cause, as it was said last.
    pub cause: Option<String>,
    /// All that was said of it, in order.
    pub history: Vec<Told>,
    /// When it was closed, by whom, and what was said then.
    pub closed: Option<(Timestamp, Option<String>, Close)>,
}

/// Every incident as it stands.
#[derive(Clone, Debug, Default)]
pub struct Incidents(BTreeMap<String, Incident>);

impl Incidents {
    /// Folds what was told.
    pub fn of(mut told: Vec<Told>) -> Self {
        told.sort_by(|a, b| a.order().cmp(&b.order()));
        told.dedup_by(|a, b| a.order() == b.order()); // a record may wait here and be sealed already
        let mut all = BTreeMap::new();
        for told in told {
            take(&mut all, told);
        }
        Self(all)
    }

    /// From the rows of [`RECORDS`].
    pub fn from_rows(rows: &Rows) -> Self {
        Self::of(rows.iter().filter_map(Told::of).collect())
    }

    /// Asks for the records and folds them. `engine` gives an engine for what is asked about.
    ///
    /// # Errors
    /// What the question says.
    pub async fn read(engine: impl Fn(Options) -> Engine, now: Timestamp) -> Result<Self> {
        Ok(Self::from_rows(&crate::checks::own_rows(engine, RECORDS, now).await?))
    }

    /// The incidents: those that are open first, then the newest.
    pub fn all(&self) -> Vec<&Incident> {
        let mut all: Vec<&Incident> = self.0.values().collect();
        all.sort_by_key(|one| (one.closed.is_some(), std::cmp::Reverse(one.opened)));
        all
    }

    /// The incident whose name begins as it was typed.
    ///
    /// # Errors
    /// The caller's mistake: no name begins so, or several do.
    pub fn find(&self, text: &str) -> Result<&Incident> {
        let unknown = || Fault::caller(msg!("incident-unknown", id = text));
        let letters = crate::findings::typed(HEAD, text).ok_or_else(unknown)?;
        let begins = |one: &&Incident| one.open.incident[HEAD.len()..].starts_with(&letters);
        let meant: Vec<&Incident> = self.0.values().filter(begins).collect();
        match meant[..] {
            [one] => Ok(one),
            [] => Err(unknown()),
            _ => {
                let known: Vec<&str> = meant.iter().take(8).map(|one| one.open.incident.as_str()).collect();
                Err(Fault::caller(msg!("incident-ambiguous", id = text, known = known.join(", "))))
            }
        }
    }

    /// A name that no incident has, made of what was drawn for it.
    pub fn name(&self, drawn: &str) -> String {
        let name = |nth: u32| format!("{HEAD}{}", &Id::of("incident", drawn, &nth.to_string()).letters()[..LETTERS]);
        (0..u32::MAX).map(name).find(|name| !self.0.contains_key(name)).unwrap_or_default()
    }
}

fn take(all: &mut BTreeMap<String, Incident>, told: Told) {
    let name = told.said.incident();
    // A name is typed and printed: one that is none of ours is no incident.
    if crate::findings::typed(HEAD, name).is_none_or(|letters| format!("{HEAD}{letters}") != name) {
        return;
    }
    if let Said::Open(open) = &told.said {
        let new = || Incident {
            open: (**open).clone(),
            opened: told.at,
            by: told.by.clone(),
            subjects: open.subjects.clone(),
            records: open.records.clone(),
            duties: open.duties.clone(),
            cause: None,
            history: vec![told.clone()],
            closed: None,
        };
        all.entry(name.to_owned()).or_insert_with(new);
        return;
    }
    let Some(one) = all.get_mut(name) else { return };
    match &told.said {
        Said::Add(add) => {
            extend(&mut one.subjects, &add.subjects);
            extend(&mut one.records, &add.records);
            extend(&mut one.duties, &add.duties);
        }
        Said::Measured(measured) => one.cause = measured.cause.clone().or(one.cause.take()),
        Said::Close(close) => {
            one.cause = close.cause.clone().or(one.cause.take());
            one.closed = Some((told.at, told.by.clone(), close.clone()));
        }
        Said::Open(_) | Said::Note(_) | Said::Contain(_) | Said::Made(_) => {}
    }
    one.history.push(told);
}

fn extend<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// A report that an incident asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Which.
    pub form: Form,
    /// Until when, where a number of days is set.
    pub deadline: Option<Deadline>,
    /// When it was made, for the first time.
    pub made: Option<Timestamp>,
}

impl Owed {
    /// Whether it is late: it was not made in time.
    pub fn is_late(&self, at: Timestamp) -> bool {
        self.deadline.as_ref().is_some_and(|deadline| self.made.unwrap_or(at) >= deadline.end)
    }
}

impl Incident {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.open.incident
    }

    /// Whether harm may have been meant: then Japan's final report has 60 days.
    pub fn is_malicious(&self) -> bool {
        self.duties.contains(&Duty::AppiMalicious)
    }

    /// The zone that its days are counted in: the one that was given when it was opened, or another one where none was.
    pub fn zone(&self, other: Tz) -> Tz {
        self.open.zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(other)
    }

    /// The reports that it asks for, each once; the review is asked for always.
    pub fn owed(&self, zone: Tz) -> Vec<Owed> {
        let zone = self.zone(zone);
        let mut forms: Vec<Form> =
            self.duties.iter().flat_map(|duty| duty.forms()).copied().chain([Form::Review]).collect();
        forms.sort_unstable();
        forms.dedup();
        let made = |form| {
            self.history
                .iter()
                .find(|told| matches!(&told.said, Said::Made(made) if made.form == form))
                .map(|told| told.at)
        };
        let owed = |form| Owed {
            form,
            deadline: deadline(form, self.open.known, self.is_malicious(), zone),
            made: made(form),
        };
        forms.into_iter().map(owed).collect()
    }

    /// The measures, with the findings that prove them.
    pub fn measures(&self) -> impl Iterator<Item = &super::said::Measured> {
        self.history.iter().filter_map(|told| match &told.said {
            Said::Measured(measured) => Some(measured.as_ref()),
            _ => None,
        })
    }

    /// The steps that were run: when, by whom, and which.
    pub fn steps(&self) -> impl Iterator<Item = (&Told, &super::said::Contain)> {
        self.history.iter().filter_map(|told| match &told.said {
            Said::Contain(step) => Some((told, step.as_ref())),
            _ => None,
        })
    }

    /// Why it cannot be closed, all reasons; none where it can.
    pub fn unclosable(&self, cause: Option<&str>, zone: Tz) -> Vec<Message> {
        let mut why = Vec::new();
        if self.cause.is_none() && cause.is_none() {
            why.push(msg!("incident-needs-cause"));
        }
        if self.measures().next().is_none() {
            why.push(msg!("incident-needs-measure", id = self.name()));
        }
        for owed in self.owed(zone).into_iter().filter(|owed| owed.made.is_none()) {
            why.push(msg!("incident-needs-report", id = self.name(), form = owed.form.name()));
        }
        why
    }

    /// As JSON.
    pub fn to_json(&self, at: Timestamp, zone: Tz) -> Value {
        let owed = |owed: Owed| {
            json!({
                "form": owed.form.name(), "due": owed.deadline.as_ref().map(|deadline| deadline.until.as_str()),
                "end": owed.deadline.as_ref().map(|deadline| deadline.end.to_string()),
                "made": owed.made.map(|at| at.to_string()), "late": owed.is_late(at),
            })
        };
        json!({
            "id": self.name(), "title": self.open.title, "severity": self.open.severity.name(),
            "state": if self.closed.is_some() { "closed" } else { "open" },
            "known": self.open.known.to_string(), "zone": self.open.zone, "opened": self.opened.to_string(), "by": self.by,
            "match": self.open.of_match, "first": self.open.first.map(|at| at.to_string()), "subjects": self.subjects, "records": self.records,
            "duties": self.duties.iter().map(|duty| duty.name()).collect::<Vec<_>>(), "cause": self.cause,
            "reports": self.owed(zone).into_iter().map(owed).collect::<Vec<_>>(),
            "measures": self.measures().map(|one| json!({"text": one.text, "check": one.check, "finding": one.finding})).collect::<Vec<_>>(),
            "steps": self.steps().map(|(told, step)| json!({"step": step.step, "command": step.command, "undo": step.undo,
                "note": step.note, "at": told.at.to_string(), "by": told.by, "record": told.record})).collect::<Vec<_>>(),
            "closed": self.closed.as_ref().map(|(at, by, close)| json!({"at": at.to_string(), "by": by, "despite": close.despite})),
        })
    }
}

impl Told {
    /// What it says, on a line.
    pub fn text(&self, lang: Lang) -> Message {
        let join = |subjects: &[Subject]| subjects.iter().map(|one| one.value.as_str()).collect::<Vec<_>>().join(", ");
        match &self.said {
            Said::Open(open) => match &open.of_match {
                Some(of_match) => msg!("incident-told-open-match", title = &open.title, found = of_match),
                None => msg!("incident-told-open", title = &open.title),
            },
            Said::Note(note) => msg!("incident-told-note", text = &note.text),
            Said::Add(add) => {
                let duties = add.duties.iter().map(|duty| duty.name());
                let all = add.records.iter().map(String::as_str).chain(duties).collect::<Vec<_>>().join(", ");
                let all = [join(&add.subjects), all].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
                msg!("incident-told-add", what = all.join(", "), why = &add.why)
            }
            Said::Contain(step) => {
                let note = step.note.as_deref().unwrap_or("-");
                msg!("incident-told-contain", step = &step.step, command = &step.command, note = note)
            }
            Said::Made(made) => {
                let form = made.form.title(lang);
                msg!("incident-told-report", form = form, file = &made.file, sha256 = &made.sha256)
            }
            Said::Measured(measured) => {
                let finding = measured.finding.to_string();
                msg!("incident-told-measure", text = &measured.text, check = &measured.check, finding = finding)
            }
            Said::Close(Close { despite: Some(why), .. }) => msg!("incident-told-close-despite", why = why),
            Said::Close(_) => msg!("incident-told-close"),
        }
    }
}

/// The word for how an incident stands.
pub fn standing(one: &Incident, lang: Lang) -> String {
    lookup(if one.closed.is_some() { "incident-state-closed" } else { "incident-state-open" }, lang).unwrap_or_default()
}
