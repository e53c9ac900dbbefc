//! A forwarder at work: what was sealed since is read, sent and, once its target said yes, passed.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shoseki_event::{SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{Part, Snapshot};

use super::cursor::{Cursor, Cursors};
use super::line::Line;
use super::reading::Wanted;
use super::{Forwarded, No, Refused, Shared, Target, failure};
use crate::Happening;
use crate::config::{Forward, Since};

/// How many commits are taken up at a time.
const COMMITS: u64 = 256;
/// How long it takes until what failed is tried again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How long a batch that is under way may take once all is being stopped.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is told how much went out: that evidence left the vault is evidence too.
const TELLING: Duration = Duration::from_secs(86_400);
/// How long a full log is waited for until it is asked again.
const FULL: Duration = Duration::from_secs(1);
/// How often a batch is tried by who does not wait.
const TRIES: u32 = 3;

/// A target, what it gets, and how far it is.
pub(super) struct Forwarder {
    forward: Forward,
    target: Box<dyn Target>,
    shared: Shared,
    cursors: Arc<Cursors>,
    /// Whether it tries again for as long as it takes.
    is_patient: bool,
    /// Whether it was told that the target fails.
    has_failed: bool,
    /// How many records the target refused since it was told, the last of them, and why.
    refused: (u64, String, String),
    done: Forwarded,
    /// When it was told how much went out, and how much that was.
    told: (Instant, u64, u64),
    /// The commit before which all went out.
    through: u64,
}

