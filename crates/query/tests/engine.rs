//! The engine's options, and answers as files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::{Kind, Lang};
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now};

const EVENTS: &str = r#"{"time":"2026-03-04T14:00:00Z","n":1,"text":"=1+1"}
{"time":"2026-03-04T16:00:00Z","n":2,"text":"a, \"b\"\nc"}
{"time":"2026-03-05T16:00:00Z","n":3,"text":"山田"}
{"time":"2026-03-06T00:00:00Z","receipt":"ours"}
"#;

fn time(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

async fn written(options: Options, query: &str, format: Format) -> Vec<u8> {
    let engine = Engine::new(Memory::of(EVENTS) as _, Options { now: now(), ..options });
    let mut answer = engine.insights(query).await.unwrap();
    let mut bytes = Vec::new();
    let mut rows = writer(format, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await.unwrap() {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    bytes
}

async fn lines(options: Options, query: &str) -> String {
    String::from_utf8(written(options, query, Format::JsonLines).await).unwrap()
}

#[tokio::test]
async fn time_ranges_are_exact_and_pass_over_files() {
    let options =
        Options { from: time("2026-03-04T16:00:00Z"), to: time("2026-03-05T16:00:00Z"), ..Options::default() };
    assert_eq!(lines(options.clone(), "fields n").await, "{\"n\":\"2\"}\n");
    let options = Options { from: time("2026-03-05T00:00:00Z"), ..options };
    let engine = Engine::new(Memory::of(EVENTS) as _, options);
    let mut answer = engine.insights("fields n").await.unwrap();
    assert!(answer.next().await.unwrap().is_none());
    let progress = answer.progress().now();
    assert_eq!((progress.files, progress.chosen_files, progress.opened_files), (3, 0, 0));
}

#[tokio::test]
async fn sources_streams_and_our_own_records() {
    let count = "stats count(*) as n";
    let of = |sources: &[&str], streams: &[&str], include_internal| {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Options { sources: all(sources), streams: all(streams), include_internal, ..Options::default() }
    };
    assert_eq!(lines(of(&[], &[], false), count).await, "{\"n\":3}\n");
    assert_eq!(lines(of(&[], &[], true), count).await, "{\"n\":4}\n");
    assert_eq!(lines(of(&["shoseki"], &[], true), count).await, "{\"n\":1}\n");
    assert_eq!(lines(of(&["cloudtrail"], &[], true), count).await, "{\"n\":0}\n");
    assert_eq!(lines(of(&[], &["other/1"], false), count).await, "{\"n\":3}\n");
    assert_eq!(lines(of(&[], &["other/2"], false), count).await, "{\"n\":0}\n");
}

#[tokio::test]
async fn days_are_the_zones_and_json_stays_utc() {
    let options = Options { zone: Tz::Asia__Tokyo, ..Options::default() };
    let expected = "{\"bin(1d)\":\"2026-03-03T15:00:00Z\",\"n\":1}\n{\"bin(1d)\":\"2026-03-04T15:00:00Z\",\"n\":1}\n\
                    {\"bin(1d)\":\"2026-03-05T15:00:00Z\",\"n\":1}\n";
    assert_eq!(lines(options.clone(), "stats count(*) as n by bin(1d)").await, expected);
    let csv = written(options, "fields @timestamp | limit 1", Format::Csv { bom: false, zone: Tz::Asia__Tokyo }).await;
    assert_eq!(String::from_utf8(csv).unwrap(), "@timestamp\n2026-03-06T01:00:00+09:00\n");
}

#[tokio::test]
async fn csv_json_and_parquet() {
    let query = "fields text, n + 0 as number, nothing | sort @timestamp asc";
    let csv = written(Options::default(), query, Format::Csv { bom: true, zone: Tz::UTC }).await;
    let expected = "\u{feff}text,number,nothing\n'=1+1,1,\n\"a, \"\"b\"\"\nc\",2,\n山田,3,\n";
    assert_eq!(String::from_utf8(csv).unwrap(), expected);
    let json = written(Options::default(), query, Format::Json).await;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json[1], serde_json::json!({"text": "a, \"b\"\nc", "number": 2, "nothing": null}));
    let empty = written(Options::default(), "limit 0", Format::Json).await;
    assert_eq!(empty, b"[]\n");
    let parquet = written(Options::default(), query, Format::Parquet).await;
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes::Bytes::from(parquet), 10).unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 3);
}

