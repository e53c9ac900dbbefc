//! What which rules have looked at, by the records of the runs: so that "no match" can be told from "not looked".
//!
//! A run saw the commits `since..size` of the tree, in its range, of its sources and streams. A part of a segment (its records of
//! one stream) is seen whole where the ranges of the runs that saw its commit cover its time together.

use std::collections::{BTreeMap, HashMap};

use shoseki_event::{Day, Timestamp};

/// The longest range, in microseconds, that is found by its days.
const SHORT: i64 = 40 * 86_400_000_000;
/// The most days of a part that are looked up one by one.
const MOST_DAYS: i32 = 400;

/// A run that came to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The SHA-256 over the rules.
    pub rules: String,
    /// The earliest time that it looked at, inclusive.
    pub from: Option<Timestamp>,
    /// The latest, exclusive.
    pub to: Option<Timestamp>,
    /// The sources; all where there are none.
    pub sources: Vec<String>,
    /// The streams; all where there are none.
    pub streams: Vec<String>,
    /// The first commit that it looked at.
    pub since: u64,
    /// The size of the tree: the commit behind the last.
    pub size: u64,
}

/// The records of one stream in a segment.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The commit that first added them.
    pub commit: u64,
    /// Their source.
    pub source: &'a str,
    /// Their stream.
    pub stream: &'a str,
    /// The time of the first.
    pub min: Timestamp,
    /// The time of the last, inclusive.
    pub max: Timestamp,
}

/// How much of a part was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All.
    Whole,
    /// Some of its time.
    Some,
    /// Nothing.
    Nothing,
}

/// The runs of one set of rules over the same sources and streams.
#[derive(Debug, Default)]
struct Group {
    sources: Vec<String>,
    streams: Vec<String>,
    /// The commits that runs over all time looked at, apart from each other.
    always: Vec<(u64, u64)>,
    /// Runs over a short range, by each of its days.
    by_day: HashMap<Day, Vec<Run>>,
    /// The others.
    wide: Vec<Run>,
}

/// What was looked at, by rules.
#[derive(Debug, Default)]
pub struct Coverage {
    groups: BTreeMap<String, Vec<Group>>,
}

impl Coverage {
    /// What runs have looked at.
    pub fn of(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut apart: BTreeMap<(String, Vec<String>, Vec<String>), Vec<Run>> = BTreeMap::new();
        for run in runs {
            apart.entry((run.rules.clone(), run.sources.clone(), run.streams.clone())).or_default().push(run);
        }
        let mut groups: BTreeMap<String, Vec<Group>> = BTreeMap::new();
        for ((rules, sources, streams), runs) in apart {
            groups.entry(rules).or_default().push(Group { sources, streams, ..Group::default() }.with(runs));
        }
        Self { groups }
    }

    /// The hashes of the rules that looked at anything.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// How much of a part these rules looked at.
    pub fn seen_by(&self, rules: &str, part: &Part<'_>) -> Seen {
        self.groups.get(rules).map_or(Seen::Nothing, |groups| seen(groups, part))
    }
}

impl Group {
    fn with(mut self, runs: Vec<Run>) -> Self {
        let mut always = Vec::new();
        for run in runs {
            match (run.from, run.to) {
                (None, None) => always.push((run.since, run.size)),
                (Some(from), Some(to)) if from < to && to.0 - from.0 <= SHORT => {
                    let last = Timestamp(to.0 - 1).day();
                    for day in from.day().0..=last.0 {
                        self.by_day.entry(Day(day)).or_default().push(run.clone());
                    }
                }
                _ => self.wide.push(run),
            }
        }
        self.always = joined(always);
        self
    }

    fn is_of(&self, part: &Part<'_>) -> bool {
        let has = |all: &[String], one: &str| all.is_empty() || all.iter().any(|known| known == one);
        has(&self.sources, part.source) && has(&self.streams, part.stream)
    }

