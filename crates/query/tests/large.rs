//! Queries at the bounds of the grammar are planned, or refused, and never bring the process down.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::time::Instant;

use shoseki_insights::MAX_COMMANDS;
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now};

#[tokio::test(flavor = "multi_thread")]
async fn large_queries_are_planned() {
    let memory = Memory::of("{\"time\":\"2026-03-05T00:00:00Z\",\"a\":1}");
    let engine = Engine::new(memory as _, Options { now: now(), cores: 2, ..Options::default() });
    let doubled: Vec<String> = (1..20).map(|n| format!("fields a{} + a{} as a{n}", n - 1, n - 1)).collect();
    let either: Vec<String> = (0..1_500).map(|n| format!("b.c = {n}")).collect();
    let names: Vec<String> = (0..4_000).map(|n| format!("'{n}'")).collect();
    let queries = [
        ("commands", vec!["limit 5"; MAX_COMMANDS].join("|")),
        ("filters", vec!["filter a > 0"; MAX_COMMANDS].join("|")),
        ("stats", vec!["stats count(*) as n by a, n"; 25].join("|")),
        ("dedups", vec!["dedup a"; 20].join("|")),
        ("nots", format!("filter {}a", "not ".repeat(98))),
        ("calls", format!("fields {}a{} as x", "abs(".repeat(95), ")".repeat(95))),
        ("sum", format!("fields a{} as x", " + a".repeat(95))),
        ("doubling", format!("fields a as a0 | {}", doubled.join("|"))),
        ("either", format!("filter {}", either.join(" or "))),
        ("accums", vec!["accum a as a"; 25].join("|")),
        ("outliers", vec!["outlier a"; 25].join("|")),
        ("totals", format!("addtotals col=true {}", (0..1_000).map(|n| format!("b{n}")).collect::<Vec<_>>().join(","))),
        ("lags", "autoregress a p=1-100 | autoregress a as b p=901-1000 | filldown".to_owned()),
        ("names", format!("filter d in [{}]", names.join(","))),
    ];
    for (name, query) in queries {
        let started = Instant::now();
        match engine.insights(&query).await {
            Ok(mut answer) => while answer.next().await.unwrap().is_some() {},
            Err(Failure::Mistakes(errors)) => {
                let ids: Vec<_> = errors.iter().map(|error| error.message.id()).collect();
                assert_eq!(ids, ["query-too-many-steps"], "{name}");
            }
            Err(Failure::Fault(fault)) => panic!("{name}: {fault:?}"),
        }
        println!("{name}: {:?}", started.elapsed());
    }
}
