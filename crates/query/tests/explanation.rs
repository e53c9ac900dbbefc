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

/// Conditions on time, source and stream pass over files by what their commits say of them; so do views of SQL.
#[tokio::test]
async fn what_conditions_rule_out_is_told() {
    let cloudtrail = r#"{"eventVersion":"1.08","eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.1","eventID":"00000000-0000-4000-8000-000000000001","eventType":"AwsApiCall","recipientAccountId":"111122223333","userIdentity":{"type":"Root"}}"#;
    let other =
        |day: u32| format!("{{\"time\":\"2026-03-0{day}T14:00:00Z\",\"stream\":\"other/{day}\",\"n\":{day}}}\n");
    let memory = Memory::of(&format!("{cloudtrail}\n{}{}{}", other(3), other(4), other(6)));
    let engine = Engine::new(Arc::clone(&memory) as _, Options { now: now(), cores: 2, ..Options::default() });
    for (query, language, read, rows) in [
        ("filter @timestamp > '2026-03-05'", Language::Insights, 2, 2),
        (
            "filter @timestamp >= '2026-03-04T14:00:00Z' and @timestamp < '2026-03-06T14:00:00Z'",
            Language::Insights,
            2,
            2,
        ),
        ("filter @timestamp < '2026-03-04' or @timestamp > '2026-03-06'", Language::Insights, 2, 2),
        ("filter @timestamp != '2026-03-04T14:00:00Z'", Language::Insights, 4, 3),
        ("filter @source = 'cloudtrail'", Language::Insights, 1, 1),
        ("filter @source in ['cloudtrail', 'falco']", Language::Insights, 1, 1),
        ("filter @source not in ['cloudtrail']", Language::Insights, 4, 3),
        ("filter @log = 'other/4'", Language::Insights, 1, 1),
        ("filter @log like /OTHER/ or n = 3", Language::Insights, 4, 1),
        ("filter @log like /^other/", Language::Insights, 3, 3),
        ("filter not (@source = 'cloudtrail')", Language::Insights, 4, 3),
        ("select \"eventName\" from cloudtrail", Language::Sql, 1, 1),
        ("select \"time\" from events where '2026-03-05' <= \"time\"", Language::Sql, 2, 2),
    ] {
        let explained = engine.explanation(query, language).await.unwrap();
        let passed: u64 = reasons(&explained).iter().filter(|(why, _)| *why == Why::Condition).map(|(_, n)| n).sum();
        assert_eq!((explained.read.files, passed), (read, 4 - read), "{query}: {}", explained.plan);
        let mut answer = match language {
            Language::Sql => engine.sql(query).await.unwrap(),
            Language::Insights => engine.insights(query).await.unwrap(),
        };
        let mut found = 0;
        while let Some(batch) = answer.next().await.unwrap() {
            found += batch.num_rows();
        }
        assert_eq!(found, rows, "{query}");
        assert_eq!(answer.progress().now().opened_files, read, "{query}");
    }
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
