//! The time range of a query: as it was asked for, as functions say it, and as `stats … offset` reads it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_query::{Engine, Options};

use store::{Memory, now, rows as rows_of};

const EVENTS: &str = r#"{"time":"2026-02-28T10:00:00Z","n":1}
{"time":"2026-03-04T10:00:00Z","n":2}
{"time":"2026-03-04T16:30:00Z","n":3}
{"time":"2026-03-05T10:00:00Z","n":4}
{"time":"2026-01-01T00:00:00Z","receipt":"ours"}
"#;

fn time(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

async fn lines(options: Options, query: &str) -> String {
    let engine = Engine::new(Memory::of(EVENTS) as Arc<_>, Options { now: now(), cores: 1, ..options });
    let answer = engine.insights(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
    rows_of(answer).await
}

#[tokio::test]
async fn an_offset_reads_the_range_that_far_back() {
    let query = "stats count(*) as n, sum(n) as sum by bin(1h) offset 1d";
    let day = Options { from: time("2026-03-05T00:00:00Z"), to: time("2026-03-06T00:00:00Z"), ..Options::default() };
    let expected = "{\"bin(1h)\":\"2026-03-05T10:00:00Z\",\"n\":1,\"sum\":2}\n\
                    {\"bin(1h)\":\"2026-03-05T16:00:00Z\",\"n\":1,\"sum\":3}\n";
    assert_eq!(lines(day.clone(), query).await, expected);
    assert_eq!(lines(day.clone(), "stats count(*) as n by bin(1h)").await.lines().count(), 1);
    // A month after the last day of February is the 28th of March; nothing is a month before the 29th.
    let of_month = "stats count(*) as n by bin(1d) offset 1mo";
    let month = Options { from: time("2026-03-28T00:00:00Z"), to: time("2026-03-29T00:00:00Z"), ..day.clone() };
    assert_eq!(lines(month, of_month).await, "{\"bin(1d)\":\"2026-03-28T00:00:00Z\",\"n\":1}\n");
    let month = Options { from: time("2026-03-29T00:00:00Z"), to: time("2026-03-31T00:00:00Z"), ..day };
    assert_eq!(lines(month, of_month).await, "");
}

#[tokio::test]
async fn an_offset_follows_the_zones_days() {
    let options = Options {
        from: time("2026-03-05T15:00:00Z"),
        to: time("2026-03-06T15:00:00Z"),
        zone: Tz::Asia__Tokyo,
        ..Options::default()
    };
    let day = lines(options, "stats count(*) as n by bin(1d) offset 1d").await;
    assert_eq!(day, "{\"bin(1d)\":\"2026-03-05T15:00:00Z\",\"n\":2}\n", "from 15:00 of the 4th to 15:00 of the 5th");
}

#[tokio::test]
async fn functions_say_the_range_that_was_asked_for() {
    let query = "fields queryStartTime() as s, queryEndTime() as e, queryTimeRange() as r | limit 1";
    let asked = Options { from: time("2026-03-04T00:00:00Z"), to: time("2026-03-05T00:00:00Z"), ..Options::default() };
    let expected = "{\"s\":\"2026-03-04T00:00:00Z\",\"e\":\"2026-03-05T00:00:00Z\",\"r\":86400000}\n";
    // In slices too it is the whole range.
    for slice in [None, Some(1)] {
        assert_eq!(lines(Options { slice, ..asked.clone() }, query).await, expected);
    }
    let open = "{\"s\":\"2026-02-28T10:00:00Z\",\"e\":\"2026-03-06T00:00:00Z\",\"r\":482400000}\n";
    assert_eq!(lines(Options::default(), query).await, open);
    let with_ours = lines(Options { include_internal: true, ..Options::default() }, query).await;
    assert!(with_ours.starts_with("{\"s\":\"2026-01-01T00:00:00Z\""), "{with_ours}");
    let nothing = "stats count(*) as n, max(queryTimeRange()) as r";
    let none = Options { sources: vec!["cloudtrail".to_owned()], ..Options::default() };
    assert_eq!(lines(none, nothing).await, "{\"n\":0,\"r\":null}\n");
}
