//! What needs more than the memory succeeds where it may use a disk, and fails with words that say so where it may not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::AsArray;
use shoseki_messages::Kind;
use shoseki_query::{Engine, Failure, Options, Store};

use store::{Memory, now};

const EVENTS: usize = 60_000;

/// Letters that do not compress, so that memory is needed.
fn event(n: usize) -> String {
    let scattered = n * 7_919 % EVENTS;
    let filler: String = (0..28).map(|k| format!("{:08x}", (n * 29 + k).wrapping_mul(2_654_435_761) as u32)).collect();
    format!("{{\"time\":\"2026-03-05T00:00:00Z\",\"n\":{scattered},\"text\":\"{filler}\"}}\n")
}

fn events() -> Arc<Memory> {
    Memory::of(&(0..EVENTS).map(event).collect::<String>())
}

fn options(spill: Option<PathBuf>) -> Options {
    Options { now: now(), cores: 2, memory: 24 << 20, spill, ..Options::default() }
}

async fn first_column(engine: &Engine, query: &str) -> Result<Vec<String>, Failure> {
    let mut answer = engine.insights(query).await?;
    let mut values = Vec::new();
    while let Some(batch) = answer.next().await? {
        let texts = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8).unwrap();
        values.extend(texts.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()));
    }
    Ok(values)
}

const SORT: &str = "fields n, text, @message | sort n asc";
const GROUP: &str = "stats count(*) as c, max(n) as last by text, n, @message as m | sort n asc | display n, c, text";

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_and_a_group_that_need_more_than_the_memory_use_the_disk() {
    let (folder, store) = (tempfile::tempdir().unwrap(), events());
    let expected: Vec<String> = (0..EVENTS).map(|n| n.to_string()).collect();
    for query in [SORT, GROUP] {
        let engine = Engine::new(Arc::clone(&store) as Arc<dyn Store>, options(Some(folder.path().to_owned())));
        let values = first_column(&engine, query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
        assert!(values == expected, "{query}: {} rows", values.len());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");

        let engine = Engine::new(Arc::clone(&store) as Arc<dyn Store>, options(None));
        match first_column(&engine, query).await {
            Err(Failure::Fault(fault)) => {
                assert_eq!((fault.kind(), fault.id()), (Kind::World, "query-memory"), "{query}: {fault:?}");
            }
            Err(other) => panic!("{query}: {other:?}"),
            Ok(values) => panic!("{query}: {} rows within {} bytes", values.len(), options(None).memory),
        }
    }
}

/// Each at its own second of the day, in no order.
fn spread() -> Arc<Memory> {
    let at = |n: usize| {
        let second = n * 7_919 % EVENTS;
        let time = format!("2026-03-05T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60);
        event(n).replace("2026-03-05T00:00:00Z", &time)
    };
    Memory::of(&(0..EVENTS).map(at).collect::<String>())
}

/// One file that holds all of a day is not read once for each part of it; and where it then does not fit, it is cut all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_searched_in_parts() {
    let store = spread();
    for (query, is_oldest_first) in [
        ("filter n >= 0 | fields n, text, @message", false),
        ("filter n >= 0 | fields n, text, @message | sort @timestamp asc", true),
        ("fields n, text, @message", false),
    ] {
        let mut expected: Vec<String> = (0..EVENTS).map(|n| n.to_string()).collect();
        if !is_oldest_first {
            expected.reverse();
        }
        let engine = Engine::new(Arc::clone(&store) as Arc<dyn Store>, options(None));
        let values = first_column(&engine, query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
        assert!(values == expected, "{query}: {} rows, {:?}", values.len(), values.first());
        let engine = Engine::new(Arc::clone(&store) as Arc<dyn Store>, Options { memory: 1 << 30, ..options(None) });
        assert!(first_column(&engine, query).await.unwrap() == expected, "{query}: with enough memory");
    }
    // In another order than that of time, parts would not be the whole.
    let engine = Engine::new(Arc::clone(&store) as Arc<dyn Store>, options(None));
    for query in [SORT, "fields n, text, @message | sort n asc, @timestamp desc"] {
        match first_column(&engine, query).await {
            Err(Failure::Fault(fault)) => assert_eq!(fault.id(), "query-memory", "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_before_anything_is_read() {
    let engine = Engine::new(events() as _, options(Some("/nonexistent".into())));
    match engine.insights("fields n").await {
        Err(Failure::Fault(fault)) => assert_eq!((fault.kind(), fault.id()), (Kind::Caller, "query-spill-folder")),
        other => panic!("{other:?}"),
    }
}
