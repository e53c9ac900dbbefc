//! `check audit-policy FILE`: what an audit policy of Kubernetes records of what matters, and what it misses.

use clap::ArgMatches;
use shoseki_comply::audit_policy::{CHECKS, Level, Report, Row, judge};
use shoseki_comply::checks::{Finding, Status};
use shoseki_messages::{Lang, Result, lookup, msg};

use super::list::read;
use crate::context::Context;
use crate::{Exit, output};

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let path = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    let report = judge(path, &read(path)?)?;
    if context.json {
        output::json(&report.to_json())?;
    } else {
        print(context, &report);
    }
    context.note(&msg!("cli-check-policy-eks"));
    Ok(match report.status() {
        Status::Fail => Exit::Failed,
        Status::NoEvidence => Exit::Unverifiable,
        Status::Pass | Status::NotApplicable => Exit::Done,
    })
}

fn print(context: &Context, report: &Report) {
    let lang = context.lang;
    let heads = ["cli-check-resource", "cli-check-recorded", "cli-check-not-recorded"];
    let mut table = output::table(&heads.map(|id| lookup(id, lang).unwrap_or_default()));
    for row in &report.rows {
        table.add_row([row.matter.name(), recorded(row), missed(row, lang)]);
    }
    output::line(&table.to_string());
    for (id, findings) in &report.findings {
        let status = Status::of_all(findings.iter().map(|finding| finding.status));
        let title = lookup(&format!("check-title-{id}"), lang).unwrap_or_default();
        let severity = CHECKS.iter().find(|(known, _)| known == id).map(|(_, severity)| severity.word(lang));
        let head = msg!(
            "cli-check-head",
            status = status.word(lang),
            severity = severity.unwrap_or_default(),
            check = *id,
            title = title
        );
        context.say(&head);
        let shown = |finding: &&Finding| finding.status != Status::Pass || finding.is_to_review;
        for finding in findings.iter().filter(shown) {
            output::sentence(&format!("  - {}: {}", finding.subject, finding.what.text(lang)));
        }
        if status == Status::Fail {
            let mend = lookup(&format!("check-mend-{id}"), lang).unwrap_or_default();
            output::line(&format!("  {}", msg!("cli-check-mend", what = mend).text(lang)));
        }
    }
}

/// Verbs by level, with the rule that decided.
fn recorded(row: &Row) -> String {
    let mut lines = Vec::new();
    for level in [Level::Metadata, Level::Request, Level::RequestResponse] {
        let mut verbs = Vec::new();
        let mut rules: Vec<String> = Vec::new();
        for (verb, recorded) in row.verbs.iter().filter(|(_, recorded)| recorded.level == level) {
            verbs.push(*verb);
            rules.extend(recorded.rule.map(|rule| rule.to_string()));
        }
        if !verbs.is_empty() {
            rules.dedup();
            lines.push(format!("{} [{}]: {}", level.name(), rules.join(", "), verbs.join(", ")));
        }
    }
    lines.join("\n")
}

fn missed(row: &Row, lang: Lang) -> String {
    let missed: Vec<&str> =
        row.verbs.iter().filter(|(_, recorded)| recorded.level == Level::None).map(|(verb, _)| *verb).collect();
    let less = row.less.iter().map(|(who, verbs)| {
        let verbs = verbs.iter().copied().collect::<Vec<_>>().join(", ");
        msg!("comply-policy-not-of", who = who, verbs = verbs).text(lang)
    });
    let missed = (!missed.is_empty()).then(|| missed.join(", "));
    missed.into_iter().chain(less).collect::<Vec<_>>().join("\n")
}
