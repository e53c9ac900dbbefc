//! The reach of a query: where its time range begins when nobody said so, how `stats … offset` moves what is read, how
//! `diff`, `logcompare` and `anomaly` widen it.

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_insights::{Command, Query};
use shoseki_messages::{Message, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::commit::Add;

use crate::earlier::{Range, compared};
use crate::scan::Selection;
use crate::values::moved_from;

/// The time of the earliest event in the files that are asked about, as their tags have it.
pub(crate) fn earliest(files: &[Add], selection: &Selection) -> Option<Timestamp> {
    let wanted = |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let segments = files.iter().filter(|file| selection.open(file).is_some()).flat_map(|file| &file.tags.segments);
    let asked = segments.filter(|segment| {
        selection.has_segment(segment.id)
            && wanted(&selection.sources, &segment.source)
            && (selection.internal || segment.source != OWN_SOURCE)
    });
    let streams = asked.flat_map(|segment| &segment.streams).filter(|stream| wanted(&selection.streams, &stream.name));
    streams.map(|stream| stream.min).min()
}

/// What there is to say where no event can be of the time range, though there are some of the sources and streams: when those are.
pub(crate) fn beyond(files: &[Add], selection: &Selection) -> Option<Message> {
    if selection.from.is_none() && selection.to.is_none() || files.iter().any(|file| selection.open(file).is_some()) {
        return None;
    }
    let whenever = Selection { from: None, to: None, ..selection.clone() };
    let first = earliest(files, &whenever)?;
    let segments = files.iter().flat_map(|file| &file.tags.segments).filter(|segment| whenever.may_hold(segment));
    let streams = segments.flat_map(|segment| &segment.streams).filter(|stream| whenever.has_stream(&stream.name));
    let last = streams.map(|stream| stream.max).max()?;
    Some(msg!("query-hint-beyond", first = first.to_string(), last = last.to_string()))
}

/// What a query is about, and what it reads for that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// What the options and `SOURCE` leave: bins, `queryStartTime()` and `fillmissing` speak of its time range.
    pub(crate) about: Selection,
    /// What is read. With `stats … offset 1d` the bins are those of the range asked for, and what stands in them is a day
    /// older. `diff`, `logcompare` and `anomaly` read from the beginning of the earlier range to the end of the own.
    pub(crate) read: Selection,
    /// The own range and the earlier one, where the query compares.
    pub(crate) compared: Option<(Range, Range)>,
}

impl Reach {
    /// The reach of a query that is about these events. Where it compares, an `offset` moves nothing: what stands behind
    /// patterns has no time.
    pub(crate) fn of(query: &Query, about: Selection, (now, zone): (Timestamp, Tz)) -> Self {
        let compared = compared(query, &about, (now, zone));
        let (from, to) = match compared {
            Some((own, earlier)) => (Some(own.0.min(earlier.0)), Some(own.1.max(earlier.1))),
            None => moved(query, &about, zone),
        };
        Self { read: Selection { from, to, ..about.clone() }, about, compared }
    }
}

/// The time range that the first `stats` has in its bins.
fn moved(query: &Query, about: &Selection, zone: Tz) -> (Option<Timestamp>, Option<Timestamp>) {
    let stats = query.steps.iter().find_map(|step| match &step.command {
        Command::Stats(stats) => Some(stats),
        _ => None,
    });
    let Some(offset) = stats.and_then(|stats| stats.offset) else { return (about.from, about.to) };
    let earlier = |time: Timestamp| moved_from(time.0, offset.period, zone).map_or(time, Timestamp);
    (about.from.map(earlier), about.to.map(earlier))
}
