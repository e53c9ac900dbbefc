//! The records that an incident is folded from, as they are written and read.
//!
//! ```text
//! {"action":"incident.open", …, "details":{"incident":"I-3K7Q2M8","title":"…","severity":"high","known":"2026-03-05T06:00:00Z",
//!   "match":"M-…","subjects":[{"kind":"address","value":"203.0.113.77"}],"records":["…"],"duties":["appi"]}}
//! {"action":"incident.contain", …, "details":{"incident":"I-3K7Q2M8","step":"S-…","command":"aws iam …","undo":"…","note":"…"}}
//! {"action":"incident.report", …, "details":{"incident":"I-3K7Q2M8","form":"appi-preliminary","file":"速報.pdf","sha256":"…",…}}
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shoseki_event::Timestamp;

use super::deadline::{Duty, Form};
use super::subject::Subject;
use crate::checks::{Row, Severity};
use crate::findings::{Due, Id, by, stamp, stamp_or_none};

/// An incident was opened.
pub const OPENED: &str = "incident.open";
/// A remark.
pub const NOTED: &str = "incident.note";
/// Records, subjects or duties were added.
pub const ADDED: &str = "incident.add";
/// A step of containment was run, by hand.
pub const CONTAINED: &str = "incident.contain";
/// A report was made.
pub const REPORTED: &str = "incident.report";
/// A cause, and a measure against recurrence.
pub const MEASURED: &str = "incident.measure";
/// It was closed.
pub const CLOSED: &str = "incident.close";

/// The question for all records that say something of incidents; an auditor can ask the same.
pub const RECORDS: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation in ('incident.open', 'incident.note', 'incident.add', 'incident.contain', \
     'incident.report', 'incident.measure', 'incident.close')\norder by time";

/// That an incident was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its name.
    pub incident: String,
    /// What it is called.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// When it became known: deadlines count from here.
    #[serde(with = "stamp")]
    pub known: Timestamp,
    /// The zone that its days are counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The match of a rule that it was opened from.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub of_match: Option<String>,
    /// The first event of that match: what is looked for begins before it, however late it became known.
    #[serde(default, with = "stamp_or_none", skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// Whom it is about.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Records that show it.
    #[serde(default)]
    pub records: Vec<String>,
    /// Whom it must be reported to.
    #[serde(default)]
    pub duties: Vec<Duty>,
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The incident.
    pub incident: String,
    /// What is said.
    pub text: String,
}

/// Records, subjects or duties, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {
    /// The incident.
    pub incident: String,
    /// Records, by their names.
    #[serde(default)]
    pub records: Vec<String>,
    /// Subjects.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Duties to report.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Why they belong to it.
    pub why: String,
}

/// A step of containment that somebody ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contain {
    /// The incident.
    pub incident: String,
    /// The step's name.
    pub step: String,
    /// What was to be run.
    pub command: String,
    /// What undoes it.
    pub undo: String,
    /// What whoever ran it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A report that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The incident.
    pub incident: String,
    /// Which report.
    pub form: Form,
    /// The name of its file.
    pub file: String,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// A measure against recurrence, or the cause of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The incident.
    pub incident: String,
    /// The cause, as it is known now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What is done.
    pub text: String,
    /// The check that proves it.
    pub check: String,
    /// The finding that stays open until the check passes.
    pub finding: Id,
    /// The day by which it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
}

/// That it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// The incident.
    pub incident: String,
    /// The cause, where it was not said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Why it is closed though something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despite: Option<String>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was opened.
    Open(Box<Open>),
    /// A remark.
    Note(Note),
    /// More of it.
    Add(Add),
    /// A step was run.
    Contain(Box<Contain>),
    /// A report was made.
    Made(Box<Made>),
    /// A measure.
    Measured(Box<Measured>),
    /// It was closed.
    Close(Close),
}

impl Said {
    /// The incident that it is about.
    pub fn incident(&self) -> &str {
        match self {
            Self::Open(said) => &said.incident,
            Self::Note(said) => &said.incident,
            Self::Add(said) => &said.incident,
            Self::Contain(said) => &said.incident,
            Self::Made(said) => &said.incident,
            Self::Measured(said) => &said.incident,
            Self::Close(said) => &said.incident,
        }
    }

    /// Its place among what was said in one moment.
    fn rank(&self) -> u8 {
        match self {
            Self::Open(_) => 0,
            Self::Close(_) => 2,
            _ => 1,
        }
    }
}

/// A record that says something of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, as the clock of the machine said.
    pub at: Timestamp,
    /// The event's own id.
    pub id: String,
    /// The record's name.
    pub record: String,
    /// Who, as the machine knows the person.
    pub by: Option<String>,
    /// What is said.
    pub said: Said,
}

impl Told {
    /// From a row of [`RECORDS`]. What did not come to its end, or is none of these, says nothing.
    pub fn of(row: Row<'_>) -> Option<Self> {
        let mut event: Value = serde_json::from_str(row.text("raw")).ok()?;
        if event["outcome"] != "success" || event["details"]["ended"] == "stopped" {
            return None;
        }
        let details = event["details"].take();
        let said = match row.text("operation") {
            OPENED => Said::Open(Box::new(serde_json::from_value(details).ok()?)),
            NOTED => Said::Note(serde_json::from_value(details).ok()?),
            ADDED => Said::Add(serde_json::from_value(details).ok()?),
            CONTAINED => Said::Contain(Box::new(serde_json::from_value(details).ok()?)),
            REPORTED => Said::Made(Box::new(serde_json::from_value(details).ok()?)),
            MEASURED => Said::Measured(Box::new(serde_json::from_value(details).ok()?)),
            CLOSED => Said::Close(serde_json::from_value(details).ok()?),
            _ => return None,
        };
        Some(Self {
            at: row.time("time")?,
            id: event["id"].as_str()?.to_owned(),
            record: row.text("record").to_owned(),
            by: by(&event["actor"]),
            said,
        })
    }

    /// Where it stands: by its time; in one moment what opens comes first, and what closes last.
    pub(super) fn order(&self) -> (Timestamp, u8, &str) {
        (self.at, self.said.rank(), &self.id)
    }
}
