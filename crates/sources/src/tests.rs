//! The list of sources as a list, and what is checked of each source alike: golden columns, and exact fields.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::Value;
use shoseki_event::{Columns, Timestamp};

use super::*;

fn testdata(source: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(source)
}

/// The samples of a source: every file that is no golden one.
fn samples(source: &dyn Source) -> Vec<PathBuf> {
    let folder = testdata(source.id());
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "columns"));
    paths.sort();
    assert!(!paths.is_empty(), "`{}` has no samples", source.id());
    paths
}

fn received() -> Timestamp {
    Timestamp::parse("2026-03-06T00:00:00Z").unwrap()
}

/// Checks that each sample gives the columns that stand beside it.
pub(crate) fn golden(source: &dyn Source) {
    for path in samples(source) {
        let mut text = String::new();
        for piece in split_all(fs::read(&path).unwrap().into()) {
            match piece {
                Piece::Gap { .. } => {}
                Piece::Unparsed { offset, reason, .. } => text += &format!("{offset}: unparsed: {reason}\n\n"),
                Piece::Event { offset, bytes } => match source.derive(&bytes, received()) {
                    Ok(columns) => text += &format!("{offset}: {}\n{}\n", source.stream(&columns), show(&columns)),
                    Err(reason) => text += &format!("{offset}: unparsed: {reason}\n\n"),
                },
            }
        }
        expect_file![fs::canonicalize(&path).unwrap().with_extension("columns")].assert_eq(&text);
    }
}

fn show(columns: &Columns) -> String {
    let mut text = format!("    time = {} ({})\n", columns.time, columns.time_origin.name());
    let numbers = (columns.class_uid, columns.activity_id, columns.severity_id);
    text += &format!("    class, activity, severity = {numbers:?}\n    status = {}\n", columns.status.name());
    for name in COLUMNS {
        if let Some(value) = column(columns, name) {
            text += &format!("    {name} = {value}\n");
        }
    }
    text
}

const COLUMNS: &[&str] =
    &["key", "operation", "service", "actor", "actor_type", "src_ip", "account", "region", "resource", "error"];

fn column<'a>(columns: &'a Columns, name: &str) -> Option<&'a str> {
    let column = match name {
        "key" => &columns.key,
        "operation" => &columns.operation,
        "service" => &columns.service,
        "actor" => &columns.actor,
        "actor_type" => &columns.actor_type,
        "src_ip" => &columns.src_ip,
        "account" => &columns.account,
        "region" => &columns.region,
        "resource" => &columns.resource,
        "error" => &columns.error,
        other => panic!("no such column: `{other}`"),
    };
    column.as_deref()
}

/// Checks that a native path reads as its column says, in every sample and with every kind of value in its place.
pub(crate) fn fields_are_exact(source: &dyn Source) {
    let mut events: Vec<Value> = vec![serde_json::from_slice(source.example()).unwrap()];
    for path in samples(source) {
        let pieces = split_all(fs::read(&path).unwrap().into());
        events.extend(pieces.iter().filter_map(|piece| serde_json::from_slice(piece.bytes()).ok()));
    }
    let odd = ["null", "7", "18446744073709551615", "-0.5", "true", "\"\"", "\"証\\n\"", "[]", "{\"a\":[1,\"b\"]}"];
    for (path, _) in source.fields() {
        for value in odd {
            let mut event = events[0].clone();
            let pointer = format!("/{}", path.replace('.', "/"));
            *event.pointer_mut(&pointer).unwrap_or(&mut Value::Null) = serde_json::from_str(value).unwrap();
            events.push(event);
        }
    }
    let mut compared = 0;
    for event in &events {
        let bytes = serde_json::to_vec(event).unwrap();
        let Ok(columns) = source.derive(&bytes, received()) else { continue };
        compared += compare(source, event, &columns);
    }
    let wanted = 3 * source.fields().len();
    assert!(compared > wanted, "only {compared} values were compared");
}

/// Checks each native path against its column; the answer is how many values there were.
fn compare(source: &dyn Source, event: &Value, columns: &Columns) -> usize {
    let mut compared = 0;
    for (path, name) in source.fields() {
        let native = match event.pointer(&format!("/{}", path.replace('.', "/"))) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        assert_eq!(column(columns, name), native.as_deref(), "`{path}` of {event}");
        compared += usize::from(native.is_some());
    }
    compared
}

/// The same for a source of text, whose native fields are made.
pub(crate) fn native_fields_are_exact(source: &dyn Source) {
    let mut compared = 0;
    let samples = samples(source).into_iter().flat_map(|path| split_all(fs::read(&path).unwrap().into()));
    for event in samples.map(|piece| piece.bytes().clone()).chain([source.example().into()]) {
        let Ok(columns) = source.derive(&event, received()) else { continue };
        let native: Value = serde_json::from_slice(&source.native(&event).unwrap()).unwrap();
        compared += compare(source, &native, &columns);
    }
    assert!(compared > 3 * source.fields().len(), "only {compared} values were compared");
}

