//! The register as it goes on: what was heard is remembered, so that each minute only the last hours are asked for.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};

use super::losses::{Losses, RECENT};
use super::{Asked, Expected, Gap, Heard, Kind, LEARNED, State, judged, lost, minute, read, senders};

const HOUR: i64 = 3_600 * 1_000_000;
/// What is asked for each minute, each hour and each day; what comes later than that is seen the next day.
const LATE: [i64; 3] = [6 * HOUR, 48 * HOUR, LEARNED];

/// How a gap changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there.
    Opened,
    /// The stream speaks again; what is missing is missing.
    Ended,
    /// What was missing came.
    Closed,
    /// A sender said that it lost events.
    Lost,
}

/// What is remembered between two looks.
#[derive(Debug)]
pub struct Watch {
    heard: Heard,
    expected: Vec<Expected>,
    since: Timestamp,
    open: BTreeMap<(String, Timestamp), Gap>,
    losses: Losses,
    /// When the last hours, days and weeks were asked for.
    asked: [Timestamp; 3],
}

impl Watch {
    /// From what the evidence says now: gaps that were told before are not told again.
    ///
    /// # Errors
    /// What the questions say.
    pub async fn begin(engine: impl Fn(Options) -> Engine, expected: Vec<Expected>, now: Timestamp) -> Result<Self> {
        let from = Timestamp(now.0 - LEARNED);
        let own = Options { to: None, ..read::options(from, now, true) }; // told a moment ago, it is told all the same
        let told = lost::told(&engine(own)).await?;
        let losses = Losses::begin(told.losses);
        let still = told.seen.into_iter().filter(|(_, (_, closed))| closed.is_none());
        let open = still.map(|(key, (gap, _))| (key, gap)).collect();
        let streams = read::spoken(&engine(read::options(from, now, false))).await?;
        let heard = Heard { streams, ..Heard::default() };
        Ok(Self { heard, expected, since: now, open, losses, asked: [now; 3] })
    }

    /// Hears what came since, and says what changed.
    ///
    /// # Errors
    /// What the questions say; then the next look hears it.
    pub async fn look(&mut self, engine: impl Fn(Options) -> Engine, now: Timestamp) -> Result<Vec<(Change, Gap)>> {
        let is_due = |which: usize, every: i64| now.0 - self.asked[which].0 >= every;
        let which = if is_due(2, 24 * HOUR) { 2 } else { usize::from(is_due(1, HOUR)) };
        let from = Timestamp(now.0 - LATE[which]);
        let spoken = read::spoken(&engine(read::options(from, now, false))).await?;
        let lost = senders::lost(&engine(read::options(from, now, false))).await?;
        self.asked[..=which].fill(now);
        for (name, (occupied, delay)) in spoken {
            let (had, its_delay) = self.heard.streams.entry(name).or_default();
            had.join(&occupied);
            had.forget_before(minute(Timestamp(now.0 - LEARNED)));
            *its_delay = delay;
        }
        self.heard.streams.retain(|_, (occupied, _)| occupied.span().is_some());
        let mut changes = self.changes(now);
        changes.extend(self.losses.take(lost, now).into_iter().map(|gap| (Change::Lost, gap)));
        Ok(changes)
    }

