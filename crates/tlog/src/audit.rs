//! What a log's objects must hold, recomputed from its entries: to judge tiles and bundles without trusting them.
//!
//! It goes the definition's way, level by level from the leaves, and does not run the writer's edge: a defect there does
//! not hide itself here. What both share is the formats and how a root follows from a level's hashes; the root of
//! [`tree_from_entries`] does not even need that.

use std::collections::BTreeMap;

use bytes::Bytes;
use shoseki_merkle::{Builder, Hash, leaf_hash, root};
use shoseki_messages::{Fault, Result, msg};

use crate::paths::LEVELS;
use crate::tiles::{encode_bundle, encode_tile, entry_length, root_over};
use crate::{FULL_WIDTH, ObjectPath};

/// The size and the root of the tree over these entries, without keeping them.
pub fn tree_from_entries(entries: impl IntoIterator<Item = impl AsRef<[u8]>>) -> (u64, Hash) {
    let mut builder = Builder::new();
    builder.extend(entries.into_iter().map(|entry| leaf_hash(entry.as_ref())));
    (builder.size(), builder.root())
}

/// Every object of the log of these entries: full tiles and bundles, and the partial ones of its size.
///
/// # Errors
/// The caller's mistake where an entry is longer than [`crate::MAX_ENTRY_BYTES`].
pub fn expected_objects(entries: &[Bytes]) -> Result<BTreeMap<String, Bytes>> {
    Ok(Expected::of(entries.iter().cloned())?.objects())
}

/// What the objects of a log of these entries must hold.
#[derive(Clone, Debug)]
pub struct Expected {
    entries: Vec<Bytes>,
    /// All hashes of each level: the leaves', then the roots over each 256 of the level below.
    levels: Vec<Vec<Hash>>,
}

impl Expected {
    /// Hashes all entries, in their order.
    ///
    /// # Errors
    /// The caller's mistake where an entry is longer than [`crate::MAX_ENTRY_BYTES`].
    pub fn of(entries: impl IntoIterator<Item = impl Into<Bytes>>) -> Result<Self> {
        let entries: Vec<Bytes> = entries.into_iter().map(Into::into).collect();
        entries.iter().try_for_each(|entry| entry_length(entry).map(drop))?;
        let mut hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut levels = Vec::new();
        while !hashes.is_empty() {
            let above = hashes.chunks_exact(FULL_WIDTH.into()).map(root).collect();
            levels.push(std::mem::replace(&mut hashes, above));
        }
        Ok(Self { entries, levels })
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The root of the tree over the first `size` entries. `None` where there are not so many.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        let root_at = |level: usize, first: usize, count: usize| {
            self.levels.get(level).and_then(|hashes| hashes.get(first..first + count)).map(root)
        };
        root_over(0..size, |place| {
            let first = place.index as usize * usize::from(FULL_WIDTH) + place.within.start;
            root_at(place.level.into(), first, place.within.len())
                .ok_or_else(|| Fault::broken(msg!("tlog-edge-broken", size = size)))
        })
        .ok()
    }

    /// What the object must hold, for every full and partial tile and bundle that a tree of this size or any smaller
    /// one can have: a store keeps the partial ones of earlier checkpoints. `None` where no such tree has it, and for
    /// checkpoints, which do not follow from entries alone.
    pub fn object(&self, path: &ObjectPath) -> Option<Bytes> {
        let range = |index: u64, width: u16| {
            let first = usize::try_from(index).ok()?.checked_mul(FULL_WIDTH.into())?;
            Some(first..first.checked_add(width.into()).filter(|_| (1..=FULL_WIDTH).contains(&width))?)
        };
        match *path {
            ObjectPath::Tile { level, index, width } => {
                let hashes = self.levels.get(usize::from(level))?.get(range(index, width)?)?;
                Some(encode_tile(hashes))
            }
            ObjectPath::Entries { index, width } => encode_bundle(self.entries.get(range(index, width)?)?).ok(),
            ObjectPath::Checkpoint { .. } => None,
        }
    }

    /// The paths of the full objects and of the partial ones of the size now.
    pub fn paths(&self) -> Vec<ObjectPath> {
        let size = self.size();
        let tiles = |level: u8| (0..).map_while(move |index| ObjectPath::tile(level, index, size));
        let bundles = (0..size).step_by(FULL_WIDTH.into()).filter_map(move |first| ObjectPath::entries_of(first, size));
        (0..LEVELS).flat_map(tiles).chain(bundles).collect()
    }

    /// The full objects and the partial ones of the size now, with their content.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        let content = |path: ObjectPath| Some((path.to_string(), self.object(&path)?));
        self.paths().into_iter().filter_map(content).collect()
    }

    /// Checks an object that was found in a store.
    ///
    /// # Errors
    /// Damage where the path is none of the log's, no tree up to this size has such an object, or it holds other bytes.
    pub fn check(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let expected = self
            .object(&path.parse()?)
            .ok_or_else(|| Fault::damage(msg!("tlog-object-unexpected", path = path, size = self.size())))?;
        if expected == bytes { Ok(()) } else { Err(Fault::damage(msg!("tlog-object-differs", path = path))) }
    }
}
