//! Reports that were made: each is a record of its own, with the SHA-256 of its file and what it said, so that the next one can say
//! what changed.
//!
//! ```text
//! {"action":"report.made", …, "details":{"framework":"pci-dss","from":"…","to":"…","format":"html","lang":"ja","file":"q3.html",
//!   "sha256":"…","bytes":81234,"tree_size":40,"statuses":{"10.1.1":"pass",…},"open":["F-…"]}}
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shoseki_comply::checks::{Row, Rows, Status};
use shoseki_comply::findings::{Id, by, stamp};
use shoseki_event::Timestamp;

/// The action of a report that was made.
pub const MADE: &str = "report.made";

/// The question for all reports that were made; an auditor can ask the same.
pub const REPORTS: &str = "select time, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation = 'report.made'\norder by time";

/// What the record of a report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The framework, or what else it is about.
    pub framework: String,
    /// The beginning of its period.
    #[serde(with = "stamp")]
    pub from: Timestamp,
    /// The end.
    #[serde(with = "stamp")]
    pub to: Timestamp,
    /// Its format.
    pub format: String,
    /// Its language.
    pub lang: String,
    /// The file, as it was asked for; nothing where it went to standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// The tree that was asked.
    #[serde(default)]
    pub tree_size: u64,
    /// How each requirement stood, by its number.
    #[serde(default)]
    pub statuses: BTreeMap<String, Status>,
    /// The findings that were open.
    #[serde(default)]
    pub open: Vec<Id>,
}

/// A report that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// When.
    pub at: Timestamp,
    /// By whom, as the machine knows the person.
    pub by: Option<String>,
    /// The record.
    pub record: String,
    /// What it says.
    pub said: Note,
}

impl Made {
    /// All that there are, from the rows of [`REPORTS`], in the order of their times.
    pub fn all(rows: &Rows) -> Vec<Self> {
        let made = |row: Row<'_>| {
            let mut event: Value = serde_json::from_str(row.text("raw")).ok()?;
            let details = event["details"].take();
            let said = serde_json::from_value(details).ok().filter(|_| event["outcome"] == "success")?;
            Some(Self { at: row.time("time")?, by: by(&event["actor"]), record: row.text("record").to_owned(), said })
        };
        let mut all: Vec<Self> = rows.iter().filter_map(made).collect();
        all.sort_by(|a, b| (a.at, &a.record).cmp(&(b.at, &b.record)));
        all
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let said = &self.said;
        serde_json::json!({
            "at": self.at.to_string(), "by": self.by, "record": self.record, "framework": said.framework,
            "from": said.from.to_string(), "to": said.to.to_string(), "format": said.format, "lang": said.lang, "file": said.file,
            "sha256": said.sha256, "bytes": said.bytes, "tree_size": said.tree_size,
        })
    }
}

/// The reports that one is compared with: the last of the same period, and the last of a period that ended before.
pub fn before<'a>(all: &'a [Made], framework: &str, (from, to): (Timestamp, Timestamp)) -> Vec<&'a Made> {
    let of_framework = || all.iter().rev().filter(|made| made.said.framework == framework);
    let is_same = |made: &&Made| made.said.from == from && made.said.to == to;
    let same = of_framework().find(is_same);
    // A period that goes on up to now ends later each time: what begins alike is the same one.
    let same = same.or_else(|| of_framework().find(|made| made.said.from == from && made.said.to <= to));
    let earlier = of_framework().find(|made| made.said.from < from && made.said.to <= to);
    same.into_iter().chain(earlier).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(at: i64, from: i64, to: i64) -> Made {
        let said = Note {
            framework: "pci-dss".to_owned(),
            from: Timestamp(from),
            to: Timestamp(to),
            format: "html".to_owned(),
            lang: "en".to_owned(),
            file: None,
            sha256: String::new(),
            bytes: 0,
            tree_size: 0,
            statuses: BTreeMap::new(),
            open: Vec::new(),
        };
        Made { at: Timestamp(at), by: None, record: at.to_string(), said }
    }

    #[test]
    fn a_report_is_compared_with_the_last_of_its_period_and_of_the_one_before() {
        let all = [made(1, 0, 10), made(2, 0, 10), made(3, 10, 20), made(4, 10, 20), made(5, 20, 30)];
        let names = |period: (i64, i64)| {
            let before = before(&all, "pci-dss", (Timestamp(period.0), Timestamp(period.1)));
            before.into_iter().map(|made| made.record.clone()).collect::<Vec<String>>()
        };
        assert_eq!(names((10, 20)), ["4", "2"]);
        assert_eq!(names((20, 35)), ["5", "4"], "a period that goes on");
        assert_eq!(names((0, 10)), ["2"]);
        assert!(before(&all, "gdpr", (Timestamp(10), Timestamp(20))).is_empty());
    }

    #[test]
    fn what_did_not_come_to_its_end_was_not_made() {
        let note = serde_json::to_value(made(1, 0, 10).said).unwrap_or_default();
        let row = |outcome: &str| {
            let event = serde_json::json!({"outcome": outcome, "actor": {"user": "aiko"}, "details": note});
            [Timestamp(1).into(), event.to_string().as_str().into(), "s:1".into()]
        };
        let all = Made::all(&Rows::of(["time", "raw", "record"], vec![row("success"), row("failure")]));
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].by.as_deref(), all[0].said.to), (Some("aiko"), Timestamp(10)));
    }
}
