//! Making an index out of the rows of a file, as they are written or as they are read back.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use hashbrown::HashSet;
use shoseki_messages::Result;

use super::columns::{Columns, Notes};
use super::items::{Taker, of_token};
use super::pieces::each_piece;
use super::{CHUNK, IndexTag, Item, Opener, Version, filter};
use crate::keys::Secret;
use crate::shred::{Kind, REST, TEMPLATE, Texts, uuid_text};

/// Files with fewer raw bytes than this have no index: they are read as fast as it. By the first version that was said of larger ones,
/// which it is not true of: where evidence comes in small portions, each of them was opened for each needle.
const fn least(version: Version) -> u64 {
    match version {
        Version::First => 64 << 10,
        Version::Second => 4 << 10,
    }
}

/// Files with fewer have no header: it would be as large as what it is about.
const LEAST_WITH_HEADER: u64 = 1 << 20;

/// No more items than this are expected before they are seen: a set of them is 16 MiB.
const MOST_EXPECTED: usize = 1 << 20;

/// Hashes are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct AsItIs(u64);

impl std::hash::Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

type Hashes = HashSet<u64, std::hash::BuildHasherDefault<AsItIs>>;

/// An index that is being made.
#[derive(Debug)]
pub struct Builder {
    version: Version,
    columns: BTreeMap<String, Column>,
    found: Found,
}

/// What stands in values, of whatever column.
#[derive(Debug, Default)]
struct Found {
    items: Hashes,
    taker: Taker,
    hasher: foldhash::fast::FixedState,
}

#[derive(Debug, Default)]
struct Column {
    notes: Notes,
    values: Seen,
    pieces: Seen,
}

/// What was looked at before, while that saves work: where nothing comes again, it is given up.
#[derive(Debug, Default)]
struct Seen {
    hashes: Hashes,
    looked: usize,
}

impl Seen {
    fn is_new(&mut self, hash: u64) -> bool {
        const JUDGED: usize = 4_096;
        if self.looked >= JUDGED && self.hashes.len() * 2 > self.looked {
            return true;
        }
        self.looked += 1;
        self.hashes.insert(hash)
    }
}

/// An index as it is before it is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain {
    version: Version,
    header: u32,
    blocks: u32,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").field("header", &self.header).field("blocks", &self.blocks).finish_non_exhaustive()
    }
}

impl Builder {
    /// One of rows whose length nobody knows yet.
    pub fn new(version: Version) -> Self {
        let found = Found { taker: Taker::new(version), ..Found::default() };
        Self { version, columns: BTreeMap::new(), found }
    }

    /// One for a file of so many raw bytes.
    pub fn for_bytes(version: Version, raw: u64) -> Self {
        let mut builder = Self::new(version);
        // A set that grows is copied again and again; what differs between events of CloudTrail is an item in about 90 bytes.
        builder.found.items.reserve(usize::try_from(raw / 128).unwrap_or_default().min(MOST_EXPECTED));
        builder
    }

    /// Whether a file of so many raw bytes has an index.
    pub fn is_worth_it(version: Version, raw: u64) -> bool {
        raw >= least(version)
    }

    /// Notes the events of a batch that has the columns of a file.
    pub fn add(&mut self, batch: &RecordBatch) {
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let name = field.name();
            if name == "raw" {
                array.as_binary_opt::<i32>().into_iter().flatten().flatten().for_each(|event| self.whole(event));
            } else if name == TEMPLATE || name == REST || Kind::of_column(name).is_some() {
                self.column(name, array);
            }
        }
    }

    fn column(&mut self, name: &str, array: &ArrayRef) {
        let Self { columns, found, .. } = self;
        // A column without a value is not spoken of.
        match Texts::of(array) {
            Some(Texts::Plain(texts)) if texts.null_count() < texts.len() => {
                let column = columns.entry(name.to_owned()).or_default();
                texts.iter().flatten().for_each(|text| found.value(column, text.as_bytes()));
            }
            Some(Texts::Dictionary(numbers, texts)) => {
                let mut is_used = vec![false; texts.len()];
                for number in numbers.keys().iter().flatten() {
                    let used = usize::try_from(number).ok().and_then(|number| is_used.get_mut(number));
                    used.into_iter().for_each(|used| *used = true);
                }
                let mut used = (0..texts.len()).filter(|at| is_used[*at] && texts.is_valid(*at)).peekable();
                if used.peek().is_some() {
                    let column = columns.entry(name.to_owned()).or_default();
                    used.for_each(|at| found.value(column, texts.value(at).as_bytes()));
                }
            }
            Some(Texts::Uuids(uuids)) => {
                let mut text = Vec::with_capacity(36);
                for uuid in uuids.iter().flatten() {
                    text.clear();
                    uuid_text(uuid, &mut text);
                    found.items.extend(of_token(&text).map(|item| item.0));
                }
            }
            Some(Texts::Plain(_)) | None => {}
        }
    }

    /// An event that was not taken apart: anything may be in it.
    fn whole(&mut self, event: &[u8]) {
        let anything = || Column { notes: Notes::of_anything(), ..Column::default() };
        let column = self.columns.entry("raw".to_owned()).or_insert_with(anything);
        self.found.pieces(column, event, false);
    }

    /// The index of a file of so many raw bytes.
    pub fn finish(self, raw: u64) -> Plain {
        let columns = Some(self.columns).filter(|_| raw >= LEAST_WITH_HEADER).unwrap_or_default();
        let summaries = columns.into_iter().map(|(name, column)| (name, column.notes.finish()));
        let mut bytes = Columns(summaries.collect()).to_bytes();
        let header = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let items = self.found.items;
        let blocks = filter::blocks(items.len(), raw);
        let start = bytes.len().next_multiple_of(CHUNK);
        bytes.resize(start + blocks as usize * filter::BLOCK, 0);
        if let Some(filter) = bytes.get_mut(start..) {
            items.iter().for_each(|item| filter::put(filter, Item(*item), blocks, self.version));
        }
        Plain { version: self.version, header, blocks, bytes }
    }
}

impl Found {
    fn value(&mut self, column: &mut Column, value: &[u8]) {
        if column.values.is_new(self.hasher.hash_one(value)) {
            column.notes.add(value);
            self.pieces(column, value, true);
        }
    }

    /// The items of a value's pieces. One that is a piece as a whole is new where the value is.
    fn pieces(&mut self, column: &mut Column, value: &[u8], is_new: bool) {
        let Self { items, taker, hasher } = self;
        each_piece(value, &mut |piece| {
            if is_new && piece.len() == value.len() || column.pieces.is_new(hasher.hash_one(piece)) {
                taker.take(piece, |item| {
                    items.insert(item.0);
                });
            }
        });
    }
}

impl Plain {
    /// What the commit says of it where it begins at a place of the file.
    pub fn tag(&self, offset: u64) -> IndexTag {
        IndexTag { offset, header: self.header, blocks: self.blocks, version: self.version }
    }

    /// As it stands in the file of a path.
    ///
    /// # Errors
    /// Our own broken invariant where the cipher refuses.
    pub fn stored(&self, file_key: Option<&Secret>, path: &str) -> Result<Vec<u8>> {
        match file_key {
            Some(key) => Opener::new(key, path).seal(&self.bytes),
            None => Ok(self.bytes.clone()),
        }
    }
}
