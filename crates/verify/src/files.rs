//! The files of segments: each is there, with the size and the hash that its commit sealed; with `deep` each is opened.
//! Files that no commit names are told: a crash leaves such, and so does a commit that was cut off before it was sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use shoseki_event::RecordId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::File;
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{OWN_SOURCE, layout};

use crate::log::Logs;
use crate::table::{Erased, Expired, Replaced};
use crate::vault::Evidence;
use crate::verdict::{Problem, Report, Since};
use crate::{Place, deep};

/// A receipt, the record that it is and the commit that sealed it.
#[derive(Clone, Debug)]
pub(crate) struct FoundReceipt {
    pub(crate) id: RecordId,
    pub(crate) receipt: Receipt,
    pub(crate) since: Option<Since>,
}

/// The receipts of a vault.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    pub(crate) found: Vec<FoundReceipt>,
    /// Whether every file that holds receipts could be opened.
    pub(crate) are_all: bool,
}

/// How many orphans a note names.
const NAMED: usize = 10;

/// Judges all files.
pub(crate) async fn judge(evidence: &Evidence, logs: &Logs, report: &mut Report) -> Result<Receipts> {
    let mut named = BTreeSet::new();
    let mut jobs = Vec::new();
    for file in &logs.files {
        let name = format!("{}/{}", layout::EVENTS, file.add.path());
        let since = logs.since(file.version);
        let is_new = named.insert(name.clone());
        match evidence.listing.size(&name) {
            _ if !is_new => {} // the replay refused the second one
            None if logs.is_newer => {
                report.problem(Problem::unverifiable(name, msg!("verify-file-missing-newer")).since(since));
            }
            None => report.problem(Problem::tampered(name, msg!("verify-file-missing")).since(since)),
            Some(size) if size != file.add.size => {
                let message = msg!("verify-file-size", size = size, expected = file.add.size);
                report.problem(Problem::tampered(name, message).since(since));
            }
            Some(_) => jobs.push(Job::new(evidence, name, file, since)),
        }
    }
    jobs.extend(replaced(evidence, logs, &mut named, report));
    jobs.extend(expired(evidence, logs, &mut named, report));
    jobs.extend(erased(evidence, logs, &mut named, report));
    orphans(evidence, &named, report);
    let mut receipts = Receipts { found: Vec::new(), are_all: true };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let done = futures::stream::iter(jobs)
        .map(|job| {
            let place = evidence.place.clone();
            async move { job.run(&place).await }
        })
        .buffer_unordered(threads);
    let mut done = std::pin::pin!(done);
    while let Some(outcome) = done.try_next().await? {
        let is_good = outcome.problems.is_empty();
        outcome.problems.into_iter().for_each(|problem| report.problem(problem));
        report.checked.bytes += outcome.bytes;
        if is_good && !outcome.is_replaced {
            report.checked.files += 1;
            report.checked.segments += outcome.segments;
            report.checked.records += outcome.records;
        }
        receipts.are_all &= outcome.receipts.is_some();
        receipts.found.extend(outcome.receipts.into_iter().flatten());
    }
    if evidence.deep && logs.files.iter().any(|file| file.add.tags.key.is_some()) && !evidence.keys.can_open() {
        report.problem(Problem::unverifiable(layout::EVENTS, msg!("verify-deep-without-key")));
    }
    Ok(receipts)
}

/// The files that compactions replaced: what was in them lies in others now. Those that are still there are what they were;
/// they may be gone once the compaction is sealed, since then the one who seals says that they may.
fn replaced(evidence: &Evidence, logs: &Logs, named: &mut BTreeSet<String>, report: &mut Report) -> Vec<Job> {
    let (mut jobs, mut bytes) = (Vec::new(), 0);
    for Replaced { file, by } in &logs.replaced {
        let name = format!("{}/{}", layout::EVENTS, file.add.path());
        let since = logs.since(file.version);
        if !named.insert(name.clone()) {
            continue; // the replay refused the second one
        }
        match evidence.listing.size(&name) {
            None if *by < logs.sealed || logs.is_newer => {}
            None => report.problem(Problem::tampered(name, msg!("verify-file-missing")).since(since)),
            Some(size) if size != file.add.size => {
                let message = msg!("verify-file-size", size = size, expected = file.add.size);
                report.problem(Problem::tampered(name, message).since(since));
            }
            Some(size) => {
                bytes += size;
                jobs.push(Job { is_replaced: true, ..Job::new(evidence, name, file, since) });
            }
        }
    }
    if !jobs.is_empty() {
        report.note(msg!("verify-replaced", count = jobs.len(), bytes = bytes));
    }
    jobs
}

