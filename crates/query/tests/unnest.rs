//! Sub-queries, tables and several rows of one event: what files of queries cannot show.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use shoseki_messages::Fault;
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now};

fn engine(events: &str, options: Options) -> Engine {
    Engine::new(Memory::of(events) as Arc<_>, Options { now: now(), cores: 2, ..options })
}

async fn lines(engine: &Engine, query: &str) -> Result<String, Fault> {
    let mut answer = match engine.insights(query).await {
        Ok(answer) => answer,
        Err(Failure::Fault(fault)) => return Err(fault),
        Err(Failure::Mistakes(errors)) => panic!("{query}: {errors:?}"),
    };
    let mut bytes = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await? {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    Ok(String::from_utf8(bytes).unwrap())
}

fn list_of(elements: usize) -> String {
    let elements: Vec<String> = (0..elements).map(|n| n.to_string()).collect();
    format!("{{\"time\":\"2026-03-05T00:00:00Z\",\"n\":1,\"items\":[{}]}}\n", elements.join(","))
}

/// Each row has the whole event beside it: 20,000 of 110 kB would be 2 GB, were they all there at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_becomes_rows_bit_by_bit() {
    let options = || Options { memory: 64 << 20, ..Options::default() };
    let longest = engine(&list_of(65_536), options());
    let counted = lines(&longest, "expand items | stats count(*) as rows, max(items) as last").await.unwrap();
    assert_eq!(counted, "{\"rows\":65536,\"last\":65535}\n");
    let long = engine(&list_of(20_000), options());
    let counted = lines(&long, "expand items | stats count(*) as rows, sum(n) as n").await.unwrap();
    assert_eq!(counted, "{\"rows\":20000,\"n\":20000}\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_too_long_is_refused() {
    let engine = engine(&list_of(65_537), Options::default());
    for query in ["expand items", "unnest items into item", "parse @message /(?<digit>[0-9])/ multi | fields digit"] {
        let fault = lines(&engine, query).await.unwrap_err();
        assert_eq!(fault.id(), "query-list-too-long", "{query}: {fault:?}");
    }
}

const DAYS: &str = r#"{"time":"2026-03-01T00:00:00Z","stream":"a","id":"1"}
{"time":"2026-03-02T00:00:00Z","stream":"a","id":"2"}
{"time":"2026-03-03T00:00:00Z","stream":"b","id":"2"}
{"time":"2026-03-04T00:00:00Z","stream":"a","id":"3"}
{"time":"2026-03-05T00:00:00Z","stream":"b","id":"3"}
"#;

#[tokio::test]
async fn a_sub_query_of_a_condition_runs_once_for_all_slices() {
    let engine = engine(DAYS, Options { slice: Some(1), ..Options::default() });
    let query = "SOURCE 'a' | filter id in (SOURCE 'b' | fields id) | fields id";
    let mut answer = engine.insights(query).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = answer.next().await.unwrap() {
        rows += batch.num_rows();
    }
    let progress = answer.progress().now();
    assert_eq!((rows, progress.chosen_files, progress.opened_files), (2, 5, 5));
}

#[tokio::test]
async fn a_sub_query_that_gives_too_much_is_refused() {
    let many: String =
        (0..20_000).map(|n| format!("{{\"time\":\"2026-03-05T00:00:00Z\",\"id\":\"value-{n}\"}}\n")).collect();
    let engine = engine(&many, Options { memory: 2 << 20, ..Options::default() });
    let fault = lines(&engine, "filter id in (limit any 20000 | fields id) | stats count(*)").await.unwrap_err();
    assert_eq!(fault.id(), "query-subquery-large", "{fault:?}");
    let options = Options { memory: 200 << 10, ..Options::default() };
    let engine = Engine::new(Memory::of(&many) as Arc<_>, options);
    let fault = lines(&engine, "join left=a right=b where a.id=b.id (fields id) | stats count(*)").await.unwrap_err();
    assert_eq!(fault.id(), "query-memory", "{fault:?}");
}

#[tokio::test]
async fn options_narrow_what_a_source_says() {
    let count = "stats count(*) as n by @log";
    let of_b = engine(DAYS, Options { streams: vec!["b".to_owned()], ..Options::default() });
    assert_eq!(lines(&of_b, &format!("SOURCE logGroups() | {count}")).await.unwrap(), "{\"@log\":\"b\",\"n\":2}\n");
    assert_eq!(lines(&of_b, &format!("SOURCE 'a' | {count}")).await.unwrap(), "");
    let within = "filter id in (SOURCE 'a' | fields id) | stats count(*) as n";
    assert_eq!(lines(&of_b, within).await.unwrap(), "{\"n\":0}\n", "a sub-query is narrowed too");
    let from = shoseki_event::Timestamp::parse("2026-03-04T00:00:00Z").unwrap();
    let recent = engine(DAYS, Options { from: Some(from), ..Options::default() });
    let query = format!("SOURCE logGroups() START=-1y END=now | {count}");
    assert_eq!(lines(&recent, &query).await.unwrap(), "{\"@log\":\"a\",\"n\":1}\n{\"@log\":\"b\",\"n\":1}\n");
}

#[tokio::test]
async fn pointers_stand_beside_rows_of_events() {
    let engine = engine(&list_of(3), Options { with_pointers: true, ..Options::default() });
    let expanded = lines(&engine, "expand items | fields items").await.unwrap();
    assert_eq!(expanded.matches("\"@ptr\":\"01010101010101010101010101010101:0\"").count(), 3, "{expanded}");
    let joined = lines(&engine, "join left=a right=b where a.n=b.n (fields n) | fields a.n").await.unwrap();
    assert_eq!(joined.matches("@ptr").count(), 1, "{joined}");
}

#[tokio::test]
async fn tables_need_a_folder() {
    match engine(DAYS, Options::default()).insights("lookup user_data id OUTPUT name").await {
        Err(Failure::Mistakes(errors)) => {
            assert_eq!(errors.iter().map(|error| error.message.id()).collect::<Vec<_>>(), ["query-lookup-no-folder"]);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sub_queries_are_planned() {
    let engine = engine(DAYS, Options::default());
    let many: Vec<String> = (0..90).map(|n| format!("id in (filter id = {n} | fields id)")).collect();
    let query = format!("filter {} | stats count(*) as n", many.join(" or "));
    assert_eq!(lines(&engine, &query).await.unwrap(), "{\"n\":5}\n");
    let mut joins = String::from("fields id");
    for n in 0..20 {
        joins.push_str(&format!(" | join left=l right=r{n} where l.id=r{n}.id (stats count(*) as n by id)"));
    }
    let failure = engine.insights(&joins).await;
    assert!(matches!(failure, Ok(_) | Err(Failure::Mistakes(_))), "{failure:?}");
}