#[tokio::test]
async fn pointers_are_added_to_events_only() {
    let options = Options { with_pointers: true, ..Options::default() };
    assert!(lines(options.clone(), "fields n | limit 1").await.contains("\"@ptr\":\"0202"));
    assert_eq!(lines(options.clone(), "fields @ptr | limit 1").await.matches("@ptr").count(), 1);
    assert!(!lines(options, "stats count(*)").await.contains("@ptr"));
}

#[tokio::test]
async fn too_little_memory_is_said_and_nothing_is_spilled() {
    let many: String =
        (0..20_000).map(|n| format!("{{\"time\":\"2026-03-05T00:00:00Z\",\"n\":\"value-{n}\"}}\n")).collect();
    let engine = Engine::new(Memory::of(&many) as _, Options { memory: 200 << 10, ..Options::default() });
    let mut answer = engine.insights("stats count(*) by n").await.unwrap();
    let fault = loop {
        match answer.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the query had enough memory"),
            Err(fault) => break fault,
        }
    };
    assert_eq!((fault.id(), fault.kind()), ("query-memory", Kind::World), "{}", fault.chain(Lang::En));
}

#[tokio::test]
async fn an_answer_larger_than_the_memory_streams() {
    let filler = "x".repeat(1_000);
    let line = |n: u32| {
        let (hour, minute, second) = (n / 1_000 % 24, n / 60 % 60, n % 60);
        format!("{{\"time\":\"2026-03-05T{hour:02}:{minute:02}:{second:02}Z\",\"n\":{n},\"filler\":\"{filler}\"}}\n")
    };
    let events: String = (0..24_000).map(line).collect();
    let memory = 16 << 20;
    assert!(events.len() > memory);
    let engine = Engine::new(Memory::of(&events) as _, Options { memory, cores: 2, ..Options::default() });
    let mut answer = engine.insights("fields @timestamp, @message").await.unwrap();
    let (mut rows, mut last) = (0, i64::MAX);
    while let Some(batch) = answer.next().await.unwrap() {
        let times = batch.column(0).as_primitive::<TimestampMicrosecondType>();
        for time in times.values() {
            assert!(*time <= last, "newest first, over all slices");
            last = *time;
        }
        rows += batch.num_rows();
    }
    assert_eq!(rows, 24_000);
}

#[tokio::test]
async fn a_full_limit_ends_the_search_and_the_hint_says_so() {
    let mut events = String::new();
    for day in 1..=9 {
        events.push_str(&format!("{{\"time\":\"2026-03-0{day}T00:00:00Z\",\"a\":\"delete\"}}\n"));
        events.push_str(&format!("{{\"time\":\"2026-03-0{day}T00:00:01Z\",\"a\":\"Delete\"}}\n"));
    }
    let memory = Memory::of(&events);
    let engine = |slice| {
        let options = Options { slice: Some(slice), cores: 2, ..Options::default() };
        Engine::new(Arc::clone(&memory) as _, options)
    };
    let query = "filter @message like /delete/ | fields @timestamp | limit 2";
    // Each core takes a file or two before it knows that the limit is full.
    for (slice, most) in [(1, 2), (1 << 20, 4)] {
        let mut answer = engine(slice).insights(query).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = answer.next().await.unwrap() {
            rows += batch.num_rows();
        }
        assert_eq!(rows, 2);
        assert!(answer.progress().now().opened_files <= most, "{:?}", answer.progress().now());
        assert_eq!(answer.hints().iter().map(|hint| hint.id()).collect::<Vec<_>>(), ["query-hint-case-part"]);
    }
}

