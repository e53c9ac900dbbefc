//! Each record says who, what, when, with which outcome, from where and on what: PCI DSS 10.2.2. Judged are the logs of what
//! somebody did; an alert of Falco or an item of AWS Config is no such log.

use shoseki_messages::{Message, msg};

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{arrived, thin};
use super::rows::Row;
use super::scope::{APP, CLOUDTRAIL, DATABASE, K8S_AUDIT, Kind};
use super::{Check, Query, Severity};

/// Logs of what somebody did.
const LOGS: [&str; 6] = ["cloudtrail", "k8s-audit", "s3-access", "mariadb-audit", "pgaudit", "app"];
/// Each of these parts of an estate has such a log.
const PARTS: [&Kind; 4] = [&CLOUDTRAIL, &K8S_AUDIT, &APP, &DATABASE];

/// Who is nobody where a request was not authenticated, and where S3 was asked anonymously; Kubernetes always says the path. What has
/// no class is no action; a server's start has no user, and neither has a connection before its log-in. The record of a
/// request that was only received has no outcome yet: those are counted by themselves.
const QUERIES: &[Query] = &[
    Query::sql(
        "select source, count(*) as records, \
         count(case when actor is not null or error = 'Unauthorized' or source = 's3-access' then 1 end) as who, count(operation) as what, \
         count(case when time_origin = 'event' then 1 end) as at, count(case when status <> 'unknown' then 1 end) as outcome, \
         count(src_ip) as origin, \
         count(case when resource is not null or service is not null or source = 'k8s-audit' then 1 end) as on_what, \
         min(case when actor is null and coalesce(error, '') <> 'Unauthorized' and source <> 's3-access' then \"@ptr\" end) as no_who, \
         min(case when operation is null then \"@ptr\" end) as no_what, \
         min(case when time_origin <> 'event' then \"@ptr\" end) as no_at, min(case when status = 'unknown' then \"@ptr\" end) as no_outcome, \
         min(case when src_ip is null then \"@ptr\" end) as no_origin, \
         min(case when resource is null and service is null and source <> 'k8s-audit' then \"@ptr\" end) as no_on_what\n\
         from events\nwhere kind = 'event' and class_uid not in (0, 6002) and operation is distinct from 'connection received'\ngroup by 1",
    ),
    Query::sql(
        "select count(*) as received\nfrom events\nwhere kind = 'event' and source = 'k8s-audit' and status = 'unknown' \
         and json(raw, 'stage') = 'RequestReceived'",
    ),
];

pub(super) const CHECK: Check = Check::evidence("evidence_has_the_six_fields", Severity::High, QUERIES, judge);

/// Of a hundred records, how many must have a field.
const SHARE: u64 = 99;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let received: u64 = evidence.answer(1).map(|row| row.count("received")).sum();
    let mut findings = Vec::new();
    for row in evidence.answer(0).filter(|row| LOGS.contains(&row.text("source"))) {
        let without_outcome = if row.text("source") == "k8s-audit" { received } else { 0 };
        findings.extend(of_source(row, without_outcome));
    }
    if !findings.is_empty() {
        findings.extend(thin(&arrived(&LOGS, evidence), evidence));
    }
    let is_said = |kind: &Kind| evidence.answer(0).any(|row| kind.sources.contains(&row.text("source")));
    findings.extend(PARTS.iter().filter(|kind| !is_said(kind)).map(|kind| kind.missing(evidence)));
    findings
}

fn of_source(row: Row<'_>, without_outcome: u64) -> Vec<Finding> {
    let (source, records) = (row.text("source"), row.count("records"));
    let fields: [(&str, &str, Message, u64); 6] = [
        ("who", "no_who", msg!("check-field-who"), 0),
        ("what", "no_what", msg!("check-field-what"), 0),
        ("at", "no_at", msg!("check-field-when"), 0),
        ("outcome", "no_outcome", msg!("check-field-outcome"), without_outcome),
        ("origin", "no_origin", msg!("check-field-origin"), 0),
        ("on_what", "no_on_what", msg!("check-field-resource"), 0),
    ];
    let mut failed = Vec::new();
    for (name, missing, field, exempt) in fields {
        let (has, of) = (row.count(name), records.saturating_sub(exempt));
        if has * 100 < of * SHARE {
            let what =
                msg!("check-found-field-missing", field = field, has = has, records = of, share = has * 100 / of);
            let finding = Finding::fail(source, what).of_events(of - has, None, None);
            failed.push(finding.proved_by([row.text(missing).to_owned()]).told_by(name));
        }
    }
    if failed.is_empty() {
        let what = msg!("check-found-fields", records = records, share = SHARE);
        return vec![Finding::pass(source, what).of_events(records, None, None)];
    }
    failed
}
