//! `shoseki query 'QUERY'`: questions in the language of CloudWatch Logs Insights, or in SQL.

mod cost;
mod explain;
mod question;
mod running;
mod saved;
mod target;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use shoseki_messages::{Fault, Kind, Message, Result, msg};
use shoseki_query::{Engine, Mapping, Options};
use shoseki_tlog::SignedCheckpoint;
use shoseki_vault::Vault;
use shoseki_vault::wal::{Tail, tail};

pub use explain::explain;
pub use question::{Question, asked, fault, known_sources, options, range, range_arguments, text};
pub use running::{Ended, Limits, run as answer};
pub use saved::{all as all_saved, find as find_saved, folder as saved_folder, list as list_saved};
pub use target::{FORMATS, Target, known as known_format};

use super::Entry;
use crate::access::{self, Beginning};
use crate::context::Context;
use crate::{Exit, output, quantity};

pub const ENTRY: Entry = Entry { name: "query", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    limit_arguments(range_arguments(command))
        .arg(Arg::new("query").value_name("QUERY"))
        .arg(Arg::new("file").long("file").short('f').value_name("FILE").conflicts_with("query"))
        .arg(Arg::new("saved").long("saved").value_name("NAME").conflicts_with_all(["query", "file", "sql"]))
        .arg(Arg::new("at").long("at").value_name("SIZE").value_parser(value_parser!(u64).range(1..)))
        .arg(Arg::new("list-saved").long("list-saved").action(ArgAction::SetTrue))
        .arg(Arg::new("explain").long("explain").action(ArgAction::SetTrue).conflicts_with_all(["output", "out"]))
        .arg(Arg::new("cost").long("cost").action(ArgAction::SetTrue).conflicts_with_all(["explain", "output", "out"]))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(FORMATS))
        .arg(Arg::new("out").long("out").value_name("FILE"))
        .arg(crate::whole_file::force().requires("out"))
        .arg(
            Arg::new("ocsf")
                .long("ocsf")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["output", "explain", "cost", "bom"]),
        )
        .arg(Arg::new("bom").long("bom").action(ArgAction::SetTrue))
        .arg(Arg::new("stats").long("stats").action(ArgAction::SetTrue).conflicts_with_all(["explain", "cost"]))
        .arg(mask_argument())
}

fn with_variable(name: &'static str, variable: &'static str) -> Arg {
    Arg::new(name).long(name).env(variable).hide_env_values(true)
}

/// `--mask`, or `--mask=FILE`: the sign of equality tells the file from the query.
fn mask_argument() -> Arg {
    let mask = Arg::new("mask").long("mask").value_name("FILE").conflicts_with_all(["explain", "cost"]);
    mask.num_args(0..=1).require_equals(true).default_missing_value("")
}

/// The arguments that say how much a question may cost, and where saved ones are; the shell takes them too.
pub fn limit_arguments(command: Command) -> Command {
    memory_arguments(command.arg(Arg::new("timeout").long("timeout").value_name("DURATION")))
        .arg(with_variable("wal", "SHOSEKI_WAL").value_name("DIR"))
        .arg(Arg::new("sealed").long("sealed").action(ArgAction::SetTrue))
        .arg(lookups_argument())
        .arg(Arg::new("mapping").long("mapping").value_name("FILE"))
}

/// The argument that says where the tables of `lookup` are; packages take it too.
pub fn lookups_argument() -> Arg {
    with_variable("lookups", "SHOSEKI_LOOKUPS").value_name("DIR")
}

/// Those of them that decide nothing about the answer; packages take them too.
pub fn memory_arguments(command: Command) -> Command {
    room_arguments(command).arg(with_variable("queries", "SHOSEKI_QUERIES").value_name("DIR"))
}

/// The arguments that say how much room there is.
pub fn room_arguments(command: Command) -> Command {
    command
        .arg(Arg::new("memory").long("memory").value_name("SIZE"))
        .arg(with_variable("spill", "SHOSEKI_SPILL").value_name("DIR"))
}

/// What a question may cost, from its arguments.
pub fn limits(matches: &ArgMatches) -> Result<Limits> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten();
    Ok(Limits {
        timeout: text("timeout").map(|text| quantity::duration(text)).transpose()?,
        memory: text("memory").map(|text| quantity::memory(text)).transpose()?,
        spill: text("spill").map(PathBuf::from),
        lookups: text("lookups").map(PathBuf::from),
        mapping: text("mapping").map(|path| mapping(path)).transpose()?,
    })
}

/// Options with the vault's mapping, unless another one is tried.
pub fn mapped(options: &mut Options, of_vault: Option<&str>) -> Result<()> {
    if options.mapping.is_none() {
        options.mapping = Mapping::of_vault(of_vault)?;
    }
    Ok(())
}

/// The mapping of a file.
pub fn mapping(path: &str) -> Result<Arc<Mapping>> {
    let unreadable = |error| Fault::caller(msg!("cli-mapping-unreadable", path = path)).because(error);
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Mapping::parse(&text).map(Arc::new)
}

