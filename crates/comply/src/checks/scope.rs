//! The scope: which kinds of evidence the estate that is judged should have.
//!
//! All of them, until a person says that the estate has none of a kind, with the reason: a record of its own, which counts for a year,
//! as PCI DSS 12.5.2 has the scope confirmed each twelve months. A kind that is left out and speaks all the same is judged.
//!
//! ```text
//! {"action":"scope.exclude", …, "actor":{"user":"aiko"}, "details":{"kind":"database","reason":"…","approved_by":"…"}}
//! {"action":"scope.include", …, "details":{"kind":"database"}}
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, lookup, msg};

use super::days::DAY;
use super::evidence::{Evidence, Period};
use super::finding::Finding;
use super::rows::{Row, Rows};
use crate::findings::by;

/// The action of who leaves a kind out.
pub const EXCLUDE: &str = "scope.exclude";
/// The action of who takes it in again.
pub const INCLUDE: &str = "scope.include";

/// The question for all that was said of the scope; an auditor can ask the same.
pub const SCOPE: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation in ('scope.exclude', 'scope.include') and status = 'success'\norder by time, \"@ptr\"";

/// For how many days after it was said a statement counts: a year, and the day on which it is said again.
pub const VALID_DAYS: i64 = 366;

/// A kind of evidence: what one part of an estate says.
#[derive(Debug)]
pub struct Kind {
    /// Its name: `database`.
    pub name: &'static str,
    /// The sources that it comes from; each of them will do.
    pub sources: &'static [&'static str],
    /// Whether it speaks every day where it works.
    pub is_daily: bool,
}

/// Calls of AWS.
pub const CLOUDTRAIL: Kind = Kind { name: "cloudtrail", sources: &["cloudtrail"], is_daily: true };
/// AWS Config: where nothing changes it may be silent for days.
pub const CONFIG: Kind = Kind { name: "config", sources: &["config"], is_daily: false };
/// Calls of Kubernetes.
pub const K8S_AUDIT: Kind = Kind { name: "k8s-audit", sources: &["k8s-audit"], is_daily: true };
/// Falco: where nothing strikes it, it may be silent for days.
pub const FALCO: Kind = Kind { name: "falco", sources: &["falco"], is_daily: false };
/// Applications' own audit logs.
pub const APP: Kind = Kind { name: "app", sources: &["app"], is_daily: false };
/// Audit logs of databases.
pub const DATABASE: Kind = Kind { name: "database", sources: &["mariadb-audit", "pgaudit"], is_daily: false };

/// All kinds, in the handbook's order.
pub static KINDS: [&Kind; 6] = [&CLOUDTRAIL, &CONFIG, &K8S_AUDIT, &FALCO, &APP, &DATABASE];

impl Kind {
    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }

    /// What it is, in a language.
    pub fn title(&self, lang: Lang) -> String {
        lookup(&format!("check-kind-{}", self.name), lang).unwrap_or_default()
    }

    /// Whether it arrived in the period.
    pub(super) fn has_arrived(&self, evidence: &Evidence<'_>) -> bool {
        evidence.arrivals.has(self.sources)
    }

    /// What is said where none of it arrived in the period: that it is left out of the scope, or that there is nothing to judge by.
    pub(super) fn missing(&self, evidence: &Evidence<'_>) -> Finding {
        let subject = self.sources.join(", ");
        let Some(out) = evidence.scope.left_out(self) else {
            return Finding::no_evidence(subject, msg!("check-found-kind-missing", kind = self.name));
        };
        let (said, when) = (&out.said, evidence.date(out.at));
        let who = said.approved_by.as_deref().or(out.by.as_deref()).unwrap_or("?");
        match out.counts_for(evidence.period) {
            true => {
                let what = msg!("check-found-left-out", reason = said.reason.as_str(), who = who, when = when);
                Finding::not_applicable(subject, what).proved_by([out.record.clone()])
            }
            false => {
                let what = msg!("check-found-left-out-long-ago", kind = self.name, when = when);
                Finding::no_evidence(subject, what).proved_by([out.record.clone()])
            }
        }
    }
}

/// What the record of who leaves a kind out says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The kind, by its name.
    pub kind: String,
    /// Why the estate has none of it.
    pub reason: String,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// What the record of who takes a kind in says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inclusion {
    /// The kind, by its name.
    pub kind: String,
}

/// A kind that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// When it was said.
    pub at: Timestamp,
    /// Who said it, as the machine knows the person.
    pub by: Option<String>,
    /// The record.
    pub record: String,
    /// What it says.
    pub said: Exclusion,
}

impl LeftOut {
    /// The last moment at which a period may end that it counts for.
    pub fn until(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(VALID_DAYS * DAY))
    }

    /// Whether it counts for a period. What is said afterwards counts for what was before.
    pub fn counts_for(&self, period: Period) -> bool {
        period.to <= self.until()
    }
}

/// What was said of the scope.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    out: BTreeMap<&'static str, LeftOut>,
}

