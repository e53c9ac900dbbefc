//! A user's own check: a question, and a rule of data instead of a function.

use chrono_tz::Tz;
use shoseki_messages::{Message, msg};

use super::Evidence;
use super::days::{DAY, day_of, days as named};
use super::finding::Finding;
use super::listed::{thin, thin_of_all};

/// How the rows of a user's own question are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each row is a failure.
    NoRows,
    /// No row is a failure.
    SomeRows,
    /// Each row is for a person to look at, and nothing fails.
    Review,
    /// In each whole day of the period there are so many rows at least; the rows have a column `day`, and `events` where they
    /// are counted already.
    ADay(u64),
}

impl Rule {
    /// The rule of a name in data: `no_rows`, `some_rows`, `review`, `at_least_N_a_day`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "no_rows" => Some(Self::NoRows),
            "some_rows" => Some(Self::SomeRows),
            "review" => Some(Self::Review),
            _ => {
                let least = name.strip_prefix("at_least_")?.strip_suffix("_a_day")?.parse().ok()?;
                (least > 0).then_some(Self::ADay(least))
            }
        }
    }

    /// What it says.
    pub fn text(self) -> Message {
        match self {
            Self::NoRows => msg!("check-rule-no-rows"),
            Self::SomeRows => msg!("check-rule-some-rows"),
            Self::Review => msg!("check-rule-review"),
            Self::ADay(least) => msg!("check-rule-a-day", least = least),
        }
    }

    /// Judges. Over a period without any evidence, nothing is said.
    pub(super) fn judge(self, id: &str, source: Option<&str>, evidence: &Evidence<'_>) -> Vec<Finding> {
        let rows: Vec<_> = evidence.answer(0).collect();
        let count = rows.len();
        if evidence.arrivals.streams.is_empty() && count == 0 {
            return vec![Finding::no_evidence(id, msg!("check-found-nothing-arrived"))];
        }
        if let Some(hint) = evidence.rows.first().and_then(|rows| rows.unknown().first()).filter(|_| count == 0) {
            return vec![Finding::no_evidence(id, msg!("check-found-unknown-field", why = vec![hint.clone()]))];
        }
        let records = || rows.iter().map(|row| ["@ptr", "record"].map(|name| row.text(name)).concat());
        let of = |finding: Finding| finding.of_events(count as u64, None, None).proved_by(records());
        let finding = match self {
            Self::NoRows if count == 0 => Finding::pass(id, msg!("check-found-no-rows")),
            Self::NoRows => of(Finding::fail(id, msg!("check-found-rows", count = count))),
            Self::SomeRows if count == 0 => Finding::fail(id, msg!("check-found-no-rows")),
            Self::Review if count == 0 => Finding::pass(id, msg!("check-found-no-rows")),
            Self::SomeRows => of(Finding::pass(id, msg!("check-found-rows", count = count))),
            Self::Review => of(Finding::pass(id, msg!("check-found-rows", count = count)).to_review()),
            Self::ADay(least) => by_days(id, least, evidence),
        };
        // That nothing was found is said of days on which something could be.
        let is_of_nothing = count == 0 && matches!(self, Self::NoRows | Self::Review);
        let thin = is_of_nothing.then(|| match source {
            Some("shoseki") => None, // what we do, nobody does every day
            Some(source) => thin(&[source], evidence),
            None => thin_of_all(evidence),
        });
        let thin = thin.flatten();
        thin.into_iter().chain(Some(finding)).collect()
    }
}

fn by_days(id: &str, least: u64, evidence: &Evidence<'_>) -> Finding {
    let mut counts = std::collections::BTreeMap::<i64, u64>::new();
    // `date_trunc` of SQL has days of UTC, `bin(1d)` those of the zone.
    let is_utc = evidence.answer(0).filter_map(|row| row.time("day")).all(|day| day.0.rem_euclid(DAY) == 0);
    let zone = if is_utc { Tz::UTC } else { evidence.zone };
    for row in evidence.answer(0) {
        let Some(day) = row.time("day") else {
            return Finding::no_evidence(id, msg!("check-found-no-day"));
        };
        let events = if row.count("events") > 0 { row.count("events") } else { 1 };
        *counts.entry(day_of(day, zone)).or_default() += events;
    }
    let days = evidence.period.whole_days(zone);
    let few = days.iter().copied().filter(|day| counts.get(day).copied().unwrap_or_default() < least);
    let few: Vec<i64> = few.collect();
    match (few.is_empty(), days.len()) {
        (_, 0) => Finding::no_evidence(id, msg!("check-found-no-whole-day")),
        (true, days) => Finding::pass(id, msg!("check-found-each-day", days = days, least = least)),
        (false, _) => {
            Finding::fail(id, msg!("check-found-few-days", least = least, count = few.len(), days = named(&few)))
        }
    }
}
