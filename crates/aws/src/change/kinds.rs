//! The changes, each once: what makes them and the policy that allows them are both made of this list. None of them deletes, detaches,
//! disables or reboots anything: a test holds the list to that.

use serde_json::{Value, json};

use crate::call::{JsonService, QueryService, RestService};
use crate::cloudtrail::CLOUDTRAIL;
use crate::inventory::services::{CONFIG, EKS, FIREHOSE, IAM, S3};
use crate::kms::KMS;
use crate::logs::LOGS;
use crate::rds::RDS;
use crate::sqs::SQS;

/// How a change travels.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// AWS JSON.
    Json(&'static JsonService),
    /// The query protocol.
    Query(&'static QueryService),
    /// To a bucket, by this part of its path.
    Put(&'static RestService, &'static str),
    /// To a path that has a name between these.
    Post(&'static RestService, &'static str, &'static str),
}

/// A kind of change.
#[derive(Debug)]
pub struct Kind {
    /// The service, as a right names it: `s3`.
    pub service: &'static str,
    /// The operation, as the API names it: `PutBucketEncryption`.
    pub operation: &'static str,
    pub(super) way: Way,
    /// The rights that it needs, where these are others than its name.
    rights: &'static [&'static str],
    /// What the service says where what it makes is there already.
    pub(super) there: &'static [&'static str],
    /// What the service says where something that it needs was made a moment ago.
    pub(super) waits: &'static [&'static str],
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        (self.service, self.operation) == (other.service, other.operation)
    }
}

impl Kind {
    /// Its name: `s3:PutBucketEncryption`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The rights that it needs.
    pub fn rights(&self) -> Vec<String> {
        match self.rights {
            [] => vec![self.name()],
            rights => rights.iter().map(|right| (*right).to_owned()).collect(),
        }
    }
}

/// A change is one line: service, operation, way, rights where they have other names, codes of what was there, codes of what waits.
macro_rules! kinds {
    ($($service:literal $operation:literal ($way:expr) $rights:expr, $there:expr, $waits:expr;)*) => {
        /// All of them.
        pub static KINDS: &[Kind] = &[$(Kind {
            service: $service, operation: $operation, way: $way, rights: $rights, there: $there, waits: $waits,
        }),*];
    };
}

/// What a bucket says while something else of it is changed.
const BUSY: &[&str] = &["OperationAborted", "NoSuchBucket"];

