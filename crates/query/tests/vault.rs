//! Queries over a real vault in a folder, encrypted: what was taken in is found, receipts are ours and not shown.

#![expect(clippy::unwrap_used, reason = "in a test it is how it fails")]

use std::sync::Arc;

use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Options};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Access, Init, Vault};

async fn lines(engine: &Engine, query: &str) -> String {
    let mut answer = engine.insights(query).await.unwrap();
    let mut bytes = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await.unwrap() {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vaults_events_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let access = Access::new(folder.path().join("keys"));
    let vault = Vault::init(&path("vault"), &access, &Init::default()).await.unwrap().vault;
    let example = shoseki_sources::by_id("cloudtrail").unwrap().example();
    std::fs::write(path("a.json"), example).unwrap();
    std::fs::write(path("b.json"), b"this is no event, and is kept").unwrap();
    let request = Request { paths: vec![path("a.json"), path("b.json")], ..Request::default() };
    ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();

    let vault = Arc::new(vault);
    let snapshot = vault.snapshot().await.unwrap();
    let engine = |options| Engine::over(Arc::clone(&vault), &snapshot, options);
    let ours = Options { include_internal: true, ..Options::default() };
    let count = "stats count(*) as n by @kind";
    assert_eq!(
        lines(&engine(Options::default()), count).await,
        "{\"@kind\":\"event\",\"n\":1}\n{\"@kind\":\"unparsed\",\"n\":1}\n"
    );
    assert!(lines(&engine(ours), count).await.contains("{\"@kind\":\"receipt\",\"n\":2}"));
    let message = lines(&engine(Options::default()), "filter @kind = 'unparsed' | fields @message").await;
    assert_eq!(message, "{\"@message\":\"this is no event, and is kept\"}\n");
    let json: serde_json::Value = serde_json::from_slice(example).unwrap();
    let names = lines(&engine(Options::default()), "fields eventName | filter ispresent(eventName)").await;
    assert_eq!(names, format!("{{\"eventName\":{}}}\n", json["eventName"]));
}
