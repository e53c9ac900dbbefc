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
const LONGEST_DELAY: i64 = 6 * 60;
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
    let of = |mut minutes: Vec<(i64, i64)>| {
        minutes.sort_unstable();
        let mut delays: Vec<i64> = minutes.iter().rev().take(LAST).map(|(_, delay)| *delay).collect();
        delays.sort_unstable();
        let delay = delays.get(delays.len() * 9 / 10).copied().unwrap_or_default().clamp(0, LONGEST_DELAY);
        (Occupied::of(minutes.into_iter().map(|(at, _)| at).collect()), delay)
    };
    Ok(streams.into_iter().map(|(name, minutes)| (name, of(minutes))).collect())
}
