//! The fetcher of a bucket's prefix: what arrives there is taken in, the oldest day first.
//!
//! What is here is known by the receipts of the vault: an object of a known name, length and tag is not fetched again. Of each
//! place (an account's trail in a region) the vault keeps up to which day all was taken in, committed with that day's last
//! objects. From two days before that day on everything is listed again once an hour, since objects come late; on the rounds
//! between, today.

mod layout;
mod seen;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Datelike, Days, NaiveDate, Timelike, Utc};
use futures::StreamExt;
use shoseki_aws::s3::S3;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::Transaction;
use shoseki_vault::ingest::{Bucket, Object, Request};

use super::{Fetcher, Round, Shared};
use crate::Happening;
use crate::config::{Reach, S3Fetch};
use layout::{Form, Place, places};
use seen::Seen;

/// How many days are listed again.
const AGAIN: Days = Days::new(2);
/// How often places are looked for, and all of these days listed.
const OFTEN: Duration = Duration::from_secs(3_600);
/// How many lists are asked for at once.
const AT_ONCE: usize = 16;
/// How many objects are taken in at a time.
const CHUNK: usize = 20_000;

/// The fetcher.
pub(super) struct S3Fetcher {
    config: S3Fetch,
    reach: Reach,
    bucket: Option<(Bucket, String)>,
    places: BTreeMap<Place, Progress>,
    looked: Option<Instant>,
    seen: Seen,
    /// Digests that came, and that were not compared with what is there yet.
    digests: Vec<Object>,
    /// The files that digests name and that are not there; each is told once.
    missing: HashSet<String>,
}

/// What was listed and is new, and the places that could not be listed.
type Listed = (Vec<Object>, Vec<(Place, Arc<Fault>)>);

/// What came of taking objects in.
#[derive(Default)]
struct Taken {
    round: Round,
    /// The names of those that could not be read.
    left: HashSet<String>,
    is_stopped: bool,
}

/// How far a place was read.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// The first day that was not taken in whole.
    next: NaiveDate,
}

impl S3Fetcher {
    pub(super) fn new(config: S3Fetch) -> Self {
        let (reach, seen, missing) = (config.reach(), Seen::default(), HashSet::new());
        Self { config, reach, bucket: None, places: BTreeMap::new(), looked: None, seen, digests: Vec::new(), missing }
    }

    async fn bucket(&mut self) -> Result<(Bucket, String)> {
        if let Some(opened) = &self.bucket {
            return Ok(opened.clone());
        }
        let buckets = S3::of(self.reach.caller());
        let (bucket, mut prefix) = Bucket::open(&self.config.url, &buckets).await?;
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        self.bucket = Some((bucket.clone(), prefix.clone()));
        Ok((bucket, prefix))
    }

    /// What the vault calls how far a place was read.
    fn cursor_of(&self, place: &Place) -> String {
        let key = match place.form {
            Form::Keyed(_) => "year=".to_owned(),
            Form::KeyedDay(key) => format!("{key}="),
            Form::Days(_) | Form::DayNames | Form::Loose => String::new(),
        };
        format!("fetch/{}/{}{key}", self.reach.name, place.prefix)
    }

    /// Looks for places; one that is new begins where the vault says, or where the configuration does.
    /// Gives why a folder could not be looked into: the others were.
    async fn look(
        &mut self,
        shared: &Shared,
        bucket: &Bucket,
        prefix: &str,
        today: NaiveDate,
    ) -> Result<Option<Arc<Fault>>> {
        let (found, unseen) = places(bucket, prefix).await?;
        let replay = shared.vault.snapshot().await?.replay;
        let first = self.config.from.map_or(today - AGAIN, |from| from.min(today));
        for place in found {
            let done = replay.cursor(&self.cursor_of(&place)).and_then(day_of);
            let next = done.and_then(|done| done.succ_opt()).unwrap_or(first);
            self.places.entry(place).or_insert(Progress { next: next.min(today) });
        }
        Ok(unseen.map(Arc::new))
    }

    /// The objects of some places on a day, or loose ones since a day, that were not taken in yet.
    async fn list(&mut self, shared: &Shared, bucket: &Bucket, asked: &[(Place, NaiveDate)]) -> Result<Listed> {
        let lists = asked.iter().cloned().map(|(place, day)| async move {
            match place.form {
                Form::Days(_) | Form::Keyed(_) | Form::KeyedDay(_) => place.objects_of(bucket, day).await,
                Form::DayNames | Form::Loose => place.objects_since(bucket, day).await,
            }
        });
        let listed: Vec<Result<Vec<Object>>> = futures::stream::iter(lists).buffered(AT_ONCE).collect().await;
        let (mut objects, mut failed) = (Vec::new(), Vec::new());
        for ((place, _), listed) in asked.iter().zip(listed) {
            match listed {
                Ok(listed) => objects.extend(listed),
                Err(fault) => failed.push((place.clone(), Arc::new(fault))), // the other places go on
            }
        }
        self.seen.listed(&objects);
        objects.retain(|object| !self.seen.is_taken(object));
        let unknown = shared.unknown_of(objects.clone()).await?;
        self.seen.taken(objects.iter());
        self.seen.not_taken(&unknown);
        Ok((unknown, failed))
    }

