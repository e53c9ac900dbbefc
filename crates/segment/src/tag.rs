//! What a commit says of each file: its segments with their roots, its hash, its wrapped key.
//!
//! Plain text, sealed for ever: counts, times and names of streams, never a value out of a record.
//!
//! ```text
//! "tags": {
//!   "shoseki.format":   "3",
//!   "shoseki.index":    "{\"offset\":4443120,\"header\":40112,\"blocks\":6120}",           absent in small files
//!   "shoseki.key":      "{\"id\":\"standard/2026-03\",\"wrapped\":\"…\"}",          absent without encryption
//!   "shoseki.segments": "[{\"id\":\"…\",\"root\":\"…\",\"count\":2,\"raw\":2900,\"min\":…,\"max\":…,\"source\":\"cloudtrail\",\"derivation\":1,
//!                         \"unkeyed\":0,\"unparsed\":0,\"streams\":[[\"cloudtrail/1\",2,…,…]]}]",
//!   "shoseki.sha256":   "…"                                                          of the file as it is stored
//! }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_event::{SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::index::IndexTag;
use crate::keys::WrappedKey;
use crate::layout::newer;
use crate::{ERASED_FORMAT, FORMAT_VERSION, MAX_RECORDS, Ordinals};

/// One stream's share of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamTag {
    /// The stream's name.
    pub name: String,
    /// How many records.
    pub count: u32,
    /// The earliest time.
    pub min: Timestamp,
    /// The latest time.
    pub max: Timestamp,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentTag {
    /// Its name.
    pub id: SegmentId,
    /// The Merkle root over its records' leaves, in order.
    pub root: Hash,
    /// How many records.
    pub count: u32,
    /// The length of their raw bytes, added up.
    pub raw: u64,
    /// The earliest time.
    pub min: Timestamp,
    /// The latest time.
    pub max: Timestamp,
    /// The one source of all its records.
    pub source: String,
    /// The version of what was derived from them: see `derivation`.
    pub derivation: u32,
    /// How many records have no key of their own and are known by where they came from.
    pub unkeyed: u32,
    /// How many records no parser could read.
    pub unparsed: u32,
    /// The streams, by name.
    pub streams: Vec<StreamTag>,
    /// The commit that first added it, where the file is one that a compaction or an erasure wrote: that commit proves its records.
    pub commit: Option<u64>,
    /// The records that were erased: of each there is a leaf and nothing else. What is said above is said of what was sealed,
    /// those included.
    pub erased: Ordinals,
}

impl SegmentTag {
    /// How many records there still are.
    pub fn left(&self) -> u64 {
        u64::from(self.count).saturating_sub(self.erased.len())
    }

    /// Whether a segment of which this tag says what its records say can be what is left of another, of which records were erased:
    /// of these nobody can say more than that they are not more than what is missing.
    pub fn is_left_of(&self, sealed: &Self) -> bool {
        let is_stream_of = |own: &StreamTag| {
            let of = sealed.streams.iter().find(|stream| stream.name == own.name);
            of.is_some_and(|of| own.count <= of.count && own.min >= of.min && own.max <= of.max)
        };
        self.id == sealed.id
            && u64::from(self.count) == sealed.left()
            && self.derivation == sealed.derivation
            && (self.count == 0 || self.source == sealed.source && self.min >= sealed.min && self.max <= sealed.max)
            && self.raw <= sealed.raw
            && self.unkeyed <= sealed.unkeyed
            && self.unparsed <= sealed.unparsed
            && self.streams.iter().all(is_stream_of)
    }
}

/// All tags of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTags {
    /// The version of the format that is needed to read the file.
    pub format: u32,
    /// The segments in the file, in order.
    pub segments: Vec<SegmentTag>,
    /// SHA-256 of the file as it is stored.
    pub sha256: Hash,
    /// The file's key, where it is encrypted.
    pub key: Option<WrappedKey>,
    /// Where the skip index is in the file, where it has one.
    pub index: Option<IndexTag>,
}

/// The JSON form, in a fixed order of fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    id: String,
    root: String,
    count: u32,
    raw: u64,
    min: i64,
    max: i64,
    source: String,
    derivation: u32,
    unkeyed: u32,
    unparsed: u32,
    streams: Vec<(String, u32, i64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<u64>,
    #[serde(default, skip_serializing_if = "Ordinals::is_empty")]
    erased: Ordinals,
}

impl From<&SegmentTag> for Wire {
    fn from(tag: &SegmentTag) -> Self {
        Self {
            id: tag.id.to_string(),
            root: tag.root.to_string(),
            count: tag.count,
            raw: tag.raw,
            min: tag.min.0,
            max: tag.max.0,
            source: tag.source.clone(),
            derivation: tag.derivation,
            unkeyed: tag.unkeyed,
            unparsed: tag.unparsed,
            streams: tag.streams.iter().map(|s| (s.name.clone(), s.count, s.min.0, s.max.0)).collect(),
            commit: tag.commit,
            erased: tag.erased.clone(),
        }
    }
}

impl TryFrom<Wire> for SegmentTag {
    type Error = Fault;

