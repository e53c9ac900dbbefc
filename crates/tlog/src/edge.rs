//! The writer's side: the right edge of the tree, to which entries are appended, and the objects that publish them.
//!
//! ```text
//! let paths = edge_paths(size);             // plan
//! let objects = fetch(paths);               // somebody else's I/O
//! let mut edge = Edge::load(size, &objects, root)?;
//! edge.append(entry)?;                      // compute
//! for (path, bytes) in edge.objects()? {}   // create each, and the checkpoint of edge.size() last
//! ```
//! It is not where two writers agree: both may append to the same tree, and the same entries give the same objects.

use bytes::Bytes;
use shoseki_merkle::{Hash, leaf_hash, root};
use shoseki_messages::{Fault, Result, msg};

use crate::paths::LEVELS;
use crate::tiles::{encode_bundle, encode_tile, entry_length, read_bundle, read_tile, root_over};
use crate::{FULL_WIDTH, ObjectPath, Objects};

/// The partial tile at the edge of a level, and `None` where the tree of this size has none there.
fn edge_tile(level: u8, size: u64) -> Option<ObjectPath> {
    let hashes = size >> (u32::from(level) * 8);
    let width = (hashes % u64::from(FULL_WIDTH)) as u16;
    (width > 0).then_some(ObjectPath::Tile { level, index: hashes / u64::from(FULL_WIDTH), width })
}

/// The partial bundle at the edge, and `None` where the last one is full or there is none.
fn edge_bundle(size: u64) -> Option<ObjectPath> {
    ObjectPath::entries_of(size.checked_sub(1)?, size).filter(|path| *path != path.full())
}

/// The paths of the objects that [`Edge::load`] needs to go on from a tree of this size: at most eight partial tiles and
/// a partial bundle. Where a partial one is gone, the full one of [`crate::full_form`] serves.
pub fn edge_paths(size: u64) -> Vec<String> {
    let tiles = (0..LEVELS).filter_map(|level| edge_tile(level, size));
    tiles.chain(edge_bundle(size)).map(|path| path.to_string()).collect()
}

/// The right edge of a tree: what is needed of it to append and to know its root.
#[derive(Clone, Debug)]
pub struct Edge {
    size: u64,
    /// The size that is published: what [`Edge::objects`] starts from.
    published: u64,
    /// The hashes of the partial tile at each level's edge.
    levels: [Vec<Hash>; LEVELS as usize],
    /// The entries of the partial bundle.
    entries: Vec<Bytes>,
    /// Full tiles and bundles since `published`.
    finished: Vec<(ObjectPath, Bytes)>,
}

impl Edge {
    /// The edge of a tree without entries.
    pub fn empty() -> Self {
        Self { size: 0, published: 0, levels: Default::default(), entries: Vec::new(), finished: Vec::new() }
    }

    /// The edge of the published tree of this size, from the objects of [`edge_paths`], which must lead to the root
    /// that a verified checkpoint states.
    ///
    /// # Errors
    /// Damage where an object is missing or unreadable, a bundle is not what the tile says, or the root is another.
    pub fn load(size: u64, objects: &Objects, expected_root: Hash) -> Result<Self> {
        let mut edge = Self { size, published: size, ..Self::empty() };
        for (level, hashes) in (0..LEVELS).zip(&mut edge.levels) {
            if let Some(path) = edge_tile(level, size) {
                *hashes = read_tile(objects, &path)?;
            }
        }
        if let Some(path) = edge_bundle(size) {
            edge.entries = read_bundle(objects, &path)?;
            if !edge.entries.iter().map(|entry| leaf_hash(entry)).eq(edge.levels[0].iter().copied()) {
                return Err(Fault::damage(msg!("tlog-bundle-differs", path = path.to_string())));
            }
        }
        let root = edge.root()?;
        if root != expected_root {
            let (found, expected) = (root.to_string(), expected_root.to_string());
            return Err(Fault::damage(msg!("tlog-root-differs", size = size, found = found, expected = expected)));
        }
        Ok(edge)
    }

    /// How many entries the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root.
    ///
    /// # Errors
    /// Our own broken invariant only: the edge holds what its size says.
    pub fn root(&self) -> Result<Hash> {
        root_over(0..self.size, |place| {
            let level = self.levels.get(usize::from(place.level));
            let hashes = level.and_then(|level| level.get(place.within.clone()));
            hashes.map(root).ok_or_else(|| Fault::broken(msg!("tlog-edge-broken", size = self.size)))
        })
    }

    /// Appends the next entry.
    ///
    /// # Errors
    /// The caller's mistake where the entry is longer than [`crate::MAX_ENTRY_BYTES`]; the edge is then unchanged.
    pub fn append(&mut self, entry: &[u8]) -> Result<()> {
        entry_length(entry)?;
        let broken = || Fault::broken(msg!("tlog-edge-broken", size = self.size));
        let size = self.size.checked_add(1).ok_or_else(broken)?;

        self.entries.push(Bytes::copy_from_slice(entry));
        if self.entries.len() == usize::from(FULL_WIDTH) {
            let path = ObjectPath::Entries { index: self.size / u64::from(FULL_WIDTH), width: FULL_WIDTH };
            self.finished.push((path, encode_bundle(&self.entries)?));
            self.entries.clear();
        }

        // A tile that fills up is finished, and its root is the next hash one level higher.
        let mut hash = leaf_hash(entry);
        for (level, hashes) in (0..LEVELS).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < usize::from(FULL_WIDTH) {
                break;
            }
            let index = self.size >> (u32::from(level) * 8) >> 8;
            self.finished.push((ObjectPath::Tile { level, index, width: FULL_WIDTH }, encode_tile(hashes)));
            hash = root(hashes);
            hashes.clear();
        }
        self.size = size;
        Ok(())
    }

    /// All objects to be created so that the appended entries are published: every tile and bundle that became full, and
    /// the partial ones of the size now. Only those of the size now are needed, however many entries came at once: no
    /// checkpoint states a size in between. They may be created in any order, before the checkpoint.
    ///
    /// # Errors
    /// Our own broken invariant only.
    pub fn objects(&self) -> Result<Vec<(String, Bytes)>> {
        let mut objects: Vec<_> = self.finished.iter().map(|(path, bytes)| (path.to_string(), bytes.clone())).collect();
        if self.size == self.published {
            return Ok(objects);
        }
        for (level, hashes) in (0..LEVELS).zip(&self.levels) {
            let path = edge_tile(level, self.size);
            // Where the level did not grow, the tile was there before.
            if let Some(path) = path.filter(|path| edge_tile(level, self.published) != Some(*path)) {
                objects.push((path.to_string(), encode_tile(hashes)));
            }
        }
        if let Some(path) = edge_bundle(self.size) {
            objects.push((path.to_string(), encode_bundle(&self.entries)?));
        }
        Ok(objects)
    }

    /// Notes that all of [`Edge::objects`] were created: the next ones start from here.
    pub fn mark_published(&mut self) {
        self.published = self.size;
        self.finished.clear();
    }
}
