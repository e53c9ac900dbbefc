//! The run over all accounts and regions: what is asked, how far it is, what is shared, and the conclusion.

use async_recursion::async_recursion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures::StreamExt;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_sources::ObjectName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::chain::{HOUR, ReadDigest};
use super::coverage::{self, TrailRange};
use super::discover::{Found, TrailFilter, discover};
use super::expected::{Expected, TrailExpectation};
use super::follow::OtherBuckets;
use super::group::{self, Outcome};
use super::keys::{KeyRing, KeySource};
use super::report::{ChainSummary, Draft, TrailReport};
use super::tree::{Fetched, Object, TrailPlace};

/// How many accounts and regions are judged at once.
const GROUPS_AT_ONCE: usize = 4;
/// How many KiB of files are in memory at once.
const ROOM_KIB: u32 = 384 << 10;
/// The least that a file takes of it: so many requests are on their way at once.
const LEAST_KIB: u32 = 3 << 10;
/// Around a digest's time, keys of how long are asked for.
const AROUND: i64 = 2 * HOUR;

/// What is asked.
pub struct TrailQuestion {
    /// Where the trail's files are.
    pub places: Vec<TrailPlace>,
    /// The time that is asked for.
    pub range: TrailRange,
    /// Which accounts and regions; each that is named must be there.
    pub filter: TrailFilter,
    /// What else must be there.
    pub expect: TrailExpectation,
    /// The keys at hand.
    pub keys: KeyRing,
    /// Where keys come from that are not at hand.
    pub source: Option<Arc<dyn KeySource>>,
    /// What an earlier run found.
    pub remembered: Option<Arc<dyn Remembered>>,
    /// What opens buckets that were not given, where a chain goes on in them.
    pub elsewhere: Option<Arc<dyn OtherBuckets>>,
    /// What the clock says, up to which digests of a bucket are due; `None` where only the newest file can say.
    pub now: Option<Timestamp>,
}

/// What an earlier run found intact, and what this one finds. It is kept outside of this crate, which writes nothing.
pub trait Remembered: Send + Sync {
    /// Whether this very file was found to have content of this hash.
    fn knows(&self, file: &str, mark: &str, sha256: &[u8; 32]) -> bool;
    /// Keeps that it has.
    fn keep(&self, file: &str, mark: &str, sha256: &[u8; 32]);
}

/// How far a run is; it can be asked to stop.
#[derive(Debug, Default)]
pub struct TrailProgress {
    digests: AtomicU64,
    files: AtomicU64,
    files_done: AtomicU64,
    bytes: AtomicU64,
    is_stopped: AtomicBool,
}

impl TrailProgress {
    /// Digests read, log files known so far, log files done, bytes read.
    pub fn now(&self) -> [u64; 4] {
        [&self.digests, &self.files, &self.files_done, &self.bytes].map(|counter| counter.load(Ordering::Relaxed))
    }

    /// Asks for a stop: what is being read is finished, nothing further is begun.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn digest_read(&self) {
        self.digests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_files(&self, count: u64) {
        self.files.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_bytes(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
    }
}

/// What all accounts and regions share.
pub(crate) struct Run {
    pub(crate) range: TrailRange,
    pub(crate) progress: Arc<TrailProgress>,
    pub(crate) room: Arc<Semaphore>,
    pub(crate) remembered: Option<Arc<dyn Remembered>>,
    now: Option<Timestamp>,
    keys: Mutex<KeyRing>,
    source: Option<Arc<dyn KeySource>>,
    /// Those that were given, and those that chains led to.
    places: RwLock<Vec<Arc<TrailPlace>>>,
    elsewhere: Option<Arc<dyn OtherBuckets>>,
    /// Where buckets stand among the places that chains led to; `None` where one could not be opened.
    opened: tokio::sync::Mutex<BTreeMap<String, Option<usize>>>,
}

/// Room for a file in memory; what is longer than all of it waits for all of it.
pub(crate) async fn room_for(room: &Arc<Semaphore>, size: u64) -> Result<OwnedSemaphorePermit> {
    let kib = u32::try_from(size >> 10).unwrap_or(u32::MAX).clamp(LEAST_KIB, ROOM_KIB);
    let permit = Arc::clone(room).acquire_many_owned(kib).await;
    permit.map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))
}

