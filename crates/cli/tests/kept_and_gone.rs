//! Holds, expiry, erasure and restores under a fault at every write in a folder, and at many on moto's S3: the process stops before or after it,
//! it is lost, only its answer is, somebody else is said to have been first. Right after each fault and again when the same was
//! asked for once more, the judge of vaults looks at all that lies there: nothing is lost that must stay, nothing is back that must go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

#[path = "../../vault/tests/faulty/mod.rs"]
mod faulty;
#[path = "../../vault/tests/place/mod.rs"]
#[allow(dead_code, reason = "of what all tests of the vault share, these need a part")]
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use faulty::{Fault, Faulty};
use futures::StreamExt;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use place::{Bucket, events, write_file};
use shoseki_event::{RecordId, SegmentId};
use shoseki_messages::{Lang, Result};
use shoseki_segment::erasure::Request as Asked;
use shoseki_segment::keys::KeyProvider;
use shoseki_segment::layout;
use shoseki_segment::retention::{Hold, Policy, Step};
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::replica::{self, Scope, copy, restore};
use shoseki_vault::{Access, Init, NoProfiles, Store, Vault};
use shoseki_verify::{Place, Question, Verdict, verify_vault};
use tempfile::TempDir;

/// The records that are erased, by the numbers of their events.
const ERASED: [u32; 2] = [3, 21];

/// What is done under faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// A hold is placed on all of CloudTrail.
    Hold,
    /// One person asks to release it.
    Ask,
    /// Another confirms that.
    Release,
    /// What is older than its period goes.
    Expire,
    /// One person asks to erase two records.
    AskErasure,
    /// Another confirms that, and they go.
    Erase,
    /// What was lost and damaged is put right from a replica that has what expired and was erased since.
    Restore,
}

const DEEDS: [Deed; 7] =
    [Deed::Hold, Deed::Ask, Deed::Release, Deed::Expire, Deed::AskErasure, Deed::Erase, Deed::Restore];

type Content = BTreeMap<String, Vec<u8>>;

/// A vault as it is before a deed, and what is known of it.
struct Before {
    keys: TempDir,
    content: Content,
    /// The names of all that lay there before it was damaged.
    whole: BTreeSet<String>,
    /// Records that stay whatever is done, and what is proven of each.
    stay: Vec<(RecordId, String)>,
    /// Records of two years ago, and those that are erased.
    old: RecordId,
    erased: Vec<RecordId>,
    /// A replica from before anything went.
    replica: Arc<dyn ObjectStore>,
}

fn step(by: &str) -> Option<Step> {
    Some(Step { by: by.to_owned(), at: "2026-03-09T00:00:00Z".to_owned(), why: String::new() })
}

/// A hold on what is of CloudTrail, as it is placed, asked to be released, and released.
fn hold(release: Option<&str>, confirmed: Option<&str>) -> Hold {
    Hold {
        by: "aya".to_owned(),
        at: "2026-03-08T00:00:00Z".to_owned(),
        why: "lawsuit 12".to_owned(),
        until: None,
        sources: BTreeSet::from(["cloudtrail".to_owned()]),
        streams: BTreeSet::new(),
        from: None,
        to: None,
        query: None,
        segments: BTreeSet::new(),
        release: release.and_then(step),
        confirmed: confirmed.and_then(step),
    }
}

async fn take(vault: &Vault, folder: &Path, name: &str, content: &str) -> shoseki_vault::ingest::Summary {
    let paths = vec![write_file(folder, name, content)];
    ingest(vault, &Request { paths, again: true, ..Request::default() }, &Arc::new(Meter::default())).await.unwrap()
}

/// Events of two years ago.
fn old() -> String {
    events(0..5).replace("2026-", "2024-").replace("00000000-0000", "00000001-0000")
}

/// The records of events, by the numbers in their keys, of a day's year.
async fn record(vault: &Vault, number: u32, year: &str) -> RecordId {
    let snapshot = vault.snapshot().await.unwrap();
    for part in snapshot.added(0, u64::MAX) {
        if part.file.add.source() != Some("cloudtrail") || !part.file.add.day.to_string().starts_with(year) {
            continue;
        }
        let from: BTreeMap<SegmentId, u32> = part.segments.iter().map(|tag| (tag.id, 0)).collect();
        for batch in vault.events_of(&part.file, from).await.unwrap() {
            let needle = format!("\"k/{number}\"");
            let mut batch = batch.unwrap().into_iter();
            if let Some(event) = batch.find(|event| std::str::from_utf8(&event.raw).unwrap().contains(&needle)) {
                return event.id;
            }
        }
    }
    panic!("no event {number} of {year}")
}

