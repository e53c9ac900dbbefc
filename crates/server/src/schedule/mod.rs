//! What is done again and again: checks, saved questions, reports, packages and digests, one at a time, beside what comes in.
//!
//! ```text
//! plan ─► due ─► the command runs, and leaves its own record ─► what is new against what was told ─► told, once
//! ```
//!
//! It runs no check by itself: a [`Runner`] does what the command does that a person would type. What was done and told is in
//! records ([`History`]), so a restart does nothing twice.

mod digest;
mod findings;
mod history;
mod masked;
mod period;
mod plan;
mod rows;
mod serve;
mod untold;

use async_recursion::async_recursion;
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::Value;
use shoseki_comply::checks::{About, Period, Query, VaultFacts, answer, own_rows};
use shoseki_comply::findings::Register;
use shoseki_comply::review::{REVIEWS, Reviews};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_vault::wal::{Tail, tail};
use shoseki_vault::{Vault, spool};

pub use history::{History, LastRun};
pub(crate) use masked::masked;
pub use period::Covering;
pub(crate) use plan::moment;
pub use plan::{Plan, When};
pub(crate) use rows::hash_of_match;
pub(crate) use serve::Scheduler;

use crate::alerts::{Post, Standing};
use crate::config::{Alert, Config, Schedule};
use crate::{Happening, alerts};
use history::HISTORY;
pub(crate) use history::{
    DONE, FAILED, FINDING_CLOSED, FINDING_OPENED, QUERY_CLOSED, QUERY_OPENED, RECOVERED, TOO_MANY, UNSIGNED,
};

/// The actions that people may be told of.
pub(crate) const ACTIONS: [&str; 10] = [
    FINDING_OPENED,
    FINDING_CLOSED,
    QUERY_OPENED,
    QUERY_CLOSED,
    history::DIGEST,
    UNSIGNED,
    FAILED,
    RECOVERED,
    DONE,
    serve::WAITING,
];

/// The most memory of our own questions: the register of findings is folded from all that was ever said of them.
const MEMORY: usize = 256 << 20;
/// How long a record of a command is waited for until it is sealed.
const SEALED: Duration = Duration::from_secs(30);
/// How long is waited until it is looked again whether another process is done.
const LOOK: Duration = Duration::from_millis(200);

/// Something that is to be done now.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// What.
    pub schedule: &'a Schedule,
    /// The zone of its days.
    pub zone: Tz,
    /// When it is due.
    pub due: Timestamp,
    /// Whether it comes late: it was missed, or waited for another.
    pub is_late: bool,
    /// The time that it is about.
    pub period: (Timestamp, Timestamp),
    /// The days that it is about, where it is a digest.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Run<'_> {
    /// A happening with the schedule that it is of.
    fn named(&self, happening: Happening) -> Happening {
        let happening = happening.with("schedule", self.schedule.name.as_str()).with("due", self.due);
        if self.is_late { happening.with("late", true) } else { happening }
    }
}

/// What a command gave.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The command, as a person would type it.
    pub command: String,
    /// What it printed as JSON: the report of a run of checks, rows, digests, what was made.
    pub report: Value,
    /// What it said beside.
    pub said: String,
    /// Whether more came than is read: then rows are missing.
    pub is_cut: bool,
}