/// Columns of random letters are read for what was asked, and not for the number beside the answer alone.
#[tokio::test]
async fn what_differs_by_case_in_random_letters_is_not_looked_for() {
    let (mut state, mut events) = (1_u64, String::new());
    for n in 0..2_000_u32 {
        let mut letters = String::new();
        for _ in 0..500 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            letters.push(char::from(b'A' + u8::try_from((state >> 40) % 26).unwrap()));
        }
        let (act, within) = match n {
            0 => ("update", ""),
            1 => ("Update", ""),
            2 => ("read", "UPDATE"),
            _ => ("read", ""),
        };
        let second = n % 60;
        events.push_str(&format!(
            "{{\"time\":\"2026-03-01T00:00:{second:02}Z\",\"act\":\"{act}\",\"id\":\"{letters}{within}\"}}\n"
        ));
    }
    for (store, hint) in
        [(Memory::taken_apart(&events), "at least 1 more event"), (Memory::of(&events), "2 more events")]
    {
        let engine = Engine::new(store as _, Options { cores: 2, ..Options::default() });
        for (pattern, found) in [("update", 1), ("(?i)update", 3)] {
            let query = format!("filter @message like /{pattern}/ | fields act, id");
            let mut answer = engine.insights(&query).await.unwrap();
            let mut rows = 0;
            while let Some(batch) = answer.next().await.unwrap() {
                rows += batch.num_rows();
            }
            assert_eq!(rows, found, "{pattern}");
            let hints: Vec<String> = answer.hints().iter().map(|hint| hint.text(Lang::En)).collect();
            match hints.as_slice() {
                [said] => assert!(pattern == "update" && said.starts_with(hint), "{said}"),
                other => assert!(pattern != "update" && other.is_empty(), "{other:?}"),
            }
        }
    }
}

/// An address by its name in OCSF is looked for as by its own: it stands in the event as it is.
#[tokio::test]
async fn an_address_asks_the_index_whatever_it_is_called() {
    let event = |day: u32| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-03-0{day}T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"203.0.113.10{day}","eventID":"00000000-0000-4000-8000-00000000000{day}","eventType":"AwsApiCall","userIdentity":{{"type":"Root"}}}}"#
        ) + "\n"
    };
    let store = Memory::taken_apart(&(1..=4).map(event).collect::<String>());
    let options = Options { streams: store.streams(), cores: 2, slice: Some(1), ..Options::default() };
    let engine = Engine::new(store as _, options);
    for (name, found) in [("sourceIPAddress", 1), ("src_endpoint.ip", 1), ("eventVersion", 0)] {
        let query = format!("filter {name} = '203.0.113.102' | fields eventName");
        let mut answer = engine.insights(&query).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = answer.next().await.unwrap() {
            rows += batch.num_rows();
        }
        assert_eq!((rows, answer.progress().now().opened_files), (found, 1), "{query}");
    }
}

/// A stream that is not there is said to be none, in both languages, with the nearest that is.
#[tokio::test]
async fn a_stream_that_is_not_there_is_said() {
    let store = Memory::of("{\"time\":\"2026-03-01T00:00:00Z\",\"stream\":\"app/payments\",\"n\":1}\n");
    let streams = vec!["app/payment".to_owned(), "app/payments".to_owned()];
    let engine = Engine::new(store as _, Options { streams, ..Options::default() });
    for answer in [engine.insights("fields n").await.unwrap(), engine.sql("select * from events").await.unwrap()] {
        let hints: Vec<String> = answer.hints().iter().map(|hint| hint.text(Lang::En)).collect();
        assert_eq!(hints, ["there is no stream `app/payment`: did you mean `app/payments`?"]);
    }
    let own = engine.insights("filter @source = 'shoseki'").await.unwrap();
    assert!(own.hints().iter().any(|hint| hint.id() == "query-hint-own"));
}

