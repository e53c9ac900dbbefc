//! Erasure: records that one person asked to erase and another confirmed go, file by file, and their leaves stay.
//!
//! ```text
//! request (configure) ─► plan ─► files without them ─► read again ─► commit (remove, add) ─► seal ─► delete
//! ```
//!
//! Nothing is deleted whose erasure is not sealed. If the process dies, the next run writes the files anew, or deletes what was
//! sealed.

use async_recursion::async_recursion;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde::Serialize;
use shoseki_event::{RecordId, SegmentId, Timestamp};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{Action, Add, Commit, Erasure, File, LAYOUT_KEY, MAX_COMMIT_BYTES, Remove, Replay};
use shoseki_segment::erasure::{ERASURE_KEY, MAX_RUNS, Request, requests};
use shoseki_segment::keys::Secret;
use shoseki_segment::retention::{Hold, Step, holds, is_same_person, months_after};
use shoseki_segment::{
    Built, Erased, Layout, Merged, OWN_SOURCE, Roots, SegmentTag, check_roots, erase, layout, new_name, records,
};

use crate::Vault;
use crate::ingest::{Meter, reread};
use crate::vault::Snapshot;

/// What would go of a file.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file as it is.
    pub file: File,
    /// The records that go.
    pub records: Erased,
    /// The holds that cover a segment of them: then nothing goes.
    pub held: Vec<String>,
    /// The day until which its class is kept; `None` where it is kept for ever.
    pub kept_until: Option<shoseki_event::Day>,
    /// The period of its class, in months.
    pub months: Option<u32>,
    /// Whether the policy keeps its class for ever, by its words.
    pub is_for_ever: bool,
}

/// What would go.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// File by file, in the order of their paths.
    pub parts: Vec<Part>,
    /// Files kept whole that have it too, by their SHA-256, with what they were received as.
    pub originals: BTreeMap<String, String>,
    /// The holds that may cover something else in these: then nothing goes.
    pub held_beside: BTreeSet<String>,
    /// Records of our own, which are not erased.
    pub own: Vec<RecordId>,
    /// Records that were erased before.
    pub before: u64,
}

impl Plan {
    /// The records, by segment.
    pub fn records(&self) -> Erased {
        self.parts.iter().flat_map(|part| part.records.clone()).collect()
    }

    /// How many records would go.
    pub fn count(&self) -> u64 {
        self.parts.iter().flat_map(|part| part.records.values()).map(shoseki_segment::Ordinals::len).sum()
    }

    /// That one commit can say it.
    ///
    /// # Errors
    /// The caller's mistake where it is too much for one.
    pub fn check_size(&self) -> Result<()> {
        let length = |part: &Part| part.file.add.tags.to_map().values().map(String::len).sum::<usize>();
        let lines: usize = self.parts.iter().map(|part| length(part) * 5 / 4 + 2_048).sum();
        if lines > MAX_COMMIT_BYTES / 2 {
            return Err(Fault::caller(msg!("erasure-too-large", files = self.parts.len())));
        }
        Ok(())
    }

    /// The holds that forbid it.
    pub fn held(&self) -> BTreeSet<&str> {
        self.parts.iter().flat_map(|part| &part.held).chain(&self.held_beside).map(String::as_str).collect()
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records that were erased.
    pub records: u64,
    /// Files that were written anew.
    pub files: u64,
    /// The commit that did it.
    pub version: u64,
    /// The objects that were deleted.
    pub deleted: Vec<String>,
    /// The tree's size after the sealing.
    pub tree_size: u64,
    /// Whether it was stopped before its end: then nothing was erased.
    pub stopped: bool,
    /// Whether it had been committed before.
    pub again: bool,
}

fn unreadable(why: String) -> Fault {
    Fault::damage(msg!("retention-unreadable", why = why))
}

impl Snapshot {
    /// The requests to erase, by id.
    ///
    /// # Errors
    /// Damage where one cannot be read.
    pub fn erasures(&self) -> Result<BTreeMap<String, Request>> {
        let empty = BTreeMap::new();
        requests(self.replay.table().map_or(&empty, |table| &table.configuration)).map_err(unreadable)
    }

