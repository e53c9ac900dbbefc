//! Real events, where they are at hand: the figures of the handbook's query over the `invictus` sample.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use shoseki_query::{Engine, Options};

use store::Memory;

/// The events of all files of a folder, one a line.
fn events(folder: &Path) -> String {
    let mut lines = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "gz") {
                let mut text = String::new();
                GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                for record in json["Records"].as_array().into_iter().flatten() {
                    lines.push_str(&format!("{record}\n"));
                }
            }
        }
    }
    lines
}

async fn rows(engine: &Engine, query: &str) -> (usize, Vec<String>) {
    let mut answer = engine.insights(query).await.unwrap();
    let mut count = 0;
    while let Some(batch) = answer.next().await.unwrap() {
        count += batch.num_rows();
    }
    (count, answer.hints().iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn the_handbooks_query_over_real_events() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cloudtrail/invictus");
    if !folder.exists() {
        println!("skipped: the handbook's query over real events needs ../shared/data/cloudtrail/invictus");
        return;
    }
    let engine = Engine::new(Memory::of(&events(&folder)) as Arc<_>, Options::default());
    let changes = "filter eventName like /^(Delete|Update)/";
    let pattern = "filter @message like /delete|update|privilege/";
    assert_eq!(rows(&engine, changes).await.0, 211);
    assert_eq!(rows(&engine, &format!("{changes} | {pattern}")).await.0, 8);
    let handbook = format!("fields @timestamp, @message | {pattern} | sort @timestamp desc | limit 100");
    let (count, hints) = rows(&engine, &handbook).await;
    println!("{count} rows, {hints:?}");
    let (both, hints) = rows(&engine, &format!("{changes} | {pattern}")).await;
    assert_eq!(
        (both, hints),
        (8, vec!["203 more events differ only by case: `/(?i)delete|update|privilege/`".to_owned()])
    );
}
