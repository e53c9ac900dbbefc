//! A query whose rows are events in the order of time is run slice by slice of its time range, one after another: the
//! answer streams, its memory is that of one slice however long it is, and a `limit` ends the search as soon as it is full.
//!
//! ```text
//! newest first:   [03-05 … 03-06)  [03-03 … 03-05)  [02-27 … 03-03)  …
//! ```
//!
//! Every slice cuts events exactly at its edges, so where the edges are is a matter of speed only.

use std::collections::{BTreeMap, VecDeque};

use shoseki_event::Timestamp;
use shoseki_insights::{Command, Item, Node, Query};
use shoseki_segment::commit::Add;

use crate::scan::Selection;

/// From when, and until before when; open where nothing is said.
pub(crate) type Range = (Option<Timestamp>, Option<Timestamp>);

/// How a query is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slices {
    /// The time ranges, in the order in which they are searched.
    pub(crate) ranges: VecDeque<Range>,
    /// Whether the newest is searched first; nothing where the rows are not in the order of time, and nothing may be cut.
    descending: Option<bool>,
    /// Where else to cut, once the rows of a range did not fit into memory.
    finer: Vec<Timestamp>,
    /// At most so many rows over all of them.
    pub(crate) limit: Option<u64>,
}

impl Slices {
    /// One slice: everything.
    pub(crate) fn whole(selection: &Selection) -> Self {
        Self { ranges: [(selection.from, selection.to)].into(), descending: None, finer: Vec::new(), limit: None }
    }

    /// Cuts a query over files, each slice of about so many raw bytes, larger ones only of what would else be read again and again;
    /// whole where the query allows no cutting.
    pub(crate) fn of(query: &Query, files: &[Add], selection: &Selection, bytes: u64) -> Self {
        let Some(shape) = Shape::of(query) else { return Self::whole(selection) };
        let days = days(files, selection);
        let finer = cuts(&days, bytes, &shape, u64::MAX);
        let edges = match shape.is_filtered {
            true => cuts(&days, bytes, &shape, READ_AGAIN),
            false => finer.clone(), // all of it must fit
        };
        let descending = shape.descending;
        let ranges = cut((selection.from, selection.to), &edges, descending).into();
        Self { ranges, descending: Some(descending), finer, limit: shape.limit }
    }

    /// Puts a range back whose rows did not fit into memory, cut, as is then all that is left. `false` where it is too short for that, or
    /// the rows are in another order than that of time.
    pub(crate) fn halve(&mut self, (from, to): Range, files: &[Add]) -> bool {
        let Some(descending) = self.descending else { return false };
        let parts = cut((from, to), &self.finer, descending);
        if parts.len() > 1 {
            let (finer, left) = (std::mem::take(&mut self.finer), std::mem::take(&mut self.ranges));
            self.ranges = left.into_iter().flat_map(|range| cut(range, &finer, descending)).collect();
            parts.into_iter().rev().for_each(|part| self.ranges.push_front(part));
            return true;
        }
        let segments = || files.iter().flat_map(|file| &file.tags.segments);
        let start = from.or_else(|| segments().map(|tag| tag.min).min());
        let end = to.or_else(|| segments().map(|tag| tag.max).max());
        let (Some(start), Some(end)) = (start, end) else { return false };
        if end.0.saturating_sub(start.0) < LEAST_HALVED {
            return false;
        }
        let middle = Some(Timestamp(start.0.midpoint(end.0)));
        let [first, second] = if descending { [(middle, to), (from, middle)] } else { [(from, middle), (middle, to)] };
        self.ranges.push_front(second);
        self.ranges.push_front(first);
        true
    }
}

/// A range in its parts between edges, in the order in which they are searched.
fn cut((from, to): Range, edges: &[Timestamp], descending: bool) -> Vec<Range> {
    let within = |edge: &&Timestamp| from.is_none_or(|from| **edge > from) && to.is_none_or(|to| **edge < to);
    let mut starts = vec![from];
    starts.extend(edges.iter().filter(within).copied().map(Some));
    let ends = starts.iter().skip(1).copied().chain([to]);
    let mut parts: Vec<Range> = starts.iter().copied().zip(ends).collect();
    if descending {
        parts.reverse();
    }
    parts
}

/// What a query must be to be cut.
struct Shape {
    descending: bool,
    /// Whether a condition takes rows out.
    is_filtered: bool,
    limit: Option<u64>,
}

