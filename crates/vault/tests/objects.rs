//! What lies in a bucket is taken in as files are: in the order of keys, once, and each object that cannot be read is told.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

#[expect(dead_code, reason = "of what all tests of the vault share, these write no files")]
mod place;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use place::{Bucket, Place, events};
use shoseki_messages::Result;
use shoseki_vault::Vault;
use shoseki_vault::ingest::{Meter, Request, Summary, ingest};

async fn try_take(vault: &Vault, url: &str) -> Result<Summary> {
    let request = Request { paths: vec![url.to_owned()], ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await
}

async fn take(vault: &Vault, url: &str) -> Summary {
    try_take(vault, url).await.unwrap()
}

fn gzip(content: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(content.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// Puts an object below a URL of the tests' bucket; `key` as it stands in a request, with its escapes.
fn put(bucket: &Bucket, url: &str, key: &str, body: &[u8]) {
    let path = url.strip_prefix("s3://shoseki-test").unwrap();
    let answer = bucket.put(&format!("{path}/{key}"), body);
    assert!(answer.contains(" 200 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_objects_go_in_once() {
    let Some(bucket) = Bucket::of("two_hundred_objects_go_in_once") else { return };
    let url = bucket.url("many");
    for n in 0..200 {
        let (first, key) = (n * 5, format!("AWSLogs/2026/03/{:02}/{n:03}.json.gz", n / 10 + 1));
        put(&bucket, &url, &key, &gzip(&events(first..first + 5)));
    }
    for place in Place::all("from-bucket").await {
        let vault = place.vault().await;
        let first = take(&vault, &format!("{url}/")).await;
        assert_eq!((first.files, first.new, first.problems.len()), (200, 1_000, 0), "{first:?}");
        let again = take(&vault, &url).await;
        assert_eq!((again.files_known, again.new, again.duplicates), (200, 0, 1_000));
        assert_eq!(again.tree_size, first.tree_size);

        let snapshot = vault.snapshot().await.unwrap();
        let originals = vault.originals(&snapshot).await.unwrap();
        let key = format!("{url}/AWSLogs/2026/03/01/007.json.gz");
        let original = originals.iter().find(|original| original.receipt.origin == key).unwrap();
        let mut out = Vec::new();
        vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), events(35..40));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_known_by_its_bytes_wherever_it_lies() {
    let Some(bucket) = Bucket::of("an_object_is_known_by_its_bytes_wherever_it_lies") else { return };
    let url = bucket.url("known");
    put(&bucket, &url, "a.json", events(0..5).as_bytes());
    put(&bucket, &url, "copy/a.json", events(0..5).as_bytes());
    let place = Place::all("known-bytes").await.remove(0);
    let vault = place.vault().await;
    let summary = take(&vault, &url).await;
    assert_eq!((summary.files, summary.files_known, summary.new), (2, 1, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_need_not_be_a_folder_and_a_key_is_one_object() {
    let Some(bucket) = Bucket::of("a_prefix_need_not_be_a_folder_and_a_key_is_one_object") else { return };
    let url = bucket.url("prefix");
    for (key, first) in [("2026/01.json", 0), ("2026/02.json", 10), ("2025/01.json", 20), ("2026/01.json.bak", 30)] {
        put(&bucket, &url, key, events(first..first + 1).as_bytes());
    }
    put(&bucket, &url, "2026/", b""); // how consoles mark a folder
    let place = Place::all("prefixes").await.remove(0);
    let vault = place.vault().await;
    let one = take(&vault, &format!("{url}/2026/01.json")).await;
    assert_eq!((one.files, one.new), (1, 1), "{one:?}");
    assert_eq!(take(&vault, &format!("{url}/2026/0")).await.new, 2);
    let all = take(&vault, &url).await;
    assert_eq!((all.files, all.files_known, all.new, all.problems.len()), (4, 3, 1, 0), "{all:?}");
    let nothing = try_take(&vault, &format!("{url}/2027")).await.unwrap_err();
    assert_eq!(nothing.id(), "vault-prefix-empty");
    let absent = try_take(&vault, "s3://shoseki-test-absent/logs").await.unwrap_err();
    assert_eq!(absent.id(), "vault-bucket-absent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_object_is_kept_whole_and_others_go_in() {
    let Some(bucket) = Bucket::of("a_damaged_object_is_kept_whole_and_others_go_in") else { return };
    let url = bucket.url("damaged");
    let mut cut = gzip(&events(0..400));
    cut.truncate(cut.len() / 2);
    put(&bucket, &url, "cut.json.gz", &cut);
    put(&bucket, &url, "%E8%A8%BC%E8%B7%A1/a%20b%2B%25.json", events(1_000..1_010).as_bytes());
    for place in Place::all("damaged-object").await {
        let vault = place.vault().await;
        let summary = take(&vault, &url).await;
        assert_eq!(summary.problems.len(), 1, "{summary:?}");
        assert_eq!(summary.problems[0].file, format!("{url}/cut.json.gz"));
        assert_eq!(summary.files, 2);
        let snapshot = vault.snapshot().await.unwrap();
        let originals = vault.originals(&snapshot).await.unwrap();
        let damaged = originals.iter().find(|original| original.receipt.damage.is_some()).unwrap();
        let mut out = Vec::new();
        vault.rebuild(&snapshot, &damaged.receipt, &mut out).await.unwrap();
        assert_eq!(out, cut);
        assert!(originals.iter().any(|original| original.receipt.origin == format!("{url}/証跡/a b+%.json")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_object_is_read_in_parts() {
    let Some(bucket) = Bucket::of("a_long_object_is_read_in_parts") else { return };
    let url = bucket.url("long");
    let padding = " ".repeat(1 << 20);
    let mut long = Vec::with_capacity(70 << 20);
    for n in 0..65 {
        long.extend_from_slice(events(n..n + 1).as_bytes());
        long.extend_from_slice(padding.as_bytes());
        long.push(b'\n');
    }
    put(&bucket, &url, "long.jsonl", &long);
    let place = Place::all("long-object").await.remove(0);
    let vault = place.vault().await;
    let first = take(&vault, &url).await;
    assert_eq!((first.files, first.new, first.problems.len()), (1, 65, 0), "{first:?}");
    assert_eq!(first.bytes_received, long.len() as u64);
    let again = take(&vault, &url).await;
    assert_eq!((again.files_known, again.new, again.duplicates), (1, 0, 65));
    let snapshot = vault.snapshot().await.unwrap();
    let original = vault.originals(&snapshot).await.unwrap().remove(0);
    let mut out = Vec::new();
    vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
    assert!(out == long, "what was too much white space for a recipe is kept whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_goes_on() {
    let Some(bucket) = Bucket::of("a_run_that_was_stopped_goes_on") else { return };
    let url = bucket.url("stopped");
    for n in 0..60 {
        put(&bucket, &url, &format!("{n:02}.json.gz"), &gzip(&events(n * 5..n * 5 + 5)));
    }
    let place = Place::all("stopped").await.remove(0);
    let vault = place.vault().await;
    let meter = Arc::new(Meter::default());
    let stopper = Arc::clone(&meter);
    let stopping = tokio::spawn(async move {
        while stopper.files_done.load(Ordering::Relaxed) < 5 {
            tokio::task::yield_now().await;
        }
        stopper.stop();
    });
    let request = Request { paths: vec![url.clone()], ..Request::default() };
    let first = ingest(&vault, &request, &meter).await.unwrap();
    stopping.await.unwrap();
    assert!(first.stopped && first.files >= 5, "{first:?}");
    let second = take(&vault, &url).await;
    assert_eq!((second.files, first.new + second.new), (60, 300), "{first:?} {second:?}");
    assert!(second.files_known >= 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_was_received_is_fetched_only_where_it_is_another_or_on_demand() {
    let Some(bucket) = Bucket::of("an_object_is_fetched_once") else { return };
    let url = bucket.url("versions");
    put(&bucket, &url, "a.json", events(0..5).as_bytes());
    put(&bucket, &url, "b.json", events(5..10).as_bytes());
    for place in Place::all("versions").await {
        put(&bucket, &url, "a.json", events(0..5).as_bytes());
        let vault = place.vault().await;
        assert_eq!(take(&vault, &url).await.new, 10);
        let fetched = async |refetch| {
            let meter = Arc::new(Meter::default());
            let request = Request { paths: vec![url.clone()], refetch, ..Request::default() };
            let summary = ingest(&vault, &request, &meter).await.unwrap();
            (meter.files.load(Ordering::Relaxed), summary.files_known, summary.duplicates, summary.new)
        };
        assert_eq!(fetched(false).await, (0, 2, 10, 0));
        assert_eq!(fetched(true).await, (2, 2, 10, 0));
        put(&bucket, &url, "a.json", events(1..6).as_bytes()); // as long, and another
        assert_eq!(fetched(false).await, (1, 1, 10, 0));
        assert_eq!(fetched(false).await, (0, 2, 10, 0));
    }
}
