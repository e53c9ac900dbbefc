//! Nobody deleted evidence where it lay before: objects below `AWSLogs/` in buckets, and whole log groups and buckets of logs.

use shoseki_messages::msg;

use super::access_to_evidence_is_recorded::{OBJECTS, OF_OBJECTS};
use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{List, Mark, acts};
use super::{Check, Query, Severity};

/// Deletions of objects are seen only where a trail records data events of the bucket, or the bucket its accesses: by the second
/// question it is known whether that is so.
const QUERIES: &[Query] = &[
    Query::sql(acts!(
        "resource like '%/AWSLogs/%' and (source = 'cloudtrail' and operation in ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') \
         or source = 's3-access' and operation like '%.DELETE.%')"
    )),
    OBJECTS,
];

pub(super) const CHECK: Check = Check::evidence("evidence_source_was_not_deleted", Severity::Critical, QUERIES, judge);

const LIST: List = List {
    needs: &[&OF_OBJECTS],
    is_global: false,
    mark: |row| Some(if row.text("status") == "failure" { Mark::Review } else { Mark::Wrong }),
    says: |mark| match mark {
        Mark::Wrong => msg!("check-found-source-deleted"),
        _ => msg!("check-found-refused-to-delete"),
    },
    none: || msg!("check-found-no-deletion"),
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let is_seen = evidence.answer(1).next().is_some();
    if !is_seen && OF_OBJECTS.has_arrived(evidence) {
        return vec![Finding::no_evidence("s3", msg!("check-found-no-data-events"))];
    }
    let acts = Evidence { rows: evidence.rows.iter().take(1).copied().collect(), ..*evidence };
    LIST.judge(&acts)
}
