//! The report as Compliance Findings of OCSF (class 2003), a line each: one for each finding of a requirement's checks, one for its
//! document. What could not be judged has the status that OCSF has for it: `Warning`, no result due to missing information.

use serde_json::{Value, json};
use shoseki_comply::checks::{Finding, Judged, Severity, Status};
use shoseki_comply::findings::State;
use shoseki_comply::frameworks::Assessed;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_sources::ocsf::VERSION;

use super::Report;
use super::uuid::uuid;

/// The class.
const CLASS: i64 = 2003;

pub(super) fn lines(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for one in report.assessed {
        let findings = one
            .checks
            .iter()
            .flat_map(|judged| judged.findings.iter().map(|finding| of_check(report, one, (judged, finding), lang)));
        for event in findings.chain(of_document(report, one, lang)) {
            serde_json::to_writer(&mut bytes, &event)
                .map_err(|error| Fault::broken(msg!("cli-json")).because(error))?;
            bytes.push(b'\n');
        }
    }
    Ok(bytes)
}

/// Milliseconds, as OCSF has times.
fn millis(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000)
}

/// The number and the name of a severity; what passes is only informational.
fn severity(status: Status, severity: Severity) -> (i64, &'static str) {
    match (status, severity) {
        (Status::Pass | Status::NotApplicable, _) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

fn compliance_status(status: Status) -> (i64, &'static str) {
    match status {
        Status::Pass => (1, "Pass"),
        Status::NoEvidence => (2, "Warning"),
        Status::Fail => (3, "Fail"),
        Status::NotApplicable => (99, "not_applicable"),
    }
}

/// What all events of a report have.
fn base(report: &Report<'_>, one: &Assessed<'_>, (status, severity_of): (Status, Severity), lang: Lang) -> Value {
    let (severity_id, severity) = severity(status, severity_of);
    let (status_id, name) = compliance_status(status);
    let framework = report.framework;
    json!({
        "activity_id": 1, "activity_name": "Create",
        "category_uid": 2, "category_name": "Findings",
        "class_uid": CLASS, "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + 1, "type_name": "Compliance Finding: Create",
        "time": millis(report.made.at),
        "start_time": millis(report.period.from),
        "end_time": millis(report.period.to),
        "severity_id": severity_id, "severity": severity,
        "metadata": {
            "version": VERSION,
            "product": {"name": "shoseki", "version": env!("CARGO_PKG_VERSION")},
            "log_name": report.scope.origin,
        },
        "compliance": {
            "standards": [framework.title.of(lang)],
            "control": one.requirement.number,
            "requirements": [one.requirement.title.of(lang)],
            "status_id": status_id, "status": name,
        },
    })
}

fn of_check(report: &Report<'_>, one: &Assessed<'_>, (judged, finding): (&Judged<'_>, &Finding), lang: Lang) -> Value {
    let check = judged.check;
    let mut event = base(report, one, (finding.status, check.severity), lang);
    let number = one.requirement.number.as_str();
    let what = finding.what.text(lang);
    let name = [report.framework.id.as_str(), number, &check.id, &finding.subject, &finding.aspect, &what];
    event["metadata"]["uid"] = uuid(&name).into();
    event["compliance"]["status_details"] = json!([what]);
    event["compliance"]["checks"] = json!([{
        "uid": check.id, "name": check.title(lang), "desc": check.asks(lang),
        "standards": [report.framework.title.of(lang)],
        "status_id": event["compliance"]["status_id"], "status": event["compliance"]["status"],
    }]);
    let case = report.case_of(finding);
    let id = case.map_or_else(|| uuid(&name), |case| case.id.to_string());
    let mut info = json!({"uid": id, "title": check.title(lang), "desc": what});
    if let Some(case) = case {
        info["first_seen_time"] = millis(case.first_seen).into();
        info["last_seen_time"] = millis(case.last_seen).into();
    }
    event["finding_info"] = info;
    let (status_id, status) = match case.map(|case| case.state()) {
        Some(State::Accepted) => (3, "Suppressed"),
        Some(State::Resolved) => (4, "Resolved"),
        Some(State::Open) => (1, "New"),
        None => (99, finding.status.name()),
    };
    (event["status_id"], event["status"]) = (status_id.into(), status.into());
    event["resources"] = json!([{"name": finding.subject}]);
    if finding.status == Status::Fail {
        event["remediation"] = json!({"desc": check.mend(lang)});
    }
    let is_review = finding.is_to_review.then_some(true);
    event["unmapped"] = json!({"records": finding.records, "events": finding.events, "to_review": is_review});
    event
}

fn of_document(report: &Report<'_>, one: &Assessed<'_>, lang: Lang) -> Option<Value> {
    let (asked, answer) = one.requirement.manual.as_ref().zip(one.manual.as_ref())?;
    let name = report.framework.attach_name(one.requirement);
    let mut event = base(report, one, (answer.status, Severity::Medium), lang);
    let id = uuid(&[&report.framework.id, &one.requirement.number, "document"]);
    event["metadata"]["uid"] = id.as_str().into();
    event["compliance"]["status_details"] = json!([answer.what.text(lang)]);
    event["finding_info"] = json!({"uid": id, "title": asked.of(lang), "desc": answer.what.text(lang)});
    (event["status_id"], event["status"]) = (99.into(), answer.status.name().into());
    event["resources"] = json!([{"name": name}]);
    let records: Vec<&str> = answer.document.map(|document| document.record.as_str()).into_iter().collect();
    event["unmapped"] = json!({"records": records});
    Some(event)
}
