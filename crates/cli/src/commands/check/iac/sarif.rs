//! What came of a run as SARIF 2.1.0, which GitHub and others show at the lines of a pull request.
//!
//! What fails is a `result` with its level; what could not be judged is `open`, as the standard has it (3.27.9), at no level; what the
//! code accepts is suppressed in the source, with its reason (3.35).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_comply::checks::{Check, Severity, Status};
use shoseki_comply::iac::Row;

use super::Outcome;
use crate::context::Context;

/// The run as a log.
pub(super) fn of(context: &Context, outcome: &Outcome<'_>, checks: &[&Check]) -> Value {
    let places: BTreeMap<&str, usize> = checks.iter().enumerate().map(|(at, check)| (check.id.as_ref(), at)).collect();
    let is_told = |row: &&Row<'_>| matches!(row.finding.status, Status::Fail | Status::NoEvidence);
    let results = outcome.report.rows.iter().filter(is_told).map(|row| result(context, row, &places));
    let notes = outcome.report.problems.iter().map(|problem| {
        json!({
            "level": if problem.is_unread { "error" } else { "warning" },
            "message": {"text": problem.what.text(context.lang)},
            "locations": [location(&problem.path, problem.line)],
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "shoseki",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": checks.iter().map(|check| rule(context, outcome, check)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !outcome.is_unread(),
                "toolExecutionNotifications": notes.collect::<Vec<_>>(),
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    })
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
