//! Each access of a user to data is recorded, with the user: PCI DSS 10.2.1.1. Which buckets and tables are in scope, the evidence
//! does not say; so what is recorded is listed by stream, and a stream whose records lack the user fails.

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{arrived, thin};
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(
    "select stream, count(*) as events, count(actor) as who, min(time) as first, max(time) as last, \
     min(case when actor is null then \"@ptr\" end) as without, min(case when actor is not null then \"@ptr\" end) as record\n\
     from events\nwhere kind = 'event' and (source = 'cloudtrail' and operation in ('GetObject', 'PutObject', 'DeleteObject', \
     'DeleteObjects', 'CopyObject', 'ListObjects', 'SelectObjectContent', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', \
     'Scan', 'BatchGetItem', 'BatchWriteItem', 'ExecuteStatement', 'BatchExecuteStatement') or source = 's3-access' \
     and operation not like 'S3.%' or source in ('mariadb-audit', 'pgaudit') and class_uid = 6005 and status <> 'failure' \
     and operation is distinct from 'connection received')\ngroup by 1",
)];

/// Where accesses to data are recorded.
const SOURCES: [&str; 4] = ["cloudtrail", "s3-access", "mariadb-audit", "pgaudit"];

pub(super) const CHECK: Check = Check::evidence("evidence_data_access_is_recorded", Severity::High, QUERIES, judge);

/// Of a hundred records, how many must have a user.
const SHARE: u64 = 99;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in evidence.answer(0) {
        let (events, who) = (row.count("events"), row.count("who"));
        let finding = if who * 100 < events * SHARE {
            let what = msg!("check-found-data-access-nameless", events = events, nameless = events - who);
            Finding::fail(row.text("stream"), what).proved_by([row.text("without").to_owned()])
        } else {
            let what = msg!("check-found-data-access", events = events);
            Finding::pass(row.text("stream"), what).proved_by([row.text("record").to_owned()])
        };
        findings.push(finding.of_events(events, row.time("first"), row.time("last")));
    }
    if findings.is_empty() {
        findings.push(Finding::no_evidence("*", msg!("check-found-no-data-access")));
    } else {
        findings.extend(thin(&arrived(&SOURCES, evidence), evidence));
    }
    findings
}
