//! Which segments a population has, and whether a package has all of their records.
//!
//! A segment is *called for* if what its commit says of it leaves it open that it holds something of what was asked about:
//! its source is among those asked for, and one of its streams is, within the range of time. Which these are follows from the
//! commits alone, so that none can be left out: all commits lead to the root of the tree, and all records of a segment to its
//! root. What a segment's records are about is what its writer said when he sealed it; `verify --deep` over the vault tells
//! whether he lied.

use std::collections::HashMap;

use bytes::Bytes;
use shoseki_event::{Day, Provenance, RecordId, SegmentId, Timestamp};
use shoseki_merkle::{Builder, Hash};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{Action, Commit, Replay};
use shoseki_segment::population::PopulationLine;
use shoseki_segment::proof::MAX_PROOF_RAW_BYTES;
use shoseki_segment::{LeafHasher, MAX_SEGMENT_RAW_BYTES, OWN_SOURCE, SegmentTag};

use super::Manifest;
use crate::verdict::Problem;

/// What of the vault is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// The latest, exclusive.
    pub to: Option<Timestamp>,
    /// Of these sources only; of all but our own where it is empty.
    pub sources: Vec<String>,
    /// Of these streams only; of all where it is empty.
    pub streams: Vec<String>,
}

impl Wanted {
    /// What a manifest says that its population is; `None` where it has none.
    ///
    /// # Errors
    /// Damage where a time in it is none.
    pub fn of(manifest: &Manifest) -> Result<Option<Self>> {
        let (Some(population), Some(asked)) = (&manifest.population, &manifest.asked) else { return Ok(None) };
        let time = |text: &Option<String>| text.as_deref().map(Timestamp::parse).transpose();
        let unreadable = |fault: Fault| Fault::damage(msg!("verify-package-manifest-unreadable")).because(fault);
        Ok(Some(Self {
            from: time(&population.from).map_err(unreadable)?,
            to: time(&population.to).map_err(unreadable)?,
            sources: asked.sources.clone(),
            streams: asked.streams.clone(),
        }))
    }

    /// Whether a segment is called for.
    pub fn calls_for(&self, segment: &SegmentTag) -> bool {
        let has = |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
        let is_own = segment.source == OWN_SOURCE && !self.sources.iter().any(|source| source == OWN_SOURCE);
        let meets = |min, max| self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to);
        !is_own
            && has(&self.sources, &segment.source)
            && segment.streams.iter().any(|stream| has(&self.streams, &stream.name) && meets(stream.min, stream.max))
    }
}

/// A segment that a population must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The retention class of its file.
    pub class: String,
    /// The day of its records.
    pub day: Day,
    /// The commit that first added it.
    pub version: u64,
    /// Its place among the segments of that commit.
    pub place: usize,
    /// What the commit says of it.
    pub tag: SegmentTag,
}

/// The segments that are called for, commit by commit.
#[derive(Clone, Debug)]
pub struct Called {
    wanted: Wanted,
    due: Vec<Due>,
}

impl Called {
    /// None yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, due: Vec::new() }
    }

    /// Takes what a commit adds. A compaction moves segments and adds none.
    pub fn take(&mut self, version: u64, commit: &Commit) {
        let Action::Ingest { adds, .. } = &commit.action else { return };
        let all = adds.iter().flat_map(|add| add.tags.segments.iter().map(move |tag| (add, tag))).enumerate();
        for (place, (add, tag)) in all.filter(|(_, (_, tag))| self.wanted.calls_for(tag)) {
            let (class, tag) = (add.class.clone(), tag.clone());
            self.due.push(Due { class, day: add.day, version, place, tag });
        }
    }

    /// Leaves out what expired, and notes what was erased: nobody has it any more.
    pub fn leave_gone(&mut self, replay: &Replay) {
        self.due.retain(|due| replay.expired_by(due.tag.id).is_none());
        for due in &mut self.due {
            due.tag.erased = replay.erased_of(due.tag.id);
        }
    }

    /// All of them, in the order of a population: by class, day and source, so that what a compaction puts into one file stays
    /// together, and then as they were added.
    pub fn finish(mut self) -> Vec<Due> {
        self.due.sort_by(|a, b| {
            let key = |due: &Due| (due.day, due.version, due.place);
            let of_kind = |due: &Due| (due.class.clone(), due.day, due.tag.source.clone());
            of_kind(a).cmp(&of_kind(b)).then(key(a).cmp(&key(b)))
        });
        self.due
    }
}

