//! Looks: where AWS delivers, and into the vault. What is seen is noted with when and where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use memchr::memmem;
use shoseki_aws::probe::{At, Delivered};
use shoseki_comply::checks::Rows;
use shoseki_event::{RecordId, Timestamp};
use shoseki_messages::{Fault, Kind, Result};
use shoseki_query::{Engine, Failure, Options};
use shoseki_setup::check::{Place, Sought, Stage, Trial};
use shoseki_sources::{Inflate, Limits as Bounds};
use shoseki_vault::wal::Tail;

use super::super::super::query::{fault, newest};
use super::Run;

/// How much earlier than ours the clock of a source may be, in microseconds.
const SKEW: i64 = 3_600_000_000;
/// The most that is read of a delivered object, in bytes.
const LONGEST: u64 = 512 << 20;
/// How much of it at once.
const CHUNK: usize = 1 << 20;

/// What was looked at already.
#[derive(Default)]
pub(super) struct Looking {
    objects: BTreeSet<String>,
    /// The objects that hold what was looked for, by the numbers of the trials.
    pub(super) held: BTreeMap<usize, String>,
    /// The records, by the numbers of the trials.
    records: BTreeMap<usize, RecordId>,
}

/// A folder of a bucket to be listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Folder {
    account: String,
    region: String,
    bucket: String,
    prefix: String,
    after: String,
}

impl Looking {
    /// Looks where AWS delivers.
    pub(super) async fn at_places(&mut self, run: &mut Run<'_>) {
        let now = Timestamp::now();
        let mut folders: BTreeMap<Folder, Vec<usize>> = BTreeMap::new();
        for at in 0..run.trials.len() {
            let (trial, way) = (&run.trials[at], &run.ways[at]);
            let is_done = way.step(Stage::Delivered).is_some() || way.refused.is_some() || way.unseen.is_some();
            let since = way.step(Stage::Emitted).map(|step| step.time);
            let since = since.or_else(|| trial.is_for_person().then(|| run.nonce.begun()));
            let (Some(place), Some(since), false) = (&trial.place, since, is_done) else { continue };
            match place {
                Place::Group(group) => {
                    let place = At { account: &trial.account, region: &trial.region };
                    let from = since.0.saturating_sub(SKEW / 60).div_euclid(1_000);
                    let found = run.prober.event(place, group, (&trial.mark, from)).await;
                    let (is_for_person, group) = (trial.is_for_person(), group.clone());
                    let way = &mut run.ways[at];
                    match found {
                        Ok(Some(event)) => {
                            if is_for_person {
                                way.follows(Stage::Emitted, Timestamp(event.time.saturating_mul(1_000)), "");
                            }
                            way.saw(Stage::Delivered, Timestamp::now(), group);
                        }
                        Ok(None) => {}
                        Err(fault) => way.unseen = may_not(fault),
                    }
                }
                Place::Objects { bucket, region, account, .. } => {
                    for (prefix, after) in place.prefixes(since, now) {
                        let (account, region, bucket) = (account.clone(), region.clone(), bucket.clone());
                        folders.entry(Folder { account, region, bucket, prefix, after }).or_default().push(at);
                    }
                }
            }
        }
        for (folder, waiting) in folders {
            if let Err(fault) = self.folder(run, &folder, &waiting).await
                && let Some(fault) = may_not(fault)
            {
                waiting.iter().for_each(|at| run.ways[*at].unseen = Some(fault.clone()));
            }
        }
    }

