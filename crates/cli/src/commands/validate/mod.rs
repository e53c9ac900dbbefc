//! `shoseki validate …`: judges evidence where it lies, by what its sender signed.

mod cloudtrail;
mod resume;
mod shown;

use clap::{ArgMatches, Command};
use shoseki_messages::{Fault, msg};

use super::Entry;

pub const ENTRY: Entry = Entry {
    name: "validate",
    arguments,
    run: |context, matches| {
        Box::pin(async move {
            match matches.subcommand() {
                Some(("cloudtrail", matches)) => cloudtrail::run(context, matches).await,
                _ => Err(Fault::broken(msg!("cli-command-not-wired"))),
            }
        })
    },
};

fn arguments(command: Command) -> Command {
    command.subcommand_required(true).subcommand(cloudtrail::arguments(Command::new("cloudtrail")))
}

/// The names of the argument, each given once or more.
fn names(matches: &ArgMatches, name: &str) -> std::collections::BTreeSet<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}