kinds! {
    "s3" "CreateBucket" (Way::Put(&S3, "")) &[], &["BucketAlreadyOwnedByYou"], &["OperationAborted"];
    "s3" "PutBucketVersioning" (Way::Put(&S3, "versioning")) &[], &[], BUSY;
    "s3" "PutBucketEncryption" (Way::Put(&S3, "encryption")) &["s3:PutEncryptionConfiguration"], &[], BUSY;
    "s3" "PutPublicAccessBlock" (Way::Put(&S3, "publicAccessBlock")) &["s3:PutBucketPublicAccessBlock"], &[], BUSY;
    "s3" "PutBucketPolicy" (Way::Put(&S3, "policy")) &[], &[], BUSY;
    "s3" "PutBucketLogging" (Way::Put(&S3, "logging")) &[], &[], BUSY;
    "s3" "PutBucketLifecycleConfiguration" (Way::Put(&S3, "lifecycle")) &["s3:PutLifecycleConfiguration"], &[], BUSY;
    "s3" "PutObjectLockConfiguration" (Way::Put(&S3, "object-lock")) &["s3:PutBucketObjectLockConfiguration"], &[], BUSY;
    "s3" "PutBucketNotificationConfiguration" (Way::Put(&S3, "notification")) &["s3:PutBucketNotification"], &[],
        &["OperationAborted", "NoSuchBucket", "InvalidArgument"];
    "s3" "PutBucketReplication" (Way::Put(&S3, "replication")) &["s3:PutReplicationConfiguration", "iam:PassRole"], &[],
        &["OperationAborted", "NoSuchBucket", "InvalidRequest", "InvalidArgument"];
    "kms" "CreateKey" (Way::Json(&KMS)) &[], &[], &[];
    "kms" "CreateAlias" (Way::Json(&KMS)) &[], &["AlreadyExistsException"], &["NotFoundException"];
    "kms" "PutKeyPolicy" (Way::Json(&KMS)) &[], &[], &["NotFoundException"];
    "kms" "EnableKeyRotation" (Way::Json(&KMS)) &[], &[], &["NotFoundException"];
    "cloudtrail" "CreateTrail" (Way::Json(&CLOUDTRAIL)) &[], &[], TRAIL;
    "cloudtrail" "UpdateTrail" (Way::Json(&CLOUDTRAIL)) &["cloudtrail:UpdateTrail", "iam:PassRole"], &[], TRAIL;
    "cloudtrail" "PutEventSelectors" (Way::Json(&CLOUDTRAIL)) &[], &[], TRAIL;
    "cloudtrail" "PutInsightSelectors" (Way::Json(&CLOUDTRAIL)) &[], &[], TRAIL;
    "cloudtrail" "StartLogging" (Way::Json(&CLOUDTRAIL)) &[], &[], TRAIL;
    "sqs" "CreateQueue" (Way::Json(&SQS)) &[], &[], &["AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"];
    "sqs" "SetQueueAttributes" (Way::Json(&SQS)) &[], &[], &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
    "iam" "CreateServiceLinkedRole" (Way::Query(&IAM)) &[], &["EntityAlreadyExists", "InvalidInput"], &[];
    "iam" "CreateRole" (Way::Query(&IAM)) &[], &["EntityAlreadyExists"], &[];
    "iam" "UpdateAssumeRolePolicy" (Way::Query(&IAM)) &[], &[], &["NoSuchEntity"];
    "iam" "PutRolePolicy" (Way::Query(&IAM)) &[], &[], &["NoSuchEntity"];
    "config" "PutConfigurationRecorder" (Way::Json(&CONFIG)) &["config:PutConfigurationRecorder", "iam:PassRole"], &[],
        &["InvalidRoleException"];
    "config" "PutDeliveryChannel" (Way::Json(&CONFIG)) &[], &[],
        &["InsufficientDeliveryPolicyException", "NoSuchBucketException", "NoAvailableConfigurationRecorderException"];
    "config" "StartConfigurationRecorder" (Way::Json(&CONFIG)) &[], &[], &["NoAvailableDeliveryChannelException"];
    "config" "PutConfigRule" (Way::Json(&CONFIG)) &[], &[], &["NoAvailableConfigurationRecorderException"];
    "logs" "CreateLogGroup" (Way::Json(&LOGS)) &[], &["ResourceAlreadyExistsException"], &["InvalidParameterException"];
    "logs" "PutRetentionPolicy" (Way::Json(&LOGS)) &[], &[], &["ResourceNotFoundException", "OperationAbortedException"];
    "logs" "PutSubscriptionFilter" (Way::Json(&LOGS)) &["logs:PutSubscriptionFilter", "iam:PassRole"], &[],
        &["InvalidParameterException", "ResourceNotFoundException", "OperationAbortedException"];
    "firehose" "CreateDeliveryStream" (Way::Json(&FIREHOSE)) &["firehose:CreateDeliveryStream", "iam:PassRole"],
        &["ResourceInUseException"], &["InvalidArgumentException", "InvalidKMSResourceException"];
    "eks" "UpdateClusterConfig" (Way::Post(&EKS, "/clusters/", "/update-config")) &[], &[], &[];
    "rds" "CreateOptionGroup" (Way::Query(&RDS)) &[], &["OptionGroupAlreadyExistsFault"], &[];
    "rds" "ModifyOptionGroup" (Way::Query(&RDS)) &[], &[], &["OptionGroupNotFoundFault"];
    "rds" "CreateDBParameterGroup" (Way::Query(&RDS)) &[], &["DBParameterGroupAlreadyExists"], &[];
    "rds" "ModifyDBParameterGroup" (Way::Query(&RDS)) &[], &[], &["DBParameterGroupNotFound"];
    "rds" "CreateDBClusterParameterGroup" (Way::Query(&RDS)) &[], &["DBParameterGroupAlreadyExists"], &[];
    "rds" "ModifyDBClusterParameterGroup" (Way::Query(&RDS)) &[], &[], &["DBParameterGroupNotFound"];
    "rds" "ModifyDBInstance" (Way::Query(&RDS)) &[], &[], &[];
    "rds" "ModifyDBCluster" (Way::Query(&RDS)) &[], &[], &[];
}