/// Why a round ended before its end.
enum End {
    Stopped,
    Failed(Fault),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl Forwarder {
    pub(super) fn new(forward: Forward, target: Box<dyn Target>, shared: Shared, cursors: Arc<Cursors>) -> Self {
        let name = forward.name.clone();
        Self {
            forward,
            target,
            shared,
            cursors,
            is_patient: true,
            has_failed: false,
            refused: (0, String::new(), String::new()),
            done: Forwarded { name, records: 0, bytes: 0, refused: 0, fault: None },
            told: (Instant::now(), 0, 0),
            through: 0,
        }
    }

    fn name(&self) -> &str {
        &self.forward.name
    }

    /// Goes on until it is stopped.
    pub(super) async fn run(mut self) {
        let every = self.forward.every.map_or(self.shared.every, |every| every.0);
        let mut failures = 0;
        loop {
            let pause = match self.round().await {
                Ok(()) => {
                    failures = 0;
                    self.recovered().await;
                    every
                }
                Err(End::Stopped) => Duration::ZERO,
                Err(End::Failed(fault)) => {
                    failures += 1;
                    // What was read may have been put together with other files meanwhile: that is no failure.
                    if failures > 1 {
                        self.failed(&fault).await;
                    }
                    pause(failures)
                }
            };
            if self.told.0.elapsed() >= TELLING {
                self.tell_of_sent().await;
            }
            if !self.shared.pause(pause).await {
                self.tell_of_sent().await;
                return;
            }
        }
    }

    /// Passes on what is there, or a stretch again, and ends.
    pub(super) async fn once(mut self, stretch: Option<(Timestamp, Timestamp)>) -> Forwarded {
        self.is_patient = false;
        let round = match stretch {
            Some(stretch) => self.again(stretch).await,
            None => self.round().await,
        };
        if let Err(End::Failed(fault)) = round {
            self.failed(&fault).await;
            self.done.fault = Some(fault);
        }
        self.done
    }

    /// How many commits are sealed, and the table with them.
    async fn sealed(&self) -> Result<(Snapshot, u64)> {
        let snapshot = self.shared.vault.snapshot().await?;
        let sealed = self.shared.vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
        let size = snapshot.size();
        Ok((snapshot, sealed.min(size)))
    }

    /// Where it is; where it never was, that is kept before anything is sent.
    fn cursor(&self, sealed: u64) -> Result<Cursor> {
        if let Some(cursor) = self.cursors.read(self.name())? {
            return Ok(cursor);
        }
        let through = if self.forward.from == Since::Now { sealed } else { 0 };
        let cursor = Cursor { through, ..Cursor::default() };
        self.cursors.keep(self.name(), &cursor)?;
        Ok(cursor)
    }

    fn is_through(&mut self, through: u64, sealed: u64) {
        self.through = through;
        self.shared.metrics.forward_behind(&self.forward.name, sealed.saturating_sub(through));
    }

    /// Sends what was sealed since.
    async fn round(&mut self) -> Result<(), End> {
        let (snapshot, sealed) = self.sealed().await?;
        let wanted = Wanted::of(&self.forward, &snapshot)?;
        let mut cursor = self.cursor(sealed)?;
        self.is_through(cursor.through, sealed);
        while cursor.through < sealed {
            let end = sealed.min(cursor.through.saturating_add(COMMITS));
            for part in snapshot.added(cursor.through, end) {
                self.part(&part, &wanted, &mut cursor, true).await?;
            }
            cursor = Cursor { through: end, ..Cursor::default() };
            self.cursors.keep(self.name(), &cursor)?;
            self.is_through(end, sealed);
        }
        Ok(())
    }

    /// Sends the events of a stretch, whatever went out before.
    async fn again(&mut self, (from, to): (Timestamp, Timestamp)) -> Result<(), End> {
        let (snapshot, sealed) = self.sealed().await?;
        let wanted = Wanted::of(&self.forward, &snapshot)?.between(from, to);
        for part in snapshot.added(0, sealed) {
            self.part(&part, &wanted, &mut Cursor::default(), false).await?;
        }
        Ok(())
    }

    /// Sends what a file has of the segments that did not go out. `is_kept`: how far it is, is kept.
    async fn part(&mut self, part: &Part, wanted: &Wanted, cursor: &mut Cursor, is_kept: bool) -> Result<(), End> {
        let segments = wanted.segments(part);
        let from: BTreeMap<SegmentId, u32> =
            segments.iter().filter_map(|segment| Some((*segment, cursor.first(*segment)?))).collect();
        if from.is_empty() {
            return Ok(());
        }
        let mut batches = wanted.batches(&self.shared.vault, &part.file, from, self.target.most()).await?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            if !batch.lines.is_empty() {
                self.deliver(&batch.lines).await?;
            }
            self.tell_of_refused().await?; // before it is passed over
            cursor.reach(&segments, batch.next);
            if is_kept && !batch.lines.is_empty() {
                self.cursors.keep(self.name(), cursor)?;
            }
        }
        batches.ended().await?;
        segments.iter().for_each(|segment| cursor.finish(*segment));
        Ok(())
    }

    /// Sends lines until the target took them, or said that it never will.
    async fn deliver(&mut self, lines: &[Line]) -> Result<(), End> {
        let mut left: Vec<&[Line]> = vec![lines];
        let mut tries = 0;
        while let Some(some) = left.pop() {
            match self.send(some).await? {
                Ok(refused) => {
                    tries = 0;
                    self.took(some, &refused);
                    self.recovered().await;
                }
                Err(No::Unfit(fault, _)) => match some {
                    [one] => self.refuse(one, fault.chain(shoseki_messages::Lang::En)),
                    some => {
                        let (first, second) = some.split_at(some.len() / 2);
                        left.extend([second, first]);
                    }
                },
                Err(No::Later(fault, at_least)) => {
                    tries += 1;
                    if !self.is_patient && tries == TRIES {
                        return Err(End::Failed(fault));
                    }
                    self.failed(&fault).await;
                    if let Ok((_, sealed)) = self.sealed().await {
                        self.is_through(self.through, sealed); // how far behind it falls meanwhile
                    }
                    let pause = pause(tries).max(at_least.unwrap_or_default()).min(LONGEST_PAUSE);
                    if !self.shared.pause(pause).await {
                        return Err(End::Stopped);
                    }
                    left.push(some);
                }
            }
        }
        Ok(())
    }