impl Scope {
    /// From the rows of [`SCOPE`]: of each kind the latest counts. What names no kind of ours is of a newer program, and left alone.
    pub fn of(rows: &Rows) -> Self {
        let mut scope = Self::default();
        for row in rows.iter() {
            scope.add(row);
        }
        scope
    }

    fn add(&mut self, row: Row<'_>) -> Option<()> {
        let mut event: Value = serde_json::from_str(row.text("raw")).ok()?;
        let details = event["details"].take();
        if row.text("operation") == INCLUDE {
            let said: Inclusion = serde_json::from_value(details).ok()?;
            self.out.remove(said.kind.as_str());
            return Some(());
        }
        let said: Exclusion = serde_json::from_value(details).ok()?;
        let kind = Kind::find(&said.kind)?;
        let record = row.text("record").to_owned();
        self.out.insert(kind.name, LeftOut { at: row.time("time")?, by: by(&event["actor"]), record, said });
        Some(())
    }

    /// The statement that leaves a kind out, where the latest does.
    pub fn left_out(&self, kind: &Kind) -> Option<&LeftOut> {
        self.out.get(kind.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{acts, arrivals, scoped};
    use super::super::{Arrivals, Cell, find};
    use super::*;

    fn scope(said: &[(&str, &str, &str)]) -> Scope {
        let row = |(at, action, details): &(&str, &str, &str)| {
            let raw = format!(r#"{{"actor":{{"user":"aiko"}},"details":{details}}}"#);
            let at = Cell::Time(Timestamp::parse(at).unwrap());
            [at, (*action).into(), raw.as_str().into(), "s:7".into()]
        };
        Scope::of(&Rows::of(["time", "operation", "raw", "record"], said.iter().map(row).collect()))
    }

    const OUT: &str = r#"{"kind":"database","reason":"nothing keeps data here"}"#;
    const FULL: [i64; 5] = [2, 3, 4, 5, 6];

    fn refusals(arrived: &Arrivals, scope: &Scope) -> Vec<String> {
        let check = find("evidence_refusals_are_listed", &[]).unwrap();
        let lines = scoped(check, arrived, scope, vec![acts(&[])]);
        lines.iter().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn one_source_does_not_speak_for_an_estate() {
        let none = Scope::default();
        let database = arrivals(&[("mariadb-audit/shop", &FULL)]);
        assert_eq!(
            refusals(&database, &none),
            ["no_evidence cloudtrail", "no_evidence k8s-audit", "no_evidence app"],
            "a database knows no refusal of AWS"
        );
        let both: [(&str, &[i64]); 2] = [("cloudtrail/1/us-east-1", &FULL), ("k8s-audit/prod", &FULL)];
        assert_eq!(refusals(&arrivals(&both), &none), ["no_evidence app", "no_evidence mariadb-audit, pgaudit"]);
        let three = [both[0], both[1], ("app/shop", &[3][..])];
        let out = scope(&[("2026-02-01T00:00:00Z", EXCLUDE, OUT)]);
        assert_eq!(
            refusals(&arrivals(&three), &out),
            ["pass app, cloudtrail, k8s-audit", "not_applicable mariadb-audit, pgaudit"]
        );
        // A kind that speaks each day must do so: another's records do not fill its silence.
        let silent: [(&str, &[i64]); 3] = [both[0], ("k8s-audit/prod", &[2, 3]), ("app/shop", &FULL)];
        assert_eq!(refusals(&arrivals(&silent), &out)[0], "no_evidence k8s-audit");
    }

    #[test]
    fn a_statement_counts_for_a_year_and_until_it_is_taken_back() {
        let arrived = |scope: &Scope, streams: &[(&str, &[i64])]| {
            let check = find("evidence_database_arrived", &[]).unwrap();
            let found = scoped(check, &arrivals(streams), scope, vec![Rows::default()]);
            found[0].split(':').next().unwrap_or_default().to_owned()
        };
        let (old, new) = (("2025-03-05T00:00:00Z", EXCLUDE, OUT), ("2026-04-01T00:00:00Z", EXCLUDE, OUT));
        let back = ("2026-04-02T00:00:00Z", INCLUDE, r#"{"kind":"database"}"#);
        assert_eq!(arrived(&scope(&[new]), &[]), "not_applicable mariadb-audit, pgaudit", "said after the period");
        assert_eq!(arrived(&scope(&[old]), &[]), "no_evidence mariadb-audit, pgaudit", "a year and two days before");
        assert_eq!(arrived(&scope(&[new, back]), &[]), "no_evidence mariadb-audit, pgaudit");
        assert_eq!(arrived(&scope(&[back, new]), &[]), "not_applicable mariadb-audit, pgaudit", "the later counts");
        assert_eq!(arrived(&scope(&[new]), &[("pgaudit/shop", &FULL)]), "pass pgaudit/shop", "it speaks all the same");
        let other = ("2026-04-01T00:00:00Z", EXCLUDE, r#"{"kind":"quantum","reason":"-"}"#);
        assert_eq!(arrived(&scope(&[other]), &[]), "no_evidence mariadb-audit, pgaudit");
    }
}
