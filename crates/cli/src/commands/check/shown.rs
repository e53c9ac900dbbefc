//! What came of a run for people: a table for each framework, what was found below it, and how to mend it.

use shoseki_comply::checks::{Finding, Judged, Status};
use shoseki_comply::findings::State;
use shoseki_comply::frameworks::{Assessed, Framework};
use shoseki_messages::{Lang, lookup, msg};

use super::run::Outcome;
use crate::context::Context;
use crate::output;

/// How many findings of a check are shown where not all are asked for.
const SHOWN: usize = 5;

pub(super) fn print(context: &Context, outcome: &Outcome<'_>, is_all: bool) {
    let (from, to) = (context.local(outcome.period.from), context.local(outcome.period.to));
    context.say(&msg!("cli-check-period-judged", from = from, to = to, size = outcome.tree_size));
    if let Some(seen) = &outcome.seen {
        super::look::print(context, seen);
    }
    for (framework, assessed) in &outcome.frameworks {
        requirements(context, framework, assessed);
    }
    if outcome.frameworks.is_empty() {
        checks(context, outcome.judged);
    }
    for judged in outcome.judged {
        if is_all || judged.status() == Status::Fail || judged.status() == Status::NoEvidence || judged.to_review() > 0
        {
            check(context, judged, is_all);
        }
    }
    output::line("");
    for (framework, assessed) in &outcome.frameworks {
        documents(context, framework, assessed);
    }
    summary(context, outcome);
}

/// What stands between the parts of a list.
pub(in super::super) fn separator(lang: Lang) -> &'static str {
    match lang {
        Lang::En => ", ",
        Lang::Ja => "、",
    }
}

fn word(lang: Lang, name: &str) -> String {
    lookup(&format!("cli-check-{name}"), lang).unwrap_or_default()
}

