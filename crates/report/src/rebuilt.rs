//! The population of a package as files that the engine can read: each segment is written anew, its columns derived from the
//! raw bytes, for nothing in a package says what they are.
//!
//! The files lie one behind the other in a temporary file without a name, encrypted under a key that is made for the
//! judgement and is gone with it: of what is in a package nothing is left behind, even where the process is killed.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use shoseki_event::{Kind, Provenance, Record, RecordId, SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Store;
use shoseki_segment::commit::Add;
use shoseki_segment::keys::Secret;
use shoseki_segment::{
    Built, Draft, Erased, Layout, Merged, SegmentTag, StreamTag, derivation, derive, erase, records, write,
};
use shoseki_verify::package::{Difference, Due, WholeSegment};

/// Files without a skip index: they are read a few times and no more.
const PLAIN: u32 = 1;

/// What the key is called under which each file's own key lies.
const KEY: &str = "again";

/// The most segments of which it is said what is wrong with them.
const MAX_DIFFERENCES: usize = 100;

/// The files, and what was seen while they were written.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    folder: Option<PathBuf>,
    bytes: Option<Arc<File>>,
    end: u64,
    key: Option<Secret>,
    files: Vec<Add>,
    places: HashMap<SegmentId, Range<u64>>,
    /// How many records are in them.
    pub(crate) records: u64,
    /// The version by which columns were derived when they were sealed, of sources whose version is another here.
    pub(crate) other_derivations: BTreeMap<String, u32>,
    /// Where a record is not what its source says, or a segment not what its commit says.
    pub(crate) differences: Vec<Difference>,
    /// Why a record cannot be read here.
    pub(crate) failed: Option<Fault>,
}

fn unwritable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::world(msg!("package-again-unwritable")).because(error)
}

impl Rebuilt {
    /// None yet. They will lie in this folder, or in the system's for temporary files.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Takes a segment.
    ///
    /// # Errors
    /// The world's failure where it cannot be written.
    pub(crate) fn take(&mut self, segment: WholeSegment) -> Result<()> {
        let WholeSegment { due, records } = segment;
        self.records += records.iter().flatten().count() as u64;
        let is_derived_alike = derivation(&due.tag.source) == Some(due.tag.derivation);
        if !is_derived_alike {
            self.other_derivations.insert(due.tag.source.clone(), due.tag.derivation);
        }
        let mut draft = Draft::new(&due.class, due.day)?;
        (draft.id, draft.format) = (due.tag.id, PLAIN);
        for (ordinal, record) in (0..).zip(records) {
            let (provenance, raw) = record.unwrap_or_else(|| (stand_in(&due.tag), Bytes::new()));
            match derive(&provenance, &raw) {
                Ok(columns) => draft.records.push(Record { provenance, raw, columns }),
                Err(fault) if is_derived_alike => {
                    let what = RecordId { segment: due.tag.id, ordinal }.to_string();
                    self.differs(what, fault.message().clone());
                    return Ok(());
                }
                Err(fault) => {
                    self.failed.get_or_insert(fault);
                    return Ok(());
                }
            }
        }
        let key = match &self.key {
            Some(key) => key.clone(),
            None => self.key.insert(Secret::fresh()?).clone(),
        };
        let mut built = write(&draft, Some((KEY, &key)), Timestamp::now())?;
        drop(draft);
        let says = match due.tag.erased.is_empty() {
            true => says_the_same,
            false => {
                built = without(built, &due, &key)?;
                holds_no_more
            }
        };
        if is_derived_alike && !built.add.tags.segments.iter().all(|tag| says(tag, &due.tag)) {
            let segment = due.tag.id.to_string();
            self.differs(format!("segment {segment}"), msg!("verify-tag-differs", segment = segment));
        }
        let file = match &self.bytes {
            Some(file) => file,
            None => {
                let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
                self.bytes.insert(Arc::new(tempfile::tempfile_in(folder).map_err(unwritable)?))
            }
        };
        file.write_all_at(&built.bytes, self.end).map_err(unwritable)?;
        let next = self.end + built.bytes.len() as u64;
        self.places.insert(due.tag.id, self.end..next);
        self.end = next;
        self.files.push(built.add);
        Ok(())
    }

