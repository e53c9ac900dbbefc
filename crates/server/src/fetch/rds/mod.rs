//! The fetcher of log files of RDS and Aurora: listed again and again, and read on where they grew.
//!
//! ```text
//! databases ─► files ─► what they begin with ─► which ones they are ─► portions ─► events ═► write-ahead log ─► commit
//! ```
//!
//! RDS gives a file's text in portions, by markers that it alone understands, and may rotate the file between two of them. So a
//! file is known by what it begins with, and what came counts only where the file still begins so afterwards.

mod marks;
mod reading;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shoseki_aws::rds::{LogFile, Rds};
use shoseki_event::Timestamp;
use shoseki_messages::{Message, Result, msg};
use shoseki_vault::wal::Delivery;

use super::{Fetcher, Round, Shared, pattern_of};
use crate::Happening;
use crate::config::{RdsFetch, Reach};
use marks::Marks;
use reading::{Brought, Cut, Place, Reading};

/// How often databases are looked for.
const OFTEN: Duration = Duration::from_secs(3_600);
/// Where a database begins that was never read, and of which the configuration says nothing.
const FIRST_MS: i64 = 24 * 3_600_000;
/// How long after its last line nothing is waited for any more that might belong to it.
const SETTLED_MS: i64 = 120_000;
/// How many files that are not found are waited for, where not all could be looked at.
const MOST_MISSED: usize = 100;
/// The door in provenance.
const DOOR: &str = "rds";

/// The fetcher.
pub(super) struct RdsFetcher {
    config: RdsFetch,
    reach: Reach,
    patterns: Vec<glob::Pattern>,
    rds: Option<Rds>,
    instances: BTreeMap<String, Instance>,
    looked: Option<Instant>,
}

/// A database.
struct Instance {
    name: String,
    marks: Marks,
    /// By their names when they were last listed.
    files: HashMap<String, Reading>,
    /// Those that were not found in the last round: one that is rotated between two calls is found in the next.
    missed: Vec<(String, Reading)>,
}

/// Files that were read before, and are not found yet.
struct Others {
    before: HashMap<String, Reading>,
    missed: Vec<(String, Reading)>,
}

impl Others {
    /// The one of this name, if it begins so.
    fn named(&mut self, name: &str, head: &[u8]) -> Option<Reading> {
        if self.before.get(name)?.is(head) { self.before.remove(name) } else { None }
    }

    /// Any that begins so.
    fn any(&mut self, head: &[u8]) -> Option<Reading> {
        let name = self.before.iter().find(|(_, reading)| reading.is(head)).map(|(name, _)| name.clone());
        if let Some(reading) = name.and_then(|name| self.before.remove(&name)) {
            return Some(reading);
        }
        let at = self.missed.iter().position(|(_, reading)| reading.is(head))?;
        Some(self.missed.swap_remove(at).1)
    }
}

/// What a round works with.
struct With<'a> {
    shared: &'a Shared,
    rds: &'a Rds,
    reach: &'a Reach,
    patterns: &'a [glob::Pattern],
    /// Files that were last written before are not begun.
    from: i64,
}

/// A file as it is listed, and which one it is.
struct Met {
    file: LogFile,
    reading: Reading,
}

fn now_ms() -> i64 {
    Timestamp::now().0.div_euclid(1_000)
}

impl RdsFetcher {
    pub(super) fn new(config: RdsFetch) -> Self {
        let patterns = config.files.iter().filter_map(|file| pattern_of(file)).collect();
        let (reach, instances) = (config.reach(), BTreeMap::new());
        Self { config, reach, patterns, rds: None, instances, looked: None }
    }

