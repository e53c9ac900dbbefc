//! Running checks over the vault: the period, what is known of the vault itself, the record of the run.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ArgMatches;
use shoseki_comply::account;
use shoseki_comply::checks::{self, About, Check, Judged, Period, Status, VaultFacts};
use shoseki_comply::findings::{self, Looking, Register, SEEN, Stated};
use shoseki_comply::frameworks::{Assessed, Document, Framework, assess, named_by};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Cache, Engine, Options};
use shoseki_server::Config;
use shoseki_vault::wal::Tail;
use shoseki_vault::{Snapshot, Statement, Vault};

use super::super::key;
use super::super::query::{Limits, limits, newest, range};
use super::super::retention;
use super::super::verify::whole_place;
use super::look::{self, Look};
use super::{list, period, rows, shown};
use crate::access::{self, Access, Beginning, Recorded};
use crate::context::Context;
use crate::{Exit, output};

/// How far back is judged where nothing is said, in microseconds: a quarter.
const USUAL: i64 = 90 * 86_400 * 1_000_000;

/// What came of a run.
pub(super) struct Outcome<'a> {
    pub(super) period: Period,
    pub(super) tree_size: u64,
    pub(super) is_recorded: bool,
    /// Where accounts were looked at, now or by the inventory that was sealed last.
    pub(super) looking: Option<&'a Looking>,
    /// What settings were looked at, where any were.
    pub(super) seen: Option<look::Seen>,
    pub(super) judged: &'a [Judged<'a>],
    /// Nothing where checks alone were asked for.
    pub(super) frameworks: Vec<(&'a Framework, Vec<Assessed<'a>>)>,
}

impl Outcome<'_> {
    /// The statuses that count: of requirements, or of checks where no framework was asked for.
    pub(super) fn statuses(&self) -> Vec<Status> {
        match self.frameworks.is_empty() {
            true => self.judged.iter().map(Judged::status).collect(),
            false => self.frameworks.iter().flat_map(|(_, all)| all).map(|one| one.status).collect(),
        }
    }

    fn exit(&self) -> Exit {
        match Status::of_all(self.statuses()) {
            Status::Fail => Exit::Failed,
            Status::NoEvidence => Exit::Unverifiable,
            Status::Pass | Status::NotApplicable => Exit::Done,
        }
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if matches.get_flag("print-policy") {
        return look::print_policy();
    }
    let now = Timestamp::now();
    let look = Look::of(context, matches, now)?;
    let own = list::own(matches)?;
    let frameworks = frameworks(matches, &own)?;
    let Chosen { checks, settings, inventory } = chosen(matches, &frameworks, (&own, look.is_some()))?;
    if look.is_some() && settings.is_empty() && inventory.is_empty() {
        return Err(Fault::caller(msg!("cli-check-live-nothing")));
    }
    // What speaks is in a vault: asked for that alone, there must be one.
    if let (Some(look @ Look::Live(_)), Err(_), false) = (&look, context.url(), settings.is_empty()) {
        return look::without_vault(context, matches, look, (&frameworks, &settings)).await;
    }
    let until = look.as_ref().map_or(now, |look| look.until(now));
    let period = bounds(context, matches, until)?.period;
    let look = look.map(|look| look.over(period, now)).transpose()?;
    let config = matches.get_one::<String>("config").map(PathBuf::from);
    let config = config.map(|path| Config::read(&path)).transpose()?;
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let access =
        access_of(&frameworks, (&checks, &[&settings[..], &inventory[..]].concat()), period, tail.snapshot.size());
    let mut recorded = Beginning::of(context, &vault, access);
    let about = About {
        period,
        zone: context.zone,
        now,
        expected: config.as_ref().map(shoseki_server::expected).unwrap_or_default(),
        vault: facts(context, &vault, &tail.snapshot)?,
    };
    let engine = engine(context, limits(matches)?, &vault, &tail);
    let judge = async {
        let before = Register::read(&engine, now).await?;
        let (mut judged, arrivals) = checks::run(&engine, &about, &checks).await?;
        let around = Around { context, vault: &vault, now, to: period.to };
        let is_named = matches.get_many::<String>("check").is_some();
        let (more, seen, looking) = looked(around, &engine, look.as_ref(), (&settings, &inventory), is_named).await?;
        judged.extend(more);
        Ok((before, judged, arrivals, (seen, looking)))
    };
    let ran = tokio::select! {
        ran = judge => ran,
        _ = tokio::signal::ctrl_c() => {
            if let Some(recorded) = recorded.begun().await {
                recorded.stopped();
            }
            return Ok(Exit::Stopped);
        }
    };
    let documents = documents(&vault.attachments(&tail.snapshot).await?);
    recorded.durable().await?;
    let recorded = recorded.begun().await;
    let (before, mut judged, arrivals, (seen, looking)) = match ran {
        Ok(ran) => ran,
        Err(fault) => {
            if let Some(recorded) = recorded {
                recorded.failed(&fault);
            }
            return Err(fault);
        }
    };
    let run = recorded.as_ref().map(Recorded::id).unwrap_or_default();
    let known = list::all(&own)?;
    let stated =
        findings::state(&mut judged, &before, findings::About { period, run, looked: looking.as_ref() }, &|id| {
            named_by(id, &known)
        });
    let outcome = Outcome {
        period,
        tree_size: tail.snapshot.size(),
        is_recorded: recorded.as_ref().is_some_and(Recorded::is_recorded),
        looking: looking.as_ref(),
        seen,
        judged: &judged,
        frameworks: frameworks.iter().map(|one| (*one, assess(one, &judged, &documents, period))).collect(),
    };
    let is_recorded = outcome.is_recorded;
    if let Some(recorded) = recorded {
        tell(recorded, &outcome.statuses(), (stated, looking.as_ref()))?;
    }
    show(context, matches, &outcome)?;
    if arrivals.streams.is_empty() && !checks.is_empty() {
        note_newest(context, &tail.snapshot);
    }
    if is_recorded {
        access::seal(context, &vault).await;
    }
    Ok(outcome.exit())
}

