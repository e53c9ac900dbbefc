//! The log files that the digests of an account and region name: each is there, is what its hash says, and nothing else lies
//! in it. They are read many at once, within bounds of requests and of memory.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt;
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_sources::{NamedLogFile, ObjectName};
use tokio::sync::Semaphore;

use super::chain::{Document, ReadDigest, Standing};
use super::content::{self, NoContent};
use super::finding::{ChainName, Finding, Flaw};
use super::group::Outcome;
use super::place::{Located, last, plain, shown};
use super::run::{Run, room_for};
use super::tree::{Object, TrailPlace};
use super::{Remembered, TrailProgress};

/// How many files are read at once.
const AT_ONCE: usize = 64;
/// From this length on a file is hashed on a thread of its own.
const LONG: u64 = 1 << 20;

/// The order of files by which they are looked up.
pub(crate) fn order(a: &str, b: &str) -> Ordering {
    plain(last(a)).cmp(plain(last(b))).then_with(|| a.cmp(b))
}

/// A log file to be hashed.
struct Job {
    digest: usize,
    object: usize,
    sha256: [u8; 32],
}

/// What was found in it.
enum Seen {
    Intact { bytes: u64, is_resumed: bool },
    Flawed { bytes: u64, flaw: Flaw, message: Message },
    Stopped,
}

/// Checks the log files. Says of each that is here whether a digest names it.
pub(crate) async fn check(
    run: &Run,
    (digests, standings): (&[ReadDigest], &[Standing]),
    logs: &[Object],
    outcome: &mut Outcome,
) -> Result<Vec<bool>> {
    let mut used = vec![false; logs.len()];
    let (mut jobs, mut seen_before) = (Vec::new(), HashSet::new());
    for (at, (read, standing)) in digests.iter().zip(standings).enumerate() {
        let Ok(Document { digest, .. }) = &read.document else { continue };
        let is_later = run.range.to.is_some_and(|to| digest.start >= to);
        let mut missing = Missing::default();
        for named in &digest.log_files {
            let found = find(run, logs, &named.place);
            found.iter().for_each(|found| used[*found] = true);
            if is_later || *standing == Standing::Refuted {
                continue; // what it says of the file is worth nothing
            }
            let Some(sha256) = named.hash else {
                outcome.checked.log_files += 1;
                let finding = of_log(Flaw::AlgorithmUnknown, read, named, msg!("verify-trail-hash-unknown"));
                outcome.findings.push(finding);
                continue;
            };
            if found.is_empty() {
                outcome.checked.log_files += 1;
                missing.take(run, read, named, outcome);
            }
            // Each copy is read, and once where it is named twice.
            for object in found.into_iter().filter(|object| seen_before.insert((*object, sha256))) {
                outcome.checked.log_files += 1;
                jobs.push(Job { digest: at, object, sha256 });
            }
        }
        missing.tell(read, outcome);
    }
    read(run, (digests, standings), (logs, &jobs), outcome).await?;
    Ok(used)
}

async fn read(
    run: &Run,
    (digests, standings): (&[ReadDigest], &[Standing]),
    (logs, jobs): (&[Object], &[Job]),
    outcome: &mut Outcome,
) -> Result<()> {
    run.progress.add_files(jobs.len() as u64);
    let working = jobs.iter().filter_map(|job| Some((job, logs.get(job.object)?, digests.get(job.digest)?)));
    let working = working.map(|(job, object, read)| {
        let task = Task {
            object: object.clone(),
            sha256: job.sha256,
            place: run.place(object.place),
            progress: Arc::clone(&run.progress),
            room: Arc::clone(&run.room),
            remembered: run.remembered.clone(),
        };
        async move { (job, object, read, tokio::spawn(task.run()).await) }
    });
    let mut working = std::pin::pin!(futures::stream::iter(working).buffer_unordered(AT_ONCE));
    while let Some((job, object, read, seen)) = working.next().await {
        let seen = seen.map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))?;
        match seen {
            Ok(Seen::Intact { bytes, is_resumed }) => {
                outcome.checked.bytes += bytes;
                let is_proven = standings.get(job.digest) == Some(&Standing::Proven);
                outcome.checked.log_files_proven += u64::from(is_proven);
                outcome.checked.log_files_resumed += u64::from(is_resumed);
            }
            Ok(Seen::Flawed { bytes, flaw, message }) => {
                outcome.checked.bytes += bytes;
                outcome.findings.push(about(flaw, read, run.shown(object), message));
            }
            Ok(Seen::Stopped) => {}
            Err(fault) => {
                outcome.findings.push(about(Flaw::Unreadable, read, run.shown(object), unreadable(&fault)));
            }
        }
    }
    Ok(())
}

/// Why a file could not be read. What systems say of that is English.
pub(crate) fn unreadable(fault: &Fault) -> Message {
    msg!("verify-trail-unreadable", why = fault.chain(Lang::En))
}

