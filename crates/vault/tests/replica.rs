//! Replicas and restores: a fault at every write of a copying and of a restore, every kind of object lost or altered, a source that
//! is damaged, was put back, or is another vault. The judge of a replica here is `ProvenState` read by a second copying: the judge
//! of vaults stands in a crate that this one may not name; `crates/cli/tests/replica.rs` asks it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod faulty;
#[expect(dead_code, reason = "of what all tests of the vault share, these need a part")]
mod place;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use faulty::{Fault, Faulty};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use place::{Place, events, write_file};
use shoseki_event::{RecordId, Timestamp};
use shoseki_messages::Kind;
use shoseki_segment::commit::File;
use shoseki_segment::layout;
use shoseki_segment::retention::Policy;
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::replica::{self, Scope, copy, restore};
use shoseki_vault::{Access, Init, Store, Vault};
use tempfile::TempDir;

/// What is merged: every file that has a neighbour.
const GOAL: Goal = Goal { target_rows: 1_000, min_files: 2 };

async fn take_in(vault: &Vault, folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    let paths = vec![path.display().to_string()];
    let request = Request { paths, ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap();
}

/// A file that is kept whole, since it lacks its end.
fn cut(first: u32) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(events(first..first + 10).as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    whole[..whole.len() - 4].to_vec()
}

/// A vault in a folder, encrypted, with files, an original that is kept whole, and a compaction.
struct Site {
    folder: TempDir,
}

impl Site {
    async fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        let init = Init { origin: Some("shoseki/replicas".to_owned()), ..Init::default() };
        let vault = Vault::init(&site.url("vault"), &site.access(), &init).await.unwrap().vault;
        take_in(&vault, site.folder.path(), "a.json", &events(0..5)).await;
        take_in(&vault, site.folder.path(), "cut.json.gz", cut(100)).await;
        take_in(&vault, site.folder.path(), "b.json", &events(5..9)).await;
        compact(&vault, &GOAL, &Arc::new(Meter::default())).await.unwrap();
        take_in(&vault, site.folder.path(), "c.json", &events(9..12)).await;
        site
    }

    fn url(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn access(&self) -> Access {
        Access::new(self.folder.path().join("keys"))
    }

    async fn vault(&self) -> Vault {
        Vault::open(&self.url("vault"), &self.access()).await.unwrap()
    }

    async fn more(&self, name: &str, content: impl AsRef<[u8]>) {
        take_in(&self.vault().await, self.folder.path(), name, content).await;
    }

    /// A replica in a folder, up to date.
    async fn replica(&self) -> Store {
        let (vault, url) = (self.vault().await, self.url("replica"));
        let place = Store::open(&url, true, &shoseki_vault::NoProfiles).await.unwrap();
        replica::begin(&vault, &place).await.unwrap();
        let copied = copy(&vault, &place, false, &Meter::default()).await.unwrap();
        assert_eq!((copied.size, copied.problems.len()), (copied.source_size, 0), "{copied:?}");
        place
    }
}

fn memory() -> (Arc<dyn ObjectStore>, Store) {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let store = Store::over(Arc::clone(&objects), "replica", "test://replica").unwrap();
    (objects, store)
}

/// What lies in a place, but for copies of the checkpoint and what a listing passes over.
async fn content(store: &Store) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (name, _) in store.list("").await.unwrap() {
        all.insert(name.clone(), store.need(&name).await.unwrap().to_vec());
    }
    all
}