    fn changes(&mut self, now: Timestamp) -> Vec<(Change, Gap)> {
        // What never spoke is expected from the first look on.
        let from = Timestamp(now.0 - LEARNED);
        let register = judged(&self.heard, &Asked { from, to: now, expected: self.expected.clone() });
        let mut changes = Vec::new();
        let mut there = BTreeMap::new();
        for mut gap in register.gaps.into_iter().filter(|gap| gap.state != State::Closed) {
            if gap.kind == Kind::Never {
                let is_waited_for = gap.at_most.is_some_and(|at_most| minute(now) - minute(self.since) <= at_most);
                gap.from = self.since;
                if is_waited_for {
                    continue;
                }
            }
            // It may have become shorter since it was told, at either end.
            let known = self.open.iter().find(|((stream, from), known)| {
                let overlaps = gap.to.is_none_or(|to| *from < to) && known.to.is_none_or(|to| gap.from < to);
                *stream == gap.stream && overlaps
            });
            let known = known.map(|(key, gap)| (key.clone(), gap.clone()));
            match known {
                Some((key, before)) => {
                    if let (None, Some(to)) = (before.to, gap.to) {
                        changes.push((Change::Ended, Gap { from: key.1, to: Some(to), ..gap.clone() }));
                    }
                    let gap = Gap { from: key.1, ..gap };
                    there.insert(key, gap);
                }
                None => {
                    if gap.to.is_none_or(|to| now.0 - to.0 < RECENT) {
                        changes.push((Change::Opened, gap.clone()));
                        there.insert((gap.stream.clone(), gap.from), gap);
                    }
                }
            }
        }
        for (key, gap) in std::mem::take(&mut self.open) {
            if !there.contains_key(&key) {
                changes.push((Change::Closed, Gap { state: State::Closed, closed: Some(now), ..gap }));
            }
        }
        self.open = there;
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Occupied, time};
    use super::*;

    const DAY: i64 = 24 * 60;

    fn watch(minutes: Vec<i64>) -> Watch {
        let mut heard = Heard::default();
        heard.streams.insert("a".to_owned(), (Occupied::of(minutes), 0));
        let since = time(3 * DAY);
        let (expected, open, losses) = (Vec::new(), BTreeMap::new(), Losses::default());
        Watch { heard, expected, since, open, losses, asked: [since; 3] }
    }

    fn shown(changes: Vec<(Change, Gap)>) -> Vec<(Change, i64, Option<i64>)> {
        changes.into_iter().map(|(change, gap)| (change, minute(gap.from), gap.to.map(minute))).collect()
    }

    #[test]
    fn a_gap_opens_ends_and_closes_once_each() {
        let mut watch = watch((0..3 * DAY).collect());
        let mut look = |now: i64, came: std::ops::Range<i64>| {
            if let Some((had, _)) = watch.heard.streams.get_mut("a") {
                had.join(&Occupied::of(came.collect()));
            }
            shown(watch.changes(time(now)))
        };
        let end = 3 * DAY;
        assert_eq!(look(end + 5, 0..0), []);
        assert_eq!(look(end + 6, 0..0), [(Change::Opened, end, None)]);
        assert_eq!(look(end + 7, 0..0), []);
        assert_eq!(look(end + 30, end + 20..end + 30), [(Change::Ended, end, Some(end + 20))]);
        assert_eq!(look(end + 31, end + 30..end + 31), []);
        // The beginning comes late: it is the same gap, and shorter.
        assert_eq!(look(end + 32, end..end + 4), []);
        assert_eq!(look(end + 33, end + 4..end + 33), [(Change::Closed, end, Some(end + 20))]);
        assert_eq!(look(end + 34, 0..0), []);
    }

    #[test]
    fn what_never_spoke_is_waited_for() {
        let mut watch = watch((0..3 * DAY + 40).collect());
        let stream = glob::Pattern::new("k8s-audit/prod").unwrap_or_default();
        watch.expected = vec![Expected { stream, at_most: 15 }];
        assert_eq!(shown(watch.changes(time(3 * DAY + 15))), []);
        assert_eq!(shown(watch.changes(time(3 * DAY + 16))), [(Change::Opened, 3 * DAY, None)]);
        assert_eq!(shown(watch.changes(time(3 * DAY + 17))), []);
        watch.heard.streams.insert("k8s-audit/prod".to_owned(), (Occupied::of(vec![3 * DAY + 17]), 0));
        assert_eq!(shown(watch.changes(time(3 * DAY + 18))), [(Change::Closed, 3 * DAY, None)]);
    }
}
