//! Which events a query is about, before its own conditions: a time range, sources, streams. Whole files are passed over
//! by their tags; what is left is cut exactly, row by row, and only where a tag leaves it open.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use shoseki_event::{SegmentId, Timestamp};
use shoseki_segment::commit::Add;
use shoseki_segment::{ERASED_KIND, SegmentTag};

/// The source of our own records: receipts, searches.
pub(crate) const INTERNAL: &str = "shoseki";

/// What a query is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// The earliest time, inclusive.
    pub(crate) from: Option<Timestamp>,
    /// The latest time, exclusive.
    pub(crate) to: Option<Timestamp>,
    /// These sources only; all where it is empty.
    pub(crate) sources: Vec<String>,
    /// These streams only; all where it is empty.
    pub(crate) streams: Vec<String>,
    /// Our own records too.
    pub(crate) internal: bool,
    /// These segments only, which are those of an earlier tree; all where it is none.
    pub(crate) tree: Option<Arc<BTreeSet<SegmentId>>>,
}

/// What a file's tags leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) time: bool,
    pub(crate) source: bool,
    pub(crate) stream: bool,
    pub(crate) tree: bool,
    /// Whether records of it were erased: their places are no rows of an answer.
    pub(crate) erased: bool,
}

impl Open {
    /// The columns that are needed to cut.
    pub(crate) fn columns(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.time, "time"),
            (self.source, "source"),
            (self.stream, "stream"),
            (self.tree, "segment"),
            (self.erased, "kind"),
        ];
        all.into_iter().filter_map(|(is_open, name)| is_open.then_some(name))
    }
}

impl Selection {
    fn has_source(&self, source: &str) -> bool {
        let is_wanted = self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == source);
        is_wanted && (self.internal || source != INTERNAL)
    }

    pub(crate) fn has_stream(&self, stream: &str) -> bool {
        self.streams.is_empty() || self.streams.iter().any(|wanted| wanted == stream)
    }

    fn has_time(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to)
    }

    /// Whether a segment is of the tree that is asked about.
    pub(crate) fn has_segment(&self, id: SegmentId) -> bool {
        self.tree.as_ref().is_none_or(|tree| tree.contains(&id))
    }

    /// Whether a segment may hold what is asked for, as its tag has it.
    pub(crate) fn may_hold(&self, segment: &SegmentTag) -> bool {
        let overlaps = |min, max| self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to);
        self.has_segment(segment.id)
            && self.has_source(&segment.source)
            && segment.streams.iter().any(|s| self.has_stream(&s.name) && overlaps(s.min, s.max))
    }

    /// What is left open of a file; `None` where it holds nothing that is asked for.
    pub(crate) fn open(&self, file: &Add) -> Option<Open> {
        let segments = &file.tags.segments;
        if !segments.iter().any(|segment| self.may_hold(segment)) {
            return None;
        }
        Some(Open {
            time: !segments.iter().all(|segment| self.has_time(segment.min) && self.has_time(segment.max)),
            source: !segments.iter().all(|segment| self.has_source(&segment.source)),
            tree: !segments.iter().all(|segment| self.has_segment(segment.id)),
            erased: segments.iter().any(|segment| !segment.erased.is_empty()),
            stream: !segments.iter().flat_map(|segment| &segment.streams).all(|stream| self.has_stream(&stream.name)),
        })
    }

    /// The rows of a batch that are asked for.
    pub(crate) fn cut(&self, batch: RecordBatch, open: Open) -> Result<RecordBatch, ArrowError> {
        if open == Open::default() {
            return Ok(batch);
        }
        let mask = self.mask(&batch, open);
        filter_record_batch(&batch, &mask)
    }

    /// Of each row of a batch with the columns that are open, whether it is asked for.
    pub(crate) fn mask(&self, batch: &RecordBatch, open: Open) -> BooleanArray {
        let times = batch.column_by_name("time").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let texts = |name| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let (sources, streams) = (texts("source"), texts("stream"));
        let segments = batch.column_by_name("segment").and_then(|column| column.as_binary_opt::<i32>());
        let kinds = texts("kind").filter(|_| open.erased);
        let in_tree = |row: usize| {
            !open.tree
                || segments.is_some_and(|ids| {
                    ids.is_valid(row) && ids.value(row).try_into().is_ok_and(|id| self.has_segment(SegmentId(id)))
                })
        };
        let keeps = |row: usize| {
            let time = times.is_none_or(|times| self.has_time(Timestamp(times.value(row))));
            let source = sources.is_none_or(|sources| sources.is_valid(row) && self.has_source(sources.value(row)));
            let is_there = kinds.is_none_or(|kinds| kinds.is_valid(row) && kinds.value(row) != ERASED_KIND);
            is_there
                && time
                && source
                && in_tree(row)
                && streams.is_none_or(|s| s.is_valid(row) && self.has_stream(s.value(row)))
        };
        (0..batch.num_rows()).map(|row| Some(keeps(row))).collect()
    }
}
