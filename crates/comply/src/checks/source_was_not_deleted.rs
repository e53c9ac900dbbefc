//! Nobody deleted evidence where it lay before: objects below `AWSLogs/` in buckets, and whole log groups and buckets of logs.

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{List, Mark, acts};
use super::{Check, Query, Severity};

/// Deletions of objects are seen only where a trail records data events of the bucket, or the bucket its accesses.
const QUERIES: &[Query] = &[
    Query::sql(acts!(
        "source = 'cloudtrail' and operation in ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') and resource like '%/AWSLogs/%'"
    )),
    Query::sql(acts!("source = 's3-access' and operation like '%.DELETE.%' and resource like '%/AWSLogs/%'")),
    Query::sql("select source, count(*) as events\nfrom events\nwhere kind = 'event' and (source = 'cloudtrail' \
         and operation in ('GetObject', 'PutObject', 'DeleteObject', 'ListObjects') or source = 's3-access') \
         and resource like '%/AWSLogs/%'\ngroup by 1"),
];

pub(super) const CHECK: Check = Check::evidence("evidence_source_was_not_deleted", Severity::Critical, QUERIES, judge);

const LIST: List = List {
    needs: &["cloudtrail", "s3-access"],
    is_global: false,
    mark: |row| if row.text("status") == "failure" { Mark::Review } else { Mark::Wrong },
    says: |mark| match mark {
        Mark::Wrong => msg!("check-found-source-deleted"),
        _ => msg!("check-found-refused-to-delete"),
    },
    none: || msg!("check-found-no-deletion"),
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let seen: u64 = evidence.answer(2).map(|row| row.count("events")).sum();
    if seen == 0 && evidence.arrivals.has(LIST.needs) {
        return vec![Finding::no_evidence("s3", msg!("check-found-no-data-events"))];
    }
    let acts = Evidence { rows: evidence.rows.iter().take(2).copied().collect(), ..*evidence };
    LIST.judge(&acts)
}
