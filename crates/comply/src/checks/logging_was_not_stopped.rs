//! Nobody stopped a log of AWS: a call that did is a failure, one without success is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark};
use super::logging_changes_are_listed::CALLS;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[CALLS];

/// The calls that stop one, of all that change something about logs.
const STOPS: [&str; 10] = [
    "StopLogging",
    "DeleteTrail",
    "StopEventDataStoreIngestion",
    "DeleteEventDataStore",
    "StopConfigurationRecorder",
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "DeleteFlowLogs",
    "DeleteDetector",
    "DisableSecurityHub",
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_logging_was_not_stopped", Severity::Critical, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &["cloudtrail"],
    is_global: false,
    mark: |row| match (STOPS.contains(&row.text("operation")), row.text("status")) {
        (false, _) => None,
        (true, "failure") => Some(Mark::Review),
        (true, _) => Some(Mark::Wrong),
    },
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
    fn a_stop_fails_and_one_without_success_is_for_a_person() {
        let rows = [
            ("arn:aws:iam::1:user/a", "StopLogging", "success"),
            ("arn:aws:iam::1:user/a", "DeleteTrail", "failure"),
            ("arn:aws:iam::1:user/b", "DeleteTrail", "failure"),
            ("arn:aws:iam::1:user/c", "PutRetentionPolicy", "success"),
        ];
        assert_eq!(
            judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&rows)]),
            [
                "fail arn:aws:iam::1:user/a: StopLogging succeeded: what it recorded is not recorded from then on, until it is started or made again",
                "pass! arn:aws:iam::1:user/a: tried to stop a log, without success: DeleteTrail",
                "pass! arn:aws:iam::1:user/b: tried to stop a log, without success: DeleteTrail",
            ]
        );
        assert_eq!(
            judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&[])]),
            ["pass cloudtrail: nobody stopped a log"]
        );
        assert!(judged(&CHECK, &["k8s-audit/prod"], vec![acts(&[])])[0].starts_with("no_evidence cloudtrail"));
    }
}
