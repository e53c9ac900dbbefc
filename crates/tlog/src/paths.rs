//! What the log's objects are called, relative to the log's root (C2SP tlog-tiles).
//!
//! ```text
//! tile/0/x001/x234/067        the full tile 1234067 of level 0
//! tile/1/000.p/17             the first 17 hashes of tile 0 of level 1
//! tile/entries/000.p/5        the first 5 entries
//! checkpoints/15              the signed checkpoint of the tree of 15 entries (ours: tlog-tiles has the latest only)
//! ```

use std::fmt;
use std::str::FromStr;

use shoseki_messages::{Fault, Result, msg};

/// How many hashes a full tile has, and how many entries a full bundle.
pub const FULL_WIDTH: u16 = 256;
/// The name of the copy of the latest signed checkpoint, where tlog-tiles expects it. It is the only object of a log that
/// changes, so nothing of ours relies on it.
pub const LATEST_CHECKPOINT: &str = "checkpoint";
/// A tree's size is below 2^64, so there are eight levels of 256 each.
pub(crate) const LEVELS: u8 = 8;
/// The longest path that names anything: 2^56 in four-character groups, and what stands around it.
const MAX_PATH_BYTES: usize = 64;

/// The name of an object of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectPath {
    /// Hashes of the tree: each is the root over 256^level entries.
    Tile {
        /// From 0, the leaves' hashes, to 7.
        level: u8,
        /// The tile's place within its level, from 0.
        index: u64,
        /// How many hashes it holds: 1 to 256.
        width: u16,
    },
    /// Entries.
    Entries {
        /// The bundle's place, from 0.
        index: u64,
        /// How many entries it holds: 1 to 256.
        width: u16,
    },
    /// The signed checkpoint of a size.
    Checkpoint {
        /// The tree's number of entries.
        size: u64,
    },
}

/// How many of a tile's places are filled in a tree of this size; `None` where the tile does not exist.
fn width(level: u8, index: u64, size: u64) -> Option<u16> {
    let hashes = size.checked_shr(u32::from(level) * 8)?;
    let before = index.checked_mul(FULL_WIDTH.into())?;
    let width = hashes.checked_sub(before)?.min(FULL_WIDTH.into());
    u16::try_from(width).ok().filter(|width| *width > 0)
}

impl ObjectPath {
    /// The tile as the tree of this size has it, partial at the tree's edge. `None` where that tree has no such tile.
    pub fn tile(level: u8, index: u64, size: u64) -> Option<Self> {
        if level >= LEVELS {
            return None;
        }
        Some(Self::Tile { level, index, width: width(level, index, size)? })
    }

    /// The bundle that holds the entry of this index, as the tree of this size has it. `None` where that tree has no
    /// such entry.
    pub fn entries_of(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let index = index / u64::from(FULL_WIDTH);
        Some(Self::Entries { index, width: width(0, index, size)? })
    }

    /// The full tile or bundle that replaces a partial one when the tree has grown; a full one, and a checkpoint, is
    /// itself.
    #[must_use]
    pub fn full(self) -> Self {
        match self {
            Self::Tile { level, index, .. } => Self::Tile { level, index, width: FULL_WIDTH },
            Self::Entries { index, .. } => Self::Entries { index, width: FULL_WIDTH },
            Self::Checkpoint { .. } => self,
        }
    }

    /// Whether a tree that can be counted has this object.
    fn is_possible(self) -> bool {
        let (level, index, width) = match self {
            Self::Tile { level, index, width } => (level, index, width),
            Self::Entries { index, width } => (0, index, width),
            Self::Checkpoint { .. } => return true,
        };
        let end = u128::from(index) * u128::from(FULL_WIDTH) + u128::from(width);
        (1..=FULL_WIDTH).contains(&width) && level < LEVELS && end << (u32::from(level) * 8) <= u128::from(u64::MAX)
    }
}

/// The full form of a path, for a reader who finds that a partial object is no longer there. `None` where it is the
/// same path, or none of the log's.
pub fn full_form(path: &str) -> Option<String> {
    let path: ObjectPath = path.parse().ok()?;
    let full = path.full();
    (full != path).then(|| full.to_string())
}

/// `x001/x234/067[.p/<W>]`.
fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    for (place, group) in groups.iter().enumerate().rev() {
        if place > 0 {
            write!(f, "x{group:03}/")?;
        } else {
            write!(f, "{group:03}")?;
        }
    }
    if width == FULL_WIDTH { Ok(()) } else { write!(f, ".p/{width}") }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Tile { level, index, width } => {
                write!(f, "tile/{level}/")?;
                write_place(f, index, width)
            }
            Self::Entries { index, width } => {
                f.write_str("tile/entries/")?;
                write_place(f, index, width)
            }
            Self::Checkpoint { size } => write!(f, "checkpoints/{size}"),
        }
    }
}

fn parse_place(text: &str) -> Option<(u64, u16)> {
    let (groups, width) = match text.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok().filter(|width| *width < FULL_WIDTH)?),
        None => (text, FULL_WIDTH),
    };
    let mut index = 0_u64;
    for group in groups.split('/') {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(group)?;
    }
    Some((index, width))
}

fn parse(text: &str) -> Option<ObjectPath> {
    if let Some(size) = text.strip_prefix("checkpoints/") {
        return Some(ObjectPath::Checkpoint { size: size.parse().ok()? });
    }
    let (level, place) = text.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = parse_place(place)?;
    match level {
        "entries" => Some(ObjectPath::Entries { index, width }),
        level => Some(ObjectPath::Tile { level: level.parse().ok()?, index, width }),
    }
}

impl FromStr for ObjectPath {
    type Err = Fault;

    /// Reads only what is written: every object has one name.
    fn from_str(text: &str) -> Result<Self> {
        let path = if text.len() <= MAX_PATH_BYTES { parse(text) } else { None };
        path.filter(|path| path.is_possible() && path.to_string() == text).ok_or_else(|| {
            let shown: String = text.chars().take(MAX_PATH_BYTES).collect();
            Fault::damage(msg!("tlog-path-unreadable", path = shown))
        })
    }
}
