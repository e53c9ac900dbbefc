//! A fault at every write and at every read of the path, from `init` over compaction to the last seal, and at every deletion of
//! what was replaced: the process stops, a write is lost, only its answer is. Afterwards the same is asked for again, and then the vault must be what it would have been.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod faulty;
#[expect(dead_code, reason = "of what all tests of the vault share, these need the events alone")]
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use faulty::{Fault, Faulty};
use futures::StreamExt;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use place::{Bucket, events};
use sha2::{Digest, Sha256};
use shoseki_event::{Kind, Timestamp};
use shoseki_messages::{Kind as Blame, Result};
use shoseki_segment::commit::{Action, Commit};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{Rows, derive, layout, records};
use shoseki_tlog::{CommitEntry, Expected, SignedCheckpoint};
use shoseki_vault::compact::{Goal, compact, plan};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Access, Init, NoProfiles, Store, Vault};
use tempfile::TempDir;

/// What is taken in, and what must then be there.
struct Evidence {
    folder: TempDir,
    /// The keys of the events.
    keys: BTreeSet<String>,
    /// How many pieces no parser can read.
    unparsed: usize,
    /// The content that each file is given back with, by its path.
    contents: BTreeMap<String, Vec<u8>>,
}

/// The two runs that take it in; the second overlaps the first.
const RUNS: [&str; 2] = ["first", "second"];

/// What is merged then: every file that has a neighbour.
const GOAL: Goal = Goal { target_rows: 1_000, min_files: 2 };

fn evidence() -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(events(100..110).as_bytes()).unwrap();
    let whole_gzip = gzip.finish().unwrap();
    let cut_gzip = whole_gzip[..whole_gzip.len() - 4].to_vec(); // without its end: all events, and kept whole
    let next_day = events(10..12).replace("2026-03-05", "2026-03-06");
    let audit = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{"username":"甲"},"requestReceivedTimestamp":"2026-03-05T00:00:00.000000Z","stageTimestamp":"2026-03-05T00:00:00.000001Z"}"#;
    let files: [(&str, &str, Vec<u8>); 5] = [
        ("first", "a.json", events(0..8).into_bytes()),
        ("first", "cut.json.gz", cut_gzip),
        ("first", "k8s.jsonl", format!("{audit}\nno event\n").into_bytes()),
        ("second", "b.json", events(6..10).into_bytes()),
        ("second", "next.json", next_day.into_bytes()),
    ];
    let mut contents = BTreeMap::new();
    for (run, name, bytes) in files {
        let path = folder.path().join(run).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        contents.insert(path.display().to_string(), bytes);
    }
    let cloudtrail = (0..12).chain(100..110).map(|n| format!("00000000-0000-4000-8000-{n:012}"));
    let keys = cloudtrail.chain([KEY_OF_AUDIT.to_owned()]).collect();
    Evidence { folder, keys, unparsed: 1, contents }
}

/// `auditID` and `stage` of the one audit event.
const KEY_OF_AUDIT: &str = "a-1/ResponseComplete";

/// Where one case runs: a place that survives the process, and its keys.
#[derive(Clone)]
struct Site {
    objects: Arc<dyn ObjectStore>,
    prefix: String,
    keys: PathBuf,
    encrypt: bool,
}

impl Site {
    fn store(&self) -> Store {
        Store::over(Arc::clone(&self.objects), &self.prefix, "test://vault").unwrap()
    }

    fn access(&self) -> Access {
        Access::new(self.keys.clone())
    }

    /// All that the path does, over this store.
    async fn run(&self, objects: Arc<dyn ObjectStore>, evidence: &Path) -> Result<()> {
        let store = Store::over(objects, &self.prefix, "test://vault")?;
        let init = Init {
            encrypt: Some(self.encrypt),
            origin: Some("shoseki/faults".to_owned()),
            service: None,
            layout: None,
        };
        let vault = Vault::init_at(store, &self.access(), &init).await?.vault;
        for run in RUNS {
            let paths = vec![evidence.join(run).display().to_string()];
            let request = Request { paths, ..Request::default() };
            let summary = ingest(&vault, &request, &Arc::new(Meter::default())).await?;
            assert_eq!(summary.tree_size, vault.snapshot().await?.size(), "sealed before it is acknowledged");
        }
        let summary = compact(&vault, &GOAL, &Arc::new(Meter::default())).await?;
        assert_eq!(summary.tree_size, vault.snapshot().await?.size(), "sealed before it is acknowledged");
        assert!(summary.problems.is_empty(), "{summary:?}");
        vault.delete_replaced(0, Timestamp::now()).await?;
        vault.seal().await.map(|_| ())
    }
}

/// The places: in memory, in a folder, and in a bucket of moto's S3.
#[derive(Clone, Copy, Debug)]
enum Ground {
    Memory,
    Folder,
    Bucket,
}

