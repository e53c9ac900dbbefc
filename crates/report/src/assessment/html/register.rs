//! What is missing, and what is known of it: gaps, days that nobody reviewed, what changed, and what was not looked at.

use shoseki_comply::checks::Status;
use shoseki_comply::findings::Case;
use shoseki_messages::{lookup, msg};

use super::super::Changes;
use super::super::csv::gap_text;
use super::Page;
use crate::markup::escape;

/// How many gaps are listed; all of them are in the CSV.
const SHOWN: usize = 200;
/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// The gap register of the period.
pub(super) fn gaps(page: &Page<'_, '_>) -> String {
    let register = page.report.gaps;
    let unknown = register.streams.iter().filter(|stream| stream.rhythm.is_none()).count();
    let unknown =
        (unknown > 0).then(|| format!("<p>{}</p>\n", page.tell(msg!("report-said-unknown", count = unknown))));
    let row = |gap: &shoseki_comply::gaps::Gap| {
        let state = lookup(&format!("report-gap-{}", gap.state.name()), page.lang).unwrap_or_default();
        let to = gap.to.map_or_else(|| page.word("goes-on"), |to| page.time(to));
        vec![page.data(&gap.stream), page.time(gap.from), to, escape(&state), page.data(&gap_text(gap, page.lang))]
    };
    let rows: Vec<Vec<String>> = register.gaps.iter().take(SHOWN).map(row).collect();
    let nothing = || match register.streams.iter().any(|stream| stream.rhythm.is_some()) {
        true => format!("<p>{}</p>\n", page.word("no-gaps")),
        false if register.streams.is_empty() => format!("<p>{}</p>\n", page.word("no-streams")),
        false => String::new(), // of streams without a rhythm nothing can be missing, and that is said below
    };
    let table = match rows.is_empty() {
        true => nothing(),
        false => page.table("t-gaps", &["stream", "from", "to", "state", "why"], &rows),
    };
    format!("<p>{}</p>\n{table}{}", page.word("gaps"), unknown.unwrap_or_default())
}

/// Days that were reviewed, and those that nobody reviewed.
pub(super) fn reviews(page: &Page<'_, '_>) -> String {
    let (reviews, within) = (page.report.reviews, (page.report.period.from, page.report.period.to));
    let done: Vec<Vec<String>> = reviews
        .within(within)
        .map(|done| {
            let by = done.by.as_deref().map_or_else(|| page.word("unknown"), |by| page.data(by));
            let hours = page.tell(msg!("report-said-hours", count = done.delay() / 3_600_000_000));
            let digest = done.said.digest_sha256.get(..16).unwrap_or_default();
            vec![
                escape(&done.said.day),
                by,
                format!("{} ({hours})", page.time(done.at)),
                done.said.note.as_deref().map(|note| page.data(note)).unwrap_or_default(),
                format!("<code>{}</code><br/><code>{}…</code>", escape(&done.record), escape(digest)),
            ]
        })
        .collect();
    let holes = reviews.holes(within);
    let missing: Vec<Vec<String>> = holes
        .iter()
        .map(|hole| {
            let days = page.tell(msg!("report-said-days", count = (hole.to.0 - hole.from.0 + DAY - 1) / DAY));
            vec![page.time(hole.from), page.time(hole.to), days]
        })
        .collect();
    let table = |name: &str, heads: &[&str], rows: &[Vec<String>], none: &str| match rows.is_empty() {
        true => format!("<p>{}</p>\n", page.word(none)),
        false => page.table(name, heads, rows),
    };
    format!(
        "{}{}",
        table("t-reviews", &["day", "reviewer", "at", "note", "record"], &done, "no-reviews"),
        table("t-missing", &["from", "to", "length"], &missing, "no-missing")
    )
}

/// What changed since reports before.
pub(super) fn changes(page: &Page<'_, '_>) -> String {
    if page.report.before.is_empty() {
        return format!("<p>{}</p>\n", page.word("first-report"));
    }
    page.report.before.iter().map(|since| changes_since(page, &Changes::of(page.report, since))).collect()
}

