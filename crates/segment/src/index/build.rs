//! Making an index out of the rows of a file, as they are written or as they are read back.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use hashbrown::HashSet;
use shoseki_messages::Result;

use super::columns::{Columns, Notes};
use super::items::Taker;
use super::pieces::each_piece;
use super::{CHUNK, IndexTag, Item, Opener, filter};
use crate::keys::Secret;
use crate::shred::{Kind, REST, TEMPLATE, Texts, uuid_text};

/// Files with fewer raw bytes than this have no index: they are read as fast as it.
const LEAST: u64 = 64 << 10;

/// Files with fewer have no header: it would be as large as what it is about.
const LEAST_WITH_HEADER: u64 = 1 << 20;

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
#[derive(Debug, Default)]
pub struct Builder {
    items: Hashes,
    columns: BTreeMap<String, Column>,
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
    /// Whether a file of so many raw bytes has an index.
    pub fn is_worth_it(raw: u64) -> bool {
        raw >= LEAST
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
        match Texts::of(array) {
            Some(Texts::Plain(texts)) => texts.iter().flatten().for_each(|text| self.value(name, text.as_bytes())),
            Some(Texts::Dictionary(numbers, texts)) => {
                let mut is_used = vec![false; texts.len()];
                for number in numbers.keys().iter().flatten() {
                    let used = usize::try_from(number).ok().and_then(|number| is_used.get_mut(number));
                    used.into_iter().for_each(|used| *used = true);
                }
                for at in (0..texts.len()).filter(|at| is_used[*at] && texts.is_valid(*at)) {
                    self.value(name, texts.value(at).as_bytes());
                }
            }
            Some(Texts::Uuids(uuids)) => {
                let mut text = Vec::with_capacity(36);
                for uuid in uuids.iter().flatten() {
                    text.clear();
                    uuid_text(uuid, &mut text);
                    self.taker.take(&text, |item| {
                        self.items.insert(item.0);
                    });
                }
            }
            None => {}
        }
    }

    /// An event that was not taken apart: anything may be in it.
    fn whole(&mut self, event: &[u8]) {
        let anything = || Column { notes: Notes::of_anything(), ..Column::default() };
        let column = self.columns.entry("raw".to_owned()).or_insert_with(anything);
        let (taker, items, hasher) = (&mut self.taker, &mut self.items, &self.hasher);
        each_piece(event, &mut |piece| {
            if column.pieces.is_new(hasher.hash_one(piece)) {
                taker.take(piece, |item| {
                    items.insert(item.0);
                });
            }
        });
    }

    fn value(&mut self, name: &str, value: &[u8]) {
        let column = match self.columns.get_mut(name) {
            Some(column) => column,
            None => self.columns.entry(name.to_owned()).or_default(),
        };
        let hash = self.hasher.hash_one(value);
        if !column.values.is_new(hash) {
            return;
        }
        column.notes.add(value);
        let (taker, items, hasher) = (&mut self.taker, &mut self.items, &self.hasher);
        each_piece(value, &mut |piece| {
            // A value of one piece is as new as it is.
            if piece.len() == value.len() || column.pieces.is_new(hasher.hash_one(piece)) {
                taker.take(piece, |item| {
                    items.insert(item.0);
                });
            }
        });
    }

    /// The index of a file of so many raw bytes.
    pub fn finish(self, raw: u64) -> Plain {
        let columns = Some(self.columns).filter(|_| raw >= LEAST_WITH_HEADER).unwrap_or_default();
        let summaries = columns.into_iter().map(|(name, column)| (name, column.notes.finish()));
        let mut bytes = Columns(summaries.collect()).to_bytes();
        let header = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let blocks = filter::blocks(self.items.len(), raw);
        let start = bytes.len().next_multiple_of(CHUNK);
        bytes.resize(start + blocks as usize * filter::BLOCK, 0);
        if let Some(filter) = bytes.get_mut(start..) {
            self.items.iter().for_each(|item| filter::put(filter, Item(*item), blocks));
        }
        Plain { header, blocks, bytes }
    }
}

impl Plain {
    /// What the commit says of it where it begins at a place of the file.
    pub fn tag(&self, offset: u64) -> IndexTag {
        IndexTag { offset, header: self.header, blocks: self.blocks }
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
