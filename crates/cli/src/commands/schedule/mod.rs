//! `shoseki schedule`: what the configuration of `serve` has done again and again: when each is due, what came of it, and one of them
//! now.

mod child;
mod list;
mod now;
mod words;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::{Arg, ArgMatches, Command};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_server::Config;
use shoseki_server::config::Schedule;
use shoseki_server::schedule::{Desk, History, Plan, Runner, zone_of};
use shoseki_vault::Vault;

pub use child::VARIABLE;

use super::{Entry, serve};
use crate::context::Context;
use crate::{Exit, help};

pub const ENTRY: Entry = Entry { name: "schedule", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let now = serve::shared_arguments(Command::new("run")).arg(Arg::new("name").value_name("NAME").required(true));
    command.subcommand_required(true).subcommand(serve::shared_arguments(Command::new("list"))).subcommand(now)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("list", matches)) => list::run(context, matches).await,
        Some((_, matches)) => now::run(context, matches).await,
        None => Err(Fault::broken(msg!("cli-command-not-wired"))),
    }
}

/// What does what schedules name, for a vault that is open.
pub(super) fn runner(
    context: &Context,
    config: &Config,
    path: &Path,
    (vault, wal): (&Vault, &Path),
) -> Arc<dyn Runner> {
    Arc::new(child::Child {
        config: path.to_owned(),
        vault: vault.store().url().to_owned(),
        key_dir: context.key_dir().map(Path::to_owned),
        wal: wal.to_owned(),
        region: config.region.clone(),
    })
}

/// The configuration, whose schedules can be done.
fn configured(matches: &ArgMatches) -> Result<(PathBuf, Config)> {
    let (path, config) = serve::config(matches)?;
    if config.schedules.is_empty() {
        return Err(Fault::caller(msg!("schedule-none", path = path.display().to_string())));
    }
    Ok((path, config))
}

/// Where schedules are worked on by a command of its own.
pub(super) fn desk(context: &Context, config: &Config, path: &Path, opened: &serve::Opened) -> Desk {
    Desk {
        vault: Arc::clone(&opened.vault),
        runner: runner(context, config, path, (&opened.vault, &opened.wal)),
        wal: opened.wal.clone(),
        zone: zone_of(config, context.zone),
        reads_log: true,
        alerts: config.alerts.clone(),
        warnings: Mutex::default(),
    }
}

/// Looks whether the command of each schedule can be understood, and starts nothing.
///
/// # Errors
/// The caller's mistake where a format, a saved question or a file is not there.
pub(super) fn check(context: &Context, config: &Config, path: &Path) -> Result<()> {
    let zone = zone_of(config, context.zone);
    config.schedules.iter().try_for_each(|schedule| {
        let plan = schedule.plan(zone);
        let words = words::trial(schedule, &plan, path);
        understood(context, &words)
            .map_err(|fault| Fault::caller(msg!("schedule-words", name = &schedule.name)).because(fault))
    })
}

/// Whether the words are a command that could run.
fn understood(context: &Context, words: &[String]) -> Result<()> {
    let all = std::iter::once("shoseki").chain(words.iter().map(String::as_str));
    let matches = help::command(Lang::En).try_get_matches_from(all).map_err(|error| {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Fault::caller(msg!("schedule-no-command", why = first))
    })?;
    match matches.subcommand() {
        Some(("query", matches)) => can_be_asked(matches),
        Some(("package", matches)) => matches.subcommand().map_or(Ok(()), |(_, matches)| can_be_asked(matches)),
        Some(("check", matches)) => super::check::could_run(context, matches),
        Some(("inventory", matches)) => super::check::look::Look::of(context, matches, Timestamp::now()).map(drop),
        Some(("setup", matches)) => match matches.subcommand() {
            Some((_, matches)) => super::setup::could_run(matches),
            None => Ok(()),
        },
        Some(("report", matches)) => {
            super::check::own_frameworks(matches).and_then(|_| super::report::is_writable(matches))
        }
        _ => Ok(()),
    }
}

/// Whether a question is there and has no mistakes that can be seen without a vault.
fn can_be_asked(matches: &ArgMatches) -> Result<()> {
    let question = super::query::question(matches)?;
    if question.is_sql {
        return Ok(());
    }
    match shoseki_insights::parse(&question.text).errors.into_iter().next() {
        Some(error) => Err(Fault::caller(msg!("schedule-question", text = question.text, why = error.message))),
        None => Ok(()),
    }
}

/// When a schedule is due next.
pub(super) fn due(plan: &Plan) -> Timestamp {
    plan.after(Timestamp::now())
}

/// The schedule of a name.
fn find<'a>(config: &'a Config, name: &str) -> Result<&'a Schedule> {
    let known = || config.schedules.iter().map(|schedule| schedule.name.as_str());
    config.schedules.iter().find(|schedule| schedule.name == name).ok_or_else(|| {
        let near = shoseki_insights::nearest(name, known()).map(str::to_owned);
        Fault::caller(match near {
            Some(near) => msg!("schedule-unknown-near", name = name, near = near),
            None => msg!("schedule-unknown", name = name, known = known().collect::<Vec<_>>().join(", ")),
        })
    })
}

/// What a history says of the last run of a schedule, in a word for machines.
fn verdict<'a>(history: &'a History, name: &str) -> Option<&'a str> {
    let last = history.last(name)?;
    Some(last.verdict.as_deref().unwrap_or("failed"))
}