async fn proven(vault: &Vault, id: RecordId) -> String {
    let snapshot = vault.snapshot().await.unwrap();
    let proof = vault.prove_one(&snapshot, id).await.unwrap();
    format!("{:?}", proof.record)
}

async fn content(store: &Store) -> Content {
    let mut all = BTreeMap::new();
    for (name, _) in store.list("").await.unwrap() {
        all.insert(name.clone(), store.need(&name).await.unwrap().to_vec());
    }
    all
}

fn over(objects: &Arc<dyn ObjectStore>, prefix: &str) -> Store {
    Store::over(Arc::clone(objects), prefix, "test://vault").unwrap()
}

async fn filled(objects: &Arc<dyn ObjectStore>, content: &Content, prefix: &str) {
    let put = |(name, bytes): (&String, &Vec<u8>)| {
        let (path, bytes) = (format!("{prefix}/{name}").into(), bytes.clone());
        async move { objects.put(&path, bytes.into()).await.unwrap() }
    };
    futures::stream::iter(content).map(put).buffer_unordered(8).collect::<Vec<_>>().await;
}

impl Before {
    /// The vault right before a deed: all that has to be done first is done.
    async fn of(deed: Deed) -> Self {
        let (keys, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let access = Access::new(keys.path().to_owned());
        let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let init = Init { encrypt: Some(true), origin: Some("shoseki/kept".to_owned()), ..Init::default() };
        let vault = Vault::init_at(over(&objects, "vault"), &access, &init).await.unwrap().vault;
        for (name, content) in [("old", old()), ("a", events(0..5)), ("b", events(5..9)), ("c", events(20..24))] {
            take(&vault, folder.path(), name, &content).await;
        }
        compact(&vault, &Goal { target_rows: 1_000, min_files: 2 }, &Arc::new(Meter::default())).await.unwrap();
        let mut policy = Policy::default();
        policy.classes.insert("standard".to_owned(), Some(12));
        vault.set_policy(&policy).await.unwrap();
        vault.seal().await.unwrap();
        let mut stay = Vec::new();
        for number in [2, 8, 20] {
            let id = record(&vault, number, "2026").await;
            stay.push((id, proven(&vault, id).await));
        }
        let mut erased = Vec::new();
        for number in ERASED {
            erased.push(record(&vault, number, "2026").await);
        }
        let old = record(&vault, 2, "2024").await;
        let replica: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let (content, whole) = (Content::new(), BTreeSet::new());
        let mut before = Self { keys, content, whole, stay, old, erased, replica };
        for first in before.first(deed) {
            before.done(&vault, *first).await.unwrap();
        }
        if deed == Deed::Restore {
            let place = over(&before.replica, "replica");
            replica::begin(&vault, &place).await.unwrap();
            copy(&vault, &place, false, &Meter::default()).await.unwrap();
            for later in [Deed::Expire, Deed::AskErasure, Deed::Erase] {
                before.done(&vault, later).await.unwrap();
            }
            copy(&vault, &place, false, &Meter::default()).await.unwrap(); // a copying deletes nothing
        }
        before.content = self::content(vault.store()).await;
        before.whole = before.content.keys().cloned().collect();
        if deed == Deed::Restore {
            damage(&mut before.content);
        }
        before
    }

    fn access(&self) -> Access {
        Access::new(self.keys.path().to_owned())
    }

    /// What is done first.
    fn first(&self, deed: Deed) -> &'static [Deed] {
        match deed {
            Deed::Hold | Deed::Expire | Deed::AskErasure | Deed::Restore => &[],
            Deed::Ask => &[Deed::Hold],
            Deed::Release => &[Deed::Hold, Deed::Ask],
            Deed::Erase => &[Deed::AskErasure],
        }
    }

