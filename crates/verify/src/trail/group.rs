//! One account and region, from its listing to what is wrong with it: its files are listed, its digests read and judged, and
//! the log files that they name are hashed.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Message, Result, msg};
use shoseki_sources::{DigestDocument, TrailFile, TrailFileName};

use super::chain::{self, Case, Document, HOUR, Judged, ReadDigest, Standing};
use super::content::{self, NoContent};
use super::coverage::Unnamed;
use super::discover::{Group, Leaf, SIDE_CAR};
use super::finding::{ChainName, Finding, Flaw};
use super::place::{Located, last};
use super::report::{ChainSummary, Findings, TrailChecked};
use super::run::Run;
use super::tree::{Fetched, Object};
use super::{follow, logs};

/// How many listings, or readings of digests, go on at once.
const AT_ONCE: usize = 32;
/// What is read around the time that was asked for: the digest behind it has the signature of the last one in it.
const BEHIND: i64 = 3 * HOUR;
/// What is kept of log files around the time.
const DAY: i64 = 24 * HOUR;

/// What came of an account and region.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) findings: Findings,
    pub(crate) chains: Vec<ChainSummary>,
    pub(crate) checked: TrailChecked,
    pub(crate) notes: Vec<Message>,
    /// The log files that no digest names, and what digests cover.
    pub(crate) unnamed: Vec<Unnamed>,
    pub(crate) spans: Vec<(Timestamp, Timestamp)>,
    pub(crate) chain: Option<ChainName>,
    /// The newest time that a name states.
    pub(crate) newest: Option<Timestamp>,
    /// Whether it has a folder of digests, in which there may be none of the time that was asked for.
    pub(crate) has_folder: bool,
}

/// The files of an account and region, by what their names say that they are.
#[derive(Default)]
pub(crate) struct Files {
    digests: Vec<Listed>,
    /// By their names, so that they can be looked up; files without a name of CloudTrail's are among them.
    pub(crate) logs: Vec<Object>,
    side_cars: BTreeMap<String, Object>,
}

/// Judges an account and region.
pub(crate) async fn judge(run: &Run, key: (String, String), group: Group) -> Result<Outcome> {
    let (account, region) = key;
    let whole = ChainName { account, region, trail: String::new(), home_region: String::new(), backfill: false };
    let mut outcome = Outcome { chain: Some(whole.clone()), ..Outcome::default() };
    let mut files = Files::default();
    outcome.has_folder = group.leaves.iter().any(Leaf::has_digests);
    list(run, group.leaves, &whole, &mut files).await?;
    group.loose.into_iter().for_each(|object| files.take(run, object, &whole));
    let (mut digests, mut followed) = (Vec::new(), BTreeSet::new());
    let judged = loop {
        digests.extend(read_digests(run, &mut files, &mut outcome).await?);
        chain::sort(&mut digests);
        follow::mark(run, &mut digests);
        run.ask_for_keys(&whole.region, &digests).await?;
        let judged =
            chain::judge(&Case { digests: &digests, keys: &run.keys(), from: run.range.from, to: run.range.to });
        let further = follow::next(run, (&digests, &judged.standings), &mut followed).await;
        if further.is_empty() {
            break judged;
        }
        if let Err(fault) = list(run, further, &whole, &mut files).await {
            outcome.notes.push(fault.message().clone()); // what lies there is told as not given
            break judged;
        }
    };
    files.logs.sort_by(|a, b| logs::order(&a.path, &b.path));
    files.logs.dedup_by(|a, b| a.path == b.path);
    let Judged { findings, standings } = judged;
    outcome.findings.append(findings);
    let is_asked_for =
        |time: Timestamp| run.range.from.is_none_or(|from| from <= time) && run.range.to.is_none_or(|end| time < end);
    let logs_newest =
        files.logs.iter().filter_map(|log| TrailFileName::read(last(&log.path))).map(|name| name.time).max();
    summarise(run, (&digests, &standings), logs_newest, &mut outcome);
    let used = logs::check(run, (&digests, &standings), &files.logs, &mut outcome).await?;
    for (log, _) in files.logs.iter().zip(used).filter(|(_, is_used)| !is_used) {
        let what = run.shown(log);
        match TrailFileName::read(last(&log.path)) {
            Some(TrailFileName { time, kind: TrailFile::Log, .. }) => {
                if is_asked_for(time) {
                    outcome.unnamed.push(Unnamed { what, time });
                }
            }
            Some(_) => {} // not every kind of events is in the digests of every trail
            None => {
                let message = msg!("verify-trail-file-foreign");
                outcome.findings.push(Finding::new(Flaw::FileForeign, &whole, what, message));
            }
        }
    }
    Ok(outcome)
}

