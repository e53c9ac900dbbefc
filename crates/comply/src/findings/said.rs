//! The records that the register is folded from, as they are written and read: what a run found, and what people said.
//!
//! ```text
//! {"action":"check.run", …, "details":{…, "from":"…","to":"…",
//!   "looked":{"from":"live","places":["111122223333","111122223333 us-east-1"]},
//!   "judged":[{"check":"vault_is_anchored","status":"fail","found":{"F-…":null}},
//!             {"check":"kms_key_rotates","status":"no_evidence","is_placed":true,"hidden":["111122223333 us-east-1"],"found":{}},
//!             {"check":"evidence_root_use_is_listed","status":"no_evidence","is_blind":true,"found":{"F-…":"<its last event>"},"passed":["F-…"]}]}}
//! {"action":"finding.seen", …, "details":{"finding":"F-…","check":"…","subject":"…","status":"fail",…}}
//! {"action":"finding.accept", …, "details":{"finding":"F-…","owner":"…","reason":"…","until":"2026-12-31","end":"2027-01-01T00:00:00Z"}}
//! ```
//!
//! A run says of each finding that it is still so by its name alone. The whole of a finding stands in a record of its own
//! (`finding.seen`) where it is new or has changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shoseki_event::Timestamp;

use super::id::Id;
use crate::checks::{Period, Row, Severity, Status};

/// A run of checks.
pub const RUN: &str = "check.run";
/// A finding as a run found it, where it is new or has changed.
pub const SEEN: &str = "finding.seen";
/// A finding from outside was entered.
pub const ADDED: &str = "finding.add";
/// A cause was found.
pub const CAUSE: &str = "finding.cause";
/// A measure was taken.
pub const MEASURE: &str = "finding.measure";
/// An exception was made.
pub const ACCEPTED: &str = "finding.accept";
/// A remark.
pub const NOTED: &str = "finding.note";
/// A person says that it is done.
pub const RESOLVED: &str = "finding.resolve";

/// The question for all records that say something of findings; an auditor can ask the same.
pub const RECORDS: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation in ('check.run', 'finding.seen', 'finding.add', 'finding.cause', 'finding.measure', \
     'finding.accept', 'finding.note', 'finding.resolve')\norder by time";

/// A time in JSON: RFC 3339.
pub mod stamp {
    use serde::{Deserialize, Deserializer, Serializer};
    use shoseki_event::Timestamp;

    /// Writes one.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).map_err(|_| serde::de::Error::custom("expected a time"))
    }
}

/// A time in JSON that may be absent.
pub(crate) mod stamp_or_none {
    use serde::{Deserialize, Deserializer, Serializer};
    use shoseki_event::Timestamp;

    pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| Timestamp::parse(&text).ok()))
    }
}

/// A text in both languages, as it was said then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    /// In English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
}

/// Who told a run what exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Teller {
    /// AWS's API, now or when an inventory was sealed.
    #[default]
    Live,
    /// Items of AWS Config.
    AwsConfig,
    /// Files of code: what is to be made, and not what is.
    Code,
}

impl Teller {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::AwsConfig => "aws-config",
            Self::Code => "code",
        }
    }
}

/// Where a run looked: it says nothing of other places, and of what another told it nothing either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looking {
    /// Who told.
    pub from: Teller,
    /// The accounts, and each of their regions: `111122223333`, `111122223333 us-east-1`; of code, files and folders.
    pub places: BTreeSet<String>,
}

impl Looking {
    /// Whether it looked at a place: at the place itself, or, of code, at a folder that it lies in.
    pub fn has(&self, place: &str) -> bool {
        let is_below = |root: &String| {
            let rest = place.strip_prefix(root.as_str());
            rest.is_some_and(|rest| rest.is_empty() || root.ends_with('/') || rest.starts_with('/'))
        };
        match self.from {
            Teller::Code => self.places.iter().any(is_below),
            Teller::Live | Teller::AwsConfig => self.places.contains(place),
        }
    }
}

/// What a run said of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedCheck {
    /// The check.
    pub check: String,
    /// How it stood.
    pub status: Status,
    /// Whether a part of it could not be judged: then what was not found may be there all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_blind: bool,
    /// What it found that is not plainly good, each with the time of its last event.
    #[serde(default)]
    pub found: BTreeMap<Id, Option<String>>,
    /// Whether it judged what is in places: then what was not found is gone only where the run looked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_placed: bool,
    /// Places in which something was not seen that could be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// Findings that were open, whose very subject passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Id>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Run {
    /// The period's beginning.
    #[serde(with = "stamp")]
    pub from: Timestamp,
    /// The period's end.
    #[serde(with = "stamp")]
    pub to: Timestamp,
    /// Where it looked, where it looked at accounts.
    #[serde(default)]
    pub looked: Option<Looking>,
    /// What was judged. Runs before there were findings have none.
    #[serde(default)]
    pub judged: Vec<JudgedCheck>,
}