    /// Sends a batch; once all is being stopped, it has a moment left.
    async fn send(&mut self, lines: &[Line]) -> Result<Result<Vec<Refused>, No>, End> {
        let mut stop = self.shared.stop.clone();
        let mut sending = self.target.send(lines);
        tokio::select! {
            sent = &mut sending => return Ok(sent),
            _ = stop.wait_for(|stop| *stop) => {}
        }
        tokio::time::timeout(GRACE, sending).await.map_err(|_| End::Stopped)
    }

    fn took(&mut self, lines: &[Line], refused: &[Refused]) {
        for one in refused {
            if let Some(line) = lines.get(one.at.unwrap_or_default()) {
                self.refuse(line, one.why.clone());
            }
        }
        let places: HashSet<usize> = refused.iter().filter_map(|one| one.at).collect();
        let taken = lines.iter().enumerate().filter(|(index, _)| !places.contains(index));
        let bytes = taken.map(|(_, line)| line.text.len() as u64).sum();
        let records = (lines.len() - refused.len().min(lines.len())) as u64;
        self.done.records += records;
        self.done.bytes += bytes;
        self.shared.metrics.forwarded(&self.forward.name, records, bytes);
    }

    fn refuse(&mut self, line: &Line, why: String) {
        self.refused = (self.refused.0 + 1, line.id.to_string(), why);
        self.done.refused += 1;
        self.shared.metrics.forward_refused(&self.forward.name);
    }

    /// Tells once that the target fails.
    async fn failed(&mut self, fault: &Fault) {
        self.shared.metrics.forward_failed(&self.forward.name);
        if !std::mem::replace(&mut self.has_failed, true) {
            self.shared.teller.tell(failure(&self.forward.name, fault)).await;
        }
    }

    /// Tells that it works again, where it was told that it does not.
    async fn recovered(&mut self) {
        if std::mem::take(&mut self.has_failed) {
            let name = self.forward.name.as_str();
            let told = Happening::new("forward.recovered", msg!("server-forward-recovered", name = name));
            self.shared.teller.tell(told.with("name", name)).await;
        }
    }

    /// Tells how much went out since.
    async fn tell_of_sent(&mut self) {
        let (_, records, bytes) = self.told;
        let (records, bytes) = (self.done.records - records, self.done.bytes - bytes);
        self.told = (Instant::now(), self.done.records, self.done.bytes);
        if records == 0 {
            return;
        }
        let (name, (kind, at)) = (self.forward.name.as_str(), self.forward.target());
        let told = Happening::new("forward.sent", msg!("server-forward-sent", name = name, count = records));
        let told = told.with("name", name).with("target", kind).with("at", at);
        self.shared.teller.tell(told.with("records", records).with("bytes", bytes)).await;
    }

    /// Tells what the target refused since. It is passed over only once that is kept: where the log is full, that is waited for.
    async fn tell_of_refused(&mut self) -> Result<(), End> {
        let (count, record, why) = std::mem::take(&mut self.refused);
        if count > 0 {
            let name = self.forward.name.as_str();
            let message = msg!(
                "server-forward-refused",
                name = name,
                count = count,
                record = record.as_str(),
                why = why.as_str()
            );
            let told = Happening::failure("forward.refused", message).with("name", name).with("count", count);
            let told = told.with("record", record).with("why", why);
            let mut is_kept = self.shared.teller.tell(told.clone()).await;
            while !is_kept {
                if !self.shared.pause(FULL).await {
                    return Err(End::Stopped);
                }
                is_kept = self.shared.teller.keep(&told).await;
            }
        }
        Ok(())
    }
}

/// Twice as long after each failure: from a second on, five minutes at most.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.saturating_sub(1).min(9)).min(LONGEST_PAUSE)
}