    /// Takes objects in; what cannot be read keeps the others waiting for nothing.
    async fn take(&mut self, shared: &Shared, objects: Vec<Object>, cursors: Vec<Transaction>) -> Result<Taken> {
        let mut taken = Taken::default();
        let chunks: Vec<Vec<Object>> = objects.chunks(CHUNK).map(<[Object]>::to_vec).collect();
        let last = chunks.len().saturating_sub(1);
        for (number, objects) in chunks.into_iter().enumerate() {
            let is_last = number == last && taken.left.is_empty();
            let request = Request {
                objects: objects.clone(),
                source: self.reach.source(),
                stream: self.reach.stream.clone(),
                cursors: if is_last { cursors.clone() } else { Vec::new() },
                ..Request::default()
            };
            let summary = shared.ingest(&request).await?;
            taken.round.add(&summary);
            taken.is_stopped = summary.stopped;
            if summary.stopped {
                break;
            }
            for problem in &summary.problems {
                if problem.fault.kind() == Kind::Damage {
                    let told = Happening::failure("fetch.damaged", problem.fault.message().clone());
                    shared.tell(told.with("name", &self.reach.name).with("object", &problem.file)).await;
                } else {
                    taken.left.insert(problem.file.clone());
                    taken.round.fault = Some(Arc::clone(&problem.fault));
                }
            }
            self.seen.taken(objects.iter().filter(|object| !taken.left.contains(object.name())));
        }
        Ok(taken)
    }

    /// Looks for the files that new digests name: what the lists did not have is taken in, what is not there is told.
    async fn reconcile(&mut self, shared: &Shared, bucket: &Bucket) -> Result<Round> {
        let mut late = Vec::new();
        while let Some(digest) = self.digests.last().cloned() {
            for (named_bucket, key) in seen::files_of(&digest).await? {
                if named_bucket != bucket.name() || self.seen.has_name(&key) {
                    continue;
                }
                match bucket.object(&key).await? {
                    Some(object) => late.push(object),
                    None if self.missing.insert(key.clone()) => {
                        let url = format!("s3://{named_bucket}/{key}");
                        let message = msg!("server-fetch-missing", file = url.as_str(), digest = digest.name());
                        let told = Happening::failure("fetch.missing", message).with("name", &self.reach.name);
                        shared.tell(told.with("file", url).with("digest", digest.name())).await;
                    }
                    None => {}
                }
            }
            self.digests.pop();
        }
        late.retain(|object| !self.seen.is_taken(object));
        self.take(shared, late, Vec::new()).await.map(|taken| taken.round)
    }
}

#[async_trait::async_trait(?Send)]
impl Fetcher for S3Fetcher {
    fn name(&self) -> &str {
        &self.reach.name
    }

    fn every(&self) -> Duration {
        self.config.every.0
    }

    async fn again(&mut self, shared: &Shared, from: Timestamp, to: Timestamp) -> Result<Round> {
        let (bucket, prefix) = self.bucket().await?;
        let day = |time: Timestamp| time.to_utc().map_or_else(|| Utc::now().date_naive(), |time| time.date_naive());
        let (first, last) = (day(from), day(to) + Days::new(1)); // what is of a day's last minutes lies with the next
        let unseen = self.look(shared, &bucket, &prefix, Utc::now().date_naive()).await?;
        let mut asked = Vec::new();
        for place in self.places.keys() {
            match place.form {
                Form::Days(_) | Form::Keyed(_) | Form::KeyedDay(_) => {
                    asked.extend(first.iter_days().take_while(|day| *day <= last).map(|day| (place.clone(), day)));
                }
                Form::DayNames | Form::Loose => asked.push((place.clone(), first)),
            }
        }
        let (objects, failed) = self.list(shared, &bucket, &asked).await?;
        let mut round = self.take(shared, objects, Vec::new()).await?.round;
        let fault = failed.into_iter().map(|(_, fault)| fault).chain(unseen).next();
        round.join(Round { fault, ..Round::default() });
        Ok(round)
    }

