//! Writing a file of several segments: the rows of files that are there already, as they are, in one file.
//!
//! Nothing is derived again: the columns are copied, and only how events lie in the file is chosen anew, over all of them.
//! Each segment keeps its name, its seeds and its order, and so its root.

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, RecordBatch};
use arrow::compute::concat_batches;
use sha2::{Digest, Sha256};
use shoseki_event::{Day, SegmentId, Timestamp};
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Result, msg};

use crate::commit::Add;
use crate::index::Version;
use crate::keys::Secret;
use crate::layout;
use crate::schema::{index_of, schema};
use crate::shred::shred;
use crate::write::{Encoded, File};
use crate::{Built, FileTags, Layout, MAX_FILE_RECORDS, Seeds, SegmentFooter, SegmentTag};

/// Segments that are to lie in one file.
#[derive(Debug)]
pub struct Merged {
    /// The file's name.
    pub name: SegmentId,
    /// The retention class.
    pub class: String,
    /// The UTC day.
    pub day: Day,
    /// How the events lie in the file.
    pub layout: Layout,
    /// The newest format that the file may have.
    pub format: u32,
    /// The segments, in their order, each with the commit that first added it, and its secret.
    pub segments: Vec<(SegmentTag, Seeds)>,
    /// Their rows, one segment behind the other: all columns of the format, events whole.
    pub rows: Vec<RecordBatch>,
}

/// Writes the file. `class_key` is the id of the class key and the key, where the vault is encrypted.
///
/// # Errors
/// Our own broken invariant where the rows are more than a file may have, or not those of the segments; the world's failure
/// where there are no random numbers.
pub fn merge(merged: Merged, class_key: Option<(&str, &Secret)>, now: Timestamp) -> Result<Built> {
    let count: u64 = merged.segments.iter().map(|(tag, _)| u64::from(tag.count)).sum();
    let rows: usize = merged.rows.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 != count || count == 0 || count > MAX_FILE_RECORDS {
        return Err(Fault::broken(msg!("segment-draft-size", count = rows)));
    }
    let written = |error| Fault::broken(msg!("segment-write")).because(error);
    let batch = concat_batches(&schema(), &merged.rows).map_err(written)?;
    drop(merged.rows);
    let mut own = batch.columns().to_vec();
    let at = index_of("raw").unwrap_or_default();
    let unfit = || Fault::broken(msg!("segment-draft-size", count = rows));
    let raw = batch.columns().get(at).and_then(|raw| raw.as_binary_opt::<i32>()).ok_or_else(unfit)?;
    let shredded = match merged.layout {
        Layout::Text => None,
        Layout::Columns => shred((0..raw.len()).map(|row| raw.value(row))),
    };
    if let Some(shredded) = &shredded {
        own[at] = whole(raw, &shredded.is_whole);
    }
    drop(batch); // with the events, where they were taken apart
    let (tags, secrets): (Vec<SegmentTag>, Vec<Seeds>) = merged.segments.into_iter().unzip();
    let depth = shredded.as_ref().map(|shredded| shredded.depth);
    let footer = SegmentFooter { segments: tags.iter().map(|tag| tag.id).zip(secrets).collect(), depth };
    let raw = tags.iter().map(|tag| tag.raw).sum();
    let path = layout::data_file(&merged.class, merged.day, merged.name);
    // Who reads the commit that adds it knows an index of the first version, too.
    let index = Version::of(merged.format).or(Some(Version::First));
    let file = File { name: merged.name, path, raw, footer, own, shredded, index };
    let format = file.format();
    let Encoded { bytes, key, index } = file.encode(class_key)?;
    let sha256 = Hash(Sha256::digest(&bytes).into());
    let add = Add {
        name: merged.name,
        class: merged.class,
        day: merged.day,
        size: bytes.len() as u64,
        modified_ms: now.0.div_euclid(1_000),
        tags: FileTags { format, segments: tags, sha256, key, index },
    };
    Ok(Built { add, bytes: bytes.into() })
}

/// The events that stand whole, null for those that were taken apart.
fn whole(raw: &BinaryArray, is_whole: &[bool]) -> ArrayRef {
    let bytes: usize =
        raw.iter().zip(is_whole).filter(|(_, whole)| **whole).filter_map(|(raw, _)| raw).map(<[u8]>::len).sum();
    let mut events = BinaryBuilder::with_capacity(raw.len(), bytes);
    raw.iter().zip(is_whole).for_each(|(raw, whole)| events.append_option(raw.filter(|_| *whole)));
    std::sync::Arc::new(events.finish())
}

#[cfg(test)]
pub(crate) mod tests;
