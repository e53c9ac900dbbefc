//! Commands that look at all rows: within the memory they are given, whatever the cores, of no more columns than they need.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Result};
use shoseki_query::output::row_texts;
use shoseki_query::{Engine, Options};

use store::{Memory, now};

/// Events of three days, each of which differs from all others.
fn many() -> Arc<Memory> {
    let line = |n: u32| {
        let name: String = n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        let (day, hour, minute) = (3 + n % 3, n / 60 % 24, n % 60);
        let time = format!("2026-03-0{day}T{hour:02}:{minute:02}:00Z");
        format!("{{\"time\":\"{time}\",\"n\":{n},\"text\":\"user {name} logged in from 192.0.2.{}\"}}\n", n % 250)
    };
    Memory::of(&(0..30_000).map(line).collect::<String>())
}

async fn rows(memory: &Arc<Memory>, options: Options, query: &str) -> Result<Vec<String>> {
    let engine = Engine::new(Arc::clone(memory) as _, Options { now: now(), ..options });
    let mut answer = engine.insights(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
    let mut rows = Vec::new();
    while let Some(batch) = answer.next().await? {
        rows.extend((0..batch.num_rows()).map(|row| row_texts(&batch, row, chrono_tz::Tz::UTC).join(" ")));
    }
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn patterns_of_any_number_of_shapes_are_the_same_every_time() {
    let memory = many();
    let mut answers = Vec::new();
    for cores in [1, 2, 3, 3] {
        let options = Options { memory: 24 << 20, cores, ..Options::default() };
        answers.push(rows(&memory, options, "pattern text").await.unwrap());
    }
    assert_eq!(answers[0].len(), 1);
    assert!(answers[0][0].ends_with(" 1 30000 "), "{}", answers[0][0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_rows_holds_them_within_the_memory() {
    let memory = many();
    let options = |bytes| Options { memory: bytes, cores: 2, ..Options::default() };
    let query = "outlier action=remove n | stats count(*), max(n)";
    assert_eq!(rows(&memory, options(64 << 20), query).await.unwrap(), ["30000 29999"]);
    let fault = rows(&memory, options(100 << 10), query).await.unwrap_err();
    assert_eq!(fault.id(), "query-memory", "{}", fault.chain(Lang::En));
}

#[tokio::test]
async fn an_earlier_range_is_read_too_and_no_other() {
    let memory = many();
    let time = |text: &str| Some(Timestamp::parse(text).unwrap());
    let (from, to) = (time("2026-03-05T00:00:00Z"), time("2026-03-06T00:00:00Z"));
    let options = Options { from, to, now: now(), cores: 1, ..Options::default() };
    let engine = Engine::new(Arc::clone(&memory) as _, options);
    // A week before there is nothing, and what lies between is of neither range.
    for (query, files) in [("pattern text", 1), ("pattern text | diff", 2), ("pattern text | diff previousWeek", 1)] {
        let mut answer = engine.insights(query).await.unwrap();
        while answer.next().await.unwrap().is_some() {}
        assert_eq!(answer.progress().now().chosen_files, files, "{query}");
    }
}

#[tokio::test]
async fn columns_that_nobody_asks_for_are_not_read() {
    let event = shoseki_sources::by_id("cloudtrail").unwrap().example();
    let line = String::from_utf8(event.to_vec()).unwrap().replace('\n', " ");
    let engine = Engine::new(Memory::of(&line) as _, Options { cores: 1, ..Options::default() });
    for (query, columns) in [
        ("fields class_uid | outlier class_uid", "segment, ordinal, time, class_uid"),
        ("fields class_uid | addtotals col=true class_uid", "segment, ordinal, time, class_uid"),
        ("stats count(*) as c by eventName, bin(1h) | fillmissing with 0 for c", "time, native:eventName"),
        ("pattern eventName", "native:eventName"),
        ("fields eventName | accum class_uid as c", "segment, ordinal, time, class_uid, native:eventName"),
    ] {
        let plan = engine.explain(query).await.unwrap();
        assert!(plan.contains(&format!("columns=[{columns}]")), "{query}\n{plan}");
    }
}
