//! What came of a run as SARIF 2.1.0, which GitHub and others show at the lines of a pull request.
//!
//! What fails is a `result` with its level; what could not be judged is `open`, as the standard has it (3.27.9), at no level; what the
//! code accepts is suppressed in the source, with its reason (3.35).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use shoseki_comply::checks::{Check, Severity, Status};
use shoseki_comply::iac::Row;
use shoseki_messages::Result;

use super::Outcome;
use super::data::OneByOne;
use crate::context::Context;
use crate::output;

/// A log.
#[derive(Serialize)]
struct Log<'o> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<'o>; 1],
    version: &'static str,
}

/// A run, whose results are made as they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'o> {
    column_kind: &'static str,
    invocations: [Value; 1],
    results: OneByOne<'o>,
    tool: Value,
}

/// Prints the run as a log.
pub(super) fn print(context: &Context, outcome: &Outcome<'_>, checks: &[&Check]) -> Result<()> {
    let places: BTreeMap<&str, usize> = checks.iter().enumerate().map(|(at, check)| (check.id.as_ref(), at)).collect();
    let make = |row: &Row<'_>| {
        let is_told = matches!(row.finding.status, Status::Fail | Status::NoEvidence);
        is_told.then(|| result(context, row, &places))
    };
    let notes = outcome.report.problems.iter().map(|problem| {
        json!({
            "level": if problem.is_unread { "error" } else { "warning" },
            "message": {"text": problem.what.text(context.lang)},
            "locations": [location(&problem.path, problem.line)],
        })
    });
    let rules = checks.iter().map(|check| rule(context, outcome, check)).collect::<Vec<_>>();
    let run = Run {
        column_kind: "unicodeCodePoints",
        invocations: [json!({
            "executionSuccessful": !outcome.is_unread(),
            "toolExecutionNotifications": notes.collect::<Vec<_>>(),
        })],
        results: OneByOne { rows: &outcome.report.rows, make: &make },
        tool: json!({
            "driver": {"name": "shoseki", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules},
        }),
    };
    let schema = "https://json.schemastore.org/sarif-2.1.0.json";
    output::json(&Log { schema, runs: [run], version: "2.1.0" })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// What GitHub sorts by: a number as of CVSS.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn rule(context: &Context, outcome: &Outcome<'_>, check: &Check) -> Value {
    let lang = context.lang;
    let (mend, terraform) = (check.mend(lang), check.terraform());
    let code = if terraform.is_empty() { String::new() } else { format!("\n\n```hcl\n{terraform}\n```") };
    let tags = outcome.frameworks.iter().flat_map(|framework| {
        let its = framework.requirements.iter().filter(|one| one.checks.iter().any(|id| *id == check.id));
        its.map(|one| framework.attach_name(one))
    });
    json!({
        "id": check.id,
        "shortDescription": {"text": check.title(lang)},
        "fullDescription": {"text": check.asks(lang)},
        "help": {"text": format!("{mend}\n{terraform}"), "markdown": format!("{mend}{code}")},
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {
            "security-severity": score(check.severity),
            "tags": std::iter::once("security".to_owned()).chain(tags).collect::<Vec<String>>(),
        },
    })
}

fn result(context: &Context, row: &Row<'_>, places: &BTreeMap<&str, usize>) -> Value {
    let is_fail = row.finding.status == Status::Fail;
    let (path, line) = row.place();
    let mut value = json!({
        "ruleId": row.check.id,
        "ruleIndex": places.get(row.check.id.as_ref()),
        "kind": if is_fail { "fail" } else { "open" },
        "level": if is_fail { level(row.check.severity) } else { "none" },
        "message": {"text": format!("{}: {}", row.finding.subject, row.finding.what.text(context.lang))},
        "locations": [location(path, line)],
        // Lines move; the resource's address and the check stay.
        "partialFingerprints": {"resource/v1": format!("{}:{}:{path}", row.check.id, row.finding.subject)},
    });
    if let Some(accepted) = &row.accepted {
        let until = accepted.until.to_string();
        value["suppressions"] = json!([{
            "kind": "inSource", "status": "accepted", "justification": accepted.reason, "properties": {"until": until},
        }]);
    }
    value
}

fn location(path: &str, line: u32) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(path)}});
    if line > 0 {
        place["region"] = json!({"startLine": line});
    }
    json!({"physicalLocation": place})
}

/// A path as a URI: relative to where the command ran, or of the whole path; bytes that a URI cannot hold as `%20`.
fn uri(path: &str) -> String {
    let mut text = String::new();
    if path.starts_with('/') {
        text.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
