//! What is known of a query that will be run again elsewhere: what it reads, and whether it gives the same rows each time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use shoseki_event::Timestamp;
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now};

const EVENTS: &str = r#"{"time":"2026-03-04T10:00:00Z","n":2,"who":"u-1"}
{"time":"2026-03-05T10:00:00Z","n":4,"who":"u-2"}
"#;

fn engine(options: Options) -> Engine {
    Engine::new(Memory::of(EVENTS) as Arc<_>, Options { now: now(), cores: 1, ..options })
}

async fn check_range(query: &str, expected: (&str, &str)) {
    let time = |text: &str| Some(Timestamp::parse(text).unwrap());
    let (from, to) = (time("2026-03-05T00:00:00Z"), time("2026-03-06T00:00:00Z"));
    let range = engine(Options { from, to, ..Options::default() }).reads(query).await.unwrap();
    assert_eq!(range, (time(expected.0), time(expected.1)), "{query}");
}

#[tokio::test]
async fn what_a_query_reads_is_known_before_it_is_run() {
    check_range("fields n", ("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z")).await;
    check_range("stats count(*) by bin(1h) offset 1d", ("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")).await;
    check_range("pattern @message | diff", ("2026-03-04T00:00:00Z", "2026-03-06T00:00:00Z")).await;
    let narrowed = "SOURCE logGroups() START='2026-03-05T06:00:00Z' END='2026-03-05T07:00:00Z' | fields n";
    check_range(narrowed, ("2026-03-05T06:00:00Z", "2026-03-05T07:00:00Z")).await;
    let within = "fields n | filter who in (SOURCE logGroups() START='2026-03-05T06:00:00Z' | fields who)";
    check_range(within, ("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z")).await;
    assert_eq!(engine(Options::default()).reads("fields n").await.unwrap(), (None, None));
    assert!(matches!(engine(Options::default()).reads("filds n").await, Err(Failure::Mistakes(_))));
}

#[tokio::test]
async fn sql_that_leaves_its_rows_open_is_refused_by_what_leaves_them_open() {
    let refused = |failure: Failure| match failure {
        Failure::Fault(fault) => (fault.id(), fault.to_string()),
        Failure::Mistakes(errors) => panic!("{errors:?}"),
    };
    for good in [
        r#"select "@ptr", raw from events"#,
        r#"select "@ptr" from events where json(raw, 'n') = '2' order by time"#,
        r#"select "@ptr" from events order by time desc, "@ptr" limit 1"#,
        r#"select "@ptr", count(*), max(time), sum(position) from events group by 1"#,
        r#"select "@ptr" from events where "@ptr" in (select "@ptr" from events)"#,
        r#"select "@ptr", raw ->> 'n' as n from events where lower(source) = 'other'"#,
        r#"select "@ptr", raw ->> 'n' as n from events union all select "@ptr", 'x' from cloudtrail"#,
    ] {
        let repeats = engine(Options::default()).repeats_sql(good).await;
        assert!(repeats.is_ok(), "{good}: {repeats:?}");
    }
    for (open, what) in [
        (r#"select "@ptr" from events limit 1"#, "LIMIT"),
        (r#"select "@ptr" from events order by time limit 1"#, "LIMIT"),
        (
            r#"select "@ptr" from (select "@ptr" from events union all select "@ptr" from events) as e order by "@ptr" limit 1"#,
            "LIMIT",
        ),
        (r#"select "@ptr" from events where "@ptr" in (select "@ptr" from events limit 1)"#, "LIMIT"),
        (r#"select "@ptr", now() from events"#, "now"),
        (r#"select "@ptr" from events where random() < 0.5"#, "random"),
        (r#"select "@ptr", first_value(raw) from events group by 1"#, "first_value"),
        (r#"select "@ptr", row_number() over (order by time) from events"#, "OVER"),
        (r#"select distinct on (source) source, "@ptr" from events order by source"#, "DISTINCT ON"),
        (r#"explain select "@ptr" from events"#, "EXPLAIN"),
    ] {
        let (id, said) = refused(engine(Options::default()).repeats_sql(open).await.unwrap_err());
        assert_eq!(id, "query-not-repeatable", "{open}: {said}");
        assert!(said.contains(what), "{open}: {said}");
    }
    let (id, _) = refused(engine(Options::default()).repeats_sql("select nothing from nowhere").await.unwrap_err());
    assert_eq!(id, "query-sql");
}

/// Tables that are given stand in the place of a folder's.
#[tokio::test]
async fn a_query_looks_things_up_in_the_tables_that_it_is_given() {
    let tables = BTreeMap::from([("people".to_owned(), "id,name\nu-1,証\n".into())]);
    let engine = engine(Options { tables: Arc::new(tables), ..Options::default() });
    let mut answer =
        engine.insights("lookup people id as who OUTPUT name | sort n asc | display n, name").await.unwrap();
    let mut bytes = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await.unwrap() {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), "{\"n\":\"2\",\"name\":\"証\"}\n{\"n\":\"4\",\"name\":null}\n");
}
