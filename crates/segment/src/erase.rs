//! Erasing records of a file: their bytes and their salts go, their leaves stay in their places, so that the root holds and the
//! neighbours keep their proofs. The row of an erased record says which it was, and nothing of what was in it.
//!
//! | column | of an erased record |
//! | --- | --- |
//! | `segment`, `ordinal`, `source`, `stream`, `key_hash` | as it was |
//! | `kind` | `erased` |
//! | `time` | the earliest of its segment, as its tag says |
//! | `raw` | its leaf's hash, 32 bytes |
//! | any other | null |
//!
//! `key_hash` stays, so that the same event does not come in again unseen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, RecordBatch, Scalar, StringArray};
use arrow::array::{TimestampMicrosecondArray, new_null_array};
use arrow::compute::kernels::zip::zip;
use shoseki_event::{SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::keys::Secret;
use crate::schema::schema;
use crate::{Built, LeafHasher, Merged, Ordinals, Rows, SegmentTag, merge};

/// What the column `kind` says of an erased record.
pub const ERASED_KIND: &str = "erased";

/// The columns that an erased record keeps.
const KEPT: [&str; 5] = ["segment", "ordinal", "source", "stream", "key_hash"];

/// Which records of which segments.
pub type Erased = BTreeMap<SegmentId, Ordinals>;

/// Writes a file anew without records of it: `file` is what the file has now, its segments each with the commit that first added
/// it, and its name is a new one.
///
/// # Errors
/// Damage where a record that is to go is not there, or gone already; else as [`merge`].
pub fn erase(mut file: Merged, gone: &Erased, class_key: Option<(&str, &Secret)>, now: Timestamp) -> Result<Built> {
    let mut left: HashMap<SegmentId, Left> = HashMap::new();
    for (tag, seeds) in &file.segments {
        let Some(gone) = gone.get(&tag.id) else { continue };
        left.insert(tag.id, Left { salts: seeds.salts(tag.count), gone: gone.clone(), found: 0, tag: tag.clone() });
    }
    let mut hasher = LeafHasher::default();
    file.rows = file.rows.iter().map(|batch| without(batch, &mut left, &mut hasher)).collect::<Result<_>>()?;
    if let Some(short) = left.values().find(|left| left.found != left.gone.len()) {
        return Err(Fault::damage(msg!("segment-erased-missing", segment = short.tag.id.to_string())));
    }
    for (tag, seeds) in &mut file.segments {
        if let Some(gone) = gone.get(&tag.id) {
            *seeds = seeds.without(gone);
            tag.erased = tag.erased.with(gone);
        }
    }
    merge(file, class_key, now)
}

/// A segment of which records go.
struct Left {
    salts: Vec<Option<shoseki_event::Salt>>,
    gone: Ordinals,
    found: u64,
    tag: SegmentTag,
}

/// A batch in which the records that go are blank.
fn without(batch: &RecordBatch, left: &mut HashMap<SegmentId, Left>, hasher: &mut LeafHasher) -> Result<RecordBatch> {
    let mut rows = Rows::of(batch)?;
    let mut leaves: Vec<Option<(Hash, Timestamp)>> = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let (id, ordinal) = rows.id(row);
        let of = id.try_into().ok().and_then(|id| left.get_mut(&SegmentId(id)));
        let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
        let Some(of) = of.filter(|of| of.gone.contains(ordinal)) else {
            leaves.push(None);
            continue;
        };
        let missing = || Fault::damage(msg!("segment-erased-missing", segment = of.tag.id.to_string()));
        let salt = of.salts.get(ordinal as usize).copied().flatten().ok_or_else(missing)?;
        let leaf = hasher.leaf(&salt, &rows.provenance(row)?, rows.raw(row));
        of.found += 1;
        leaves.push(Some((leaf, of.tag.min)));
    }
    if leaves.iter().all(Option::is_none) {
        return Ok(batch.clone());
    }
    let mask: BooleanArray = leaves.iter().map(|leaf| Some(leaf.is_some())).collect();
    let fields = batch.schema();
    let columns = fields.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let blank: ArrayRef = match field.name().as_str() {
            name if KEPT.contains(&name) => return Ok(Arc::clone(column)),
            "kind" => Arc::new(StringArray::from(vec![ERASED_KIND])),
            "raw" => return Ok(raw(column, &leaves)),
            "time" => {
                let times = leaves.iter().map(|leaf| leaf.map(|(_, time)| time.0));
                let times = TimestampMicrosecondArray::from_iter(times).with_timezone("UTC");
                return zip(&mask, &times, column);
            }
            _ => new_null_array(field.data_type(), 1),
        };
        zip(&mask, &Scalar::new(blank), column)
    });
    let written = |error| Fault::broken(msg!("segment-write")).because(error);
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>().map_err(written)?;
    RecordBatch::try_new(schema(), columns).map_err(written)
}

/// The raw bytes, and in the places of what goes its leaves.
fn raw(column: &ArrayRef, leaves: &[Option<(Hash, Timestamp)>]) -> ArrayRef {
    let mut builder = BinaryBuilder::new();
    let events = column.as_binary_opt::<i32>();
    for (row, leaf) in leaves.iter().enumerate() {
        match (leaf, events) {
            (Some((leaf, _)), _) => builder.append_value(leaf.0),
            (None, Some(events)) if events.is_valid(row) => builder.append_value(events.value(row)),
            _ => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

/// Whether the row of an erased record says nothing but which it was, as the table above has it.
pub fn is_blank(batch: &RecordBatch, row: usize, tag: &SegmentTag) -> bool {
    batch.schema().fields().iter().zip(batch.columns()).all(|(field, column)| match field.name().as_str() {
        "stream" => {
            let streams = column.as_string_opt::<i32>().filter(|streams| streams.is_valid(row));
            streams.is_some_and(|streams| tag.streams.iter().any(|stream| stream.name == streams.value(row)))
        }
        "source" => {
            let sources = column.as_string_opt::<i32>().filter(|sources| sources.is_valid(row));
            sources.is_some_and(|sources| sources.value(row) == tag.source)
        }
        name if KEPT.contains(&name) || name == "kind" => column.is_valid(row),
        "raw" => column.as_binary_opt::<i32>().is_some_and(|raw| raw.is_valid(row) && raw.value(row).len() == 32),
        "time" => {
            let times = column.as_primitive_opt::<arrow::datatypes::TimestampMicrosecondType>();
            times.is_some_and(|times| times.is_valid(row) && times.value(row) == tag.min.0)
        }
        _ => column.is_null(row),
    })
}

#[cfg(test)]
mod tests;
