//! The draft of a leak report after Japan's act on the protection of personal information: the nine items of article 8 of its
//! enforcement rules, filled from the records of an incident as far as they go. What only people know is blank, and marked.

use shoseki_comply::checks::{Finding, Status};
use shoseki_comply::findings::{Case, Origin, Seen};
use shoseki_messages::msg;

use super::super::Leak;
use super::{Page, style};
use crate::markup::escape;

/// How many findings stand under an item.
const SHOWN: usize = 20;
/// The checks that say which data may be in what leaked.
const DATA: [&str; 2] = ["evidence_has_no_card_numbers", "evidence_has_no_secrets"];
/// The checks that say who reached data.
const REACHED: [&str; 2] = ["evidence_data_access_is_recorded", "evidence_refusals_are_listed"];
/// The checks that say what was done around it.
const AROUND: [&str; 3] =
    ["evidence_privilege_changes_are_listed", "evidence_logging_was_not_stopped", "evidence_root_use_is_listed"];

/// The page.
pub(in super::super) fn page(page: &Page<'_, '_>, leak: &Leak) -> String {
    let report = page.report;
    let stage = page.word(if leak.is_final { "l-final" } else { "l-preliminary" });
    let first = msg!("report-said-leak-range", first = &leak.preliminary.0, last = &leak.preliminary.1);
    let facts = [
        ("l-f-stage", stage),
        ("l-f-time", page.stretch(Some(report.period.from), Some(report.period.to))),
        ("l-f-known", escape(&leak.known)),
        ("l-f-deadline-first", page.tell(first)),
        ("l-f-deadline-last", escape(&leak.last)),
        ("f-vault", page.data(&report.scope.place)),
        ("f-made", page.time(report.made.at)),
    ];
    let row = |(name, value): &(&str, String)| {
        format!("<tr><th scope=\"row\">{}</th><td>{value}</td></tr>\n", page.word(name))
    };
    let facts: String = facts.iter().map(row).collect();
    let items: String = (1..=9)
        .map(|number| {
            let known = item(page, number);
            let blank = format!("<p class=\"fill\">[{}]</p>\n", page.word("l-blank"));
            format!("<h3>{}</h3>\n{known}{blank}", page.word(&format!("l-item-{number}")))
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>{style}.fill{{min-height:5rem;border:1px dashed #767676;padding:.4rem .6rem;color:#555}}</style>\n</head>\n<body>\n\
         <header class=\"cover\">\n<p class=\"kind\">{kind}</p>\n<h1>{title}</h1>\n<p class=\"callout\">{draft}</p>\n\
         <table class=\"facts\"><tbody>\n{facts}</tbody></table>\n<p class=\"small\">{verify}</p>\n</header>\n\
         <main id=\"main\">\n<h2>{head}</h2>\n{items}</main>\n</body>\n</html>\n",
        code = page.lang.code(),
        style = style::sheet(page),
        kind = page.word("l-kind"),
        title = page.word("l-title"),
        draft = page.word("l-draft"),
        verify = page.word("l-verify"),
        head = page.word("l-items"),
    )
}

/// What records show of an item.
fn item(page: &Page<'_, '_>, number: u8) -> String {
    let none = || format!("<p>{}</p>\n", page.word("l-none"));
    let or_none = |found: String| if found.is_empty() { none() } else { found };
    match number {
        1 => outline(page),
        2 => or_none(found(page, &DATA)),
        3 => or_none(found(page, &REACHED)),
        4 => {
            let causes = said(page, |case| case.cause.clone().into_iter().collect());
            let causes = if causes.is_empty() { format!("<p>{}</p>\n", page.word("l-no-cause")) } else { causes };
            format!("{causes}{}", found(page, &AROUND))
        }
        8 => or_none(said(page, |case| case.measures.iter().map(|taken| taken.measure.text.clone()).collect())),
        _ => none(),
    }
}

fn outline(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let events: u64 = report.arrivals.streams.values().map(|arrived| arrived.records).sum();
    let streams = report.arrivals.streams.len();
    let text = msg!("report-said-leak-events", events = events, streams = streams, gaps = report.gaps.open().count());
    let rows: Vec<Vec<String>> = report
        .arrivals
        .streams
        .iter()
        .map(|(name, arrived)| {
            vec![page.data(name), arrived.records.to_string(), page.stretch(arrived.first, arrived.last)]
        })
        .collect();
    let table =
        if rows.is_empty() { String::new() } else { page.table("t-streams", &["stream", "records", "time"], &rows) };
    format!("<p>{}</p>\n{table}", page.tell(text))
}

/// What checks found that is not plainly good, with the records that prove it.
fn found(page: &Page<'_, '_>, checks: &[&str]) -> String {
    let of_checks = page.report.judged.iter().filter(|judged| checks.contains(&judged.check.id.as_ref()));
    let is_told = |finding: &&Finding| finding.is_to_review || finding.status != Status::NotApplicable;
    let findings =
        of_checks.flat_map(|judged| judged.findings.iter().filter(is_told).map(move |finding| (judged, finding)));
    let line = |(judged, finding): (&shoseki_comply::checks::Judged<'_>, &Finding)| {
        let records = finding.records.iter().map(|record| format!("<code>{}</code>", escape(record)));
        format!(
            "<li>{} {}: {} <span class=\"more\"><code>{}</code> {}</span></li>\n",
            super::requirements::mark(page, finding),
            page.data(&finding.subject),
            escape(&finding.what.text(page.lang)),
            escape(&judged.check.id),
            records.collect::<Vec<String>>().join(" ")
        )
    };
    let lines: String = findings.take(SHOWN).map(line).collect();
    if lines.is_empty() { lines } else { format!("<ul class=\"found\">\n{lines}</ul>\n") }
}

/// Whether a finding is about the incident: its events lie in that time, or somebody entered it since, and not about another
/// framework. What people said of all others is nobody's business here.
fn is_of_incident(page: &Page<'_, '_>, case: &Case) -> bool {
    let period = page.report.period;
    let lies_within = |seen: &Seen| seen.first.zip(seen.last).is_some_and(|(a, b)| a < period.to && b >= period.from);
    page.report.cases().any(|one| one.id == case.id)
        && match &case.origin {
            Origin::Check(seen) => lies_within(seen),
            Origin::Outside(_) => case.first_seen >= period.from,
        }
}

/// What people said of the findings of the incident.
fn said(page: &Page<'_, '_>, texts: impl Fn(&Case) -> Vec<String>) -> String {
    let lines: String = page
        .report
        .register
        .iter()
        .filter(|case| is_of_incident(page, case))
        .flat_map(|case| {
            let id = escape(&page.report.register.short(&case.id));
            texts(case).into_iter().map(move |text| (id.clone(), text))
        })
        .take(SHOWN)
        .map(|(id, text)| format!("<li><code>{id}</code> {}</li>\n", page.data(&text)))
        .collect();
    if lines.is_empty() { lines } else { format!("<ul class=\"found\">\n{lines}</ul>\n") }
}
