//! Erasure on every place: what one asked for and another confirmed goes with all that has it, everything else stays and is proven,
//! and nothing comes back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

#[expect(dead_code, reason = "here a process stops, and nothing else goes wrong")]
mod faulty;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use faulty::{Fault, Faulty};
use object_store::ObjectStore;
use place::{Place, events, write_file};
use sha2::{Digest, Sha256};
use shoseki_event::{RecordId, SegmentId, Timestamp};
use shoseki_messages::Lang;
use shoseki_segment::erasure::Request as Asked;
use shoseki_segment::retention::{Hold, Step};
use shoseki_segment::{Ordinals, layout};
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::erase::Summary;
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Store, Vault};
use tempfile::TempDir;

async fn take(
    vault: &Vault,
    folder: &TempDir,
    name: &str,
    content: impl AsRef<[u8]>,
) -> shoseki_vault::ingest::Summary {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let request = Request { paths: vec![path.display().to_string()], again: true, ..Request::default() };
    ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap()
}

/// A vault of two files that were compacted into one, and of a third.
async fn filled(place: &Place, folder: &TempDir) -> Vault {
    let vault = place.vault().await;
    for (name, content) in [("a", events(0..5)), ("b", events(5..9))] {
        take(&vault, folder, name, &content).await;
    }
    let goal = Goal { target_rows: 1_000, min_files: 2 };
    compact(&vault, &goal, &Arc::new(Meter::default())).await.unwrap();
    take(&vault, folder, "c", &events(20..24)).await;
    vault
}

/// The record of an event.
async fn record(vault: &Vault, number: u32) -> RecordId {
    let snapshot = vault.snapshot().await.unwrap();
    let all = snapshot.added(0, u64::MAX);
    for part in all.into_iter().filter(|part| part.file.add.source() == Some("cloudtrail")) {
        let from: BTreeMap<SegmentId, u32> = part.segments.iter().map(|tag| (tag.id, 0)).collect();
        for batch in vault.events_of(&part.file, from).await.unwrap() {
            let needle = format!("\"k/{number}\"");
            let mut batch = batch.unwrap().into_iter();
            if let Some(event) = batch.find(|event| std::str::from_utf8(&event.raw).unwrap().contains(&needle)) {
                return event.id;
            }
        }
    }
    panic!("no event {number}")
}

async fn ask(vault: &Vault, id: &str, numbers: &[u32]) -> Vec<RecordId> {
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(record(vault, *number).await);
    }
    let plan = vault.plan_erasure(&vault.snapshot().await.unwrap(), &ids).await.unwrap();
    assert_eq!(plan.count(), numbers.len() as u64);
    let records = plan.records().into_iter().map(|(segment, all)| (segment.to_string(), all)).collect();
    let request = Asked {
        by: "aya".to_owned(),
        at: Timestamp::now().to_string(),
        ground: "gdpr-17".to_owned(),
        why: "Case 12".to_owned(),
        before_its_time: None,
        records,
        originals: plan.originals.into_keys().collect(),
        withdrawn: None,
    };
    assert!(vault.request_erasure(id, &request).await.unwrap());
    ids
}

async fn erase(vault: &Vault, id: &str, by: &str) -> Result<Summary, &'static str> {
    vault.erase(id, by, &Meter::default()).await.map_err(|fault| fault.id())
}

