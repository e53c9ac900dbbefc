//! The question of when each stream spoke.

use std::collections::{BTreeMap, HashMap};

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
const LONGEST_DELAY: i64 = 6 * 60;
/// How many minutes come at once at most, where they come as they happen: an hour in one file.
const TOGETHER: usize = 60;
/// Of how many minutes, the last ones, the delay is taken.
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

/// How long nine of ten of the last minutes were on their way. What was taken in at once, hours of it, was not on its way.
fn delay(minutes: &[(i64, i64)]) -> i64 {
    let mut together: HashMap<i64, usize> = HashMap::new();
    for (at, delay) in minutes {
        *together.entry(at + delay).or_default() += 1;
    }
    let mut last: Vec<(i64, i64)> = minutes
        .iter()
        .filter(|(at, delay)| together.get(&(at + delay)).is_some_and(|n| *n <= TOGETHER))
        .copied()
        .collect();
    last.sort_unstable_by(|a, b| b.cmp(a));
    last.truncate(LAST);
    let mut delays: Vec<i64> = last.into_iter().map(|(_, delay)| delay.clamp(0, LONGEST_DELAY)).collect();
    delays.sort_unstable();
    delays.get(delays.len() * 9 / 10).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_in_at_once_was_not_on_its_way() {
        let steady: Vec<(i64, i64)> = (0..1_000).map(|at| (at, if at % 20 == 0 { 90 } else { 7 })).collect();
        assert_eq!(delay(&steady), 7);
        let archive: Vec<(i64, i64)> = (0..1_000).map(|at| (at, 5_000 - at)).collect();
        assert_eq!(delay(&archive), 0);
        assert_eq!(delay(&[archive, vec![(4_000, 3), (4_001, 3)]].concat()), 3);
        assert_eq!(delay(&[(0, 10_000)]), LONGEST_DELAY);
    }
}