    /// The times that runs looked at in a part's commit.
    fn times(&self, part: &Part<'_>, times: &mut Vec<(i64, i64)>) {
        let before = self.always.partition_point(|(since, _)| *since <= part.commit);
        if before.checked_sub(1).and_then(|at| self.always.get(at)).is_some_and(|(_, size)| part.commit < *size) {
            times.push((i64::MIN, i64::MAX));
            return;
        }
        let (first, last) = (part.min.day().0, part.max.day().0);
        let days = Some(first..=last).filter(|_| last.saturating_sub(first) <= MOST_DAYS);
        let all = self.by_day.values().flatten().filter(|_| days.is_none());
        let short = days.clone().into_iter().flatten().filter_map(|day| self.by_day.get(&Day(day))).flatten();
        for run in short.chain(all).chain(&self.wide).filter(|run| (run.since..run.size).contains(&part.commit)) {
            times.push((run.from.map_or(i64::MIN, |time| time.0), run.to.map_or(i64::MAX, |time| time.0)));
        }
    }
}

fn seen(groups: &[Group], part: &Part<'_>) -> Seen {
    let mut times = Vec::new();
    groups.iter().filter(|group| group.is_of(part)).for_each(|group| group.times(part, &mut times));
    let mut is_touched = false;
    for (from, to) in joined(times) {
        if from <= part.min.0 && part.max.0 < to {
            return Seen::Whole;
        }
        is_touched |= from <= part.max.0 && part.min.0 < to;
    }
    if is_touched { Seen::Some } else { Seen::Nothing }
}

/// Ranges that touch become one.
fn joined<T: Ord + Copy>(mut all: Vec<(T, T)>) -> Vec<(T, T)> {
    all.sort_unstable();
    let mut apart: Vec<(T, T)> = Vec::new();
    for (from, to) in all {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-03-{text}:00Z")).unwrap()
    }

    fn run(since: u64, size: u64, range: Option<(&str, &str)>) -> Run {
        let (from, to) = (range.map(|(from, _)| at(from)), range.map(|(_, to)| at(to)));
        Run { rules: "a".to_owned(), from, to, since, size, ..Run::default() }
    }

    fn part(commit: u64, min: &str, max: &str) -> Part<'static> {
        Part { commit, source: "cloudtrail", stream: "cloudtrail/1", min: at(min), max: at(max) }
    }

    #[test]
    fn runs_over_what_is_new_cover_the_commits_one_behind_the_other() {
        let coverage = Coverage::of([run(0, 4, None), run(4, 9, None), run(12, 20, None)]);
        let seen = |commit| coverage.seen_by("a", &part(commit, "05T01:00", "05T02:00"));
        assert_eq!((seen(0), seen(8), seen(9), seen(12), seen(20)), {
            let (yes, no) = (Seen::Whole, Seen::Nothing);
            (yes, yes, no, yes, no)
        });
        assert_eq!(coverage.seen_by("b", &part(0, "05T01:00", "05T02:00")), Seen::Nothing, "other rules");
    }

    #[test]
    fn ranges_cover_a_part_together_and_each_only_what_was_there_then() {
        let ranges = [("05T00:00", "05T02:00"), ("05T02:00", "05T04:00"), ("04T00:00", "04T12:00")];
        let coverage = Coverage::of(ranges.map(|range| run(0, 9, Some(range))));
        let seen = |commit, min, max| coverage.seen_by("a", &part(commit, min, max));
        assert_eq!(seen(3, "05T01:00", "05T03:59"), Seen::Whole);
        assert_eq!(seen(3, "05T01:00", "05T04:00"), Seen::Some, "the end of a range is not in it");
        assert_eq!(seen(9, "05T01:00", "05T02:00"), Seen::Nothing, "it came behind the runs");
        assert_eq!(seen(3, "06T01:00", "06T02:00"), Seen::Nothing);
        assert_eq!(seen(3, "04T23:00", "05T01:00"), Seen::Some, "a hole between two runs");
        let open = Coverage::of([Run { to: None, ..run(0, 9, Some(("05T00:00", "05T02:00"))) }]);
        assert_eq!(open.seen_by("a", &part(3, "05T01:00", "29T01:00")), Seen::Whole);
    }

    #[test]
    fn a_run_over_some_sources_and_streams_saw_no_others() {
        let of = |sources: &[&str], streams: &[&str]| {
            let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
            let run = Run { sources: owned(sources), streams: owned(streams), ..run(0, 9, None) };
            Coverage::of([run]).seen_by("a", &part(1, "05T01:00", "05T02:00"))
        };
        assert_eq!((of(&["falco"], &[]), of(&["falco", "cloudtrail"], &[])), (Seen::Nothing, Seen::Whole));
        assert_eq!((of(&[], &["cloudtrail/2"]), of(&[], &["cloudtrail/1"])), (Seen::Nothing, Seen::Whole));
    }
}