    async fn objects(&mut self, shared: &Shared, urls: &[String]) -> Result<Round> {
        let (bucket, _) = self.bucket().await?;
        let here = format!("s3://{}/", bucket.name());
        let mut objects = Vec::new();
        for key in urls.iter().filter_map(|url| url.strip_prefix(&here)) {
            objects.extend(bucket.object(key).await?);
        }
        Ok(self.take(shared, objects, Vec::new()).await?.round)
    }

    async fn round(&mut self, shared: &Shared) -> Result<Round> {
        let (bucket, prefix) = self.bucket().await?;
        let now = Utc::now();
        let today = now.date_naive();
        // Who just set a bucket up waits for its first folder, and not an hour.
        let is_thorough = self.places.is_empty() || self.looked.is_none_or(|looked| looked.elapsed() >= OFTEN);
        let mut round = Round { is_part: true, ..Round::default() };
        if is_thorough {
            round.fault = self.look(shared, &bucket, &prefix, today).await?;
        }
        let yesterday = today - Days::new(u64::from(now.hour() == 0));
        let again = if is_thorough { today - AGAIN } else { yesterday };
        let mut days: BTreeMap<NaiveDate, Vec<Place>> = BTreeMap::new();
        let mut loose = Vec::new();
        for (place, progress) in &self.places {
            let first = progress.next.min(again);
            match place.form {
                Form::Days(_) | Form::Keyed(_) | Form::KeyedDay(_) => {
                    let mut day = first;
                    while day <= today {
                        days.entry(day).or_default().push(place.clone());
                        day = day + Days::new(1);
                    }
                }
                Form::DayNames | Form::Loose => loose.push((place.clone(), first)),
            }
        }
        // Of whom something is left, the next round begins where that is; the others go on.
        let mut held = BTreeSet::new();
        for (day, places) in days {
            let asked: Vec<(Place, NaiveDate)> = places.into_iter().map(|place| (place, day)).collect();
            let is_over = day < today;
            let Some(()) = self.day(shared, (&bucket, &asked), is_over.then_some(day), (&mut held, &mut round)).await?
            else {
                return Ok(round);
            };
            round.join(self.reconcile(shared, &bucket).await?);
            self.seen.forget_before(day.min(today - AGAIN));
        }
        let yesterday = today - Days::new(1);
        self.day(shared, (&bucket, &loose), Some(yesterday), (&mut held, &mut round)).await?;
        if is_thorough && round.fault.is_none() && !shared.is_stopped() {
            self.looked = Some(Instant::now());
        }
        Ok(round)
    }
}

impl S3Fetcher {
    /// Takes in what some places have of a day, or since a day. Where the day is over, they are read up to it, unless they are held
    /// up. `None` where it was stopped.
    async fn day(
        &mut self,
        shared: &Shared,
        (bucket, asked): (&Bucket, &[(Place, NaiveDate)]),
        over: Option<NaiveDate>,
        (held, round): (&mut BTreeSet<Place>, &mut Round),
    ) -> Result<Option<()>> {
        let (objects, failed) = self.list(shared, bucket, asked).await?;
        for (place, fault) in failed {
            held.insert(place);
            round.join(Round { fault: Some(fault), ..Round::default() });
        }
        self.digests.extend(objects.iter().filter(|object| seen::is_digest(object)).cloned());
        let is_read = |place: &&Place| !held.contains(*place);
        let behind = |place: &&Place| over.is_some_and(|day| self.places.get(*place).is_some_and(|at| at.next <= day));
        let places = asked.iter().map(|(place, _)| place).filter(is_read).filter(behind);
        let cursors =
            places.filter_map(|place| Some(Transaction { stream: self.cursor_of(place), sequence: number_of(over?) }));
        let cursors = cursors.collect();
        let taken = self.take(shared, objects, cursors).await?;
        round.join(taken.round);
        if taken.is_stopped {
            return Ok(None);
        }
        for (place, _) in asked {
            let prefix = format!("s3://{}/{}", bucket.name(), place.prefix);
            if taken.left.iter().any(|name| name.starts_with(&prefix)) {
                held.insert(place.clone());
            }
            if let (Some(day), false, Some(at)) = (over, held.contains(place), self.places.get_mut(place)) {
                at.next = at.next.max(day + Days::new(1));
            }
        }
        Ok(Some(()))
    }
}

/// A day as a number: `20260305`.
fn number_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

fn day_of(number: i64) -> Option<NaiveDate> {
    let part = |part: i64| u32::try_from(part).ok();
    NaiveDate::from_ymd_opt(i32::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_number() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        assert_eq!((number_of(day), day_of(20_260_305)), (20_260_305, Some(day)));
        assert_eq!([day_of(20_261_305), day_of(-1), day_of(i64::MAX)], [None; 3]);
    }
}
