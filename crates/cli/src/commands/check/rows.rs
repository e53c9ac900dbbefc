//! What came of a run as data: JSON, and CSV with a line for each finding.

use serde_json::{Value, json};
use shoseki_comply::checks::{Judged, Status};
use shoseki_comply::frameworks::Assessed;
use shoseki_messages::Result;

use super::run::Outcome;
use crate::context::Context;
use crate::csv;

/// The run as JSON.
pub(super) fn json(outcome: &Outcome<'_>) -> Value {
    let frameworks = outcome.frameworks.iter().map(|(framework, assessed)| {
        let statuses: Vec<Status> = assessed.iter().map(|one| one.status).collect();
        json!({
            "id": framework.id,
            "title": framework.title.to_json(),
            "status": Status::of_all(statuses.iter().copied()).name(),
            "summary": counted(&statuses),
            "requirements": assessed.iter().map(|one| one.to_json(framework)).collect::<Vec<_>>(),
        })
    });
    json!({
        "period": {"from": outcome.period.from.to_string(), "to": outcome.period.to.to_string()},
        "tree_size": outcome.tree_size,
        "recorded": outcome.is_recorded,
        "new_findings": outcome.judged.iter().map(Judged::new_ones).sum::<usize>(),
        "accepted_findings": outcome.judged.iter().map(Judged::accepted).sum::<usize>(),
        "looked": outcome.looking,
        "settings": outcome.seen.as_ref().map(super::look::Seen::to_json),
        "status": Status::of_all(outcome.statuses()).name(),
        "summary": counted(&outcome.statuses()),
        "frameworks": frameworks.collect::<Vec<_>>(),
        "checks": outcome.judged.iter().map(Judged::to_json).collect::<Vec<_>>(),
    })
}

/// How many stand how.
pub(super) fn counted(statuses: &[Status]) -> Value {
    let count =
        |status: Status| (status.name().to_owned(), json!(statuses.iter().filter(|one| **one == status).count()));
    Value::Object(Status::ALL.map(count).into_iter().collect())
}

/// The columns of the CSV.
const COLUMNS: [&str; 20] = [
    "framework",
    "requirement",
    "requirement_title",
    "requirement_status",
    "assessor",
    "check",
    "severity",
    "check_status",
    "subject",
    "status",
    "to_review",
    "what",
    "events",
    "first",
    "last",
    "records",
    "finding",
    "new",
    "state",
    "accepted_until",
];

/// The run as CSV on standard output: a line for each finding, and for each document that a requirement asks for.
pub(super) fn csv(context: &Context, outcome: &Outcome<'_>) -> Result<()> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (framework, assessed) in &outcome.frameworks {
        for one in assessed {
            let head = head(context, &framework.id, one);
            for judged in &one.checks {
                lines.extend(findings(context, &head, judged));
            }
            if let Some((asked, answer)) = one.requirement.manual.as_ref().zip(one.manual.as_ref()) {
                let what = format!("{} - {}", asked.of(context.lang), answer.what.text(context.lang));
                let record = answer.document.map(|document| document.record.clone()).unwrap_or_default();
                let status = answer.status.name().to_owned();
                let name = framework.attach_name(one.requirement);
                let mut line = head.clone();
                line.extend(["manual".to_owned(), String::new(), status.clone(), name, status, String::new(), what]);
                line.extend([String::new(), String::new(), String::new(), record]);
                lines.push(line);
            }
        }
    }
    if outcome.frameworks.is_empty() {
        return csv_of_checks(context, outcome.judged);
    }
    csv::print(context, &COLUMNS, &lines)
}

/// Checks alone, in the same columns.
pub(super) fn csv_of_checks(context: &Context, judged: &[Judged<'_>]) -> Result<()> {
    let none = vec![String::new(); 5];
    let lines: Vec<Vec<String>> = judged.iter().flat_map(|judged| findings(context, &none, judged)).collect();
    csv::print(context, &COLUMNS, &lines)
}

fn head(context: &Context, framework: &str, one: &Assessed<'_>) -> Vec<String> {
    let requirement = one.requirement;
    vec![
        framework.to_owned(),
        requirement.number.clone(),
        requirement.title.of(context.lang).to_owned(),
        one.status.name().to_owned(),
        one.status.assessed(context.lang),
    ]
}

fn findings(context: &Context, head: &[String], judged: &Judged<'_>) -> Vec<Vec<String>> {
    let check = judged.check;
    let line = |finding: &shoseki_comply::checks::Finding| {
        let mut line = head.to_vec();
        line.extend([
            check.id.to_string(),
            check.severity.name().to_owned(),
            judged.status().name().to_owned(),
            finding.subject.clone(),
            finding.status.name().to_owned(),
            finding.is_to_review.to_string(),
            finding.what.text(context.lang),
            finding.events.to_string(),
            finding.first.map(|time| context.local(time)).unwrap_or_default(),
            finding.last.map(|time| context.local(time)).unwrap_or_default(),
            finding.records.join(" "),
        ]);
        line.extend(finding.known.iter().flat_map(|known| {
            let until = known.exception.as_ref().map(|accept| accept.until.day.clone()).unwrap_or_default();
            [known.short.clone(), known.is_new.to_string(), known.state.name().to_owned(), until]
        }));
        line
    };
    judged.findings.iter().map(line).collect()
}
