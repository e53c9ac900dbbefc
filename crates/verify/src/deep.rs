//! A segment's file, opened: its rows are the records that were sealed, in their order, and whatever else stands in it, or
//! is said of it, follows from them.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use bytes::Bytes;
use shoseki_event::{Columns, Kind, Provenance, Record, RecordId, Salt, SegmentId, Timestamp};
use shoseki_merkle::{Builder, Hash};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{Add, File};
use shoseki_segment::keys::Secret;
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{
    LeafHasher, Ordinals, Records, Rows, SegmentTag, StreamTag, derivation, derive, is_blank, key_hash, records,
    records_strictly,
};

use crate::statistics::Statistics;
use crate::verdict::Problem;

/// What an opened file holds that others need, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) problems: Vec<Problem>,
    pub(crate) receipts: Vec<(RecordId, Receipt)>,
}

/// The most problems of a file that are listed: one changed column makes each row wrong.
const MAX_PROBLEMS: usize = 20;

/// Opens a file for its receipts only.
pub(crate) fn receipts(bytes: Bytes, key: Option<&Secret>, name: &str) -> Opened {
    let mut opened = Opened::default();
    let mut read = || -> Result<()> {
        let (_, reader) = records(bytes.clone(), key, Rows::COLUMNS)?;
        for batch in reader {
            let batch = batch?;
            let mut rows = Rows::of(&batch)?;
            for row in 0..rows.len() {
                if rows.provenance(row)?.kind == Kind::Receipt {
                    let (segment, ordinal) = rows.id(row);
                    let misplaced = || Fault::damage(msg!("segment-rows-differ"));
                    let segment = SegmentId(segment.try_into().map_err(|_| misplaced())?);
                    let ordinal = u32::try_from(ordinal).map_err(|_| misplaced())?;
                    let id = RecordId { segment, ordinal };
                    opened.receipts.push((id, Receipt::parse(rows.raw(row))?));
                }
            }
        }
        Ok(())
    };
    if let Err(fault) = read() {
        opened.problems.push(Problem::of(name, fault));
    }
    opened
}

/// Opens a file and checks all of it.
pub(crate) fn check(bytes: Bytes, key: Option<&Secret>, file: &File, name: &str) -> Opened {
    let mut check = Check {
        name,
        opened: Opened::default(),
        tags: file.add.tags.segments.iter().collect(),
        day: file.add.day,
        add: &file.add,
        current: None,
        hasher: LeafHasher::default(),
    };
    if let Err(fault) = check.run(bytes, key) {
        check.opened.problems.push(Problem::of(name, fault));
    }
    check.opened
}

struct Check<'a> {
    name: &'a str,
    opened: Opened,
    /// The segments that are still to come.
    tags: std::collections::VecDeque<&'a SegmentTag>,
    day: shoseki_event::Day,
    add: &'a Add,
    current: Option<Segment<'a>>,
    hasher: LeafHasher,
}

/// A segment that is being read, and what its tag must say.
struct Segment<'a> {
    tag: &'a SegmentTag,
    salts: Vec<Option<Salt>>,
    next: u32,
    /// How many of them were erased.
    erased: u32,
    /// Whether the columns of all its records so far could be derived.
    is_derived: bool,
    root: Builder,
    raw: u64,
    min: Timestamp,
    max: Timestamp,
    source: Option<String>,
    unkeyed: u32,
    unparsed: u32,
    streams: BTreeMap<std::sync::Arc<str>, StreamTag>,
}

