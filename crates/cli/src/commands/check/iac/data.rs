//! What came of a run as data: JSON, CSV, and JUnit's XML, which build servers show.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use shoseki_comply::checks::Status;
use shoseki_comply::findings::Looking;
use shoseki_comply::iac::{Problem, Row};
use shoseki_messages::{Lang, Result, by_number, is_hidden};

use super::super::look;
use super::Outcome;
use crate::context::Context;
use crate::{csv, output};

/// The run as JSON. Findings are made one after another as they are written: there may be very many.
#[derive(Serialize)]
pub(super) struct Json<'o> {
    asked: Vec<&'o str>,
    checks: Vec<Value>,
    findings: OneByOne<'o>,
    frameworks: Vec<Value>,
    looked: Option<&'o Looking>,
    new_findings: usize,
    problems: Vec<Value>,
    read: Value,
    recorded: bool,
    status: &'static str,
    summary: serde_json::Map<String, Value>,
}

/// Rows, of each of which a value is made where it is written.
pub(super) struct OneByOne<'o> {
    pub(super) rows: &'o [Row<'o>],
    pub(super) make: &'o dyn Fn(&Row<'_>) -> Option<Value>,
}

impl Serialize for OneByOne<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().filter_map(|row| (self.make)(row)))
    }
}

fn finding(row: &Row<'_>) -> Option<Value> {
    let mut value = row.finding.to_json();
    value["check"] = json!(row.check.id);
    value["severity"] = json!(row.check.severity.name());
    let accepted = row.accepted.as_ref();
    value["accepted"] =
        json!(accepted.map(|one| json!({"until": one.until.to_string(), "reason": one.reason, "line": one.line})));
    Some(value)
}

/// The run as JSON.
pub(super) fn json<'o>(outcome: &'o Outcome<'_>) -> Json<'o> {
    let judged = outcome.report.judged();
    let checks = judged.iter().map(|judged| {
        let mut value = judged.check.to_json();
        value["status"] = json!(judged.status().name());
        value
    });
    let frameworks = outcome.frameworks.iter().map(|framework| {
        let requirements = framework.requirements.iter().filter_map(|one| {
            let its: Vec<_> = judged.iter().filter(|judged| one.checks.iter().any(|id| *id == judged.check.id)).collect();
            let (status, resources) = look::stands(&its, !outcome.is_unread());
            let ids: Vec<&str> = its.iter().map(|judged| judged.check.id.as_ref()).collect();
            (!its.is_empty()).then(|| {
                let (title, status) = (one.title.to_json(), status.name());
                json!({"number": one.number, "title": title, "status": status, "resources": resources, "checks": ids})
            })
        });
        json!({"id": framework.id, "title": framework.title.to_json(), "requirements": requirements.collect::<Vec<_>>()})
    });
    let problems = outcome.report.problems.iter().map(|one| {
        let what = json!({"en": one.what.text(Lang::En), "ja": one.what.text(Lang::Ja)});
        json!({"file": one.path, "line": one.line, "what": what, "unread": one.is_unread})
    });
    let counts = outcome.report.counts;
    let count = |status: Status| (status.name().to_owned(), json!(outcome.count(status)));
    let mut summary: serde_json::Map<String, Value> = Status::ALL.map(count).into_iter().collect();
    summary.insert("accepted".to_owned(), json!(outcome.accepted()));
    let kept = outcome.kept.as_ref();
    Json {
        asked: outcome.checks.iter().map(|check| check.id.as_ref()).collect(),
        checks: checks.collect(),
        findings: OneByOne { rows: &outcome.report.rows, make: &finding },
        frameworks: frameworks.collect(),
        looked: kept.map(|kept| &kept.looking),
        new_findings: kept.map_or(0, |kept| kept.new),
        problems: problems.collect(),
        read: json!({
            "files": counts.files(), "resources": counts.resources, "terraform": counts.terraform, "plans": counts.plans,
            "templates": counts.templates, "manifests": counts.manifests,
        }),
        recorded: kept.is_some_and(|kept| kept.is_recorded),
        status: outcome.status().name(),
        summary,
    }
}

/// The columns of the CSV.
const COLUMNS: [&str; 11] = [
    "file",
    "line",
    "check",
    "severity",
    "status",
    "subject",
    "what",
    "to_review",
    "accepted_until",
    "accepted_reason",
    "requirements",
];