fn changes_since(page: &Page<'_, '_>, changes: &Changes<'_>) -> String {
    let since = changes.since;
    let head = msg!(
        "report-said-since",
        at = page.report.local(since.at),
        from = page.report.day(since.said.from),
        to = page.report.day(shoseki_event::Timestamp(since.said.to.0 - 1))
    );
    let by = since.by.as_deref().map_or_else(|| page.word("unknown"), |by| page.data(by));
    let what = format!(
        "<p class=\"small\">{by} · <code>{}</code> · SHA-256 <code>{}</code></p>\n",
        escape(&since.record),
        escape(&since.said.sha256)
    );
    let mut inside = String::new();
    if changes.is_empty() {
        inside = format!("<p>{}</p>\n", page.word("no-changes"));
    }
    let rows: Vec<Vec<String>> = changes
        .statuses
        .iter()
        .map(|(number, was, is)| {
            let was = was.map_or_else(|| page.word("not-there"), |was| page.assessed(was));
            vec![escape(number), was, page.assessed(*is)]
        })
        .collect();
    if !rows.is_empty() {
        inside.push_str(&page.table("t-changes", &["number", "was", "is"], &rows));
    }
    for (name, cases) in [("new-findings", &changes.new), ("gone-findings", &changes.gone)] {
        if !cases.is_empty() {
            inside.push_str(&format!(
                "<h4>{}</h4>\n<ul class=\"found\">\n{}</ul>\n",
                page.word(name),
                listed(page, cases)
            ));
        }
    }
    format!("<h3>{}</h3>\n{what}{inside}", page.tell(head))
}

fn listed(page: &Page<'_, '_>, cases: &[&Case]) -> String {
    let line = |case: &&Case| {
        let id = escape(&page.report.register.short(&case.id));
        let state = escape(&case.state().word(page.lang));
        format!(
            "<li><code>{id}</code> {}: {} <span class=\"tag\">{state}</span></li>\n",
            page.data(case.subject()),
            page.data(case.what(page.lang))
        )
    };
    cases.iter().map(line).collect()
}

/// What was not looked at: it is no pass, and whoever reads the report must know of it.
pub(super) fn unseen(page: &Page<'_, '_>) -> String {
    let (report, lang) = (page.report, page.lang);
    let mut items: Vec<String> = Vec::new();
    let blind: Vec<&str> = report
        .judged
        .iter()
        .filter(|judged| judged.status() == Status::NoEvidence)
        .map(|judged| judged.check.id.as_ref())
        .collect();
    if !blind.is_empty() {
        let names = page.joined(blind.iter().map(|id| format!("<code>{}</code>", escape(id))));
        items.push(format!("{} {names}", page.word("unseen-checks")));
    }
    let is_open = |one: &&shoseki_comply::frameworks::Assessed<'_>| {
        one.requirement.not_applicable.is_none()
            && one.manual.as_ref().is_some_and(|answer| answer.status != Status::Pass)
    };
    let documents: Vec<String> =
        report.assessed.iter().filter(is_open).map(|one| escape(&one.requirement.number)).collect();
    if !documents.is_empty() {
        items.push(format!("{} {}", page.word("unseen-documents"), page.joined(documents)));
    }
    let unverified = report.assessed.iter().filter_map(|one| Some((one, one.requirement.unverified.as_ref()?)));
    items.extend(unverified.map(|(one, what)| {
        format!("{} {}: {}", page.word("unseen-unverified"), escape(&one.requirement.number), escape(what.of(lang)))
    }));
    if report.scope.unsealed > 0 {
        items.push(page.tell(msg!("report-said-unsealed", count = report.scope.unsealed)));
    }
    if report.scope.waiting > 0 {
        items.push(page.tell(msg!("report-said-waiting", count = report.scope.waiting)));
    }
    items.push(page.word("unseen-elsewhere"));
    items.push(page.word("unseen-settings"));
    items.push(page.word("unseen-some"));
    items.push(page.word("unseen-verify"));
    let items: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<p>{}</p>\n<ul>\n{items}</ul>\n", page.word("unseen"))
}
