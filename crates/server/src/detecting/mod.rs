//! Detection as evidence comes in: what was sealed is asked of the rules at once, beside what comes in, and matches are told.
//!
//! ```text
//! sealed ─► commits that were not looked at ─► rules ─► detect.match …, match.found …, detect.run ═► log ─► people
//! ```
//!
//! How far was looked is in the records (`detect.run` of the scope `serve`), and kept nowhere else: a restart goes on behind them. The
//! matches stand in the log before the run that says how far it looked, and people are told once all of it is kept. So who dies in
//! between looks again, finds the same matches by the same names, and tells nobody twice. It has a thread of its own, and waits for
//! nothing that receives or seals.

mod known;
mod words;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use shoseki_detect::{Detector, ENGINE, Kept, Match, Rules, Suppressions, look_on};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Lang, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_segment::OWN_SOURCE;
use shoseki_vault::{Snapshot, Vault, spool};
use tokio::sync::{Notify, watch};

use crate::Happening;
use crate::config::Detect;
use crate::metrics::Metrics;
use crate::own;
use crate::sealing::is_ready;
use crate::telling::Teller;
pub use known::Known;
pub(crate) use known::Told;
use known::looked;
pub(crate) use words::FOUND;

/// Looking fails, and is tried again.
pub(crate) const FAILED: &str = "detect.failed";
/// It goes on again.
pub(crate) const RECOVERED: &str = "detect.recovered";
/// A commit cannot be looked at, and is passed over.
pub(crate) const SKIPPED: &str = "detect.skipped";
/// Some rules cannot be asked.
pub(crate) const UNASKED: &str = "detect.rules";
/// The actions that people may be told of.
pub(crate) const ACTIONS: [&str; 5] = [FOUND, FAILED, RECOVERED, SKIPPED, UNASKED];

/// How many commits are looked at together.
const COMMITS: u64 = 64;
/// The most memory of its questions.
const MEMORY: usize = 96 << 20;
/// How long it takes until what failed is tried again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The most matches of which a look leaves a record each.
const MOST: usize = 10_000;
/// How many of them are one delivery to the log.
const IN_ONE: usize = 50;
/// The scope of its runs.
const SCOPE: &str = "serve";

/// What looks, with what it works with.
pub(crate) struct Detecting {
    pub(crate) vault: Arc<Vault>,
    pub(crate) teller: Arc<Teller>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) config: Detect,
    /// How often it is looked for what was sealed, by whomever.
    pub(crate) every: Duration,
    /// Says that something was sealed here.
    pub(crate) sealed: Arc<Notify>,
}

/// How far it is.
struct Place {
    /// All of the commits before this one was looked at.
    through: u64,
    /// The same, as of the last record that says so.
    recorded: u64,
    /// How many commits are looked at together.
    at_once: u64,
    kept: Kept,
    known: Known,
    /// The rules, and what they were read from.
    rules: Option<(Arc<Detector>, String)>,
}