    /// That a record was not erased.
    ///
    /// # Errors
    /// The caller's mistake where it was, with the commit.
    pub(crate) fn check_not_erased(&self, id: RecordId) -> Result<()> {
        match self.replay.erased_by(id.segment, id.ordinal) {
            Some(version) => {
                Err(Fault::caller(msg!("vault-record-erased", record = id.to_string(), version = version)))
            }
            None => Ok(()),
        }
    }
}

impl Vault {
    /// What would go with some records, and what forbids it. Nothing is done.
    ///
    /// # Errors
    /// The caller's mistake where a record is not there or expired; damage where a file is not what was sealed; the world's failure
    /// where it cannot be read.
    #[async_recursion]
    pub async fn plan_erasure(&self, snapshot: &Snapshot, ids: &[RecordId]) -> Result<Plan> {
        let replay = &snapshot.replay;
        let settings = replay.table().map(|table| table.configuration.clone()).unwrap_or_default();
        let (holds, policy) = (holds(&settings).map_err(unreadable)?, snapshot.policy()?);
        let mut plan = Plan::default();
        let mut wanted: BTreeMap<SegmentId, BTreeSet<u32>> = BTreeMap::new();
        for id in ids {
            if replay.erased_by(id.segment, id.ordinal).is_some() {
                plan.before += 1;
            } else {
                wanted.entry(id.segment).or_default().insert(id.ordinal);
            }
        }
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        for (segment, ordinals) in wanted {
            let (file, tag) = place(replay, segment)?;
            if tag.source == OWN_SOURCE {
                plan.own.extend(ordinals.into_iter().map(|ordinal| RecordId { segment, ordinal }));
                continue;
            }
            if let Some(ordinal) = ordinals.iter().find(|ordinal| **ordinal >= tag.count) {
                let id = RecordId { segment, ordinal: *ordinal };
                return Err(Fault::caller(msg!("vault-record-unknown", record = id.to_string())));
            }
            let months = policy.months(&file.add.class);
            let part = parts.entry(file.add.path()).or_insert_with(|| Part {
                file: file.clone(),
                records: Erased::new(),
                held: Vec::new(),
                kept_until: months.and_then(|months| months_after(file.add.day, months)),
                months,
                is_for_ever: policy.classes.get(&file.add.class) == Some(&None),
            });
            let covering = holds.iter().filter(|(_, hold)| hold.is_in_force() && hold.covers(tag));
            part.held.extend(covering.map(|(id, _)| id.clone()));
            part.records.insert(segment, ordinals.into_iter().collect());
        }
        plan.parts = parts.into_values().collect();
        self.find_originals(snapshot, &holds, &mut plan).await?;
        Ok(plan)
    }