    /// Does it, as its command does. Done once more, it does no harm.
    async fn done(&self, vault: &Vault, deed: Deed) -> Result<()> {
        let (meter, asked) = (Meter::default(), hold(Some("aya"), None));
        // Done before, it says `false`.
        match deed {
            Deed::Hold => _ = vault.set_hold("h", None, &hold(None, None)).await?,
            Deed::Ask => _ = vault.set_hold("h", Some(&hold(None, None)), &asked).await?,
            Deed::Release => _ = vault.set_hold("h", Some(&asked), &hold(Some("aya"), Some("ken"))).await?,
            Deed::Expire => drop(vault.expire("retention", u64::MAX, &meter).await?),
            Deed::AskErasure => {
                let plan = vault.plan_erasure(&vault.snapshot().await?, &self.erased).await?;
                let request = Asked {
                    by: "aya".to_owned(),
                    at: "2026-03-09T00:00:00Z".to_owned(),
                    ground: "gdpr-17".to_owned(),
                    why: "Case 12".to_owned(),
                    before_its_time: None,
                    records: plan.records().into_iter().map(|(segment, all)| (segment.to_string(), all)).collect(),
                    originals: plan.originals.into_keys().collect(),
                    withdrawn: None,
                };
                vault.request_erasure("e", &request).await?;
            }
            Deed::Erase => drop(vault.erase("e", "ken", &meter).await?),
            Deed::Restore => return Ok(()), // over a place, not by a vault
        }
        vault.seal().await.map(drop)
    }

    /// The same over a place that may be no vault yet.
    async fn run(&self, place: Store, deed: Deed) -> Result<()> {
        if deed != Deed::Restore {
            let vault = Vault::open_at(place, &self.access()).await?;
            return self.done(&vault, deed).await;
        }
        let replica = Vault::open_at(over(&self.replica, "replica"), &self.access()).await?;
        let restored = restore(&replica, &place, &Scope::Damaged, false, &Meter::default()).await?;
        assert!(restored.problems.is_empty(), "{restored:?}");
        match restored.failed {
            Some(fault) => Err(shoseki_messages::Fault::world(fault.message().clone())),
            None => Ok(()),
        }
    }

    /// Has the judge look at all that lies there, and says what it found.
    async fn judged(&self, place: &Store, case: &str) -> (Verdict, Vec<String>) {
        let keys = shoseki_vault::KeyDir::of(self.keys.path(), "shoseki/kept");
        let provider: Arc<dyn KeyProvider> = Arc::new(keys.providers(self.access().services.as_ref()).unwrap());
        let question = Question {
            place: Place::new(Arc::clone(place.objects()), place.path("")),
            key: Some(keys.verifier().unwrap()),
            provider: Some(provider),
            deep: true,
            against: None,
            anchors: Vec::new(),
            opener: None,
        };
        let report = verify_vault(&question).await.expect(case);
        (report.verdict, report.problems.iter().map(|problem| problem.text(Lang::En)).collect())
    }

    /// What holds right after a fault: nothing that stays is lost, and what goes does not go before that is sealed.
    async fn right_after(&self, place: &Store, deed: Deed, case: &str) {
        if deed == Deed::Restore {
            // What is damaged is so until it is put right; what went is not back meanwhile.
            return self.assert_gone(place, case).await;
        }
        let (verdict, problems) = self.judged(place, case).await;
        assert_ne!(verdict, Verdict::Tampered, "{case}: {problems:?}");
        let vault = Vault::open_at(over(place.objects(), place.path("").as_ref()), &self.access()).await.unwrap();
        for (id, as_proven) in &self.stay {
            assert_eq!(proven(&vault, *id).await, *as_proven, "{case}");
        }
        let sealed = vault.checkpoint().await.unwrap().unwrap().size();
        let replay = vault.snapshot().await.unwrap().replay;
        let is_sealed = |version: Option<u64>| version.is_some_and(|version| version < sealed);
        let there: BTreeSet<String> =
            place.list(layout::EVENTS).await.unwrap().into_iter().map(|(name, _)| name).collect();
        let before = self.content.keys().filter(|name| name.starts_with("events/class"));
        let gone = before.filter(|name| !there.contains(*name)).count();
        let may_go = is_sealed(replay.expiries().first().copied()) || is_sealed(replay.erasure("e"));
        assert!(may_go || gone == 0, "{case}: {gone} files went before it was sealed");
    }

