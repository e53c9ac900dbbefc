//! Findings through time: those that are open, the exceptions in force, and what somebody from outside found (監査指摘) with its
//! cause, its measures and what proves them.

use shoseki_comply::findings::{Case, Origin};
use shoseki_messages::msg;

use super::Page;
use crate::markup::escape;

/// How many open findings are listed; all of them are in the JSON.
const SHOWN: usize = 200;

pub(super) fn all(page: &Page<'_, '_>) -> String {
    format!("{}{}{}", open(page), exceptions(page), outside(page))
}

fn part(page: &Page<'_, '_>, name: &str, table: Option<String>) -> String {
    let inside = table.unwrap_or_else(|| format!("<p>{}</p>\n", page.word("nothing")));
    format!("<h3>{}</h3>\n{inside}", page.word(name))
}

fn name(page: &Page<'_, '_>, case: &Case) -> String {
    format!("<code>{}</code>", escape(&page.report.register.short(&case.id)))
}

/// What a finding is about and what was found.
fn what(page: &Page<'_, '_>, case: &Case) -> String {
    let check = case.check().map(|check| format!("<br/><code>{}</code>", escape(check))).unwrap_or_default();
    format!("{}: {}{check}", page.data(case.subject()), page.data(case.what(page.lang)))
}

fn open(page: &Page<'_, '_>) -> String {
    let open = page.report.open();
    let row = |case: &&Case| {
        let overdue =
            case.overdue(page.report.made.at).map(|_| format!("<br/><strong>{}</strong>", page.word("overdue")));
        let age = page.tell(msg!("report-said-days", count = page.report.age(case)));
        vec![
            name(page, case),
            escape(&case.nature().word(page.lang)),
            escape(&case.severity().word(page.lang)),
            what(page, case),
            page.time(case.first_seen),
            page.time(case.last_seen),
            format!("{age}{}", overdue.unwrap_or_default()),
        ]
    };
    let rows: Vec<Vec<String>> = open.iter().take(SHOWN).map(row).collect();
    let heads = ["finding", "nature", "severity", "what", "first-seen", "last-seen", "age"];
    let table = (!rows.is_empty()).then(|| page.table("t-open", &heads, &rows));
    let more = open.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("<p>{}</p>\n", page.tell(msg!("report-said-more", count = more))));
    format!("{}{}", part(page, "h-open", table), more.unwrap_or_default())
}

fn exceptions(page: &Page<'_, '_>) -> String {
    let row = |case: &Case| {
        let accept = case.exception.as_ref()?;
        let approved = accept.approved_by.as_ref().map_or_else(|| page.word("none"), |by| page.data(by));
        let cells = vec![
            name(page, case),
            what(page, case),
            page.data(&accept.owner),
            page.data(&accept.reason),
            approved,
            escape(&accept.until.day),
        ];
        Some(cells)
    };
    let rows: Vec<Vec<String>> = page.report.exceptions().into_iter().filter_map(row).collect();
    let heads = ["finding", "what", "owner", "reason", "approved", "until"];
    part(page, "h-exceptions", (!rows.is_empty()).then(|| page.table("t-exceptions", &heads, &rows)))
}

fn outside(page: &Page<'_, '_>) -> String {
    let all = page.report.from_outside();
    let each: String = all.iter().map(|case| one_from_outside(page, case)).collect();
    part(page, "h-outside", (!all.is_empty()).then_some(each))
}

fn one_from_outside(page: &Page<'_, '_>, case: &Case) -> String {
    let none = || page.word("none-yet");
    let Origin::Outside(added) = &case.origin else { return String::new() };
    let measures = case.measures.iter().map(|taken| {
        let due = taken.measure.due.as_ref().map(|due| page.tell(msg!("report-said-until", day = &due.day)));
        let check = taken.measure.check.as_ref().map(|check| format!("<code>{}</code>", escape(check)));
        let proved = match &taken.proof {
            Some((record, _)) => format!("{} <code>{}</code>", page.word("proved"), escape(record)),
            None => page.word("unproved"),
        };
        let rest: Vec<String> = due.into_iter().chain(check).chain([proved]).collect();
        format!("<li>{} <span class=\"more\">{}</span></li>", page.data(&taken.measure.text), rest.join(" · "))
    });
    let measures = match case.measures.is_empty() {
        true => none(),
        false => format!("<ul class=\"found\">{}</ul>", measures.collect::<String>()),
    };
    let resolution = case.resolution.as_ref().map(|resolution| page.time(resolution.at));
    let facts = page.facts(&[
        ("o-state", escape(&case.state().word(page.lang))),
        ("o-source", page.data(&added.source)),
        ("o-severity", escape(&added.severity.word(page.lang))),
        ("o-requirements", page.joined(added.requirements.iter().map(|name| page.data(name)))),
        ("o-text", added.text.as_deref().map_or_else(String::new, |text| page.data(text))),
        ("o-owner", added.owner.as_deref().map_or_else(none, |owner| page.data(owner))),
        ("o-due", added.due.as_ref().map_or_else(none, |due| escape(&due.day))),
        ("o-cause", case.cause.as_deref().map_or_else(none, |cause| page.data(cause))),
        ("o-measures", measures),
        ("o-resolved", resolution.unwrap_or_else(none)),
        ("o-history", history(page, case)),
    ]);
    format!("<h4>{} {}</h4>\n{facts}", name(page, case), page.data(&added.title))
}

fn history(page: &Page<'_, '_>, case: &Case) -> String {
    let shown = |time| page.report.local(time);
    let moment = |moment: &shoseki_comply::findings::Moment| {
        let by = moment.by.as_deref().map(|by| format!(" ({})", page.data(by))).unwrap_or_default();
        let text = moment.what.text(page.lang, &shown).text(page.lang);
        format!("<li>{} {}{by}</li>", page.time(moment.at), page.data(&text))
    };
    format!("<ul class=\"found\">{}</ul>", case.history.iter().map(moment).collect::<String>())
}