/// Lists folders and sorts out what lies there.
async fn list(run: &Run, leaves: Vec<Leaf>, whole: &ChainName, files: &mut Files) -> Result<()> {
    // Digests first: what they name was there before them, also where new files come in meanwhile.
    let (first, then): (Vec<Leaf>, Vec<Leaf>) = leaves.into_iter().partition(Leaf::has_digests);
    for leaves in [first, then] {
        let folders = leaves.iter().flat_map(|leaf| {
            let folders = leaf.folders(run.range.from, run.last()).into_iter();
            folders.map(|folder| (leaf.place, folder))
        });
        let listed = futures::stream::iter(folders.map(|(place, folder)| async move {
            match run.place(place) {
                Some(there) => there.all(place, &folder).await,
                None => Ok(Vec::new()),
            }
        }));
        let mut listed = std::pin::pin!(listed.buffer_unordered(AT_ONCE));
        while let Some(objects) = listed.try_next().await? {
            objects.into_iter().for_each(|object| files.take(run, object, whole));
        }
    }
    Ok(())
}

impl Files {
    fn take(&mut self, run: &Run, object: Object, whole: &ChainName) {
        let name = last(&object.path);
        if let Some(of) = name.strip_suffix(SIDE_CAR) {
            let of = format!("{}{of}", object.path.strip_suffix(name).unwrap_or_default());
            self.side_cars.insert(of, object);
            return;
        }
        let (from, to) = (run.range.from, run.range.to);
        let is_near = |time: Timestamp, before: i64, behind: i64| {
            from.is_none_or(|from| from.0.saturating_sub(before) < time.0)
                && to.is_none_or(|to| time.0 < to.0.saturating_add(behind))
        };
        match TrailFileName::read(name) {
            Some(read) => match read.kind {
                TrailFile::Digest { trail, home, is_backfill } if is_near(read.time, 0, BEHIND) => {
                    let chain = ChainName {
                        account: read.account.to_owned(),
                        region: read.region.to_owned(),
                        trail: trail.to_owned(),
                        home_region: home.to_owned(),
                        backfill: is_backfill,
                    };
                    let time = read.time;
                    self.digests.push((object, chain, time));
                }
                TrailFile::Log | TrailFile::Other if is_near(read.time, DAY, DAY) => self.logs.push(object),
                _ => {}
            },
            // What ingests the folder would take such a file for CloudTrail's.
            None if is_evidence(name) && !whole.account.is_empty() => self.logs.push(object),
            None => {}
        }
    }
}

/// Whether a file would be taken for evidence, by the end of its name.
fn is_evidence(name: &str) -> bool {
    [".json", ".gz", ".jsonl", ".zst"].iter().any(|end| name.ends_with(end))
}

/// Reads the digests that were listed since the last time.
async fn read_digests(run: &Run, files: &mut Files, outcome: &mut Outcome) -> Result<Vec<ReadDigest>> {
    let mut listed = std::mem::take(&mut files.digests);
    // What is given twice, or within another, is there once.
    listed.sort_by(|a, b| a.0.path.cmp(&b.0.path));
    listed.dedup_by(|a, b| a.0.path == b.0.path);
    let side_cars = &files.side_cars;
    let reading = listed.iter().map(|listed| async move {
        let beside = side_cars.get(&*listed.0.path);
        (listed, read_digest(run, listed, beside).await)
    });
    let mut reading = std::pin::pin!(futures::stream::iter(reading).buffer_unordered(AT_ONCE));
    let mut digests = Vec::new();
    while let Some(((object, chain, time), read)) = reading.next().await {
        run.progress.digest_read();
        match read {
            Ok(Some((found, bytes))) => {
                outcome.checked.bytes += bytes;
                digests.push(found);
            }
            Ok(None) => {} // gone since it was listed: the chain will say so
            Err(fault) => {
                let finding = Finding::new(Flaw::Unreadable, chain, run.shown(object), logs::unreadable(&fault));
                outcome.findings.push(finding.during(*time, *time));
            }
        }
    }
    Ok(digests)
}

/// A digest as it was listed: its file, its chain and its time, as its name says.
type Listed = (Object, ChainName, Timestamp);