/// Does what is to be done, as its command does.
#[async_trait]
pub trait Runner: Send + Sync {
    /// Runs the command to its end. Dropped before, it is stopped. Whatever runs it holds the lock too: where we are killed and it goes
    /// on, nobody begins the same beside it.
    ///
    /// # Errors
    /// Why it did not come to its end.
    async fn run(&self, run: &Run<'_>, lock: &File) -> Result<Ran>;
}

/// What came of a run, and what is to be told of it.
#[derive(Debug)]
pub struct Outcome {
    /// What is to be told, each with whether people are told.
    pub told: Vec<(Happening, bool)>,
    /// How it stands: `fail`, `pass`, `rows`, `made`.
    pub verdict: Option<String>,
    /// Why it did not come to its end.
    pub fault: Option<Fault>,
}

/// What is new.
#[derive(Debug, Default)]
struct News {
    verdict: String,
    details: Vec<(&'static str, String)>,
    tell: Vec<Happening>,
}

impl News {
    /// Tells once more those who could not be told.
    fn again(&mut self, happening: impl FnOnce() -> Happening, to: &BTreeSet<String>) {
        if !to.is_empty() {
            self.tell.push(happening().again_to(to));
        }
    }
}

/// Where schedules are worked on.
pub struct Desk {
    /// The vault.
    pub vault: Arc<Vault>,
    /// What runs commands.
    pub runner: Arc<dyn Runner>,
    /// The folder of the write-ahead log.
    pub wal: PathBuf,
    /// The zone where nothing else is said.
    pub zone: Tz,
    /// Whether what waits in the log is read too: who writes the log knows it.
    pub reads_log: bool,
    /// Who is told.
    pub alerts: Vec<Alert>,
    /// What there is to warn of: records that were changed before their seal.
    pub warnings: Mutex<Vec<Arc<Fault>>>,
}

/// What is asked about.
struct Ground {
    vault: Arc<Vault>,
    tail: Tail,
    /// Where what does not fit into memory is put, encrypted, while a question runs.
    spill: Option<PathBuf>,
}

impl Ground {
    fn engine(&self, options: Options) -> Engine {
        Engine::over_tail(
            Arc::clone(&self.vault),
            &self.tail,
            Options { memory: MEMORY, spill: self.spill.clone(), cores: 1, ..options },
        )
    }
}

impl Desk {
    /// What was done and told up to now.
    ///
    /// # Errors
    /// What the question says.
    #[async_recursion(?Send)]
    pub async fn history(&self) -> Result<History> {
        let mut history = History::default();
        self.refresh(&mut history).await?;
        Ok(history)
    }

    /// Reads what others did meanwhile.
    async fn refresh(&self, history: &mut History) -> Result<()> {
        // What a run by hand told may lie here still, and was told all the same.
        let (ground, now) = (self.ground(true).await?, Timestamp::now());
        let period = Period { from: history.from(now), to: now };
        let about = About { period, zone: self.zone, now, expected: Vec::new(), vault: VaultFacts::default() };
        let (engine, query) = (|options| ground.engine(options), Query::own_open_sql(HISTORY));
        history.untold.people(&self.alerts);
        history.read(&answer(&engine, &about, &query).await?, now);
        Ok(())
    }

    /// The vault as it is now; where it is asked for, with the record that a command left a moment ago.
    async fn ground(&self, with_accesses: bool) -> Result<Ground> {
        let (vault, spool) = (Arc::clone(&self.vault), spool::folder_of(&self.wal));
        let spill = Some(self.wal.clone()).filter(|folder| folder.is_dir());
        if self.reads_log
            && let Some(tail) = tail(&vault, &self.wal, std::slice::from_ref(&spool)).await?
        {
            return Ok(Ground { vault, tail, spill });
        }
        let begun = Instant::now();
        while with_accesses && spool::waiting(&spool)?.ended > 0 && begun.elapsed() < SEALED {
            let taken = spool::take_in(&vault, &spool).await?; // whoever is at it already is waited for
            if let Ok(mut warnings) = self.warnings.lock() {
                warnings.extend(taken.warnings);
            }
            if spool::waiting(&spool)?.ended > 0 {
                tokio::time::sleep(LOOK).await;
            }
        }
        let tail = Tail { snapshot: vault.snapshot().await?, files: Vec::new() };
        Ok(Ground { vault, tail, spill })
    }

    /// What people were told and stands open.
    ///
    /// # Errors
    /// What the question says.
    #[async_recursion(?Send)]
    pub async fn standing(&self) -> Result<Standing> {
        Ok(self.read().await?.standing)
    }

    async fn read(&self) -> Result<alerts::Read> {
        let (ground, mut read) = (self.ground(true).await?, alerts::Read::default());
        read.refresh(|options| ground.engine(options)).await?;
        Ok(read)
    }

