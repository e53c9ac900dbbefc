//! Compaction moves segments and changes nothing else: what was there is there once, is known, given back and proven as before.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

#[expect(dead_code, reason = "here nothing fails; two write at once")]
mod faulty;
mod place;

use std::collections::BTreeSet;
use std::sync::Arc;

use faulty::Faulty;
use place::{Place, events, write_file};
use shoseki_event::{RecordId, Timestamp};
use shoseki_segment::commit::{Action, Add, Commit, Remove};
use shoseki_segment::{Layout, SegmentTag, layout, new_name};
use shoseki_vault::compact::{Goal, Partition, Summary, compact, plan, preview};
use shoseki_vault::ingest::{Meter, Request, Summary as Ingested, ingest};
use shoseki_vault::{Init, Snapshot, Store, Vault};
use tempfile::TempDir;

const GOAL: Goal = Goal { target_rows: 10_000, min_files: 2 };

async fn take(vault: &Vault, folder: &TempDir, name: &str, content: &str) -> Ingested {
    let paths = vec![write_file(folder.path(), name, content)];
    let request = Request { paths, ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap()
}

async fn merge(vault: &Vault) -> Summary {
    let summary = compact(vault, &GOAL, &Arc::new(Meter::default())).await.unwrap();
    assert!(summary.problems.is_empty() && summary.warnings.is_empty(), "{summary:?}");
    summary
}

/// A vault with a file for each of these many runs, of two hundred events each.
async fn filled(place: &Place, layout: Layout, folder: &TempDir, runs: u32) -> Vault {
    let init = Init { layout: Some(layout), encrypt: Some(place.is_encrypted()), ..Init::default() };
    let vault = Vault::init_at(place.store().await, &place.access(), &init).await.unwrap().vault;
    for run in 0..runs {
        let taken = take(&vault, folder, &format!("{run}.json"), &events(run * 200..run * 200 + 200)).await;
        assert_eq!(taken.new, 200);
    }
    vault
}

fn files(partition: &Partition) -> (u64, u64) {
    (partition.files_before, partition.files_after)
}

fn files_of(snapshot: &Snapshot, source: &str) -> Vec<Add> {
    let files = snapshot.replay.files_in_order().into_iter().filter(|file| file.add.source() == Some(source));
    files.map(|file| file.add.clone()).collect()
}

fn segments(snapshot: &Snapshot) -> Vec<SegmentTag> {
    let tags = snapshot.replay.files_in_order().into_iter().flat_map(|file| file.add.tags.segments.clone());
    let mut tags: Vec<SegmentTag> = tags.map(|tag| SegmentTag { commit: None, ..tag }).collect();
    tags.sort_by_key(|tag| tag.id);
    tags
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_is_what_it_was() {
    for place in Place::all("compact").await {
        judge_merged(&place, Layout::Text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_and_taken_apart_is_what_it_was() {
    for place in Place::all("compact-columns").await {
        judge_merged(&place, Layout::Columns).await;
    }
}

async fn judge_merged(place: &Place, layout: Layout) {
    let folder = tempfile::tempdir().unwrap();
    let vault = filled(place, layout, &folder, 6).await;
    let before = vault.snapshot().await.unwrap();
    let record = RecordId { segment: files_of(&before, "cloudtrail")[3].tags.segments[0].id, ordinal: 42 };
    let proof = vault.prove_one(&before, record).await.unwrap();

    let expected = preview(&before.replay, &GOAL);
    let summary = merge(&vault).await;
    let after = vault.snapshot().await.unwrap();
    let as_foretold = summary.partitions.iter().map(|done| Partition { bytes_after: None, ..done.clone() });
    assert_eq!(as_foretold.collect::<Vec<_>>(), expected);
    let merged: Vec<(&str, u64, (u64, u64))> =
        summary.partitions.iter().map(|done| (done.source.as_str(), done.records, files(done))).collect();
    assert_eq!(merged, [("cloudtrail", 1_200, (6, 1)), ("shoseki", 6, (6, 1))], "{place:?}");
    assert_eq!((summary.tree_size, summary.lost_races), (after.size(), 0));
    assert_eq!(segments(&after), segments(&before), "no segment is lost, doubled or changed");
    let file = &files_of(&after, "cloudtrail")[0];
    assert_eq!((file.tags.segments.len(), file.tags.format), (6, 7));
    let [add] = files_of(&after, "cloudtrail").try_into().unwrap();
    assert_eq!(add.tags.key.is_some(), place.is_encrypted());

    let again = merge(&vault).await;
    assert_eq!((again.partitions.len(), again.tree_size), (0, after.size()), "a second run does nothing");

    let proven = place.open().await.prove_one(&after, record).await.unwrap();
    assert_eq!((proven.record, proven.commit), (proof.record, proof.commit), "over the same commit");
    let overlap = take(&vault, &folder, "overlap.json", &events(500..1_300)).await;
    assert_eq!((overlap.new, overlap.duplicates, overlap.conflicts), (100, 700, 0), "what was moved is known");
    let snapshot = vault.snapshot().await.unwrap();
    let originals = vault.originals(&snapshot).await.unwrap();
    assert_eq!(originals.len(), 7);
    for original in originals {
        let mut out = Vec::new();
        vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
        assert!(out == std::fs::read(&original.receipt.origin).unwrap(), "{}", original.receipt.origin);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_compactors_and_a_writer_at_once_lose_and_double_nothing() {
    for place in Place::all("two-compactors").await {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        drop(filled(&place, Layout::Text, &folder, 8).await);
        let mut tasks = Vec::new();
        for _ in 0..2 {
            let vault = place.open().await;
            let run = move || tokio::runtime::Runtime::new().unwrap().block_on(merge(&vault));
            tasks.push(std::thread::spawn(move || drop(run())));
        }
        let (vault, shared) = (place.open().await, Arc::clone(&folder));
        tasks.push(std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            for run in 20..24 {
                // Half of it is known, and is being moved.
                let content = events(run * 200 - 2_500..run * 200 - 2_300);
                runtime.block_on(take(&vault, &shared, &format!("{run}.json"), &content));
            }
        }));
        tasks.into_iter().for_each(|task| task.join().unwrap());
        let vault = place.open().await;
        merge(&vault).await;
        let snapshot = vault.snapshot().await.unwrap();
        assert!(plan(&snapshot.replay, &GOAL).is_empty());
        let count: u64 = files_of(&snapshot, "cloudtrail").iter().map(Add::records).sum();
        assert_eq!(count, 2_300, "{place:?}");
        for original in vault.originals(&snapshot).await.unwrap() {
            vault.rebuild(&snapshot, &original.receipt, &mut Vec::new()).await.unwrap();
        }
        assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), snapshot.size());
    }
}

/// What somebody else does, on another thread: not every future may wander between threads.
async fn aside<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) {
    let run = || tokio::runtime::Runtime::new().unwrap().block_on(work());
    tokio::task::spawn_blocking(run).await.unwrap();
}

/// A compaction before whose `at`-th write somebody else does something.
async fn interrupted(place: &Place, at: usize, by: impl Future<Output = ()> + Send + 'static) -> Summary {
    let store = place.store().await;
    let objects = Faulty::interrupted(Arc::clone(store.objects()), at, by);
    let prefix = store.path("").to_string();
    let vault = Vault::open_at(Store::over(objects, &prefix, "test://vault").unwrap(), &place.access()).await.unwrap();
    merge(&vault).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_race_merges_what_is_left() {
    for place in Place::all("lost-race").await {
        for at in [0, 1] {
            // Before its file is written, or before its commit is: another compaction of the same files.
            let folder = tempfile::tempdir().unwrap();
            let place = &place;
            let first = 10_000 * (at as u32 + 1);
            let vault = place.vault().await;
            for run in 0..3 {
                take(&vault, &folder, &format!("{run}.json"), &events(first + run * 10..first + run * 10 + 10)).await;
            }
            let before = vault.snapshot().await.unwrap();
            let other = place.open().await;
            let lost = interrupted(place, at, aside(|| async move { drop(merge(&other).await) })).await;
            assert_eq!((lost.lost_races, lost.partitions.len()), (1, 0), "at {at} of {place:?}");
            let after = vault.snapshot().await.unwrap();
            assert_eq!(segments(&after), segments(&before));
            assert!(plan(&after.replay, &GOAL).is_empty());
            assert_eq!(lost.tree_size, after.size());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_files_are_merged_stays_beside_them() {
    for place in Place::all("beside").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, Layout::Text, &folder, 3).await;
        let other = place.open().await;
        let next = || async move { drop(take(&other, &folder, "next.json", &events(900..950)).await) };
        let summary = interrupted(&place, 1, aside(next)).await;
        assert_eq!(summary.lost_races, 0);
        let merged: Vec<(u64, u64)> = summary.partitions.iter().map(files).collect();
        assert_eq!(merged, [(3, 1), (3, 1)]);
        let files = files_of(&vault.snapshot().await.unwrap(), "cloudtrail");
        assert_eq!(files.iter().map(Add::records).collect::<Vec<_>>(), [600, 50], "in their order");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_heard_between_files() {
    let place = &Place::all("stopped").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = filled(place, Layout::Text, &folder, 3).await;
    let meter = Arc::new(Meter::default());
    meter.stop();
    let summary = compact(&vault, &GOAL, &meter).await.unwrap();
    assert_eq!((summary.stopped, summary.partitions.len()), (true, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_goes_after_its_time_and_not_before() {
    for place in Place::all("replaced").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, Layout::Text, &folder, 3).await;
        let before = vault.snapshot().await.unwrap();
        assert_eq!(vault.delete_replaced(0, Timestamp::now()).await.unwrap().files, 0, "nothing was replaced yet");
        merge(&vault).await;
        let list = async || {
            let all = place.store().await.list(layout::EVENTS).await.unwrap().into_iter();
            all.map(|(name, _)| name).collect::<BTreeSet<String>>()
        };
        let (all, now) = (list().await, Timestamp::now());
        let early = vault.delete_replaced(7, now).await.unwrap();
        assert_eq!((early.files, early.kept, list().await), (0, 6, all.clone()));

        let week = Timestamp(now.0 + 7 * 86_400_000_000 + 60_000_000);
        let deleted = place.open().await.delete_replaced(7, week).await.unwrap();
        assert_eq!((deleted.files, deleted.kept), (6, 0));
        let gone: BTreeSet<String> = before.replay.files().map(|file| format!("events/{}", file.add.path())).collect();
        assert_eq!(list().await, all.difference(&gone).cloned().collect());
        assert_eq!(vault.delete_replaced(7, week).await.unwrap().files, 0);
        let snapshot = vault.snapshot().await.unwrap();
        for original in vault.originals(&snapshot).await.unwrap() {
            vault.rebuild(&snapshot, &original.receipt, &mut Vec::new()).await.unwrap();
        }
    }
}

/// What is said to be replaced is looked for where it is said to be, right before it would go.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_whose_records_are_not_found_elsewhere() {
    for (place, harm) in Place::all("not-found").await.iter().take(2).zip(["changed", "gone"]) {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(place, Layout::Text, &folder, 3).await;
        let before = vault.snapshot().await.unwrap();
        merge(&vault).await;
        let merged = files_of(&vault.snapshot().await.unwrap(), "cloudtrail").remove(0);
        let store = place.store().await;
        let path = store.folder().unwrap().join("events").join(merged.path());
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        match harm {
            "changed" => std::fs::write(&path, bytes).unwrap(),
            _ => std::fs::remove_file(&path).unwrap(),
        }
        let fault = place.open().await.delete_replaced(0, Timestamp::now()).await.unwrap_err();
        assert_eq!(fault.kind(), shoseki_messages::Kind::Damage, "{fault:?}");
        for file in files_of(&before, "cloudtrail") {
            assert!(store.get(&format!("events/{}", file.path())).await.unwrap().is_some(), "{harm}");
        }
    }
}

/// The next commit, as somebody writes it who has the store and not the keys.
async fn forge(vault: &Vault, action: Action) {
    let version = vault.snapshot().await.unwrap().size();
    let commit =
        Commit { timestamp_ms: 0, engine: "shoseki/0.1.0".to_owned(), batch: "0".repeat(32), action, statement: None }
            .to_bytes();
    vault.store().create_same(&layout::commit(version), commit.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_without_its_records_is_not_sealed_and_takes_nothing_along() {
    for place in Place::all("forged").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, Layout::Text, &folder, 2).await;
        let files = files_of(&vault.snapshot().await.unwrap(), "cloudtrail");
        let sealed = vault.checkpoint().await.unwrap().unwrap().size();
        // The file of the first, said to be that of both.
        let bytes = vault.store().need(&format!("events/{}", files[0].path())).await.unwrap();
        let mut add = Add { name: new_name().unwrap(), ..files[0].clone() };
        add.tags.format = 7;
        add.tags.segments = files
            .iter()
            .zip(1..)
            .map(|(file, commit)| SegmentTag { commit: Some(commit), ..file.tags.segments[0].clone() })
            .collect();
        vault.store().create_same(&format!("events/{}", add.path()), bytes).await.unwrap();
        let removes = files.iter().map(Remove::from).collect();
        forge(&vault, Action::Compact { removes, add }).await;

        let fault = place.open().await.seal().await.unwrap_err();
        assert_eq!(fault.id(), "vault-compaction-refused", "{fault:?}");
        assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), sealed);
        assert_eq!(vault.delete_replaced(0, Timestamp::now()).await.unwrap().files, 0, "it is not sealed");
    }
}

/// A compaction of another process that did what it says is sealed by whoever comes next.
#[tokio::test(flavor = "multi_thread")]
async fn an_honest_compaction_that_was_not_sealed_is_sealed_next_time() {
    for place in Place::all("unsealed").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, Layout::Text, &folder, 2).await;
        merge(&vault).await;
        let size = vault.snapshot().await.unwrap().size();
        let folder_of_log = place.store().await;
        let Some(root) = folder_of_log.folder() else { continue };
        // As it was when the process died behind the commit.
        let first = size - 2;
        for name in [layout::checkpoint(size), layout::CHECKPOINT.to_owned()] {
            std::fs::remove_file(root.join(name)).unwrap();
        }
        let copy = std::fs::read(root.join(layout::checkpoint(first))).unwrap();
        std::fs::write(root.join(layout::CHECKPOINT), copy).unwrap();
        assert_eq!(place.open().await.seal().await.unwrap().0.size(), size);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_do_not_hold_what_was_sealed_are_not_merged() {
    let place = &Place::all("damaged-compact").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = filled(place, Layout::Text, &folder, 3).await;
    let snapshot = vault.snapshot().await.unwrap();
    let damaged = files_of(&snapshot, "cloudtrail")[1].path();
    let store = place.store().await;
    let path = store.folder().unwrap().join("events").join(&damaged);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let summary = compact(&vault, &GOAL, &Arc::new(Meter::default())).await.unwrap();
    assert_eq!(summary.faults.len(), 1, "{summary:?}");
    assert!(summary.problems[0].contains(&damaged), "{summary:?}");
    let merged: Vec<&str> = summary.partitions.iter().map(|done| done.source.as_str()).collect();
    assert_eq!(merged, ["shoseki"], "and the others are");
}