impl Shape {
    /// `None` where the rows are not events in the order of time, or where something else follows a `limit`.
    fn of(query: &Query) -> Option<Self> {
        let mut shape = Self { descending: true, is_filtered: false, limit: None };
        for step in &query.steps {
            let takes_time = |items: &[Item]| {
                items.iter().any(|item| item.alias.as_ref().is_some_and(|alias| alias.text == "@timestamp"))
            };
            match &step.command {
                Command::Fields(command) if !takes_time(&command.items) => {}
                Command::Display(command) if !takes_time(&command.items) => {}
                Command::Unmask(command) if !takes_time(&command.items) => {}
                Command::Limit(limit) => {
                    shape.limit = Some(shape.limit.map_or(limit.count, |least| least.min(limit.count)));
                }
                _ if shape.limit.is_some() => return None,
                // What a sub-query of a condition gives is computed once for all slices.
                Command::Filter(_) | Command::FilterIndex(_) => shape.is_filtered = true,
                Command::Source(_) => {}
                // Several rows of one event have its time. Names of a regular expression are looked for in its text: a
                // false alarm costs only speed.
                Command::Parse(_)
                | Command::Unnest(_)
                | Command::Expand(_)
                | Command::Lookup(_)
                | Command::Cidrlookup(_)
                    if !step.command.to_string().contains("@timestamp") => {}
                Command::Sort(sort) => {
                    let first = sort.keys.first()?;
                    let Node::Field(field) = &first.expression.node else { return None };
                    if field.name() != "@timestamp" {
                        return None;
                    }
                    shape.descending = first.descending;
                }
                _ => return None,
            }
        }
        Some(shape)
    }
}

/// Of so many files of a day one may be read twice, where conditions leave few rows.
const READ_AGAIN: u64 = 4;

/// No range shorter than this is cut in two, in microseconds.
const LEAST_HALVED: i64 = 1_000_000;

/// A limit that is so low that its rows are held whatever the size of a slice: the rest of a slice is only passed over.
const LOW_LIMIT: u64 = 1_000;

/// What there is of one day.
#[derive(Debug, Default)]
struct OfDay {
    raw: u64,
    /// Of each file the first and the last time, and the raw bytes.
    files: Vec<(Timestamp, Timestamp, u64)>,
}

/// The days of the files that are asked about.
fn days(files: &[Add], selection: &Selection) -> Vec<(Timestamp, OfDay)> {
    let mut days: BTreeMap<Timestamp, OfDay> = BTreeMap::new();
    for file in files.iter().filter(|file| selection.open(file).is_some()) {
        let segments = &file.tags.segments;
        let (min, max) = (segments.iter().map(|tag| tag.min).min(), segments.iter().map(|tag| tag.max).max());
        let (Some(min), Some(max)) = (min, max) else { continue };
        let raw = segments.iter().map(|tag| tag.raw).sum();
        // Days are what files are cut by: an edge within one would have its files opened twice. Only a day that is
        // larger than a slice is cut further.
        let day = days.entry(min.day().start()).or_default();
        day.raw += raw;
        day.files.push((min, max, raw));
    }
    days.into_iter().collect()
}

