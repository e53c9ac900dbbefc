//! What is known already: where each record lies that an incoming one may be a duplicate of.
//!
//! A true duplicate has the same event time, so only segments whose time range holds it are looked at; records without a
//! key have no time of their own, so for them all segments that hold such records are. A hit is only a hash: whoever asks
//! compares the bytes.

use std::collections::HashSet;

use hashbrown::HashTable;
use shoseki_event::{Record, SegmentId, Timestamp};
use shoseki_messages::Result;
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

/// The hashes of the segments that were looked at.
#[derive(Default)]
pub(crate) struct Known {
    entries: HashTable<Entry>,
    segments: Vec<SegmentId>,
    loaded: HashSet<SegmentId>,
}

/// The hash is uniform: it is the beginning of a SHA-256.
fn slot(hash: i64) -> u64 {
    hash.cast_unsigned()
}

impl Known {
    /// Makes sure that every segment of `files` is loaded that may hold one of `records`.
    pub(crate) async fn load_for(
        &mut self,
        vault: &Vault,
        files: impl Iterator<Item = &File>,
        records: &[&Record],
    ) -> Result<()> {
        let mut times: Vec<Timestamp> =
            records.iter().filter(|record| record.columns.key.is_some()).map(|record| record.columns.time).collect();
        times.sort_unstable();
        let any_unkeyed = times.len() < records.len();
        for file in files {
            let Some(tag) = file.add.tags.segments.first() else { continue };
            let holds = times.get(times.partition_point(|time| *time < tag.min)).is_some_and(|time| *time <= tag.max);
            let wanted = holds || (any_unkeyed && tag.unkeyed > 0);
            if wanted && !self.loaded.contains(&tag.id) {
                let hashes = vault.key_hashes(file).await?;
                self.load(file, &hashes);
            }
        }
        Ok(())
    }

    fn load(&mut self, file: &File, hashes: &[i64]) {
        let mut row = 0;
        for tag in &file.add.tags.segments {
            if self.loaded.insert(tag.id) {
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
        self.loaded.insert(segment);
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