/// The data files of the events' day that lie there and are not of the table.
async fn beside(vault: &Vault) -> BTreeSet<String> {
    let snapshot = vault.snapshot().await.unwrap();
    let table: BTreeSet<String> = snapshot.replay.files().map(|file| format!("events/{}", file.add.path())).collect();
    let all = vault.store().list(layout::EVENTS).await.unwrap().into_iter().map(|(name, _)| name);
    all.filter(|name| name.contains("day=2026-03-05/") && !table.contains(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_erase_is_gone_with_its_copies_and_the_rest_is_proven() {
    for place in Place::all("erasure").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, &folder).await;
        assert_eq!(beside(&vault).await.len(), 2, "what the compaction replaced");
        let ids = ask(&vault, "one", &[3, 7, 21]).await;
        assert_eq!(erase(&vault, "one", " Aya").await, Err("erasure-same-person"));
        assert_eq!(erase(&vault, "none", "ken").await, Err("erasure-unknown"));
        let neighbours = [record(&vault, 2).await, record(&vault, 8).await, record(&vault, 20).await];
        let done = erase(&vault, "one", "ken").await.unwrap();
        assert_eq!((done.records, done.files, done.deleted.len(), done.again), (3, 2, 4, false), "{place:?}");
        assert!(beside(&vault).await.is_empty(), "{place:?}");
        let again = erase(&place.open().await, "one", "ken").await.unwrap();
        assert_eq!((again.again, again.deleted.len(), again.tree_size), (true, 0, done.tree_size), "a second run");

        let vault = place.open().await;
        let now = vault.snapshot().await.unwrap();
        for id in ids {
            let fault = vault.prove_one(&now, id).await.unwrap_err();
            assert_eq!(fault.id(), "vault-record-erased");
            assert!(fault.chain(Lang::En).contains(&format!("commit {}", done.version)));
        }
        let key = vault.verifier().unwrap();
        for id in neighbours {
            let proof = vault.prove_one(&now, id).await.unwrap();
            assert!(proof.log.contains(key.name()) && proof.record.id == id);
        }
        for file in now.replay.files() {
            let name = format!("{}/{}", layout::EVENTS, file.add.path());
            let bytes = vault.store().need(&name).await.unwrap();
            let has = |needle: &str| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
            assert!(place.is_encrypted() || !has("\"k/7\""), "{name} still has it");
        }
        // Neither the file itself nor another with the same event brings it back.
        let back = take(&vault, &folder, "again", &events(0..9)).await;
        assert_eq!((back.new, back.duplicates, back.erased, back.warnings.len()), (0, 7, 2, 1), "{back:?}");
        let more = take(&vault, &folder, "more", &events(7..12)).await;
        assert_eq!((more.new, more.duplicates, more.erased), (3, 1, 1));
        // What it came in is not given back, and says why.
        let originals = vault.originals(&now).await.unwrap();
        let of = |name: &str| originals.iter().find(|original| original.receipt.origin.ends_with(name)).unwrap();
        let rebuilt = vault.rebuild(&now, &of("/a").receipt, &mut Vec::new()).await;
        assert_eq!(rebuilt.unwrap_err().id(), "vault-record-erased");
        // A tree that still had it is not answered in part.
        assert_eq!(vault.at(done.version - 1).await.unwrap_err().id(), "vault-segment-erased");
        vault.at(done.tree_size).await.unwrap();
        // What is left is compacted as before, and more of it is erased.
        let goal = Goal { target_rows: 1_000, min_files: 2 };
        let merged = compact(&vault, &goal, &Arc::new(Meter::default())).await.unwrap();
        assert!(merged.problems.is_empty() && merged.partitions.iter().any(|one| one.source == "cloudtrail"));
        ask(&vault, "two", &[2, 8]).await;
        assert_eq!(erase(&vault, "two", "ken").await.unwrap().records, 2);
        assert!(beside(&vault).await.is_empty());
        let plan = vault.plan_erasure(&vault.snapshot().await.unwrap(), &[neighbours[0]]).await.unwrap();
        assert_eq!((plan.count(), plan.before), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_or_taken_back_is_not_erased_and_our_own_is_left() {
    for place in Place::all("erasure-held").await {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(&place, &folder).await;
        ask(&vault, "one", &[3]).await;
        let hold = Hold {
            by: "aya".to_owned(),
            at: Timestamp::now().to_string(),
            why: "Lawsuit 12".to_owned(),
            until: None,
            sources: BTreeSet::from(["cloudtrail".to_owned()]),
            streams: BTreeSet::new(),
            from: None,
            to: None,
            query: None,
            segments: BTreeSet::new(),
            release: None,
            confirmed: None,
        };
        vault.set_hold("h", None, &hold).await.unwrap();
        let before = beside(&vault).await;
        assert_eq!(erase(&vault, "one", "ken").await, Err("erasure-held"));
        let snapshot = vault.snapshot().await.unwrap();
        let plan = vault.plan_erasure(&snapshot, &[record(&vault, 3).await]).await.unwrap();
        assert_eq!(plan.held().into_iter().collect::<Vec<_>>(), ["h"]);
        let step = |by: &str| Step { by: by.to_owned(), at: "now".to_owned(), why: "An error".to_owned() };
        vault.withdraw_erasure("one", step("mia")).await.unwrap();
        assert_eq!(erase(&vault, "one", "ken").await, Err("erasure-withdrawn"));
        assert_eq!(vault.withdraw_erasure("one", step("mia")).await.unwrap_err().id(), "erasure-withdrawn");
        assert_eq!(beside(&vault).await, before, "nothing was written");

        let own = snapshot.replay.files().find(|file| file.add.source() == Some("shoseki")).unwrap();
        let id = RecordId { segment: own.add.tags.segments[0].id, ordinal: 0 };
        let plan = vault.plan_erasure(&snapshot, &[id]).await.unwrap();
        assert_eq!((plan.count(), plan.own), (0, vec![id]));
        let id = RecordId { segment: record(&vault, 3).await.segment, ordinal: 99 };
        assert_eq!(vault.plan_erasure(&snapshot, &[id]).await.unwrap_err().id(), "vault-record-unknown");
        let records =
            BTreeMap::from([(own.add.tags.segments[0].id.to_string(), std::iter::once(0).collect::<Ordinals>())]);
        let asked = vault.snapshot().await.unwrap().erasures().unwrap().remove("one").unwrap();
        let request = Asked { records, withdrawn: None, ..asked };
        vault.request_erasure("own", &request).await.unwrap();
        assert!(erase(&vault, "own", "ken").await.is_err(), "the grammar refuses it");
        assert_eq!(beside(&vault).await, before, "and nothing is deleted");
    }
}

/// What is kept whole goes with the records that came in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_kept_whole_goes_too() {
    let place = &Place::all("erasure-original").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = place.vault().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(events(0..50).as_bytes()).unwrap();
    let mut cut = gzip.finish().unwrap();
    cut.truncate(cut.len() - 40);
    let path = folder.path().join("cut.json.gz");
    std::fs::write(&path, &cut).unwrap();
    let request = Request { paths: vec![path.display().to_string()], ..Request::default() };
    let taken = ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    assert!(taken.new > 5 && taken.problems.len() == 1, "{taken:?}");
    let kept = vault.store().list(layout::ORIGINALS).await.unwrap();
    assert_eq!(kept.len(), 1);
    ask(&vault, "one", &[4]).await;
    let done = erase(&vault, "one", "ken").await.unwrap();
    assert!(done.deleted.contains(&kept[0].0), "{done:?}");
    assert!(vault.store().list(layout::ORIGINALS).await.unwrap().is_empty());
    let snapshot = vault.snapshot().await.unwrap();
    let receipt = vault.originals(&snapshot).await.unwrap().remove(0).receipt;
    let again = vault.rebuild(&snapshot, &receipt, &mut Vec::new()).await.unwrap_err();
    assert_eq!(again.id(), "vault-original-erased");
    let other = write_file(folder.path(), "other.json", &events(0..5));
    let request = Request { paths: vec![other], ..Request::default() };
    let taken = ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    assert_eq!((taken.new, taken.duplicates, taken.erased), (0, 4, 1));
}

/// A message of CloudWatch Logs with these events, which is kept whole since they stand in strings.
fn message(events: &[(u32, &str)]) -> String {
    let event = |(n, day): &(u32, &str)| {
        let whole = self::events(*n..*n + 1).replace("2026-03-05", day);
        let one = whole.strip_prefix("{\"Records\":[").unwrap().strip_suffix("]}").unwrap();
        let one = one.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{{\"id\":\"{n}\",\"timestamp\":1772668800000,\"message\":\"{one}\"}}")
    };
    let all: Vec<String> = events.iter().map(event).collect();
    format!(
        "{{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"111122223333\",\"logGroup\":\"trail\",\"logStream\":\"s\",\
         \"subscriptionFilters\":[\"f\"],\"logEvents\":[{}]}}",
        all.join(",")
    )
}

/// Events of an envelope are known by what their carrier calls them, and a file that repeats one is another file: what has a record is
/// told by what is in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_whole_is_found_by_what_is_in_it() {
    let place = &Place::all("erasure-envelope").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = place.vault().await;
    let of = |sha256: &str| layout::original(sha256);
    let hash = |text: &str| hex(text.as_bytes());
    let (both, again, other) = (
        message(&[(1, "2026-03-05"), (2, "2026-03-06")]),
        message(&[(1, "2026-03-05")]),
        message(&[(3, "2026-03-05")]),
    );
    for (name, content) in [("both.json", &both), ("again.json", &again), ("other.json", &other)] {
        take(&vault, &folder, name, content).await;
    }
    let there = async || {
        let listed = vault.store().list(layout::ORIGINALS).await.unwrap();
        listed.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<String> = [&both, &again, &other].map(|text| of(&hash(text))).into();
    assert_eq!(there().await, all);

    // Another event of the same message is held.
    let hold = Hold {
        by: "aya".to_owned(),
        at: Timestamp::now().to_string(),
        why: "Lawsuit 12".to_owned(),
        until: None,
        sources: BTreeSet::from(["cloudtrail".to_owned()]),
        streams: BTreeSet::new(),
        from: Some(Timestamp::parse("2026-03-06T00:00:00Z").unwrap().0),
        to: None,
        query: None,
        segments: BTreeSet::new(),
        release: None,
        confirmed: None,
    };
    vault.set_hold("h", None, &hold).await.unwrap();
    let ids = ask(&vault, "one", &[1]).await;
    assert_eq!(erase(&vault, "one", "ken").await, Err("erasure-held"));
    let step = |by: &str| Some(Step { by: by.to_owned(), at: "now".to_owned(), why: String::new() });
    let released = Hold { release: step("aya"), ..hold.clone() };
    vault.set_hold("h", Some(&hold), &released).await.unwrap();
    vault.set_hold("h", Some(&released), &Hold { confirmed: step("ken"), ..released.clone() }).await.unwrap();

    // Whoever writes another file into a request erases nothing.
    let asked = vault.snapshot().await.unwrap().erasures().unwrap().remove("one").unwrap();
    assert_eq!(asked.originals, [hash(&both), hash(&again)].into());
    for (id, originals) in [("more", vec![&both, &again, &other]), ("less", vec![&both])] {
        let originals = originals.into_iter().map(|text| hash(text)).collect();
        vault.request_erasure(id, &Asked { originals, ..asked.clone() }).await.unwrap();
        assert_eq!(erase(&vault, id, "ken").await, Err("erasure-originals-differ"));
    }
    erase(&vault, "one", "ken").await.unwrap();
    assert_eq!(there().await, [of(&hash(&other))].into());
    assert_eq!(erase(&vault, "more", "ken").await, Err("erasure-overtaken"));
    let snapshot = vault.snapshot().await.unwrap();
    assert_eq!(vault.prove_one(&snapshot, ids[0]).await.unwrap_err().id(), "vault-record-erased");
    vault.prove_one(&snapshot, record(&vault, 2).await).await.unwrap();
}

/// An event without a key is known by its place, where another comes tomorrow: that one is taken in.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_the_place_of_an_erased_event_without_a_key_is_taken_in() {
    let place = &Place::all("erasure-unkeyed").await[0];
    let folder = tempfile::tempdir().unwrap();
    let vault = place.vault().await;
    let first = take(&vault, &folder, "app.log", "who knows what this is: aiko\n").await;
    assert_eq!((first.new, first.unparsed), (1, 1), "{first:?}");
    let snapshot = vault.snapshot().await.unwrap();
    let file = snapshot.replay.files().find(|file| file.add.source() == Some("unknown")).unwrap();
    let id = RecordId { segment: file.add.tags.segments[0].id, ordinal: 0 };
    let plan = vault.plan_erasure(&snapshot, &[id]).await.unwrap();
    let request = Asked {
        by: "aya".to_owned(),
        at: Timestamp::now().to_string(),
        ground: "other".to_owned(),
        why: "Case 12".to_owned(),
        before_its_time: None,
        records: plan.records().into_iter().map(|(segment, all)| (segment.to_string(), all)).collect(),
        originals: plan.originals.into_keys().collect(),
        withdrawn: None,
    };
    vault.request_erasure("one", &request).await.unwrap();
    assert_eq!(erase(&vault, "one", "ken").await.unwrap().records, 1);
    let next = take(&vault, &folder, "app.log", "something else altogether, of the next day\n").await;
    assert_eq!((next.new, next.erased), (1, 0), "{next:?}");
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stop at every write of an erasure: nothing goes before it is sealed, and the next run ends what was begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_every_write_loses_nothing_and_leaves_nothing() {
    let mut reached = 0;
    for at in 0..40 {
        for fault in [Fault::StopBefore, Fault::StopAfter] {
            let place = &Place::all("erasure-faults").await[0];
            let folder = tempfile::tempdir().unwrap();
            let vault = filled(place, &folder).await;
            let gone = ask(&vault, "one", &[3, 21]).await;
            let kept = record(&vault, 2).await;
            let old: BTreeSet<String> = beside(&vault).await;
            drop(vault);
            let store = place.store().await;
            let faulty = Faulty::over(Arc::clone(store.objects()), Some((at, fault)));
            let objects = Arc::clone(&faulty) as Arc<dyn ObjectStore>;
            let over = Store::over(objects, store.path("").as_ref(), "test://vault").unwrap();
            let vault = Vault::open_at(over, &place.access()).await.unwrap();
            let is_stopped = tokio::select! {
                done = erase(&vault, "one", "ken") => { done.unwrap(); false }
                () = faulty.until_stopped() => true,
            };
            drop(vault);
            let vault = place.open().await;
            let case = format!("{fault:?} at {at}");
            let sealed = vault.checkpoint().await.unwrap().unwrap().size();
            let snapshot = vault.snapshot().await.unwrap();
            let is_sealed = snapshot.replay.erasure("one").is_some_and(|version| version < sealed);
            assert!(is_sealed || old.is_subset(&beside(&vault).await), "{case}: gone before it was sealed");
            all_are_there(&vault).await;
            erase(&vault, "one", "ken").await.unwrap();
            let snapshot = vault.snapshot().await.unwrap();
            assert_eq!(snapshot.replay.erasures().len(), 1, "{case}");
            assert_eq!(vault.checkpoint().await.unwrap().unwrap().size(), snapshot.size(), "{case}");
            assert!(beside(&vault).await.is_disjoint(&old), "{case}");
            for id in &gone {
                assert_eq!(vault.prove_one(&snapshot, *id).await.unwrap_err().id(), "vault-record-erased", "{case}");
            }
            vault.prove_one(&snapshot, kept).await.unwrap();
            if !is_stopped {
                assert!(reached > 10, "{reached}");
                return;
            }
            reached += 1;
        }
    }
    panic!("an erasure has fewer writes");
}

/// That every file of the table lies there.
async fn all_are_there(vault: &Vault) {
    for file in vault.snapshot().await.unwrap().replay.files() {
        vault.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await.unwrap();
    }
}