    /// That nothing is there which a replica from before still has and which went since.
    async fn assert_gone(&self, place: &Store, case: &str) {
        let (copies, there) = (content(&over(&self.replica, "replica")).await, content(place).await);
        let is_gone = |name: &&String| name.starts_with("events/class") && !self.whole.contains(*name);
        let went: Vec<&String> = copies.keys().filter(is_gone).collect();
        assert!(went.len() >= 3, "{case}: an old file, and two of which records were erased: {went:?}");
        let back: Vec<&&String> = went.iter().filter(|name| there.contains_key(**name)).collect();
        assert_eq!(back, [] as [&&String; 0], "{case}");
    }

    /// What holds when it was done to its end.
    async fn in_the_end(&self, place: &Store, deed: Deed, case: &str) {
        let (verdict, problems) = self.judged(place, case).await;
        assert_eq!((verdict, problems), (Verdict::Intact, Vec::new()), "{case}");
        let vault = Vault::open_at(over(place.objects(), place.path("").as_ref()), &self.access()).await.unwrap();
        for (id, as_proven) in &self.stay {
            assert_eq!(proven(&vault, *id).await, *as_proven, "{case}");
        }
        let snapshot = vault.snapshot().await.unwrap();
        let is_expired = [Deed::Expire, Deed::Restore].contains(&deed);
        let is_erased = [Deed::Erase, Deed::Restore].contains(&deed);
        let old = vault.prove_one(&snapshot, self.old).await.map_err(|fault| fault.id());
        assert_eq!(old.err(), is_expired.then_some("vault-segment-expired"), "{case}");
        for id in &self.erased {
            let erased = vault.prove_one(&snapshot, *id).await.map_err(|fault| fault.id());
            assert_eq!(erased.err(), is_erased.then_some("vault-record-erased"), "{case}");
        }
        assert_eq!(snapshot.replay.expiries().len(), usize::from(is_expired), "{case}: once");
        assert_eq!(snapshot.replay.erasures().len(), usize::from(is_erased), "{case}: once");
        let there = content(place).await;
        for name in there.keys().filter(|name| name.starts_with("events/class")) {
            assert!(!is_expired || !name.contains("day=2024-"), "{case}: {name} is back");
        }
        if is_erased {
            // What had the erased records and the table does not name any more is gone.
            let table: BTreeSet<String> =
                snapshot.replay.files().map(|file| format!("events/{}", file.add.path())).collect();
            let had = self.content.keys().filter(|name| name.contains("day=2026-03-05/") && !table.contains(*name));
            let left: Vec<&String> = had.filter(|name| there.contains_key(*name)).collect();
            assert_eq!(left, [] as [&String; 0], "{case}");
        }
        if deed == Deed::Restore {
            self.assert_gone(place, case).await;
        }
        // The same files bring nothing back, and what is held does not go.
        let folder = tempfile::tempdir().unwrap();
        let back = take(&vault, folder.path(), "back", &old_and_new()).await;
        let (expired, erased) = (if is_expired { 5 } else { 0 }, if is_erased { 1 } else { 0 });
        assert_eq!((back.new, back.expired, back.erased), (0, expired, erased), "{case}: {back:?}");
        let holds = snapshot.holds().unwrap();
        let is_held = holds.get("h").is_some_and(Hold::is_in_force);
        assert_eq!(is_held, [Deed::Hold, Deed::Ask].contains(&deed), "{case}");
        if !is_expired {
            let expired = vault.expire("retention", u64::MAX, &Meter::default()).await.unwrap();
            assert_eq!(expired.files, u64::from(!is_held), "{case}: what is held stays, and nothing else");
        }
    }
}

/// The events of two years ago, and those of which one is erased.
fn old_and_new() -> String {
    let (old, new) = (old(), events(0..5));
    let inner = |text: &str| text.strip_prefix("{\"Records\":[").unwrap().strip_suffix("]}").unwrap().to_owned();
    format!("{{\"Records\":[{},{}]}}", inner(&old), inner(&new))
}