    fn try_from(wire: Wire) -> Result<Self> {
        let root = wire
            .root
            .parse()
            .map_err(|_| Fault::damage(msg!("segment-tags-unreadable", what = "root", text = wire.root.as_str())))?;
        if wire.count == 0 || wire.count as usize > MAX_RECORDS {
            return Err(Fault::damage(msg!("segment-tags-unreadable", what = "count", text = wire.count.to_string())));
        }
        if wire.erased.end() > wire.count {
            return Err(Fault::damage(msg!("segment-tags-unreadable", what = "erased", text = wire.id.as_str())));
        }
        let unreadable = || Fault::damage(msg!("segment-tags-unreadable", what = "id", text = wire.id.as_str()));
        Ok(Self {
            id: wire.id.parse().map_err(|fault| unreadable().because(fault))?,
            root,
            count: wire.count,
            raw: wire.raw,
            min: Timestamp(wire.min),
            max: Timestamp(wire.max),
            source: wire.source,
            derivation: wire.derivation,
            unkeyed: wire.unkeyed,
            unparsed: wire.unparsed,
            streams: wire
                .streams
                .into_iter()
                .map(|(name, count, min, max)| StreamTag { name, count, min: Timestamp(min), max: Timestamp(max) })
                .collect(),
            commit: wire.commit,
            erased: wire.erased,
        })
    }
}

const FORMAT: &str = "shoseki.format";
const KEY: &str = "shoseki.key";
const SEGMENTS: &str = "shoseki.segments";
const SHA256: &str = "shoseki.sha256";
const INDEX: &str = "shoseki.index";

impl FileTags {
    /// As the map that stands in `add.tags`.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        let segments: Vec<Wire> = self.segments.iter().map(Wire::from).collect();
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default(); // plain structs always serialise
        let mut map = BTreeMap::from([
            (FORMAT.to_owned(), self.format.to_string()),
            (SEGMENTS.to_owned(), json(serde_json::to_string(&segments))),
            (SHA256.to_owned(), self.sha256.to_string()),
        ]);
        if let Some(key) = &self.key {
            map.insert(KEY.to_owned(), json(serde_json::to_string(key)));
        }
        if let Some(index) = &self.index {
            map.insert(INDEX.to_owned(), json(serde_json::to_string(index)));
        }
        map
    }

    /// Reads the map.
    ///
    /// # Errors
    /// Damage where a tag is missing, unknown or unreadable; the caller's mistake where a newer version wrote it.
    pub fn from_map(map: &BTreeMap<String, String>) -> Result<Self> {
        let unreadable =
            |what: &'static str, text: &str| Fault::damage(msg!("segment-tags-unreadable", what = what, text = text));
        let tag = |name: &'static str| map.get(name).ok_or_else(|| unreadable(name, ""));
        let format: u32 = tag(FORMAT)?.parse().map_err(|_| unreadable(FORMAT, &map[FORMAT]))?;
        if format > FORMAT_VERSION {
            return Err(newer("add.tags", format));
        }
        if let Some(unknown) = map.keys().find(|name| ![FORMAT, INDEX, KEY, SEGMENTS, SHA256].contains(&name.as_str()))
        {
            return Err(unreadable("add.tags", unknown));
        }
        let wires: Vec<Wire> =
            serde_json::from_str(tag(SEGMENTS)?).map_err(|e| unreadable(SEGMENTS, &map[SEGMENTS]).because(e))?;
        if wires.is_empty() {
            return Err(unreadable(SEGMENTS, &map[SEGMENTS]));
        }
        if format < ERASED_FORMAT && wires.iter().any(|wire| !wire.erased.is_empty()) {
            return Err(unreadable(SEGMENTS, &map[SEGMENTS]));
        }
        let key = match map.get(KEY) {
            Some(text) => Some(serde_json::from_str(text).map_err(|e| unreadable(KEY, text).because(e))?),
            None => None,
        };
        let index: Option<IndexTag> = match map.get(INDEX) {
            Some(text) => Some(serde_json::from_str(text).map_err(|e| unreadable(INDEX, text).because(e))?),
            None => None,
        };
        if index.is_some_and(|index| format < index.version.format()) {
            return Err(unreadable(INDEX, &map[INDEX]));
        }
        Ok(Self {
            format,
            segments: wires.into_iter().map(SegmentTag::try_from).collect::<Result<_>>()?,
            sha256: tag(SHA256)?.parse().map_err(|_| unreadable(SHA256, &map[SHA256]))?,
            key,
            index,
        })
    }

    /// Delta's statistics: counts and times only, since they are plain text and sealed for ever.
    pub fn stats(&self) -> String {
        let count: u64 = self.segments.iter().map(|segment| u64::from(segment.count)).sum();
        let min = self.segments.iter().map(|segment| segment.min).min().unwrap_or_default();
        let max = self.segments.iter().map(|segment| segment.max).max().unwrap_or_default();
        // Delta keeps milliseconds: the earliest is rounded down and the latest up, so that no reader skips a record.
        let millis = |micros: i64| Timestamp(micros.saturating_mul(1_000));
        format!(
            "{{\"numRecords\":{count},\"minValues\":{{\"time\":\"{}\"}},\"maxValues\":{{\"time\":\"{}\"}},\"nullCount\":{{\"time\":0}}}}",
            millis(min.0.div_euclid(1_000)),
            millis(max.0.div_euclid(1_000).saturating_add(i64::from(max.0.rem_euclid(1_000) > 0))),
        )
    }
}
