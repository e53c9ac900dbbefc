//! Rows stay in the order that was asked for, however many they are and whatever is computed of them last.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test it is how it fails")]

mod store;

use std::sync::Arc;

use arrow::array::AsArray;
use shoseki_query::{Answer, Engine, Options, Store};

use store::{Memory, now};

const EVENTS: usize = 40_000;

fn engine() -> Engine {
    let event =
        |n: usize| format!("{{\"time\":\"2026-03-05T00:00:00Z\",\"n\":{},\"text\":\"x\"}}\n", n * 7_919 % EVENTS);
    let memory = Memory::of(&(0..EVENTS).map(event).collect::<String>());
    Engine::new(memory as Arc<dyn Store>, Options { now: now(), cores: 4, ..Options::default() })
}

async fn first_column(mut answer: Answer) -> Vec<String> {
    let mut values = Vec::new();
    while let Some(batch) = answer.next().await.unwrap() {
        let texts = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8).unwrap();
        values.extend(texts.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()));
    }
    values
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_rows_stay_in_order_behind_a_sort() {
    let engine = engine();
    let expected: Vec<String> = (0..EVENTS).map(|n| n.to_string()).collect();
    let insights = "fields n, strlen(concat(text, n)) as l | sort n asc";
    let sql =
        "select json(raw, 'n') as n, length(json(raw, 'text')) from events order by cast(json(raw, 'n') as bigint)";
    for plan in [engine.explain(insights).await.unwrap(), engine.explain_sql(sql).await.unwrap()] {
        let above: Vec<&str> = plan.lines().take_while(|line| !line.contains("Sort")).collect();
        assert!(above.iter().all(|line| !line.contains("RepartitionExec")), "{plan}");
    }
    assert!(first_column(engine.insights(insights).await.unwrap()).await == expected, "{insights}");
    assert!(first_column(engine.sql(sql).await.unwrap()).await == expected, "{sql}");
}
