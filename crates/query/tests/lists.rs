//! The lists of functions and aggregates, as lists: names once, titles in both languages, examples that give what they say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_insights::COMMANDS;
use shoseki_messages::{Lang, lookup};
use shoseki_query::output::row_texts;
use shoseki_query::{AGGREGATES, Aggregate, Engine, FUNCTION_GROUPS, FUNCTIONS, Function, Options};

use store::Memory;

const EVENT: &str = r#"{"time":"2026-03-05T01:02:03Z","eventName":"DeleteTrail","sourceIPAddress":"203.0.113.77"}"#;

const EVENTS: &str = r#"{"time":"2026-03-05T01:00:00Z","word":"b","n":1,"total":100}
{"time":"2026-03-05T02:00:00Z","word":"a","n":"10","total":190}
{"time":"2026-03-05T03:00:00Z","n":1,"total":340}
"#;

async fn value(events: &str, query: &str) -> String {
    let now = Timestamp::parse("2026-03-06T00:00:00Z").unwrap();
    let options = Options { now, cores: 1, ..Options::default() };
    let engine = Engine::new(Memory::of(events) as Arc<_>, options);
    let mut answer = engine.insights(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
    let batch = answer.next().await.unwrap().unwrap_or_else(|| panic!("{query}: no rows"));
    row_texts(&batch, 0, Tz::UTC).join(", ")
}

#[test]
fn names_are_unique_and_titles_exist() {
    let mut seen = BTreeSet::new();
    let functions = FUNCTIONS.iter().flat_map(Function::names);
    for name in functions.chain(AGGREGATES.iter().flat_map(Aggregate::names)) {
        assert!(seen.insert(name.to_lowercase()), "`{name}` stands twice");
    }
    let titles = FUNCTIONS.iter().map(|function| function.title).chain(FUNCTION_GROUPS.iter().map(|(title, _)| *title));
    for title in titles.chain(AGGREGATES.iter().map(|aggregate| aggregate.title)) {
        for lang in [Lang::En, Lang::Ja] {
            assert!(lookup(title, lang).is_some(), "`{title}` is not in the catalogue for {lang:?}");
        }
    }
}

#[tokio::test]
async fn examples_of_functions_give_what_they_say() {
    for function in FUNCTIONS {
        let (example, expected) = function.example;
        assert_eq!(value(EVENT, &format!("fields {example} as x")).await, expected, "{example}");
    }
}

#[tokio::test]
async fn examples_of_aggregates_give_what_they_say() {
    for aggregate in AGGREGATES {
        let (example, expected) = aggregate.example;
        assert_eq!(value(EVENTS, &format!("stats {example} as x")).await, expected, "{example}");
    }
}

#[tokio::test]
async fn examples_of_commands_run() {
    for command in COMMANDS {
        // The tables that examples look up are there. Some compare with an earlier time: the range needs a beginning.
        let from = Some(Timestamp::parse("2026-03-05T00:00:00Z").unwrap());
        let options = Options { from, cores: 1, lookups: Some("tests/lookups".into()), ..Options::default() };
        let engine = Engine::new(Memory::of(EVENTS) as Arc<_>, options);
        let plan = engine.explain(command.example).await;
        assert!(plan.is_ok(), "`{}`: {plan:?}", command.example);
    }
}