impl Run {
    pub(super) fn period(&self) -> Period {
        Period { from: self.from, to: self.to }
    }
}

/// A finding as a run found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    pub finding: Id,
    /// The check.
    pub check: String,
    /// What it is about.
    pub subject: String,
    /// How much it matters.
    pub severity: Severity,
    /// How it stands.
    pub status: Status,
    /// Whether it is only for a person to look at.
    #[serde(default)]
    pub to_review: bool,
    /// What was found.
    pub what: Both,
    /// How many events it counts.
    #[serde(default)]
    pub events: u64,
    /// The time of the first of them.
    #[serde(with = "stamp_or_none", default)]
    pub first: Option<Timestamp>,
    /// The time of the last.
    #[serde(with = "stamp_or_none", default)]
    pub last: Option<Timestamp>,
    /// Records that prove it.
    #[serde(default)]
    pub records: Vec<String>,
    /// Requirements that its check is evidence for.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// The beginning of the period that was judged.
    #[serde(with = "stamp")]
    pub from: Timestamp,
    /// Its end.
    #[serde(with = "stamp")]
    pub to: Timestamp,
    /// The run, by the id of its record.
    pub run: String,
    /// Where its subject is, where it is in an account or in a file of code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who told of it, where somebody looked at accounts or at code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_by: Option<Teller>,
}

/// A finding from outside: 監査指摘.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Its name.
    pub finding: Id,
    /// Who found it.
    pub source: String,
    /// What it is called.
    pub title: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// The day by which it is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Requirements that it is about.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Documents, by the records that attach them.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Whoever is to see to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A last day, and the moment at which it is over in the zone of whoever set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day: `2026-12-31`.
    pub day: String,
    /// When it is over.
    #[serde(with = "stamp")]
    pub end: Timestamp,
}

/// A cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The finding.
    pub finding: Id,
    /// The cause.
    pub text: String,
}

/// A measure against recurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The finding.
    pub finding: Id,
    /// What is done.
    pub text: String,
    /// The day by which it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// The check that proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// An exception: it is known, and borne until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The finding.
    pub finding: Id,
    /// Who answers for it.
    pub owner: String,
    /// Why it is borne.
    pub reason: String,
    /// Its last day.
    pub until: Due,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The finding.
    pub finding: Id,
    /// What is said.
    pub text: String,
}

/// That a person says that it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolve {
    /// The finding.
    pub finding: Id,
    /// The cause, where it was not said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What was done, where it was not said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Why it is done though no check proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_proof: Option<String>,
    /// Documents that show it, by the records that attach them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A finding as a run found it.
    Seen(Box<Seen>),
    /// A run.
    Run(Box<Run>),
    /// A finding from outside.
    Added(Box<Added>),
    /// A cause.
    Cause(Cause),
    /// A measure.
    Measure(Measure),
    /// An exception.
    Accept(Accept),
    /// A remark.
    Note(Note),
    /// That it is done.
    Resolve(Resolve),
}

/// A record that says something of findings.
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
            RUN => Said::Run(Box::new(read(details)?)),
            SEEN => Said::Seen(Box::new(read(details)?)),
            ADDED => Said::Added(Box::new(read(details)?)),
            CAUSE => Said::Cause(read(details)?),
            MEASURE => Said::Measure(read(details)?),
            ACCEPTED => Said::Accept(read(details)?),
            NOTED => Said::Note(read(details)?),
            RESOLVED => Said::Resolve(read(details)?),
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

    /// What stands where in one moment: what is found before what is said of it.
    pub(super) fn order(&self) -> (Timestamp, u8, &str) {
        let rank = match self.said {
            Said::Added(_) => 0,
            Said::Seen(_) => 1,
            Said::Run(_) => 2,
            Said::Cause(_) => 3,
            Said::Measure(_) => 4,
            Said::Accept(_) => 5,
            Said::Note(_) => 6,
            Said::Resolve(_) => 7,
        };
        (self.at, rank, &self.id)
    }
}

/// Who it was: behind `sudo`, the user who called it.
pub fn by(actor: &Value) -> Option<String> {
    ["sudo_user", "user"].into_iter().find_map(|name| actor[name].as_str()).map(str::to_owned)
}

fn read<T: for<'de> Deserialize<'de>>(details: Value) -> Option<T> {
    serde_json::from_value(details).ok()
}
