//! `shoseki completions SHELL`: what a shell needs to complete commands.

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use shoseki_messages::Result;

use super::Entry;
use crate::context::Context;
use crate::{Exit, help, output};

pub const ENTRY: Entry =
    Entry { name: "completions", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command.arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)))
}

#[expect(clippy::unused_async, reason = "all commands have one form")]
async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        let mut script = Vec::new(); // a reader that goes away is no panic of whoever writes it
        clap_complete::generate(*shell, &mut help::command(context.lang), "shoseki", &mut script);
        output::print(&script);
    }
    Ok(Exit::Done)
}
