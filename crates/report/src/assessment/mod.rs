//! What an auditor is given about a framework: what was judged, how, by what, and what was not. The report is data; each format is one
//! file beside this, and reads nothing but the data.

mod changes;
mod csv;
mod html;
mod json;
mod junit;
mod made;
mod ocsf;
mod oscal;
mod sarif;
mod uuid;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use shoseki_comply::checks::{Arrivals, Finding, Judged, Period, Status};
use shoseki_comply::findings::{Case, Id, Nature, Origin, Register, State};
use shoseki_comply::frameworks::{Assessed, Document, Framework};
use shoseki_comply::gaps;
use shoseki_comply::review::Reviews;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};

use crate::pdf::{self, Fonts};

pub use changes::Changes;
pub use made::{MADE, Made, Note, REPORTS, before};

/// A report: what it is about, and all that it says.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// Its requirements as they were assessed.
    pub assessed: &'a [Assessed<'a>],
    /// Its checks as they were judged.
    pub judged: &'a [Judged<'a>],
    /// The documents that are attached, to whichever requirement.
    pub documents: &'a [Document],
    /// The period.
    pub period: Period,
    /// When it is made, by whom, in which zone.
    pub made: Making<'a>,
    /// The vault.
    pub scope: &'a Scope,
    /// What arrived in the period.
    pub arrivals: &'a Arrivals,
    /// The findings as they stand with this run.
    pub register: &'a Register,
    /// The gap register of the period.
    pub gaps: &'a gaps::Register,
    /// The reviews.
    pub reviews: &'a Reviews,
    /// The reports that it is compared with.
    pub before: &'a [&'a Made],
    /// The samples that were drawn in the period, or since.
    pub samples: &'a [Sampled],
}

/// The making of a report.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    /// When.
    pub at: Timestamp,
    /// By whom, as the machine knows the person.
    pub by: Option<&'a str>,
    /// The zone of its days and times.
    pub zone: Tz,
    /// The end of the period that was asked for, where that is not over yet.
    pub goes_on: Option<Timestamp>,
    /// Whether the run that it is made of is recorded.
    pub is_recorded: bool,
}

/// The vault that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Where it lies.
    pub place: String,
    /// The log's name in its checkpoints.
    pub origin: String,
    /// The key that its checkpoints are verified by.
    pub verifier: String,
    /// How many commits were asked.
    pub tree_size: u64,
    /// The checkpoint that covers them, or as many as are sealed: its text.
    pub checkpoint: Option<String>,
    /// How many commits that covers.
    pub sealed: u64,
    /// Where checkpoints are kept outside.
    pub anchors: Vec<String>,
    /// Accounts in the period, with the events of each.
    pub accounts: Vec<(String, u64)>,
    /// Records that were asked and are not sealed yet.
    pub unsealed: u64,
    /// Records of accesses that wait here for their seal.
    pub waiting: u64,
    /// The period of each class of evidence, in months; nothing is for ever.
    pub periods: BTreeMap<String, Option<u32>>,
    /// The holds in force: their ids and why each was placed.
    pub holds: BTreeMap<String, String>,
}

/// A sample that was drawn, as the record of its package says.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    /// When.
    pub at: Timestamp,
    /// By whom it was drawn.
    pub by: String,
    /// The record that says so.
    pub record: String,
    /// The package.
    pub file: String,
    /// The question whose answer is the population.
    pub query: String,
    /// The time that was asked about.
    pub asked: (Option<String>, Option<String>),
    /// How many records the population has.
    pub from: u64,
    /// How many were to be drawn.
    pub take: u64,
    /// The seed.
    pub seed: String,
    /// Whether the package has the whole population, so that the draw can be repeated.
    pub has_population: bool,
    /// The records that were drawn.
    pub drawn: Vec<String>,
}

/// A leak that is to be reported: which report it is, and until when.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Whether it is the final report, and not the preliminary one.
    pub is_final: bool,
    /// The day on which it became known.
    pub known: String,
    /// Between which days the preliminary report is due.
    pub preliminary: (String, String),
    /// The day by which the final report is due.
    pub last: String,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One page that needs nothing else.
    Html,
    /// The same on paper.
    Pdf,
    /// Lines for a spreadsheet.
    Csv,
    /// All of it, in both languages.
    Json,
    /// Assessment results of OSCAL 1.1.
    Oscal,
    /// Test results as JUnit has them.
    Junit,
    /// Compliance Findings of OCSF, a line each.
    Ocsf,
    /// Results of a run as SARIF has them.
    Sarif,
}

impl Form {
    /// All of them, by their names.
    pub const ALL: [(&'static str, Self); 8] = [
        ("html", Self::Html),
        ("pdf", Self::Pdf),
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("oscal", Self::Oscal),
        ("junit", Self::Junit),
        ("ocsf", Self::Ocsf),
        ("sarif", Self::Sarif),
    ];

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, form)| form)
    }
}