    /// Tells what is held for people and is due, and what others are to be told since nobody looks after it, where no `serve` does. Gives
    /// the records of what was told, and who could not be told, and why: for him it stays to be told.
    ///
    /// # Errors
    /// What the question says.
    #[async_recursion(?Send)]
    pub async fn tell_held(&self) -> Result<(Vec<Happening>, Vec<(String, Fault)>)> {
        let lock = File::create(alerts::lock_of(&self.wal)).ok().filter(|file| file.try_lock().is_ok());
        if self.alerts.is_empty() || lock.is_none() {
            return Ok((Vec::new(), Vec::new()));
        }
        let read = self.read().await?;
        let (mut told, mut untold) = alerts::tell_due(&self.alerts, &read.held.letters(&self.alerts)).await;
        for happening in read.standing.due(&self.alerts, Timestamp::now()) {
            let post = Post::of(&self.alerts, std::slice::from_ref(&happening), true);
            let (failed, held) = post.send().await;
            if failed.is_empty() {
                told.push(happening);
            }
            untold.extend(failed.into_iter().map(|one| (one.name, one.why)));
            told.extend(post.held.into_iter().chain(held));
        }
        drop(lock); // until then nobody else tells it
        Ok((told, untold))
    }

    /// What is to be done for a time.
    ///
    /// # Errors
    /// The caller's mistake: a period that no calendar has.
    pub fn asked<'a>(
        &self,
        schedule: &'a Schedule,
        (due, is_late): (Timestamp, bool),
        history: &History,
    ) -> Result<Run<'a>> {
        let (plan, covering) = (schedule.plan(self.zone), schedule.covering());
        let told = history.digests(&schedule.name).filter_map(|told| told.day.parse::<NaiveDate>().ok()).max();
        let since = told.and_then(|day| day.succ_opt());
        let days = schedule.digest.as_ref().and_then(|_| covering.days_of(due, &plan, since));
        let period = covering.of(due, &plan);
        let period = period.ok_or_else(|| Fault::caller(msg!("schedule-period", name = &schedule.name)))?;
        Ok(Run { schedule, zone: plan.zone, due, is_late, period, days })
    }

    /// Does it, and says what came of it. What it says is told by the caller.
    #[async_recursion(?Send)]
    pub async fn run(&self, run: &Run<'_>, history: &History, lock: &File) -> Outcome {
        let (name, begun) = (run.schedule.name.as_str(), Instant::now());
        let was_failing = history.is_failing(name);
        let ran = match self.runner.run(run, lock).await {
            Ok(ran) => self.news(run, &ran, history).await.map(|news| (ran, news)),
            Err(fault) => Err(fault),
        };
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (ran, mut news) = match ran {
            Ok(ran) => ran,
            Err(fault) => {
                let mut failed = failed(run.schedule, (run.due, run.is_late), fault, history);
                failed.told = failed.told.into_iter().map(|(one, is)| (one.with("milliseconds", took), is)).collect();
                return failed;
            }
        };
        let recovered = || run.named(Happening::new(RECOVERED, msg!("schedule-recovered", name = name)));
        match was_failing {
            true => news.tell.push(recovered()),
            false => news.again(recovered, &history.untold.of(RECOVERED, name)),
        }
        let mut told: Vec<(Happening, bool)> = news.tell.into_iter().map(|happening| (happening, true)).collect();
        let mut done = run.named(Happening::new(DONE, self.done(run, &news.verdict)));
        done = done.with("verdict", &news.verdict).with("command", &ran.command).with("milliseconds", took);
        done = done.with("from", run.period.0).with("to", run.period.1);
        if !ran.said.is_empty() {
            done = done.with("said", &ran.said);
        }
        for (detail, value) in news.details {
            done = done.with(detail, value);
        }
        told.push((done, true));
        Outcome { told, verdict: Some(news.verdict), fault: None }
    }

    fn done(&self, run: &Run<'_>, verdict: &str) -> Message {
        let (name, verdict) = (run.schedule.name.as_str(), word(verdict));
        match run.is_late {
            true => msg!("schedule-done-late", name = name, verdict = verdict, due = run.due.to_string()),
            false => msg!("schedule-done", name = name, verdict = verdict),
        }
    }