impl Run {
    /// All places that are known now.
    pub(crate) fn places(&self) -> Vec<Arc<TrailPlace>> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One of them.
    pub(crate) fn place(&self, at: usize) -> Option<Arc<TrailPlace>> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned()
    }

    /// Opens a bucket that a digest names; `None` where nobody can.
    pub(crate) async fn open(&self, bucket: &str) -> Option<usize> {
        let mut opened = self.opened.lock().await;
        if let Some(at) = opened.get(bucket) {
            return *at;
        }
        let place = match &self.elsewhere {
            Some(elsewhere) => elsewhere.open(bucket).await.ok(), // what lies there is told as not given
            None => None,
        };
        let at = place.map(|place| {
            let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
            places.push(Arc::new(place));
            places.len() - 1
        });
        opened.insert(bucket.to_owned(), at);
        at
    }

    /// As people read the place of a file.
    pub(crate) fn shown(&self, object: &Object) -> String {
        self.place(object.place).map_or_else(|| object.path.to_string(), |place| place.shown(&object.path))
    }

    /// The end of the days that are listed.
    pub(crate) fn last(&self) -> Timestamp {
        self.range.to.or(self.now).unwrap_or_else(Timestamp::now)
    }

    /// Whether any of the places would hold an object of this name.
    pub(crate) fn could_hold(&self, name: &ObjectName, is_copy: bool) -> bool {
        self.places().iter().any(|place| place.root().could_hold(name, is_copy))
    }

    /// Whether any of the places would hold an object of this name, which is of another region than a chain.
    fn could_hold_beside(&self, name: &ObjectName, chain: &ChainSummary) -> bool {
        let is_copy = chain.copied_from.is_some();
        let places = self.places();
        let mut roots = places.iter().map(|place| place.root());
        roots.any(|root| root.could_hold(name, is_copy) && !root.is_within(&chain.name.region))
    }

    /// The keys that are known now.
    pub(crate) fn keys(&self) -> KeyRing {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads a file, in its turn.
    pub(crate) async fn get(&self, object: &Object) -> Result<Option<Fetched>> {
        let Some(place) = self.place(object.place) else { return Ok(None) };
        let _room = room_for(&self.room, object.size).await?;
        place.get(object).await
    }

    /// Asks for the keys of a region, where digests name such as are not at hand.
    pub(crate) async fn ask_for_keys(&self, region: &str, digests: &[ReadDigest]) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let known = self.keys();
        let mut asked: Option<(Timestamp, Timestamp)> = None;
        for read in digests {
            let Ok(document) = &read.document else { continue };
            if known.get(&document.digest.fingerprint).is_none() {
                let time = read.made.unwrap_or(document.digest.end);
                let (from, to) = asked.unwrap_or((time, time));
                asked = Some((from.min(time), to.max(time)));
            }
        }
        let Some((from, to)) = asked else { return Ok(()) };
        let (from, to) = (from.0.saturating_sub(AROUND), to.0.saturating_add(AROUND));
        let keys = source.keys(region, Timestamp(from), Timestamp(to)).await?;
        let mut ring = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.into_iter().for_each(|key| ring.add(key));
        Ok(())
    }
}

/// Judges a trail. What is wrong with it is in the report; with it come the keys that were used, those of the API too.
///
/// # Errors
/// The world's failure where something cannot be listed or keys cannot be asked for.
#[async_recursion(?Send)]
pub async fn validate_trail(question: TrailQuestion, progress: &Arc<TrailProgress>) -> Result<(TrailReport, KeyRing)> {
    let TrailQuestion { places, range, filter, expect, keys, source, remembered, elsewhere, now } = question;
    let run = Run {
        range,
        progress: Arc::clone(progress),
        room: Arc::new(Semaphore::new(ROOM_KIB as usize)),
        remembered,
        now,
        keys: Mutex::new(keys),
        source,
        places: RwLock::new(places.into_iter().map(Arc::new).collect()),
        elsewhere,
        opened: tokio::sync::Mutex::default(),
    };
    let mut found = Found::default();
    for (at, place) in run.places().iter().enumerate() {
        discover(at, place, &filter, &mut found).await?;
    }
    let run = &run;
    let Found { groups, accounts } = found;
    let judging = groups.into_iter().map(|(key, group)| async move {
        if run.progress.is_stopped() { Ok(Outcome::default()) } else { group::judge(run, key, group).await }
    });
    let mut judging = std::pin::pin!(futures::stream::iter(judging).buffer_unordered(GROUPS_AT_ONCE));
    let mut outcomes = Vec::new();
    while let Some(outcome) = judging.next().await {
        outcomes.push(outcome?);
    }
    let asked = (&filter, &expect, &accounts);
    Ok((conclude(run, outcomes, asked), run.keys()))
}