/// The weight between two numbers is not cut off: 147.299994 would be no 95th percentile of 1 to 155.
#[tokio::test]
async fn percentiles_are_exact() {
    let events: String = (1..=155).map(|n| format!("{{\"time\":\"2026-03-01T00:00:00Z\",\"n\":{n}}}\n")).collect();
    let engine = Engine::new(Memory::of(&events) as _, Options { cores: 2, ..Options::default() });
    for (percent, value) in [("95", 147.3), ("99.9", 154.846), ("0", 1.0), ("50", 78.0), ("100", 155.0), ("25", 39.5)] {
        let mut answer = engine.insights(&format!("stats pct(n, {percent}) as p")).await.unwrap();
        let batch = answer.next().await.unwrap().unwrap();
        let found = batch.column(0).as_primitive::<Float64Type>().value(0);
        assert!((found - value).abs() < 1e-9, "{percent}: {found}");
    }
}

/// What the indexes rule out is neither cut into slices nor opened, and what is said of fields is said of all the same.
#[tokio::test]
async fn what_indexes_rule_out_is_left_out_before_the_range_is_cut() {
    let key_of = |day: u64, n: u64| {
        let mut number = (day * 100 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut letters = String::from("AKIA");
        for _ in 0..20 {
            letters.push(char::from(b'G' + u8::try_from((number >> 33) % 20).unwrap())); // digits of a UUID are not looked for
            number = number.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        }
        letters
    };
    let mut events = String::new();
    for day in 1..=6 {
        for n in 0..40 {
            let key = key_of(day, n);
            events.push_str(&format!(
                "{{\"time\":\"2026-03-0{day}T00:00:{n:02}Z\",\"key\":\"{key}\",\"other\":\"{day}\"}}\n"
            ));
        }
    }
    let (one, two) = (key_of(3, 17), key_of(5, 2));
    let store = Memory::taken_apart(&events);
    let (streams, options) = (store.streams(), Options { cores: 2, slice: Some(1), ..Options::default() });
    let engine = Engine::new(store as _, Options { streams, ..options });
    for (query, found, opened, hint) in [
        (format!("filter key = '{one}' | fields other"), 1, 1, None),
        (format!("filter key in ['{one}', '{two}'] | fields other"), 2, 2, None),
        (format!("filter @message like /{two}/ | fields other"), 1, 1, None),
        (format!("filter strcontains(key, '{one}') | fields other"), 1, 1, None),
        (format!("filter strcontains(key, '{two}') = 1 | fields other"), 1, 1, None),
        (format!("filter strcontains(@message, '{two}') > 0 | fields other"), 1, 1, None),
        (format!("filter startsWith(key, '{one}') | fields other"), 1, 1, None),
        (format!("filter endsWith(key, '{one}') or key = '{two}' | fields other"), 2, 2, None),
        (format!("filter strcontains(key, '{one}') = 0 and key != '{two}' | fields other"), 238, 6, None),
        ("filter key = 'AKIANOBODYHASTHIS' | fields other".to_owned(), 0, 0, None),
        (format!("filter keys = '{one}' | fields other"), 0, 1, Some("query-hint-no-field-near")),
    ] {
        let mut answer = engine.insights(&query).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = answer.next().await.unwrap() {
            rows += batch.num_rows();
        }
        assert_eq!((rows, answer.progress().now().opened_files), (found, opened), "{query}");
        let hints: Vec<&str> = answer.hints().iter().map(|hint| hint.id()).collect();
        assert_eq!(hints, hint.into_iter().collect::<Vec<_>>(), "{query}");
    }
}

#[tokio::test]
async fn mistakes_of_the_grammar_come_back_as_such() {
    let engine = Engine::new(Memory::of(EVENTS) as _, Options::default());
    match engine.insights("feilds a | limit x").await {
        Err(Failure::Mistakes(errors)) => assert_eq!(errors.len(), 2),
        other => panic!("{other:?}"),
    }
    // A function that does not exist is told beside what cannot be read.
    match engine.insights("fields uppr(a) | filter strlne(b = 1 | limit x").await {
        Err(Failure::Mistakes(errors)) => {
            let said: Vec<&str> = errors.iter().map(|error| error.message.id()).collect();
            let unknown = "query-function-unknown-near";
            assert_eq!(said.iter().filter(|id| **id == unknown).count(), 2, "{said:?}");
            assert!(said.len() > 2 && errors.is_sorted_by_key(|error| error.span.start), "{said:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Whatever a source declares, a query can ask for, in the language and in SQL.
#[tokio::test]
async fn every_field_of_every_source_is_answered() {
    let cloudtrail = r#"{"eventVersion":"1.08","eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.1","eventID":"00000000-0000-4000-8000-000000000001","eventType":"AwsApiCall","userIdentity":{"type":"Root"}}"#;
    let audit = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{"username":"u"},"requestReceivedTimestamp":"2026-03-05T00:00:00.000000Z","stageTimestamp":"2026-03-05T00:00:00.000001Z"}"#;
    let engine =
        Engine::new(Memory::of(&format!("{cloudtrail}\n{audit}\n")) as _, Options { now: now(), ..Options::default() });
    let mut fields = 0;
    for source in shoseki_sources::SOURCES {
        for (field, _) in source.fields() {
            let mut answer = engine
                .insights(&format!("fields {field} | limit 5"))
                .await
                .unwrap_or_else(|e| panic!("{field}: {e:?}"));
            while answer.next().await.unwrap_or_else(|fault| panic!("{field}: {fault:?}")).is_some() {}
            fields += 1;
        }
    }
    assert!(fields > 10, "{fields}");
    let mut all = engine.sql("SELECT * FROM events").await.unwrap();
    let mut rows = 0;
    while let Some(batch) = all.next().await.unwrap() {
        rows += batch.num_rows();
        assert!(
            batch.schema().column_with_name("@ptr").is_some() && batch.schema().column_with_name("segment").is_none()
        );
    }
    assert_eq!(rows, 2);
    let mut key = engine.insights("fields eventID | filter ispresent(eventID)").await.unwrap();
    let batch = key.next().await.unwrap().unwrap();
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "00000000-0000-4000-8000-000000000001");
}

#[tokio::test]
async fn records_come_whole_whatever_is_asked_for() {
    let options = Options { as_records: true, now: now(), ..Options::default() };
    let engine = Engine::new(Memory::of(EVENTS) as _, options);
    let mut answer = engine.insights("fields upper(text) as x | sort n desc | limit 2").await.unwrap();
    let mut raws = Vec::new();
    while let Some(batch) = answer.next().await.unwrap() {
        let mut rows = shoseki_segment::Rows::of(&batch).unwrap();
        for row in 0..rows.len() {
            assert_eq!(&*rows.provenance(row).unwrap().source, "other");
            raws.push(String::from_utf8(rows.raw(row).to_vec()).unwrap());
        }
    }
    let lines: Vec<&str> = EVENTS.lines().collect();
    assert_eq!(raws, [lines[2], lines[1]]);
    for (query, id) in [
        ("stats count(*)", "query-rows-no-records"),
        ("unnest a into b", "query-rows-several-a-record"),
        ("join left=a right=b where a.n=b.n (fields n)", "query-rows-several-a-record"),
    ] {
        match engine.insights(query).await {
            Err(Failure::Fault(fault)) => assert_eq!((fault.id(), fault.kind()), (id, Kind::Caller), "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    assert!(matches!(engine.sql("select 1").await, Err(Failure::Fault(fault)) if fault.id() == "query-sql-no-records"));
}