    /// Finds the files kept whole that have some of the records, by reading each as an ingest does. What else is in them may be held.
    async fn find_originals(&self, snapshot: &Snapshot, holds: &BTreeMap<String, Hold>, plan: &mut Plan) -> Result<()> {
        let kept = self.originals(snapshot).await?.into_iter().filter(|original| !original.is_document);
        let kept =
            kept.map(|original| original.receipt).filter(|receipt| receipt.recipe.is_none() && !receipt.not_kept);
        let kept: BTreeMap<String, String> = kept
            .filter(|receipt| snapshot.replay.erased_original(&receipt.received.sha256).is_none())
            .map(|receipt| (receipt.received.sha256, receipt.origin))
            .collect();
        if kept.is_empty() || plan.parts.is_empty() {
            return Ok(());
        }
        let sought = Arc::new(self.sought(plan).await?);
        for (sha256, origin) in kept {
            let bytes = match self.kept(&sha256, &origin).await {
                Ok(bytes) => bytes,
                Err(fault) if fault.kind() == Kind::Caller => continue, // it is not there
                Err(fault) => return Err(fault),
            };
            let (asked, holds) = (Arc::clone(&sought), holds.clone());
            let read = tokio::task::spawn_blocking(move || asked.look(&bytes, &holds));
            let read = read.await.map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))?;
            if let Some(held) = read {
                plan.originals.insert(sha256, origin);
                plan.held_beside.extend(held);
            }
        }
        Ok(())
    }

    /// The bytes of the records of a plan, and their sources.
    async fn sought(&self, plan: &Plan) -> Result<Sought> {
        let mut sought = Sought::default();
        for part in &plan.parts {
            let (footer, slots) = self.sealed(&part.file).await?;
            let mut slots = slots.iter();
            for ((segment, _), tag) in footer.segments.iter().zip(&part.file.add.tags.segments) {
                let gone = part.records.get(segment);
                for (ordinal, slot) in (0..tag.count).zip(slots.by_ref()) {
                    let is_gone = gone.is_some_and(|gone| gone.contains(ordinal));
                    if let Some(sealed) = slot.record().filter(|_| is_gone) {
                        sought.raws.insert(sealed.raw.clone());
                        sought.sources.insert(tag.source.clone());
                    }
                }
            }
        }
        Ok(sought)
    }

    /// Asks to erase, as a sealed change of the configuration.
    ///
    /// # Errors
    /// The caller's mistake where it names too much; damage where the grammar refuses it; the world's failure where the vault cannot
    /// be written.
    #[async_recursion]
    pub async fn request_erasure(&self, id: &str, request: &Request) -> Result<bool> {
        let runs: usize = request.records.values().map(|ordinals| ordinals.runs().len()).sum();
        if runs > MAX_RUNS {
            return Err(Fault::caller(msg!("erasure-too-much", count = runs, limit = MAX_RUNS)));
        }
        let (key, text) = (format!("{ERASURE_KEY}{id}"), request.to_text());
        self.configure(&key, |replay| replay.setting(&key).is_none().then(|| Some(text.clone()))).await
    }

    /// Takes a request back, as a sealed change of the configuration.
    ///
    /// # Errors
    /// The caller's mistake where it is not there, was taken back or done; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn withdraw_erasure(&self, id: &str, step: Step) -> Result<()> {
        let snapshot = self.snapshot().await?;
        let seen = open(&snapshot, id)?;
        let (key, text) = (format!("{ERASURE_KEY}{id}"), Request { withdrawn: Some(step), ..seen.clone() }.to_text());
        let (seen, is_moved) = (seen.to_text(), AtomicBool::new(false));
        let set = self.configure(&key, |replay| {
            let is_open = replay.setting(&key) == Some(seen.as_str()) && replay.erasure(id).is_none();
            is_moved.store(!is_open, Ordering::Relaxed);
            is_open.then(|| Some(text.clone()))
        });
        set.await?;
        if is_moved.into_inner() { open(&self.snapshot().await?, id).map(drop) } else { Ok(()) }
    }

    /// Does what was asked for, confirmed by another person, and deletes what had it. A second run does no harm: it deletes what an
    /// earlier one left.
    ///
    /// # Errors
    /// The caller's mistake where nobody asked for it, it was taken back, one person does it alone, a hold forbids it, or a record
    /// expired meanwhile; damage where a file is not what was sealed; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn erase(&self, id: &str, by: &str, meter: &Meter) -> Result<Summary> {
        self.check_before_adding().await?;
        self.seal().await?;
        loop {
            let snapshot = self.snapshot().await?;
            if let Some(version) = snapshot.replay.erasure(id) {
                return self.finish_erasure(version, Summary { again: true, ..Summary::default() }).await;
            }
            let request = open(&snapshot, id)?;
            if is_same_person(&request.by, by) {
                return Err(Fault::caller(msg!("erasure-same-person", by = request.by.as_str())));
            }
            let gone = request.erased().map_err(unreadable)?;
            self.check(&snapshot, id, &request, &gone).await?;
            let mut files: BTreeMap<String, (File, Erased)> = BTreeMap::new();
            for (segment, ordinals) in &gone {
                let (file, _) = place(&snapshot.replay, *segment)?;
                let of = files.entry(file.add.path()).or_insert_with(|| (file.clone(), Erased::new()));
                of.1.insert(*segment, ordinals.clone());
            }
            Meter::add(&meter.files, files.len() as u64);
            let (mut removes, mut adds) = (Vec::with_capacity(files.len()), Vec::with_capacity(files.len()));
            let mut is_lost = false;
            for (file, gone) in files.into_values() {
                if meter.is_stopped() {
                    return Ok(Summary { stopped: true, tree_size: snapshot.size(), ..Summary::default() });
                }
                removes.push(Remove::from(&file.add));
                match self.without(&snapshot.replay, &file, gone).await {
                    Ok(add) => adds.push(add),
                    // A file that is gone may have been replaced, and deleted, since.
                    Err(_) if !self.holds(&removes).await? => is_lost = true,
                    Err(fault) => return Err(fault),
                }
                if is_lost {
                    break;
                }
                Meter::add(&meter.files_done, 1);
                Meter::add(&meter.bytes_done, file.add.size);
            }
            if is_lost {
                continue; // a compaction was here first: what is left is looked at anew
            }
            let erasure = Erasure {
                request: id.to_owned(),
                asked_by: request.by.clone(),
                by: by.to_owned(),
                ground: request.ground.clone(),
                why: request.why.clone(),
                segments: gone.len() as u64,
                records: request.count(),
            };
            let (files, records) = (adds.len() as u64, erasure.records);
            if let Some(version) = self.commit_erasure(erasure, removes, adds).await? {
                return self.finish_erasure(version, Summary { records, files, ..Summary::default() }).await;
            }
        }
    }

    /// The data files that ever had records of some segments, by the commits before one, and are not of the table now; in the order of
    /// their names. Where a bucket keeps versions they may lie there still.
    ///
    /// # Errors
    /// Damage where a commit is missing or not of the grammar; the world's failure else.
    #[async_recursion]
    pub async fn files_that_had(
        &self,
        snapshot: &Snapshot,
        segments: &BTreeSet<SegmentId>,
        before: u64,
    ) -> Result<BTreeSet<String>> {
        let replay = &snapshot.replay;
        let first = segments.iter().filter_map(|segment| replay.commit_of(*segment));
        let moved = replay.compactions().iter().copied().chain(replay.erasures());
        let versions: BTreeSet<u64> = first.chain(moved).filter(|version| *version < before).collect();
        let mut names = BTreeSet::new();
        for version in versions {
            let adds = match Commit::parse(&self.store().need(&layout::commit(version)).await?)?.action {
                Action::Ingest { adds, .. } | Action::Erase { adds, .. } => adds,
                Action::Compact { add, .. } => vec![add],
                Action::Create(_) | Action::Expire { .. } | Action::Configure(_) => Vec::new(),
            };
            let has_one = |add: &Add| add.tags.segments.iter().any(|tag| segments.contains(&tag.id));
            let gone = adds.into_iter().filter(has_one).filter(|add| replay.file(&add.path()).is_none());
            names.extend(gone.map(|add| format!("{}/{}", layout::EVENTS, add.path())));
        }
        Ok(names)
    }

    /// That a request can be done as it stands: nothing of it is held or erased already, and it names exactly the files kept whole
    /// that have its records, whatever somebody wrote into it.
    async fn check(&self, snapshot: &Snapshot, id: &str, request: &Request, gone: &Erased) -> Result<()> {
        let ids = gone.iter().flat_map(|(segment, ordinals)| {
            ordinals.iter().map(|ordinal| RecordId { segment: *segment, ordinal }).collect::<Vec<_>>()
        });
        let ids: Vec<RecordId> = ids.collect();
        let other = |id: &RecordId| snapshot.replay.erased_by(id.segment, id.ordinal);
        if let Some(version) = ids.iter().find_map(other) {
            return Err(Fault::caller(msg!("erasure-overtaken", id = id, version = version)));
        }
        let plan = self.plan_erasure(snapshot, &ids).await?;
        if let Some(hold) = plan.held().first() {
            let holds = snapshot.holds()?;
            let why = holds.get(*hold).map(|hold| hold.why.as_str()).unwrap_or_default();
            return Err(Fault::caller(msg!("erasure-held", hold = *hold, why = why)));
        }
        if !plan.originals.keys().eq(&request.originals) {
            let named = |all: &mut dyn Iterator<Item = &String>| all.take(3).cloned().collect::<Vec<_>>().join(", ");
            let (found, asked) = (named(&mut plan.originals.keys()), named(&mut request.originals.iter()));
            return Err(Fault::caller(msg!("erasure-originals-differ", id = id, found = found, asked = asked)));
        }
        plan.check_size()
    }

    async fn finish_erasure(&self, version: u64, summary: Summary) -> Result<Summary> {
        let tree_size = self.seal().await?.0.size();
        let deleted = self.delete_gone().await?.names;
        Ok(Summary { version, deleted, tree_size, ..summary })
    }

    /// Writes the file that has what is left of another, and gives what its commit says.
    async fn without(&self, replay: &Replay, file: &File, gone: Erased) -> Result<Add> {
        let (bytes, key) = (self.read_file(file).await?, self.file_key(&file.add).await?);
        let class_key = match (&file.add.tags.key, self.ring()) {
            (Some(wrapped), Some(ring)) => Some((wrapped.id.clone(), ring.get(&wrapped.id).await?)),
            _ => None,
        };
        let commits = file.add.tags.segments.iter().map(|tag| replay.commit_of(tag.id)).collect();
        let layout = replay.setting(LAYOUT_KEY).and_then(Layout::from_name).unwrap_or_default();
        let format = replay.format();
        let whole = Whole { add: file.add.clone(), bytes, key, commits, layout, format };
        let built = tokio::task::spawn_blocking(move || whole.without(&gone, class_key))
            .await
            .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))??;
        let path = format!("{}/{}", layout::EVENTS, built.add.path());
        self.store().create_same(&path, built.bytes).await?;
        Ok(built.add)
    }
}

