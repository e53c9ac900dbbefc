//! Sums, means and deviations are the same on every run: whatever the number of cores, and in whatever order files come.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use shoseki_query::{Engine, Options, Store};

use store::{Memory, now, rows};

const DAYS: usize = 12;
const PAIRS: usize = 600;

/// A ledger whose entries cancel: each amount is booked on a day, and taken back on another.
fn ledger(turned: bool) -> String {
    let entry = |at: usize, sign: &str| {
        let day = if turned { DAYS - at % DAYS } else { at % DAYS + 1 };
        let (amount, who) = (at * 7_919 % 100_000, at % 3);
        format!(
            "{{\"time\":\"2026-02-{day:02}T10:00:00Z\",\"amount\":{sign}{}.{:02},\"who\":\"u-{who}\"}}\n",
            amount / 100,
            amount % 100
        )
    };
    let booked = (0..PAIRS).map(|at| entry(at, ""));
    let back = (0..PAIRS).map(|at| entry(at, "-"));
    if turned { back.rev().chain(booked).collect() } else { booked.chain(back).collect() }
}

/// The answer of one core, which is that of several, of files in another order, and of each run.
async fn steady(query: &str) -> String {
    let mut answers: Vec<String> = Vec::new();
    for turned in [false, true] {
        let memory = Memory::of(&ledger(turned));
        for cores in [1, 2, 4, 4, 4] {
            let options = Options { now: now(), cores, ..Options::default() };
            let engine = Engine::new(Arc::clone(&memory) as Arc<dyn Store>, options);
            answers.push(match query.strip_prefix("sql:") {
                Some(sql) => rows(engine.sql(sql).await.unwrap()).await,
                None => rows(engine.insights(query).await.unwrap()).await,
            });
        }
    }
    let first = answers.first().cloned().unwrap();
    assert!(answers.iter().all(|answer| *answer == first), "{query}: {answers:#?}");
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ledger_that_cancels_has_a_balance_of_nothing_on_every_run() {
    assert_eq!(steady("stats sum(amount) as balance, avg(amount) as mean").await, "{\"balance\":0,\"mean\":0}\n");
    let by_who = steady("stats sum(amount) as s, sumOverTime(amount) as t by who").await;
    assert_eq!(by_who, (0..3).map(|n| format!("{{\"who\":\"u-{n}\",\"s\":0,\"t\":0}}\n")).collect::<String>());
    let sql = "sql:select sum(cast(json(raw, 'amount') as double)) as s, avg(cast(json(raw, 'amount') as double)) as m from events";
    assert_eq!(steady(sql).await, "{\"s\":0,\"m\":0}\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sums_that_do_not_cancel_are_the_nearest_double_on_every_run() {
    // In hundredths they are whole numbers.
    let cents: usize = (0..PAIRS).map(|at| at * 7_919 % 100_000).sum();
    let sum = steady("filter amount > 0 | stats sum(amount) as s").await;
    assert_eq!(sum, format!("{{\"s\":{}}}\n", cents as f64 / 100.0));
    steady("stats stddev(amount) as d, avg(abs(amount)) as m by who").await;
    steady("sql:select stddev(x), stddev_pop(x), var(x), var_pop(x), sum(distinct x), avg(distinct x), count(distinct x) from \
            (select cast(json(raw, 'amount') as double) as x from events)")
    .await;
    steady(
        "sql:select sum(x) over (order by x rows between 3 preceding and current row) as s from \
            (select abs(cast(json(raw, 'amount') as double)) as x from events) order by s limit 20",
    )
    .await;
}