/// Cuts days so that slices come near to the size wanted and are no larger: what is sorted should fit. With a
/// limit the slices begin small and grow, since the search may end early; with a low one they begin with that size and grow beyond
/// it, since at the end of each slice processors wait for its last file. A large day is cut as far as no more than one file in `again`
/// is read twice; `u64::MAX`: however often.
fn cuts(days: &[(Timestamp, OfDay)], bytes: u64, shape: &Shape, again: u64) -> Vec<Timestamp> {
    // With a low limit a scan passes over files that are too old by itself: few slices are enough, for the indexes' sake.
    let is_low = shape.limit.is_some_and(|limit| limit <= LOW_LIMIT);
    let mut wanted = if shape.limit.is_some() && !is_low { (bytes / 8).max(1) } else { bytes.max(1) };
    let (growth, most) = if is_low { (16, u64::MAX) } else { (4, bytes.max(1)) };
    let (mut edges, mut held) = (Vec::new(), 0);
    let ordered: Box<dyn Iterator<Item = usize>> =
        if shape.descending { Box::new((0..days.len()).rev()) } else { Box::new(0..days.len()) };
    for at in ordered {
        let (day, of_day) = &days[at];
        let (day, size) = (*day, of_day.raw);
        if held > 0 && size.saturating_add(held) > wanted {
            // Without this day: newest first, behind it the day begins that was taken before.
            edges.extend(if shape.descending { days.get(at + 1).map(|(later, _)| *later) } else { Some(day) });
            held = 0;
            wanted = wanted.saturating_mul(growth).min(most);
        }
        held += size;
        if held >= wanted {
            // Newest first, a slice ends where its last day begins; oldest first, where the next day begins.
            let edge = if shape.descending { Some(day) } else { days.get(at + 1).map(|(next, _)| *next) };
            edges.extend(edge);
            if shape.limit.is_none_or(|limit| limit > LOW_LIMIT) {
                edges.extend(within(day, of_day, wanted, again));
            }
            held = 0;
            wanted = wanted.saturating_mul(growth).min(most);
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Cuts of a day that is larger than a slice, evenly, as far as its files go along: one that spans the whole day would be read for
/// each of its parts. What then does not fit into memory is put aside, or cut when it is seen ([`Slices::halve`]).
fn within(day: Timestamp, of_day: &OfDay, wanted: u64, again: u64) -> Vec<Timestamp> {
    const MOST: u64 = 48;
    const DAY: i64 = 86_400_000_000;
    let mut parts = i64::try_from(of_day.raw.div_ceil(wanted).min(MOST)).unwrap_or(1);
    let read = |parts: i64| -> u64 {
        let part_of = |time: Timestamp| ((time.0 - day.0) / (DAY / parts)).clamp(0, parts - 1);
        let times = |(min, max, raw): &(Timestamp, Timestamp, u64)| {
            raw.saturating_mul((part_of(*max) - part_of(*min) + 1).unsigned_abs())
        };
        of_day.files.iter().map(times).fold(0, u64::saturating_add)
    };
    while again != u64::MAX && parts > 1 && read(parts).saturating_sub(of_day.raw) > of_day.raw / again {
        parts /= 2;
    }
    (1..parts).map(|part| Timestamp(day.0 + DAY / parts * part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(query: &str) -> Option<(bool, Option<u64>)> {
        Shape::of(&shoseki_insights::parse(query).query).map(|shape| (shape.descending, shape.limit))
    }

    #[test]
    fn only_events_in_the_order_of_time_are_cut() {
        assert_eq!(shape("fields a | filter b = 1"), Some((true, None)));
        let rows = "SOURCE 'x' | filterIndex a = 1 | filter b in (stats count(*) by b) | expand c | unmask c | limit 5";
        assert_eq!(shape(rows), Some((true, Some(5))));
        assert_eq!(shape("unnest a into b | lookup t a OUTPUT c | parse /(?<x>.)/ multi"), Some((true, None)));
        assert_eq!(shape("filter a = 1 | sort @timestamp, a | limit 9 | limit 5 | fields b"), Some((false, Some(5))));
        for whole in [
            "stats count(*)",
            "dedup a",
            "sort a",
            "sort a, @timestamp",
            "limit 5 | filter a = 1",
            "limit 5 | sort a",
            "fields a as @timestamp",
            "parse 'x *' as @timestamp",
            "expand @timestamp",
            "unnest a into @timestamp",
            "lookup t a OUTPUT @timestamp",
            "unmask a as @timestamp",
            "limit 5 | expand a",
            "join left=a right=b where a.x=b.x (fields x)",
            "appendcols (fields x)",
        ] {
            assert_eq!(shape(whole), None, "{whole}");
        }
    }

    #[test]
    fn no_slice_is_larger_than_what_can_be_sorted() {
        let day = |n: i64| Timestamp(n * 86_400_000_000);
        let size_of = |days: &[(Timestamp, u64)], from: Timestamp, to: Timestamp| -> u64 {
            let within = |start: Timestamp, size: u64| {
                let shared = (to.0.min(start.0 + day(1).0) - from.0.max(start.0)).max(0);
                (u128::from(size) * shared as u128 / day(1).0 as u128) as u64
            };
            days.iter().map(|(start, size)| within(*start, *size)).sum()
        };
        for sizes in
            [&[80; 8][..], &[160; 5], &[80, 160, 10, 10, 90, 10, 150, 99], &[1, 1, 1, 500, 1], &[100, 101, 199, 200]]
        {
            let sized: Vec<(Timestamp, u64)> = (0..).map(day).zip(sizes.iter().copied()).collect();
            let days: Vec<(Timestamp, OfDay)> = sized.iter().map(|(day, size)| (*day, of(*day, *size, 48))).collect();
            for descending in [true, false] {
                let mut edges = cuts(&days, 100, &Shape { descending, is_filtered: true, limit: None }, READ_AGAIN);
                edges.insert(0, day(0));
                edges.push(day(days.len() as i64));
                for pair in edges.windows(2) {
                    let size = size_of(&sized, pair[0], pair[1]);
                    assert!(size <= 100, "{sizes:?}, newest first: {descending}: {size}");
                }
                let least = sizes.iter().sum::<u64>() / 100;
                assert!(edges.len() as u64 <= 3 * least + 3, "{sizes:?}: {edges:?}");
            }
        }
        let whole = cuts(
            &[(day(0), of(day(0), 10, 48)), (day(1), of(day(1), 10, 48))],
            100,
            &Shape { descending: true, is_filtered: true, limit: None },
            READ_AGAIN,
        );
        assert!(whole.is_empty());
    }

    /// A day of so many raw bytes in files one behind the other.
    fn of(day: Timestamp, raw: u64, files: i64) -> OfDay {
        let length = 86_400_000_000 / files;
        let file = |n: i64| {
            (Timestamp(day.0 + n * length), Timestamp(day.0 + (n + 1) * length - 1), raw / files.unsigned_abs())
        };
        OfDay { raw, files: (0..files).map(file).collect() }
    }

    #[test]
    fn a_large_day_is_cut_within() {
        let day = Timestamp::parse("2026-03-05T00:00:00Z").unwrap();
        let cuts = |of_day: &OfDay, wanted: u64| -> Vec<String> {
            within(day, of_day, wanted, READ_AGAIN).iter().map(|cut| cut.to_string()).collect()
        };
        let quarters = ["2026-03-05T06:00:00Z", "2026-03-05T12:00:00Z", "2026-03-05T18:00:00Z"];
        assert_eq!(cuts(&of(day, 480, 48), 120), quarters);
        assert!(cuts(&of(day, 10, 48), 10).is_empty());
        assert_eq!(cuts(&of(day, u64::MAX, 48), 1).len(), 47);
    }

    #[test]
    fn what_did_not_fit_is_cut_and_so_is_what_is_left() {
        let at = |n: i64| Some(Timestamp(n * 10_000_000));
        let slices = |finer: &[i64], descending| Slices {
            ranges: if descending { [(at(0), at(2))].into() } else { [(at(4), at(6))].into() },
            descending: Some(descending),
            finer: finer.iter().filter_map(|n| at(*n)).collect(),
            limit: None,
        };
        let mut newest = slices(&[1, 3], true);
        assert!(newest.halve((at(2), at(4)), &[]));
        assert_eq!(newest.ranges, [(at(3), at(4)), (at(2), at(3)), (at(1), at(2)), (at(0), at(1))]);
        let mut oldest = slices(&[5], false);
        assert!(oldest.halve((at(0), at(4)), &[]), "in two, where no edge is known");
        assert_eq!(oldest.ranges, [(at(0), at(2)), (at(2), at(4)), (at(4), at(6))]);
        assert!(!oldest.halve((at(0), Some(Timestamp(999_999))), &[]), "less than a second");
        assert!(!oldest.halve((None, at(1)), &[]), "nothing is there");
        let mut whole = Slices { descending: None, ..slices(&[1], true) };
        assert!(!whole.halve((at(0), at(4)), &[]), "rows in another order");
    }

    #[test]
    fn a_day_is_not_read_again_and_again() {
        let day = Timestamp::parse("2026-03-05T00:00:00Z").unwrap();
        let end = Timestamp(day.0 + 86_399_000_000);
        let wide = OfDay { raw: 480, files: vec![(day, end, 160); 3] };
        assert!(within(day, &wide, 10, READ_AGAIN).is_empty(), "each of its files holds events of the whole day");
        assert_eq!(within(day, &wide, 10, u64::MAX).len(), 47, "where all of it is sorted");
        let mixed = OfDay { raw: 480, files: [of(day, 480, 48).files, vec![(day, end, 40)]].concat() };
        assert_eq!(within(day, &mixed, 10, READ_AGAIN).len(), 2, "as many parts as cost no more than a quarter of it");
    }
}