/// What a look is within.
#[derive(Clone, Copy)]
struct Around<'r> {
    context: &'r Context,
    vault: &'r Vault,
    now: Timestamp,
    /// The period's end.
    to: Timestamp,
}

/// What comes of settings and of what exists: by accounts that are looked at, or by the inventory that was sealed last; and where that is.
async fn looked<'a>(
    around: Around<'_>,
    engine: &(impl Fn(Options) -> Engine + Sync),
    look: Option<&Look>,
    (settings, inventory): (&[&'a Check], &[&'a Check]),
    is_named: bool,
) -> Result<(Vec<Judged<'a>>, Option<look::Seen>, Option<Looking>)> {
    let Around { context, vault, now, to } = around;
    let Some(look) = look else {
        let asked = look::OfKept { inventory, settings, is_named, vault: look::bucket_of(vault) };
        let heard = look::kept(engine, to, asked).await?;
        return Ok(heard.map_or_else(Default::default, |heard| (heard.judged, None, Some(heard.looking))));
    };
    let (looked, seen) = look.look(context, Some(vault), Some(engine)).await?;
    let mut judged = account::judge(&looked, settings);
    let looking = seen.looking.clone();
    if !inventory.is_empty() {
        judged.extend(look::heard(engine, (&looked, &looking), look.moment(now), inventory).await?.judged);
    }
    Ok((judged, Some(seen), Some(looking)))
}