impl Detecting {
    /// Looks until it is stopped, once the vault has all that was left from the last run.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>, mut is_caught_up: watch::Receiver<bool>) {
        if is_ready(&mut stop, &mut is_caught_up).await {
            self.work(&mut stop).await;
        }
    }

    async fn work(&self, stop: &mut watch::Receiver<bool>) {
        let (mut place, mut failures, mut is_told) = (None, 0u32, false);
        loop {
            let pause = match self.round(&mut place, stop).await {
                Ok(()) => {
                    if is_told {
                        self.teller.tell(Happening::new(RECOVERED, msg!("detect-recovered"))).await;
                    }
                    (failures, is_told) = (0, false);
                    self.every
                }
                Err(fault) => {
                    failures += 1;
                    self.metrics.detect_failed();
                    // What was read may have been put together with other files meanwhile: that is no failure.
                    if failures > 1 && !is_told {
                        let message = msg!("detect-failed", why = vec![fault.message().clone()]);
                        let told = Happening::failure(FAILED, message).with("why", fault.chain(Lang::En));
                        self.teller.tell(told).await;
                        is_told = true;
                    }
                    Duration::from_secs(1 << (failures - 1).min(6)).min(LONGEST_PAUSE)
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.sealed.notified(), if failures == 0 => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks at all that is sealed and was not looked at, or until it is stopped. What it was at is then looked at again; what is being
    /// kept and told is told to its end.
    async fn round(&self, place: &mut Option<Place>, stop: &mut watch::Receiver<bool>) -> Result<()> {
        let snapshot = self.vault.snapshot().await?;
        let sealed = self.vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size()).min(snapshot.size());
        if place.is_none() {
            *place = Some(tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                begun = self.begin(&snapshot, sealed) => begun?,
            });
        }
        let Some(place) = place else { return Ok(()) };
        self.metrics.detect_behind(sealed.saturating_sub(place.through));
        let detector = self.rules(place).await?;
        while place.through < sealed {
            let end = sealed.min(place.through.saturating_add(place.at_once));
            let looked = self.look((&snapshot, &detector), place, end, stop).await;
            if *stop.borrow() {
                return Ok(());
            }
            match looked {
                Ok(()) => place.at_once = COMMITS,
                Err(fault) => {
                    place.kept = Kept::default();
                    match (fault.kind(), end - place.through) {
                        (Kind::World, _) => return Err(fault),
                        (_, 1) => self.pass_over(place, &fault).await?,
                        (_, commits) => place.at_once = commits / 2,
                    }
                }
            }
            self.metrics.detect_behind(sealed - place.through);
        }
        self.metrics.detect_behind(0);
        Ok(())
    }

    fn options() -> Options {
        Options { include_internal: true, memory: MEMORY, cores: 1, ..Options::default() }
    }

    fn over(&self, snapshot: &Snapshot, commits: std::ops::Range<u64>, options: Options) -> Engine {
        Engine::over_commits(
            Arc::clone(&self.vault),
            snapshot,
            commits,
            Options { memory: MEMORY, cores: 1, ..options },
        )
    }

    /// Where it goes on. Where it never was, it begins with what is sealed from now on, and that is kept: what comes while it is down
    /// is not missed.
    async fn begin(&self, snapshot: &Snapshot, sealed: u64) -> Result<Place> {
        let all = |options| self.over(snapshot, 0..snapshot.size(), options);
        let known = Known::of(all).await?;
        self.teller.matches.read(all).await?;
        let through = match looked(all).await? {
            Some(through) => through.min(sealed),
            None => {
                let run = record("detect.run", &spool::new_id()?, self.looked_up_to(None, (sealed, sealed)));
                self.keep(Vec::new(), Vec::new(), vec![run]).await?;
                sealed
            }
        };
        let (at_once, kept) = (COMMITS, Kept::default());
        Ok(Place { through, recorded: through, at_once, kept, known, rules: None })
    }

    /// The rules, read again where their files are others than they were.
    async fn rules(&self, place: &mut Place) -> Result<Arc<Detector>> {
        let stamp = Rules::stamp(&self.config.rules.0)?;
        if let Some((detector, _)) = place.rules.as_ref().filter(|(_, known)| *known == stamp) {
            return Ok(Arc::clone(detector));
        }
        let detector = Arc::new(Detector::new(Rules::load(true, &self.config.rules.0)?));
        let was = place.rules.replace((Arc::clone(&detector), stamp));
        if was.is_none_or(|(was, _)| was.rules().hash() != detector.rules().hash()) {
            // What only the rules before looked at is not said to be looked at by these, and what they found is nothing that these count.
            (place.recorded, place.kept) = (place.through, Kept::default());
        }
        self.tell_of_problems(&detector).await;
        Ok(detector)
    }

    async fn tell_of_problems(&self, detector: &Detector) {
        let all: Vec<_> = detector.rules().problems.iter().chain(&detector.problems).collect();
        if let Some(first) = all.first() {
            let message = msg!("detect-rules-unasked", count = all.len(), why = vec![first.why.clone()]);
            let told = Happening::failure(UNASKED, message).mended_by(msg!("detect-rules-mend"));
            let told = told.with("count", all.len()).with("why", first.why.text(Lang::En));
            self.teller.tell(told.with("rules_sha256", detector.rules().hash())).await;
        }
    }

    /// Looks at the commits up to `end`, keeps what came of it, and tells people.
    async fn look(
        &self,
        (snapshot, detector): (&Snapshot, &Arc<Detector>),
        place: &mut Place,
        end: u64,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<()> {
        let (range, begun) = (place.through..end, Instant::now());
        let parts = snapshot.added(range.start, range.end);
        let sources = || parts.iter().flat_map(|part| &part.segments).map(|segment| segment.source.as_str());
        if sources().next().is_none() {
            place.through = end; // files were put together, or went
            return Ok(());
        }
        if sources().any(|source| source == OWN_SOURCE) {
            // What others found meanwhile, and what schedules told.
            place.known.read(|options| self.over(snapshot, range.clone(), options)).await?;
            self.teller.matches.read(|options| self.over(snapshot, range.clone(), options)).await?;
        }
        let engine = self.over(snapshot, range.clone(), Self::options());
        let before = |from, to| {
            let options = Options { from: Some(from), to, ..Self::options() };
            self.over(snapshot, 0..range.start, options)
        };
        let looking = look_on(&engine, detector, &before, &mut place.kept, Timestamp::now());
        // A defect in it, or in a rule, costs one commit, and not the process that takes evidence in.
        let looked = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            looked = AssertUnwindSafe(looking).catch_unwind() => looked,
        };
        let looked = looked.unwrap_or_else(|_| Err(Fault::broken(msg!("detect-panicked"))))?;
        let is_empty = looked.matches.hits() == 0;
        if is_empty && sources().all(|source| source == OWN_SOURCE) {
            place.through = end; // what is said of our own records would be one more, and so on
            return Ok(());
        }
        let suppressions = Suppressions(self.config.suppress.clone());
        let known = if is_empty { Vec::new() } else { place.known.all() };
        let found = looked.matches.merged(&known, &suppressions);
        if found.len() > MOST && end - place.through > 1 {
            return Err(Fault::caller(msg!("detect-too-many", most = MOST)));
        }
        let mut run = self.looked_up_to(Some(detector), (place.recorded, end));
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let what = json!({"records": looked.records, "matches": found.len(), "milliseconds": milliseconds});
        run.extend(what.as_object().cloned().unwrap_or_default());
        let (id, matches) = (spool::new_id()?, self.match_records(detector, place, &found)?);
        let run = record("detect.run", &id, run);
        let new: Vec<&Match> =
            found.iter().filter(|one| self.is_told(one) && self.teller.matches.claim(&one.id)).collect();
        if let Err(fault) = self.keep(matches, words::happenings(&new), vec![run]).await {
            new.iter().for_each(|one| self.teller.matches.give_back(&one.id));
            return Err(fault);
        }
        self.metrics.detected(looked.records, new.len());
        found.iter().for_each(|one| place.known.found(one));
        (place.through, place.recorded) = (end, end);
        Ok(())
    }

    /// Whether people are told of a match. What happens to `serve` itself is told as what it is, where somebody wants to know it.
    fn is_told(&self, one: &Match) -> bool {
        one.suppressed.is_none() && one.rule().level >= self.config.alert && one.about.stream != own::STREAM
    }

    /// A commit that cannot be looked at holds up no other. No record says that it was looked at.
    async fn pass_over(&self, place: &mut Place, fault: &Fault) -> Result<()> {
        let commit = place.through;
        let message = msg!("detect-skipped", commit = commit, why = vec![fault.message().clone()]);
        let told = Happening::failure(SKIPPED, message).mended_by(msg!("detect-skipped-mend"));
        let told = told.with("commit", commit).with("why", fault.chain(Lang::En));
        self.keep(Vec::new(), vec![told], Vec::new()).await?;
        (place.through, place.recorded, place.at_once) = (commit + 1, commit + 1, COMMITS);
        Ok(())
    }

    async fn keep(&self, before: Vec<Bytes>, told: Vec<Happening>, after: Vec<Bytes>) -> Result<()> {
        let now = Timestamp::now();
        let before = before.chunks(IN_ONE).map(|events| own::delivery(now, events.to_vec())).collect();
        let after = after.into_iter().map(|event| own::delivery(now, vec![event])).collect();
        match self.teller.tell_kept(before, told, after).await {
            true => Ok(()),
            false => Err(Fault::world(msg!("detect-unkept"))),
        }
    }

    /// What each record of a look says.
    fn said(&self, detector: Option<&Detector>, since: u64) -> Map<String, Value> {
        let said = json!({
            "version": env!("CARGO_PKG_VERSION"), "vault": self.vault.marker().origin, "engine": ENGINE, "since": since,
            "rules_sha256": detector.map(|detector| detector.rules().hash()),
        });
        said.as_object().cloned().unwrap_or_default()
    }

    /// That the commits from one up to another were looked at; without rules, that what is behind them will be.
    fn looked_up_to(&self, detector: Option<&Arc<Detector>>, (since, end): (u64, u64)) -> Map<String, Value> {
        let count = |detector: &Arc<Detector>| detector.rules().all().filter(|rule| !rule.is_base).count();
        let problems = |detector: &Arc<Detector>| detector.rules().problems.len() + detector.problems.len();
        let mut details = self.said(detector.map(AsRef::as_ref), since);
        let more = json!({
            "scope": SCOPE, "tree_size": end, "ended": "whole", "rules": detector.map(count),
            "problems": detector.map(problems),
        });
        details.extend(more.as_object().cloned().unwrap_or_default());
        details
    }

    /// The records of matches that are new or have grown.
    fn match_records(&self, detector: &Detector, place: &Place, found: &[Match]) -> Result<Vec<Bytes>> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let run = spool::new_id()?;
        let one = |one: &Match| {
            let json =
                serde_json::to_value(one).map_err(|error| Fault::broken(msg!("detect-unkept")).because(error))?;
            let mut details = json.as_object().cloned().unwrap_or_default();
            details.extend(self.said(Some(detector), place.recorded));
            Ok(record("detect.match", &format!("{run}/{}", one.id), details))
        };
        found.iter().take(MOST).map(one).collect()
    }
}

/// A record of our own.
fn record(action: &str, id: &str, details: Map<String, Value>) -> Bytes {
    let event = json!({
        "time": Timestamp::now().to_string(), "action": action, "outcome": "success", "id": id, "details": details,
    });
    event.to_string().into()
}