    fn differs(&mut self, what: String, message: shoseki_messages::Message) {
        if self.differences.len() < MAX_DIFFERENCES {
            self.differences.push(Difference { what, message });
        }
    }
}

/// What stands in the place of a record that was erased until its segment is written.
fn stand_in(tag: &SegmentTag) -> Provenance {
    let stream = tag.streams.first();
    Provenance {
        kind: Kind::Unparsed,
        source: tag.source.as_str().into(),
        stream: stream.map(|stream| stream.name.as_str()).unwrap_or_default().into(),
        origin: "".into(),
        position: 0,
        received: stream.map_or(tag.min, |stream| stream.min),
        reason: "".into(),
    }
}

/// A written segment without what was erased of it: a query passes over the places.
fn without(built: Built, due: &Due, key: &Secret) -> Result<Built> {
    let Add { name, class, day, tags, .. } = built.add;
    let opened = tags.key.as_ref().map(|wrapped| wrapped.open(key, &name.to_string())).transpose()?;
    let (footer, batches) = records(built.bytes, opened.as_ref(), &[])?;
    let rows = batches.collect::<Result<_>>()?;
    let seeds = footer.segments.into_iter().map(|(_, seeds)| seeds);
    let segments = tags.segments.into_iter().zip(seeds).collect();
    let (layout, format) = (Layout::Text, tags.format);
    let whole = Merged { name, class, day, layout, format, segments, rows };
    let gone = Erased::from([(due.tag.id, due.tag.erased.clone())]);
    erase(whole, &gone, Some((KEY, key)), Timestamp::now())
}

/// Whether a segment of which records were erased holds no more than its commit says of all.
fn holds_no_more(found: &SegmentTag, said: &SegmentTag) -> bool {
    let is_stream = |own: &StreamTag| {
        let of = said.streams.iter().find(|stream| stream.name == own.name);
        of.is_some_and(|of| own.min >= of.min && own.max <= of.max)
    };
    found.count == said.count && found.min >= said.min && found.max <= said.max && found.streams.iter().all(is_stream)
}

/// Whether a segment holds what its commit says, as far as that decides which queries look into it.
fn says_the_same(found: &SegmentTag, said: &SegmentTag) -> bool {
    let of = |tag: &SegmentTag| (tag.min, tag.max, tag.source.clone(), tag.streams.clone(), tag.count, tag.raw);
    of(found) == of(said)
}

#[async_trait]
impl Store for Rebuilt {
    fn files(&self) -> &[Add] {
        &self.files
    }

    async fn read(&self, file: &Add, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let unreadable = || Fault::world(msg!("package-again-unwritable"));
        let place = self.places.get(&file.id()).ok_or_else(unreadable)?;
        let bytes = self.bytes.as_ref().ok_or_else(unreadable)?;
        let read = |range: &Range<u64>| {
            let is_within = range.start <= range.end && range.end <= place.end - place.start;
            let length = if is_within { range.end - range.start } else { return Err(unreadable()) };
            let mut buffer = vec![0; usize::try_from(length).map_err(|_| unreadable())?];
            bytes.read_exact_at(&mut buffer, place.start + range.start).map_err(unwritable)?;
            Ok(Bytes::from(buffer))
        };
        ranges.iter().map(read).collect()
    }

    async fn key(&self, file: &Add) -> Result<Option<Secret>> {
        let wrapped = file.tags.key.as_ref().zip(self.key.as_ref());
        wrapped.map(|(wrapped, key)| wrapped.open(key, &file.id().to_string())).transpose()
    }
}
