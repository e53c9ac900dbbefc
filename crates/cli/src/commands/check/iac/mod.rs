//! `check iac PATH…`: settings in files of code, judged before anything is made of them. It needs no vault; with `--record`, the run
//! and its findings are kept in one.

mod data;
mod find;
mod record;
mod sarif;
mod text;

use std::collections::HashSet;

use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_comply::checks::{CHECKS, Check, Severity, Status};
use shoseki_comply::frameworks::Framework;
use shoseki_comply::iac::{self, Problem, Report};
use shoseki_messages::{Fault, Message, Result, msg};

use super::super::query::room_arguments;
use super::list;
use crate::context::Context;
use crate::{Exit, output};

pub(super) use text::terraform;

/// The formats of `-o`.
const FORMATS: [&str; 5] = ["text", "csv", "json", "junit", "sarif"];

/// The command's arguments.
pub(super) fn command() -> Command {
    room_arguments(Command::new("iac"))
        .arg(Arg::new("paths").value_name("PATH").num_args(1..).required(true))
        .arg(Arg::new("framework").long("framework").value_name("ID").action(ArgAction::Append))
        .arg(super::file_argument())
        .arg(Arg::new("check").long("check").value_name("ID").action(ArgAction::Append).conflicts_with("framework"))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(FORMATS))
        .arg(
            Arg::new("fail-on")
                .long("fail-on")
                .value_name("SEVERITY")
                .value_parser(["low", "medium", "high", "critical"]),
        )
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue))
        .arg(Arg::new("record").long("record").action(ArgAction::SetTrue))
}

/// What came of a run, with what it was asked about.
pub(super) struct Outcome<'a> {
    pub(super) report: Report<'a>,
    pub(super) frameworks: Vec<&'a Framework>,
    /// The checks that were asked for, also those that found nothing to look at.
    pub(super) checks: Vec<&'a Check>,
    /// What is kept of it, where it is.
    pub(super) kept: Option<record::Kept>,
    /// The severity from which a failure fails the run.
    pub(super) fail_on: Severity,
}

impl Outcome<'_> {
    /// How the run stands: what fails below the bound is shown, and fails nothing.
    pub(super) fn status(&self) -> Status {
        let fails = |row: &&iac::Row<'_>| row.status() == Status::Fail && row.check.severity >= self.fail_on;
        match self.report.rows.iter().find(fails) {
            Some(_) => Status::Fail,
            None if self.is_unread() || self.is_empty() => Status::NoEvidence,
            None => Status::Pass,
        }
    }

    /// Whether nothing was there to judge: no file, or files in which nothing stands.
    pub(super) fn is_empty(&self) -> bool {
        let counts = self.report.counts;
        counts.files() == 0 || (counts.resources == 0 && self.report.rows.is_empty())
    }

    /// Whether something was not read: what it may say, no requirement passes over.
    pub(super) fn is_unread(&self) -> bool {
        self.report.problems.iter().any(|problem| problem.is_unread)
    }

    /// How many findings stand how.
    pub(super) fn count(&self, status: Status) -> usize {
        self.report.rows.iter().filter(|row| row.accepted.is_none() && row.finding.status == status).count()
    }

    /// How many findings are accepted in the code.
    pub(super) fn accepted(&self) -> usize {
        self.report.rows.iter().filter(|row| row.accepted.is_some()).count()
    }
}

/// Whether a run could be made so: its paths are there, its checks and frameworks too.
pub(super) fn could_run(matches: &ArgMatches) -> Result<()> {
    let own = list::own(matches)?;
    let frameworks = super::run::frameworks(matches, &own)?;
    chosen(matches, &frameworks)?;
    paths(matches).into_iter().try_for_each(|path| find::is_there(path))
}

fn paths(matches: &ArgMatches) -> Vec<&String> {
    matches.get_many::<String>("paths").into_iter().flatten().collect()
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let own = list::own(matches)?;
    let frameworks = super::run::frameworks(matches, &own)?;
    let checks = chosen(matches, &frameworks)?;
    let paths = paths(matches);
    let found = find::files(&paths)?;
    let today = chrono::Utc::now().with_timezone(&context.zone).date_naive();
    let mut report = iac::judge(&found, &checks, today);
    let format = matches.get_one::<String>("output").map(String::as_str);
    let is_for_people = !context.json && format.is_none_or(|format| format == "text");
    let fail_on = matches.get_one::<String>("fail-on").and_then(|name| Severity::from_name(name));
    let fail_on = fail_on.unwrap_or(Severity::Low);
    let mut kept = None;
    if matches.get_flag("record") {
        let asked =
            record::Asked { paths: &paths, sources: &found, own: &own, frameworks: &frameworks, checks: &checks };
        kept = record::keep(context, matches, asked, &mut report).await?;
        if kept.is_none() {
            return Ok(Exit::Stopped);
        }
    }
    let mut outcome = Outcome { report, frameworks, checks, kept, fail_on };
    // People are told at the end; programs must not take nothing for all well.
    if !is_for_people && outcome.is_empty() && outcome.report.problems.is_empty() {
        let path = paths.first().map(|path| path.to_string()).unwrap_or_default();
        outcome.report.problems.push(Problem { path, line: 0, what: nothing(&outcome), is_unread: true });
    }
    let outcome = outcome;
    match format {
        Some("csv") => data::csv(context, &outcome)?,
        Some("junit") => data::junit(context, &outcome)?,
        Some("sarif") => sarif::print(context, &outcome, &outcome.checks)?,
        Some("json") => output::json(&data::json(&outcome))?,
        None if context.json => output::json(&data::json(&outcome))?,
        _ => text::print(context, &outcome, matches.get_flag("all")),
    }
    // Programs read standard output; people read what was not judged on the other.
    if !is_for_people {
        text::problems(context, &outcome);
    }
    Ok(match outcome.status() {
        Status::Fail => Exit::Failed,
        Status::NoEvidence => Exit::Unverifiable,
        Status::Pass | Status::NotApplicable => Exit::Done,
    })
}

/// What is said where nothing was there to judge.
fn nothing(outcome: &Outcome<'_>) -> Message {
    match outcome.report.counts.files() {
        0 => msg!("cli-check-iac-nothing"),
        files => msg!("cli-check-iac-empty", files = files),
    }
}

/// The checks of settings that are asked for, each once.
fn chosen<'a>(matches: &ArgMatches, frameworks: &[&'a Framework]) -> Result<Vec<&'a Check>> {
    if let Some(ids) = matches.get_many::<String>("check") {
        let one = |id: &String| {
            let check = list::check(id, &[])?;
            match check.is_of_settings() {
                true => Ok(check),
                false => Err(Fault::caller(msg!("cli-check-not-of-settings", check = id))),
            }
        };
        return ids.map(one).collect();
    }
    let named: HashSet<&str> = frameworks
        .iter()
        .flat_map(|framework| &framework.requirements)
        .flat_map(|one| one.checks.iter().map(String::as_str))
        .collect();
    let is_asked = |check: &&Check| frameworks.is_empty() || named.contains(check.id.as_ref());
    Ok(CHECKS.iter().filter(|check| check.is_of_settings()).filter(is_asked).collect())
}