/// A digest, and how many bytes were read. `None` where it is gone since it was listed.
async fn read_digest(run: &Run, listed: &Listed, beside: Option<&Object>) -> Result<Option<(ReadDigest, u64)>> {
    let (object, chain, time) = listed;
    let Some(Fetched { bytes, mut signature, made }) = run.get(object).await? else { return Ok(None) };
    if let (None, Some(beside)) = (&signature, beside) {
        let answer = run.get(beside).await?;
        signature = answer.and_then(|answer| side_car(&answer.bytes));
    }
    let length = bytes.len() as u64;
    let (place, shown) = (object.place, run.shown(object));
    let root = run.place(place).map(|place| place.root().clone());
    let (path, chain, time) = (object.path.clone(), chain.clone(), *time);
    let parse = move || {
        let (document, trailing) = match content::read(&bytes) {
            Err(NoContent::Corrupt) => (Err(msg!("verify-trail-gzip-corrupt")), 0),
            Err(NoContent::TooLong) => (Err(msg!("verify-trail-content-long")), 0),
            Ok((text, content)) => (document(&text, content.sha256), content.trailing),
        };
        let document = document.map(|mut document| {
            document.located = root.map_or(Located::Here, |root| root.locate(&path, &document.digest.place));
            document
        });
        let made = made.and_then(|text| Timestamp::parse(&text).ok());
        let name = last(&path).into();
        ReadDigest { shown, name, chain, time, document, signature, made, trailing, goes_outside: false }
    };
    let read = tokio::task::spawn_blocking(parse).await;
    read.map(|read| Some((read, length))).map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))
}

/// What the bytes of a digest say; its place is compared later.
fn document(text: &[u8], sha256: [u8; 32]) -> Result<Document, Message> {
    match DigestDocument::read(text) {
        Ok(digest) => Ok(Document { digest, sha256, located: Located::Here }),
        Err(why) => Err(msg!("verify-trail-no-digest", why = why.to_string())),
    }
}

/// The signature in what `aws s3api head-object` printed.
pub(crate) fn side_car(answer: &[u8]) -> Option<String> {
    const LONGEST: usize = 64 << 10;
    if answer.len() > LONGEST {
        return None;
    }
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    answer.get("Metadata")?.get("signature")?.as_str().map(str::to_owned)
}

/// The chains in short, what digests cover, and what is worth a note.
fn summarise(
    run: &Run,
    (digests, standings): (&[ReadDigest], &[Standing]),
    newest_log: Option<Timestamp>,
    outcome: &mut Outcome,
) {
    outcome.newest = newest_log;
    let mut chains: BTreeMap<&ChainName, ChainSummary> = BTreeMap::new();
    for (read, standing) in digests.iter().zip(standings) {
        if run.range.to.is_some_and(|to| read.time.0 >= to.0.saturating_add(HOUR)) {
            continue; // it was read for its word on the one before it
        }
        outcome.newest = outcome.newest.max(Some(read.time));
        outcome.checked.digests += 1;
        outcome.checked.digests_proven += u64::from(*standing == Standing::Proven);
        let Ok(Document { digest, located, .. }) = &read.document else { continue };
        if *located == Located::Elsewhere {
            continue;
        }
        if *standing != Standing::Refuted {
            outcome.spans.push((digest.start, digest.end));
        }
        let summary = chains.entry(&read.chain).or_insert_with(|| ChainSummary {
            name: read.chain.clone(),
            digests: 0,
            proven: 0,
            log_files: 0,
            first: digest.start,
            last: digest.end,
            begins: digest.previous.is_none(),
            copied_from: None,
            newest_log,
            newest: digest.place.clone(),
        });
        if summary.newest.bucket != digest.place.bucket {
            let (from, to) = (&*summary.newest.bucket, &*digest.place.bucket);
            let (account, region) = (read.chain.account.as_str(), read.chain.region.as_str());
            let time = digest.start.to_string();
            outcome.notes.push(msg!(
                "verify-trail-bucket-moved",
                account = account,
                region = region,
                from = from,
                to = to,
                time = time
            ));
        }
        summary.digests += 1;
        summary.proven += u64::from(*standing == Standing::Proven);
        summary.log_files += digest.log_files.len() as u64;
        if digest.end >= summary.last {
            (summary.last, summary.newest) = (digest.end, digest.place.clone());
        }
        if *located == Located::OtherBucket {
            summary.copied_from = Some(digest.place.bucket.to_string());
        }
    }
    outcome.chains = chains.into_values().collect();
}
