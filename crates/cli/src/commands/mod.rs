//! The commands, one file each. A new one is a file and a word in [`COMMANDS`].

mod access;
mod alert;
mod anchor;
mod attach;
mod check;
mod compact;
mod completions;
mod demo;
mod detect;
mod erase;
mod fetch;
mod finding;
mod forward;
mod gaps;
mod hold;
mod incident;
mod ingest;
mod init;
mod inventory;
mod key;
mod leaks;
mod mapping;
mod original;
mod package;
mod prove;
mod query;
mod replica;
mod report;
mod restore;
mod retention;
mod review;
mod schedule;
mod serve;
mod setup;
mod shell;
mod status;
mod token;
mod validate;
mod verify;

use std::future::Future;
use std::pin::Pin;

use clap::{ArgMatches, Command};
use shoseki_messages::{Fault, Result, msg};

pub use schedule::VARIABLE as SCHEDULE;

use crate::Exit;
use crate::context::Context;

/// What running a command gives.
type Run<'a> = Pin<Box<dyn Future<Output = Result<Exit>> + 'a>>;

/// A command: its name, its arguments, and what it does. Its texts stand in the catalogue.
pub struct Entry {
    /// The word on the command line.
    pub name: &'static str,
    /// Adds its arguments.
    pub arguments: fn(Command) -> Command,
    /// Does it.
    pub run: for<'a> fn(&'a Context, &'a ArgMatches) -> Run<'a>,
}

/// The list, in the order of `--help`: the order in which a newcomer needs them.
#[rustfmt::skip] // one a line, so that a new one is one line
pub const COMMANDS: &[Entry] = &[
    init::ENTRY,
    setup::ENTRY,
    ingest::ENTRY,
    query::ENTRY,
    shell::ENTRY,
    verify::ENTRY,
    validate::ENTRY,
    prove::ENTRY,
    package::ENTRY,
    detect::ENTRY,
    incident::ENTRY,
    leaks::ENTRY,
    status::ENTRY,
    gaps::ENTRY,
    inventory::ENTRY,
    check::ENTRY,
    finding::ENTRY,
    review::ENTRY,
    report::ENTRY,
    original::ENTRY,
    attach::ENTRY,
    anchor::ENTRY,
    replica::ENTRY,
    restore::ENTRY,
    key::ENTRY,
    mapping::ENTRY,
    serve::ENTRY,
    schedule::ENTRY,
    alert::ENTRY,
    fetch::ENTRY,
    forward::ENTRY,
    token::ENTRY,
    access::ENTRY,
    compact::ENTRY,
    retention::ENTRY,
    hold::ENTRY,
    erase::ENTRY,
    demo::ENTRY,
    completions::ENTRY,
];

/// Runs the command that was asked for.
pub async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let unknown = || Fault::broken(msg!("cli-command-not-wired"));
    let (name, matches) = matches.subcommand().ok_or_else(unknown)?;
    let entry = COMMANDS.iter().find(|entry| entry.name == name).ok_or_else(unknown)?;
    (entry.run)(context, matches).await
}
