//! Whether the rows of a file are the records of its segments: each in its place, and their leaves lead to the sealed roots.

use std::collections::VecDeque;

use arrow::array::RecordBatch;
use bytes::Bytes;
use shoseki_event::{Salt, SegmentId};
use shoseki_merkle::Builder;
use shoseki_messages::{Fault, Result, msg};

use crate::keys::Secret;
use crate::{LeafHasher, Rows, SegmentFooter, SegmentTag, records};

/// Rows of a file being led to the roots of its segments.
pub struct Roots<'a> {
    coming: VecDeque<(&'a SegmentTag, &'a crate::Seeds)>,
    current: Option<Segment<'a>>,
    hasher: LeafHasher,
}

/// The segment that is being read.
struct Segment<'a> {
    tag: &'a SegmentTag,
    salts: Vec<Option<Salt>>,
    next: u32,
    root: Builder,
}

fn differs(segment: SegmentId) -> Fault {
    Fault::damage(msg!("segment-root-differs", segment = segment.to_string()))
}

impl<'a> Roots<'a> {
    /// For a file with this footer, whose commit says this of its segments.
    ///
    /// # Errors
    /// Damage where the footer has other segments.
    pub fn of(tags: &'a [SegmentTag], footer: &'a SegmentFooter) -> Result<Self> {
        let names = footer.segments.iter().map(|(id, _)| *id);
        if names.ne(tags.iter().map(|tag| tag.id)) {
            return Err(Fault::damage(msg!("segment-footer-unreadable")));
        }
        let coming = tags.iter().zip(footer.segments.iter().map(|(_, seeds)| seeds)).collect();
        Ok(Self { coming, current: None, hasher: LeafHasher::default() })
    }

    /// Takes the next rows, with all the columns of [`Rows::COLUMNS`].
    ///
    /// # Errors
    /// Damage where a row is not the record that is due, or a segment's leaves do not lead to its root.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rows = Rows::of(batch)?;
        for row in 0..rows.len() {
            if self.current.as_ref().is_none_or(|segment| segment.next == segment.tag.count) {
                self.end()?;
                let too_many = || Fault::damage(msg!("segment-rows-differ"));
                let (tag, seeds) = self.coming.pop_front().ok_or_else(too_many)?;
                self.current = Some(Segment { tag, salts: seeds.salts(tag.count), next: 0, root: Builder::new() });
            }
            let Some(segment) = &mut self.current else { continue };
            let id = segment.tag.id;
            let is_due = rows.id(row) == (id.0.as_slice(), i32::try_from(segment.next).unwrap_or(-1));
            let salt = segment.salts.get(segment.next as usize).and_then(Option::as_ref);
            let leaf = rows.leaf(row, salt, &mut self.hasher)?;
            let is_erased = segment.tag.erased.contains(segment.next);
            let leaf = leaf.filter(|_| is_due && is_erased == salt.is_none()).ok_or_else(|| differs(id))?;
            segment.root.push(leaf);
            segment.next += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        match self.current.take() {
            Some(segment) if segment.root.root() != segment.tag.root => Err(differs(segment.tag.id)),
            _ => Ok(()),
        }
    }

    /// Behind the last rows.
    ///
    /// # Errors
    /// Damage where rows are missing, or the last segment's leaves do not lead to its root.
    pub fn finish(mut self) -> Result<()> {
        let is_short = self.current.as_ref().is_some_and(|segment| segment.next < segment.tag.count);
        if is_short || !self.coming.is_empty() {
            return Err(Fault::damage(msg!("segment-rows-differ")));
        }
        self.end()
    }
}

/// Whether a file holds the records of these segments, all of them, in order, and nothing else.
///
/// # Errors
/// Damage where it does not, or cannot be read.
pub fn check_roots(file: Bytes, key: Option<&Secret>, tags: &[SegmentTag]) -> Result<()> {
    let (footer, batches) = records(file, key, Rows::COLUMNS)?;
    let mut roots = Roots::of(tags, &footer)?;
    for batch in batches {
        roots.push(&batch?)?;
    }
    roots.finish()
}