    /// Looks for the databases that the configuration means.
    async fn look(&mut self, shared: &Shared, rds: &Rds) -> Result<()> {
        let is_pattern = |name: &&String| name.contains('*');
        let mut names: BTreeSet<String> =
            self.config.instances.iter().filter(|name| !is_pattern(name)).cloned().collect();
        let patterns: Vec<_> =
            self.config.instances.iter().filter(is_pattern).filter_map(|name| pattern_of(name)).collect();
        if !patterns.is_empty() {
            let all = rds.instances().await?;
            names.extend(all.into_iter().filter(|name| patterns.iter().any(|pattern| pattern.matches(name))));
        }
        let replay = shared.vault.snapshot().await?.replay;
        self.instances.retain(|name, _| names.contains(name));
        for name in names {
            let prefix = Marks::prefix(&self.reach.name, &name);
            self.instances.entry(name).or_insert_with_key(|name| Instance {
                name: name.clone(),
                marks: Marks::new(prefix.clone(), replay.cursors_below(&prefix)),
                files: HashMap::new(),
                missed: Vec::new(),
            });
        }
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Reads what is new of all files that were written since a time, or since the configuration says.
    async fn read(&mut self, shared: &Shared, since: Option<i64>) -> Result<Round> {
        let rds = match &self.rds {
            Some(rds) => rds.clone(),
            None => Rds::of(&self.reach.caller()).await,
        };
        self.rds = Some(rds.clone());
        if self.looked.is_none_or(|looked| looked.elapsed() >= OFTEN) {
            self.look(shared, &rds).await?;
        }
        let mut round = Round::default();
        let first = self.config.from.map(|from| from.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis());
        for instance in self.instances.values_mut() {
            let begun = instance.marks.from.or(first).unwrap_or_else(|| now_ms() - FIRST_MS);
            let from = since.map_or(begun, |since| since.min(begun));
            let with = With { shared, rds: &rds, reach: &self.reach, patterns: &self.patterns, from };
            match instance.round(&with, begun).await {
                Ok(read) => {
                    round.join(read);
                    round.is_part = true;
                }
                Err(fault) => {
                    round.fault.get_or_insert_with(|| Arc::new(fault)); // the others go on
                }
            }
            if shared.is_stopped() {
                break;
            }
        }
        Ok(round)
    }
}

impl Instance {
    async fn round(&mut self, with: &With<'_>, begun: i64) -> Result<Round> {
        let mut listed = with.rds.files(&self.name, with.from).await?;
        listed.retain(|file| file.written >= with.from && with.patterns.iter().any(|is| is.matches(&file.name)));
        listed.sort_by(|one, other| (one.written, &one.name).cmp(&(other.written, &other.name)));
        if self.marks.from.is_none() {
            let cursor = self.marks.since(begun);
            let said = Delivery { cursor: Some(cursor.clone()), ..delivery(with.reach, &self.name) };
            if !with.shared.keep(&[said]).await? {
                return Ok(Round::default());
            }
            self.marks.done(&cursor);
        }
        let (mut round, mut before) = (Round::default(), std::mem::take(&mut self.files));
        // What did not change keeps its name; whatever else has a name may be what another was called before.
        let (same, changed): (Vec<LogFile>, Vec<LogFile>) = listed
            .into_iter()
            .partition(|file| before.get(&file.name).is_some_and(|it| it.seen.as_ref() == Some(file)));
        for file in same {
            if let Some(mut reading) = before.remove(&file.name) {
                self.settle(with, &file, &mut reading, &mut round).await?;
                self.files.insert(file.name, reading);
            }
        }
        let mut others = Others { before, missed: std::mem::take(&mut self.missed) };
        let read = self.changed(with, changed, &mut others, &mut round).await;
        let is_whole = read.is_ok() && !with.shared.is_stopped() && round.fault.is_none();
        for (name, reading) in others.missed {
            if is_whole || self.missed.len() >= MOST_MISSED {
                self.gone(with, &name, reading, &mut round).await?;
            } else {
                self.missed.push((name, reading));
            }
        }
        self.missed.extend(others.before);
        read.map(|()| round)
    }

