//! What is known already: where each record lies that an incoming one may be a duplicate of.
//!
//! A true duplicate has the same event time, so only segments whose time range holds it are looked at; records without a
//! key have no time of their own, so for them all segments that hold such records are. A hit is only a hash: whoever asks
//! compares the bytes.

use std::collections::HashMap;

use hashbrown::HashTable;
use shoseki_event::{Record, SegmentId, Timestamp};
use shoseki_messages::Result;
use shoseki_segment::SegmentTag;
use shoseki_segment::commit::File;

use crate::Vault;

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: SegmentId,
    pub(crate) ordinal: u32,
}

struct Entry {
    hash: i64,
    segment: u32,
    ordinal: u32,
}

/// How many records are remembered before those are forgotten that no recent record could be a duplicate of: as many as
/// fit into a table of 2^23 places, 143 MB.
const REMEMBERED: usize = 7_000_000;

/// The hashes of the segments that were looked at.
#[derive(Default)]
pub(crate) struct Known {
    entries: HashTable<Entry>,
    segments: Vec<SegmentId>,
    /// The segments whose records are all here, and when one of them was last in question.
    loaded: HashMap<SegmentId, u64>,
    /// Counts what was asked: a clock.
    asked: u64,
    /// Since when a file must have been written to be looked at for events without a key, in milliseconds since 1970: who
    /// delivers an event again does so soon.
    unkeyed_since_ms: i64,
}

/// The hash is uniform: it is the beginning of a SHA-256.
fn slot(hash: i64) -> u64 {
    hash.cast_unsigned()
}

impl Known {
    /// Looks at what was written since then only, where an event has no key.
    pub(crate) fn since(mut self, time: Timestamp) -> Self {
        self.unkeyed_since_ms = time.0 / 1_000;
        self
    }

    /// Makes sure that every segment of `files` is loaded that may hold one of `records`.
    pub(crate) async fn load_for(
        &mut self,
        vault: &Vault,
        files: impl Iterator<Item = &File>,
        records: &[&Record],
    ) -> Result<()> {
        self.asked += 1;
        let mut times: Vec<Timestamp> =
            records.iter().filter(|record| record.columns.key.is_some()).map(|record| record.columns.time).collect();
        times.sort_unstable();
        let any_unkeyed = times.len() < records.len();
        for file in files {
            let is_recent = file.add.modified_ms >= self.unkeyed_since_ms;
            let is_wanted = |tag: &SegmentTag| {
                let first = times.get(times.partition_point(|time| *time < tag.min));
                first.is_some_and(|time| *time <= tag.max) || (is_recent && any_unkeyed && tag.unkeyed > 0)
            };
            let wanted: Vec<SegmentId> =
                file.add.tags.segments.iter().filter(|tag| is_wanted(tag)).map(|tag| tag.id).collect();
            if wanted.iter().any(|segment| !self.loaded.contains_key(segment)) {
                let hashes = vault.key_hashes(file).await?;
                self.load(file, &hashes);
            }
            self.loaded.extend(wanted.into_iter().map(|segment| (segment, self.asked)));
        }
        Ok(())
    }

    fn load(&mut self, file: &File, hashes: &[i64]) {
        let mut row = 0;
        for tag in &file.add.tags.segments {
            if self.loaded.insert(tag.id, self.asked).is_none() {
                let own = hashes.iter().skip(row).take(tag.count as usize);
                for (ordinal, hash) in (0..).zip(own) {
                    self.insert(*hash, Place { segment: tag.id, ordinal });
                }
            }
            row += tag.count as usize;
        }
    }

    /// Says that a segment of our own is known, record by record.
    pub(crate) fn mark(&mut self, segment: SegmentId) {
        self.loaded.insert(segment, self.asked);
    }

    /// Forgets what was not in question lately, where much is remembered; it is loaded again when it is needed. Only to be
    /// called while nothing is staged: what is not in the store cannot be loaded again.
    pub(crate) fn forget_old(&mut self) {
        self.forget_beyond(REMEMBERED);
    }

    /// The same for so many.
    pub(crate) fn forget_beyond(&mut self, most: usize) {
        if self.entries.len() <= most {
            return;
        }
        let mut ages: Vec<u64> = self.loaded.values().copied().collect();
        ages.sort_unstable();
        let middle = ages.get(ages.len() / 2).copied().unwrap_or_default();
        self.loaded.retain(|_, age| *age > middle);
        let (old, loaded) = (std::mem::take(&mut self.segments), &self.loaded);
        let id_of = |entry: &Entry| old.get(entry.segment as usize).filter(|id| loaded.contains_key(*id)).copied();
        let mut places: HashMap<SegmentId, u32> = HashMap::new();
        let segments = &mut self.segments;
        self.entries.retain(|entry| {
            let Some(id) = id_of(entry) else { return false };
            entry.segment = *places.entry(id).or_insert_with(|| {
                segments.push(id);
                u32::try_from(segments.len() - 1).unwrap_or(u32::MAX)
            });
            true
        });
    }

    /// Adds a record.
    pub(crate) fn insert(&mut self, hash: i64, place: Place) {
        if self.segments.last() != Some(&place.segment) {
            let known = self.segments.iter().rev().take(64).position(|segment| *segment == place.segment);
            match known {
                Some(back) => return self.put(hash, self.segments.len() - 1 - back, place.ordinal),
                None => self.segments.push(place.segment),
            }
        }
        self.put(hash, self.segments.len() - 1, place.ordinal);
    }

    fn put(&mut self, hash: i64, segment: usize, ordinal: u32) {
        let entry = Entry { hash, segment: u32::try_from(segment).unwrap_or(u32::MAX), ordinal };
        self.entries.insert_unique(slot(hash), entry, |entry| slot(entry.hash));
    }

    /// The places of all records with a hash.
    pub(crate) fn find(&self, hash: i64) -> Vec<Place> {
        let mut places = Vec::new(); // allocates only on a hit
        for entry in self.entries.iter_hash(slot(hash)).filter(|entry| entry.hash == hash) {
            if let Some(segment) = self.segments.get(entry.segment as usize) {
                places.push(Place { segment: *segment, ordinal: entry.ordinal });
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(segment: u8, ordinal: u32) -> Place {
        Place { segment: SegmentId([segment; 16]), ordinal }
    }

    #[test]
    fn equal_hashes_are_all_found() {
        let mut known = Known::default();
        for at in [place(1, 0), place(2, 0), place(1, 7)] {
            known.insert(-5, at);
        }
        known.insert(6, place(3, 0));
        let mut found = known.find(-5);
        found.sort_by_key(|at| (at.segment, at.ordinal));
        assert_eq!(found, [place(1, 0), place(1, 7), place(2, 0)]);
        assert!(known.find(7).is_empty());
    }

    #[test]
    fn what_was_not_asked_for_lately_is_forgotten_first() {
        let mut known = Known::default();
        for segment in 0..10 {
            known.asked += 1;
            known.mark(SegmentId([segment; 16]));
            known.insert(i64::from(segment), place(segment, 0));
        }
        known.forget_beyond(10);
        assert_eq!(known.find(0).len(), 1, "there was room");
        known.forget_beyond(9);
        assert!(known.find(0).is_empty() && !known.loaded.contains_key(&SegmentId([0; 16])));
        assert_eq!(known.find(9), [place(9, 0)]);
    }
}
