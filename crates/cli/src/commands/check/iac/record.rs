//! `check iac --record`: the run and its findings in the vault, as `check` leaves them of the evidence. A finding is of its file: where a
//! run over that file, or over a folder that it lies in, does not find it any more, it is resolved.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clap::ArgMatches;
use shoseki_comply::checks::{Check, Finding, Judged, Period, Status};
use shoseki_comply::findings::{About, Looking, Register, Teller, state};
use shoseki_comply::frameworks::{Framework, named_by};
use shoseki_comply::iac::{Report, Source};
use shoseki_event::Timestamp;
use shoseki_messages::Result;

use super::super::super::query::{limits, newest};
use super::super::{access_of, engine, list, tell};
use crate::access::{self, Recorded};
use crate::context::Context;

/// What is so now, in microseconds: a day, by which findings are closed.
const NOW: i64 = 86_400_000_000;

/// What is kept of a run.
pub(in crate::commands::check) struct Kept {
    /// Which files and folders it looked at.
    pub(super) looking: Looking,
    /// Whether a record of it is left.
    pub(super) is_recorded: bool,
    /// How many findings are new.
    pub(super) new: usize,
}

/// What was asked for.
pub(super) struct Asked<'a> {
    /// The paths.
    pub(super) paths: &'a [&'a String],
    /// The files that were found there.
    pub(super) sources: &'a [Source],
    /// Frameworks of one's own.
    pub(super) own: &'a [Framework],
    /// The frameworks.
    pub(super) frameworks: &'a [&'a Framework],
    /// The checks.
    pub(super) checks: &'a [&'a Check],
}

/// Keeps a run, and marks its findings with what is known of them; nothing where it was stopped.
pub(super) async fn keep(
    context: &Context,
    matches: &ArgMatches,
    asked: Asked<'_>,
    report: &mut Report<'_>,
) -> Result<Option<Kept>> {
    let Asked { paths, sources, own, frameworks, checks } = asked;
    let now = Timestamp::now();
    let period = Period { from: Timestamp(now.0.saturating_sub(NOW)), to: now };
    let looking = Looking { from: Teller::Code, places: places(paths, sources) };
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let paths: Vec<String> = paths.iter().map(|path| (*path).clone()).collect();
    let access = access_of(frameworks, (&[], checks), period, tail.snapshot.size()).with("iac", paths);
    let recorded = Recorded::begin(context, &vault, access).await?;
    let read = {
        let engine = engine(context, limits(matches)?, &vault, &tail);
        recorded.over(Register::read(&engine, now)).await?
    };
    let Some((recorded, register)) = read else { return Ok(None) };
    let known = list::all(own)?;
    let mut judged = judged(checks, report);
    let about = About { period, run: recorded.id(), looked: Some(&looking) };
    let mut stated = state(&mut judged, &register, about, &|id| named_by(id, &known));
    // What was not read may have what was not found.
    let is_unread = report.problems.iter().any(|problem| problem.is_unread);
    stated.judged.iter_mut().for_each(|judged| judged.is_blind |= is_unread);
    mark(report, &judged);
    let statuses: Vec<Status> =
        judged.iter().filter(|judged| !judged.findings.is_empty()).map(Judged::status).collect();
    let (is_recorded, new) = (recorded.is_recorded(), judged.iter().map(Judged::new_ones).sum());
    tell(recorded, &statuses, (stated, Some(&looking)))?;
    if is_recorded {
        access::seal(context, &vault).await;
    }
    Ok(Some(Kept { looking, is_recorded, new }))
}

/// The paths that were looked at. A folder in which no file lies was perhaps not checked out: nothing is gone there.
fn places(paths: &[&String], sources: &[Source]) -> BTreeSet<String> {
    let files: Vec<String> = sources.iter().map(|source| whole(&source.path)).collect();
    let looking = |path: &&String| Looking { from: Teller::Code, places: [whole(path)].into() };
    let all = paths.iter().map(looking).filter(|one| files.iter().any(|file| one.has(file)));
    all.flat_map(|one| one.places).collect()
}

/// A path as each run names it, from whichever folder it is made.
fn whole(path: &str) -> String {
    // What is gone cannot be followed: its name is made whole as it stands.
    let whole = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let whole = whole.map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned());
    let whole = whole.replace('\\', "/");
    match whole.strip_suffix('/') {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => whole,
    }
}

/// What each check that was asked for found, each finding in its file; of one that found nothing to look at, nothing: then what it found
/// before is gone. What is accepted in the code passes, and is to be looked at.
fn judged<'c>(checks: &[&'c Check], report: &Report<'_>) -> Vec<Judged<'c>> {
    let mut found: HashMap<String, Vec<Finding>> = HashMap::new();
    let mut places: HashMap<String, String> = HashMap::new();
    for row in &report.rows {
        let path = row.place().0;
        let place = places.entry(path.to_owned()).or_insert_with(|| whole(path)).clone();
        let finding = Finding { place: Some(place), ..row.finding.clone() };
        let finding = match &row.accepted {
            Some(_) => Finding { status: Status::Pass, is_to_review: true, ..finding },
            None => finding,
        };
        found.entry(row.check.id.to_string()).or_default().push(finding);
    }
    let of = |check: &&'c Check| Judged { check, findings: found.get(check.id.as_ref()).cloned().unwrap_or_default() };
    checks.iter().map(of).collect()
}

/// Marks rows with what is known of their findings: they stand in the same order.
fn mark(report: &mut Report<'_>, judged: &[Judged<'_>]) {
    let mut known: HashMap<&str, std::slice::Iter<'_, Finding>> =
        judged.iter().map(|judged| (judged.check.id.as_ref(), judged.findings.iter())).collect();
    for row in &mut report.rows {
        let next = known.get_mut(row.check.id.as_ref()).and_then(Iterator::next);
        row.finding.known = next.and_then(|finding| finding.known.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_from_everywhere() {
        let here = whole(".");
        assert_eq!((whole("./infra/"), whole("infra")), (format!("{here}/infra"), format!("{here}/infra")));
        assert_eq!((whole("/infra"), whole("/")), ("/infra".to_owned(), "/".to_owned()));
        assert_eq!(whole("../cli/src"), whole("src"), "one folder has one name");
    }
}