/// What is looked for in files kept whole.
#[derive(Debug, Default)]
struct Sought {
    raws: HashSet<Bytes>,
    sources: BTreeSet<String>,
}

impl Sought {
    /// Whether a file has one of the records, and then the holds that may cover another in it. Which stream a record was given is not
    /// known here, and which segments answer a question neither: such a hold may.
    fn look(&self, bytes: &Bytes, holds: &BTreeMap<String, Hold>) -> Option<BTreeSet<String>> {
        let sources: Vec<_> = self.sources.iter().filter_map(|source| shoseki_sources::by_id(source)).collect();
        let (mut has_one, mut held) = (false, BTreeSet::new());
        reread::records(bytes, &sources, &mut |record| {
            if self.raws.contains(&record.raw) {
                has_one = true;
                return;
            }
            let (source, time) = (&*record.provenance.source, record.columns.time.0);
            let may_cover = |hold: &Hold| {
                let is_source = hold.sources.is_empty() || hold.sources.contains(source);
                let is_within = hold.from.is_none_or(|from| time >= from) && hold.to.is_none_or(|to| time < to);
                hold.is_in_force() && (hold.query.is_some() || is_source && is_within)
            };
            held.extend(holds.iter().filter(|(_, hold)| may_cover(hold)).map(|(id, _)| id.clone()));
        });
        has_one.then_some(held)
    }
}