/// One object of each kind is emptied, or lost.
fn damage(content: &mut Content) {
    let kinds = [
        "events/class",
        "events/_delta_log/00000000000000000002",
        layout::KEYS,
        "tlog/tile/0/",
        "tlog/tile/entries/",
        "tlog/checkpoint",
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let name = content.keys().find(|name| name.starts_with(kind)).expect(kind).clone();
        match number % 2 {
            0 => content.get_mut(&name).unwrap().clear(),
            _ => drop(content.remove(&name)),
        }
    }
}

/// Where a case is played.
#[derive(Clone, Copy, Debug)]
enum Ground {
    Folder,
    Bucket,
}

/// A place with this content, and the folder that it lies in.
async fn ground(ground: Ground, content: &Content) -> (Arc<dyn ObjectStore>, String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let opened = async |url: &str| Arc::clone(Store::open(url, true, &NoProfiles).await.unwrap().objects());
    let (objects, prefix) = match ground {
        Ground::Folder => {
            for (name, bytes) in content {
                let path = folder.path().join("vault/kept").join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
            (opened(&folder.path().join("vault").display().to_string()).await, "kept".to_owned())
        }
        Ground::Bucket => {
            let url = Bucket::of("kept-and-gone").unwrap().url("kept");
            let (objects, prefix) = (opened(&url).await, url.rsplit('/').next().unwrap().to_owned());
            filled(&objects, content, &prefix).await;
            (objects, prefix)
        }
    };
    (objects, prefix, folder)
}

/// One deed under one fault. `false` where it had fewer writes.
async fn play(before: &Before, deed: Deed, at: Ground, fault: (usize, Fault)) -> bool {
    let case = format!("{deed:?}: {fault:?} in {at:?}");
    let (objects, prefix, _folder) = ground(at, &before.content).await;
    let faulty = Faulty::over(Arc::clone(&objects), Some(fault));
    let ended = tokio::select! {
        ended = before.run(over(&(Arc::clone(&faulty) as Arc<dyn ObjectStore>), &prefix), deed) => Some(ended),
        () = faulty.until_stopped() => None,
    };
    let is_reached = fault.0 < faulty.counts().0;
    let stops = is_reached && matches!(fault.1, Fault::StopBefore | Fault::StopAfter);
    assert_eq!(ended.is_none(), stops, "{case}: {ended:?}");
    let place = over(&objects, &prefix);
    before.right_after(&place, deed, &case).await;
    if !matches!(ended, Some(Ok(()))) {
        before.run(over(&objects, &prefix), deed).await.expect(&case);
    }
    before.in_the_end(&place, deed, &case).await;
    is_reached
}

/// These faults at every so manieth write of every deed.
async fn play_all(at: Ground, faults: &[(Fault, usize)]) {
    for deed in DEEDS {
        let before = &Before::of(deed).await;
        let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        filled(&objects, &before.content, "kept").await;
        let counting = Faulty::over(objects, None);
        before.run(over(&(Arc::clone(&counting) as Arc<dyn ObjectStore>), "kept"), deed).await.unwrap();
        let writes = counting.counts().0;
        assert!(writes > 3, "{deed:?}: a commit, tiles, a checkpoint and its copy: {writes}");
        let cases = faults.iter().flat_map(|(fault, apart)| (0..writes).step_by(*apart).map(|number| (number, *fault)));
        let cases: Vec<(usize, Fault)> = cases.collect();
        let all = cases.len();
        let played = futures::stream::iter(cases).map(|fault| play(before, deed, at, fault)).buffer_unordered(8);
        let reached = played.filter(|is_reached| std::future::ready(*is_reached)).count().await;
        println!("{deed:?} in {at:?}: {writes} writes, {reached} of {all} faults");
        assert!(reached * 20 >= all * 19, "{deed:?}: {reached} of {all} faults were reached");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder_nothing_is_lost_and_nothing_comes_back() {
    let all = [Fault::StopBefore, Fault::StopAfter, Fault::Lost, Fault::AnswerLost, Fault::Conflict];
    play_all(Ground::Folder, &all.map(|fault| (fault, 1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket_nothing_is_lost_and_nothing_comes_back() {
    if Bucket::of("kept-and-gone").is_some() {
        // What is tried again, and how, is decided above the store: here it takes longer, and some of it is enough.
        play_all(Ground::Bucket, &[(Fault::StopAfter, 2), (Fault::AnswerLost, 4)]).await;
    }
}
