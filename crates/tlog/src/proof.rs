//! The reader's side: which tiles a proof needs, and the proof from them.
//!
//! A proof made here is not yet verified: the tiles may lie. `root_from_inclusion` and `verify_consistency` judge it
//! against a checkpoint's root. Where a partial tile is no longer there, the map may hold the full tile instead
//! ([`crate::full_form`]): `tile/0/000` for `tile/0/000.p/5`.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::iter::once;
use std::ops::Range;

use shoseki_merkle::{Hash, consistency_ranges, inclusion_ranges, root};
use shoseki_messages::{Fault, Result, msg};

use crate::tiles::{Place, places, read_tile, root_over};
use crate::{ObjectPath, Objects};

/// The tile that holds a subtree's hashes, in the tree of this size.
fn tile_of(place: &Place, size: u64) -> Result<ObjectPath> {
    ObjectPath::tile(place.level, place.index, size).ok_or_else(|| Fault::broken(msg!("tlog-edge-broken", size = size)))
}

fn paths(ranges: impl IntoIterator<Item = Range<u64>>, size: u64) -> Result<Vec<String>> {
    let tiles: Result<BTreeSet<ObjectPath>> =
        ranges.into_iter().flat_map(places).map(|place| tile_of(&place, size)).collect();
    Ok(tiles?.iter().map(ObjectPath::to_string).collect())
}

fn roots(ranges: impl IntoIterator<Item = Range<u64>>, size: u64, objects: &Objects) -> Result<Vec<Hash>> {
    let mut tiles: BTreeMap<ObjectPath, Vec<Hash>> = BTreeMap::new();
    let mut root_at = |place: &Place| {
        let path = tile_of(place, size)?;
        let hashes = match tiles.entry(path) {
            Entry::Occupied(tile) => tile.into_mut(),
            Entry::Vacant(place) => place.insert(read_tile(objects, &path)?),
        };
        hashes.get(place.within.clone()).map(root).ok_or_else(|| Fault::broken(msg!("tlog-edge-broken", size = size)))
    };
    ranges.into_iter().map(|range| root_over(range, &mut root_at)).collect()
}

fn inclusion(index: u64, size: u64) -> Result<Vec<Range<u64>>> {
    inclusion_ranges(index, size).ok_or_else(|| Fault::caller(msg!("tlog-no-such-entry", index = index, size = size)))
}

fn consistency(old: u64, new: u64) -> Result<Vec<Range<u64>>> {
    consistency_ranges(old, new).ok_or_else(|| Fault::caller(msg!("tlog-no-consistency", old = old, new = new)))
}

/// The paths of the tiles that the inclusion proof of an entry in the tree of this size needs.
///
/// # Errors
/// The caller's mistake where the tree has no such entry.
pub fn inclusion_paths(index: u64, size: u64) -> Result<Vec<String>> {
    paths(inclusion(index, size)?, size)
}

/// The inclusion proof of an entry in the tree of this size, from the tiles of [`inclusion_paths`].
///
/// # Errors
/// The caller's mistake where the tree has no such entry; damage where a tile is missing or unreadable.
pub fn prove_inclusion(index: u64, size: u64, objects: &Objects) -> Result<Vec<Hash>> {
    roots(inclusion(index, size)?, size, objects)
}

/// The paths of the tiles that the consistency proof between trees of these sizes needs.
///
/// # Errors
/// The caller's mistake where the old tree is larger, or empty while the new one is not: there is nothing to prove then.
pub fn consistency_paths(old: u64, new: u64) -> Result<Vec<String>> {
    paths(consistency(old, new)?, new)
}

/// The consistency proof between trees of these sizes, from the tiles of [`consistency_paths`].
///
/// # Errors
/// As [`consistency_paths`]; damage where a tile is missing or unreadable.
pub fn prove_consistency(old: u64, new: u64, objects: &Objects) -> Result<Vec<Hash>> {
    roots(consistency(old, new)?, new, objects)
}

/// The paths of the tiles from which the root of the tree of this size follows: those at its edge.
///
/// # Errors
/// Our own broken invariant only.
pub fn root_paths(size: u64) -> Result<Vec<String>> {
    paths(once(0..size), size)
}

/// The root of the tree of this size, from the tiles of [`root_paths`].
///
/// # Errors
/// Damage where a tile is missing or unreadable.
pub fn root_from_tiles(size: u64, objects: &Objects) -> Result<Hash> {
    let roots = roots(once(0..size), size, objects)?;
    roots.first().copied().ok_or_else(|| Fault::broken(msg!("tlog-edge-broken", size = size)))
}