/// The files that expired: once the expiry is sealed, who seals it says that they go. Those that still lie there are what they were.
fn expired(evidence: &Evidence, logs: &Logs, named: &mut BTreeSet<String>, report: &mut Report) -> Vec<Job> {
    let (mut jobs, mut bytes) = (Vec::new(), 0);
    let mut gone = BTreeMap::<u64, u64>::new();
    for Expired { file, by } in &logs.expired {
        let name = format!("{}/{}", layout::EVENTS, file.add.path());
        let since = logs.since(file.version);
        if !named.insert(name.clone()) {
            continue; // the replay refused the second one
        }
        let is_sealed = *by < logs.sealed;
        if is_sealed {
            *gone.entry(*by).or_default() += file.add.records();
        }
        match evidence.listing.size(&name) {
            None if is_sealed || logs.is_newer => {}
            None => report.problem(Problem::tampered(name, msg!("verify-file-missing")).since(since)),
            Some(size) if size != file.add.size => {
                let message = msg!("verify-file-size", size = size, expected = file.add.size);
                report.problem(Problem::tampered(name, message).since(since));
            }
            Some(size) => {
                bytes += size;
                jobs.push(Job { is_replaced: true, ..Job::new(evidence, name, file, since) });
            }
        }
    }
    for (version, records) in gone {
        report.note(msg!("verify-expired", version = version, records = records));
    }
    if !jobs.is_empty() {
        report.note(msg!("verify-expired-there", count = jobs.len(), bytes = bytes));
    }
    jobs
}

/// The files of which records were erased: once the erasure is sealed they go. Those that still lie there are what they were, and so
/// are the copies that compactions left, in which the records are too.
fn erased(evidence: &Evidence, logs: &Logs, named: &mut BTreeSet<String>, report: &mut Report) -> Vec<Job> {
    let mut jobs = Vec::new();
    for Erased { file, by } in &logs.erased {
        let name = format!("{}/{}", layout::EVENTS, file.add.path());
        let since = logs.since(file.version);
        if !named.insert(name.clone()) {
            continue; // the replay refused the second one
        }
        match evidence.listing.size(&name) {
            None if *by < logs.sealed || logs.is_newer => {}
            None => report.problem(Problem::tampered(name, msg!("verify-file-missing")).since(since)),
            Some(size) if size != file.add.size => {
                let message = msg!("verify-file-size", size = size, expected = file.add.size);
                report.problem(Problem::tampered(name, message).since(since));
            }
            Some(_) => jobs.push(Job { is_replaced: true, ..Job::new(evidence, name, file, since) }),
        }
    }
    for (version, erasure) in logs.erasures.range(..logs.sealed) {
        report.note(msg!(
            "verify-erased",
            version = *version,
            records = erasure.records,
            ground = erasure.ground.as_str(),
            asked = erasure.asked_by.as_str(),
            by = erasure.by.as_str()
        ));
    }
    let has_erased = |file: &File| {
        let mut tags = file.add.tags.segments.iter();
        tags.any(|tag| logs.replay.erased_in(tag.id).any(|(_, by)| by > file.version && by < logs.sealed))
    };
    let is_there = |file: &File| evidence.listing.size(&format!("{}/{}", layout::EVENTS, file.add.path())).is_some();
    let replaced = logs.replaced.iter().map(|replaced| &replaced.file);
    let left = replaced.chain(logs.erased.iter().map(|erased| &erased.file));
    let left = left.filter(|file| has_erased(file) && is_there(file)).count();
    if left > 0 {
        report.note(msg!("verify-erased-left", count = left));
    }
    jobs
}

fn orphans(evidence: &Evidence, named: &BTreeSet<String>, report: &mut Report) {
    let mut orphans = Vec::new();
    for (name, _) in evidence.listing.under(layout::EVENTS) {
        if named.contains(name) || name.starts_with(layout::DELTA_LOG) {
            continue;
        }
        if is_data_file(name) {
            orphans.push(name);
        } else {
            report.problem(Problem::tampered(name, msg!("verify-object-unknown")));
        }
    }
    if !orphans.is_empty() {
        let names = orphans.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        report.note(msg!("verify-orphans", count = orphans.len(), names = names));
    }
}

