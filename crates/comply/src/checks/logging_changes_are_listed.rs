//! Starts, stops and changes of logs: PCI DSS 10.2.1.6. That they are recorded is asked; each is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts};
use super::{Check, Query, Severity};

/// Calls of AWS after which more, less or something else is recorded.
pub(super) const CALLS: Query = Query::sql(acts!(
    "source = 'cloudtrail' and operation in ('CreateTrail', 'StartLogging', 'StopLogging', 'UpdateTrail', 'DeleteTrail', \
         'PutEventSelectors', 'PutInsightSelectors', 'CreateEventDataStore', 'UpdateEventDataStore', 'DeleteEventDataStore', \
         'StartEventDataStoreIngestion', 'StopEventDataStoreIngestion', 'PutConfigurationRecorder', 'StartConfigurationRecorder', \
         'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'PutDeliveryChannel', 'DeleteDeliveryChannel', 'CreateLogGroup', \
         'DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy', 'PutSubscriptionFilter', 'DeleteSubscriptionFilter', \
         'UpdateClusterConfig', 'CreateFlowLogs', 'DeleteFlowLogs', 'CreateDetector', 'UpdateDetector', 'DeleteDetector', \
         'EnableSecurityHub', 'DisableSecurityHub', 'PutBucketLogging', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration', \
         'DeleteBucketLifecycle', 'PutBucketVersioning', 'PutObjectLockConfiguration', 'DisableKey', 'EnableKey', 'ScheduleKeyDeletion', \
         'CancelKeyDeletion', 'ModifyDBParameterGroup', 'ModifyDBClusterParameterGroup', 'ModifyOptionGroup', 'DeleteAlarms', \
         'DisableAlarmActions')"
));

const QUERIES: &[Query] = &[
    CALLS,
    Query::sql(acts!(
        "source = 'k8s-audit' and operation in ('create', 'update', 'patch', 'delete') and status <> 'unknown' \
         and regexp_like(resource, '/daemonsets/[^/]*(falco|fluent|vector|filebeat|otel|cloudwatch|promtail|alloy)')"
    )),
    Query::own_sql(acts!("operation in ('serve.start', 'serve.stop')")),
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_logging_changes_are_listed", Severity::High, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &["cloudtrail"],
    is_global: false,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-logging-changed"),
    none: || msg!("check-found-no-logging-change"),
};
