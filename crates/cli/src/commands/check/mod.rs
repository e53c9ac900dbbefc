//! `shoseki check`: is the evidence there, and does it satisfy a framework; `list`, `show`, `frameworks`, `audit-policy`,
//! `iac`, `scope`; with `--live` and `--aws-config`, of accounts' settings too.

mod iac;
mod list;
pub(super) mod look;
pub(super) mod period;
mod policy;
mod rows;
mod run;
mod scope;
pub(super) mod shown;

use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_event::Timestamp;
use shoseki_messages::Result;

use super::Entry;
use super::query::room_arguments;
use crate::Exit;
use crate::context::Context;

pub(super) use list::{all as all_frameworks, own as own_frameworks};
pub(super) use run::{Bounds, access_of, bounds, documents, engine, facts, tell};

pub const ENTRY: Entry = Entry { name: "check", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let show = Command::new("show").arg(Arg::new("id").value_name("ID").required(true)).arg(file_argument());
    let policy = Command::new("audit-policy").arg(Arg::new("file").value_name("FILE").required(true));
    look::arguments(room_arguments(command))
        .arg(Arg::new("framework").long("framework").value_name("ID").action(ArgAction::Append))
        .arg(file_argument())
        .arg(Arg::new("check").long("check").value_name("ID").action(ArgAction::Append).conflicts_with("framework"))
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("period").long("period").value_name("PERIOD").conflicts_with_all(["from", "to"]))
        .arg(
            Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true).value_name("FILE"),
        )
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(["table", "csv", "json"]))
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue))
        .args_conflicts_with_subcommands(true)
        .subcommand(Command::new("list").arg(file_argument()))
        .subcommand(show)
        .subcommand(Command::new("frameworks").arg(file_argument()))
        .subcommand(policy)
        .subcommand(iac::command())
        .subcommand(scope::command())
}

fn file_argument() -> Arg {
    Arg::new("framework-file").long("framework-file").value_name("FILE").action(ArgAction::Append)
}

/// The name of a check that there is, among ours and those of the frameworks of `--framework-file`.
pub(super) fn known_check(matches: &ArgMatches, id: &str) -> Result<String> {
    let own = list::own(matches)?;
    list::check(id, &own).map(|check| check.id.to_string())
}

/// Whether there is a check of ours of this name.
///
/// # Errors
/// The caller's mistake, with the nearest name.
pub(super) fn ours(id: &str) -> Result<()> {
    list::check(id, &[]).map(|_| ())
}

/// Whether a run could be made so: frameworks, roles and regions can be read, paths are there. Nothing is asked and nothing judged.
///
/// # Errors
/// The caller's mistake.
pub(super) fn could_run(context: &Context, matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("iac", matches)) => iac::could_run(matches),
        Some(_) => Ok(()),
        None => {
            list::own(matches)?;
            look::Look::of(context, matches, Timestamp::now()).map(drop)
        }
    }
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("list", matches)) => list::checks(context, matches),
        Some(("show", matches)) => list::show(context, matches),
        Some(("frameworks", matches)) => list::frameworks(context, matches),
        Some(("audit-policy", matches)) => policy::run(context, matches),
        Some(("iac", matches)) => iac::run(context, matches).await,
        Some(("scope", matches)) => scope::run(context, matches).await,
        _ => run::run(context, matches).await,
    }
}
