//! The spool of accesses: what was durable before a row was shown becomes one record, whatever dies, fails or comes again; and nothing
//! that lies there can say more than that it is an access.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod faulty;
#[allow(dead_code, reason = "of what all tests of the vault share, these need the places alone")]
mod place;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use faulty::{Fault, Faulty};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use place::Place;
use shoseki_segment::{Rows, layout, records};
use shoseki_vault::spool::{Recording, Waiting, new_id, take_in, waiting};
use shoseki_vault::wal::tail;
use shoseki_vault::{Access, Init, Store, Vault};

fn event(id: &str, ended: &str) -> Bytes {
    format!(r#"{{"time":"2026-03-05T00:00:00Z","action":"query.run","id":"{id}","details":{{"ended":"{ended}"}}}}"#)
        .into()
}

/// Each record of the vault with its stream, and how often it is there.
async fn there(vault: &Vault) -> BTreeMap<(String, String), usize> {
    let mut found = BTreeMap::new();
    for file in vault.snapshot().await.unwrap().replay.files() {
        let bytes = vault.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await.unwrap();
        let key = vault.file_key(&file.add).await.unwrap();
        for batch in records(bytes, key.as_ref(), Rows::COLUMNS).unwrap().1 {
            let batch = batch.unwrap();
            let mut rows = Rows::of(&batch).unwrap();
            for row in 0..rows.len() {
                let stream = rows.provenance(row).unwrap().stream.to_string();
                *found.entry((stream, String::from_utf8_lossy(rows.raw(row)).into_owned())).or_default() += 1;
            }
        }
    }
    found
}

fn once(events: &[Bytes]) -> BTreeMap<(String, String), usize> {
    let named = |event: &Bytes| ("shoseki/access".to_owned(), String::from_utf8_lossy(event).into_owned());
    events.iter().map(|event| (named(event), 1)).collect()
}

fn names(folder: &Path, ending: &str) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(ending)).count()
}