/// What a digest names and what is not here.
#[derive(Default)]
struct Missing {
    outside: usize,
    first: Option<ObjectName>,
}

impl Missing {
    fn take(&mut self, run: &Run, read: &ReadDigest, named: &NamedLogFile, outcome: &mut Outcome) {
        let is_copy = read.document.as_ref().is_ok_and(|document| document.located == Located::OtherBucket);
        if run.could_hold(&named.place, is_copy) {
            outcome.findings.push(of_log(Flaw::LogMissing, read, named, msg!("verify-trail-log-missing")));
        } else {
            self.outside += 1;
            self.first.get_or_insert_with(|| named.place.clone());
        }
    }

    fn tell(self, read: &ReadDigest, outcome: &mut Outcome) {
        let Some(first) = self.first else { return };
        let message = msg!("verify-trail-logs-outside", count = self.outside, first = shown(&first));
        outcome.findings.push(about(Flaw::NotGiven, read, read.shown.clone(), message));
    }
}

fn of_log(flaw: Flaw, read: &ReadDigest, named: &NamedLogFile, message: Message) -> Finding {
    about(flaw, read, shown(&named.place), message)
}

fn about(flaw: Flaw, read: &ReadDigest, what: String, message: Message) -> Finding {
    let chain: &ChainName = &read.chain;
    let finding = Finding::new(flaw, chain, what, message).told_by(&*read.shown);
    match &read.document {
        Ok(Document { digest, .. }) => finding.during(digest.start, digest.end),
        Err(_) => finding.during(read.time, read.time),
    }
}

/// The file that a digest names, among those here: that which lies in its place, and its copies.
fn find(run: &Run, logs: &[Object], place: &ObjectName) -> Vec<usize> {
    let name = plain(last(&place.key));
    let first = logs.partition_point(|log| plain(last(&log.path)) < name);
    let same = logs.iter().enumerate().skip(first).take_while(|(_, log)| plain(last(&log.path)) == name);
    let lies_there = |log: &Object| {
        run.place(log.place).is_some_and(|there| there.root().locate(&log.path, place) != Located::Elsewhere)
    };
    same.filter(|(_, log)| lies_there(log)).map(|(at, _)| at).collect()
}

/// All that the reading of one file needs, so that it can go on by itself.
struct Task {
    object: Object,
    sha256: [u8; 32],
    place: Option<Arc<TrailPlace>>,
    progress: Arc<TrailProgress>,
    room: Arc<Semaphore>,
    remembered: Option<Arc<dyn Remembered>>,
}

impl Task {
    async fn run(self) -> Result<Seen> {
        let seen = self.see().await;
        self.progress.file_done();
        seen
    }

    async fn see(&self) -> Result<Seen> {
        if self.progress.is_stopped() {
            return Ok(Seen::Stopped);
        }
        let Some(place) = &self.place else { return Ok(Seen::Stopped) };
        let shown = place.shown(&self.object.path);
        let mark = format!("{}-{}", self.object.size, self.object.stamp);
        if self.remembered.as_ref().is_some_and(|before| before.knows(&shown, &mark, &self.sha256)) {
            return Ok(Seen::Intact { bytes: 0, is_resumed: true });
        }
        let room = room_for(&self.room, self.object.size).await?;
        let Some(fetched) = place.get(&self.object).await? else {
            return Ok(Seen::Flawed { bytes: 0, flaw: Flaw::LogMissing, message: msg!("verify-trail-log-missing") });
        };
        let bytes = fetched.bytes.len() as u64;
        self.progress.add_bytes(bytes);
        let content = if bytes < LONG {
            content::hash(&fetched.bytes)
        } else {
            let hashing = tokio::task::spawn_blocking(move || content::hash(&fetched.bytes)).await;
            hashing.map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))?
        };
        drop(room);
        let flawed = |flaw, message| Ok(Seen::Flawed { bytes, flaw, message });
        match content {
            Err(NoContent::Corrupt) => flawed(Flaw::LogAltered, msg!("verify-trail-gzip-corrupt")),
            Err(NoContent::TooLong) => flawed(Flaw::LogAltered, msg!("verify-trail-content-long")),
            Ok(content) if content.sha256 != self.sha256 => {
                let (found, stated) = (hex::encode(content.sha256), hex::encode(self.sha256));
                flawed(Flaw::LogAltered, msg!("verify-trail-log-altered", found = found, stated = stated))
            }
            Ok(content) if content.trailing > 0 => {
                flawed(Flaw::TrailingBytes, msg!("verify-trail-trailing", bytes = content.trailing))
            }
            Ok(_) => {
                if let Some(remembered) = &self.remembered {
                    remembered.keep(&shown, &mark, &self.sha256);
                }
                Ok(Seen::Intact { bytes, is_resumed: false })
            }
        }
    }
}
