//! A query whose rows are events in the order of time is run slice by slice of its time range, one after another: the
//! answer streams, its memory is that of one slice however long it is, and a `limit` ends the search as soon as it is full.
//!
//! ```text
//! newest first:   [03-05 … 03-06)  [03-03 … 03-05)  [02-27 … 03-03)  …
//! ```
//!
//! Every slice cuts events exactly at its edges, so where the edges are is a matter of speed only.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_insights::{Command, Item, Node, Query};
use shoseki_segment::commit::Add;

use crate::scan::Selection;

/// How a query is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slices {
    /// The time ranges, in the order in which they are searched.
    pub(crate) ranges: Vec<(Option<Timestamp>, Option<Timestamp>)>,
    /// At most so many rows over all of them.
    pub(crate) limit: Option<u64>,
}

impl Slices {
    /// One slice: everything.
    pub(crate) fn whole(selection: &Selection) -> Self {
        Self { ranges: vec![(selection.from, selection.to)], limit: None }
    }

    /// Cuts a query over files, each slice of about so many raw bytes; whole where the query allows no cutting.
    pub(crate) fn of(query: &Query, files: &[Add], selection: &Selection, bytes: u64) -> Self {
        let Some(shape) = Shape::of(query) else { return Self::whole(selection) };
        let mut edges = edges(files, selection, bytes, &shape);
        let mut ranges = Vec::with_capacity(edges.len() + 1);
        let mut from = selection.from;
        edges.retain(|edge| selection.from.is_none_or(|from| *edge > from) && selection.to.is_none_or(|to| *edge < to));
        for edge in edges {
            ranges.push((from, Some(edge)));
            from = Some(edge);
        }
        ranges.push((from, selection.to));
        if shape.descending {
            ranges.reverse();
        }
        Self { ranges, limit: shape.limit }
    }
}

/// What a query must be to be cut.
struct Shape {
    descending: bool,
    limit: Option<u64>,
}

impl Shape {
    /// `None` where the rows are not events in the order of time, or where something else follows a `limit`.
    fn of(query: &Query) -> Option<Self> {
        let mut shape = Self { descending: true, limit: None };
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
                Command::Filter(_) | Command::FilterIndex(_) | Command::Source(_) => {}
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

/// A limit that is so low that its rows are held whatever the size of a slice: the rest of a slice is only passed over.
const LOW_LIMIT: u64 = 1_000;

/// Where to cut the days of the files that are asked about.
fn edges(files: &[Add], selection: &Selection, bytes: u64, shape: &Shape) -> Vec<Timestamp> {
    let chosen = files.iter().filter(|file| selection.open(file).is_some());
    let mut starts: BTreeMap<Timestamp, u64> = BTreeMap::new();
    for segment in chosen.flat_map(|file| &file.tags.segments) {
        // Days are what files are cut by: an edge within one would have its files opened twice. Only a day that is
        // larger than a slice is cut further.
        *starts.entry(segment.min.day().start()).or_default() += segment.raw;
    }
    cuts(&starts.into_iter().collect::<Vec<_>>(), bytes, shape)
}

/// Cuts days, each with its raw bytes, so that slices come near to the size wanted and are no larger: what is sorted must fit. With a
/// limit the slices begin small and grow, since the search may end early; with a low one they begin with that size and grow beyond
/// it, since at the end of each slice processors wait for its last file.
fn cuts(days: &[(Timestamp, u64)], bytes: u64, shape: &Shape) -> Vec<Timestamp> {
    // With a low limit a scan passes over files that are too old by itself: few slices are enough, for the indexes' sake.
    let is_low = shape.limit.is_some_and(|limit| limit <= LOW_LIMIT);
    let mut wanted = if shape.limit.is_some() && !is_low { (bytes / 8).max(1) } else { bytes.max(1) };
    let (growth, most) = if is_low { (16, u64::MAX) } else { (4, bytes.max(1)) };
    let (mut edges, mut held) = (Vec::new(), 0);
    let ordered: Box<dyn Iterator<Item = usize>> =
        if shape.descending { Box::new((0..days.len()).rev()) } else { Box::new(0..days.len()) };
    for at in ordered {
        let (day, size) = days[at];
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
                edges.extend(within(day, size, wanted));
            }
            held = 0;
            wanted = wanted.saturating_mul(growth).min(most);
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Cuts of a day that is larger than a slice, evenly.
fn within(day: Timestamp, size: u64, wanted: u64) -> impl Iterator<Item = Timestamp> {
    const MOST: u64 = 48;
    const DAY: i64 = 86_400_000_000;
    let parts = i64::try_from(size.div_ceil(wanted).min(MOST)).unwrap_or(1);
    (1..parts).map(move |part| Timestamp(day.0 + DAY / parts * part))
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
            let days: Vec<(Timestamp, u64)> = (0..).map(day).zip(sizes.iter().copied()).collect();
            for descending in [true, false] {
                let mut edges = cuts(&days, 100, &Shape { descending, limit: None });
                edges.insert(0, day(0));
                edges.push(day(days.len() as i64));
                for pair in edges.windows(2) {
                    let size = size_of(&days, pair[0], pair[1]);
                    assert!(size <= 100, "{sizes:?}, newest first: {descending}: {size}");
                }
                let least = sizes.iter().sum::<u64>() / 100;
                assert!(edges.len() as u64 <= 3 * least + 3, "{sizes:?}: {edges:?}");
            }
        }
        let whole = cuts(&[(day(0), 10), (day(1), 10)], 100, &Shape { descending: true, limit: None });
        assert!(whole.is_empty());
    }

    #[test]
    fn a_large_day_is_cut_within() {
        let day = Timestamp::parse("2026-03-05T00:00:00Z").unwrap();
        let cuts: Vec<String> = within(day, 40, 10).map(|cut| cut.to_string()).collect();
        assert_eq!(cuts, ["2026-03-05T06:00:00Z", "2026-03-05T12:00:00Z", "2026-03-05T18:00:00Z"]);
        assert_eq!(within(day, 10, 10).count(), 0);
        assert_eq!(within(day, u64::MAX, 1).count(), 47);
    }
}