impl Check<'_> {
    fn problem(&mut self, problem: Problem) {
        if self.opened.problems.len() < MAX_PROBLEMS {
            self.opened.problems.push(problem);
        }
    }

    fn run(&mut self, bytes: Bytes, key: Option<&Secret>) -> Result<()> {
        let mut statistics = Statistics::of(bytes.clone(), key)?;
        let (footer, mut reader) =
            records_strictly(bytes.clone(), key, self.add.tags.index.map(|tag| tag.version).unwrap_or_default())?;
        let ids: Vec<_> = self.tags.iter().map(|tag| tag.id).collect();
        if footer.segments.iter().map(|(id, _)| *id).ne(ids) {
            return Err(Fault::damage(msg!("verify-footer-differs")));
        }
        let mut seeds: std::collections::VecDeque<_> = footer.segments.into_iter().map(|(_, seeds)| seeds).collect();
        for batch in reader.by_ref() {
            let batch = batch?;
            if let Some(column) = statistics.check(&batch)? {
                return Err(Fault::damage(msg!("verify-statistics-lie", column = column)));
            }
            let mut rows = Rows::of(&batch)?;
            let derived = Derived::of(&batch)?;
            for row in 0..rows.len() {
                if self.current.as_ref().is_none_or(|segment| segment.next == segment.tag.count) {
                    self.finish();
                    let (Some(tag), Some(seeds)) = (self.tags.pop_front(), seeds.pop_front()) else {
                        return Err(Fault::damage(msg!("verify-rows-too-many")));
                    };
                    self.current = Some(Segment::new(tag, seeds.salts(tag.count)));
                }
                match rows.erased(row)? {
                    Some(leaf) => self.erased(&rows, &batch, row, leaf),
                    None => self.row(&mut rows, &derived, row)?,
                }
            }
        }
        let short = self.current.as_ref().is_some_and(|segment| segment.next < segment.tag.count);
        self.finish();
        if short || !self.tags.is_empty() {
            return Err(Fault::damage(msg!("verify-rows-too-few")));
        }
        if let Some(column) = statistics.wrong_nulls() {
            return Err(Fault::damage(msg!("verify-statistics-lie", column = column)));
        }
        self.index(reader, &bytes, key)
    }

    /// The index says what follows from the rows, and nothing else.
    fn index(&self, reader: Records, bytes: &Bytes, key: Option<&Secret>) -> Result<()> {
        let Some(tag) = self.add.tags.index else { return Ok(()) };
        let lies = || Fault::damage(msg!("verify-index-lies"));
        let raw = self.add.tags.segments.iter().map(|segment| segment.raw).sum();
        let index = reader.index(raw).ok_or_else(lies)?;
        let stored = index.stored(key, &self.add.path())?;
        let start = usize::try_from(tag.offset).map_err(|_| lies())?;
        let found = start.checked_add(stored.len()).and_then(|end| bytes.get(start..end));
        if index.tag(tag.offset) == tag && found == Some(stored.as_slice()) { Ok(()) } else { Err(lies()) }
    }

    /// The row of a record that was erased: its leaf, and nothing else that could say anything.
    fn erased(&mut self, rows: &Rows<'_>, batch: &RecordBatch, row: usize, leaf: Hash) {
        let Some(segment) = &mut self.current else { return };
        let id = RecordId { segment: segment.tag.id, ordinal: segment.next };
        segment.next += 1;
        segment.erased += 1;
        segment.root.push(leaf);
        let has_salt = segment.salts.get(id.ordinal as usize).is_some_and(Option::is_some);
        let is_said = segment.tag.erased.contains(id.ordinal);
        let in_place = rows.id(row) == (id.segment.0.as_slice(), i32::try_from(id.ordinal).unwrap_or(-1));
        let is_blank = is_blank(batch, row, segment.tag);
        if !in_place {
            self.problem(Problem::tampered(id.to_string(), msg!("verify-record-misplaced", file = self.name)));
        }
        if has_salt || !is_said || !is_blank {
            self.problem(Problem::tampered(id.to_string(), msg!("verify-erased-differs")));
        }
    }

    fn row(&mut self, rows: &mut Rows<'_>, derived: &Derived<'_>, row: usize) -> Result<()> {
        let Some(segment) = &mut self.current else { return Ok(()) };
        let id = RecordId { segment: segment.tag.id, ordinal: segment.next };
        let in_place = rows.id(row) == (id.segment.0.as_slice(), i32::try_from(id.ordinal).unwrap_or(-1));
        let provenance = rows.provenance(row)?;
        let raw = rows.raw(row);
        let salt = segment.salts.get(id.ordinal as usize).copied().flatten();
        let Some(salt) = salt else { return Err(Fault::damage(msg!("verify-salt-missing", record = id.to_string()))) };
        if segment.tag.erased.contains(id.ordinal) {
            return Err(Fault::damage(msg!("verify-erased-there", record = id.to_string())));
        }
        segment.root.push(self.hasher.leaf(&salt, &provenance, raw));
        if derivation(&provenance.source).is_some_and(|own| own != segment.tag.derivation) {
            segment.next += 1;
            if std::mem::replace(&mut segment.is_derived, false) {
                let (tag, source) = (segment.tag, provenance.source.to_string());
                let message = msg!("verify-derivation-other", source = source, version = tag.derivation);
                self.problem(Problem::unverifiable(format!("{} segment {}", self.name, tag.id), message));
            }
            return Ok(());
        }
        let record = match derive(&provenance, raw) {
            Ok(columns) => Record { provenance, raw: Bytes::new(), columns },
            Err(fault) => {
                segment.next += 1;
                segment.is_derived = false;
                let is_newer = fault.id() == "segment-source-unknown";
                let problem = if is_newer {
                    Problem::unverifiable(id.to_string(), fault.message().clone())
                } else {
                    Problem::of(id.to_string(), fault)
                };
                self.problem(problem);
                return Ok(());
            }
        };
        segment.count(&record, raw.len());
        let wrong = derived.differs(row, &record);
        let day = record.columns.time.day();
        if !in_place {
            self.problem(Problem::tampered(id.to_string(), msg!("verify-record-misplaced", file = self.name)));
        }
        if let Some(column) = wrong {
            self.problem(Problem::tampered(id.to_string(), msg!("verify-column-differs", column = column)));
        }
        if day != self.day {
            let message = msg!("verify-record-other-day", day = day.to_string(), partition = self.day.to_string());
            self.problem(Problem::tampered(id.to_string(), message));
        }
        if record.provenance.kind == Kind::Receipt {
            self.opened.receipts.push((id, Receipt::parse(raw)?));
        }
        Ok(())
    }

    /// What the tag says of the segment that ended is what follows from its records.
    fn finish(&mut self) {
        let Some(segment) = self.current.take() else { return };
        if segment.next < segment.tag.count {
            return; // it is said elsewhere that rows are missing
        }
        let id = segment.tag.id.to_string();
        let root = segment.root.root();
        if root != segment.tag.root {
            self.problem(Problem::tampered(
                format!("{} segment {id}", self.name),
                msg!("verify-segment-root", segment = id),
            ));
        } else if segment.is_derived && !segment.says_what_its_tag_says() {
            self.problem(Problem::tampered(self.name, msg!("verify-tag-differs", segment = id)));
        }
    }
}

