//! A digest for people, on one page: what happened, what failed, what is new, what is open.

use shoseki_comply::checks::{Judged, Status};
use shoseki_comply::review::{Digest, Names};
use shoseki_messages::{lookup, msg};

use super::super::check::shown::{print_finding, separator};
use crate::context::Context;
use crate::output;

/// How many of a list are shown; the rest is in `--json`.
const SHOWN: usize = 5;

pub(super) fn print(context: &Context, digest: &Digest) {
    let day = &digest.day;
    output::line("");
    context.say(&msg!(
        "cli-review-head",
        day = day.name.as_str(),
        zone = day.zone.name(),
        events = output::count(digest.events()),
        failed = output::count(digest.failed()),
        size = digest.tree_size
    ));
    if day.to > digest.made {
        context.say(&msg!("cli-review-goes-on"));
    }
    sources(context, digest);
    principals(context, digest);
    fresh(context, digest);
    for judged in &digest.checks {
        check(context, judged);
    }
    accesses(context, digest);
    findings(context, digest);
}

fn heads<const N: usize>(context: &Context, names: [&str; N]) -> [String; N] {
    names.map(|name| lookup(&format!("cli-review-{name}"), context.lang).unwrap_or_default())
}

fn sources(context: &Context, digest: &Digest) {
    let mut table = output::table(&heads(context, ["source", "events", "failed", "usual"]));
    for source in &digest.sources {
        let [events, failed, usual] = [source.events, source.failed, source.usual].map(output::count);
        // Where nothing lies before, nobody knows what is usual.
        let usual = if digest.fresh.is_compared { usual } else { "-".to_owned() };
        table.add_row([source.name.clone(), events, failed, usual]);
    }
    output::line(&table.to_string());
}

fn principals(context: &Context, digest: &Digest) {
    let mut table = output::table(&heads(context, ["who", "events", "failed", "record"]));
    for one in &digest.principals {
        table.add_row([one.name.clone(), output::count(one.events), output::count(one.failed), one.record.clone()]);
    }
    context.say(&msg!("cli-review-principals", count = digest.principals_in_all));
    output::line(&table.to_string());
}

fn fresh(context: &Context, digest: &Digest) {
    let fresh = &digest.fresh;
    if !fresh.is_compared {
        return context.say(&msg!("cli-review-not-compared"));
    }
    context.say(&msg!("cli-review-new"));
    for (name, names) in [
        ("streams", &fresh.streams),
        ("principals-new", &fresh.principals),
        ("operations", &fresh.operations),
        ("addresses", &fresh.addresses),
    ] {
        output::line(&format!("  {}", new(context, name, names)));
    }
}

fn new(context: &Context, name: &str, names: &Names) -> String {
    let shown = names.some.iter().take(SHOWN).map(|new| format!("{} ×{}", new.name, new.events));
    let mut some = shown.collect::<Vec<_>>().join(separator(context.lang));
    if names.some.len() > SHOWN {
        some.push_str(" …");
    }
    let [word] = heads(context, [name]);
    format!("{word}: {} {some}", names.count).trim_end().to_owned()
}

fn check(context: &Context, judged: &Judged<'_>) {
    let lang = context.lang;
    let is_told = |finding: &&shoseki_comply::checks::Finding| finding.is_to_review || finding.status == Status::Fail;
    let told = judged.findings.iter().filter(is_told).count();
    let status = judged.status();
    if told == 0 && status != Status::NoEvidence {
        return;
    }
    let (check, title) = (judged.check.id.as_ref(), judged.check.title(lang));
    let (word, severity) = (status.word(lang), judged.check.severity.word(lang));
    context.say(&msg!("cli-check-head", status = word, severity = severity, check = check, title = title));
    judged.findings.iter().filter(is_told).take(SHOWN).for_each(|finding| print_finding(context, finding));
    if told > SHOWN {
        output::line(&format!("  {}", msg!("cli-review-more", count = told - SHOWN).text(lang)));
    }
}

fn accesses(context: &Context, digest: &Digest) {
    if digest.accesses.is_empty() {
        return context.say(&msg!("cli-review-no-accesses"));
    }
    let some = digest.accesses.iter().take(SHOWN * 2).map(|(who, what, times)| {
        let who = if who.is_empty() { "?" } else { who };
        format!("{who} {what} ×{times}")
    });
    context.say(&msg!("cli-review-accesses", some = some.collect::<Vec<_>>().join(separator(context.lang))));
}

fn findings(context: &Context, digest: &Digest) {
    let (lang, findings) = (context.lang, &digest.findings);
    let open = findings.open.iter().map(|(nature, count)| format!("{} {count}", nature.word(lang)));
    context.say(&msg!(
        "cli-review-findings",
        open = open.collect::<Vec<_>>().join(separator(lang)),
        new = findings.new.len(),
        overdue = findings.overdue.len(),
        ended = findings.ended.len(),
        accepted = findings.accepted
    ));
}
