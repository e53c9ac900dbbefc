//! The skip index of a file, as a query asks it: the few chunks that it needs.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use datafusion::error::Result;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::index::{Columns, IndexTag, Item, Opener};

use super::file::source_of_text;
use super::opened::{Cache, outside};
use super::wanted::Wanted;
use crate::store::Store;

/// The index of one file.
pub(super) struct Index<'a> {
    store: &'a dyn Store,
    file: &'a Add,
    tag: IndexTag,
    /// Which items may be in the file, of those that were asked about.
    known: HashMap<Item, bool>,
}

impl<'a> Index<'a> {
    /// The index of a file; `None` where it has none.
    pub(super) fn of(store: &'a Arc<dyn Store>, file: &'a Add) -> Option<Self> {
        let tag = file.tags.index?;
        Some(Self { store: store.as_ref(), file, tag, known: HashMap::new() })
    }

    /// Runs of chunks, each of them whole, by one request.
    async fn read(&self, runs: &[Range<usize>]) -> Result<Vec<Vec<u8>>> {
        let key = self.store.key(self.file).await.map_err(outside)?;
        let opener = key.map(|key| Opener::new(&key, &self.file.path()));
        let ranges: Vec<Range<u64>> =
            runs.iter().map(|chunks| self.tag.bytes_of(chunks.clone(), opener.is_some())).collect();
        let short = || outside(Fault::damage(msg!("query-file-unreadable", path = self.file.path())));
        if ranges.iter().any(|range| range.end > self.file.size) {
            return Err(short());
        }
        let stored = self.store.read(self.file, &ranges).await.map_err(outside)?;
        if stored.len() != runs.len() {
            return Err(short());
        }
        let open = |(chunks, stored): (&Range<usize>, bytes::Bytes)| match &opener {
            Some(opener) => opener.open(chunks.start, &stored).map_err(outside),
            None => Ok(stored.into()),
        };
        runs.iter().zip(stored).map(open).collect()
    }

    /// Whether the file may hold what is wanted.
    pub(super) async fn may_hold(&mut self, wanted: &Wanted, cache: &Cache) -> Result<bool> {
        let is_json = source_of_text(self.file).is_none();
        for any_of in wanted.0.iter().filter(|any_of| is_json || !any_of.in_field) {
            // Of items that must all be there, most are ruled out by the first, so the others are not fetched before that one is
            // known. Of alternatives each must be ruled out, so what each needs next is fetched at once.
            let may_be = loop {
                let mut unknown: BTreeMap<usize, Vec<Item>> = BTreeMap::new();
                let mut has = |item| match self.known.get(&item).copied().or_else(|| cache.item(self.file.id(), item)) {
                    Some(has) => has,
                    None => {
                        unknown.entry(self.tag.chunk_of(item).0).or_default().push(item);
                        false
                    }
                };
                let may_be = any_of.literals.iter().any(|literal| literal.may_be(self.tag.version, &mut has));
                if may_be || unknown.is_empty() {
                    break may_be;
                }
                self.fetch(&unknown, cache).await?;
            };
            if !may_be {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Fetches the chunks of items, and looks for these in them.
    async fn fetch(&mut self, wanted: &BTreeMap<usize, Vec<Item>>, cache: &Cache) -> Result<()> {
        let runs: Vec<Range<usize>> = wanted.keys().map(|chunk| *chunk..chunk + 1).collect();
        let read = self.read(&runs).await?;
        let has = |(items, bytes): (&Vec<Item>, &Vec<u8>)| {
            let has = |item: &Item| {
                (*item, self.tag.may_have(bytes.get(self.tag.chunk_of(*item).1..).unwrap_or_default(), *item))
            };
            items.iter().map(has).collect::<Vec<_>>()
        };
        let found: Vec<(Item, bool)> = wanted.values().zip(&read).flat_map(has).collect();
        cache.keep_items(self.file.id(), &found);
        self.known.extend(found);
        Ok(())
    }

    /// What is in the columns of the file; `None` where the index does not say, as in a small file.
    pub(super) async fn columns(&self) -> Result<Option<Columns>> {
        if self.tag.header == 0 {
            return Ok(None);
        }
        let header = self.read(&[self.tag.header_range()]).await?.pop().unwrap_or_default();
        Columns::parse(header.get(..self.tag.header as usize).unwrap_or_default()).map(Some).map_err(outside)
    }
}