/// Whether a name has the form of a segment's file.
fn is_data_file(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let [_, class, day, file] = parts.as_slice() else { return false };
    let is_id = |id: &str| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    class.starts_with("class=") && day.starts_with("day=") && file.strip_suffix(".parquet").is_some_and(is_id)
}

/// One file to be judged.
struct Job {
    name: String,
    file: File,
    since: Option<Since>,
    keys: Arc<crate::keys::Keys>,
    deep: bool,
    /// Whether it is no longer in the table: then it is judged by its hash alone.
    is_replaced: bool,
}

#[derive(Default)]
struct Outcome {
    problems: Vec<Problem>,
    bytes: u64,
    segments: u64,
    records: u64,
    is_replaced: bool,
    /// `None` where the file holds receipts and could not be opened.
    receipts: Option<Vec<FoundReceipt>>,
}

impl Job {
    fn new(evidence: &Evidence, name: String, file: &File, since: Option<Since>) -> Self {
        let (keys, deep) = (Arc::clone(&evidence.keys), evidence.deep);
        Self { name, file: file.clone(), since, keys, deep, is_replaced: false }
    }

    async fn run(self, place: &Place) -> Result<Outcome> {
        let Some(bytes) = place.get(&self.name).await? else {
            if self.is_replaced {
                return Ok(Outcome { is_replaced: true, receipts: Some(Vec::new()), ..Outcome::default() }); // since listed
            }
            let missing = Problem::tampered(self.name.as_str(), msg!("verify-file-missing")).since(self.since);
            return Ok(Outcome { problems: vec![missing], ..Outcome::default() });
        };
        tokio::task::spawn_blocking(move || self.check(bytes))
            .await
            .map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))
    }

    fn check(&self, bytes: bytes::Bytes) -> Outcome {
        let tags = &self.file.add.tags;
        let mut outcome = Outcome {
            bytes: bytes.len() as u64,
            segments: tags.segments.len() as u64,
            records: self.file.add.left(),
            is_replaced: self.is_replaced,
            ..Outcome::default()
        };
        let problem = |problem: Problem| problem.since(self.since);
        if Sha256::digest(&bytes).as_slice() != tags.sha256.0 {
            outcome.problems.push(problem(Problem::tampered(self.name.as_str(), msg!("verify-file-changed"))));
            return outcome;
        }
        if self.is_replaced {
            outcome.receipts = Some(Vec::new());
            return outcome;
        }
        let has_receipts = tags.segments.iter().any(|tag| tag.source == OWN_SOURCE);
        if let Some(wrapped) = tags.key.as_ref().filter(|wrapped| !self.keys.has(&wrapped.id)) {
            let message = msg!("verify-class-key-missing", id = wrapped.id.as_str());
            outcome.problems.push(problem(Problem::tampered(format!("{}/{}", layout::KEYS, wrapped.id), message)));
            return outcome;
        }
        if tags.key.is_some() && !self.keys.can_open() {
            outcome.receipts = (!has_receipts).then(Vec::new);
            return outcome;
        }
        let key = match self.keys.file_key(&self.file.add) {
            Ok(key) => key,
            Err(fault) => {
                outcome.problems.push(problem(Problem::of(self.name.as_str(), fault)));
                return outcome;
            }
        };
        if !self.deep && !has_receipts {
            outcome.receipts = Some(Vec::new());
            return outcome;
        }
        let opened = if self.deep {
            deep::check(bytes, key.as_ref(), &self.file, &self.name)
        } else {
            deep::receipts(bytes, key.as_ref(), &self.name)
        };
        outcome.problems.extend(opened.problems.into_iter().map(problem));
        let found = |(id, receipt)| FoundReceipt { id, receipt, since: self.since };
        outcome.receipts = Some(opened.receipts.into_iter().map(found).collect());
        outcome
    }
}

/// The files by the segments that they hold.
pub(crate) fn by_segment(logs: &Logs) -> BTreeMap<String, Arc<File>> {
    let mut files = BTreeMap::new();
    for file in logs.files.iter().cloned().map(Arc::new) {
        files.extend(file.add.tags.segments.iter().map(|tag| (tag.id.to_string(), Arc::clone(&file))));
    }
    files
}
