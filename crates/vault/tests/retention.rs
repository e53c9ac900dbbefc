//! Expiry on every place: what is older than its period goes, what is held or younger stays, and nothing comes back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

#[expect(dead_code, reason = "here a process stops, and nothing else goes wrong")]
mod faulty;
mod place;

use std::collections::BTreeSet;
use std::sync::Arc;

use faulty::{Fault, Faulty};
use object_store::{ObjectStore, ObjectStoreExt};
use place::{Place, events, write_file};
use shoseki_event::{RecordId, Timestamp};
use shoseki_messages::Kind;
use shoseki_segment::commit::{Action, Commit};
use shoseki_segment::layout;
use shoseki_segment::retention::{Hold, Policy, RETENTION_KEY};
use shoseki_tlog::{SigningKey, sign_statement};
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::ingest::{Meter, Request, Summary, ingest};
use shoseki_vault::{Store, Vault};
use tempfile::TempDir;

/// A year, as the configuration has it.
const YEARS: &str = r#"{"classes":{"standard":12},"sources":{},"streams":{}}"#;

/// Events of two years ago, in the same places as [`events`].
fn old(numbers: std::ops::Range<u32>) -> String {
    events(numbers).replace("2026-", "2024-").replace("00000000-0000", "00000001-0000")
}