    /// Looks into the objects of a folder that were not looked into.
    async fn folder(&mut self, run: &mut Run<'_>, folder: &Folder, waiting: &[usize]) -> Result<()> {
        let place = At { account: &folder.account, region: &folder.region };
        let listed = run.prober.objects(place, &folder.bucket, (&folder.prefix, &folder.after)).await?;
        for object in listed {
            let url = format!("s3://{}/{}", folder.bucket, object.key);
            if !self.objects.insert(url.clone()) {
                continue;
            }
            let is_known_by_name =
                |at: &usize| matches!(run.trials[*at].place, Some(Place::Objects { is_known_by_name: true, .. }));
            let (by_name, by_mark): (Vec<usize>, Vec<usize>) =
                waiting.iter().copied().partition(|at| is_known_by_name(at));
            let mut found: Vec<usize> = by_name.into_iter().filter(|at| is_named(&run.trials[*at], &object)).collect();
            if !by_mark.is_empty() {
                let bytes = run.prober.bytes(place, &folder.bucket, &object.key).await;
                if bytes.is_err() {
                    self.objects.remove(&url); // it may be read at the next look
                }
                let bytes = bytes?;
                let marks: Vec<&str> = by_mark.iter().map(|at| run.trials[*at].mark.as_str()).collect();
                let held = marks_in(&bytes, &marks);
                found.extend(by_mark.into_iter().filter(|at| held.contains(&run.trials[*at].mark.as_str())));
            }
            let modified = Timestamp::parse(&object.modified).unwrap_or_else(|_| Timestamp::now());
            for at in found {
                run.ways[at].saw(Stage::Delivered, modified, url.clone());
                self.held.entry(at).or_insert_with(|| url.clone());
            }
        }
        Ok(())
    }

    /// Looks into the vault.
    ///
    /// # Errors
    /// What the questions say.
    pub(super) async fn at_vault(&mut self, run: &mut Run<'_>) -> Result<()> {
        let tail = newest(run.context, &run.vault, false, true).await?;
        let from = Timestamp(run.nonce.begun().0.saturating_sub(SKEW));
        let all = format!(
            "filter @message like \"{}\" | fields @ptr, @timestamp, @ingestionTime, @source, @log, @origin, @message | limit 10000",
            run.nonce.as_str()
        );
        let options = Options { from: Some(from), now: Timestamp::now(), ..Options::default() };
        let rows = ask(run, &tail, options, &all).await?;
        for row in rows.iter() {
            let message = row.text("@message");
            let source = row.text("@source");
            let tells = |trial: &Trial| trial.teller().is_none_or(|teller| teller == source);
            let is_of = |trial: &Trial| trial.sought == Sought::Mark && message.contains(&trial.mark) && tells(trial);
            let of = run.trials.iter().position(is_of);
            if let Some(at) = of {
                self.came(
                    run,
                    at,
                    (row.text("@ptr"), row.text("@log"), row.text("@origin")),
                    (row.time("@ingestionTime"), row.time("@timestamp")),
                );
            }
        }
        for at in 0..run.trials.len() {
            if run.trials[at].sought != Sought::Mark && run.ways[at].step(Stage::Found).is_none() {
                self.file(run, &tail, at).await?;
            }
        }
        self.sealed(run, &tail).await
    }

    /// Looks for the receipt of a file.
    async fn file(&mut self, run: &mut Run<'_>, tail: &Tail, at: usize) -> Result<()> {
        let (Some(since), (text, _)) = (run.ways[at].step(Stage::Emitted), run.trials[at].question()) else {
            return Ok(());
        };
        let rows = ask(run, tail, own(since.time), &format!("{text} | sort @ingestionTime asc | limit 1")).await?;
        if let Some(row) = rows.iter().next() {
            let times = (row.time("@ingestionTime"), None);
            self.came(run, at, (row.text("@ptr"), row.text("@log"), row.text("@origin")), times);
        }
        Ok(())
    }

    /// Notes that a record came.
    fn came(
        &mut self,
        run: &mut Run<'_>,
        at: usize,
        (record, stream, origin): (&str, &str, &str),
        (received, happened): (Option<Timestamp>, Option<Timestamp>),
    ) {
        let received = received.unwrap_or_else(Timestamp::now);
        let (trial, way) = (&run.trials[at], &mut run.ways[at]);
        if trial.is_for_person() {
            way.follows(Stage::Emitted, happened.unwrap_or(received).min(received), "");
        }
        way.saw(Stage::Ingested, received, format!("{stream} {record}"));
        if trial.place.is_some() {
            way.follows(Stage::Delivered, received, origin);
        }
        // Before it is sealed, a record may have another name each time.
        if let Ok(record) = record.parse() {
            self.records.insert(at, record);
        }
    }