impl<'a> Segment<'a> {
    fn new(tag: &'a SegmentTag, salts: Vec<Option<Salt>>) -> Self {
        Self {
            tag,
            salts,
            next: 0,
            erased: 0,
            is_derived: true,
            root: Builder::new(),
            raw: 0,
            min: Timestamp(i64::MAX),
            max: Timestamp(i64::MIN),
            source: None,
            unkeyed: 0,
            unparsed: 0,
            streams: BTreeMap::new(),
        }
    }

    fn count(&mut self, record: &Record, raw_length: usize) {
        let (Provenance { kind, source, stream, .. }, time) = (&record.provenance, record.columns.time);
        self.next += 1;
        self.raw += raw_length as u64;
        (self.min, self.max) = (self.min.min(time), self.max.max(time));
        self.unkeyed += u32::from(record.columns.key.is_none());
        self.unparsed += u32::from(*kind == Kind::Unparsed);
        match &self.source {
            None => self.source = Some(source.to_string()),
            Some(first) if **first != **source => self.source = Some("two sources".to_owned()), // no tag says so
            Some(_) => {}
        }
        if let Some(tag) = self.streams.get_mut(stream) {
            tag.count += 1;
            (tag.min, tag.max) = (tag.min.min(time), tag.max.max(time));
        } else {
            let tag = StreamTag { name: stream.to_string(), count: 1, min: time, max: time };
            self.streams.insert(std::sync::Arc::clone(stream), tag);
        }
    }

