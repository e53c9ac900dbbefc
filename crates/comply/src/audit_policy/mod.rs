//! Audit policies of Kubernetes: what a policy records of what matters, evaluated as the API server does, and what it misses.
//!
//! On EKS no such file is taken: AWS has a policy of its own there.

mod evaluate;
mod matters;
mod policy;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shoseki_messages::{Result, msg};

use crate::checks::{Finding, Severity, Status};

pub use evaluate::{Recorded, Request};
pub use matters::{Ask, MATTERS, Matter};
pub use policy::{Level, Policy, Read, Resources, Rule, read};

/// The checks of a policy, and how much the failure of each matters.
pub const CHECKS: [(&str, Severity); 7] = [
    ("audit_policy_is_taken", Severity::Critical),
    ("audit_policy_records_changes", Severity::High),
    ("audit_policy_records_interactive_access", Severity::Critical),
    ("audit_policy_records_secret_reads", Severity::High),
    ("audit_policy_records_reviews", Severity::Low),
    ("audit_policy_records_outcomes", Severity::Medium),
    ("audit_policy_leaves_secrets_out", Severity::High),
];

/// What is recorded of the requests about a resource.
#[derive(Clone, Debug)]
pub struct Row {
    /// The requests.
    pub matter: Matter,
    /// By verb, for somebody that no rule names.
    pub verbs: Vec<(&'static str, Recorded)>,
    /// Of whom, where and which less is recorded: `user system:kube-proxy`, by verb.
    pub less: BTreeMap<String, BTreeSet<&'static str>>,
}

/// A policy that was judged.
#[derive(Clone, Debug)]
pub struct Report {
    /// What is recorded of what matters.
    pub rows: Vec<Row>,
    /// What each check found, in the order of [`CHECKS`].
    pub findings: Vec<(&'static str, Vec<Finding>)>,
    /// Fields that the API server passes over.
    pub ignored: Vec<String>,
}

impl Report {
    /// How it stands.
    pub fn status(&self) -> Status {
        Status::of_all(self.findings.iter().flat_map(|(_, found)| found).map(|finding| finding.status))
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let verb = |(verb, recorded): &(&str, Recorded)| json!({"verb": verb, "level": recorded.level.name(), "outcome": recorded.has_outcome, "rule": recorded.rule});
        json!({
            "status": self.status().name(),
            "recorded": self.rows.iter().map(|row| json!({
                "resource": row.matter.name(),
                "verbs": row.verbs.iter().map(verb).collect::<Vec<_>>(),
                "less_for": row.less,
            })).collect::<Vec<_>>(),
            "checks": self.findings.iter().map(|(id, found)| json!({
                "id": id, "findings": found.iter().map(Finding::to_json).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "ignored_fields": self.ignored,
        })
    }
}

/// Judges a policy from the text of its file.
///
/// # Errors
/// The caller's mistake: what is no policy at all.
pub fn judge(name: &str, text: &str) -> Result<Report> {
    let read = read(name, text)?;
    let rows: Vec<Row> = MATTERS.iter().map(|matter| row(&read.policy, matter)).collect();
    let mut findings = vec![(CHECKS[0].0, taken(&read))];
    findings.extend(Ask::ALL.map(|ask| (ask.check(), recorded(&rows, ask))));
    findings.push((CHECKS[5].0, outcomes(&rows)));
    findings.push((CHECKS[6].0, secrets(&rows)));
    Ok(Report { rows, findings, ignored: read.ignored })
}

/// Somebody, somewhere and something that no rule names.
fn ordinary(matter: &Matter, verb: &str) -> Request {
    let text = |text: &str| text.to_owned();
    Request {
        user: text("somebody"),
        groups: vec![text("system:authenticated")],
        verb: text(verb),
        namespace: if matter.is_namespaced { text("somewhere") } else { String::new() },
        group: text(matter.group),
        resource: text(matter.resource),
        subresource: text(matter.subresource),
        name: if matter.names_object(verb) { text("something") } else { String::new() },
        path: String::new(),
    }
}

fn row(policy: &Policy, matter: &Matter) -> Row {
    let mut row = Row { matter: *matter, verbs: Vec::new(), less: BTreeMap::new() };
    for verb in matter.verbs {
        let request = ordinary(matter, verb);
        let recorded = policy.recorded(&request);
        row.verbs.push((verb, recorded));
        for (who, request) in policy.rules.iter().flat_map(|rule| named(rule, &request)) {
            if policy.recorded(&request).level == Level::None && recorded.level > Level::None {
                row.less.entry(who).or_default().insert(verb);
            }
        }
    }
    row
}

/// How many different requests a rule's names make at most: a policy with thousands of names is no reason to wait.
const MOST_NAMED: usize = 256;

/// The requests that a rule names, and how: its users or groups, its namespaces, its names of objects.
fn named(rule: &Rule, ordinary: &Request) -> Vec<(String, Request)> {
    let mut all = vec![(Vec::new(), ordinary.clone())];
    let mut vary = |values: &[String], what: &str, set: fn(&mut Request, &str)| {
        if values.is_empty() {
            return;
        }
        let varied = all.iter().flat_map(|(named, request): &(Vec<String>, Request)| {
            values.iter().map(move |value| {
                let (mut named, mut request) = (named.clone(), request.clone());
                named.push(format!("{what} {value}"));
                set(&mut request, value);
                (named, request)
            })
        });
        all = varied.take(MOST_NAMED).collect();
    };
    vary(&rule.users, "user", |request, user| request.user = user.to_owned());
    vary(&rule.groups, "group", |request, group| request.groups.push(group.to_owned()));
    if !ordinary.namespace.is_empty() {
        vary(&rule.namespaces, "namespace", |request, namespace| request.namespace = namespace.to_owned());
    }
    let names: Vec<String> = rule.resources.iter().flat_map(|one| one.names.iter().cloned()).collect();
    if !ordinary.name.is_empty() {
        vary(&names, "name", |request, name| request.name = name.to_owned());
    }
    all.into_iter().filter(|(named, _)| !named.is_empty()).map(|(named, request)| (named.join(", "), request)).collect()
}

fn taken(read: &Read) -> Vec<Finding> {
    let refused = read.refused.iter().map(|why| Finding::fail("policy", why.clone()));
    let ignored = (!read.ignored.is_empty())
        .then(|| Finding::fail("policy", msg!("comply-policy-ignored", fields = read.ignored.join(", "))));
    let all: Vec<Finding> = refused.chain(ignored).collect();
    if all.is_empty() { vec![Finding::pass("policy", msg!("comply-policy-taken"))] } else { all }
}

/// Verbs, each once, in their order.
fn verbs<'a>(row: &'a Row, is_wanted: impl Fn(&(&'static str, Recorded)) -> bool + 'a) -> String {
    row.verbs.iter().filter(|verb| is_wanted(verb)).map(|(verb, _)| *verb).collect::<Vec<_>>().join(", ")
}

fn recorded(rows: &[Row], ask: Ask) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows.iter().filter(|row| row.matter.ask == ask) {
        let name = row.matter.name();
        let missed = verbs(row, |(_, recorded)| recorded.level == Level::None);
        if !missed.is_empty() {
            findings.push(Finding::fail(name, msg!("comply-policy-missed", verbs = missed)));
            continue;
        }
        findings.push(Finding::pass(name.as_str(), msg!("comply-policy-recorded", verbs = verbs(row, |_| true))));
        for (who, verbs) in &row.less {
            let verbs = verbs.iter().copied().collect::<Vec<_>>().join(", ");
            findings
                .push(Finding::pass(name.as_str(), msg!("comply-policy-not-of", who = who, verbs = verbs)).to_review());
        }
    }
    findings
}

fn outcomes(rows: &[Row]) -> Vec<Finding> {
    let lacks = |(_, recorded): &(&'static str, Recorded)| recorded.level > Level::None && !recorded.has_outcome;
    let found = |row: &Row| {
        let without = verbs(row, lacks);
        (!without.is_empty())
            .then(|| Finding::fail(row.matter.name(), msg!("comply-policy-no-outcome", verbs = without)))
    };
    let all: Vec<Finding> = rows.iter().filter_map(found).collect();
    let is_any = rows.iter().flat_map(|row| &row.verbs).any(|(_, recorded)| recorded.level > Level::None);
    match (all.is_empty(), is_any) {
        (false, _) => all,
        (true, true) => vec![Finding::pass("policy", msg!("comply-policy-outcomes"))],
        (true, false) => vec![Finding::no_evidence("policy", msg!("comply-policy-nothing"))],
    }
}

fn secrets(rows: &[Row]) -> Vec<Finding> {
    let found = |row: &Row| {
        let matter = row.matter;
        let leaking =
            verbs(row, move |(verb, recorded)| matter.secret_from(verb).is_some_and(|from| recorded.level >= from));
        (!leaking.is_empty()).then(|| Finding::fail(row.matter.name(), msg!("comply-policy-leaks", verbs = leaking)))
    };
    let all: Vec<Finding> = rows.iter().filter_map(found).collect();
    if all.is_empty() { vec![Finding::pass("policy", msg!("comply-policy-no-leak"))] } else { all }
}

#[cfg(test)]
mod tests;