    /// Sees which records are sealed, and asks for these as anybody would.
    async fn sealed(&mut self, run: &mut Run<'_>, tail: &Tail) -> Result<()> {
        let size = run.vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
        for (at, record) in &self.records {
            let (at, replay) = (*at, &tail.snapshot.replay);
            let Some(commit) = replay.commit_of(record.segment).filter(|commit| *commit < size) else { continue };
            if run.ways[at].step(Stage::Found).is_some() {
                continue;
            }
            // The commit states when it was written, unless its file was merged since.
            let file = replay.file_of(record.segment).filter(|file| file.version == commit);
            let time = file.map(|file| Timestamp(file.add.modified_ms.saturating_mul(1_000)));
            let time = time.unwrap_or_else(Timestamp::now);
            run.ways[at].saw(
                Stage::Sealed,
                time,
                format!("events/_delta_log/{commit:020}.json tlog/checkpoints/{size}"),
            );
            let (text, source) = run.trials[at].question();
            let options = match source {
                Some(_) => own(run.nonce.begun()),
                None => {
                    Options { from: Some(Timestamp(run.nonce.begun().0.saturating_sub(SKEW))), ..Options::default() }
                }
            };
            let only = Tail { snapshot: tail.snapshot.clone(), files: Vec::new() };
            if !ask(run, &only, options, &text).await?.is_empty() {
                run.ways[at].saw(Stage::Found, Timestamp::now(), String::new());
            }
        }
        Ok(())
    }
}

/// Of our own records, those since a time.
fn own(since: Timestamp) -> Options {
    let sources = vec!["shoseki".to_owned()];
    Options { from: Some(since), sources, include_internal: true, now: Timestamp::now(), ..Options::default() }
}

async fn ask(run: &Run<'_>, tail: &Tail, options: Options, text: &str) -> Result<Rows> {
    let options = run.limits.apply(Options { zone: run.context.zone, ..options });
    let engine = Engine::over_tail(Arc::clone(&run.vault), tail, options);
    let failed = |failure: Failure| fault(run.context, text, failure);
    let mut answer = engine.insights(text).await.map_err(failed)?;
    let mut rows = Rows::default();
    while let Some(batch) = answer.next().await? {
        rows.add(&batch)?;
    }
    Ok(rows)
}

/// Whether an object has the name that is looked for.
fn is_named(trial: &Trial, object: &Delivered) -> bool {
    match &trial.sought {
        Sought::File(name) => object.key.contains(name),
        Sought::Mark => object.key.contains(&trial.mark),
    }
}

/// Why something may not be seen; nothing of what may be otherwise at the next look.
fn may_not(fault: Fault) -> Option<Fault> {
    let is_lasting =
        fault.id() == "aws-call-forbidden" || (fault.kind() != Kind::World && fault.id() != "aws-call-absent");
    is_lasting.then_some(fault)
}

/// Which of some marks an object has in it, however it is compressed; none where it is no whole object.
fn marks_in<'m>(bytes: &[u8], marks: &[&'m str]) -> Vec<&'m str> {
    let bounds = Bounds { bytes: LONGEST, ..Bounds::default() };
    let Ok(mut inflate) = Inflate::new(bytes, bounds) else { return Vec::new() };
    let longest = marks.iter().map(|mark| mark.len()).max().unwrap_or_default();
    let (mut found, mut text): (Vec<&str>, Vec<u8>) = (Vec::new(), Vec::new());
    while let Ok(Some(chunk)) = inflate.chunk(CHUNK) {
        // What is cut in two by a chunk's end is whole in the next.
        let kept = text.len().saturating_sub(longest);
        text.drain(..kept);
        text.extend_from_slice(&chunk);
        for mark in marks {
            if !found.contains(mark) && memmem::find(&text, mark.as_bytes()).is_some() {
                found.push(mark);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_seen_wherever_it_lies_and_in_nothing_that_is_broken() {
        let text = [vec![b'x'; CHUNK - 3], b"abcdef".to_vec(), vec![b'y'; 10]].concat();
        assert_eq!(marks_in(&text, &["abcdef", "fedcba"]), ["abcdef"]);
        assert_eq!(marks_in(b"", &["a"]), [""; 0]);
        assert_eq!(marks_in(b"\x1f\x8b\x08 abc", &["abc"]), [""; 0]);
    }
}
