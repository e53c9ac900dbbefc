//! Nobody stopped a log of AWS: a call that did is a failure, one that was refused is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts};
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(acts!(
    "source = 'cloudtrail' and operation in ('StopLogging', 'DeleteTrail', 'StopEventDataStoreIngestion', 'DeleteEventDataStore', \
     'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteFlowLogs', 'DeleteDetector', \
     'DisableSecurityHub')"
))];

pub(super) const CHECK: Check =
    Check::evidence("evidence_logging_was_not_stopped", Severity::Critical, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &["cloudtrail"],
    is_global: false,
    mark: |row| if row.text("status") == "failure" { Mark::Review } else { Mark::Wrong },
    says: |mark| match mark {
        Mark::Wrong => msg!("check-found-logging-stopped"),
        _ => msg!("check-found-refused-to-stop"),
    },
    none: || msg!("check-found-no-logging-stop"),
};

#[cfg(test)]
mod tests {
    use super::super::tests::{acts, judged};
    use super::*;

    #[test]
    fn a_stop_fails_and_one_that_was_refused_is_for_a_person() {
        let rows = [
            ("arn:aws:iam::1:user/a", "StopLogging", "success"),
            ("arn:aws:iam::1:user/a", "DeleteTrail", "failure"),
            ("arn:aws:iam::1:user/b", "DeleteTrail", "failure"),
        ];
        assert_eq!(judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&rows)]), [
            "fail arn:aws:iam::1:user/a: StopLogging succeeded: until it is started again, nothing is recorded there",
            "pass! arn:aws:iam::1:user/a: tried to stop a log, and was refused: DeleteTrail",
            "pass! arn:aws:iam::1:user/b: tried to stop a log, and was refused: DeleteTrail",
        ]);
        assert_eq!(judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&[])]), ["pass cloudtrail: nobody stopped a log"]);
        assert!(judged(&CHECK, &["k8s-audit/prod"], vec![acts(&[])])[0].starts_with("no_evidence cloudtrail"));
    }
}
