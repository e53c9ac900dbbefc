//! Whether an expiry may follow the commits before it. It takes whole files out of the table, and no other replaces them: so
//! their class has a period, all in them is older than that, and no hold covers any of it, by the configuration in force.

use shoseki_event::{Day, Timestamp};

use super::replay::Replay;
use super::{Add, Expiry, Remove};
use crate::OWN_SOURCE;
use crate::retention::{Policy, holds, months_before};

/// Why the expiry may not be.
pub(super) fn check(replay: &Replay, time_ms: i64, expiry: &Expiry, removes: &[Remove]) -> Result<(), String> {
    let settings = &replay.table().ok_or("there is no table")?.configuration;
    let (policy, holds) = (Policy::of(settings)?, holds(settings)?);
    let class = &expiry.class;
    if policy.months(class) != Some(expiry.months) {
        return Err(format!("the period of class `{class}` is not {} months", expiry.months));
    }
    let latest = latest(replay, time_ms).ok_or("there is no evidence that says what time it is")?;
    let is_due = |months: u32| months_before(latest, months).is_some_and(|first| expiry.before <= first);
    if !is_due(expiry.months) {
        return Err(format!("{} is not so long ago", expiry.before));
    }
    let own = policy.longest(replay.classes());
    let (mut from, mut segments, mut records) = (None, 0, 0_u64);
    let mut last: Option<String> = None;
    for remove in removes {
        let path = remove.path();
        if last.as_ref().is_some_and(|last| *last >= path) {
            return Err(format!("file `{}` is named twice, or not in its order", remove.name));
        }
        let file = replay.file(&path).ok_or_else(|| format!("file `{}` is not in the table", remove.name))?;
        may_go(expiry, &file.add, remove)?;
        let is_own = file.add.tags.segments.iter().any(|tag| tag.source == OWN_SOURCE);
        if is_own && !own.is_some_and(is_due) {
            return Err(format!("file `{}` has our own records, which are kept the longest", remove.name));
        }
        for tag in &file.add.tags.segments {
            let mut covering = holds.iter().filter(|(_, hold)| hold.is_in_force() && hold.covers(tag));
            if let Some((id, _)) = covering.next() {
                return Err(format!("hold `{id}` covers segment `{}`", tag.id));
            }
        }
        from = Some(from.map_or(remove.day, |from: Day| from.min(remove.day)));
        segments += file.add.tags.segments.len() as u64;
        records += file.add.records();
        last = Some(path);
    }
    let said = (Some(expiry.from), expiry.segments, expiry.records);
    if said == (from, segments, records) { Ok(()) } else { Err("its counts are not those of its files".to_owned()) }
}

/// The day that periods are counted from: that of the commit, but no later than the newest event that came from elsewhere. A
/// writer's clock that runs ahead makes nothing old.
pub(super) fn latest(replay: &Replay, time_ms: i64) -> Option<Day> {
    let said = Timestamp(time_ms.saturating_mul(1_000));
    replay.latest().map(|latest| latest.min(said).day())
}

fn may_go(expiry: &Expiry, add: &Add, remove: &Remove) -> Result<(), String> {
    if add.size != remove.size {
        return Err(format!("file `{}` has another length", remove.name));
    }
    if add.class != expiry.class {
        return Err(format!("file `{}` is of another class", remove.name));
    }
    let is_old = add.day < expiry.before && add.tags.segments.iter().all(|tag| tag.max < expiry.before.start());
    if is_old { Ok(()) } else { Err(format!("file `{}` is not so old", remove.name)) }
}

#[cfg(test)]
mod tests;
