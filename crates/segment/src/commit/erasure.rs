//! Whether an erasure may follow the commits before it. It puts other files in the places of some, with the same segments, less
//! the records that one person asked to erase and another confirms; nothing that a hold covers, and nothing of our own.

use std::collections::BTreeSet;

use super::replay::Replay;
use super::{Add, Erasure, Remove};
use crate::erasure::requests;
use crate::retention::{holds, is_same_person};
use crate::{Erased, OWN_SOURCE, SegmentTag};

/// Why the erasure may not be.
pub(super) fn check(replay: &Replay, erasure: &Erasure, removes: &[Remove], adds: &[Add]) -> Result<(), String> {
    let settings = &replay.table().ok_or("there is no table")?.configuration;
    let requests = requests(settings)?;
    let id = &erasure.request;
    let request = requests.get(id).ok_or_else(|| format!("nobody asked for erasure `{id}`"))?;
    if let Some(version) = replay.erasure(id) {
        return Err(format!("erasure `{id}` was done by commit {version}"));
    }
    if request.withdrawn.is_some() {
        return Err(format!("erasure `{id}` was taken back"));
    }
    if is_same_person(&request.by, &erasure.by) {
        return Err(format!("erasure `{id}` is done by one person alone"));
    }
    if (&request.by, &request.ground, &request.why) != (&erasure.asked_by, &erasure.ground, &erasure.why) {
        return Err(format!("it says otherwise of erasure `{id}` than was asked"));
    }
    if removes.len() != adds.len() {
        return Err("it does not put one file in the place of each".to_owned());
    }
    let mut gone = Erased::new();
    let (mut last, mut names) = (None, BTreeSet::new());
    for (remove, add) in removes.iter().zip(adds) {
        let path = remove.path();
        if last.as_ref().is_some_and(|last| *last >= path) {
            return Err(format!("file `{}` is named twice, or not in its order", remove.name));
        }
        let file = replay.file(&path).ok_or_else(|| format!("file `{}` is not in the table", remove.name))?;
        if file.add.size != remove.size {
            return Err(format!("file `{}` has another length", remove.name));
        }
        if replay.is_taken(add.name) || !names.insert(add.name) {
            return Err(format!("the name `{}` is that of another file", add.name));
        }
        let of = |add: &Add| (add.class.clone(), add.day, add.tags.key.as_ref().map(|key| key.id.clone()));
        if of(&file.add) != of(add) {
            return Err(format!("file `{}` is of another partition, or encrypted otherwise", add.name));
        }
        same_segments(replay, &file.add, add, &mut gone)?;
        last = Some(path);
    }
    if gone != request.erased()? {
        return Err(format!("it erases other records than erasure `{id}` names"));
    }
    held(&holds(settings)?, adds, &gone)?;
    let records: u64 = request.count();
    let said = (erasure.segments, erasure.records);
    if said == (gone.len() as u64, records) { Ok(()) } else { Err("its counts are not those of its files".to_owned()) }
}

/// The added file has the segments of the one that goes, as they were, less some records.
fn same_segments(replay: &Replay, before: &Add, after: &Add, gone: &mut Erased) -> Result<(), String> {
    if before.tags.segments.len() != after.tags.segments.len() {
        return Err(format!("file `{}` has other segments than before", after.name));
    }
    let mut is_other = false;
    for (old, new) in before.tags.segments.iter().zip(&after.tags.segments) {
        let commit = replay.commit_of(old.id);
        if *new != (SegmentTag { commit, erased: new.erased.clone(), ..old.clone() }) {
            return Err(format!("it says otherwise of segment `{}` than before", old.id));
        }
        if !old.erased.without(&new.erased).is_empty() {
            return Err(format!("records of segment `{}` come back", old.id));
        }
        let own = new.erased.without(&old.erased);
        if own.is_empty() {
            continue;
        }
        if old.source == OWN_SOURCE {
            return Err(format!("segment `{}` has our own records, which are not erased", old.id));
        }
        is_other = true;
        gone.insert(old.id, own);
    }
    if is_other { Ok(()) } else { Err(format!("nothing of file `{}` is erased", before.name)) }
}

/// Nothing of a segment that a hold covers is erased.
fn held(
    holds: &std::collections::BTreeMap<String, crate::retention::Hold>,
    adds: &[Add],
    gone: &Erased,
) -> Result<(), String> {
    for tag in adds.iter().flat_map(|add| &add.tags.segments).filter(|tag| gone.contains_key(&tag.id)) {
        if let Some((id, _)) = holds.iter().find(|(_, hold)| hold.is_in_force() && hold.covers(tag)) {
            return Err(format!("hold `{id}` covers segment `{}`", tag.id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
