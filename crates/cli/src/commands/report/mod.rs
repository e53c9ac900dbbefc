//! `shoseki report`: what an auditor is given about a framework, as a page, for a spreadsheet, or for other programs; `list` shows the
//! reports that were made, `leak` drafts the report of a leak.

mod ask;
mod leak;
mod list;
mod make;

use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_messages::Result;
use shoseki_report::assessment::Form;

pub(super) use make::is_writable;

use super::Entry;
use super::query::room_arguments;
use crate::Exit;
use crate::context::Context;

pub const ENTRY: Entry = Entry { name: "report", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let config = Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true);
    let own = Arg::new("framework-file").long("framework-file").value_name("FILE").action(ArgAction::Append);
    room_arguments(command)
        .arg(Arg::new("framework").long("framework").value_name("ID"))
        .arg(own)
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("period").long("period").value_name("PERIOD").conflicts_with_all(["from", "to"]))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .default_value("html")
                .value_parser(Form::ALL.map(|(name, _)| name)),
        )
        .arg(
            Arg::new("font")
                .long("font")
                .env("SHOSEKI_FONT")
                .hide_env_values(true)
                .value_name("FILE")
                .action(ArgAction::Append),
        )
        .arg(Arg::new("out").long("out").value_name("FILE"))
        .arg(crate::whole_file::force())
        .arg(config.value_name("FILE"))
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
        .args_conflicts_with_subcommands(true)
        .subcommand(Command::new("list"))
        .subcommand(leak::arguments())
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("list", _)) => list::run(context).await,
        Some((_, matches)) => make::leak(context, matches).await,
        None => make::run(context, matches).await,
    }
}
