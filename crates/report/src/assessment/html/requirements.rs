//! The requirements: all of them at a glance, then each with its checks, what they found, what proves it, and its documents.

use shoseki_comply::checks::{Finding, Judged, Status};
use shoseki_comply::findings::State;
use shoseki_comply::frameworks::Assessed;
use shoseki_messages::{lookup, msg};

use super::Page;
use crate::markup::escape;

/// How many findings of a check are shown; all of them are in the CSV and the JSON.
const SHOWN: usize = 10;
/// How many of those that pass.
const SHOWN_GOOD: usize = 3;

pub(super) fn all(page: &Page<'_, '_>) -> String {
    let rows: Vec<Vec<String>> = page.report.assessed.iter().map(|one| glance(page, one)).collect();
    let table = page.table("t-glance", &["number", "requirement", "whose", "status", "by"], &rows);
    let each: String = page.report.assessed.iter().map(|one| requirement(page, one)).collect();
    format!("{table}{each}")
}

/// The name of a requirement's part of the page.
fn anchor(number: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("r-{}", number.chars().map(letter).collect::<String>())
}

fn whose(page: &Page<'_, '_>, one: &Assessed<'_>) -> String {
    let word = lookup(&format!("report-whose-{}", one.requirement.whose), page.lang).unwrap_or_default();
    format!("<span class=\"whose\">{}</span>", escape(&word))
}

fn glance(page: &Page<'_, '_>, one: &Assessed<'_>) -> Vec<String> {
    let requirement = one.requirement;
    let number = escape(&requirement.number);
    let counted = Status::ALL.into_iter().filter_map(|status| {
        let count = one.checks.iter().filter(|judged| judged.status() == status).count();
        (count > 0).then(|| page.tell(msg!("report-said-counted", status = status.word(page.lang), count = count)))
    });
    let document = one.manual.as_ref().map(|answer| match answer.status {
        Status::Pass => page.word("document-there"),
        _ => page.word("document-missing"),
    });
    let answered = one.is_answered().then(|| format!("<br/><span class=\"small\">{}</span>", page.word("answered")));
    vec![
        format!("<a href=\"#{}\">{number}</a>", anchor(&requirement.number)),
        escape(requirement.title.of(page.lang)),
        whose(page, one),
        format!("{}{}", page.assessed(one.status), answered.unwrap_or_default()),
        page.joined(counted.chain(document)),
    ]
}

fn requirement(page: &Page<'_, '_>, one: &Assessed<'_>) -> String {
    let (requirement, lang) = (one.requirement, page.lang);
    let text = |text: &Option<shoseki_comply::frameworks::Text>| text.as_ref().map(|text| escape(text.of(lang)));
    let mut facts = vec![("d-status", page.assessed(one.status)), ("d-whose", whose(page, one))];
    facts.extend(one.is_answered().then(|| ("d-standing", page.word("answered"))));
    facts.extend(text(&requirement.not_applicable).map(|why| ("d-not-applicable", why)));
    facts.extend(text(&requirement.unverified).map(|what| ("d-unverified", what)));
    let facts: String =
        facts.iter().map(|(name, value)| format!("<dt>{}</dt><dd>{value}</dd>\n", page.word(name))).collect();
    let checks: String = one.checks.iter().map(|judged| check(page, judged)).collect();
    let none = one.checks.is_empty().then(|| format!("<p class=\"small\">{}</p>\n", page.word("no-checks")));
    format!(
        "<article class=\"{name}\" id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h3 id=\"{id}-h\"><span class=\"number\">{number}</span>{title}</h3>\n\
         <p>{asks}</p>\n<dl>\n{facts}</dl>\n{none}{checks}{document}</article>\n",
        name = one.status.name(),
        id = anchor(&requirement.number),
        number = escape(&requirement.number),
        title = escape(requirement.title.of(lang)),
        asks = escape(requirement.asks.of(lang)),
        none = none.unwrap_or_default(),
        document = documents(page, one),
    )
}

