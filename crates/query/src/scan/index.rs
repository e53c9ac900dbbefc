//! The skip index of a file, as a query asks it: the few chunks that it needs.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use datafusion::error::Result;
use shoseki_messages::{Fault, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::index::{Columns, IndexTag, Item, Opener, may_have};

use super::file::source_of_text;
use super::opened::outside;
use super::wanted::Wanted;
use crate::store::Store;

/// The index of one file.
pub(super) struct Index<'a> {
    store: &'a dyn Store,
    file: &'a Add,
    tag: IndexTag,
    opener: Option<Opener>,
    chunks: HashMap<usize, Vec<u8>>,
}

impl<'a> Index<'a> {
    /// The index of a file; `None` where it has none.
    pub(super) async fn of(store: &'a Arc<dyn Store>, file: &'a Add) -> Result<Option<Self>> {
        let Some(tag) = file.tags.index else { return Ok(None) };
        let key = store.key(file).await.map_err(outside)?;
        let opener = key.map(|key| Opener::new(&key, &file.path()));
        Ok(Some(Self { store: store.as_ref(), file, tag, opener, chunks: HashMap::new() }))
    }

    async fn read(&self, chunks: Range<usize>) -> Result<Vec<u8>> {
        let range = self.tag.bytes_of(chunks.clone(), self.opener.is_some());
        let short = || outside(Fault::damage(msg!("query-file-unreadable", path = self.file.path())));
        if range.end > self.file.size {
            return Err(short());
        }
        let stored = self.store.read(self.file, &[range]).await.map_err(outside)?.pop().ok_or_else(short)?;
        match &self.opener {
            Some(opener) => opener.open(chunks.start, &stored).map_err(outside),
            None => Ok(stored.into()),
        }
    }

    /// Whether the file may hold what is wanted.
    pub(super) async fn may_hold(&mut self, wanted: &Wanted) -> Result<bool> {
        let is_json = source_of_text(self.file).is_none();
        for any_of in wanted.0.iter().filter(|any_of| is_json || !any_of.in_field) {
            let mut may_be = false;
            for literal in &any_of.literals {
                // Most are ruled out by the first item that they need, so one chunk is fetched after the other.
                may_be = loop {
                    let mut unknown = None;
                    let may_be = literal.may_be(|item| match self.known(item) {
                        Some(has) => has,
                        None => {
                            unknown.get_or_insert(item);
                            false
                        }
                    });
                    let Some(item) = unknown else { break may_be };
                    let (chunk, _) = self.tag.chunk_of(item);
                    let bytes = self.read(chunk..chunk + 1).await?;
                    self.chunks.insert(chunk, bytes);
                };
                if may_be {
                    break;
                }
            }
            if !may_be {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether an item may be there, where its chunk was fetched.
    fn known(&self, item: Item) -> Option<bool> {
        let (chunk, place) = self.tag.chunk_of(item);
        self.chunks.get(&chunk).map(|bytes| may_have(bytes.get(place..).unwrap_or_default(), item))
    }

    /// What is in the columns of the file; `None` where the index does not say, as in a small file.
    pub(super) async fn columns(&self) -> Result<Option<Columns>> {
        if self.tag.header == 0 {
            return Ok(None);
        }
        let header = self.read(self.tag.header_range()).await?;
        Columns::parse(header.get(..self.tag.header as usize).unwrap_or_default()).map(Some).map_err(outside)
    }
}
