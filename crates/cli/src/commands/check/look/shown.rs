//! What was looked at, for people; and a run without a vault, whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shoseki_comply::checks::{Finding, Judged, Status};
use shoseki_comply::frameworks::Framework;
use shoseki_messages::{lookup, msg};

use super::super::{rows, shown};
use super::Seen;
use crate::context::Context;
use crate::output;

/// Where settings were looked at, and what of it is kept.
pub(in crate::commands) fn print(context: &Context, seen: &Seen) {
    let (resources, answers) = (seen.resources, seen.answers);
    match seen.as_of {
        Some(time) => context.say(&msg!(
            "cli-check-config-seen",
            time = context.local(time),
            items = answers,
            resources = resources
        )),
        None => {
            let places = seen.places.join(", ");
            context.say(&msg!(
                "cli-check-live-seen",
                places = places,
                answers = answers,
                refused = seen.refused,
                resources = resources
            ));
            if seen.unanswered > 0 {
                context.note(&msg!("cli-check-live-unanswered", count = seen.unanswered));
            }
        }
    }
    if let Some(sealed) = seen.sealed {
        context.say(&msg!("cli-check-live-sealed", count = sealed));
    }
    notes(context, seen);
}

/// What is to be told beside.
fn notes(context: &Context, seen: &Seen) {
    seen.notes.iter().for_each(|note| context.note(note));
}

/// A run without a vault for people.
pub(super) fn alone(
    context: &Context,
    seen: &Seen,
    (frameworks, judged): (&[&Framework], &[Judged<'_>]),
    is_all: bool,
) {
    print(context, seen);
    for framework in frameworks {
        requirements(context, framework, judged, true);
    }
    if frameworks.is_empty() {
        shown::checks(context, judged);
    }
    for one in judged {
        if is_all || matches!(one.status(), Status::Fail | Status::NoEvidence) || one.to_review() > 0 {
            shown::check(context, one, is_all);
        }
    }
}

/// How a requirement stands by the checks of it that were judged, and over how many resources. Where something was not read
/// (`is_whole`), what passes passes over what was read alone, and that is no pass.
pub(in super::super) fn stands(its: &[&Judged<'_>], is_whole: bool) -> (Status, usize) {
    let status = Status::of_all(its.iter().map(|judged| judged.status()));
    let counts = |finding: &&Finding| finding.status != Status::NotApplicable;
    let findings = its.iter().flat_map(|judged| &judged.findings).filter(counts);
    let resources: BTreeSet<&str> = findings.map(|finding| finding.subject.as_str()).collect();
    (if status == Status::Pass && !is_whole { Status::NoEvidence } else { status }, resources.len())
}

/// The requirements that settings say something of, as far as these show them.
pub(in super::super) fn requirements(context: &Context, framework: &Framework, judged: &[Judged<'_>], is_whole: bool) {
    let lang = context.lang;
    output::line("");
    output::line(framework.title.of(lang));
    let heads = ["number", "requirement", "status", "check"];
    let mut table = output::table(&heads.map(|name| lookup(&format!("cli-check-{name}"), lang).unwrap_or_default()));
    for one in &framework.requirements {
        let is_its = |judged: &&Judged<'_>| one.checks.iter().any(|id| *id == judged.check.id);
        let its: Vec<&Judged<'_>> = judged.iter().filter(is_its).collect();
        if its.is_empty() {
            continue;
        }
        let open = its.iter().filter(|judged| judged.status() < Status::Pass).map(|judged| judged.check.id.as_ref());
        let open = open.collect::<Vec<&str>>().join("\n");
        let (status, resources) = stands(&its, is_whole);
        let status = msg!("cli-check-of-resources", status = status.word(lang), count = resources).text(lang);
        table.add_row([one.number.clone(), one.title.of(lang).to_owned(), status, open]);
    }
    output::line(&table.to_string());
    context.note(&msg!("cli-check-iac-settings-alone"));
}

/// A run without a vault as JSON.
pub(super) fn json(seen: &Seen, judged: &[Judged<'_>]) -> Value {
    let statuses: Vec<Status> = judged.iter().map(Judged::status).collect();
    json!({
        "recorded": false,
        "settings": seen.to_json(),
        "status": Status::of_all(statuses.iter().copied()).name(),
        "summary": rows::counted(&statuses),
        "checks": judged.iter().map(Judged::to_json).collect::<Vec<_>>(),
    })
}
