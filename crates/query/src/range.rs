//! The time range of a query: where it begins when nobody said so, and how `stats … offset` moves it.

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_insights::{Command, Query};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::commit::Add;

use crate::scan::Selection;
use crate::values::moved_from;

/// The time of the earliest event in the files that are asked about, as their tags have it.
pub(crate) fn earliest(files: &[Add], selection: &Selection) -> Option<Timestamp> {
    let wanted = |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let segments = files.iter().filter(|file| selection.open(file).is_some()).flat_map(|file| &file.tags.segments);
    let asked = segments.filter(|segment| {
        wanted(&selection.sources, &segment.source) && (selection.internal || segment.source != OWN_SOURCE)
    });
    let streams = asked.flat_map(|segment| &segment.streams).filter(|stream| wanted(&selection.streams, &stream.name));
    streams.map(|stream| stream.min).min()
}

/// What a query reads. With `stats … offset 1d` its bins are those of the range asked for, and what stands in them is a
/// day older: that is what is read.
pub(crate) fn read_by(query: &Query, selection: Selection, zone: Tz) -> Selection {
    let stats = query.steps.iter().find_map(|step| match &step.command {
        Command::Stats(stats) => Some(stats),
        _ => None,
    });
    let Some(offset) = stats.and_then(|stats| stats.offset) else { return selection };
    let earlier =
        |time: Option<Timestamp>| time.map(|time| moved_from(time.0, offset.period, zone).map_or(time, Timestamp));
    Selection { from: earlier(selection.from), to: earlier(selection.to), ..selection }
}
