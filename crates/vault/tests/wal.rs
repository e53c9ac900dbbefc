//! The write-ahead log: what was acknowledged is there exactly once, whatever dies, fails or comes again; it can be asked for
//! before it is sealed; and what cannot be kept is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod faulty;
#[allow(dead_code, reason = "of what all tests of the vault share, these need the places alone")]
mod place;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use faulty::{Fault, Faulty};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use place::Place;
use shoseki_event::{Kind, Provenance, Timestamp};
use shoseki_messages::Result;
use shoseki_segment::commit::Transaction;
use shoseki_segment::{Rows, layout, records};
use shoseki_vault::ingest::Summary;
use shoseki_vault::wal::{Delivery, Limits, Refusal, Sealer, Wal, tail};
use shoseki_vault::{Access, Init, Store, Vault};

fn audit(id: &str) -> Bytes {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{{"username":"甲"}},"requestReceivedTimestamp":"2026-03-05T00:00:00.000000Z","stageTimestamp":"2026-03-05T00:00:00.000001Z"}}"#
    )
    .into()
}

fn app(text: &str) -> Bytes {
    format!(r#"{{"timestamp":"2026-03-05T00:00:00Z","level":"info","event":"{text}"}}"#).into()
}

/// A log event of CloudWatch Logs in its envelope, as Firehose delivers it once it is decoded.
fn envelope(id: &str) -> Bytes {
    let message = audit(id);
    let message = serde_json::to_string(std::str::from_utf8(&message).unwrap()).unwrap();
    format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/eks/prod/cluster","logStream":"s","subscriptionFilters":[],"logEvents":[{{"id":"{id}","timestamp":1,"message":{message}}}]}}"#
    )
    .into()
}

fn delivery(id: Option<&str>, events: &[Bytes]) -> Delivery {
    Delivery {
        received: Timestamp::now(),
        door: "http".to_owned(),
        sender: "prod".to_owned(),
        from: None,
        source: None,
        stream: None,
        log: None,
        id: id.map(str::to_owned),
        is_wrapped_by_us: false,
        cursor: None,
        events: events.to_vec(),
    }
}

/// How often each event is in the vault, by its bytes; receipts by their origin.
async fn there(vault: &Vault) -> BTreeMap<String, usize> {
    counted(vault, |provenance, raw| match provenance.kind {
        Kind::Receipt => provenance.origin.to_string(),
        _ => format!("{} {}", provenance.stream, String::from_utf8_lossy(raw)),
    })
    .await
}

/// How often records of a name are in the vault.
async fn counted(vault: &Vault, name: impl Fn(&Provenance, &[u8]) -> String) -> BTreeMap<String, usize> {
    let snapshot = vault.snapshot().await.unwrap();
    let mut found = BTreeMap::new();
    for file in snapshot.replay.files() {
        let bytes = vault.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await.unwrap();
        let key = vault.file_key(&file.add).await.unwrap();
        for batch in records(bytes, key.as_ref(), Rows::COLUMNS).unwrap().1 {
            let batch = batch.unwrap();
            let mut rows = Rows::of(&batch).unwrap();
            for row in 0..rows.len() {
                let provenance = rows.provenance(row).unwrap();
                *found.entry(name(&provenance, rows.raw(row))).or_default() += 1;
            }
        }
    }
    found
}

fn named(stream: &str, event: &Bytes) -> String {
    format!("{stream} {}", String::from_utf8_lossy(event))
}