    /// Reads what is new of files that are not as they were.
    async fn changed(
        &mut self,
        with: &With<'_>,
        changed: Vec<LogFile>,
        others: &mut Others,
        round: &mut Round,
    ) -> Result<()> {
        for Met { file, reading } in self.meet(with, changed, others, round).await? {
            if with.shared.is_stopped() {
                break;
            }
            let mut reading = reading;
            if reading.is_whole(&file) {
                reading.seen = Some(file.clone());
                self.settle(with, &file, &mut reading, round).await?;
                self.files.insert(file.name, reading);
                continue;
            }
            let read = self.file(with, &file, reading, round).await;
            let_pass(read, round)?;
        }
        Ok(())
    }

    /// Finds out which files they are, by what they begin with: the ones of their names, ones that were called otherwise, ones that
    /// another process read, or new ones.
    async fn meet(
        &mut self,
        with: &With<'_>,
        changed: Vec<LogFile>,
        others: &mut Others,
        round: &mut Round,
    ) -> Result<Vec<Met>> {
        let mut heads = Vec::new();
        for file in changed {
            let place = Place { rds: with.rds, instance: &self.name, file: &file };
            let Some(head) = let_pass(place.head().await, round)? else { continue };
            // An empty file is none yet, and what has no whole line cannot be told from others.
            if head.contains(&b'\n') || (is_settled(&file) && !head.is_empty()) {
                heads.push((file, head));
            }
        }
        let mut met: Vec<(LogFile, Vec<u8>, Option<Reading>)> = Vec::new();
        for (file, head) in heads {
            let reading = others.named(&file.name, &head);
            met.push((file, head, reading));
        }
        let mut being_read: BTreeSet<u64> = self.files.values().map(|reading| reading.number).collect();
        being_read.extend(met.iter().filter_map(|(.., reading)| Some(reading.as_ref()?.number)));
        let mut found = Vec::new();
        for (file, head, reading) in met {
            let reading = match reading {
                Some(reading) => reading,
                None => match others.any(&head) {
                    Some(reading) => reading.renamed(),
                    None => {
                        let known = self.marks.find(&head, &being_read).unwrap_or_else(|| (self.marks.fresh(), 0));
                        Reading::new(known, head, with.reach.source())
                    }
                },
            };
            being_read.insert(reading.number);
            found.push(Met { file, reading });
        }
        Ok(found)
    }

    /// Reads what is new of a file.
    async fn file(&mut self, with: &With<'_>, file: &LogFile, mut reading: Reading, round: &mut Round) -> Result<()> {
        let (whole_name, mut is_new) = (format!("{}/{}", self.name, file.name), false);
        loop {
            let place = Place { rds: with.rds, instance: &self.name, file };
            let Some(brought) = reading.read(place).await? else { return Ok(()) };
            let Brought { portions, bytes, is_all, is_stuck, is_cut } = brought;
            round.objects += portions;
            round.bytes += bytes;
            let cuts = reading.take(&self.marks, &whole_name);
            if !self.keep(with, &file.name, cuts, round).await? {
                return Ok(());
            }
            is_new |= bytes > 0;
            if is_cut {
                let message = msg!("server-fetch-cut-line", file = whole_name.as_str());
                self.tell_cut(with, file, message).await;
                reading.is_told = true;
            }
            if is_all {
                reading.seen = Some(file.clone());
                // It was listed before it was read: as much as that is there.
                if is_new && reading.read < file.size && !reading.is_told {
                    let (read, size) = (reading.read, file.size);
                    let message = msg!("server-fetch-cut", file = whole_name.as_str(), read = read, size = size);
                    self.tell_cut(with, file, message).await;
                    reading.is_told = true;
                }
                break;
            }
            if is_stuck || with.shared.is_stopped() {
                break; // there is more, but it does not come
            }
        }
        self.settle(with, file, &mut reading, round).await?;
        self.files.insert(file.name.clone(), reading);
        Ok(())
    }

    /// Lets go what waits of a file that is not written any more.
    async fn settle(
        &mut self,
        with: &With<'_>,
        file: &LogFile,
        reading: &mut Reading,
        round: &mut Round,
    ) -> Result<()> {
        if !is_settled(file) || reading.seen.as_ref() != Some(file) {
            return Ok(());
        }
        if reading.waits() {
            reading.end();
            let cuts = reading.take(&self.marks, &format!("{}/{}", self.name, file.name));
            self.keep(with, &file.name, cuts, round).await?;
        }
        Ok(())
    }