/// A segment of which a package has every record: they lead to its root.
#[derive(Debug)]
pub struct WholeSegment {
    /// What is said of it.
    pub due: Due,
    /// Where its records came from and their bytes, in order; `None` in the place of one that was erased.
    pub records: Vec<Option<(Provenance, Bytes)>>,
}

/// Takes whole segments as they are judged, one after another.
pub type Take<'t> = &'t mut (dyn FnMut(WholeSegment) -> Result<()> + Send);

/// The most that is said of a population: one segment left out is one problem, a shifted file would be a million.
const MAX_PROBLEMS: usize = 100;

/// The most raw bytes of a segment: the last record that it takes may be a long one.
const MAX_RAW: u64 = MAX_SEGMENT_RAW_BYTES + MAX_PROOF_RAW_BYTES as u64;

/// Judges the lines of a population, in their order.
pub(super) struct Census<'t> {
    /// All segments that must come, in their order; those that came are taken out.
    due: Vec<Option<Due>>,
    places: HashMap<SegmentId, usize>,
    /// The place of the next one.
    place: usize,
    current: Option<Current>,
    hasher: LeafHasher,
    take: Option<Take<'t>>,
    /// A segment that is not called for, and was named.
    stray: Option<SegmentId>,
    pub(super) problems: Vec<Problem>,
    pub(super) segments: u64,
    pub(super) records: u64,
    /// What kept the taker from taking.
    pub(super) failure: Option<Fault>,
}

/// A segment that is being read.
struct Current {
    due: Due,
    next: u32,
    leaves: Builder,
    /// Whether all its records so far are there, in order.
    is_whole: bool,
    records: Vec<Option<(Provenance, Bytes)>>,
    raw: u64,
}

impl<'t> Census<'t> {
    pub(super) fn new(due: Vec<Due>, take: Option<Take<'t>>) -> Self {
        let places = due.iter().enumerate().map(|(at, due)| (due.tag.id, at)).collect();
        Self {
            due: due.into_iter().map(Some).collect(),
            places,
            place: 0,
            current: None,
            hasher: LeafHasher::default(),
            take,
            stray: None,
            problems: Vec::new(),
            segments: 0,
            records: 0,
            failure: None,
        }
    }

    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// The next line of a file.
    pub(super) fn line(&mut self, file: &str, number: u64, line: &[u8]) {
        match PopulationLine::parse_line(line) {
            Ok(line) => self.place(line),
            Err(fault) => self.problem(Problem::of(format!("{file} line {number}"), fault)),
        }
    }

