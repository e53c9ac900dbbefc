//! What a query would read, and why the rest is passed over.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use shoseki_event::Timestamp;
use shoseki_query::{Engine, Explanation, Failure, Language, Options, Why};

use store::{Memory, now};

/// Four files: three days of `other`, and our own.
const EVENTS: &str = r#"{"time":"2026-03-03T14:00:00Z","n":1}
{"time":"2026-03-04T16:00:00Z","n":2}
{"time":"2026-03-05T16:00:00Z","n":3}
{"time":"2026-03-06T00:00:00Z","receipt":"ours"}
"#;

async fn explained(options: Options, query: &str, language: Language) -> Explanation {
    let engine = Engine::new(Memory::of(EVENTS) as _, Options { now: now(), ..options });
    engine.explanation(query, language).await.unwrap()
}

fn reasons(explanation: &Explanation) -> Vec<(Why, u64)> {
    explanation.passed_over.iter().map(|passed| (passed.why, passed.total.files)).collect()
}

#[tokio::test]
async fn files_are_counted_by_why_they_are_not_read() {
    let all = explained(Options::default(), "fields n", Language::Insights).await;
    assert_eq!((all.all.files, all.read.files, all.read.records), (4, 3, 3));
    assert_eq!(reasons(&all), [(Why::Internal, 1)]);
    assert_eq!(all.all.bytes, all.read.bytes + all.passed_over[0].total.bytes);
    assert!(all.files.is_sorted_by(|a, b| a.last >= b.last), "the newest first");

    let from = Some(Timestamp::parse("2026-03-04T20:00:00Z").unwrap());
    let late = explained(Options { from, ..Options::default() }, "stats count(*)", Language::Insights).await;
    assert_eq!((late.read.files, late.slices), (1, 1));
    assert_eq!(reasons(&late), [(Why::Time, 2), (Why::Internal, 1)]);

    let other = Options { streams: vec!["other".to_owned()], ..Options::default() };
    let none = explained(other, "select 1 from events", Language::Sql).await;
    assert_eq!((none.read.files, reasons(&none)), (0, vec![(Why::Stream, 3), (Why::Several, 1)]));
    let other = Options { sources: vec!["shoseki".to_owned()], include_internal: true, ..Options::default() };
    let ours = explained(other, "fields a", Language::Insights).await;
    assert_eq!((ours.read.files, reasons(&ours)), (1, vec![(Why::Source, 3)]));
    assert!(ours.plan.contains("Events: files=1"), "{}", ours.plan);
}

/// Two days of many events, of which one has what is looked for.
#[tokio::test]
async fn what_an_index_rules_out_is_told() {
    let event = |(day, who)| format!("{{\"time\":\"2026-03-0{day}T14:00:00Z\",\"who\":\"{who}\"}}\n");
    let events: String =
        [(3, "user/night-watch-aiko"), (4, "user/morning-shift-naoki")].into_iter().map(event).collect();
    let memory = Memory::taken_apart(&events);
    let engine = Engine::new(Arc::clone(&memory) as _, Options { now: now(), cores: 2, ..Options::default() });
    for (query, language) in [
        ("filter @message like /morning-shift-naoki/ | fields who", Language::Insights),
        ("filter who = 'user/morning-shift-naoki' | stats count(*)", Language::Insights),
        ("filter who in ['user/morning-shift-naoki', 'user/noon-watch-kenji'] | fields who", Language::Insights),
        ("filter @message =~ /(?i)[A-Z]+.MORNING-SHIFT-(NAOKI|KENJI)/ | fields who", Language::Insights),
        ("select count(*) from events where raw like '%user/morning-shift-naoki%'", Language::Sql),
    ] {
        let explained = engine.explanation(query, language).await.unwrap();
        let expected = if language == Language::Sql { vec![] } else { vec![(Why::Index, 1)] };
        assert_eq!(reasons(&explained), expected, "{query}: {}", explained.plan);
    }
    let mut answer = engine.insights("filter who = 'user/morning-shift-naoki' | stats count(*) as c").await.unwrap();
    let batch = answer.next().await.unwrap().unwrap();
    assert!(batch.column(0).as_primitive::<Int64Type>().value(0) > 1_000);
    let progress = answer.progress().now();
    assert_eq!((progress.opened_files, progress.chosen_files, progress.files), (1, 1, 2));
}

#[tokio::test]
async fn it_is_a_struct_for_machines_too() {
    let json = serde_json::to_value(explained(Options::default(), "fields n", Language::Insights).await).unwrap();
    assert_eq!(json["language"], "insights");
    assert_eq!(json["passed_over"][0]["why"], "internal");
    assert_eq!(json["passed_over"][0]["files"], 1);
    assert!(json["files"][3]["passed_over"].is_null(), "{json}");
}

#[tokio::test]
async fn mistakes_are_those_of_the_query() {
    let engine = Engine::new(Memory::of(EVENTS) as _, Options::default());
    match engine.explanation("filtr a = 1", Language::Insights).await {
        Err(Failure::Mistakes(errors)) => assert_eq!(errors.len(), 1),
        other => panic!("{other:?}"),
    }
    assert!(matches!(engine.explanation("drop table events", Language::Sql).await, Err(Failure::Fault(_))));
}
