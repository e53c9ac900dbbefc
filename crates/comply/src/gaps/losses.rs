//! Losses of which senders tell, as they come: which of them nobody was told of yet. A stream is told of once an hour at most, with
//! all that came meanwhile; nothing of it is told twice, and nothing is left out.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;

use super::{Gap, Kind};

/// For how long a stream is not told of again.
const QUIET: i64 = 3_600 * 1_000_000;
/// How long ago a loss may be that is told when it is first seen.
pub(super) const RECENT: i64 = 24 * 3_600 * 1_000_000;

/// What is known of losses that were told.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// By stream: up to which time losses were told before this process began, and when.
    before: BTreeMap<String, (Timestamp, Timestamp)>,
    /// By stream: when it was last told of.
    last: BTreeMap<String, Timestamp>,
    /// Those that were told, or wait, by their stream and time.
    known: BTreeSet<(String, Timestamp)>,
    waiting: BTreeMap<String, Vec<Gap>>,
}

impl Losses {
    /// After what was told before.
    pub(super) fn begin(before: BTreeMap<String, (Timestamp, Timestamp)>) -> Self {
        let last = before.iter().map(|(stream, (_, told))| (stream.clone(), *told)).collect();
        Self { before, last, ..Self::default() }
    }

    /// Takes what was heard, and gives what is to be told now, a stream as one.
    pub(super) fn take(&mut self, heard: Vec<Gap>, now: Timestamp) -> Vec<Gap> {
        for gap in heard {
            let is_old = now.0.saturating_sub(gap.from.0) >= RECENT;
            let was_told = self.before.get(&gap.stream).is_some_and(|(until, _)| gap.from <= *until);
            if !is_old && !was_told && self.known.insert((gap.stream.clone(), gap.from)) {
                self.waiting.entry(gap.stream.clone()).or_default().push(gap);
            }
        }
        self.known.retain(|(_, at)| now.0.saturating_sub(at.0) < RECENT);
        let is_due = |last: Option<&Timestamp>| last.is_none_or(|last| now.0.saturating_sub(last.0) >= QUIET);
        let due: Vec<String> = self.waiting.keys().filter(|stream| is_due(self.last.get(*stream))).cloned().collect();
        let mut told = Vec::new();
        for stream in due {
            told.extend(self.waiting.remove(&stream).and_then(joined));
            self.last.insert(stream, now);
        }
        told
    }
}

/// Losses of a stream as one: from the first to the last, with what was said of the first.
fn joined(losses: Vec<Gap>) -> Option<Gap> {
    let from = losses.iter().map(|gap| gap.from).min()?;
    let to = losses.iter().map(|gap| gap.to.unwrap_or(gap.from)).max();
    let counts: Vec<u64> = losses.iter().filter_map(|gap| gap.lost).collect();
    let lost = (!counts.is_empty()).then(|| counts.iter().fold(0_u64, |all, count| all.saturating_add(*count)));
    let first = losses.into_iter().min_by_key(|gap| gap.from)?;
    Some(Gap { kind: Kind::Lost, from, to, lost, ..first })
}

#[cfg(test)]
mod tests {
    use super::super::{minute, silent, time};
    use super::*;

    fn loss(stream: &str, at: i64, lost: u64) -> Gap {
        let said = Some(format!("at {at}"));
        Gap { kind: Kind::Lost, lost: Some(lost), detail: said, at_most: None, ..silent(stream, (at, at), 0, false) }
    }

    fn shown(told: Vec<Gap>) -> Vec<(String, i64, Option<i64>, Option<u64>)> {
        told.into_iter().map(|gap| (gap.stream, minute(gap.from), gap.to.map(minute), gap.lost)).collect()
    }

    #[test]
    fn each_loss_is_told_once_and_a_stream_once_an_hour() {
        let mut losses = Losses::default();
        let mut take = |now: i64, heard: &[Gap]| shown(losses.take(heard.to_vec(), time(now)));
        let row = |stream: &str, from: i64, to: i64, lost: u64| (stream.to_owned(), from, Some(to), Some(lost));
        let first = loss("a", 100, 7);
        assert_eq!(take(101, std::slice::from_ref(&first)), [row("a", 100, 100, 7)]);
        let heard = [first, loss("a", 102, 1), loss("a", 104, 2), loss("b", 103, 5)];
        assert_eq!(take(105, &heard), [row("b", 103, 103, 5)], "the other stream has its own hour");
        assert_eq!(take(160, &heard), []);
        assert_eq!(take(161, &heard), [row("a", 102, 104, 3)], "what came meanwhile, as one");
        assert_eq!(take(300, &heard), [], "nothing twice");
        assert_eq!(take(5_000, &[loss("a", 5_000 - 24 * 60, 1)]), [], "it is too old");
    }

    #[test]
    fn what_was_told_before_a_restart_is_not_told_again() {
        let before = BTreeMap::from([("a".to_owned(), (time(104), time(110)))]);
        let mut losses = Losses::begin(before);
        let mut take = |now: i64, heard: &[Gap]| shown(losses.take(heard.to_vec(), time(now)));
        let heard = [loss("a", 104, 7), loss("a", 105, 1)];
        assert_eq!(take(111, &heard), [], "its hour is not over");
        assert_eq!(take(170, &heard), [("a".to_owned(), 105, Some(105), Some(1))]);
    }
}
