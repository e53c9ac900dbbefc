//! Every real event in the development data is split and derived. Where that data is absent, the tests say so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use shoseki_event::{TimeOrigin, Timestamp};
use shoseki_sources::{Envelope, Form, Inflate, Limits, Piece, Source, Splitter, by_id, open, split_all};

/// The files below a folder of the development data; nothing where it is absent.
fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    match fs::read_dir(&root) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => {
            println!("skipped: this test needs ../shared/data/{folder}");
            Vec::new()
        }
    }
}

/// How many events the files hold; each must be one of `source`, and every byte must be in a piece.
fn events(source: &str, paths: &[PathBuf], chunk: usize) -> usize {
    let is_keyed = matches!(source, "cloudtrail" | "k8s-audit");
    let source = by_id(source).unwrap();
    let received = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    let mut count = 0;
    for path in paths {
        let name = path.display();
        let mut inflate = Inflate::new(File::open(path).unwrap(), Limits::default()).unwrap();
        let (mut pieces, mut splitter) = (Vec::new(), Splitter::auto());
        while let Some(chunk) = inflate.chunk(chunk).unwrap() {
            splitter.feed(chunk, &mut pieces);
        }
        assert!(splitter.finish(&mut pieces), "{name} ends inside a list");
        let text_of = splitter.text_of().map(Source::id);
        assert!(matches!(source.form(), Form::Json) || text_of == Some(source.id()), "{name}: {text_of:?}");
        let bytes: usize = pieces.iter().map(|piece| piece.bytes().len()).sum();
        assert_eq!(bytes as u64, inflate.given(), "{name}");
        for piece in &pieces {
            match piece {
                Piece::Gap { .. } => {}
                Piece::Unparsed { offset, reason, .. } => panic!("{name} at {offset}: {reason}"),
                Piece::Event { bytes, offset } => {
                    let columns =
                        source.derive(bytes, received).unwrap_or_else(|why| panic!("{name} at {offset}: {why}"));
                    assert_eq!(columns.time_origin, TimeOrigin::Event, "{name} at {offset}");
                    assert!(columns.operation.is_some() && columns.class_uid > 0);
                    assert!(columns.key.is_some() || !is_keyed, "{name} at {offset}");
                    assert!(source.recognises(bytes), "{name} at {offset}");
                    count += 1;
                }
            }
        }
    }
    count
}

fn has_json(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(".json"))
}

#[test]
fn cloudtrail_files_are_events_throughout() {
    for (folder, expected) in [("invictus", 2900), ("stratus", 310), ("traildiscover", 262)] {
        let mut paths = files(&format!("cloudtrail/{folder}"));
        paths.retain(|path| has_json(path));
        if !paths.is_empty() {
            assert_eq!(events("cloudtrail", &paths, 1 << 20), expected, "{folder}");
            assert_eq!(events("cloudtrail", &paths, 1000), expected, "{folder} in small chunks");
        }
    }
}

#[test]
fn kubernetes_files_are_events_throughout() {
    for (folder, expected) in [("apiserver", 4042), ("falco", 51)] {
        let mut paths = files(&format!("k8s-audit/{folder}"));
        paths.retain(|path| has_json(path) || path.extension().is_some_and(|extension| extension == "gz"));
        if !paths.is_empty() {
            assert_eq!(events("k8s-audit", &paths, 1 << 20), expected, "{folder}");
            assert_eq!(events("k8s-audit", &paths, 1000), expected, "{folder} in small chunks");
        }
    }
}

#[test]
fn falco_files_are_alerts_throughout() {
    let mut paths = files("falco/talon");
    paths.retain(|path| has_json(path));
    if !paths.is_empty() {
        assert_eq!(events("falco", &paths, 1 << 20), 6);
        assert_eq!(events("falco", &paths, 100), 6, "in small chunks");
    }
}

#[test]
fn mariadb_files_are_events_throughout() {
    for (file, expected) in [("onprem_sample.log", 36), ("rds_sample.log", 13)] {
        let mut paths = files("db-audit/mariadb");
        paths.retain(|path| path.ends_with(file));
        if !paths.is_empty() {
            assert_eq!(events("mariadb-audit", &paths, 1 << 20), expected, "{file}");
            assert_eq!(events("mariadb-audit", &paths, 100), expected, "{file} in small chunks");
        }
    }
}

/// pgaudit's regression output is what a client sees; PostgreSQL's log has the same rows behind its prefix, with a tab before
/// each line that goes on.
#[test]
fn pgaudits_own_rows_are_read() {
    let mut paths = files("db-audit/pgaudit");
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "out"));
    let (Some(path), Some(source)) = (paths.pop(), by_id("pgaudit")) else { return };
    let (mut log, mut rows, mut is_open) = (String::new(), 0, false);
    for line in fs::read_to_string(path).unwrap().lines() {
        let row = line.split_once(":  AUDIT: ").map(|(_, row)| row);
        if let Some(row) = row {
            log += &format!("2026-03-05 01:02:03.004 UTC [17] aiko@shop LOG:  AUDIT: {row}\n");
            rows += 1;
        } else if is_open {
            log += &format!("\t{line}\n");
        }
        let quotes = line.matches('"').count();
        is_open = if row.is_some() { quotes % 2 == 1 } else { is_open != (quotes % 2 == 1) };
        is_open &= row.is_some() || !line.ends_with("<not logged>");
    }
    let mut splitter = Splitter::auto();
    let mut pieces = Vec::new();
    splitter.feed(log.clone().into(), &mut pieces);
    splitter.finish(&mut pieces);
    let events = pieces.iter().filter_map(|piece| match piece {
        Piece::Event { bytes, .. } => Some(bytes),
        _ => None,
    });
    let (mut count, mut with_objects) = (0, 0);
    for event in events {
        let columns = source.derive(event, Timestamp::parse("2027-01-01T00:00:00Z").unwrap()).unwrap();
        let native: serde_json::Value = serde_json::from_slice(&source.native(event).unwrap()).unwrap();
        let text = String::from_utf8_lossy(event);
        assert_eq!(columns.class_uid, 6005, "{text}");
        assert!(
            ["READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC"].iter().any(|class| native["class"] == *class),
            "{text}"
        );
        assert!(native["statement"].is_string() && native["parameter"].is_string(), "{text}");
        with_objects += usize::from(native["object_name"].is_string());
        count += 1;
    }
    assert_eq!(count, rows);
    assert!(rows > 200 && with_objects > 100, "{rows} rows, {with_objects} with objects");
}

/// What AWS hands to a function: each envelope is opened as far as there is something in it.
#[test]
fn envelopes_of_aws_are_opened() {
    for (file, expected) in [
        ("cloudwatch-logs-event.json", 2),
        ("kinesis-event.json", 2),
        ("kinesis-firehose-event.json", 2),
        ("sns-event.json", 1),
        ("sqs-event.json", 1),
        ("s3-event.json", 0),
        ("ecr-image-push-event.json", 0), // EventBridge; no source knows its `detail`, and the event stays whole
    ] {
        let mut paths = files("envelopes");
        paths.retain(|path| path.ends_with(file));
        let Some(path) = paths.pop() else { return };
        let documents = split_all(fs::read(path).unwrap().into()).into_iter().filter_map(|piece| match piece {
            Piece::Event { bytes, .. } => Some(bytes),
            _ => None,
        });
        let opened = documents.filter_map(|document| open(&document)).map(|envelope| match envelope {
            Envelope::Events(events) => events.len(),
            Envelope::Slice(_) => 1,
        });
        assert_eq!(opened.sum::<usize>(), expected, "{file}");
    }
}
