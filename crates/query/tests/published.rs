//! The queries that AWS publishes become plans. They stand in the tests of `shoseki-insights`, with where each is from.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use shoseki_event::Timestamp;
use shoseki_query::{Engine, Options};

use store::{Memory, now};

#[tokio::test]
async fn published_queries_are_planned() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../insights/tests/published.txt");
    // Some compare with an earlier time.
    let from = Some(Timestamp::parse("2026-03-05T00:00:00Z").unwrap());
    let lookups = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published");
    let published = std::fs::read_to_string(path).unwrap();
    let events = Memory::of("{\"time\":\"2026-03-05T00:00:00Z\",\"a\":1}");
    let engine = Engine::new(
        events as Arc<_>,
        Options { now: now(), cores: 1, from, lookups: Some(lookups.into()), ..Options::default() },
    );
    let mut planned = 0;
    for block in published.split("\n## ").skip(1) {
        let (source, queries) = block.split_once('\n').unwrap();
        for query in queries.trim().split("\n\n") {
            let plan = engine.explain(query).await;
            plan.unwrap_or_else(|failure| panic!("{source}: {query}\n{failure:?}"));
            planned += 1;
        }
    }
    assert!(planned > 80, "{planned}");
}