/// Whatever the bytes, a source of text has an answer, and the same one for columns and for native fields.
pub(crate) fn text_is_answered(source: &dyn Source, bytes: &[u8]) {
    let derived = source.derive(bytes, received());
    let native = source.native(bytes).map(|native| serde_json::from_slice::<Value>(&native).unwrap());
    assert_eq!(derived.is_ok(), native.is_some());
    if let (Ok(columns), Some(native)) = (derived, native) {
        compare(source, &native, &columns);
        assert!(columns.operation.is_some() && !source.stream(&columns).is_empty());
    } else {
        assert!(!source.recognises(bytes));
    }
}

#[test]
fn each_source_describes_itself() {
    let mut ids = BTreeSet::new();
    for source in SOURCES {
        let id = source.id();
        assert!(ids.insert(id), "`{id}` stands twice");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "`{id}`");
        assert!(!source.title().is_empty());
        assert_eq!(by_id(id).map(Source::id), Some(id));
        assert_eq!(auto(source.example()).map(Source::id), Some(id), "its own example must be its own");
        let columns = source.derive(source.example(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap()).unwrap();
        assert!(columns.operation.is_some(), "`{id}`: {columns:?}");
        assert!(!source.stream(&columns).is_empty());
        for (path, column) in source.fields() {
            assert!(COLUMNS.contains(column), "`{id}`: `{path}` stands for `{column}`, which is no text column");
        }
    }
    assert!(by_id("nothing").is_none());
}

/// A table of a source has each native field once, and the classes that it names are those of its events.
#[test]
fn natives_stand_once_and_classes_are_complete() {
    for source in SOURCES {
        let (id, classes, mut seen) = (source.id(), source.classes(), BTreeSet::new());
        for (path, _) in source.natives() {
            assert!(seen.insert(*path), "`{id}`: `{path}` stands twice");
        }
        for path in samples(*source) {
            for piece in split_all(fs::read(&path).unwrap().into()) {
                if let Ok(columns) = source.derive(piece.bytes(), received()) {
                    assert!(classes.contains(&columns.class_uid), "`{id}`: {classes:?} lacks {}", columns.class_uid);
                }
            }
        }
        assert!(!classes.is_empty(), "`{id}`");
    }
}

/// The address of whoever did it stands in the event as it is: questions about it ask the skip index, which holds the event.
#[test]
fn an_address_stands_in_its_event() {
    let mut seen = BTreeSet::new();
    for source in SOURCES {
        for path in samples(*source) {
            for piece in split_all(fs::read(&path).unwrap().into()) {
                let derived = source.derive(piece.bytes(), received());
                let Some(address) = derived.ok().and_then(|columns| columns.src_ip) else { continue };
                let event = String::from_utf8_lossy(piece.bytes()).into_owned();
                assert!(event.contains(&*address), "`{}`: {address} is not in {event}", source.id());
                seen.insert(source.id());
            }
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

#[test]
fn what_nobody_knows_has_no_source() {
    let notification = r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-03-05T00:00:00Z","eventName":"ObjectCreated:Put"}"#;
    for event in ["{}", notification, "[]", "", "null", r#"{"event":"log-in"}"#, "{\"a\":"] {
        assert!(auto(event.as_bytes()).is_none(), "{event}");
    }
}

proptest! {
    /// Whatever the bytes, there is an answer; and what is taken for an event is JSON.
    #[test]
    fn only_json_is_derived(source in 0..SOURCES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
        let mut event = SOURCES[source].example().to_vec();
        for (place, byte) in changes {
            let place = place.index(event.len());
            event[place] = byte;
        }
        auto(&event);
        if !matches!(SOURCES[source].form(), Form::Json) {
            text_is_answered(SOURCES[source], &event);
            return Ok(());
        }
        let is_json = serde_json::from_slice::<Value>(&event).is_ok();
        match SOURCES[source].derive(&event, received()) {
            Ok(_) => prop_assert!(is_json),
            Err(reason @ (Reason::Syntax { .. } | Reason::NotUtf8 | Reason::EndsEarly)) => prop_assert!(!is_json, "{}", reason),
            Err(_) => {}
        }
    }

    #[test]
    fn a_cut_event_is_no_event(source in 0..SOURCES.len(), end in any::<prop::sample::Index>()) {
        let event = SOURCES[source].example();
        if !matches!(SOURCES[source].form(), Form::Json) {
            text_is_answered(SOURCES[source], &event[..end.index(event.len())]);
            return Ok(());
        }
        prop_assert_eq!(SOURCES[source].derive(&event[..end.index(event.len())], received()), Err(Reason::EndsEarly));
    }
}
