//! Who reads evidence leaves a record: in the buckets where it lies (S3 data events, KMS), and here (PCI DSS 10.2.1.3).

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{List, Mark, acts};
use super::scope::{CLOUDTRAIL, Kind};
use super::{Check, Query, Severity};

/// Accesses to objects of evidence, where they lay before they came here.
pub(super) const OBJECTS: Query = Query::sql(
    "select stream, actor, operation, '' as resource, status, count(*) as events, min(time) as first, max(time) as last, \
     min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and resource like '%/AWSLogs/%' and (source = 's3-access' \
     or source = 'cloudtrail' and service = 's3.amazonaws.com')\ngroup by 1, 2, 3, 4, 5",
);

const QUERIES: &[Query] = &[
    OBJECTS,
    Query::sql(
        "select stream, coalesce(\"userIdentity.arn\", \"userIdentity.invokedBy\") as actor, \"eventName\" as operation, '' as resource, \
         case when \"errorCode\" is null then 'success' else 'failure' end as status, count(*) as events, min(time) as first, \
         max(time) as last, min(\"@ptr\") as record\nfrom cloudtrail\nwhere \"eventName\" = 'Decrypt' \
         and \"requestParameters\" -> 'encryptionContext' ->> 'aws:cloudtrail:arn' is not null\ngroup by 1, 2, 3, 4, 5",
    ),
    Query::own_sql(acts!("stream = 'shoseki/access' and operation not in ('finding.seen', 'review.digest')")),
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_access_to_evidence_is_recorded", Severity::High, QUERIES, judge);

/// Who touches objects is told by data events of a trail, or by a bucket's access logs.
pub(super) const OF_OBJECTS: Kind = Kind { sources: &["cloudtrail", "s3-access"], ..CLOUDTRAIL };

const BUCKETS: List = List {
    needs: &[&OF_OBJECTS],
    is_global: false,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-evidence-read"),
    none: || msg!("check-found-evidence-read"), // not said: without a row there is no evidence of it
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let with = |rows: &[usize]| Evidence {
        rows: rows.iter().filter_map(|at| evidence.rows.get(*at).copied()).collect(),
        ..*evidence
    };
    let (outside, own) = (with(&[0, 1]), with(&[2]));
    let mut findings = match outside.rows.iter().all(|rows| rows.is_empty()) {
        true if OF_OBJECTS.has_arrived(evidence) => {
            vec![Finding::no_evidence("s3", msg!("check-found-no-data-events"))]
        }
        true => vec![OF_OBJECTS.missing(evidence)],
        false => BUCKETS.judge(&outside),
    };
    findings.push(super::vault_access_is_recorded::finding(&own, 0));
    findings
}
