//! A query with what was found out about it before it is planned: which events it is about, which of its tables were read,
//! what its sub-queries have given so far. All slices of an answer share it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_insights::{Command, Pattern, Query, Source};

use crate::lookups::Lookups;
use crate::plan::Sets;
use crate::reach::Reach;
use crate::scan::Selection;
use crate::source;
use crate::store::Store;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) query: Query,
    /// What the options leave to ask about; a sub-query narrows it by its own `SOURCE`.
    pub(crate) base: Selection,
    /// What the query itself reads.
    pub(crate) selection: Selection,
    /// The names of all streams; empty where no `SOURCE` asks for them.
    pub(crate) streams: Arc<BTreeSet<String>>,
    pub(crate) lookups: Arc<Lookups>,
    pub(crate) sets: Arc<Sets>,
    pub(crate) now: Timestamp,
    pub(crate) zone: Tz,
}

/// The `SOURCE` of a query.
pub(crate) fn source_of(query: &Query) -> Option<&Source> {
    match &query.steps.first()?.command {
        Command::Source(source) => Some(source),
        _ => None,
    }
}

/// The names of all streams of a store.
pub(crate) fn streams(store: &dyn Store) -> BTreeSet<String> {
    let segments = store.files().iter().flat_map(|file| &file.tags.segments);
    segments.flat_map(|segment| &segment.streams).map(|stream| stream.name.clone()).collect()
}

/// The tables that a query and its sub-queries name.
pub(crate) fn tables(query: &Query) -> BTreeSet<String> {
    let steps = query.all().flat_map(|query| &query.steps);
    let table = |command: &Command| match command {
        Command::Lookup(lookup) => Some(lookup.table.text.clone()),
        Command::Cidrlookup(lookup) => Some(lookup.table.text.clone()),
        _ => None,
    };
    steps.filter_map(|step| table(&step.command)).collect()
}

impl Asked {
    /// What a sub-query, or the query itself, is about and what it reads. What is wrong with its `SOURCE` is noted where
    /// that is planned.
    pub(crate) fn reach_of(&self, query: &Query) -> Reach {
        let narrowed =
            source_of(query).map(|source| source::narrow(&self.base, source, &self.streams, (self.now, self.zone)));
        let about = match narrowed {
            Some(Ok(narrowed)) => narrowed.selection,
            _ => self.base.clone(),
        };
        Reach::of(query, about, (self.now, self.zone))
    }

    /// What a sub-query, or the query itself, reads.
    pub(crate) fn selection_of(&self, query: &Query) -> Selection {
        self.reach_of(query).read
    }

    /// Whether events become several rows each: each of those has the whole event, so that fewer are held at a time.
    pub(crate) fn multiplies(&self) -> bool {
        let multiplies = |command: &Command| match command {
            Command::Unnest(_) | Command::Expand(_) => true,
            Command::Parse(parse) => matches!(parse.pattern, Pattern::Multi(_)),
            _ => false,
        };
        self.query.all().flat_map(|query| &query.steps).any(|step| multiplies(&step.command))
    }
}