/// What CloudTrail says of a bucket, a key or a trail that is not known everywhere yet.
const TRAIL: &[&str] = &[
    "InsufficientS3BucketPolicyException",
    "InsufficientEncryptionPolicyException",
    "S3BucketDoesNotExistException",
    "KmsKeyNotFoundException",
    "KmsException",
    "TrailNotFoundException",
    "InvalidCloudWatchLogsLogGroupArnException",
    "InvalidCloudWatchLogsRoleArnException",
];

/// The kind of a name: `s3:PutBucketPolicy`.
pub fn kind(name: &str) -> Option<&'static Kind> {
    let (service, operation) = name.split_once(':')?;
    KINDS.iter().find(|kind| kind.service == service && kind.operation == operation)
}

/// The statements of IAM that changes need: these rights and no others. What gives power beyond its own call (a role that is handed
/// on, or made) is limited to the roles of this name and to the services that take them.
pub fn statements(name: &str) -> Vec<Value> {
    let mut rights: Vec<String> = KINDS.iter().flat_map(Kind::rights).collect();
    rights.sort();
    rights.dedup();
    let (of_iam, others): (Vec<String>, Vec<String>) = rights.into_iter().partition(|right| right.starts_with("iam:"));
    let of_roles: Vec<String> = of_iam.into_iter().filter(|right| !OF_CONFIG.contains(&right.as_str())).collect();
    let config = "config.amazonaws.com";
    vec![
        json!({"Sid": "ShosekiSetupChanges", "Effect": "Allow", "Action": others, "Resource": "*"}),
        json!({"Sid": "ShosekiSetupRoles", "Effect": "Allow", "Action": of_roles,
            "Resource": format!("arn:*:iam::*:role/{name}-*")}),
        json!({"Sid": "ShosekiSetupConfigRole", "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole",
            "Resource": CONFIG_ROLE, "Condition": {"StringEquals": {"iam:AWSServiceName": config}}}),
        json!({"Sid": "ShosekiSetupConfigPass", "Effect": "Allow", "Action": "iam:PassRole",
            "Resource": CONFIG_ROLE, "Condition": {"StringEquals": {"iam:PassedToService": config}}}),
        json!({"Sid": "ShosekiSetupPass", "Effect": "Allow", "Action": "iam:PassRole",
            "Resource": format!("arn:*:iam::*:role/{name}-*"),
            "Condition": {"StringEquals": {"iam:PassedToService": PASSED_TO}}}),
    ]
}

/// The services that roles of a set-up are handed on to.
const PASSED_TO: [&str; 4] =
    ["cloudtrail.amazonaws.com", "firehose.amazonaws.com", "logs.amazonaws.com", "s3.amazonaws.com"];
/// What is asked of IAM for AWS Config alone.
const OF_CONFIG: [&str; 2] = ["iam:CreateServiceLinkedRole", "iam:PassRole"];
/// AWS Config's own role.
const CONFIG_ROLE: &str = "arn:*:iam::*:role/aws-service-role/config.amazonaws.com/*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_them_takes_anything_away() {
        for kind in KINDS {
            let verbs = ["Create", "Put", "Modify", "Update", "Set", "Start", "Enable"];
            assert!(verbs.iter().any(|verb| kind.operation.starts_with(verb)), "{}", kind.name());
            for word in ["Delete", "Remove", "Stop", "Disable", "Reboot", "Detach", "Schedule", "Terminate"] {
                assert!(!kind.operation.contains(word), "{}", kind.name());
            }
            assert_eq!(super::kind(&kind.name()), Some(kind));
        }
    }

    #[test]
    fn who_sets_up_may_make_no_roles_but_these() {
        let all = statements("shoseki");
        let actions = all[0]["Action"].as_array().unwrap();
        assert!(actions.iter().all(|one| !one.as_str().unwrap().starts_with("iam:")), "{actions:?}");
        assert_eq!(all[1]["Resource"], "arn:*:iam::*:role/shoseki-*");
        assert!(all.iter().all(|one| !one.to_string().contains(":*\"") || one["Resource"] != "*"), "{all:?}");
        let count: usize = all.iter().map(|one| one["Action"].as_array().map_or(1, Vec::len)).sum();
        let rights: std::collections::BTreeSet<String> = KINDS.iter().flat_map(Kind::rights).collect();
        // A role is handed on in two statements: AWS Config's own, and ours.
        assert_eq!(count, rights.len() + 1);
        for one in all.iter().filter(|one| one["Action"] == "iam:PassRole") {
            assert!(one["Resource"] != "*" && one["Condition"]["StringEquals"]["iam:PassedToService"] != "*", "{one}");
        }
    }
}