/// The run as CSV on standard output, a line for each finding.
pub(super) fn csv(context: &Context, outcome: &Outcome<'_>) -> Result<()> {
    let line = |row: &Row<'_>| {
        let (path, line) = row.place();
        let accepted = row.accepted.as_ref();
        vec![
            path.to_owned(),
            line.to_string(),
            row.check.id.to_string(),
            row.check.severity.name().to_owned(),
            row.finding.status.name().to_owned(),
            row.finding.subject.clone(),
            row.finding.what.text(context.lang),
            row.finding.is_to_review.to_string(),
            accepted.map(|one| one.until.to_string()).unwrap_or_default(),
            accepted.map(|one| one.reason.clone()).unwrap_or_default(),
            requirements(outcome, row).join(" / "),
        ]
    };
    // What could not be read is a line without a check.
    let unread = |problem: &Problem| {
        let mut cells = vec![String::new(); COLUMNS.len()];
        let said = [
            (0, problem.path.clone()),
            (1, problem.line.to_string()),
            (4, Status::NoEvidence.name().to_owned()),
            (6, problem.what.text(context.lang)),
        ];
        for (at, text) in said {
            cells[at] = text;
        }
        cells
    };
    let problems = outcome.report.problems.iter().filter(|problem| problem.is_unread).map(unread);
    let lines: Vec<Vec<String>> = outcome.report.rows.iter().map(line).chain(problems).collect();
    csv::print(context, &COLUMNS, &lines)
}

/// The requirements of the frameworks that ask for a row's check.
fn requirements(outcome: &Outcome<'_>, row: &Row<'_>) -> Vec<String> {
    let of = outcome.frameworks.iter().flat_map(|framework| {
        let its = framework.requirements.iter().filter(|one| one.checks.iter().any(|id| *id == row.check.id));
        its.map(|one| framework.attach_name(one))
    });
    of.collect()
}

/// The run as JUnit's XML: a suite a check, a case a finding.
pub(super) fn junit(context: &Context, outcome: &Outcome<'_>) -> Result<()> {
    let mut suites: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in &outcome.report.rows {
        suites.entry(row.check.id.as_ref()).or_default().push(row);
    }
    let count = |rows: &[&Row<'_>], is: fn(&Row<'_>) -> bool| rows.iter().filter(|row| is(row)).count();
    let all: Vec<&Row<'_>> = outcome.report.rows.iter().collect();
    let unread: Vec<&Problem> = outcome.report.problems.iter().filter(|problem| problem.is_unread).collect();
    let numbers = |rows: &[&Row<'_>], errors: usize| {
        let (tests, failures, skipped) = (rows.len() + errors, count(rows, fails), count(rows, is_skipped));
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
    };
    output::data("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    output::data(&format!("<testsuites name=\"shoseki check iac\" {}>", numbers(&all, unread.len())));
    for (check, rows) in &suites {
        output::data(&format!("  <testsuite name=\"{}\" {}>", escaped(check), numbers(rows, 0)));
        rows.iter().for_each(|row| case(context, row));
        output::data("  </testsuite>");
    }
    if !unread.is_empty() {
        output::data(&format!("  <testsuite name=\"files\" {}>", numbers(&[], unread.len())));
        for problem in unread {
            let (path, what) = (escaped(&problem.path), escaped(&problem.what.text(context.lang)));
            let head =
                format!("    <testcase name=\"{path}\" classname=\"files\" file=\"{path}\" line=\"{}\">", problem.line);
            output::data(&format!("{head}<error message=\"{what}\"/></testcase>"));
        }
        output::data("  </testsuite>");
    }
    output::data("</testsuites>");
    Ok(())
}

fn fails(row: &Row<'_>) -> bool {
    row.status() == Status::Fail
}

fn is_skipped(row: &Row<'_>) -> bool {
    row.accepted.is_some() || matches!(row.finding.status, Status::NoEvidence | Status::NotApplicable)
}

fn case(context: &Context, row: &Row<'_>) {
    let lang = context.lang;
    let ((path, line), what) = (row.place(), escaped(&row.finding.what.text(lang)));
    let name = escaped(&row.finding.subject);
    let head = format!(
        "    <testcase name=\"{name}\" classname=\"{}\" file=\"{}\" line=\"{line}\"",
        row.check.id,
        escaped(path)
    );
    if fails(row) {
        let mend = escaped(&row.check.mend(lang));
        output::data(&format!(
            "{head}><failure type=\"{}\" message=\"{what}\">{mend}</failure></testcase>",
            row.check.severity.name()
        ));
    } else if is_skipped(row) {
        let why = row.accepted.as_ref().map_or(what, |one| escaped(&one.reason));
        output::data(&format!("{head}><skipped message=\"{why}\"/></testcase>"));
    } else {
        output::data(&format!("{head}/>"));
    }
}

/// A text within XML; what XML cannot hold, or nobody sees, is shown by its number.
fn escaped(text: &str) -> String {
    let mut made = String::new();
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\n' => made.push_str("&#10;"),
            c if is_hidden(c) => made.push_str(&by_number(c)),
            c => made.push(c),
        }
    }
    made
}
