//! Commands to steps of a plan: one file each, as in the grammar. The compiler finds the command that is missing here.

mod dedup;
mod display;
mod fields;
mod filter;
mod limit;
mod parse;
mod sort;
mod stats;

use shoseki_insights::Command;

use crate::plan::{Planned, Planner};

/// Plans one command.
pub(crate) fn plan(planner: &mut Planner, command: &Command) -> Planned<()> {
    match command {
        Command::Fields(command) => fields::plan(planner, command),
        Command::Display(command) => display::plan(planner, command),
        Command::Filter(command) => filter::plan(planner, command),
        Command::Parse(command) => parse::plan(planner, command),
        Command::Stats(command) => stats::plan(planner, command),
        Command::Sort(command) => sort::plan(planner, command),
        Command::Limit(command) => limit::plan(planner, command),
        Command::Dedup(command) => dedup::plan(planner, command),
    }
}
