//! The question of when each stream spoke.

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Engine, Failure, Options};

use super::{Occupied, minute};

/// Each minute of each stream in which it spoke, and when that minute was first heard of.
const SPOKEN: &str =
    "select stream, date_trunc('minute', time) as minute, min(received) as heard from events group by 1, 2";

/// The longest delay that is believed, in minutes: what was taken in years later was not on its way.
const LONGEST_DELAY: i64 = 48 * 60;
/// How many times something must have come before a delay is known.
const ENOUGH: usize = 3;
/// Of how many times, the last ones, the delay is taken.
const LAST: usize = 1_000;

pub(super) fn options(from: Timestamp, to: Timestamp, is_own: bool) -> Options {
    let sources = if is_own { vec!["shoseki".to_owned()] } else { Vec::new() };
    Options { from: Some(from), to: Some(to), include_internal: is_own, sources, ..Options::default() }
}

/// The rows of a question in SQL.
pub(super) async fn rows(engine: &Engine, sql: &str) -> Result<Vec<RecordBatch>> {
    let mut answer = engine.sql(sql).await.map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(_) => Fault::broken(msg!("comply-question")),
    })?;
    let mut batches = Vec::new();
    while let Some(batch) = answer.next().await? {
        batches.push(batch);
    }
    Ok(batches)
}

/// A column of texts.
pub(super) fn texts(batch: &RecordBatch, column: usize) -> Result<StringArray> {
    column_as(batch, column, &DataType::Utf8)
}

/// A column of times.
pub(super) fn times(batch: &RecordBatch, column: usize) -> Result<TimestampMicrosecondArray> {
    column_as(batch, column, &DataType::Timestamp(TimeUnit::Microsecond, None))
}

fn column_as<A: Array + Clone + 'static>(batch: &RecordBatch, column: usize, kind: &DataType) -> Result<A> {
    let broken = || Fault::broken(msg!("comply-question"));
    let found = batch.columns().get(column).ok_or_else(broken)?;
    let found = cast(found, kind).map_err(|error| broken().because(error))?;
    found.as_any().downcast_ref::<A>().cloned().ok_or_else(broken)
}

/// By stream: the minutes in which it spoke, and its delay in minutes.
pub(super) async fn spoken(engine: &Engine) -> Result<BTreeMap<String, (Occupied, i64)>> {
    let mut streams: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
    for batch in rows(engine, SPOKEN).await? {
        let (names, minutes, heard) = (texts(&batch, 0)?, times(&batch, 1)?, times(&batch, 2)?);
        for row in 0..batch.num_rows() {
            let at = minute(Timestamp(minutes.value(row)));
            let delay = minute(Timestamp(heard.value(row))) - at;
            let name = names.value(row);
            match streams.get_mut(name) {
                Some(minutes) => minutes.push((at, delay)),
                None => drop(streams.insert(name.to_owned(), vec![(at, delay)])),
            }
        }
    }
    let of = |minutes: Vec<(i64, i64)>| {
        let delay = delay(&minutes);
        (Occupied::of(minutes.into_iter().map(|(at, _)| at).collect()), delay)
    };
    Ok(streams.into_iter().map(|(name, minutes)| (name, of(minutes))).collect())
}

/// How far behind the newest minute is when something comes: nine of ten times it is not further. Who is asked once a day is a day
/// behind just before. Nothing is known of it before something came three times; what was taken in at once came once.
fn delay(minutes: &[(i64, i64)]) -> i64 {
    let mut heard: BTreeMap<i64, i64> = BTreeMap::new(); // when, and the newest minute that came then
    for (at, delay) in minutes {
        let newest = heard.entry(at + delay).or_insert(*at);
        *newest = (*newest).max(*at);
    }
    let (mut behind, mut newest) = (Vec::new(), None);
    for (when, came) in heard {
        behind.extend(newest.map(|newest: i64| (when - newest).clamp(0, LONGEST_DELAY)));
        newest = newest.max(Some(came));
    }
    if behind.len() < ENOUGH {
        return 0;
    }
    let mut last = behind.split_off(behind.len().saturating_sub(LAST));
    last.sort_unstable();
    last.get(last.len() * 9 / 10).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_how_far_behind_the_newest_minute_is_when_something_comes() {
        let steady: Vec<(i64, i64)> = (0..1_000).map(|at| (at, 7)).collect();
        assert_eq!(delay(&steady), 8, "seven minutes, and the one that is not over");
        // Every day at noon comes the day before.
        let daily: Vec<(i64, i64)> = (0..10 * 1_440).map(|at| (at, (at / 1_440 + 1) * 1_440 + 720 - at)).collect();
        assert_eq!(delay(&daily), 1_440 + 721);
        let archive: Vec<(i64, i64)> = (0..5_000).map(|at| (at, 50_000 + at / 2_500 - at)).collect();
        assert_eq!(delay(&archive), 0, "it came in two minutes");
        assert_eq!(delay(&[(0, 0), (1, 100_000), (2, 200_000), (3, 300_000), (4, 400_000)]), LONGEST_DELAY);
    }
}