fn requirements(context: &Context, framework: &Framework, assessed: &[Assessed<'_>]) {
    let lang = context.lang;
    output::line("");
    output::line(framework.title.of(lang));
    if let Some(note) = &framework.note {
        output::line(note.of(lang));
    }
    let heads = ["number", "requirement", "whose", "status", "by"].map(|name| word(lang, name));
    let mut table = output::table(&heads);
    for one in assessed {
        table.add_row([
            one.requirement.number.clone(),
            one.requirement.title.of(lang).to_owned(),
            word(lang, &format!("whose-{}", one.requirement.whose)),
            standing(context, one),
            by(context, one),
        ]);
    }
    output::line(&table.to_string());
    for one in assessed {
        if let Some(text) = &one.requirement.unverified {
            context.say(&msg!("cli-check-unverified", number = &one.requirement.number, what = text.of(lang)));
        }
    }
}

/// How a requirement stands, in the assessor's words first. That its failures are accepted is said, and changes nothing.
fn standing(context: &Context, one: &Assessed<'_>) -> String {
    let lang = context.lang;
    let status = format!("{} ({})", one.status.assessed(lang), one.status.word(lang));
    match one.is_answered() {
        true => format!("{status}\n{}", word(lang, "answered")),
        false => status,
    }
}

/// By what a requirement came to its status: how many of its checks stand how, and its document.
fn by(context: &Context, one: &Assessed<'_>) -> String {
    let lang = context.lang;
    if let Some(why) = &one.requirement.not_applicable {
        return why.of(lang).to_owned();
    }
    let counted = Status::ALL.into_iter().filter_map(|status| {
        let count = one.checks.iter().filter(|judged| judged.status() == status).count();
        (count > 0).then(|| format!("{count} {}", status.word(lang)))
    });
    let checks = counted.collect::<Vec<_>>().join(separator(lang));
    let review: usize = one.checks.iter().map(|judged| judged.to_review()).sum();
    let checks = (!checks.is_empty()).then(|| msg!("cli-check-by-checks", counts = checks, review = review).text(lang));
    let document = one.manual.as_ref().map(|answer| match answer.status {
        Status::Pass => msg!("cli-check-by-document").text(lang),
        _ => msg!("cli-check-by-no-document").text(lang),
    });
    let unseen = one.unseen.len();
    let unseen = (unseen > 0).then(|| msg!("cli-check-settings-unseen", count = unseen).text(lang));
    checks.into_iter().chain(document).chain(unseen).collect::<Vec<_>>().join("\n")
}

pub(super) fn checks(context: &Context, judged: &[Judged<'_>]) {
    let lang = context.lang;
    let heads = ["check", "severity", "status", "review"].map(|name| word(lang, name));
    let mut table = output::table(&heads);
    for one in judged {
        let check = one.check;
        table.add_row([
            format!("{}\n{}", check.title(lang), check.id),
            check.severity.word(lang),
            one.status().word(lang),
            one.to_review().to_string(),
        ]);
    }
    output::line(&table.to_string());
}

pub(super) fn check(context: &Context, judged: &Judged<'_>, is_all: bool) {
    let lang = context.lang;
    let (check, status) = (judged.check, judged.status());
    output::line("");
    let (word, severity) = (status.word(lang), check.severity.word(lang));
    context.say(&msg!(
        "cli-check-head",
        status = word,
        severity = severity,
        check = check.id.as_ref(),
        title = check.title(lang)
    ));
    let is_told =
        |finding: &&Finding| is_all || finding.is_to_review || finding.status != Status::Pass || status == Status::Pass;
    let told: Vec<&Finding> = judged.findings.iter().filter(is_told).collect();
    for finding in told.iter().take(if is_all { usize::MAX } else { SHOWN }) {
        print_finding(context, finding);
    }
    if !is_all && told.len() > SHOWN {
        output::line(&format!("  {}", msg!("cli-check-more", count = told.len() - SHOWN).text(lang)));
    }
    if matches!(status, Status::Fail | Status::NoEvidence) {
        output::line(&format!("  {}", msg!("cli-check-mend", what = check.mend(lang)).text(lang)));
    }
}

/// A finding, with what is known of it and what proves it.
pub(in super::super) fn print_finding(context: &Context, finding: &Finding) {
    let lang = context.lang;
    let mark = if finding.is_to_review { word(lang, "to-review") } else { finding.status.word(lang) };
    let (tags, id) = known(context, finding);
    let marks: Vec<String> = std::iter::once(mark).chain(tags).collect();
    let head = marks.join(separator(lang));
    output::sentence(&format!("  [{head}] {id}{}: {}", finding.subject, finding.what.text(lang)));
    let times = finding.first.zip(finding.last).map(|(first, last)| match first == last {
        true => context.local(first),
        false => format!("{} – {}", context.local(first), context.local(last)),
    });
    let records = (!finding.records.is_empty()).then(|| finding.records.join(" "));
    let below: Vec<String> = times.into_iter().chain(records).collect();
    if !below.is_empty() {
        output::line(&format!("      {}", below.join("  ")));
    }
}

/// What is known of a finding from before: that it is new, accepted until a day, or resolved; and its name.
fn known(context: &Context, finding: &Finding) -> (Vec<String>, String) {
    let lang = context.lang;
    let Some(known) = &finding.known else { return (Vec::new(), String::new()) };
    let new = known.is_new.then(|| word(lang, "new"));
    let standing = match (known.state, &known.exception) {
        (State::Resolved, _) => Some(known.state.word(lang)),
        (_, Some(accept)) => {
            let (until, owner) = (accept.until.day.as_str(), accept.owner.as_str());
            Some(msg!("cli-check-accepted", until = until, owner = owner).text(lang))
        }
        (_, None) => None,
    };
    (new.into_iter().chain(standing).collect(), format!("{} ", known.short))
}

/// The documents that nobody attached yet, and one command that shows how.
fn documents(context: &Context, framework: &Framework, assessed: &[Assessed<'_>]) {
    let lang = context.lang;
    let missing: Vec<&Assessed<'_>> = assessed
        .iter()
        .filter(|one| one.manual.as_ref().is_some_and(|answer| answer.status != Status::Pass))
        .filter(|one| one.requirement.not_applicable.is_none())
        .collect();
    let Some(first) = missing.first() else { return };
    context.say(&msg!("cli-check-documents", framework = framework.title.of(lang), count = missing.len()));
    for one in &missing {
        let asked = one.requirement.manual.as_ref().map(|manual| manual.of(lang)).unwrap_or_default();
        let state = one.manual.as_ref().map(|answer| answer.what.text(lang)).unwrap_or_default();
        output::line(&format!("  {}: {asked} ({state})", one.requirement.number));
    }
    context.say(&msg!("cli-check-attach", name = framework.attach_name(first.requirement)));
}

fn summary(context: &Context, outcome: &Outcome<'_>) {
    let lang = context.lang;
    let statuses = outcome.statuses();
    let counted = Status::ALL.map(|status| {
        let count = statuses.iter().filter(|one| **one == status).count();
        match outcome.frameworks.is_empty() {
            true => format!("{} {count}", status.word(lang)),
            false => format!("{} {count}", status.assessed(lang)),
        }
    });
    let review: usize = outcome.judged.iter().map(Judged::to_review).sum();
    context.say(&msg!("cli-check-summary", counts = counted.join(separator(lang)), review = review));
    let new: usize = outcome.judged.iter().map(Judged::new_ones).sum();
    let accepted: usize = outcome.judged.iter().map(Judged::accepted).sum();
    if new > 0 || accepted > 0 {
        context.say(&msg!("cli-check-summary-findings", new = new, accepted = accepted));
    }
}
