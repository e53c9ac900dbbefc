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

/// What a query is about, and what it reads for that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// What the options and `SOURCE` leave: bins and `queryStartTime()` speak of its time range.
    pub(crate) about: Selection,
    /// What is read: with `stats … offset 1d` the bins are those of the range asked for, and what stands in them is a day
    /// older.
    pub(crate) read: Selection,
}

impl Reach {
    /// The reach of a query that is about these events.
    pub(crate) fn of(query: &Query, about: Selection, zone: Tz) -> Self {
        let stats = query.steps.iter().find_map(|step| match &step.command {
            Command::Stats(stats) => Some(stats),
            _ => None,
        });
        let offset = stats.and_then(|stats| stats.offset).map(|offset| offset.period);
        let earlier = |time: Timestamp| {
            let moved = offset.and_then(|offset| moved_from(time.0, offset, zone));
            moved.map_or(time, Timestamp)
        };
        let read = Selection { from: about.from.map(earlier), to: about.to.map(earlier), ..about.clone() };
        Self { about, read }
    }
}