/// What of a vault a replica has: all, but for what compactions replaced and the checkpoints and tiles of earlier sizes.
async fn assert_whole(vault: &Vault, place: &Store, case: &str) {
    let (there, here) = (content(place).await, content(vault.store()).await);
    for (name, bytes) in &there {
        assert_eq!(here.get(name), Some(bytes), "{name} of {case}");
    }
    let snapshot = vault.snapshot().await.unwrap();
    let files = snapshot.replay.files().map(|file| format!("{}/{}", layout::EVENTS, file.add.path()));
    let others = here.keys().filter(|name| {
        [layout::KEYS, layout::ORIGINALS, layout::DELTA_LOG, layout::MARKER].iter().any(|part| name.starts_with(part))
    });
    for name in files.chain(others.cloned()) {
        assert!(there.contains_key(&name), "{name} of {case}");
    }
    let newest = replica::newest(vault, place).await.unwrap().unwrap();
    assert_eq!(newest.size(), snapshot.size(), "{case}");
    assert_eq!(there[layout::CHECKPOINT], there[&layout::checkpoint(newest.size())], "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_whole_follows_and_is_written_by_nothing_else() {
    let site = Site::new().await;
    let place = site.replica().await;
    assert_whole(&site.vault().await, &place, "the first copying").await;
    let again = copy(&site.vault().await, &place, false, &Meter::default()).await.unwrap();
    assert_eq!((again.objects, again.size), (0, again.source_size));
    site.more("d.json", &events(20..25)).await;
    let more = copy(&site.vault().await, &place, false, &Meter::default()).await.unwrap();
    assert!(more.evidence_files == 1 && more.size > again.size && more.size_before == again.size, "{more:?}");
    assert_whole(&site.vault().await, &place, "the second copying").await;

    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let refused = replica.add_anchor(&site.url("keys")).await.unwrap_err();
    assert_eq!((refused.id(), refused.kind()), ("replica-not-written", Kind::Caller));
    assert_eq!(replica.seal().await.unwrap_err().id(), "replica-not-written");
    let request =
        Request { paths: vec![write_file(site.folder.path(), "e.json", &events(30..31))], ..Request::default() };
    let refused = ingest(&replica, &request, &Arc::default()).await.unwrap_err();
    assert_eq!(refused.id(), "replica-not-written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_goes_to_every_kind_of_place() {
    let site = Site::new().await;
    let vault = site.vault().await;
    for to in Place::all("replica").await {
        let place = to.store().await;
        replica::begin(&vault, &place).await.unwrap();
        copy(&vault, &place, false, &Meter::default()).await.unwrap();
        assert_whole(&vault, &place, &format!("{to:?}")).await;
        // And back: from there into a folder.
        let replica = Vault::open_at(place, &site.access()).await.unwrap();
        let back = tempfile::tempdir().unwrap();
        let back = Store::open(&back.path().join("back").display().to_string(), true, &shoseki_vault::NoProfiles)
            .await
            .unwrap();
        let copied = copy(&replica, &back, false, &Meter::default()).await.unwrap();
        assert!(copied.problems.is_empty() && copied.size == copied.source_size, "{copied:?} of {to:?}");
        assert_whole(&vault, &back, &format!("back from {to:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_every_write_leaves_an_older_state_that_is_whole() {
    let site = Site::new().await;
    let (objects, store) = memory();
    let vault = site.vault().await;
    replica::begin(&vault, &store).await.unwrap();
    let before = copy(&vault, &store, false, &Meter::default()).await.unwrap().size;
    site.more("d.json", &events(20..25)).await;
    site.more("cut again.json.gz", cut(200)).await;
    let vault = site.vault().await;
    let start = content(&store).await;
    let counting = Faulty::over(clone_of(&start).await, None);
    let counted = Store::over(Arc::clone(&counting) as Arc<dyn ObjectStore>, "replica", "test://replica").unwrap();
    let after = copy(&vault, &counted, false, &Meter::default()).await.unwrap().size;
    let writes = counting.counts().0;
    assert!(writes > 8 && after > before, "files, an original, commits, tiles, a checkpoint, its copy: {writes}");
    drop(objects);
    for at in 0..writes {
        for fault in [Fault::StopBefore, Fault::StopAfter, Fault::Lost, Fault::AnswerLost, Fault::Conflict] {
            let case = format!("{fault:?} at {at}");
            let inner = clone_of(&start).await;
            let faulty = Faulty::over(Arc::clone(&inner), Some((at, fault)));
            let place = Store::over(Arc::clone(&faulty) as Arc<dyn ObjectStore>, "replica", "test://replica").unwrap();
            let ended = tokio::select! {
                ended = async { copy(&vault, &place, false, &Meter::default()).await } => Some(ended),
                () = faulty.until_stopped() => None,
            };
            let place = Store::over(Arc::clone(&inner), "replica", "test://replica").unwrap();
            assert_older(&vault, &place, (before, after), &case).await;
            match ended {
                Some(ended) => assert_eq!(ended.unwrap().size, after, "{case}"),
                None => assert_eq!(copy(&vault, &place, false, &Meter::default()).await.unwrap().size, after, "{case}"),
            }
            assert_whole(&vault, &place, &case).await;
        }
    }
}

async fn clone_of(content: &BTreeMap<String, Vec<u8>>) -> Arc<dyn ObjectStore> {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (name, bytes) in content {
        objects.put(&format!("replica/{name}").into(), bytes.clone().into()).await.unwrap();
    }
    objects
}

/// A place proves one of two sizes, with commits in a row from 0 on, and all files of the commits that are there.
async fn assert_older(vault: &Vault, place: &Store, (before, after): (u64, u64), case: &str) {
    let size = replica::newest(vault, place).await.unwrap().unwrap().size();
    assert!(size == before || size == after, "{size} of {case}");
    let there = content(place).await;
    let commits: Vec<u64> = there.keys().filter_map(|name| layout::commit_version(name)).collect();
    assert_eq!(commits, (0..commits.len() as u64).collect::<Vec<_>>(), "{case}");
    assert!(commits.len() as u64 >= size, "{case}");
    for file in vault.snapshot().await.unwrap().replay.files().filter(|file| file.version < commits.len() as u64) {
        assert!(there.contains_key(&format!("{}/{}", layout::EVENTS, file.add.path())), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_at_the_source_does_not_spread() {
    let site = Site::new().await;
    let place = site.replica().await;
    let start = content(&place).await;
    let before = replica::newest(&site.vault().await, &place).await.unwrap().unwrap().size();
    site.more("d.json", &events(20..25)).await;
    let middle = site.vault().await.snapshot().await.unwrap().size();
    site.more("cut again.json.gz", cut(200)).await;
    let vault = site.vault().await;
    let snapshot = vault.snapshot().await.unwrap();
    let new: Vec<String> = content(vault.store()).await.into_keys().filter(|name| !start.contains_key(name)).collect();
    let is_evidence = |name: &&String| name.starts_with("events/class") || name.starts_with(layout::ORIGINALS);
    let mut tried = 0;
    for name in new.iter().filter(is_evidence) {
        let path = site.folder.path().join("vault").join(name);
        let good = std::fs::read(&path).unwrap();
        let mut wrong = good.clone();
        wrong[good.len() / 2] ^= 1;
        for bytes in [Some(wrong), None] {
            match &bytes {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let place = Store::over(clone_of(&start).await, "replica", "test://replica").unwrap();
            let case = format!("{name}, there: {}", bytes.is_some());
            let copied = copy(&vault, &place, false, &Meter::default()).await.unwrap();
            assert!(copied.problems.iter().any(|problem| problem.name == *name), "{copied:?} of {case}");
            assert!(
                copied.size < copied.source_size && [before, middle].contains(&copied.size),
                "{copied:?} of {case}"
            );
            assert_eq!(place.get(name).await.unwrap(), None, "{case}");
            let file = snapshot.replay.file(name.trim_start_matches("events/"));
            if file.is_none_or(|file| file.version >= middle) {
                assert_eq!(copied.size, middle, "{case}: forward to the last checkpoint before it");
            }
            let past = Store::over(clone_of(&start).await, "replica", "test://replica").unwrap();
            let copied = copy(&vault, &past, true, &Meter::default()).await.unwrap();
            assert_eq!(copied.size, copied.source_size, "{case}: who accepts the loss goes on past it");
            assert!(copied.problems.iter().any(|problem| problem.name == *name), "{copied:?} of {case}");
            assert_eq!(past.get(name).await.unwrap(), None, "{case}");
            let again = copy(&vault, &past, false, &Meter::default()).await.unwrap();
            assert_eq!(again.size, again.source_size, "{case}: and need not say so again");
            std::fs::write(&path, &good).unwrap();
            let copied = copy(&vault, &place, false, &Meter::default()).await.unwrap();
            assert_eq!((copied.size, copied.problems.len()), (copied.source_size, 0), "{case}");
            assert_whole(&vault, &place, &case).await;
            tried += 1;
        }
    }
    assert!(tried >= 6, "data files, receipts, an original: {tried}");
    // A commit that was changed: nothing is copied at all.
    let path = site.folder.path().join("vault").join(layout::commit(middle));
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replacen("shoseki/", "shoseky/", 1)).unwrap();
    let place = Store::over(clone_of(&start).await, "replica", "test://replica").unwrap();
    let refused = copy(&vault, &place, false, &Meter::default()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Damage, "{refused:?}");
    assert_eq!(content(&place).await, start);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_put_back_or_is_another_is_refused() {
    let site = Site::new().await;
    let older = site.replica().await;
    let older = content(&older).await;
    let (_, place) = memory();
    replica::begin(&site.vault().await, &place).await.unwrap();
    site.more("d.json", &events(20..25)).await;
    copy(&site.vault().await, &place, false, &Meter::default()).await.unwrap();
    let there = content(&place).await;

    let back = Store::over(clone_of(&older).await, "replica", "test://back").unwrap();
    let back = Vault::open_at(back, &site.access()).await.unwrap();
    let refused = copy(&back, &place, false, &Meter::default()).await.unwrap_err();
    assert_eq!((refused.id(), refused.kind()), ("replica-ahead", Kind::Damage));
    // It goes on from there with other evidence: a fork.
    take_in(&back, site.folder.path(), "x.json", &events(40..45)).await;
    take_in(&back, site.folder.path(), "y.json", &events(45..50)).await;
    let refused = copy(&back, &place, false, &Meter::default()).await.unwrap_err();
    assert_eq!((refused.id(), refused.kind()), ("replica-forked", Kind::Damage));
    assert_eq!(content(&place).await, there, "nothing was written");
}

/// One object of each kind, and what verifies it.
fn kinds(content: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let first = |prefix: &str| content.keys().find(|name| name.starts_with(prefix)).cloned();
    let prefixes = [
        layout::MARKER,
        "events/class",
        "events/_delta_log/00000000000000000000",
        "events/_delta_log/00000000000000000003",
        layout::ORIGINALS,
        layout::KEYS,
        "tlog/tile/0/",
        "tlog/tile/entries/",
        layout::CHECKPOINTS,
        "tlog/checkpoint",
    ];
    let mut names: Vec<String> = prefixes.iter().map(|prefix| first(prefix).expect(prefix)).collect();
    names.extend(content.keys().rfind(|name| name.starts_with(layout::CHECKPOINTS)).cloned());
    names.extend(content.keys().filter(|name| name.starts_with("events/class")).skip(1).cloned());
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_object_is_restored_and_what_was_wrong_is_kept() {
    let site = Site::new().await;
    site.replica().await;
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let place = site.vault().await.store().clone();
    let good = content(&place).await;
    let nothing = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert!(nothing.restored.is_empty() && nothing.problems.is_empty(), "{nothing:?}");
    let needed: Vec<String> = content(replica.store()).await.into_keys().collect();
    let snapshot = site.vault().await.snapshot().await.unwrap();
    for name in kinds(&good) {
        let file = name.strip_prefix("events/").filter(|path| path.starts_with("class"));
        let is_replaced = file.is_some_and(|path| snapshot.replay.file(path).is_none());
        let path = site.folder.path().join("vault").join(&name);
        let is_needed = needed.contains(&name) && !is_replaced;
        // A byte changed, cut short, and gone.
        for (case, wrong) in [("changed", true), ("empty", true), ("gone", false)] {
            let mut bytes = good[&name].clone();
            match (case, wrong) {
                ("changed", _) => *bytes.last_mut().unwrap() ^= 1,
                ("empty", _) => bytes.clear(),
                _ => {}
            }
            std::fs::remove_file(&path).unwrap();
            if wrong {
                std::fs::write(&path, &bytes).unwrap();
            }
            let restored = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await.unwrap();
            let case = format!("{name}, {case}: {restored:?}");
            assert!(restored.problems.is_empty(), "{case}");
            if is_needed || wrong {
                assert_eq!(content(&place).await[&name], good[&name], "{case}");
            } else {
                std::fs::write(&path, &good[&name]).unwrap(); // an earlier checkpoint or tile that is no loss
            }
            assert_eq!(content(&place).await, good, "{case}");
            if wrong {
                let aside = restored.restored[0].aside.as_deref().expect(&case);
                assert_eq!(place.need(aside).await.unwrap(), bytes, "{case}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_both_have_parts_of_is_put_together_and_a_vault_that_was_put_back_goes_forward() {
    let site = Site::new().await;
    site.replica().await;
    site.more("d.json", &events(20..25)).await; // the vault is ahead of its replica
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let place = site.vault().await.store().clone();
    let good = content(&place).await;
    for version in [1, 2] {
        std::fs::remove_file(site.folder.path().join("vault").join(layout::commit(version))).unwrap();
    }
    let restored = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert_eq!(restored.restored.len(), 2, "{restored:?}");
    assert_eq!(content(&place).await, good);
    // The newest commit, which the replica does not have, cannot be made up.
    let newest = good.keys().filter_map(|name| layout::commit_version(name)).max().unwrap();
    std::fs::remove_file(site.folder.path().join("vault").join(layout::commit(newest))).unwrap();
    let refused = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await.unwrap_err();
    assert_eq!((refused.id(), refused.kind()), ("replica-restore-log", Kind::Damage));
    // All newer than the replica is gone, by somebody who can delete: an older state, which a newer replica brings forward.
    let older = content(replica.store()).await;
    std::fs::write(site.folder.path().join("vault").join(layout::commit(newest)), &good[&layout::commit(newest)])
        .unwrap();
    copy(&site.vault().await, replica.store(), false, &Meter::default()).await.unwrap();
    for name in good.keys().filter(|name| !older.contains_key(*name) && !name.starts_with("tlog/tile")) {
        let is_new = name.starts_with("events/") && !name.contains("checkpoint");
        let is_newest = *name == layout::checkpoint(newest + 1);
        if (is_new && std::fs::metadata(site.folder.path().join("replica").join(name)).is_ok()) || is_newest {
            std::fs::remove_file(site.folder.path().join("vault").join(name)).unwrap();
        }
    }
    std::fs::write(site.folder.path().join("vault").join(layout::CHECKPOINT), &older[layout::CHECKPOINT]).unwrap();
    let restored = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert!(restored.problems.is_empty() && restored.restored.len() >= 3, "{restored:?}");
    assert_eq!(content(&place).await, good);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_restored_that_the_replica_cannot_prove() {
    let site = Site::new().await;
    site.replica().await;
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let vault = site.vault().await;
    let snapshot = vault.snapshot().await.unwrap();
    let name = format!("{}/{}", layout::EVENTS, snapshot.replay.files().next().unwrap().add.path());
    for folder in ["vault", "replica"] {
        let path = site.folder.path().join(folder).join(&name);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= if folder == "vault" { 1 } else { 2 };
        std::fs::write(&path, bytes).unwrap();
    }
    let wrong = vault.store().need(&name).await.unwrap();
    let restored = restore(&replica, vault.store(), &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert!(restored.restored.is_empty() && restored.problems[0].name == name, "{restored:?}");
    assert_eq!(vault.store().need(&name).await.unwrap(), wrong, "it stays as it was");
    let unknown = Scope::Object("events/nothing".to_owned());
    let restored = restore(&replica, vault.store(), &unknown, false, &Meter::default()).await.unwrap();
    assert_eq!(restored.problems.len(), 1, "{restored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_every_write_of_a_restore_loses_nothing() {
    let site = Site::new().await;
    site.replica().await;
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let good = content(site.vault().await.store()).await;
    let mut start = good.clone();
    for (number, name) in kinds(&good).into_iter().enumerate() {
        match number % 2 {
            0 => start.get_mut(&name).unwrap().clear(),
            _ => drop(start.remove(&name)),
        }
    }
    let run = async |objects: Arc<dyn ObjectStore>| {
        let place = Store::over(objects, "replica", "test://vault").unwrap();
        restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await
    };
    let counting = Faulty::over(clone_of(&start).await, None);
    let first = run(Arc::clone(&counting) as Arc<dyn ObjectStore>).await.unwrap();
    let expected = content(&Store::over(Arc::clone(&counting) as Arc<dyn ObjectStore>, "replica", "a").unwrap()).await;
    assert!(first.problems.is_empty(), "{first:?}");
    let writes = counting.counts().0;
    for at in 0..writes {
        for fault in [Fault::StopBefore, Fault::StopAfter, Fault::Lost, Fault::AnswerLost] {
            let inner = clone_of(&start).await;
            let faulty = Faulty::over(Arc::clone(&inner), Some((at, fault)));
            let ended = tokio::select! {
                ended = run(Arc::clone(&faulty) as Arc<dyn ObjectStore>) => Some(ended),
                () = faulty.until_stopped() => None,
            };
            if !matches!(ended, Some(Ok(_))) {
                run(Arc::clone(&inner)).await.unwrap();
            }
            let place = Store::over(inner, "replica", "test://vault").unwrap();
            assert_eq!(content(&place).await, expected, "{fault:?} at {at}");
        }
    }
}

/// What expired is nowhere: it is not copied, a replica gives up what it has, and no restore brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn what_expired_does_not_come_back_from_a_replica() {
    let site = Site::new().await;
    let old = events(0..5).replace("2026-", "2024-").replace("00000000-0000", "00000001-0000");
    site.more("old.json", old).await;
    let place = site.replica().await;
    let vault = site.vault().await;
    let is_old = |name: &str| name.contains("day=2024-");
    let name = content(&place).await.into_keys().find(|name| is_old(name)).expect("the old file was copied");
    let mut policy = Policy::default();
    policy.classes.insert("standard".to_owned(), Some(12));
    vault.set_policy(&policy).await.unwrap();
    vault.seal().await.unwrap();
    assert_eq!(vault.expire("retention", u64::MAX, &Meter::default()).await.unwrap().deleted, 1);

    let synced = copy(&vault, &place, false, &Meter::default()).await.unwrap();
    assert_eq!((synced.size, synced.problems.len()), (synced.source_size, 0), "{synced:?}");
    assert!(content(&place).await.contains_key(&name), "a copying deletes nothing");
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let scopes = [Scope::Damaged, Scope::Object(name.clone())];
    for scope in scopes {
        let outcome = restore(&replica, vault.store(), &scope, false, &Meter::default()).await;
        match scope {
            Scope::Damaged => assert!(outcome.unwrap().restored.is_empty()),
            _ => assert_eq!(outcome.unwrap_err().id(), "replica-restore-expired"),
        }
        assert!(!content(vault.store()).await.contains_key(&name));
    }
    assert_eq!(replica.delete_gone().await.unwrap().files, 1);
    assert_whole(&vault, &place, "the replica that gave up what expired").await;

    let (_, fresh) = memory();
    replica::begin(&vault, &fresh).await.unwrap();
    let copied = copy(&vault, &fresh, false, &Meter::default()).await.unwrap();
    assert_eq!((copied.size, copied.problems.len()), (copied.source_size, 0), "{copied:?}");
    assert_whole(&vault, &fresh, "a replica that began behind the expiry").await;
}

/// What was erased is nowhere: it is not copied, a replica gives up what has it, and no restore brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_does_not_come_back_from_a_replica() {
    let site = Site::new().await;
    let place = site.replica().await;
    let vault = site.vault().await;
    let snapshot = vault.snapshot().await.unwrap();
    let is_evidence = |file: &&File| file.add.source() == Some("cloudtrail");
    let files: Vec<File> = snapshot.replay.files().filter(is_evidence).cloned().collect();
    let segments = files.iter().flat_map(|file| &file.add.tags.segments);
    let ids: Vec<RecordId> = segments.map(|tag| RecordId { segment: tag.id, ordinal: 0 }).collect();
    let plan = vault.plan_erasure(&snapshot, &ids).await.unwrap();
    assert_eq!((plan.count(), plan.originals.len()), (ids.len() as u64, 1));
    let request = shoseki_segment::erasure::Request {
        by: "aya".to_owned(),
        at: Timestamp::now().to_string(),
        ground: "other".to_owned(),
        why: "Case 12".to_owned(),
        before_its_time: None,
        records: plan.records().into_iter().map(|(segment, all)| (segment.to_string(), all)).collect(),
        originals: plan.originals.keys().cloned().collect(),
        withdrawn: None,
    };
    vault.request_erasure("one", &request).await.unwrap();
    let done = vault.erase("one", "ken", &Meter::default()).await.unwrap();
    assert!(
        done.deleted.len() > files.len() + 1,
        "{:?}: the files, what a compaction replaced, the original",
        done.deleted
    );

    let synced = copy(&vault, &place, false, &Meter::default()).await.unwrap();
    assert_eq!((synced.size, synced.problems.len()), (synced.source_size, 0), "{synced:?}");
    let has = |there: &BTreeMap<String, Vec<u8>>| done.deleted.iter().filter(|name| there.contains_key(*name)).count();
    let left = has(&content(&place).await);
    assert!(left > files.len(), "a copying deletes nothing: {left}");
    let replica = Vault::open(&site.url("replica"), &site.access()).await.unwrap();
    let whole = restore(&replica, vault.store(), &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert!(whole.restored.is_empty(), "{whole:?}");
    for name in &done.deleted {
        let one = restore(&replica, vault.store(), &Scope::Object(name.clone()), false, &Meter::default()).await;
        assert_eq!(one.unwrap_err().id(), "replica-restore-erased", "{name}");
    }
    assert_eq!(has(&content(vault.store()).await), 0);
    assert_eq!(replica.delete_gone().await.unwrap().names.len(), left);
    assert_whole(&vault, &place, "the replica that gave up what was erased").await;

    let (_, fresh) = memory();
    replica::begin(&vault, &fresh).await.unwrap();
    let copied = copy(&vault, &fresh, false, &Meter::default()).await.unwrap();
    assert_eq!((copied.size, copied.problems.len()), (copied.source_size, 0), "{copied:?}");
    assert_whole(&vault, &fresh, "a replica that began behind the erasure").await;
    // A file of the table that is lost comes back as it is now.
    let lost = format!("events/{}", vault.snapshot().await.unwrap().replay.file_of(ids[0].segment).unwrap().add.path());
    vault.store().objects().delete(&vault.store().path(&lost)).await.unwrap();
    let back = restore(&replica, vault.store(), &Scope::Damaged, false, &Meter::default()).await.unwrap();
    assert_eq!(back.restored.len(), 1, "{back:?}");
    let gone = vault.prove_one(&vault.snapshot().await.unwrap(), ids[0]).await.unwrap_err();
    assert_eq!(gone.id(), "vault-record-erased");
}

/// A replica that was not reached while something was taken in and expired is brought forward without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_slept_through_an_expiry_is_brought_forward() {
    let site = Site::new().await;
    let place = site.replica().await;
    let vault = site.vault().await;
    site.more("old.json", events(0..5).replace("2026-", "2024-").replace("00000000-0000", "00000001-0000")).await;
    let mut policy = Policy::default();
    policy.classes.insert("standard".to_owned(), Some(12));
    vault.set_policy(&policy).await.unwrap();
    vault.seal().await.unwrap();
    assert_eq!(vault.expire("retention", u64::MAX, &Meter::default()).await.unwrap().deleted, 1);
    site.more("d.json", events(12..14)).await;
    let copied = copy(&site.vault().await, &place, false, &Meter::default()).await.unwrap();
    assert_eq!((copied.size, copied.problems.len()), (copied.source_size, 0), "{copied:?}");
    assert_whole(&site.vault().await, &place, "asleep").await;
}