impl Report<'_> {
    /// The report in a format and a language; `fonts` are what a PDF is set in.
    ///
    /// # Errors
    /// A PDF without fonts. A defect: what cannot be written in the format.
    pub fn write(&self, form: Form, lang: Lang, fonts: &Fonts) -> Result<Vec<u8>> {
        match form {
            Form::Html => Ok(html::page(self, lang).into_bytes()),
            Form::Pdf => pdf::of(&html::page(self, lang), &html::paper(self, None, lang), fonts),
            Form::Csv => csv::lines(self, lang),
            Form::Json => json::text(self),
            Form::Oscal => oscal::text(self, lang),
            Form::Junit => Ok(junit::text(self, lang).into_bytes()),
            Form::Ocsf => ocsf::lines(self, lang),
            Form::Sarif => sarif::text(self, lang),
        }
    }

    /// The draft of a leak report, as a page or on paper: the report's period is the incident.
    ///
    /// # Errors
    /// As `write`; a format that is neither is a defect.
    pub fn leak(&self, leak: &Leak, form: Form, lang: Lang, fonts: &Fonts) -> Result<Vec<u8>> {
        let page = html::leak(self, leak, lang);
        match form {
            Form::Html => Ok(page.into_bytes()),
            Form::Pdf => pdf::of(&page, &html::paper(self, Some(leak), lang), fonts),
            _ => Err(Fault::broken(msg!("report-leak-form"))),
        }
    }

    /// The whole: as the worst of its requirements.
    pub fn status(&self) -> Status {
        Status::of_all(self.assessed.iter().map(|one| one.status))
    }

    /// How many requirements stand so.
    pub fn count(&self, status: Status) -> usize {
        self.assessed.iter().filter(|one| one.status == status).count()
    }

    /// How each requirement stands, by its number.
    pub fn statuses(&self) -> BTreeMap<String, Status> {
        self.assessed.iter().map(|one| (one.requirement.number.clone(), one.status)).collect()
    }

    /// The findings that concern the framework: of its checks, and from outside about one of its requirements.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        let head = format!("{} ", self.framework.attach);
        self.register.iter().filter(move |case| match &case.origin {
            Origin::Check(seen) => self.judged.iter().any(|judged| judged.check.id == seen.check),
            Origin::Outside(added) => {
                added.requirements.is_empty() || added.requirements.iter().any(|name| name.starts_with(&head))
            }
        })
    }

    /// The findings that are open and press: what fails, what somebody from outside found, and what could not be judged; the most
    /// severe and oldest first.
    pub fn open(&self) -> Vec<&Case> {
        let is_open = |case: &&Case| case.state() == State::Open && case.nature() != Nature::Review;
        let mut open: Vec<&Case> = self.cases().filter(is_open).collect();
        open.sort_by_key(|case| (case.nature(), std::cmp::Reverse(case.severity()), case.first_seen));
        open
    }

    /// The names of findings that are open, for the next report to compare with.
    pub fn open_names(&self) -> Vec<Id> {
        self.open().into_iter().map(|case| case.id.clone()).collect()
    }

    /// The exceptions in force.
    pub fn exceptions(&self) -> Vec<&Case> {
        self.cases().filter(|case| case.state() == State::Accepted).collect()
    }

    /// The findings from outside: 監査指摘.
    pub fn from_outside(&self) -> Vec<&Case> {
        self.cases().filter(|case| case.nature() == Nature::Outside).collect()
    }

    /// What is known of a finding of this run.
    fn case_of(&self, finding: &Finding) -> Option<&Case> {
        finding.known.as_ref().and_then(|known| self.register.get(&known.id))
    }

    /// The documents that are attached for a requirement.
    fn documents_of(&self, one: &Assessed<'_>) -> impl Iterator<Item = &Document> {
        let name = self.framework.attach_name(one.requirement);
        self.documents.iter().filter(move |document| document.requirement == name)
    }

    /// A time in the report's zone, to the second.
    fn local(&self, time: Timestamp) -> String {
        self.shown(time, "%Y-%m-%d %H:%M:%S")
    }

    /// The day of a time in the report's zone.
    fn day(&self, time: Timestamp) -> String {
        self.shown(time, "%Y-%m-%d")
    }

    fn shown(&self, time: Timestamp, how: &str) -> String {
        let utc = time.to_utc();
        utc.map_or_else(|| time.to_string(), |utc| utc.with_timezone(&self.made.zone).format(how).to_string())
    }

    /// How many days a finding was open up to the report.
    fn age(&self, case: &Case) -> i64 {
        (self.made.at.0 - case.open_since.0).max(0) / 86_400_000_000
    }
}