    /// What is new in what a command gave.
    async fn news(&self, run: &Run<'_>, ran: &Ran, history: &History) -> Result<News> {
        let schedule = run.schedule;
        if let Some(job) = &schedule.query {
            return rows::news(run, job, ran, history);
        }
        if schedule.detect.is_some() {
            return rows::of_matches(run, ran, history);
        }
        if schedule.check.is_some() || schedule.inventory.is_some() || schedule.setup.is_some() {
            if ran.report["recorded"] != true {
                return Err(Fault::world(msg!("schedule-unrecorded")));
            }
            let ground = self.ground(true).await?;
            let register = Register::read(|options| ground.engine(options), Timestamp::now()).await?;
            return Ok(findings::news(run, ran, &register, history));
        }
        if let Some(job) = &schedule.digest {
            let (ground, now) = (self.ground(true).await?, Timestamp::now());
            let reviews = Reviews::of(&own_rows(|options| ground.engine(options), REVIEWS, now).await?);
            let vault = self.vault.store().url();
            return Ok(digest::news(run, job, (ran, vault), (history, &reviews, now)));
        }
        if schedule.replica.is_some() {
            return Ok(News { verdict: "copied".to_owned(), details: Vec::new(), tell: Vec::new() });
        }
        if schedule.retention.is_some() {
            let details = ["files", "records", "deleted"].map(|name| (name, ran.report[name].to_string()));
            return Ok(News { verdict: "expired".to_owned(), details: details.into(), tell: Vec::new() });
        }
        let text = |name: &str| ran.report[name].as_str().map(str::to_owned);
        let details = [("file", text("file")), ("sha256", text("sha256"))];
        let details = details.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        Ok(News { verdict: "made".to_owned(), details, tell: Vec::new() })
    }

    /// Waits until no other process runs a schedule here, for so long. What it gives ends that when it is dropped.
    ///
    /// # Errors
    /// The caller's mistake where another process does; the world's failure where the folder cannot be used.
    #[async_recursion]
    pub async fn lock(&self, patience: Duration) -> Result<File> {
        let failed =
            |error| Fault::world(msg!("schedule-folder", path = self.wal.display().to_string())).because(error);
        std::fs::create_dir_all(&self.wal).map_err(failed)?;
        let file = File::create(lock_of(&self.wal)).map_err(failed)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < patience => tokio::time::sleep(LOOK).await,
                Err(TryLockError::WouldBlock) => return Err(Fault::caller(msg!("schedule-busy"))),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}

/// That a run failed. It is told once, until one comes to its end; to who could not be told, once more.
fn failed(schedule: &Schedule, (due, is_late): (Timestamp, bool), fault: Fault, history: &History) -> Outcome {
    let name = schedule.name.as_str();
    let why = vec![fault.message().clone()];
    let happening = Happening::failure(FAILED, msg!("schedule-failed", name = name, why = why));
    let mut happening = happening.with("schedule", name).with("due", due).with("why", fault.chain(Lang::En));
    happening = happening.with("why_ja", fault.chain(Lang::Ja)).mended_by(msg!("schedule-again", name = name));
    if is_late {
        happening = happening.with("late", true);
    }
    let to = history.untold.of(FAILED, name);
    let (happening, is_told) = match (history.is_failing(name), to.is_empty()) {
        (false, _) => (happening, true),
        (true, true) => (happening.with("again", true), false),
        (true, false) => (happening.with("again", true).again_to(&to), true),
    };
    Outcome { told: vec![(happening, is_told)], verdict: None, fault: Some(fault) }
}

/// A verdict for people.
pub fn word(verdict: &str) -> Message {
    match verdict {
        "fail" => msg!("schedule-verdict-fail"),
        "no_evidence" => msg!("schedule-verdict-no-evidence"),
        "pass" => msg!("schedule-verdict-pass"),
        "not_applicable" => msg!("schedule-verdict-not-applicable"),
        "rows" => msg!("schedule-verdict-rows"),
        "no_rows" => msg!("schedule-verdict-no-rows"),
        TOO_MANY => msg!("schedule-verdict-too-many"),
        "made" => msg!("schedule-verdict-made"),
        "copied" => msg!("schedule-verdict-copied"),
        "expired" => msg!("schedule-verdict-expired"),
        _ => msg!("schedule-verdict-failed"),
    }
}

fn lock_of(wal: &Path) -> PathBuf {
    wal.join("schedule.lock")
}

/// The zone of a configuration: its own, else the one that is usual here.
pub fn zone_of(config: &Config, usual: Tz) -> Tz {
    config.tz.as_ref().and_then(|tz| tz.parse().ok()).unwrap_or(usual)
}

/// The plans of a configuration, as the record of a start has them.
pub(crate) fn plans(config: &Config, usual: Tz) -> String {
    let zone = zone_of(config, usual);
    let plan = |schedule: &Schedule| format!("{}={}", schedule.name, schedule.plan(zone).line());
    config.schedules.iter().map(plan).collect::<Vec<_>>().join("; ")
}
