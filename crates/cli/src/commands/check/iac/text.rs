//! What came of a run for people: findings by files, requirements, and how to mend what fails.

use std::collections::BTreeSet;

use shoseki_comply::checks::{Check, Status};
use shoseki_comply::iac::Row;
use shoseki_messages::{Lang, lookup, msg};

use super::super::look;
use super::Outcome;
use crate::context::Context;
use crate::output;

pub(super) fn print(context: &Context, outcome: &Outcome<'_>, is_all: bool) {
    let mut last = "";
    for row in &outcome.report.rows {
        let is_shown = row.accepted.is_some()
            || matches!(row.finding.status, Status::Fail | Status::NoEvidence)
            || row.finding.is_to_review;
        if !is_all && !is_shown {
            continue;
        }
        let (path, line) = row.place();
        if path != last {
            output::line(path);
            last = path;
        }
        finding(context, row, line);
    }
    mend(context, outcome);
    requirements(context, outcome);
    problems(context, outcome);
    summary(context, outcome);
}

fn finding(context: &Context, row: &Row<'_>, line: u32) {
    let lang = context.lang;
    let place = if line > 0 { format!("{line:>6}") } else { " ".repeat(6) };
    let mark = match (&row.accepted, row.finding.is_to_review) {
        (Some(_), _) => lookup("cli-check-iac-accepted", lang).unwrap_or_default(),
        (None, true) => lookup("cli-check-to-review", lang).unwrap_or_default(),
        (None, false) => row.finding.status.word(lang),
    };
    let (check, severity) = (row.check, row.check.severity.word(lang));
    output::line(&format!("{place}  [{mark}] {} ({severity})", check.id));
    output::sentence(&format!("        {}: {}", row.finding.subject, row.finding.what.text(lang)));
    if let Some(accepted) = &row.accepted {
        let said =
            msg!("cli-check-iac-accepted-until", until = accepted.until.to_string(), reason = accepted.reason.as_str());
        output::line(&format!("        {}", said.text(lang)));
    }
}

/// How each check that fails is mended, once.
fn mend(context: &Context, outcome: &Outcome<'_>) {
    let lang = context.lang;
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let failed = outcome.report.rows.iter().filter(|row| row.status() == Status::Fail);
    for check in failed.map(|row| row.check).filter(|check| told.insert(check.id.as_ref())) {
        output::line("");
        output::line(&format!("{}: {}", check.id, check.title(lang)));
        output::line(&format!("  {}", msg!("cli-check-mend", what = check.mend(lang)).text(lang)));
        terraform(check);
    }
    if !told.is_empty() {
        output::line("");
    }
}

/// How it is mended in Terraform.
pub(in crate::commands::check) fn terraform(check: &Check) {
    if !check.terraform().is_empty() {
        output::line("  Terraform:");
        check.terraform().lines().for_each(|line| output::line(&format!("    {line}")));
    }
}

/// The requirements that these checks are of, as far as settings show them.
fn requirements(context: &Context, outcome: &Outcome<'_>) {
    let judged = outcome.report.judged();
    outcome
        .frameworks
        .iter()
        .for_each(|framework| look::requirements(context, framework, &judged, !outcome.is_unread()));
}

/// What was not judged, and exceptions that do not count.
pub(super) fn problems(context: &Context, outcome: &Outcome<'_>) {
    for problem in &outcome.report.problems {
        let place = if problem.line > 0 { format!("{}:{}", problem.path, problem.line) } else { problem.path.clone() };
        context.note(&msg!("cli-check-iac-problem", place = place, what = vec![problem.what.clone()]));
    }
}

fn summary(context: &Context, outcome: &Outcome<'_>) {
    let lang = context.lang;
    let separator = if lang == Lang::Ja { "、" } else { ", " };
    let counted = Status::ALL.map(|status| format!("{} {}", status.word(lang), outcome.count(status)));
    let counts = outcome.report.counts;
    if outcome.is_empty() {
        // What could not be read is said already.
        context.say(&if outcome.is_unread() { msg!("cli-check-iac-none-read") } else { super::nothing(outcome) });
        kept(context, outcome);
        return;
    }
    context.say(&msg!(
        "cli-check-iac-read",
        files = counts.files(),
        resources = counts.resources,
        terraform = counts.terraform,
        plans = counts.plans,
        templates = counts.templates,
        manifests = counts.manifests
    ));
    context.say(&msg!("cli-check-iac-summary", counts = counted.join(separator), accepted = outcome.accepted()));
    kept(context, outcome);
}

/// What is kept of the run.
fn kept(context: &Context, outcome: &Outcome<'_>) {
    if let Some(kept) = outcome.kept.as_ref().filter(|kept| kept.is_recorded) {
        context.say(&msg!("cli-check-iac-recorded", new = kept.new));
    }
}
