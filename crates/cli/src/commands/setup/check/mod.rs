//! `shoseki setup check`: makes a harmless event for each source, and shows each one's way: emitted, delivered, ingested, sealed, found.

mod advice;
mod emit;
mod look;
mod show;
mod take;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_aws::inventory::{self, Meter};
use shoseki_aws::probe::Prober;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_server::{Config, trial};
use shoseki_setup::check::{Nonce, SOURCES, Stage, Trial, Verdict, Way, trials};
use shoseki_vault::Vault;
use shoseki_vault::spool::new_id;

use super::super::query::{Limits, limits, room_arguments};
use super::{Wanted, look as plan};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, progress, quantity};

/// How long it is waited where nothing is said: CloudTrail delivers within a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// How long it rests between two looks.
const REST: Duration = Duration::from_secs(10);

pub(super) fn command() -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let sources: Vec<&'static str> = SOURCES.iter().map(|source| source.name).collect();
    room_arguments(Command::new("check"))
        .arg(text("source", "NAME").value_parser(sources).action(ArgAction::Append))
        .arg(text("timeout", "DURATION"))
        .arg(text("every", "DURATION"))
        .arg(text("again", "NONCE"))
        .arg(text("token-env", "VARIABLE").action(ArgAction::Append))
        .arg(text("door", "URL"))
        .arg(text("ca", "FILE").requires("door"))
        .arg(Arg::new("take-in").long("take-in").action(ArgAction::SetTrue))
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
}

/// What all parts of a run go by.
pub(super) struct Run<'r> {
    context: &'r Context,
    vault: Arc<Vault>,
    prober: Prober,
    config: Config,
    path: PathBuf,
    limits: Limits,
    nonce: Nonce,
    trials: Vec<Trial>,
    ways: Vec<Way>,
    /// The sources that were named: these are waited for however long they take.
    named: Vec<String>,
    tokens: Vec<String>,
    door: String,
    ca: Option<PathBuf>,
    is_again: bool,
}