/// Completes the record of a run: what came of it, and a record of each finding that is new or has changed.
pub(in super::super) fn tell(
    mut recorded: Recorded,
    statuses: &[Status],
    (stated, looking): (Stated, Option<&Looking>),
) -> Result<()> {
    for status in Status::ALL {
        let count = statuses.iter().filter(|one| **one == status).count();
        recorded.detail(status.name(), count);
    }
    let broken = |error| Fault::broken(msg!("cli-json")).because(error);
    recorded.detail("judged", serde_json::to_value(&stated.judged).map_err(broken)?);
    // Where was looked stands in the record: who reads it knows of what it says nothing.
    if let Some(looking) = looking {
        recorded.detail("looked", serde_json::to_value(looking).map_err(broken)?);
    }
    for seen in &stated.seen {
        recorded.tell(&seen.finding.to_string(), Access::new(SEEN).saying(seen)?);
    }
    recorded.whole();
    Ok(())
}

/// The frameworks that are asked for: those of the files, where nothing else is said.
pub(super) fn frameworks<'a>(matches: &ArgMatches, own: &'a [Framework]) -> Result<Vec<&'a Framework>> {
    let named: Vec<&String> = matches.get_many::<String>("framework").into_iter().flatten().collect();
    if named.is_empty() && matches.get_many::<String>("check").is_none() {
        return Ok(own.iter().collect());
    }
    let one = |id: &&String| match own.iter().find(|framework| framework.id == **id) {
        Some(framework) => Ok(framework),
        None => Framework::find(id),
    };
    named.iter().map(one).collect()
}

/// The checks that are asked for: of the evidence, of settings where these are looked at, and of what exists against what speaks.
struct Chosen<'a> {
    checks: Vec<&'a Check>,
    settings: Vec<&'a Check>,
    inventory: Vec<&'a Check>,
}

/// The checks that are asked for, each once: by their names, by the frameworks, or all; where settings are looked at and nothing else
/// is said, all of settings alone.
fn chosen<'a>(
    matches: &ArgMatches,
    frameworks: &[&'a Framework],
    (own, has_settings): (&'a [Framework], bool),
) -> Result<Chosen<'a>> {
    let all: Vec<&Check> = match (matches.get_many::<String>("check"), frameworks.is_empty()) {
        (Some(ids), _) => {
            let one = |id: &String| {
                let check = list::check(id, own)?;
                if check.is_of_setup() {
                    return Err(Fault::caller(msg!("cli-check-of-setup", check = id)));
                }
                match check.is_of_settings() && !has_settings {
                    false => Ok(check),
                    true => Err(Fault::caller(msg!("cli-check-of-settings", check = id))),
                }
            };
            ids.map(one).collect::<Result<_>>()?
        }
        (None, true) if has_settings => checks::CHECKS.iter().filter(|check| check.needs_a_look()).collect(),
        (None, true) => checks::CHECKS.iter().filter(|check| !check.is_of_settings()).collect(),
        (None, false) => frameworks.iter().flat_map(|framework| framework.checks()).collect(),
    };
    // What a set-up plans is judged by who plans it.
    let all = all.into_iter().filter(|check| !check.is_of_setup());
    let mut seen = std::collections::HashSet::new();
    let (looks, checks): (Vec<&Check>, Vec<&Check>) =
        all.filter(|check| seen.insert(check.id.clone())).partition(|check| check.needs_a_look());
    let (inventory, mut settings): (Vec<&Check>, Vec<&Check>) =
        looks.into_iter().partition(|check| check.is_of_inventory());
    // A framework's settings are judged by the inventory that was sealed last, too; where there is none, a requirement says so once.
    settings.retain(|_| has_settings || !frameworks.is_empty());
    Ok(Chosen { checks, settings, inventory })
}

/// A period that is asked for, up to now.
pub(in super::super) struct Bounds {
    pub(in super::super) period: Period,
    /// Its end as it was asked for, where that is to come.
    pub(in super::super) goes_on: Option<Timestamp>,
}

