//! What queries give, as files: events, then queries with their rows and what is said beside them.
//!
//! ```text
//! ## events
//! {"time":"2026-03-05T00:00:00Z","a":1}
//!
//! ## why this case is here
//! fields a
//! ---
//! {"a":"1"}
//! hint: …
//! ```
//!
//! A query may begin with a line `range: <from> <to>`. `UPDATE_EXPECT=1` writes the files anew: read the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::path::Path;
use std::sync::Arc;

use expect_test::expect_file;
use shoseki_event::Timestamp;
use shoseki_insights::render;
use shoseki_messages::Lang;
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now};

async fn answer(memory: &Arc<Memory>, query: &str, slice: Option<u64>, streams: &[String]) -> String {
    let lookups = Some(Path::new("tests/lookups").to_owned());
    let mut options = Options { now: now(), cores: 2, slice, lookups, streams: streams.to_vec(), ..Options::default() };
    let query = match query.strip_prefix("range: ").and_then(|rest| rest.split_once('\n')) {
        Some((range, query)) => {
            let mut times = range.split(' ').map(|time| Timestamp::parse(time).unwrap());
            (options.from, options.to) = (times.next(), times.next());
            query
        }
        None => query,
    };
    let engine = Engine::new(Arc::clone(memory) as Arc<_>, options);
    let answered = match query.strip_prefix("sql:") {
        Some(sql) => engine.sql(sql).await,
        None => engine.insights(query).await,
    };
    let mut answer = match answered {
        Ok(answer) => answer,
        Err(Failure::Mistakes(errors)) => return render(query, &errors, Lang::En),
        Err(Failure::Fault(fault)) => return format!("fault: {}\n", fault.chain(Lang::En)),
    };
    let mut text = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut text).unwrap();
    loop {
        match answer.next().await {
            Ok(Some(batch)) => rows.write(&batch).unwrap(),
            Ok(None) => break,
            Err(fault) => return format!("fault: {}\n", fault.chain(Lang::En)),
        }
    }
    rows.finish().unwrap();
    let mut text = String::from_utf8(text).unwrap();
    for hint in answer.hints() {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}

async fn check(path: &Path) {
    let file = std::fs::read_to_string(path).unwrap();
    let mut cases = file.split("\n## ");
    let events = cases.next().unwrap().strip_prefix("## events\n").unwrap();
    let memory = Memory::of(events);
    let (taken_apart, streams) = (Memory::taken_apart(events), memory.streams());
    let mut actual = format!("## events\n{}\n", events.trim());
    for case in cases {
        let (title, rest) = case.split_once('\n').unwrap();
        let query = rest.split_once("\n---").map_or(rest, |(query, _)| query).trim();
        let answered = answer(&memory, query, None, &[]).await;
        let rows =
            |answer: &str| answer.lines().filter(|line| !line.starts_with("hint: ")).collect::<Vec<_>>().join("\n");
        let sliced = answer(&memory, query, Some(300), &[]).await;
        assert_eq!(rows(&sliced), rows(&answered), "in slices: {query}");
        if !query.starts_with("sql:") {
            let of_columns = answer(&taken_apart, query, None, &streams).await;
            assert_eq!(rows(&of_columns), rows(&answered), "of events that were taken apart: {query}");
        }
        actual.push_str(&format!("\n## {title}\n{query}\n---\n{answered}"));
    }
    expect_file![path].assert_eq(&actual);
}

#[tokio::test]
async fn queries_give_what_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        check(&path).await;
    }
}