impl Run<'_> {
    fn verdict(&self, at: usize, is_over: bool) -> Verdict {
        let (Some(trial), Some(way)) = (self.trials.get(at), self.ways.get(at)) else { return Verdict::NotEmitted };
        way.verdict(trial, is_over, self.named.iter().any(|name| name == trial.source))
    }

    fn verdicts(&self, is_over: bool) -> Vec<Verdict> {
        (0..self.trials.len()).map(|at| self.verdict(at, is_over)).collect()
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let wanted = Wanted::of(matches)?;
    let duration = |name: &str, usual: Duration| {
        matches.get_one::<String>(name).map_or(Ok(usual), |text| quantity::duration(text))
    };
    let (patience, rest) = (duration("timeout", PATIENCE)?, duration("every", REST)?);
    // What nobody can look into proves nothing.
    let Some(vault) = plan::vault(context, &wanted).await? else {
        return Err(Fault::caller(msg!("cli-vault-not-given")));
    };
    let mut run = tokio::select! {
        prepared = prepared(context, matches, wanted, vault) => prepared?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    let access = Access::new("setup.check").with("nonce", run.nonce.as_str()).with("again", run.is_again);
    let mut recorded = Recorded::begin(context, &run.vault, access).await?;
    let begun = Instant::now();
    let taking = matches.get_flag("take-in").then(|| take::Taking::of(&run)).transpose()?;
    let watched = async {
        emit::all(&mut run).await;
        watch(&mut run, (begun, patience, rest), taking).await
    };
    let ended = tokio::select! {
        ended = watched => Some(ended),
        _ = tokio::signal::ctrl_c() => None,
    };
    let is_stopped = ended.is_none();
    if let Some(Err(fault)) = ended {
        // What was emitted is on its way all the same.
        context.note(&msg!("cli-setup-check-go-on", nonce = run.nonce.as_str()));
        recorded.failed(&fault);
        return Err(fault);
    }
    let verdicts = run.verdicts(!is_stopped);
    recorded.detail("trials", show::trials(&run, &verdicts));
    match is_stopped {
        true => recorded.stopped(),
        false => recorded.whole(),
    }
    show::end(&run, &verdicts, is_stopped)?;
    // Where `serve` has the log, it takes the record in by itself.
    access::seal(context, &run.vault).await;
    Ok(if is_stopped { Exit::Stopped } else { exit(&verdicts) })
}

/// Looks at the accounts, and makes the trials.
async fn prepared<'r>(
    context: &'r Context,
    matches: &ArgMatches,
    wanted: Wanted,
    vault: Arc<Vault>,
) -> Result<Run<'r>> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<_>>();
    let token =
        |name: &String| std::env::var(name).map_err(|_| Fault::caller(msg!("cli-setup-check-token", name = name)));
    let tokens = all("token-env").iter().map(token).collect::<Result<Vec<String>>>()?;
    let again = text("again").map(|text| Nonce::parse(&text)).transpose()?;
    let is_again = again.is_some();
    let nonce = match again {
        Some(nonce) => nonce,
        None => {
            let chance = new_id()?.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
            Nonce::new(Timestamp::now(), chance.unwrap_or_default())
        }
    };
    let meter = Arc::<Meter>::default();
    let taken = {
        let _shown = progress::of_inventory(&meter, context.lang);
        inventory::take(&wanted.ask(matches), meter).await?
    };
    for (role, fault) in &taken.unasked {
        context.note(&msg!("cli-check-live-unasked", role = role.as_str(), why = fault.chain(context.lang)));
    }
    let door = text("door");
    let given = trial::given(&wanted.config, &tokens, door.as_deref());
    let places = (taken.accounts.as_slice(), &taken.places);
    let mut made = trials(&wanted.setup, places, &taken.answers, (&nonce, &given));
    let named = all("source");
    made.retain(|trial| named.is_empty() || named.iter().any(|name| name == trial.source));
    if made.is_empty() {
        return Err(Fault::caller(msg!("cli-setup-check-nothing")));
    }
    Ok(Run {
        context,
        vault,
        prober: taken.prober(),
        ways: vec![Way::default(); made.len()],
        trials: made,
        limits: limits(matches)?,
        config: wanted.config,
        path: wanted.path,
        nonce,
        named,
        tokens,
        door: given.url,
        ca: text("ca").map(PathBuf::from),
        is_again,
    })
}

/// Looks again and again, until all is found or the time is over.
async fn watch(
    run: &mut Run<'_>,
    (begun, patience, rest): (Instant, Duration, Duration),
    mut taking: Option<take::Taking>,
) -> Result<()> {
    let mut looking = look::Looking::default();
    let shown = show::Shown::of(run.context);
    let mut before = vec![Way::default(); run.ways.len()];
    loop {
        shown.says(run);
        looking.at_places(run).await;
        if let Some(taking) = &mut taking {
            taking.round(run, &looking).await?;
        }
        looking.at_vault(run).await?;
        shown.aside(|| show::steps(run, &before));
        before.clone_from(&run.ways);
        let is_open = run.verdicts(false).into_iter().any(Verdict::is_open);
        if !is_open || begun.elapsed() >= patience {
            return Ok(());
        }
        tokio::time::sleep(rest.min(patience.saturating_sub(begun.elapsed()))).await;
    }
}

/// 1 where something was emitted and did not arrive; 4 where something could not be emitted; what takes hours counts where it was asked for.
fn exit(verdicts: &[Verdict]) -> Exit {
    let has = |is: fn(&Verdict) -> bool| verdicts.iter().any(is);
    if has(|verdict| matches!(verdict, Verdict::Late(_) | Verdict::Waiting(_))) {
        Exit::Failed
    } else if has(|verdict| matches!(verdict, Verdict::NotEmitted | Verdict::NotDone)) {
        Exit::Unverifiable
    } else {
        Exit::Done
    }
}

/// The time of a stage, in JSON.
fn stage_json(way: &Way, stage: Stage) -> serde_json::Value {
    way.step(stage).map_or(serde_json::Value::Null, |step| {
        let seconds = way.took(stage).map(|took| Duration::from_micros(took.unsigned_abs()).as_secs_f64());
        json!({"time": step.time.to_string(), "seconds": seconds, "at": step.at, "seen": !step.is_by})
    })
}
