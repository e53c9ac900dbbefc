//! Whether a compaction may follow the commits before it. It changes nothing but in which file segments lie: the files that
//! it removes are in the table and lie next to each other, and the file that it adds holds exactly their segments.

use shoseki_event::SegmentId;

use super::replay::{Order, Replay};
use super::{Add, Remove};
use crate::{MAX_FILE_RAW_BYTES, MAX_FILE_RECORDS, MAX_FILE_SEGMENTS, SegmentTag};

/// The place that the added file takes, or why the compaction may not be.
pub(super) fn check(replay: &Replay, removes: &[Remove], add: &Add) -> Result<Order, String> {
    if replay.is_taken(add.name) {
        return Err(format!("the name `{}` is that of another file", add.name));
    }
    let mut replaced = Vec::with_capacity(removes.len());
    for remove in removes {
        let file = replay.file(&remove.path()).ok_or_else(|| format!("file `{}` is not in the table", remove.name))?;
        if file.add.size != remove.size {
            return Err(format!("file `{}` has another length", remove.name));
        }
        if (&file.add.class, file.add.day) != (&add.class, add.day) {
            return Err(format!("file `{}` is of another partition", remove.name));
        }
        if file.add.tags.key.as_ref().map(|key| &key.id) != add.tags.key.as_ref().map(|key| &key.id) {
            return Err(format!("file `{}` is encrypted otherwise", remove.name));
        }
        replaced.push(&file.add);
    }
    let source = add.source().ok_or("its records are of several sources")?;
    if let Some(other) = replaced.iter().find(|file| file.source() != Some(source)) {
        return Err(format!("file `{}` is of another source", other.name));
    }
    let order = in_a_row(replay, add, source, &replaced)?;
    same_segments(replay, add, &replaced)?;
    let is_too_large = add.records() > MAX_FILE_RECORDS
        || add.raw() > MAX_FILE_RAW_BYTES
        || add.tags.segments.len() > MAX_FILE_SEGMENTS;
    if is_too_large { Err("its file is larger than a file may be".to_owned()) } else { Ok(order) }
}

/// No other file of the partition and source lies between those that are replaced, and none of them stands out of its order.
fn in_a_row(replay: &Replay, add: &Add, source: &str, replaced: &[&Add]) -> Result<Order, String> {
    let all = replay.in_partition(&add.class, add.day, source);
    let names: Vec<SegmentId> = all.iter().map(|(_, file)| file.add.name).collect();
    let first = replaced.first().and_then(|file| names.iter().position(|name| *name == file.name));
    let found = first.and_then(|first| Some((all.get(first)?.0, names.get(first..first + replaced.len())?)));
    match found {
        Some((order, run)) if run.iter().eq(replaced.iter().map(|file| &file.name)) => Ok(order),
        _ => Err("the files that it removes do not lie next to each other in their order".to_owned()),
    }
}

fn same_segments(replay: &Replay, add: &Add, replaced: &[&Add]) -> Result<(), String> {
    let before = replaced.iter().flat_map(|file| &file.tags.segments);
    let expected = before.map(|tag| SegmentTag { commit: replay.commit_of(tag.id), ..tag.clone() });
    let mut found = add.tags.segments.iter();
    for expected in expected {
        match found.next() {
            Some(tag) if *tag == expected => {}
            Some(tag) if tag.id == expected.id => {
                return Err(format!("it says otherwise of segment `{}` than before", tag.id));
            }
            _ => return Err(format!("segment `{}` is missing, or not in its order", expected.id)),
        }
    }
    match found.next() {
        Some(tag) => Err(format!("segment `{}` is in none of the files that it removes", tag.id)),
        None => Ok(()),
    }
}