/// Seals all that was closed, until the log has no more; the log was stopped before.
async fn drain(sealer: &mut Sealer) -> Vec<Summary> {
    let mut summaries = Vec::new();
    while let Some(sequence) = sealer.next().await {
        summaries.push(sealer.seal(sequence).await.unwrap());
    }
    summaries
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".wal")).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_sealed_once() {
    for place in Place::all("wal").await {
        let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
        let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
        let deliveries = [
            delivery(None, &[audit("a"), audit("b"), app("x")]),
            delivery(None, &[audit("b"), app("x")]), // an audit event has a name of its own, a line of an application none
            delivery(Some("r1"), &[app("y"), envelope("c")]),
            delivery(Some("r1"), &[app("y"), envelope("c")]), // the sender heard nothing and sent it again
            delivery(None, &[Bytes::from_static(b"no event at all")]),
        ];
        for delivery in &deliveries {
            wal.append(std::slice::from_ref(delivery)).await.unwrap();
        }
        wal.stop();
        let summaries = drain(&mut sealer).await;
        let [summary] = summaries.as_slice() else { panic!("{summaries:?}") };
        assert_eq!((summary.records, summary.new, summary.duplicates, summary.unparsed), (10, 7, 3, 1), "{place:?}");
        assert_eq!(summary.tree_size, vault.snapshot().await.unwrap().size(), "sealed: {place:?}");
        let expected = BTreeMap::from([
            (named("k8s-audit/prod", &audit("a")), 1),
            (named("k8s-audit/prod", &audit("b")), 1),
            (named("app/prod", &app("x")), 2),
            (named("app/prod", &app("y")), 1),
            (named("k8s-audit/prod/aws/eks/prod/cluster", &audit("c")), 1),
            ("unknown/prod no event at all".to_owned(), 1),
            ("http:prod:r1".to_owned(), 1),
        ]);
        assert_eq!(there(&vault).await, expected, "{place:?}");
        assert_eq!(files(folder.path()), [""; 0], "{place:?}");

        // The same once more by another process, a day later as it were.
        drop((wal, sealer));
        let (wal, mut sealer) = reopened(&vault, folder.path()).await;
        wal.append(&deliveries[2..4]).await.unwrap();
        wal.stop();
        assert_eq!(drain(&mut sealer).await.iter().map(|summary| summary.new).sum::<u64>(), 0, "{place:?}");
        assert_eq!(there(&vault).await, expected, "{place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_was_sent_from_stands_in_the_origin_but_of_what_has_a_name() {
    let place = Place::all("wal-from").await.remove(0);
    let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
    let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
    let from =
        |from: &str, id: Option<&str>, event: Bytes| Delivery { from: Some(from.to_owned()), ..delivery(id, &[event]) };
    let deliveries = [
        from("192.0.2.7/CN=甲,O=b@c", None, app("x")),
        from("2001:db8::7", None, app("x")),
        delivery(None, &[app("x")]),
        from("192.0.2.7", Some("r1"), app("y")),
        from("192.0.2.8", Some("r1"), app("y")), // it comes again, by another address
    ];
    for delivery in &deliveries {
        wal.append(std::slice::from_ref(delivery)).await.unwrap();
    }
    wal.stop();
    let summaries = drain(&mut sealer).await;
    assert_eq!((summaries[0].new, summaries[0].duplicates), (4, 1));
    let found = counted(&vault, |provenance, _| provenance.origin.to_string()).await;
    let mut found: Vec<String> = found
        .into_keys()
        .map(|origin| {
            let (place, from) = origin.split_once('@').unwrap_or((&origin, ""));
            let number = place.rsplit(':').next().unwrap();
            let parts = place.split(':').count();
            format!("{number} of {parts}: {from}")
        })
        .collect();
    found.sort();
    assert_eq!(found, ["0 of 5: 192.0.2.7/CN=甲,O=b@c", "1 of 5: 2001:db8::7", "2 of 5: ", "r1 of 3: "]);
}

/// The log again, once the thread of the one before has ended.
async fn reopened(vault: &Arc<Vault>, folder: &Path) -> (Wal, Sealer) {
    for _ in 0..500 {
        match Wal::open(vault, folder, &Limits::default()).await {
            Err(fault) if fault.chain(shoseki_messages::Lang::En).contains("in use") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return opened.unwrap(),
        }
    }
    panic!("the log stays in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_died_between_commit_and_deletion_doubles_nothing() {
    let place = &Place::all("wal").await[0];
    let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
    let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
    wal.append(&[delivery(None, &[app("x"), app("x")])]).await.unwrap();
    wal.stop();
    let sequence = sealer.next().await.unwrap();
    let [name] = files(folder.path()).try_into().unwrap();
    let bytes = std::fs::read(folder.path().join(&name)).unwrap();
    sealer.seal(sequence).await.unwrap();
    drop((wal, sealer));
    std::fs::write(folder.path().join(&name), bytes).unwrap();

    let asked = tail(&vault, folder.path(), &[]).await.unwrap().unwrap();
    assert_eq!(asked.records(), 0, "a commit holds them");
    let (wal, mut sealer) = reopened(&vault, folder.path()).await;
    wal.append(&[delivery(None, &[app("z")])]).await.unwrap();
    wal.stop();
    drain(&mut sealer).await;
    let expected = BTreeMap::from([(named("app/prod", &app("x")), 2), (named("app/prod", &app("z")), 1)]);
    assert_eq!(there(&vault).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_log_is_another_one() {
    let place = &Place::all("wal").await[0];
    let (vault, folder, copy) =
        (Arc::new(place.vault().await), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (wal, sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
    wal.append(&[delivery(None, &[app("before")])]).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let copied = Wal::open(&vault, copy.path(), &Limits::default()).await.unwrap();
    // The copy is sealed while the original goes on in the same file.
    for ((wal, mut sealer), text) in [(copied, "there"), ((wal, sealer), "here")] {
        wal.append(&[delivery(None, &[app(text)])]).await.unwrap();
        wal.stop();
        drain(&mut sealer).await;
    }
    let expected = ["before", "here", "there"].map(|text| (named("app/prod", &app(text)), 1));
    assert_eq!(there(&vault).await, BTreeMap::from(expected), "what both had once, and what each took since");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sealed_yet_can_be_asked_for() {
    for place in Place::all("wal-tail").await {
        let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
        assert!(tail(&vault, folder.path(), &[]).await.unwrap().is_none(), "no log is there");
        let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
        wal.append(&[delivery(None, &[audit("a"), app("x")])]).await.unwrap();
        wal.close_file();
        let first = sealer.next().await.unwrap();
        wal.append(&[delivery(None, &[audit("a"), audit("b")])]).await.unwrap();
        let asked = tail(&vault, folder.path(), &[]).await.unwrap().unwrap();
        assert_eq!(asked.records(), 3, "of two files, each event once: {place:?}");
        sealer.seal(first).await.unwrap();
        let asked = tail(&vault, folder.path(), &[]).await.unwrap().unwrap();
        assert_eq!(asked.records(), 1, "two are sealed, one of them came twice: {place:?}");
        assert_eq!(asked.snapshot.replay.files().map(|file| file.add.records()).sum::<u64>(), 2, "{place:?}");
        wal.stop();
        drain(&mut sealer).await;
        assert_eq!(tail(&vault, folder.path(), &[]).await.unwrap().unwrap().records(), 0, "{place:?}");
        assert_eq!(there(&vault).await.values().sum::<usize>(), 3, "{place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_of_one_process_and_of_one_vault() {
    let places = Place::all("wal").await;
    let (vault, other) = (Arc::new(places[0].vault().await), Arc::new(places[1].vault().await));
    let folder = tempfile::tempdir().unwrap();
    let open = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
    let said = |opened: Result<(Wal, Sealer)>| opened.err().unwrap().chain(shoseki_messages::Lang::En);
    assert!(said(Wal::open(&vault, folder.path(), &Limits::default()).await).contains("in use"));
    drop(open);
    drop(reopened(&vault, folder.path()).await);
    for _ in 0..500 {
        let why = said(Wal::open(&other, folder.path(), &Limits::default()).await);
        if why.contains("is not the write-ahead log") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("another vault's folder is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_fits_once_something_is_sealed() {
    let place = &Place::all("wal").await[0];
    let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
    let limits = Limits { on_disk: 64 << 10, ..Limits::default() };
    let (wal, mut sealer) = Wal::open(&vault, folder.path(), &limits).await.unwrap();
    let long = [delivery(None, &[app(&"長".repeat(12_000))])];
    wal.append(&long).await.unwrap();
    assert_eq!(wal.waiting().now().1, 1);
    assert!(matches!(wal.append(&long).await.unwrap_err(), Refusal::Full), "twice 36 kB is more");
    wal.close_file();
    let first = sealer.next().await.unwrap();
    sealer.seal(first).await.unwrap();
    assert_eq!(wal.waiting().now(), (0, 0));
    wal.append(&long).await.unwrap();
    wal.stop();
    drain(&mut sealer).await;
    assert!(matches!(wal.append(&long).await.unwrap_err(), Refusal::Closed));
    assert_eq!(there(&vault).await.values().sum::<usize>(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_gives_what_it_can_and_is_kept() {
    let place = &Place::all("wal").await[0];
    let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
    let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
    for text in ["x", "y", "z"] {
        wal.append(&[delivery(None, &[app(text)])]).await.unwrap();
    }
    wal.stop();
    let sequence = sealer.next().await.unwrap();
    let path = folder.path().join(&files(folder.path())[0]);
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 200] ^= 1; // of the second of three frames
    std::fs::write(&path, &bytes).unwrap();
    let summary = sealer.seal(sequence).await.unwrap();
    let [warning] = summary.warnings.as_slice() else { panic!("{summary:?}") };
    assert!(warning.chain(shoseki_messages::Lang::En).contains("was changed"), "{warning:?}");
    assert_eq!(summary.new, 1, "{summary:?}");
    assert_eq!(files(folder.path()), ["00000000000000000001.wal-changed"]);
    assert_eq!(std::fs::read(path.with_extension("wal-changed")).unwrap(), bytes);
}

/// One fault while the log is written and sealed; then the process dies, or tries again.
async fn play(fault: (usize, Fault)) -> bool {
    let (objects, keys) = (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, tempfile::tempdir().unwrap());
    let access = Access::new(keys.path());
    let init = Init { encrypt: Some(true), origin: Some("shoseki/faults".to_owned()), service: None, layout: None };
    let store = |objects: &Arc<dyn ObjectStore>| Store::over(Arc::clone(objects), "wal", "test://vault").unwrap();
    Vault::init_at(store(&objects), &access, &init).await.unwrap();

    let faulty = Faulty::over(Arc::clone(&objects), Some(fault));
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    let run = async {
        let over = Arc::clone(&faulty) as Arc<dyn ObjectStore>;
        let vault = Arc::new(Vault::open_at(store(&over), &access).await?);
        let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await?;
        for round in 0..2 {
            for event in [audit(&format!("a{round}")), app("x"), envelope(&format!("e{round}"))] {
                match wal.append(&[delivery(None, std::slice::from_ref(&event))]).await {
                    Ok(()) => acknowledged.push(event),
                    Err(Refusal::Failed(_)) => {} // the sender would send it again
                    Err(refusal) => panic!("{refusal:?}"),
                }
            }
            wal.close_file();
            // Nothing was written where the file could not be begun.
            if let Ok(Some(closed)) = tokio::time::timeout(Duration::from_millis(300), sealer.next()).await {
                sealer.seal(closed).await?;
            }
        }
        Ok::<(), shoseki_messages::Fault>(())
    };
    let ended = tokio::select! {
        ended = run => Some(ended),
        () = faulty.until_stopped() => None,
    };
    let (writes, reads) = faulty.counts();
    let is_reached = fault.0 < if fault.1 == Fault::Unreadable { reads } else { writes };

    // What lies in the folder now is what a process that died leaves behind.
    let left = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
    }
    let vault = Arc::new(Vault::open_at(store(&objects), &access).await.unwrap());
    let (wal, mut sealer) = Wal::open(&vault, left.path(), &Limits::default()).await.unwrap();
    wal.stop();
    drain(&mut sealer).await;

    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for event in &acknowledged {
        let text = String::from_utf8_lossy(event).into_owned();
        let name = match text.find(r#""id":"e"#).map(|at| &text[at + 6..at + 8]) {
            Some(id) => named("k8s-audit/prod/aws/eks/prod/cluster", &audit(id)),
            None if text.contains("auditID") => named("k8s-audit/prod", event),
            None => named("app/prod", event),
        };
        *expected.entry(name).or_default() += 1;
    }
    let mut found = there(&vault).await;
    found.retain(|name, _| !name.starts_with("http:")); // receipts of envelopes
    assert_eq!(found, expected, "{fault:?}: {ended:?}");
    let (checkpoint, size) = (vault.checkpoint().await.unwrap().unwrap(), vault.snapshot().await.unwrap().size());
    assert_eq!(checkpoint.size(), size, "all is sealed after {fault:?}");
    is_reached
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

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_stream_was_read_is_committed_with_what_was_read() {
    let at = |stream: &str, sequence| Transaction { stream: stream.to_owned(), sequence };
    for place in Place::all("wal").await {
        let (vault, folder) = (Arc::new(place.vault().await), tempfile::tempdir().unwrap());
        let (wal, mut sealer) = Wal::open(&vault, folder.path(), &Limits::default()).await.unwrap();
        for cursor in [at("files/a", 10), at("files/b", 5), at("files/a", 20)] {
            let read = Delivery { cursor: Some(cursor), ..delivery(None, &[app("x")]) };
            wal.append(&[read]).await.unwrap();
        }
        assert_eq!(vault.snapshot().await.unwrap().replay.cursor("files/a"), None, "{place:?}");
        wal.stop();
        drain(&mut sealer).await;
        let replay = vault.snapshot().await.unwrap().replay;
        assert_eq!([replay.cursor("files/a"), replay.cursor("files/b")], [Some(20), Some(5)], "{place:?}");
        assert_eq!(there(&vault).await.get(&named("app/prod", &app("x"))), Some(&3), "{place:?}");
    }
}
