//! The report as assessment results of OSCAL 1.1.3: an observation for each finding of a check and for each document, a finding for
//! each requirement, a risk for each finding that fails and is open or borne. Ids follow from names, so two runs that say the same have
//! the same ids.
//!
//! OSCAL knows *satisfied* and *not-satisfied*. What could not be judged is not satisfied, for the reason `other`, and says so; what
//! does not apply is excluded from the controls that were reviewed, with no finding: neither is a pass.

use serde_json::{Value, json};
use shoseki_comply::checks::{Finding, Judged, Status};
use shoseki_comply::findings::{Case, State};
use shoseki_comply::frameworks::Assessed;
use shoseki_messages::{Lang, Result};

use super::Report;
use super::json::pretty;
use super::uuid::uuid;

/// The version of OSCAL.
const OSCAL: &str = "1.1.3";
/// Whose properties ours are.
const NAMESPACE: &str = "urn:shoseki:oscal";

pub(super) fn text(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>> {
    let mut bytes = pretty(&Results { report, lang }.document())?;
    bytes.push(b'\n');
    Ok(bytes)
}

struct Results<'r, 'a> {
    report: &'r Report<'a>,
    lang: Lang,
}

impl Results<'_, '_> {
    /// A UUID of something in this report: of the vault, the framework and the period.
    fn id(&self, parts: &[&str]) -> String {
        let (from, to) = (self.report.period.from.to_string(), self.report.period.to.to_string());
        let head = [self.report.scope.origin.as_str(), &self.report.framework.id, &from, &to];
        uuid(&head.into_iter().chain(parts.iter().copied()).collect::<Vec<&str>>())
    }

    fn document(&self) -> Value {
        let (report, lang) = (self.report, self.lang);
        let title = report.framework.title.of(lang);
        let plan = self.id(&["plan"]);
        json!({"assessment-results": {
            "uuid": self.id(&["document"]),
            "metadata": {
                "title": title,
                "last-modified": report.made.at.to_string(),
                "version": report.scope.tree_size.to_string(),
                "oscal-version": OSCAL,
                "props": [prop("verifier-key", &report.scope.verifier), prop("log-origin", &report.scope.origin)],
            },
            "import-ap": {"href": format!("#{plan}")},
            "results": [self.result()],
            "back-matter": {"resources": [{
                "uuid": plan,
                "title": "shoseki check",
                "description": format!(
                    "shoseki check --framework {} --from {} --to {}",
                    report.framework.id, report.period.from, report.period.to
                ),
            }]},
        }})
    }

    fn result(&self) -> Value {
        let report = self.report;
        let (mut observations, mut findings, mut risks) = (Vec::new(), Vec::new(), Vec::new());
        // A check that several requirements name is observed once.
        for judged in report.judged {
            observations.extend(self.of_check(judged).into_iter().map(|(_, observation)| observation));
            risks.extend(self.risks(judged));
        }
        for one in report.assessed {
            observations.extend(self.of_document(one));
            findings.extend(self.finding(one));
        }
        let mut result = json!({
            "uuid": self.id(&["result"]),
            "title": report.framework.title.of(self.lang),
            "description": format!("{} {}", report.framework.id, report.status().name()),
            "start": report.period.from.to_string(),
            "end": report.period.to.to_string(),
            "reviewed-controls": self.reviewed(),
        });
        for (name, all) in [("observations", observations), ("risks", risks), ("findings", findings)] {
            if !all.is_empty() {
                result[name] = Value::Array(all);
            }
        }
        result
    }

    /// The controls that were reviewed, and those that do not apply.
    fn reviewed(&self) -> Value {
        let ids = |is: bool| {
            let of = self.report.assessed.iter().filter(|one| (one.status == Status::NotApplicable) == is);
            of.map(|one| json!({"control-id": self.token(one)})).collect::<Vec<Value>>()
        };
        let (within, without) = (ids(false), ids(true));
        let mut selection = match within.is_empty() {
            true => json!({"include-all": {}}),
            false => json!({"include-controls": within}),
        };
        if !without.is_empty() {
            selection["exclude-controls"] = Value::Array(without);
        }
        json!({"control-selections": [selection]})
    }

    /// A requirement's number as OSCAL names controls: letters, digits, `.`, `-` and `_`, a letter first.
    fn token(&self, one: &Assessed<'_>) -> String {
        let letter = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
        format!("{}_{}", self.report.framework.id, one.requirement.number).chars().map(letter).collect()
    }

    /// The observations of a check, each with the status of what it says.
    fn of_check(&self, judged: &Judged<'_>) -> Vec<(String, Value)> {
        let check = judged.check;
        let (from, to) = (self.report.period.from.to_string(), self.report.period.to.to_string());
        let observation = |(at, finding): (usize, &Finding)| {
            let id = self.of_finding(judged, at, finding);
            let mut evidence: Vec<Value> = finding
                .records
                .iter()
                .map(|record| json!({"description": format!("shoseki prove {record}"), "props": [prop("record", record)]}))
                .collect();
            let questions = check.queries().iter().map(|query| json!({"description": query.command((&from, &to))}));
            evidence.extend(questions);
            let mut observation = json!({
                "uuid": id,
                "title": check.title(self.lang),
                "description": format!("{}: {}", finding.subject, finding.what.text(self.lang)),
                "props": [
                    prop("check", &check.id), prop("status", finding.status.name()), prop("subject", &finding.subject),
                ],
                "methods": ["TEST"],
                "types": ["control-objective"],
                "collected": self.report.made.at.to_string(),
            });
            if !evidence.is_empty() {
                observation["relevant-evidence"] = Value::Array(evidence);
            }
            (id, observation)
        };
        judged.findings.iter().enumerate().map(observation).collect()
    }

    fn of_finding(&self, judged: &Judged<'_>, at: usize, finding: &Finding) -> String {
        self.id(&["observation", &judged.check.id, &finding.subject, &finding.aspect, &at.to_string()])
    }

    fn of_document(&self, one: &Assessed<'_>) -> Option<Value> {
        let (asked, answer) = one.requirement.manual.as_ref().zip(one.manual.as_ref())?;
        let mut observation = json!({
            "uuid": self.id(&["document", &one.requirement.number]),
            "title": asked.of(self.lang),
            "description": answer.what.text(self.lang),
            "props": [prop("status", answer.status.name())],
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "collected": self.report.made.at.to_string(),
        });
        if let Some(document) = answer.document {
            let said = format!("{}: {}", document.title, document.record);
            observation["relevant-evidence"] = json!([{"description": said}]);
        }
        Some(observation)
    }

    fn finding(&self, one: &Assessed<'_>) -> Option<Value> {
        let (state, reason) = match one.status {
            Status::Pass => ("satisfied", "pass"),
            Status::Fail => ("not-satisfied", "fail"),
            Status::NoEvidence => ("not-satisfied", "other"),
            Status::NotApplicable => return None,
        };
        let requirement = one.requirement;
        let number = requirement.number.as_str();
        let observed = one.checks.iter().flat_map(|judged| self.of_check(judged)).map(|(id, _)| id);
        let document = one.manual.as_ref().map(|_| self.id(&["document", number]));
        let observed = observed.chain(document).map(|id| json!({"observation-uuid": id})).collect::<Vec<Value>>();
        let risks = one
            .checks
            .iter()
            .flat_map(|judged| self.at_risk(judged))
            .map(|case| json!({"risk-uuid": self.id(&["risk", &case.id.to_string()])}));
        let risks: Vec<Value> = risks.collect();
        let mut finding = json!({
            "uuid": self.id(&["finding", number]),
            "title": requirement.title.of(self.lang),
            "description": requirement.asks.of(self.lang),
            "props": [prop("status", one.status.name()), prop("assessor", one.status.assessor())],
            "target": {
                "type": "objective-id",
                "target-id": self.token(one),
                "status": {"state": state, "reason": reason, "remarks": one.status.assessed(self.lang)},
            },
        });
        if !observed.is_empty() {
            finding["related-observations"] = Value::Array(observed);
        }
        if !risks.is_empty() {
            finding["related-risks"] = Value::Array(risks);
        }
        Some(finding)
    }

    /// The failures of a check that are open, or borne by an exception, each once.
    fn at_risk<'c>(&'c self, judged: &Judged<'_>) -> Vec<&'c Case> {
        let failures = judged.findings.iter().filter(|finding| finding.status == Status::Fail);
        let mut cases: Vec<&Case> = failures.filter_map(|finding| self.report.case_of(finding)).collect();
        cases.retain(|case| case.state() != State::Resolved);
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        cases.dedup_by(|a, b| a.id == b.id);
        cases
    }

    fn risks(&self, judged: &Judged<'_>) -> Vec<Value> {
        let risk = |case: &Case| {
            let id = case.id.to_string();
            let mut risk = json!({
                "uuid": self.id(&["risk", &id]),
                "title": judged.check.title(self.lang),
                "description": format!("{}: {}", case.subject(), case.what(self.lang)),
                "statement": judged.check.mend(self.lang),
                "props": [prop("finding", &id), prop("severity", case.severity().name())],
                "status": "open",
            });
            if let Some(accept) = &case.exception {
                risk["status"] = "deviation-approved".into();
                risk["deadline"] = accept.until.end.to_string().into();
                let said = format!("{}: {}", accept.owner, accept.reason);
                risk["remediations"] = json!([{
                    "uuid": self.id(&["remediation", &id]), "lifecycle": "recommendation", "title": judged.check.title(self.lang),
                    "description": said,
                }]);
            }
            risk
        };
        self.at_risk(judged).into_iter().map(risk).collect()
    }
}

/// A property: its value is one line that is not blank.
fn prop(name: &str, value: &str) -> Value {
    let line = value.split_whitespace().collect::<Vec<&str>>().join(" ");
    json!({"name": name, "ns": NAMESPACE, "value": if line.is_empty() { "-" } else { line.as_str() }})
}
