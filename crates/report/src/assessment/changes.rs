//! What changed since an earlier report: requirements that stand otherwise, findings that are new, findings that are gone.

use serde_json::{Value, json};
use shoseki_comply::checks::Status;
use shoseki_comply::findings::{Case, Id};

use super::{Made, Report};

/// What changed since a report.
#[derive(Clone, Debug)]
pub struct Changes<'a> {
    /// The report.
    pub since: &'a Made,
    /// Requirements that stand otherwise, by their numbers: how they stood, where they were there, and how they do.
    pub statuses: Vec<(String, Option<Status>, Status)>,
    /// Findings that are open now and were not.
    pub new: Vec<&'a Case>,
    /// Findings that were open and are not any more.
    pub gone: Vec<&'a Case>,
    /// Findings that were open and that nothing is known of any more.
    pub lost: Vec<Id>,
}

impl<'a> Changes<'a> {
    /// What changed in a report since another.
    pub fn of(report: &'a Report<'a>, since: &'a Made) -> Self {
        let before = &since.said.statuses;
        let changed = |(number, status): (String, Status)| {
            let was = before.get(&number).copied();
            (was != Some(status)).then_some((number, was, status))
        };
        // In the framework's own order, not in that of the alphabet.
        let all = report.assessed.iter().map(|one| (one.requirement.number.clone(), one.status));
        let open = report.open();
        let was_open = |case: &&Case| since.said.open.contains(&case.id);
        let is_open = |id: &Id| open.iter().any(|case| case.id == *id);
        let closed: Vec<&Id> = since.said.open.iter().filter(|id| !is_open(id)).collect();
        Self {
            since,
            statuses: all.filter_map(changed).collect(),
            new: open.iter().copied().filter(|case| !was_open(case)).collect(),
            gone: closed.iter().filter_map(|id| report.register.get(id)).collect(),
            lost: closed.into_iter().filter(|id| report.register.get(id).is_none()).cloned().collect(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.new.is_empty() && self.gone.is_empty() && self.lost.is_empty()
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let names = |cases: &[&Case]| cases.iter().map(|case| case.id.to_string()).collect::<Vec<String>>();
        let statuses = self
            .statuses
            .iter()
            .map(|(number, was, is)| json!({"number": number, "was": was.map(Status::name), "is": is.name()}));
        json!({
            "since": self.since.to_json(),
            "requirements": statuses.collect::<Vec<Value>>(),
            "new_findings": names(&self.new),
            "closed_findings": names(&self.gone),
        })
    }
}