/// The file of a segment, and what its commit says of it.
fn place(replay: &Replay, segment: SegmentId) -> Result<(&File, &SegmentTag)> {
    let name = segment.to_string();
    if let Some(version) = replay.expired_by(segment) {
        return Err(Fault::caller(msg!("vault-segment-expired", segment = name, version = version)));
    }
    let unknown = || Fault::caller(msg!("vault-segment-unknown", segment = name.as_str()));
    let file = replay.file_of(segment).ok_or_else(unknown)?;
    let tag = file.add.tags.segments.iter().find(|tag| tag.id == segment).ok_or_else(unknown)?;
    Ok((file, tag))
}

/// A request that was neither done nor taken back.
fn open(snapshot: &Snapshot, id: &str) -> Result<Request> {
    let unknown = || Fault::caller(msg!("erasure-unknown", id = id));
    let request = snapshot.erasures()?.remove(id).ok_or_else(unknown)?;
    if let Some(version) = snapshot.replay.erasure(id) {
        return Err(Fault::caller(msg!("erasure-done", id = id, version = version)));
    }
    match &request.withdrawn {
        Some(step) => Err(Fault::caller(msg!("erasure-withdrawn", id = id, by = step.by.as_str()))),
        None => Ok(request),
    }
}

/// A file as it is, read.
struct Whole {
    add: Add,
    bytes: Bytes,
    key: Option<Secret>,
    commits: Vec<Option<u64>>,
    layout: Layout,
    format: u32,
}

impl Whole {
    /// Makes sure that it holds what was sealed, writes it without some records, and makes sure of that too.
    fn without(self, gone: &Erased, class_key: Option<(String, Secret)>) -> Result<Built> {
        let Self { add, bytes, key, commits, layout, format } = self;
        let located = |fault: Fault| Fault::damage(msg!("vault-compact-damaged", path = add.path())).because(fault);
        let (footer, batches) = records(bytes, key.as_ref(), &[]).map_err(located)?;
        let mut roots = Roots::of(&add.tags.segments, &footer).map_err(located)?;
        let mut rows = Vec::new();
        for batch in batches {
            let batch = batch.map_err(located)?;
            roots.push(&batch).map_err(located)?;
            rows.push(batch);
        }
        roots.finish().map_err(located)?;
        let tags = add.tags.segments.iter().zip(commits).map(|(tag, commit)| SegmentTag { commit, ..tag.clone() });
        let segments = tags.zip(footer.segments.into_iter().map(|(_, seeds)| seeds)).collect();
        let (class, day) = (add.class.clone(), add.day);
        let file = Merged { name: new_name()?, class, day, layout, format, segments, rows };
        let name = file.name.to_string();
        let class_key = class_key.as_ref().map(|(id, key)| (id.as_str(), key));
        let built = erase(file, gone, class_key, Timestamp::now())?;
        let opened = match (&built.add.tags.key, class_key) {
            (Some(wrapped), Some((_, class_key))) => Some(wrapped.open(class_key, &name)?),
            _ => None,
        };
        let broken = |fault: Fault| Fault::broken(msg!("segment-write")).because(fault);
        check_roots(built.bytes.clone(), opened.as_ref(), &built.add.tags.segments).map_err(broken)?;
        Ok(built)
    }
}