async fn begin(vault: &Vault, folder: &Path) -> (String, Recording) {
    let id = new_id().unwrap();
    let recording = Recording::begin(vault, folder, &id, event(&id, "running")).await.unwrap();
    (id, recording)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_is_one_record_with_its_end_where_it_had_one() {
    for place in Place::all("spool").await {
        let (vault, folder) = (place.vault().await, tempfile::tempdir().unwrap());
        let spool = folder.path().join("access");
        assert_eq!(waiting(&spool).unwrap(), Waiting::default());
        assert_eq!(take_in(&vault, &spool).await.unwrap().records, 0);
        let before = vault.snapshot().await.unwrap().size();
        let (whole, killed, running) =
            (begin(&vault, &spool).await, begin(&vault, &spool).await, begin(&vault, &spool).await);
        whole.1.end(vec![event(&whole.0, "whole")]).unwrap();
        drop(killed.1); // as when the process dies: the system takes its lock
        assert_eq!(waiting(&spool).unwrap(), Waiting { ended: 2, under_way: 1 });
        assert_eq!(vault.snapshot().await.unwrap().size(), before, "no access is a commit");
        let asked = tail(&vault, folder.path(), std::slice::from_ref(&spool)).await.unwrap().unwrap();
        assert_eq!(asked.records(), 3, "{place:?}: what waits can be asked for");

        assert_eq!(take_in(&vault, &spool).await.unwrap().records, 2, "{place:?}");
        let mut expected = vec![event(&whole.0, "whole"), event(&killed.0, "running")];
        assert_eq!(there(&vault).await, once(&expected), "{place:?}");
        let (checkpoint, size) = (vault.checkpoint().await.unwrap().unwrap(), vault.snapshot().await.unwrap().size());
        assert_eq!((checkpoint.size(), size), (before + 1, before + 1), "one commit for all of them, sealed");
        assert_eq!(waiting(&spool).unwrap(), Waiting { ended: 0, under_way: 1 });
        // What else it told at its end is a record each, and known if it comes again.
        let told = |n: u32| event(&format!("{}/{n}", running.0), "whole");
        let ended = vec![event(&running.0, "whole"), told(1), told(2)];
        running.1.end(ended.clone()).unwrap();
        let path = spool.join(format!("{}.access", running.0));
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(take_in(&vault, &spool).await.unwrap().records, 3);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(take_in(&place.open().await, &spool).await.unwrap().records, 0, "{place:?}");
        expected.extend(ended);
        assert_eq!(there(&vault).await, once(&expected), "{place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_is_known_and_what_was_changed_is_said() {
    for place in Place::all("spool").await {
        let (vault, folder) = (place.vault().await, tempfile::tempdir().unwrap());
        let spool = folder.path();
        let (id, recording) = begin(&vault, spool).await;
        recording.end(vec![event(&id, "whole")]).unwrap();
        let path = spool.join(format!("{id}.access"));
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(take_in(&vault, spool).await.unwrap().records, 1);
        std::fs::write(&path, &bytes).unwrap(); // as when who took it in died before the deletion
        assert_eq!(take_in(&place.open().await, spool).await.unwrap().records, 0, "{place:?}");
        assert_eq!(names(spool, ".access"), 0);
        std::fs::write(spool.join(format!("{}.access", "0".repeat(32))), &bytes).unwrap(); // under another name
        let (second, recording) = begin(&vault, spool).await;
        recording.end(vec![event(&second, "whole")]).unwrap();
        let path = spool.join(format!("{second}.access"));
        let mut changed = std::fs::read(&path).unwrap();
        let end = changed.len();
        changed[end - 30] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let taken = take_in(&vault, spool).await.unwrap();
        assert_eq!((taken.records, taken.warnings.len()), (1, 2), "{place:?}: {taken:?}");
        assert_eq!(names(spool, ".access-changed"), 2);
        assert_eq!(there(&vault).await, once(&[event(&id, "whole"), event(&second, "running")]), "{place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_take_in_at_once_double_nothing() {
    let place = Place::all("spool").await.remove(0);
    let (vault, folder) = (place.vault().await, tempfile::tempdir().unwrap());
    let mut expected = Vec::new();
    for _ in 0..20 {
        let (id, recording) = begin(&vault, folder.path()).await;
        recording.end(vec![event(&id, "whole")]).unwrap();
        expected.push(event(&id, "whole"));
    }
    // A copy of the folder: the lock on the folder keeps the two apart no more.
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let other = place.open().await;
    let (one, two) = tokio::join!(take_in(&vault, folder.path()), take_in(&other, copy.path()));
    assert_eq!(one.unwrap().records + two.unwrap().records, 20);
    assert_eq!(there(&vault).await, once(&expected));
}

/// One fault while accesses are begun and taken in; then the process dies, or tries again.
async fn play(fault: (usize, Fault)) -> bool {
    let (objects, keys) = (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, tempfile::tempdir().unwrap());
    let access = Access::new(keys.path());
    let init = Init { encrypt: Some(true), origin: Some("shoseki/faults".to_owned()), service: None, layout: None };
    let store = |objects: &Arc<dyn ObjectStore>| Store::over(Arc::clone(objects), "spool", "test://vault").unwrap();
    Vault::init_at(store(&objects), &access, &init).await.unwrap();
    let faulty = Faulty::over(Arc::clone(&objects), Some(fault));
    let folder = tempfile::tempdir().unwrap();
    let mut recorded = Vec::new();
    let run = async {
        let over = Arc::clone(&faulty) as Arc<dyn ObjectStore>;
        let vault = Vault::open_at(store(&over), &access).await?;
        for _ in 0..2 {
            for _ in 0..2 {
                let id = new_id()?;
                let begun = Recording::begin(&vault, folder.path(), &id, event(&id, "running")).await;
                let Ok(recording) = begun else { continue }; // who asked was told that it is not recorded
                recorded.push(event(&id, "whole"));
                recording.end(vec![event(&id, "whole")])?;
            }
            let _ = take_in(&vault, folder.path()).await; // it is tried again
        }
        Ok::<(), shoseki_messages::Fault>(())
    };
    tokio::select! {
        ended = run => drop(ended),
        () = faulty.until_stopped() => {}
    }
    let (writes, reads) = faulty.counts();
    let vault = Vault::open_at(store(&objects), &access).await.unwrap();
    take_in(&vault, folder.path()).await.unwrap();
    assert_eq!(there(&vault).await, once(&recorded), "{fault:?}");
    let (checkpoint, size) = (vault.checkpoint().await.unwrap().unwrap(), vault.snapshot().await.unwrap().size());
    assert_eq!(checkpoint.size(), size, "all is sealed after {fault:?}");
    fault.0 < if fault.1 == Fault::Unreadable { reads } else { writes }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_anywhere_loses_nothing_and_doubles_nothing() {
    let faults =
        [Fault::StopBefore, Fault::StopAfter, Fault::Lost, Fault::AnswerLost, Fault::Conflict, Fault::Unreadable];
    for kind in faults {
        let mut at = 0;
        while play((at, kind)).await {
            at += 1;
        }
        assert!(at > 10, "{kind:?} was played {at} times");
    }
}