/// A check, and what it found: the worst first.
fn check(page: &Page<'_, '_>, judged: &Judged<'_>) -> String {
    let (check, lang) = (judged.check, page.lang);
    let is_told = |finding: &&Finding| finding.status != Status::Pass || finding.is_to_review;
    let told: Vec<&Finding> = judged.findings.iter().filter(is_told).collect();
    let good: Vec<&Finding> = judged.findings.iter().filter(|finding| !is_told(finding)).collect();
    let shown = told.iter().take(SHOWN).chain(good.iter().take(SHOWN_GOOD));
    let found: String = shown.map(|finding| finding_of(page, finding)).collect();
    let hidden = told.len().saturating_sub(SHOWN) + good.len().saturating_sub(SHOWN_GOOD);
    let more = (hidden > 0).then(|| format!("<li>{}</li>\n", page.tell(msg!("report-said-more", count = hidden))));
    let mend = matches!(judged.status(), Status::Fail | Status::NoEvidence)
        .then(|| format!("<p class=\"small\">{}: {}</p>\n", page.word("mend"), page.said(&check.mend(lang))));
    format!(
        "<h4>{status} {title} <code>{id}</code></h4>\n<ul class=\"found\">\n{found}{more}</ul>\n{mend}",
        status = page.status(judged.status()),
        title = escape(&check.title(lang)),
        id = escape(&check.id),
        more = more.unwrap_or_default(),
        mend = mend.unwrap_or_default(),
    )
}

/// The mark of a finding: its status, or that a person should look at it.
pub(super) fn mark(page: &Page<'_, '_>, finding: &Finding) -> String {
    match finding.is_to_review {
        true => format!("<span class=\"tag\">{}</span>", page.word("to-review")),
        false => page.status(finding.status),
    }
}

/// A finding, with its events, the records that prove it, and how it stands through time.
fn finding_of(page: &Page<'_, '_>, finding: &Finding) -> String {
    let mark = mark(page, finding);
    let times = page.stretch(finding.first, finding.last);
    let events = (finding.events > 0).then(|| page.tell(msg!("report-said-events", count = finding.events)));
    let records = finding.records.iter().map(|record| format!("<code>{}</code>", escape(record)));
    let records = (!finding.records.is_empty())
        .then(|| format!("{}: {}", page.word("records"), records.collect::<Vec<String>>().join(" ")));
    let times = (!times.is_empty()).then_some(times);
    let below: Vec<String> = events.into_iter().chain(times).chain(records).chain(standing(page, finding)).collect();
    let below = (!below.is_empty()).then(|| format!("<span class=\"more\">{}</span>", below.join(" · ")));
    format!(
        "<li>{mark} {}: {}{}</li>\n",
        page.data(&finding.subject),
        escape(&finding.what.text(page.lang)),
        below.unwrap_or_default()
    )
}

/// Its name, since when it is known, and that an exception is in force.
fn standing(page: &Page<'_, '_>, finding: &Finding) -> Option<String> {
    let case = page.report.case_of(finding)?;
    let id = page.report.register.short(&case.id);
    let said = match (case.state(), &case.exception) {
        (State::Accepted, Some(accept)) => {
            msg!("report-said-accepted", id = id, owner = &accept.owner, until = &accept.until.day)
        }
        (State::Resolved, _) => msg!("report-said-resolved", id = id),
        _ => msg!("report-said-known", id = id, day = page.report.day(case.first_seen)),
    };
    Some(page.tell(said))
}

/// The document that is asked for, and those that are attached.
fn documents(page: &Page<'_, '_>, one: &Assessed<'_>) -> String {
    let Some((asked, answer)) = one.requirement.manual.as_ref().zip(one.manual.as_ref()) else { return String::new() };
    let day = |day: Option<String>| day.unwrap_or_else(|| "…".to_owned());
    let attached: String = page
        .report
        .documents_of(one)
        .map(|document| {
            let from = document.valid_from.map_or_else(|| page.report.day(document.attached), |day| day.to_string());
            let valid = msg!("report-said-valid", from = from, to = day(document.valid_to.map(|day| day.to_string())));
            format!(
                "<li>{} <span class=\"more\">{} · <code>{}</code></span></li>\n",
                page.data(&document.title),
                page.tell(valid),
                escape(&document.record)
            )
        })
        .collect();
    format!(
        "<h4>{status} {head}: {asked}</h4>\n<p>{state}</p>\n<ul class=\"found\">\n{attached}</ul>\n",
        status = page.status(answer.status),
        head = page.word("document"),
        asked = escape(asked.of(page.lang)),
        state = escape(&answer.what.text(page.lang)),
    )
    .replace("<ul class=\"found\">\n</ul>\n", "")
}
