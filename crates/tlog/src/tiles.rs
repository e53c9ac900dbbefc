//! What tiles and entry bundles hold (C2SP tlog-tiles), and where a subtree's hashes stand in them.
//!
//! ```text
//! tile      32 bytes a hash, 1 to 256 of them
//! bundle    2 bytes big-endian length, then the entry, 1 to 256 times
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use shoseki_merkle::{Hash, empty_root, node_hash, perfect_subtrees};
use shoseki_messages::{Fault, Result, msg};

use crate::{FULL_WIDTH, ObjectPath};

/// The longest entry: its length stands in two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;
const HASH_BYTES: usize = 32;

/// Objects that somebody fetched, by their path relative to the log's root.
pub type Objects = BTreeMap<String, Bytes>;

/// A bundle of these entries, in their order.
///
/// # Errors
/// The caller's mistake where there are more than 256 entries, none, or one is longer than [`MAX_ENTRY_BYTES`].
pub fn encode_bundle(entries: &[Bytes]) -> Result<Bytes> {
    if entries.is_empty() || entries.len() > usize::from(FULL_WIDTH) {
        return Err(Fault::caller(msg!("tlog-bundle-width", found = entries.len())));
    }
    let mut bundle = BytesMut::with_capacity(entries.iter().map(|entry| 2 + entry.len()).sum());
    for entry in entries {
        bundle.put_u16(entry_length(entry)?);
        bundle.put_slice(entry);
    }
    Ok(bundle.freeze())
}

/// The entry's length as a bundle has it.
pub(crate) fn entry_length(entry: &[u8]) -> Result<u16> {
    let too_long = |_| Fault::caller(msg!("tlog-entry-too-long", found = entry.len(), limit = MAX_ENTRY_BYTES));
    u16::try_from(entry.len()).map_err(too_long)
}

/// The entries of a bundle of exactly this width, with nothing after them; they share the bundle's memory.
///
/// # Errors
/// Damage where the bundle has fewer entries, is cut off, or has bytes left over.
pub fn decode_bundle(bundle: &Bytes, width: u16) -> Result<Vec<Bytes>> {
    let damaged = || Fault::damage(msg!("tlog-bundle-unreadable", width = width));
    if width == 0 || width > FULL_WIDTH {
        return Err(damaged());
    }
    let mut entries = Vec::with_capacity(width.into());
    let mut at = 0;
    for _ in 0..width {
        let length: [u8; 2] = bundle.get(at..at + 2).and_then(|two| two.try_into().ok()).ok_or_else(damaged)?;
        let end = at + 2 + usize::from(u16::from_be_bytes(length));
        if end > bundle.len() {
            return Err(damaged());
        }
        entries.push(bundle.slice(at + 2..end));
        at = end;
    }
    if at == bundle.len() { Ok(entries) } else { Err(damaged()) }
}

/// The bytes of a tile of these hashes.
pub(crate) fn encode_tile(hashes: &[Hash]) -> Bytes {
    let mut tile = BytesMut::with_capacity(hashes.len() * HASH_BYTES);
    hashes.iter().for_each(|hash| tile.put_slice(&hash.0));
    tile.freeze()
}

/// The hashes of a tile of exactly this width.
///
/// # Errors
/// Damage where the tile has another length.
pub fn decode_tile(tile: &[u8], width: u16) -> Result<Vec<Hash>> {
    if width == 0 || width > FULL_WIDTH || tile.len() != usize::from(width) * HASH_BYTES {
        return Err(Fault::damage(msg!("tlog-tile-unreadable", width = width, found = tile.len())));
    }
    let (hashes, _) = tile.as_chunks::<HASH_BYTES>();
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// An object, or the full one that has replaced it, with its width. A log may drop partial objects once the full one is
/// there, and begins with the same content.
fn find<'a>(objects: &'a Objects, path: &ObjectPath, width: u16) -> Result<(&'a Bytes, u16)> {
    let wanted = path.to_string();
    if let Some(bytes) = objects.get(&wanted) {
        return Ok((bytes, width));
    }
    match objects.get(&path.full().to_string()) {
        Some(bytes) => Ok((bytes, FULL_WIDTH)),
        None => Err(Fault::damage(msg!("tlog-object-missing", path = wanted))),
    }
}

/// An error in an object, with the object's name.
fn located(path: &ObjectPath) -> impl Fn(Fault) -> Fault {
    let path = path.to_string();
    move |fault| Fault::damage(msg!("tlog-object-unreadable", path = &path)).because(fault)
}

/// The hashes of a tile: as many as the path's width, from the object itself or from the full tile that replaced it.
///
/// # Errors
/// Damage where neither is there, or it does not have its length. The caller's mistake where the path names no tile.
pub fn read_tile(objects: &Objects, path: &ObjectPath) -> Result<Vec<Hash>> {
    let ObjectPath::Tile { width, .. } = *path else {
        return Err(Fault::caller(msg!("tlog-object-other-kind", path = path.to_string())));
    };
    let (bytes, found) = find(objects, path, width)?;
    let mut hashes = decode_tile(bytes, found).map_err(located(path))?;
    hashes.truncate(width.into());
    Ok(hashes)
}

/// The entries of a bundle: as many as the path's width, from the object itself or from the full bundle that replaced
/// it.
///
/// # Errors
/// Damage where neither is there, or it is no bundle of its width. The caller's mistake where the path names no bundle.
pub fn read_bundle(objects: &Objects, path: &ObjectPath) -> Result<Vec<Bytes>> {
    let ObjectPath::Entries { width, .. } = *path else {
        return Err(Fault::caller(msg!("tlog-object-other-kind", path = path.to_string())));
    };
    let (bytes, found) = find(objects, path, width)?;
    let mut entries = decode_bundle(bytes, found).map_err(located(path))?;
    entries.truncate(width.into());
    Ok(entries)
}

/// Where the hashes over a perfect subtree stand: at these positions of this tile.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) level: u8,
    pub(crate) index: u64,
    pub(crate) within: Range<usize>,
}

/// Where the hashes over a subtree's leaves stand, left to right.
pub(crate) fn places(leaves: Range<u64>) -> Vec<Place> {
    let place = |(height, nth): (u32, u64)| {
        let (level, spread) = (height / 8, height % 8);
        let first = nth << spread;
        let start = (first % u64::from(FULL_WIDTH)) as usize;
        Place { level: level as u8, index: first / u64::from(FULL_WIDTH), within: start..start + (1 << spread) }
    };
    perfect_subtrees(leaves).into_iter().map(place).collect()
}

/// The root over a subtree's leaves, where `root_at` gives the root over a perfect part of it.
pub(crate) fn root_over(leaves: Range<u64>, mut root_at: impl FnMut(&Place) -> Result<Hash>) -> Result<Hash> {
    let mut root: Option<Hash> = None;
    for place in places(leaves).iter().rev() {
        let left = root_at(place)?;
        root = Some(root.map_or(left, |right| node_hash(&left, &right)));
    }
    Ok(root.unwrap_or_else(empty_root))
}
