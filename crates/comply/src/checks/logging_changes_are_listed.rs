//! Starts, stops and changes of logs: PCI DSS 10.2.1.6. That they are recorded is asked; each is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts};
use super::scope::CLOUDTRAIL;
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
         'CancelKeyDeletion', 'PutBucketReplication', 'DeleteBucketReplication', 'ModifyDBParameterGroup', 'ModifyDBClusterParameterGroup', 'ModifyOptionGroup', 'DeleteAlarms', \
         'DisableAlarmActions')"
));

const QUERIES: &[Query] = &[
    CALLS,
    Query::sql(acts!(
        "source = 'k8s-audit' and operation in ('create', 'update', 'patch', 'delete') and status <> 'unknown' \
         and regexp_like(resource, '/(daemonsets|deployments|configmaps)/[^/]*(falco|fluent|vector|filebeat|otel|cloudwatch|promtail|alloy|audit-policy)')"
    )),
    MARIADB,
    PGAUDIT,
    Query::own_sql(acts!("operation in ('serve.start', 'serve.stop')")),
];

/// What somebody did to the audit log of MariaDB or MySQL, by what it came to. The plugin writes a statement that switches it off.
pub(super) const MARIADB: Query = Query::sql(
    "select stream, username as actor, act as operation, 'server_audit' as resource, \
     case when retcode = 0 then 'success' else 'failure' end as status, count(*) as events, min(time) as first, max(time) as last, \
     min(\"@ptr\") as record\nfrom (select *, case \
     when regexp_like(\"object\", '(?i)^\\s*uninstall\\s+(plugin|soname|component)\\s.*server_audit') then 'UNINSTALL server_audit' \
     when regexp_like(\"object\", '(?i)^\\s*install\\s+(plugin|soname|component)\\s.*server_audit') then 'INSTALL server_audit' \
     when regexp_like(\"object\", '(?i)^\\s*set\\s.*server_audit_logging\\W*=\\W*(off|0|false)') then 'server_audit_logging=OFF' \
     when regexp_like(\"object\", '(?i)^\\s*set\\s.*server_audit_logging\\W*=\\W*(on|1|true)') then 'server_audit_logging=ON' \
     when regexp_like(\"object\", '(?i)^\\s*set\\s.*server_audit_(logging|events|incl_users|excl_users|output_type|query_log_limit|file_path|mode)\\W*=') \
     then 'SET server_audit' end as act\nfrom mariadb_audit\nwhere operation = 'QUERY' and \"object\" ilike '%server_audit%')\n\
     where act is not null\ngroup by 1, 2, 3, 4, 5",
);

/// What somebody did to the audit log of PostgreSQL, by what it came to: for the server, a database, a role, or a session.
pub(super) const PGAUDIT: Query = Query::sql(
    "select stream, \"user\" as actor, act as operation, 'pgaudit' as resource, 'success' as status, count(*) as events, \
     min(time) as first, max(time) as last, min(\"@ptr\") as record\nfrom (select *, case \
     when regexp_like(statement, '(?i)^\\s*drop\\s+extension\\s.*pgaudit') then 'DROP EXTENSION pgaudit' \
     when regexp_like(statement, '(?i)^\\s*create\\s+extension\\s.*pgaudit') then 'CREATE EXTENSION pgaudit' \
     when regexp_like(statement, '(?i)^\\s*(set|alter)\\s.*pgaudit\\.log\\s*(=|\\sto\\s)\\s*''?(none)?''?\\s*(;|$)') then 'pgaudit.log=none' \
     when regexp_like(statement, '(?i)^\\s*(set|reset|alter)\\s.*pgaudit\\.log\\s*(=|;|$|\\sto\\s)') then 'SET pgaudit.log' \
     when regexp_like(statement, '(?i)^\\s*(set|reset|alter)\\s.*pgaudit\\.') then 'SET pgaudit' end as act\n\
     from pgaudit\nwhere statement ilike '%pgaudit%')\nwhere act is not null\ngroup by 1, 2, 3, 4, 5",
);

pub(super) const CHECK: Check =
    Check::evidence("evidence_logging_changes_are_listed", Severity::High, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL],
    is_global: false,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-logging-changed"),
    none: || msg!("check-found-no-logging-change"),
};