/// The period that is asked for, up to now.
pub(in super::super) fn bounds(context: &Context, matches: &ArgMatches, now: Timestamp) -> Result<Bounds> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = match text("period") {
        Some(text) => {
            let (from, to) = period::parse(text, context.zone)?;
            (Some(from), Some(to))
        }
        None => range(context, text("from"), text("to"))?,
    };
    let goes_on = to.filter(|to| *to > now);
    let to = to.map_or(now, |to| to.min(now));
    let from = from.unwrap_or(Timestamp(to.0 - USUAL));
    if from >= to && goes_on.is_some() {
        return Err(Fault::caller(msg!("cli-check-period-future", from = context.local(from))));
    }
    if from >= to {
        return Err(Fault::caller(msg!("cli-range-empty", from = from.to_string(), to = to.to_string())));
    }
    Ok(Bounds { period: Period { from, to }, goes_on })
}

/// The record of a run that begins: what it judges, over which period.
pub(in super::super) fn access_of(
    frameworks: &[&Framework],
    (checks, settings): (&[&Check], &[&Check]),
    period: Period,
    tree_size: u64,
) -> Access {
    let names = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<Vec<String>>();
    Access::new("check.run")
        .with("frameworks", names(frameworks.iter().map(|framework| framework.id.as_str()).collect()))
        .with("checks", names(checks.iter().chain(settings).map(|check| check.id.as_ref()).collect()))
        .with("from", period.from.to_string())
        .with("to", period.to.to_string())
        .with("tree_size", tree_size)
}

/// An engine over the vault for each question.
pub(in super::super) fn engine<'a>(
    context: &Context,
    limits: Limits,
    vault: &'a Arc<Vault>,
    tail: &'a Tail,
) -> impl Fn(Options) -> Engine + use<'a> {
    let cache = Arc::<Cache>::default(); // each file's footer is read once, not once a question
    let zone = context.zone;
    move |options| {
        let options = limits.apply(Options { zone, ..options });
        Engine::over_tail(Arc::clone(vault), tail, options).with_cache(&cache)
    }
}

pub(in super::super) fn facts(context: &Context, vault: &Vault, snapshot: &Snapshot) -> Result<VaultFacts> {
    let holds = snapshot.holds()?.into_iter().filter(|(_, hold)| hold.is_in_force());
    Ok(VaultFacts {
        place: whole_place(vault.store().url()),
        anchors: snapshot.anchors(),
        backup_checked: key::backup_checked(vault).and_then(|text| Timestamp::parse(&text).ok()),
        waiting_accesses: access::waiting(context, vault),
        periods: retention::periods(snapshot)?,
        holds: holds.map(|(id, hold)| (id, hold.why)).collect(),
    })
}

pub(in super::super) fn documents(all: &[Statement]) -> Vec<Document> {
    let one = |statement: &Statement| {
        let said = &statement.attachment.details;
        Some(Document {
            requirement: said.requirement.clone(),
            title: said.title.clone().unwrap_or_else(|| said.file.clone()),
            valid_from: said.valid_from.as_ref().and_then(|day| day.parse().ok()),
            valid_to: said.valid_to.as_ref().and_then(|day| day.parse().ok()),
            attached: Timestamp::parse(&statement.attachment.time).ok()?,
            record: statement.id.to_string(),
        })
    };
    all.iter().filter_map(one).collect()
}

fn show(context: &Context, matches: &ArgMatches, outcome: &Outcome<'_>) -> Result<()> {
    let format = matches.get_one::<String>("output").map(String::as_str);
    match format {
        Some("csv") => rows::csv(context, outcome),
        Some("json") => output::json(&rows::json(outcome)),
        None if context.json => output::json(&rows::json(outcome)),
        _ => {
            shown::print(context, outcome, matches.get_flag("all"));
            Ok(())
        }
    }
}

/// Where nothing arrived in the period, the last evidence of all may be what was meant.
fn note_newest(context: &Context, snapshot: &Snapshot) {
    let segments = snapshot.replay.files().flat_map(|file| &file.add.tags.segments);
    let others = segments.filter(|segment| segment.source != "shoseki").flat_map(|segment| &segment.streams);
    if let Some(last) = others.map(|stream| stream.max).max() {
        context.note(&msg!("cli-check-newest", time = context.local(last)));
    }
}