    /// Lets go what waits of a file that is not listed any more, and says where not all of it came.
    async fn gone(&mut self, with: &With<'_>, name: &str, mut reading: Reading, round: &mut Round) -> Result<()> {
        let object = format!("{}/{name}", self.name);
        reading.end();
        let cuts = reading.take(&self.marks, &object);
        self.keep(with, name, cuts, round).await?;
        if reading.seen.is_none() {
            let message = msg!("server-fetch-vanished", object = object.as_str());
            let told = Happening::failure("fetch.vanished", message).with("object", object);
            with.shared.tell(told.with("name", &with.reach.name)).await;
        }
        Ok(())
    }

    /// Writes events down. `false` where all is being stopped before.
    async fn keep(&mut self, with: &With<'_>, file: &str, cuts: Vec<Cut>, round: &mut Round) -> Result<bool> {
        let deliveries: Vec<Delivery> = cuts.iter().map(|cut| self.delivery(with.reach, file, cut)).collect();
        if deliveries.is_empty() {
            return Ok(true);
        }
        let is_kept = with.shared.keep(&deliveries).await?;
        if is_kept {
            cuts.iter().for_each(|cut| self.marks.done(&cut.cursor));
            round.events += cuts.iter().map(|cut| cut.events.len() as u64).sum::<u64>();
        }
        Ok(is_kept)
    }

    fn delivery(&self, reach: &Reach, file: &str, cut: &Cut) -> Delivery {
        // Files of a folder are one log: `audit/server_audit.log.3` is of `audit`.
        let folder = file.rsplit_once('/').map_or(file, |(folder, _)| folder);
        Delivery {
            source: reach.source.clone().or(cut.source.map(str::to_owned)),
            log: Some(format!("{}/{folder}", self.name)),
            id: Some(cut.id.clone()),
            cursor: Some(cut.cursor.clone()),
            events: cut.events.clone(),
            ..delivery(reach, &self.name)
        }
    }

    async fn tell_cut(&self, with: &With<'_>, file: &LogFile, message: Message) {
        let told = Happening::failure("fetch.cut", message).with("name", &with.reach.name);
        with.shared.tell(told.with("file", format!("{}/{}", self.name, file.name))).await;
    }
}

/// Lets pass what is of one file alone: that it was rotated just now, and so is found in the next round, or that RDS refuses it
/// or gives what is no text.
fn let_pass<T>(read: Result<T>, round: &mut Round) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(fault) if fault.id() == "aws-call-absent" => Ok(None),
        Err(fault) if ["aws-call-refused", "aws-call-odd-answer"].contains(&fault.id()) => {
            round.fault.get_or_insert_with(|| Arc::new(fault));
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// Whether a file was last written so long ago that nothing is to be waited for.
fn is_settled(file: &LogFile) -> bool {
    now_ms().saturating_sub(file.written) >= SETTLED_MS
}

fn delivery(reach: &Reach, instance: &str) -> Delivery {
    Delivery {
        received: Timestamp::now(),
        door: DOOR.to_owned(),
        sender: reach.name.clone(),
        from: None,
        source: reach.source.clone(),
        stream: reach.stream.clone(),
        log: Some(instance.to_owned()),
        id: None,
        is_wrapped_by_us: false,
        cursor: None,
        events: Vec::new(),
    }
}

#[async_trait::async_trait(?Send)]
impl Fetcher for RdsFetcher {
    fn name(&self) -> &str {
        &self.reach.name
    }

    fn every(&self) -> Duration {
        self.config.every.0
    }

    async fn again(&mut self, shared: &Shared, from: Timestamp, _: Timestamp) -> Result<Round> {
        // A file says only when it was last written, and what came of one does not come again: what is left out so far is read.
        self.read(shared, Some(from.0.div_euclid(1_000))).await
    }

    async fn round(&mut self, shared: &Shared) -> Result<Round> {
        self.read(shared, None).await
    }
}