async fn take(vault: &Vault, folder: &TempDir, name: &str, content: &str) -> Summary {
    let paths = vec![write_file(folder.path(), name, content)];
    let request = Request { paths, again: true, ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap()
}

/// A year, in a vault of old and new events; the old ones of two files were compacted.
async fn filled(place: &Place, folder: &TempDir) -> Vault {
    let vault = place.vault().await;
    for (name, content) in [("a", old(0..5)), ("b", old(5..9)), ("new", events(0..3))] {
        take(&vault, folder, name, &content).await;
    }
    let goal = Goal { target_rows: 1_000, min_files: 2 };
    compact(&vault, &goal, &Arc::new(Meter::default())).await.unwrap();
    let mut policy = Policy::default();
    policy.classes.insert("standard".to_owned(), Some(12));
    assert!(vault.set_policy(&policy).await.unwrap());
    vault.seal().await.unwrap();
    vault
}

/// The old data files that lie there.
async fn old_files(vault: &Vault) -> BTreeSet<String> {
    let all = vault.store().list(layout::EVENTS).await.unwrap().into_iter().map(|(name, _)| name);
    all.filter(|name| name.contains("day=2024-")).collect()
}

fn hold() -> Hold {
    Hold {
        by: "aya".to_owned(),
        at: Timestamp::now().to_string(),
        why: "lawsuit".to_owned(),
        until: None,
        sources: BTreeSet::from(["cloudtrail".to_owned()]),
        streams: BTreeSet::new(),
        from: None,
        to: None,
        query: None,
        segments: BTreeSet::new(),
        release: None,
        confirmed: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_goes_with_its_copies_and_does_not_come_back() {
    for place in Place::all("expiry").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, &folder).await;
        let before = vault.snapshot().await.unwrap();
        let segment = |year: &str| {
            let mut files = before.replay.files().filter(|file| file.add.source() == Some("cloudtrail"));
            files.find(|file| file.add.day.to_string().starts_with(year)).unwrap().add.tags.segments[0].id
        };
        let (gone, kept) = (segment("2024"), segment("2026"));
        assert_eq!(old_files(&vault).await.len(), 3, "two files and the one that replaced them");
        let meter = Meter::default();
        let done = vault.expire("retention", u64::MAX, &meter).await.unwrap();
        assert_eq!((done.files, done.records, done.deleted), (1, 9, 3), "{place:?}");
        assert!(old_files(&vault).await.is_empty());
        let again = place.open().await.expire("retention", u64::MAX, &meter).await.unwrap();
        assert_eq!((again.files, again.deleted, again.tree_size), (0, 0, done.tree_size), "a second run does nothing");

        let now = vault.snapshot().await.unwrap();
        let fault = vault.prove_one(&now, RecordId { segment: gone, ordinal: 0 }).await.unwrap_err();
        assert_eq!(fault.id(), "vault-segment-expired");
        vault.prove_one(&now, RecordId { segment: kept, ordinal: 0 }).await.unwrap();
        vault.delete_replaced(0, Timestamp::now()).await.unwrap();

        let back = take(&vault, &folder, "back", &old(0..5)).await;
        assert_eq!((back.new, back.expired, back.warnings.len()), (0, 5, 1), "{back:?}");
        let fresh = take(&vault, &folder, "fresh", &events(2..6)).await;
        assert_eq!((fresh.new, fresh.duplicates, fresh.expired), (3, 1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_stays_until_two_people_let_it_go() {
    for place in Place::all("held").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, &folder).await;
        vault.set_hold("a", None, &hold()).await.unwrap();
        let meter = Meter::default();
        assert_eq!(vault.expire("retention", u64::MAX, &meter).await.unwrap().files, 0);
        assert_eq!(old_files(&vault).await.len(), 3);
        let step = |by: &str| {
            Some(shoseki_segment::retention::Step { by: by.to_owned(), at: "now".to_owned(), why: String::new() })
        };
        let asked = Hold { release: step("aya"), ..hold_of(&vault).await };
        vault.set_hold("a", Some(&hold_of(&vault).await), &asked).await.unwrap();
        assert_eq!(
            vault.expire("retention", u64::MAX, &meter).await.unwrap().files,
            0,
            "one person alone lets nothing go"
        );
        let alone = Hold { confirmed: step("aya"), ..asked.clone() };
        assert!(vault.set_hold("a", Some(&asked), &alone).await.is_err());
        let late = vault.set_hold("a", None, &Hold { release: step("ken"), ..asked.clone() }).await.unwrap_err();
        assert_eq!((late.id(), late.kind()), ("retention-hold-moved", Kind::Caller), "somebody was first");
        vault.set_hold("a", Some(&asked), &Hold { confirmed: step("ken"), ..asked.clone() }).await.unwrap();
        assert_eq!(vault.expire("retention", u64::MAX, &meter).await.unwrap().files, 1);
        assert!(old_files(&vault).await.is_empty());
    }
}

async fn hold_of(vault: &Vault) -> Hold {
    vault.snapshot().await.unwrap().holds().unwrap().remove("a").unwrap()
}

/// What somebody writes who can write to the store and has another key, or none.
async fn forge(vault: &Vault, action: Action, statement: Option<String>) -> u64 {
    let version = vault.snapshot().await.unwrap().size();
    let timestamp_ms = Timestamp::now().0 / 1_000;
    let (engine, batch) = ("shoseki/0.1.0".to_owned(), "1".repeat(32));
    let mut commit = Commit { timestamp_ms, engine, batch, action, statement };
    if commit.statement.is_none() {
        let key = SigningKey::generate(&vault.marker().origin).unwrap();
        let hash = commit.stated_hash(shoseki_merkle::Hash([0; 32]));
        let note = sign_statement("shoseki-configuration/v1", hash, &key).unwrap();
        commit.statement = Some(String::from_utf8(note.to_vec()).unwrap());
    }
    vault.store().create(&layout::commit(version), commit.to_bytes().into()).await.unwrap();
    version
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_or_sealed_behind_what_lets_evidence_go_without_the_key() {
    for is_moved in [false, true] {
        for place in Place::all("unstated").await {
            let folder = tempfile::tempdir().unwrap();
            let vault = filled(&place, &folder).await;
            let before = vault.checkpoint().await.unwrap().unwrap().size();
            let statement = if is_moved {
                let bytes = vault.store().need(&layout::commit(before - 1)).await.unwrap();
                Commit::parse(&bytes).unwrap().statement
            } else {
                None
            };
            assert_eq!(statement.is_some(), is_moved, "the last commit sets the policy");
            let mut table = vault.snapshot().await.unwrap().replay.table().unwrap().clone();
            table.configuration.insert(RETENTION_KEY.to_owned(), YEARS.replace("12", "1"));
            let version = forge(&vault, Action::Configure(table), statement).await;
            for vault in [vault, place.open().await] {
                let meter = Arc::new(Meter::default());
                let request =
                    Request { paths: vec![write_file(folder.path(), "more", &events(4..5))], ..Request::default() };
                let ids = [
                    ingest(&vault, &request, &meter).await.unwrap_err().id(),
                    vault.expire("retention", u64::MAX, &meter).await.unwrap_err().id(),
                    vault.seal().await.unwrap_err().id(),
                    vault.set_policy(&Policy::default()).await.unwrap_err().id(),
                    vault.set_hold("a", None, &hold()).await.unwrap_err().id(),
                    compact(&vault, &Goal { target_rows: 1_000, min_files: 2 }, &meter).await.unwrap_err().id(),
                ];
                assert!(ids.iter().all(|id| *id == "vault-commit-unstated"), "{ids:?}");
                let now = vault.snapshot().await.unwrap();
                assert_eq!(now.size(), version + 1, "it is read");
                assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), before, "and not sealed");
                assert_eq!(old_files(&vault).await.len(), 3);
            }
            place.store().await.objects().delete(&place.store().await.path(&layout::commit(version))).await.unwrap();
            let vault = place.open().await;
            assert_eq!(
                vault.expire("retention", u64::MAX, &Meter::default()).await.unwrap().files,
                1,
                "without it all goes on"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_key_stated_is_sealed_by_the_next_who_can() {
    let place = &Place::all("stated").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = filled(place, &folder).await;
    vault.set_hold("a", None, &hold()).await.unwrap();
    vault.set_policy(&Policy::default()).await.unwrap();
    drop(vault); // before it could seal
    let vault = place.open().await;
    take(&vault, &folder, "more", &events(4..5)).await;
    let size = vault.snapshot().await.unwrap().size();
    assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), size);
}

/// A stop at every write of an expiry: nothing goes before it is sealed, and the next run ends what was begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_every_write_loses_nothing_and_brings_nothing_back() {
    let mut reached = 0;
    for at in 0..40 {
        for fault in [Fault::StopBefore, Fault::StopAfter] {
            let place = &Place::all("expiry-faults").await[0];
            let folder = tempfile::tempdir().unwrap();
            drop(filled(place, &folder).await);
            let store = place.store().await;
            let faulty = Faulty::over(Arc::clone(store.objects()), Some((at, fault)));
            let objects = Arc::clone(&faulty) as Arc<dyn ObjectStore>;
            let over = Store::over(objects, store.path("").as_ref(), "test://vault").unwrap();
            let vault = Vault::open_at(over, &place.access()).await.unwrap();
            let meter = Meter::default();
            let is_stopped = tokio::select! {
                done = vault.expire("retention", u64::MAX, &meter) => { done.unwrap(); false }
                () = faulty.until_stopped() => true,
            };
            drop(vault);
            let vault = place.open().await;
            let case = format!("{fault:?} at {at}");
            let sealed = vault.checkpoint().await.unwrap().unwrap().size();
            let expiries = vault.snapshot().await.unwrap().replay.expiries().to_vec();
            let is_sealed = expiries.first().is_some_and(|version| *version < sealed);
            assert!(is_sealed || old_files(&vault).await.len() == 3, "{case}: gone before it was sealed");
            vault.expire("retention", u64::MAX, &meter).await.unwrap();
            assert!(old_files(&vault).await.is_empty(), "{case}");
            let snapshot = vault.snapshot().await.unwrap();
            assert_eq!(snapshot.replay.expiries().len(), 1, "{case}");
            assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), snapshot.size(), "{case}");
            for file in snapshot.replay.files() {
                vault.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await.unwrap();
            }
            if !is_stopped {
                assert!(reached > 10, "{reached}");
                return;
            }
            reached += 1;
        }
    }
    panic!("an expiry has fewer writes");
}