/// Puts together what came of all accounts and regions.
fn conclude(
    run: &Run,
    outcomes: Vec<Outcome>,
    asked: (&TrailFilter, &TrailExpectation, &BTreeSet<String>),
) -> TrailReport {
    let newest = outcomes.iter().filter_map(|outcome| outcome.newest).max();
    let horizon = match (run.range.to, run.now) {
        (Some(to), Some(now)) => to.min(now),
        (Some(to), None) => to,
        (None, Some(now)) => now,
        (None, None) => newest.unwrap_or_default(),
    };
    let stopped = run.progress.is_stopped();
    let mut draft = Draft::default();
    let (mut silent, mut known) = (BTreeSet::new(), BTreeSet::new());
    let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
    for mut outcome in outcomes {
        let checked = &mut draft.checked;
        checked.digests += outcome.checked.digests;
        checked.digests_proven += outcome.checked.digests_proven;
        checked.log_files += outcome.checked.log_files;
        checked.log_files_proven += outcome.checked.log_files_proven;
        checked.log_files_resumed += outcome.checked.log_files_resumed;
        checked.bytes += outcome.checked.bytes;
        if let Some(chain) = outcome.chain.filter(|chain| !chain.region.is_empty() && !stopped) {
            let spans = std::mem::take(&mut outcome.spans);
            let has_digests = outcome.checked.digests > 0;
            if !has_digests && outcome.has_folder && outcome.unnamed.is_empty() {
                silent.insert((chain.account.clone(), chain.region.clone()));
            }
            if has_digests || outcome.has_folder || !outcome.unnamed.is_empty() {
                known.insert((chain.account.clone(), chain.region.clone()));
            }
            let mut findings = Vec::new();
            let about = (&chain, has_digests);
            draft.checked.log_files_not_due += coverage::unnamed(outcome.unnamed, spans, about, horizon, &mut findings);
            findings.into_iter().for_each(|finding| draft.findings.push(finding));
            accounts.insert(chain.account);
            regions.insert(chain.region);
        }
        draft.findings.append(outcome.findings);
        draft.chains.extend(outcome.chains);
        draft.notes.extend(outcome.notes);
    }
    (draft.checked.accounts, draft.checked.regions) = (accounts.len() as u64, regions.len() as u64);
    if !stopped {
        let (filter, file, accounts) = asked;
        let could_hold = |name: &ObjectName, chain: &ChainSummary| run.could_hold_beside(name, chain);
        let expected = Expected { filter, file, accounts, known: &known, could_hold: &could_hold };
        coverage::judge((run.range, horizon), &silent, &expected, &mut draft);
    }
    notes(&mut draft, horizon);
    draft.conclude(stopped)
}

/// What is worth knowing and is not wrong.
fn notes(draft: &mut Draft, horizon: Timestamp) {
    let checked = draft.checked.clone();
    if checked.digests == 0 {
        draft.notes.push(msg!("verify-trail-nothing"));
        return;
    }
    draft.notes.push(msg!("verify-trail-horizon", time = horizon.to_string()));
    let mut copies: Vec<String> = draft.chains.iter().filter_map(|chain| chain.copied_from.clone()).collect();
    copies.sort();
    copies.dedup();
    copies.iter().for_each(|bucket| draft.notes.push(msg!("verify-trail-copied", bucket = bucket.as_str())));
    if checked.log_files_not_due > 0 {
        draft.notes.push(msg!("verify-trail-not-due", count = checked.log_files_not_due));
    }
    if checked.log_files_resumed > 0 {
        draft.notes.push(msg!("verify-trail-resumed", count = checked.log_files_resumed));
    }
}
