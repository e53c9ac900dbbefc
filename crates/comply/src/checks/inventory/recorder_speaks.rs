//! Each recorder of AWS Config speaks: once when it begins, and then where something changes.

use super::{Check, Habit, Kind, Listening, Severity, Speech};
use crate::inventory::QUERIES;

pub(in crate::checks) const CHECK: Check =
    Check::inventory("inventory_recorder_speaks", Severity::High, (&[Kind::Recorder], QUERIES), judge);

/// Where nothing changes for a week, nothing is recorded.
const HABIT: Habit = Habit::at_times(7 * 24);

fn judge(at: &Listening<'_>) -> Vec<Speech> {
    let one = |resource: &crate::settings::Resource| {
        let (account, region) = resource.account.as_deref().zip(resource.region.as_deref())?;
        let heard =
            at.spoken.heard(|stream| stream.source == "config" && stream.account == account && stream.region == region);
        let stream = format!("config/{account}/{region}");
        let said = HABIT.judged((&stream, heard.as_ref()), resource.created, at.now);
        Some(Speech::of(resource, stream, said).hearing(heard.as_ref()))
    };
    at.resources(Kind::Recorder).filter_map(one).collect()
}