    fn place(&mut self, line: PopulationLine) {
        let id = line.id();
        self.records += u64::from(matches!(line, PopulationLine::Record(_)));
        if self.current.as_ref().is_none_or(|current| current.due.tag.id != id.segment) && !self.begin(id.segment) {
            return;
        }
        let Some(mut current) = self.current.take() else { return };
        if id.ordinal >= current.due.tag.count || id.ordinal < current.next {
            current.is_whole = false;
            self.problem(Problem::tampered(id.to_string(), msg!("verify-population-misplaced")));
        } else {
            if id.ordinal > current.next {
                self.missing(&mut current, id.ordinal);
            }
            current.next = id.ordinal + 1;
            // The commits say which were erased: any other must be there, and these must not.
            let is_erased = matches!(line, PopulationLine::Erased(_));
            if current.due.tag.erased.contains(id.ordinal) != is_erased {
                current.is_whole = false;
                self.problem(Problem::tampered(id.to_string(), msg!("verify-population-erased")));
            }
            let record = match line {
                PopulationLine::Erased(erased) => {
                    current.leaves.push(erased.leaf);
                    None
                }
                PopulationLine::Record(record) => {
                    current.leaves.push(self.hasher.leaf(&record.salt, &record.provenance, &record.raw));
                    current.raw = current.raw.saturating_add(record.raw.len() as u64);
                    Some((record.provenance, record.raw))
                }
            };
            if current.raw > current.due.tag.raw.min(MAX_RAW) && current.is_whole {
                self.other_length(&mut current);
            }
            if self.take.is_some() && current.is_whole {
                current.records.push(record);
            }
        }
        self.current = Some(current);
    }

    /// The records are longer, or shorter, than the commit says. What does not fit is not held.
    fn other_length(&mut self, current: &mut Current) {
        current.is_whole = false;
        current.records.clear();
        let id = current.due.tag.id.to_string();
        self.problem(Problem::tampered(format!("segment {id}"), msg!("verify-tag-differs", segment = id)));
    }

    /// Names the records up to an ordinal.
    fn missing(&mut self, current: &mut Current, until: u32) {
        current.is_whole = false;
        let first = RecordId { segment: current.due.tag.id, ordinal: current.next };
        let count = until - current.next;
        self.problem(Problem::tampered(first.to_string(), msg!("verify-population-records-missing", count = count)));
    }

    /// Begins with a segment; those that should have come before it are missing. `false` where it is not called for.
    fn begin(&mut self, segment: SegmentId) -> bool {
        self.end();
        // What was passed by or came before does not come again.
        let Some(at) = self.places.get(&segment).copied().filter(|at| *at >= self.place) else {
            if self.stray.replace(segment) != Some(segment) {
                let what = format!("segment {segment}");
                self.problem(Problem::tampered(what, msg!("verify-population-segment-added")));
            }
            return false;
        };
        self.left_out(at);
        self.place = at + 1;
        let Some(due) = self.due.get_mut(at).and_then(Option::take) else { return false };
        let (next, leaves, is_whole, records, raw) = (0, Builder::new(), true, Vec::new(), 0);
        self.current = Some(Current { due, next, leaves, is_whole, records, raw });
        true
    }

    /// Names the segments that should have come before a place.
    fn left_out(&mut self, until: usize) {
        let passed: Vec<Due> = self.due.iter_mut().take(until).skip(self.place).filter_map(Option::take).collect();
        for due in passed {
            let message = msg!("verify-population-segment-missing", records = due.tag.count, version = due.version);
            self.problem(Problem::tampered(format!("segment {}", due.tag.id), message));
        }
    }

    /// Ends the segment that is being read.
    fn end(&mut self) {
        let Some(mut current) = self.current.take() else { return };
        let tag = &current.due.tag;
        let (id, count, root): (_, _, Hash) = (tag.id, tag.count, tag.root);
        if current.next < count {
            self.missing(&mut current, count);
        }
        // How long erased ones were nobody knows.
        if current.is_whole && current.raw != current.due.tag.raw && current.due.tag.erased.is_empty() {
            self.other_length(&mut current);
        }
        if !current.is_whole {
            return;
        }
        if current.leaves.root() != root {
            let message = msg!("verify-segment-root", segment = id.to_string());
            self.problem(Problem::tampered(format!("segment {id}"), message));
            return;
        }
        self.segments += 1;
        if let (Some(take), None) = (&mut self.take, &self.failure)
            && let Err(fault) = take(WholeSegment { due: current.due, records: current.records })
        {
            self.failure = Some(fault);
        }
    }

    /// Behind the last line.
    pub(super) fn finish(&mut self) {
        self.end();
        self.left_out(self.due.len());
    }
}