/// The question of a command: given, in a file, or saved.
pub fn question(matches: &ArgMatches) -> Result<Question> {
    match matches.get_one::<String>("saved") {
        Some(name) => {
            let saved = find_saved(name, saved_folder(matches).as_deref())?;
            Ok(Question { text: saved.text, is_sql: saved.is_sql, saved: Some(name.clone()) })
        }
        None => Ok(Question { text: text(matches)?, is_sql: matches.get_flag("sql"), saved: None }),
    }
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if matches.get_flag("list-saved") {
        list_saved(context, saved_folder(matches).as_deref())?;
        return Ok(Exit::Done);
    }
    let question = question(matches)?;
    let limits = limits(matches)?;
    let target = Target::of(context, matches)?;
    let mut options = limits.apply(options(context, matches)?);
    options.as_records = target.format == target::OCSF;
    let vault = Arc::new(context.open().await?);
    let at = matches.get_one::<u64>("at").copied();
    let is_sealed_only = matches.get_flag("sealed") || at.is_some();
    let tail = newest(context, &vault, is_sealed_only, options.include_internal).await?;
    let sealed = vault.checkpoint().await;
    if question.is_sql && limits.mapping.is_some() {
        context.note(&msg!("cli-mapping-sql"));
    }
    let access = question.access(&options, at.unwrap_or_else(|| tail.snapshot.size()));
    let engine = match at {
        Some(size) => {
            let earlier = vault.at(size).await?;
            mapped(&mut options, earlier.app_mapping.as_deref())?;
            Engine::over_earlier(Arc::clone(&vault), earlier, options)
        }
        None => {
            mapped(&mut options, tail.snapshot.app_mapping())?;
            Engine::over_tail(Arc::clone(&vault), &tail, options)
        }
    };
    if matches.get_flag("explain") {
        explain(context, &engine, &question).await?;
        return Ok(Exit::Done);
    }
    if matches.get_flag("cost") {
        cost::show(context, &engine, &question).await?;
        return Ok(Exit::Done);
    }
    let recorded = Beginning::of(context, &vault, access);
    let leaving = tokio::spawn(leave_at_last());
    let ended = answer(context, &engine, &question, (&limits, &target), recorded).await?;
    leaving.abort();
    let Ended::Whole { rows, hints, read, .. } = ended else { return Ok(Exit::Stopped) };
    match at {
        Some(_) => hints_of(context, &hints), // that tree is sealed
        None => remarks(context, &hints, sealed, &tail),
    }
    if rows == 0 && output::is_terminal() {
        context.note(&msg!("cli-query-no-rows"));
    }
    if matches.get_flag("stats") {
        read.show(context, rows);
    }
    Ok(Exit::Done)
}

fn hints_of(context: &Context, hints: &[Message]) {
    for hint in hints {
        context.note(&msg!("cli-query-hint", what = hint.text(context.lang)));
    }
}

/// Says what there is to say beside an answer: its hints, and what of the vault is not sealed yet. A damaged checkpoint
/// takes no answer away; it is said.
pub fn remarks(context: &Context, hints: &[Message], sealed: Result<Option<SignedCheckpoint>>, tail: &Tail) {
    hints_of(context, hints);
    match sealed
        .map(|checkpoint| tail.snapshot.size().saturating_sub(checkpoint.map_or(0, |checkpoint| checkpoint.size())))
    {
        Ok(0) => {}
        Ok(unsealed) => context.note(&msg!("cli-query-unsealed", count = unsealed)),
        Err(fault) => context.note(&msg!("cli-warning", what = fault.chain(context.lang))),
    }
    if tail.records() > 0 {
        context.note(&msg!("cli-query-tail", records = output::count(tail.records())));
    }
}

/// The vault as it is now, with what `serve` on this machine has acknowledged and not sealed yet, unless only what is sealed
/// is asked for. A log that may not be read takes no answer away; it is said.
///
/// With our own records, accesses that are not sealed yet are among them.
pub async fn newest(context: &Context, vault: &Vault, is_sealed_only: bool, with_own: bool) -> Result<Tail> {
    let only_sealed = async || Ok(Tail { snapshot: vault.snapshot().await?, files: Vec::new() });
    if is_sealed_only {
        return only_sealed().await;
    }
    let Ok(folder) = context.noted_wal(vault) else { return only_sealed().await };
    let spools = if with_own { access::folders(context, vault) } else { Vec::new() };
    match tail(vault, &folder, &spools).await {
        Ok(Some(tail)) => Ok(tail),
        Ok(None) => only_sealed().await,
        Err(fault) if matches!(fault.kind(), Kind::World | Kind::Damage) => {
            context.note(&msg!("cli-warning", what = fault.chain(context.lang)));
            only_sealed().await
        }
        Err(fault) => Err(fault),
    }
}

/// Ctrl-C is answered where rows are waited for. Where they cannot be got rid of, as by a pipe that nobody reads, the
/// process leaves all the same, a moment later.
async fn leave_at_last() {
    if tokio::signal::ctrl_c().await.is_ok() {
        tokio::time::sleep(Duration::from_secs(2)).await;
        std::process::exit(130);
    }
}
