//! What enters a vault is there once, can be given back exactly, and is sealed.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod place;

use std::io::Write;
use std::sync::Arc;

use place::{Place, events, write_file};
use shoseki_segment::Layout;
use shoseki_vault::ingest::{Meter, Request, Summary, ingest};
use shoseki_vault::{Access, Init, KeyDir, Vault};

async fn take(vault: &Vault, paths: &[String]) -> Summary {
    let request = Request { paths: paths.to_vec(), ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_adds_nothing() {
    for place in Place::all("second-run").await {
        let vault = place.vault().await;
        let folder = tempfile::tempdir().unwrap();
        let file = write_file(folder.path(), "a.json", &events(0..50));
        let first = take(&vault, std::slice::from_ref(&file)).await;
        assert_eq!((first.files, first.records, first.new, first.duplicates), (1, 50, 50, 0));
        assert_eq!(first.tree_size, 2, "the table and one commit");

        let again = take(&vault, &[file]).await;
        assert_eq!((again.files_known, again.new, again.duplicates, again.tree_size), (1, 0, 50, 2));

        let overlap = write_file(folder.path(), "b.json", &events(40..60));
        let overlapping = take(&vault, &[overlap]).await;
        assert_eq!((overlapping.new, overlapping.duplicates, overlapping.conflicts), (10, 10, 0));

        let opened = place.open().await;
        let snapshot = opened.snapshot().await.unwrap();
        let count: u32 = snapshot.replay.files().flat_map(|file| &file.add.tags.segments).map(|tag| tag.count).sum();
        assert_eq!(count, 60 + 2, "events and receipts");
        assert_eq!(opened.checkpoint().await.unwrap().unwrap().size(), snapshot.size());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_other_content_is_kept_and_counted() {
    for place in Place::all("conflict").await {
        let vault = place.vault().await;
        let folder = tempfile::tempdir().unwrap();
        let genuine = events(0..3);
        let forged = genuine.replace("GetObject", "ListTags!");
        let first = take(&vault, &[write_file(folder.path(), "a.json", &forged)]).await;
        let second = take(&vault, &[write_file(folder.path(), "b.json", &genuine)]).await;
        assert_eq!((first.new, second.new, second.conflicts, second.duplicates), (3, 3, 3, 0));
        let both = write_file(folder.path(), "c.json", &format!("{forged}\n{genuine}"));
        let third = take(&vault, &[both]).await;
        assert_eq!((third.new, third.duplicates), (0, 6));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_given_back_exactly() {
    for place in Place::all("original").await {
        let vault = place.vault().await;
        let folder = tempfile::tempdir().unwrap();
        let pretty = events(0..5).replace("},{", "},\n\t {");
        let contents = [
            events(0..20),
            pretty,
            format!("{}\nthis is no event\n{{\"half\":\n", events(3..9)),
            "日本語だけの行\n\u{0}\u{1}\n".to_owned(),
        ];
        for (n, content) in contents.iter().enumerate() {
            let name = write_file(folder.path(), &format!("{n}.json"), content);
            take(&vault, std::slice::from_ref(&name)).await;
            let snapshot = vault.snapshot().await.unwrap();
            let originals = vault.originals(&snapshot).await.unwrap();
            let original = originals.iter().find(|original| original.receipt.origin == name).unwrap();
            let mut out = Vec::new();
            vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), *content);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_kept_whole_and_said() {
    for place in Place::all("damaged").await {
        let vault = place.vault().await;
        let folder = tempfile::tempdir().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(events(0..400).as_bytes()).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(bytes.len() * 3 / 4);
        let path = folder.path().join("cut.json.gz");
        std::fs::write(&path, &bytes).unwrap();
        let good = write_file(folder.path(), "good.json", &events(1_000..1_010));

        let summary = take(&vault, &[folder.path().display().to_string()]).await;
        assert_eq!(summary.problems.len(), 1);
        assert!(summary.problems[0].file.ends_with("cut.json.gz"), "{:?}", summary.problems);
        assert!(summary.new > 100, "what could be read of the cut file, and all of `{good}`: {summary:?}");

        let snapshot = vault.snapshot().await.unwrap();
        let originals = vault.originals(&snapshot).await.unwrap();
        let cut = originals.iter().find(|original| original.receipt.damage.is_some()).unwrap();
        let mut out = Vec::new();
        vault.rebuild(&snapshot, &cut.receipt, &mut out).await.unwrap();
        assert_eq!(out, bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_at_once_add_nothing_twice() {
    for place in Place::all("two-writers").await {
        drop(place.vault().await);
        let folder = tempfile::tempdir().unwrap();
        let mut tasks = Vec::new();
        let all = write_file(folder.path(), "all.json", &events(0..30));
        for writer in 0..4 {
            let vault = place.open().await;
            // Overlapping contents in different files, and one file that all of them take.
            let own = write_file(folder.path(), &format!("{writer}.json"), &events(writer * 10..writer * 10 + 40));
            // Another day, on which nothing overlaps: a writer who comes second writes only the other segment again.
            let next_day = events(86_400 + writer * 10..86_400 + writer * 10 + 5);
            let next_day = write_file(folder.path(), &format!("{writer}-next-day.json"), &next_day);
            let all = all.clone();
            let run = move || tokio::runtime::Runtime::new().unwrap().block_on(take(&vault, &[own, next_day, all]));
            tasks.push(std::thread::spawn(run));
        }
        let (mut new, mut seen) = (0, 0);
        for task in tasks {
            let summary = task.join().unwrap();
            new += summary.new;
            seen += summary.new + summary.duplicates;
        }
        assert_eq!((new, seen), (70 + 4 * 5, 4 * (70 + 5)), "{place:?}");
        let vault = place.open().await;
        let snapshot = vault.snapshot().await.unwrap();
        let sources = snapshot.replay.files().flat_map(|file| &file.add.tags.segments);
        let count: u32 = sources.filter(|tag| tag.source == "cloudtrail").map(|tag| tag.count).sum();
        assert_eq!(count, 70 + 4 * 5);
        for original in vault.originals(&snapshot).await.unwrap() {
            let mut out = Vec::new();
            vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
        }
        assert_eq!(vault.seal().await.unwrap().0.size(), snapshot.size());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_init_changes_nothing() {
    for place in Place::all("init").await {
        let first = Vault::init_at(place.store().await, &place.access(), &Init::default()).await.unwrap();
        assert!(first.is_new);
        let before = place.store().await.list("").await.unwrap();
        let second = Vault::init_at(place.store().await, &place.access(), &Init::default()).await.unwrap();
        assert!(!second.is_new);
        assert_eq!(place.store().await.list("").await.unwrap(), before);
        assert_eq!(second.vault.marker(), first.vault.marker());
        let other = Init { origin: Some("another".to_owned()), ..Init::default() };
        let refused = Vault::init_at(place.store().await, &place.access(), &other).await.unwrap_err();
        assert_eq!(refused.id(), "vault-other-origin");
    }
}

/// Two vaults with one signing key would be two logs that contradict each other.
#[tokio::test(flavor = "multi_thread")]
async fn each_vault_has_keys_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let access = Access::new(folder.path().join("keys"));
    let init = async |origin: &str| {
        let init = Init { origin: Some(origin.to_owned()), ..Init::default() };
        let url = tempfile::tempdir_in(folder.path()).unwrap().keep().display().to_string();
        Vault::init(&url, &access, &init).await
    };
    let first = init("a/b").await.unwrap();
    let keys = first.vault.keys().clone();
    let signing = std::fs::read(&keys.files()[0]).unwrap();
    for same in ["a/b", "a_b"] {
        assert_eq!(init(same).await.unwrap_err().id(), "vault-keys-used", "{same}");
    }
    for nowhere in ["..", "."] {
        assert_eq!(init(nowhere).await.unwrap_err().id(), "vault-origin-unusable", "{nowhere}");
    }
    assert_eq!(std::fs::read(&keys.files()[0]).unwrap(), signing);

    // A call that died once the keys were made is taken up again.
    KeyDir::of(&access.key_base, "c").create("c", None).unwrap();
    assert!(init("c").await.unwrap().is_new);
    assert_eq!(init("c").await.unwrap_err().id(), "vault-keys-used");
}

/// Events that are taken apart in their files are the same evidence: known again, given back, proven.
#[tokio::test(flavor = "multi_thread")]
async fn many_events_are_taken_apart_and_given_back() {
    for place in Place::all("columns").await {
        let store = place.store().await;
        let init = Init { layout: Some(Layout::Columns), encrypt: Some(place.is_encrypted()), ..Init::default() };
        let vault = Vault::init_at(store, &place.access(), &init).await.unwrap().vault;
        let folder = tempfile::tempdir().unwrap();
        let text = events(0..3_000);
        let file = write_file(folder.path(), "a.json", &text);
        assert_eq!(take(&vault, std::slice::from_ref(&file)).await.new, 3_000);
        let snapshot = vault.snapshot().await.unwrap();
        let formats: Vec<u32> = snapshot.replay.files().map(|file| file.add.tags.format).collect();
        assert!(
            formats.contains(&7) && formats.contains(&1),
            "events are taken apart and indexed, one receipt is not: {formats:?}"
        );

        let overlap = write_file(folder.path(), "b.json", &events(2_900..3_100));
        let again = take(&vault, &[overlap]).await;
        assert_eq!((again.new, again.duplicates, again.conflicts), (100, 100, 0));

        let snapshot = vault.snapshot().await.unwrap();
        for original in vault.originals(&snapshot).await.unwrap() {
            let mut bytes = Vec::new();
            vault.rebuild(&snapshot, &original.receipt, &mut bytes).await.unwrap();
            let expected = if original.receipt.origin == file { text.clone() } else { events(2_900..3_100) };
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
        let segment = snapshot.replay.files().find(|file| file.add.records() == 3_000).unwrap().add.id();
        let id = shoseki_event::RecordId { segment, ordinal: 1_234 };
        let proof = vault.prove_one(&snapshot, id).await.unwrap();
        assert!(text.contains(std::str::from_utf8(&proof.record.raw).unwrap()));
    }
}
