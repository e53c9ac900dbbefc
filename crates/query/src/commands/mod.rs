//! Commands to steps of a plan: one file each, as in the grammar. The compiler finds the command that is missing here.

mod accum;
mod addtotals;
mod anomaly;
mod appendcols;
mod autoregress;
mod cidrlookup;
mod compare;
mod countfrequent;
mod dedup;
mod diff;
mod display;
mod expand;
mod fields;
mod filldown;
mod fillmissing;
mod filter;
mod filterindex;
mod join;
mod limit;
mod logcompare;
mod lookup;
mod modes;
mod outlier;
mod parse;
mod pattern;
mod relevantfields;
mod sessionize;
mod sort;
mod source;
mod stats;
mod unmask;
mod unnest;

use shoseki_insights::Command;

use crate::plan::{Planned, Planner};

pub(crate) use fillmissing::Groups;
pub(crate) use pattern::PatternColumns;

/// Plans one command.
pub(crate) fn plan(planner: &mut Planner, command: &Command) -> Planned<()> {
    match command {
        Command::Fields(command) => fields::plan(planner, command),
        Command::Display(command) => display::plan(planner, command),
        Command::Filter(command) => filter::plan(planner, command),
        Command::FilterIndex(command) => filterindex::plan(planner, command),
        Command::Parse(command) => parse::plan(planner, command),
        Command::Stats(command) => stats::plan(planner, command),
        Command::Sort(command) => sort::plan(planner, command),
        Command::Limit(command) => limit::plan(planner, command),
        Command::Dedup(command) => dedup::plan(planner, command),
        Command::Accum(command) => accum::plan(planner, command),
        Command::Addtotals(command) => addtotals::plan(planner, command),
        Command::Autoregress(command) => autoregress::plan(planner, command),
        Command::CountFrequent(command) => countfrequent::plan(planner, command),
        Command::Filldown(command) => filldown::plan(planner, command),
        Command::Fillmissing(command) => fillmissing::plan(planner, command),
        Command::Outlier(command) => outlier::plan(planner, command),
        Command::Sessionize(command) => sessionize::plan(planner, command),
        Command::Patterns(command) => pattern::plan(planner, command),
        Command::Diff(command) => diff::plan(planner, command),
        Command::Logcompare(command) => logcompare::plan(planner, command),
        Command::Anomaly(command) => anomaly::plan(planner, command),
        Command::RelevantFields(command) => relevantfields::plan(planner, command),
        Command::Source(command) => source::plan(planner, command),
        Command::Unnest(command) => unnest::plan(planner, command),
        Command::Expand(command) => expand::plan(planner, command),
        Command::Join(command) => join::plan(planner, command),
        Command::Appendcols(command) => appendcols::plan(planner, command),
        Command::Lookup(command) => lookup::plan(planner, command),
        Command::Cidrlookup(command) => cidrlookup::plan(planner, command),
        Command::Unmask(command) => unmask::plan(planner, command),
    }
}
