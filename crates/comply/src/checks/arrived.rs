//! Whether a kind of evidence arrived in the period: what the checks of each kind share.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::Query;
use super::days::{day_of, days};
use super::evidence::{Arrived, Evidence, FIRSTS};
use super::finding::Finding;
use super::scope::Kind;

/// The question: when each stream spoke first, and last, before the period's end.
pub(super) const QUERIES: &[Query] = &[Query::whole_sql(FIRSTS)];

#[derive(Default)]
struct Speaker {
    days: BTreeSet<i64>,
    records: u64,
    /// Its first and last record before the period's end, whenever that was.
    ever: Option<(Timestamp, Timestamp)>,
}

/// One finding for each account of CloudTrail, and for each stream of the other sources. Of a kind that is left out of the scope, and
/// said nothing in the period, what was before it is not asked.
pub(super) fn judge(kind: &Kind, evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut speakers: BTreeMap<String, Speaker> = BTreeMap::new();
    for row in evidence.answer(0).filter(|row| kind.sources.contains(&row.text("source"))) {
        let (Some(first), Some(last)) = (row.time("first"), row.time("last")) else { continue };
        let speaker = speakers.entry(name(row.text("stream"))).or_default();
        let (known_first, known_last) = speaker.ever.unwrap_or((first, last));
        speaker.ever = Some((known_first.min(first), known_last.max(last)));
    }
    for (stream, arrived) in evidence.arrivals.of_sources(kind.sources) {
        speakers.entry(name(stream)).or_default().add(arrived);
    }
    let is_silent = speakers.values().all(|speaker| speaker.records == 0);
    if speakers.is_empty() || (is_silent && evidence.scope.left_out(kind).is_some()) {
        return vec![kind.missing(evidence)];
    }
    speakers.into_iter().map(|(name, speaker)| speaker.finding(name, kind, evidence)).collect()
}

/// The account of a stream of CloudTrail, whose regions may be silent; else the stream.
fn name(stream: &str) -> String {
    let mut parts = stream.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("cloudtrail"), Some(account), Some(_)) => format!("cloudtrail/{account}"),
        _ => stream.to_owned(),
    }
}

impl Speaker {
    fn add(&mut self, arrived: &Arrived) {
        self.days.extend(&arrived.days);
        self.records += arrived.records;
        if let (Some(first), Some(last)) = (arrived.first, arrived.last) {
            let (known_first, known_last) = self.ever.unwrap_or((first, last));
            self.ever = Some((known_first.min(first), known_last.max(last)));
        }
    }

    fn finding(self, name: String, kind: &Kind, evidence: &Evidence<'_>) -> Finding {
        let (first, last) = self.ever.unwrap_or((evidence.period.to, evidence.period.to));
        if self.records == 0 && !kind.is_daily {
            return Finding::no_evidence(name, msg!("check-found-silent", last = evidence.date(last)));
        }
        let silent: Vec<i64> = evidence.days.iter().copied().filter(|day| !self.days.contains(day)).collect();
        let begun = day_of(first, evidence.zone);
        let (before, after): (Vec<i64>, Vec<i64>) = silent.into_iter().partition(|day| *day < begun);
        let spoken = self.days.len();
        let finding = if !kind.is_daily || name.ends_with("/unknown") {
            Finding::pass(name, msg!("check-found-arrived", records = self.records, days = spoken))
        } else if !after.is_empty() && self.is_rare() {
            let what = msg!("check-found-rare", days = spoken, silent = days(&after), records = self.records);
            Finding::no_evidence(name, what)
        } else if !after.is_empty() {
            let what =
                msg!("check-found-silent-days", count = after.len(), days = days(&after), records = self.records);
            Finding::fail(name, what)
        } else if !before.is_empty() {
            let what =
                msg!("check-found-begins", first = evidence.date(first), count = before.len(), records = self.records);
            Finding::no_evidence(name, what)
        } else if self.records == 0 {
            Finding::no_evidence(name, msg!("check-found-silent", last = evidence.date(last)))
        } else {
            Finding::pass(name, msg!("check-found-arrived", records = self.records, days = spoken))
        };
        finding.of_events(self.records, None, None)
    }

    /// Whether it speaks on fewer than nine of ten days from its first to its last in the period: an account in which little happens.
    /// One that spoke every day and fell silent is none.
    fn is_rare(&self) -> bool {
        let Some((first, last)) = self.days.first().zip(self.days.last()) else { return false };
        let spoken = i64::try_from(self.days.len()).unwrap_or(i64::MAX);
        spoken.saturating_mul(10) < (last - first + 1).saturating_mul(9)
    }
}

/// For tests of the kinds: rows of the question.
#[cfg(test)]
pub(super) fn firsts(rows: &[(&str, &str, &str, &str)]) -> super::Rows {
    let time = |text: &str| super::Cell::Time(Timestamp::parse(text).unwrap_or_default());
    let row = |(source, stream, first, last): &(&str, &str, &str, &str)| {
        [(*source).into(), (*stream).into(), time(first), time(last), super::Cell::Number(1)]
    };
    super::Rows::of(["source", "stream", "first", "last", "records"], rows.iter().map(row).collect())
}
