//! The review of a day: what a person is shown before he signs that he looked, and what is known of days that were reviewed.
//!
//! A digest is questions and pure judgement, as checks are. It has what happened, what failed, what is new against the thirty days
//! before, and what is open; the same questions can be asked with `shoseki query`.

mod ask;
mod done;
mod fresh;

use chrono_tz::Tz;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shoseki_event::Timestamp;

pub use ask::{CHECKS_OF_A_DAY, digest};
pub use done::{DIGEST, DONE, Done, Hole, LATEST, Note, REVIEWS, Reviews};
pub use fresh::{Fresh, Names, New};

use crate::checks::{Finding, Judged};
use crate::findings::{Nature, Register, State};

/// How many of a list are in the digest.
pub(crate) const MOST: usize = 100;

/// A day in somebody's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// `2026-03-05`.
    pub name: String,
    /// The zone.
    pub zone: Tz,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which does not belong to it.
    pub to: Timestamp,
}

/// What a source said on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its events.
    pub events: u64,
    /// How many of them failed or were refused.
    pub failed: u64,
    /// How many it had on a day, since it spoke first within the thirty days before.
    pub usual: u64,
}

/// Who did how much on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub name: String,
    /// Events.
    pub events: u64,
    /// How many of them failed or were refused.
    pub failed: u64,
    /// One of them.
    pub record: String,
}

/// A day's digest.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The day.
    pub day: Day,
    /// When it was made.
    pub made: Timestamp,
    /// The tree that was asked.
    pub tree_size: u64,
    /// What happened, by source, the busiest first.
    pub sources: Vec<Source>,
    /// The busiest, and those who failed most.
    pub principals: Vec<Principal>,
    /// How many did something.
    pub principals_in_all: u64,
    /// Who read evidence here, or handled keys: who, what, how often.
    pub accesses: Vec<(String, String, u64)>,
    /// What was not there in the thirty days before.
    pub fresh: Fresh,
    /// What checks of the day found.
    pub checks: Vec<Judged<'static>>,
    /// The findings as they stood when it was made.
    pub findings: Findings,
}

/// Findings as they stood, by their whole names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many are open, by what they are.
    pub open: Vec<(Nature, u64)>,
    /// How many exceptions are in force.
    pub accepted: u64,
    /// Those that were found for the first time on the day.
    pub new: Vec<String>,
    /// Those that are overdue.
    pub overdue: Vec<String>,
    /// Those whose exception ended.
    pub ended: Vec<String>,
}

impl Findings {
    /// From the register.
    pub(crate) fn of(register: &Register, day: &Day) -> Self {
        let names = |is: &dyn Fn(&crate::findings::Case) -> bool| {
            register.iter().filter(|case| is(case)).map(|case| case.id.to_string()).take(MOST).collect()
        };
        let natures = [Nature::Fail, Nature::Outside, Nature::NoEvidence, Nature::Review];
        let count =
            |nature: Nature| register.in_state(State::Open).filter(|case| case.nature() == nature).count() as u64;
        Self {
            open: natures.map(|nature| (nature, count(nature))).to_vec(),
            accepted: register.in_state(State::Accepted).count() as u64,
            new: names(&|case| (day.from..day.to).contains(&case.first_seen)),
            overdue: names(&|case| case.overdue(register.at).is_some()),
            ended: names(&|case| case.state() == State::Open && case.ended.is_some()),
        }
    }
}

impl Digest {
    /// How many events the day has.
    pub fn events(&self) -> u64 {
        self.sources.iter().map(|source| source.events).sum()
    }

    /// How many of them failed or were refused.
    pub fn failed(&self) -> u64 {
        self.sources.iter().map(|source| source.failed).sum()
    }

    /// How many failures, and how many things to look at, the checks of the day found.
    pub fn found(&self) -> (usize, usize) {
        let all = || self.checks.iter().flat_map(|judged| &judged.findings);
        let failures = all().filter(|finding| finding.status == crate::checks::Status::Fail).count();
        (failures, all().filter(|finding| finding.is_to_review).count())
    }

    /// What the record of a review says of it, so that it can be read without the digest.
    pub fn counts(&self) -> Value {
        let (failures, to_review) = self.found();
        let open: u64 = self.findings.open.iter().map(|(_, count)| count).sum();
        json!({
            "events": self.events(),
            "failed": self.failed(),
            "principals": self.principals_in_all,
            "new_streams": self.fresh.streams.count,
            "new_principals": self.fresh.principals.count,
            "new_operations": self.fresh.operations.count,
            "new_addresses": self.fresh.addresses.count,
            "failures": failures,
            "to_review": to_review,
            "open_findings": open,
            "overdue_findings": self.findings.overdue.len(),
        })
    }

    /// As JSON. It has texts and whole numbers only, so its compact form with sorted members is one sequence of bytes.
    pub fn to_json(&self) -> Value {
        let source = |source: &Source| json!({"source": source.name, "events": source.events, "failed": source.failed, "usual": source.usual});
        let principal = |one: &Principal| json!({"actor": one.name, "events": one.events, "failed": one.failed, "record": one.record});
        let check = |judged: &Judged<'_>| {
            let told = |finding: &&Finding| finding.is_to_review || finding.status != crate::checks::Status::Pass;
            json!({
                "check": judged.check.id,
                "status": judged.status().name(),
                "findings": judged.findings.iter().filter(told).take(MOST).map(Finding::to_json).collect::<Vec<_>>(),
                "count": judged.findings.iter().filter(told).count(),
            })
        };
        let findings = &self.findings;
        let open = findings.open.iter().map(|(nature, count)| (nature.name().to_owned(), json!(count)));
        json!({
            "day": self.day.name,
            "zone": self.day.zone.name(),
            "from": self.day.from.to_string(),
            "to": self.day.to.to_string(),
            "made": self.made.to_string(),
            "tree_size": self.tree_size,
            "counts": self.counts(),
            "sources": self.sources.iter().map(source).collect::<Vec<_>>(),
            "principals": self.principals.iter().map(principal).collect::<Vec<_>>(),
            "accesses": self.accesses.iter().map(|(who, what, times)| json!([who, what, times])).collect::<Vec<_>>(),
            "new": self.fresh.to_json(),
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
            "findings": {
                "open": Value::Object(open.collect()),
                "accepted": findings.accepted,
                "new": findings.new,
                "overdue": findings.overdue,
                "exceptions_ended": findings.ended,
            },
        })
    }
}

/// The SHA-256, in hexadecimal, of a digest's JSON in its compact form.
pub fn sha256(digest: &Value) -> String {
    let bytes = Sha256::digest(digest.to_string());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) use tests::reviewed;

#[cfg(test)]
mod tests;