impl Ground {
    /// A place of this kind that nobody else uses, below `folder` where it is on this machine.
    async fn site(self, folder: &TempDir) -> Site {
        let opened = async |url: &str| Arc::clone(Store::open(url, true, &NoProfiles).await.unwrap().objects());
        let (objects, prefix): (Arc<dyn ObjectStore>, _) = match self {
            Self::Memory => (Arc::new(InMemory::new()), "evidence".to_owned()),
            Self::Folder => (opened(&folder.path().join("vault").display().to_string()).await, "evidence".to_owned()),
            Self::Bucket => {
                let url = Bucket::of("faults").unwrap().url("faults");
                let prefix = url.rsplit('/').next().unwrap_or_default();
                (opened(&url).await, prefix.to_owned())
            }
        };
        Site { objects, prefix, keys: folder.path().join("keys"), encrypt: true }
    }
}

/// One fault, and what comes after it. `false` where the run ended before it, since threads are not always equally fast.
async fn play(ground: Ground, fault: (usize, Fault), evidence: &Evidence) -> bool {
    let case = format!("{fault:?} in {ground:?}");
    let folder = tempfile::tempdir().unwrap();
    let site = ground.site(&folder).await;
    let faulty = Faulty::over(Arc::clone(&site.objects), Some(fault));
    let ended = tokio::select! {
        ended = site.run(Arc::clone(&faulty) as Arc<dyn ObjectStore>, evidence.folder.path()) => Some(ended),
        () = faulty.until_stopped() => None,
    };
    let (writes, reads) = faulty.counts();
    let is_reached = fault.0 < if fault.1 == Fault::Unreadable { reads } else { writes };
    let stops = is_reached && matches!(fault.1, Fault::StopBefore | Fault::StopAfter);
    assert_eq!(ended.is_none(), stops, "{case}: {ended:?}");
    if let Some(Err(failed)) = &ended {
        assert_eq!(fault.1, Fault::Unreadable, "a write is tried again by itself: {case}: {failed:?}");
        assert_eq!(failed.kind(), Blame::World, "what may succeed when tried again says so: {case}: {failed:?}");
    }
    if !matches!(ended, Some(Ok(()))) {
        site.run(Arc::clone(&site.objects), evidence.folder.path()).await.expect(&case);
    }
    judge(&site, evidence, &case).await;
    is_reached
}

/// Nothing lost, nothing doubled, all sealed, all given back.
async fn judge(site: &Site, evidence: &Evidence, case: &str) {
    let vault = Vault::open_at(site.store(), &site.access()).await.unwrap();
    let snapshot = vault.snapshot().await.unwrap();
    let (mut keys, mut receipts, mut unparsed) = (Vec::new(), Vec::new(), 0);
    for file in snapshot.replay.files() {
        let bytes = vault.store().need(&format!("{}/{}", layout::EVENTS, file.add.path())).await.unwrap();
        assert_eq!(file.add.tags.sha256.0, <[u8; 32]>::from(Sha256::digest(&bytes)), "{case}");
        let key = vault.file_key(&file.add).await.unwrap();
        for batch in records(bytes, key.as_ref(), Rows::COLUMNS).unwrap().1 {
            let batch = batch.unwrap();
            let mut rows = Rows::of(&batch).unwrap();
            for row in 0..rows.len() {
                let provenance = rows.provenance(row).unwrap();
                match provenance.kind {
                    Kind::Event => keys.push(derive(&provenance, rows.raw(row)).unwrap().key.unwrap().to_string()),
                    Kind::Receipt => receipts.push(Receipt::parse(rows.raw(row)).unwrap()),
                    Kind::Unparsed => unparsed += 1,
                }
            }
        }
    }
    keys.sort();
    assert_eq!(keys, evidence.keys.iter().cloned().collect::<Vec<_>>(), "{case}");
    assert_eq!(unparsed, evidence.unparsed, "{case}");

    assert!(plan(&snapshot.replay, &GOAL).is_empty(), "all that can be merged was: {case}");
    assert!(snapshot.replay.files().any(|file| file.add.tags.segments.len() > 1), "{case}");
    assert!(!snapshot.replay.compactions().is_empty(), "{case}");
    for version in snapshot.replay.compactions() {
        let commit = Commit::parse(&vault.store().need(&layout::commit(*version)).await.unwrap()).unwrap();
        let Action::Compact { removes, .. } = commit.action else { panic!("{case}") };
        for remove in removes {
            let there = vault.store().get(&format!("{}/{}", layout::EVENTS, remove.path())).await.unwrap();
            assert_eq!(there, None, "{remove:?} of {case}");
        }
    }

    let mut received: Vec<&str> = receipts.iter().map(|receipt| receipt.origin.as_str()).collect();
    received.sort_unstable();
    assert_eq!(received, evidence.contents.keys().collect::<Vec<_>>(), "one receipt a file: {case}");
    let new: u64 = receipts.iter().map(|receipt| receipt.new).sum();
    let seen: u64 = receipts.iter().map(|receipt| receipt.new + receipt.duplicates).sum();
    let counted: u64 = receipts.iter().map(|receipt| receipt.events + receipt.unparsed).sum();
    assert_eq!((seen, counted), (8 + 10 + 2 + 4 + 2, 8 + 10 + 2 + 4 + 2), "{case}");
    assert!(new <= (keys.len() + unparsed) as u64, "a run that was stopped knows of what it had committed: {case}");
    for original in vault.originals(&snapshot).await.unwrap() {
        let mut out = Vec::new();
        vault.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
        assert!(out == evidence.contents[&original.receipt.origin], "{} of {case}", original.receipt.origin);
    }
    judge_log(&vault, snapshot.size(), case).await;
}