    fn says_what_its_tag_says(&self) -> bool {
        let derived = self.derived_tag();
        if self.tag.erased.is_empty() { derived == *self.tag } else { derived.is_left_of(self.tag) }
    }

    /// What the tag would say of the records that are there.
    fn derived_tag(&self) -> SegmentTag {
        SegmentTag {
            id: self.tag.id,
            root: self.root.root(),
            count: self.next - self.erased,
            raw: self.raw,
            min: self.min,
            max: self.max,
            source: self.source.clone().unwrap_or_default(),
            derivation: self.tag.derivation,
            unkeyed: self.unkeyed,
            unparsed: self.unparsed,
            streams: self.streams.values().cloned().collect(),
            commit: self.tag.commit,
            erased: Ordinals::default(),
        }
    }
}

/// The derived columns of a batch.
struct Derived<'a> {
    time: &'a TimestampMicrosecondArray,
    key_hash: &'a Int64Array,
    integers: [(&'static str, &'a Int32Array); 3],
    texts: [(&'static str, &'a StringArray); 11],
}

const INTEGERS: [&str; 3] = ["class_uid", "activity_id", "severity_id"];
const TEXTS: [&str; 11] = [
    "time_origin",
    "status",
    "operation",
    "service",
    "actor",
    "actor_type",
    "src_ip",
    "account",
    "region",
    "resource",
    "error",
];

impl<'a> Derived<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = |name: &'static str| Fault::damage(msg!("segment-column-missing", name = name));
        let column = |name: &'static str| batch.column_by_name(name).ok_or_else(|| missing(name));
        let integer = |name| Ok((name, column(name)?.as_primitive_opt::<Int32Type>().ok_or_else(|| missing(name))?));
        let text = |name| Ok((name, column(name)?.as_string_opt::<i32>().ok_or_else(|| missing(name))?));
        let integers: Vec<_> = INTEGERS.into_iter().map(integer).collect::<Result<_>>()?;
        let texts: Vec<_> = TEXTS.into_iter().map(text).collect::<Result<_>>()?;
        Ok(Self {
            time: column("time")?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| missing("time"))?,
            key_hash: column("key_hash")?.as_primitive_opt::<Int64Type>().ok_or_else(|| missing("key_hash"))?,
            integers: integers.try_into().map_err(|_| missing("class_uid"))?,
            texts: texts.try_into().map_err(|_| missing("status"))?,
        })
    }

    /// The first column that does not say what the record's bytes say.
    fn differs(&self, row: usize, record: &Record) -> Option<&'static str> {
        let Columns { time, class_uid, activity_id, severity_id, .. } = record.columns;
        if self.time.is_null(row) || self.time.value(row) != time.0 {
            return Some("time");
        }
        if self.key_hash.is_null(row) || self.key_hash.value(row) != key_hash(record) {
            return Some("key_hash");
        }
        let integers = [class_uid, activity_id, severity_id];
        let wrong = self
            .integers
            .iter()
            .zip(integers)
            .find(|((_, column), expected)| column.is_null(row) || column.value(row) != *expected);
        if let Some(((name, _), _)) = wrong {
            return Some(name);
        }
        let columns = &record.columns;
        let texts: [Option<&str>; 11] = [
            Some(columns.time_origin.name()),
            Some(columns.status.name()),
            columns.operation.as_deref(),
            columns.service.as_deref(),
            columns.actor.as_deref(),
            columns.actor_type.as_deref(),
            columns.src_ip.as_deref(),
            columns.account.as_deref(),
            columns.region.as_deref(),
            columns.resource.as_deref(),
            columns.error.as_deref(),
        ];
        let is_wrong = |column: &StringArray, expected: Option<&str>| match expected {
            None => !column.is_null(row),
            Some(expected) => column.is_null(row) || column.value(row) != expected,
        };
        self.texts
            .iter()
            .zip(texts)
            .find(|((_, column), expected)| is_wrong(column, *expected))
            .map(|((name, _), _)| *name)
    }
}
