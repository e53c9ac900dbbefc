//! The report as SARIF 2.1.0, for what gathers results of many tools: what fails is a result of the kind `fail`, what could not be
//! judged is `open` (3.27.9) and what a person should look at is `review`, both at no level; what passes is no result. A finding over
//! evidence has a subject and records, and no place in a file, so its place is a logical one (3.33). What was accepted is suppressed
//! outside of the code (3.35). The requirements are a taxonomy, and each rule says which of them name it (3.19.3).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_comply::checks::{Check, Finding, Judged, Severity, Status};
use shoseki_comply::findings::State;
use shoseki_comply::frameworks::Assessed;
use shoseki_messages::{Lang, Result};

use super::Report;
use super::json::pretty;
use super::uuid::uuid;

/// The rule of documents: that each requirement's document is there.
const DOCUMENT: &str = "document";

pub(super) fn text(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>> {
    let mut bytes = pretty(&log(report, lang))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn log(report: &Report<'_>, lang: Lang) -> Value {
    let framework = report.framework;
    let rules = report.judged.iter().map(|judged| rule(report, judged.check, lang)).chain([document_rule(lang)]);
    let places: BTreeMap<&str, usize> =
        report.judged.iter().enumerate().map(|(at, judged)| (judged.check.id.as_ref(), at)).collect();
    let of_checks = report.judged.iter().flat_map(|judged| {
        let is_told =
            |finding: &&Finding| finding.is_to_review || matches!(finding.status, Status::Fail | Status::NoEvidence);
        let place = places.get(judged.check.id.as_ref());
        judged.findings.iter().filter(is_told).map(move |finding| result(report, (judged, finding), place, lang))
    });
    let of_documents = report.assessed.iter().filter_map(|one| of_document(report, one, lang));
    let taxa = report.assessed.iter().map(|one| {
        let requirement = one.requirement;
        json!({
            "id": requirement.number,
            "shortDescription": {"text": requirement.title.of(lang)},
            "fullDescription": {"text": requirement.asks.of(lang)},
            "properties": {"status": one.status.name(), "assessor": one.status.assessed(lang)},
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "shoseki",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "language": lang.code(),
                "rules": rules.collect::<Vec<Value>>(),
                "supportedTaxonomies": [{"name": framework.id, "index": 0}],
            }},
            "taxonomies": [{
                "name": framework.id,
                "shortDescription": {"text": framework.title.of(lang)},
                "taxa": taxa.collect::<Vec<Value>>(),
            }],
            "automationDetails": {"id": format!("{}/{}", framework.id, report.period.from)},
            "invocations": [{"executionSuccessful": true, "endTimeUtc": report.made.at.to_string()}],
            "properties": {
                "from": report.period.from.to_string(), "to": report.period.to.to_string(),
                "origin": report.scope.origin, "treeSize": report.scope.tree_size,
            },
            "results": of_checks.chain(of_documents).collect::<Vec<Value>>(),
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

fn rule(report: &Report<'_>, check: &Check, lang: Lang) -> Value {
    let framework = report.framework;
    let names = report.assessed.iter().filter(|one| one.checks.iter().any(|judged| judged.check.id == check.id));
    let relationship = |one: &Assessed<'_>| json!({"target": {"id": one.requirement.number, "toolComponent": {"name": framework.id}}, "kinds": ["relevant"]});
    json!({
        "id": check.id,
        "shortDescription": {"text": check.title(lang)},
        "fullDescription": {"text": check.asks(lang)},
        "help": {"text": check.mend(lang)},
        "defaultConfiguration": {"level": level(check.severity)},
        "relationships": names.map(relationship).collect::<Vec<Value>>(),
    })
}

fn document_rule(lang: Lang) -> Value {
    let text = shoseki_messages::lookup("report-page-unseen-documents", lang).unwrap_or_default();
    json!({"id": DOCUMENT, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "none"}})
}

fn result(report: &Report<'_>, (judged, finding): (&Judged<'_>, &Finding), place: Option<&usize>, lang: Lang) -> Value {
    let check = judged.check;
    let kind = match finding.status {
        Status::Fail => "fail",
        Status::NoEvidence => "open",
        Status::Pass | Status::NotApplicable => "review",
    };
    let level = if kind == "fail" { level(check.severity) } else { "none" };
    let mut value = json!({
        "ruleId": check.id,
        "ruleIndex": place,
        "kind": kind,
        "level": level,
        "message": {"text": format!("{}: {}", finding.subject, finding.what.text(lang))},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": finding.subject, "kind": "resource"}]}],
        "properties": {
            "records": finding.records, "events": finding.events,
            "first": finding.first.map(|time| time.to_string()), "last": finding.last.map(|time| time.to_string()),
        },
    });
    if finding.events > 0 {
        value["occurrenceCount"] = finding.events.into();
    }
    let Some(case) = report.case_of(finding) else { return value };
    // The finding's own name: it is the same in every run.
    value["partialFingerprints"] = json!({"finding/v1": case.id.to_string()});
    if let (State::Accepted, Some(accepted)) = (case.state(), &case.exception) {
        value["suppressions"] = json!([{
            "kind": "external", "status": "accepted", "justification": accepted.reason,
            "properties": {"owner": accepted.owner, "until": accepted.until.day},
        }]);
    }
    value
}

/// A document that is missing or no longer holds: nobody knows, and that is no pass.
fn of_document(report: &Report<'_>, one: &Assessed<'_>, lang: Lang) -> Option<Value> {
    let (asked, answer) = one.requirement.manual.as_ref().zip(one.manual.as_ref())?;
    let name = report.framework.attach_name(one.requirement);
    (answer.status != Status::Pass && one.requirement.not_applicable.is_none()).then(|| {
        json!({
            "ruleId": DOCUMENT,
            "ruleIndex": report.judged.len(),
            "kind": "open",
            "level": "none",
            "message": {"text": format!("{name}: {}. {}", asked.of(lang), answer.what.text(lang))},
            "locations": [{"logicalLocations": [{"fullyQualifiedName": name, "kind": "requirement"}]}],
            "partialFingerprints": {"document/v1": uuid(&[&report.framework.id, &one.requirement.number, DOCUMENT])},
        })
    })
}