/// The transparency log is what follows from the commits, object by object, up to the last of them.
async fn judge_log(vault: &Vault, size: u64, case: &str) {
    let store = vault.store();
    let mut entries = Vec::new();
    for version in 0..size {
        let commit = store.need(&layout::commit(version)).await.unwrap();
        entries.push(CommitEntry::of(version, &commit).to_bytes());
    }
    let expected = Expected::of(entries).unwrap();
    let verifier = vault.verifier().unwrap();
    let mut there = BTreeSet::new();
    for (name, _) in store.list(layout::TLOG).await.unwrap() {
        let bytes = store.need(&name).await.unwrap();
        let path = name.strip_prefix("tlog/").unwrap();
        if path.starts_with("checkpoint") {
            let checkpoint = SignedCheckpoint::open(&bytes, &verifier).unwrap();
            assert_eq!(Some(checkpoint.root()), expected.root_at(checkpoint.size()), "{name} of {case}");
        } else {
            expected.check(path, &bytes).unwrap();
        }
        there.insert(path.to_owned());
    }
    let missing: Vec<String> = expected.objects().into_keys().filter(|path| !there.contains(path)).collect();
    assert!(missing.is_empty(), "{missing:?} of {case}");
    let copy = store.need(layout::CHECKPOINT).await.unwrap();
    assert_eq!(copy, store.need(&layout::checkpoint(size)).await.unwrap(), "{case}");
}

/// How many writes and reads a run without a fault makes, on each ground, encrypted, which makes the most.
async fn count(evidence: &Evidence) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let site = Ground::Memory.site(&folder).await;
    let counting = Faulty::over(Arc::clone(&site.objects), None);
    site.run(Arc::clone(&counting) as Arc<dyn ObjectStore>, evidence.folder.path()).await.unwrap();
    judge(&site, evidence, "no fault").await;
    counting.counts()
}

async fn play_all(cases: Vec<(Ground, (usize, Fault))>, evidence: &Evidence) {
    let all = cases.len();
    // At once, since a part of what a case takes is the wait before a write is tried again.
    let cases = cases.into_iter().map(|(ground, fault)| play(ground, fault, evidence));
    let played: Vec<bool> = futures::stream::iter(cases).buffer_unordered(8).collect().await;
    let reached = played.iter().filter(|is_reached| **is_reached).count();
    assert!(reached * 20 >= all * 19, "{reached} of {all} faults were reached");
}

/// These faults at every write.
async fn play_writes(ground: Ground, faults: &[Fault]) {
    let evidence = evidence();
    let (writes, _) = count(&evidence).await;
    assert!(writes > 20, "a marker, commits, segments, an original, keys, tiles, checkpoints: {writes}");
    let cases = (0..writes).flat_map(|at| faults.iter().map(move |fault| (ground, (at, *fault))));
    play_all(cases.collect(), &evidence).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_every_write_loses_and_doubles_nothing() {
    play_writes(Ground::Memory, &[Fault::StopBefore, Fault::StopAfter]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_every_write_in_a_folder_loses_and_doubles_nothing() {
    play_writes(Ground::Folder, &[Fault::StopAfter]).await; // and so before the next one
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_or_a_lost_answer_at_every_write_in_a_bucket_loses_and_doubles_nothing() {
    if Bucket::of("faults").is_some() {
        play_writes(Ground::Bucket, &[Fault::StopAfter, Fault::AnswerLost]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_every_write_loses_and_doubles_nothing() {
    play_writes(Ground::Memory, &[Fault::Lost, Fault::AnswerLost, Fault::Conflict]).await;
}

/// What in memory is done to every write and read is done to some of them in the other places, which take longer: what is
/// tried again, and how, is decided above the store. `writes_apart` and `reads_apart` say to which, counted from the first.
async fn play_some(ground: Ground, writes_apart: usize, reads_apart: usize) {
    let evidence = evidence();
    let (writes, reads) = count(&evidence).await;
    let failing = (0..writes)
        .step_by(writes_apart)
        .flat_map(|at| [Fault::Lost, Fault::AnswerLost, Fault::Conflict].map(|fault| (ground, (at, fault))));
    let unreadable = (0..reads).step_by(reads_apart).map(|at| (ground, (at, Fault::Unreadable)));
    play_all(failing.chain(unreadable).collect(), &evidence).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_folder_lose_and_double_nothing() {
    play_some(Ground::Folder, 5, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_bucket_lose_and_double_nothing() {
    if Bucket::of("faults").is_some() {
        play_some(Ground::Bucket, 15, 80).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_every_read_loses_and_doubles_nothing() {
    let evidence = evidence();
    let (_, reads) = count(&evidence).await;
    let cases = (0..reads).map(|at| (Ground::Memory, (at, Fault::Unreadable))).collect();
    play_all(cases, &evidence).await;
}
