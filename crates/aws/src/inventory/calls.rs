//! The calls of an inventory, each once: what asks them and the policy that allows them are both made of this list. None of them
//! changes anything; `iam:GenerateCredentialReport` has AWS put a list together that it then gives.

use serde_json::{Value, json};

/// A call.
#[derive(Debug)]
pub struct Call {
    /// The service, as a right names it: `s3`.
    pub service: &'static str,
    /// The operation, as the API names it: `GetBucketEncryption`.
    pub operation: &'static str,
    /// The right that it needs, where that is called otherwise: `s3:GetEncryptionConfiguration`.
    right: &'static str,
    /// What the service says where what is asked for is not set.
    absent: &'static [&'static str],
}

impl Call {
    /// Its name: `s3:GetBucketEncryption`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The right that it needs.
    pub fn right(&self) -> String {
        if self.right.is_empty() { self.name() } else { self.right.to_owned() }
    }

    /// Whether a refusal says that it is not set.
    pub(super) fn is_absent(&self, code: &str) -> bool {
        self.absent.contains(&code)
    }
}

/// A call is one line: its name here, its service and operation, its right where that has another name, and the codes by which the
/// service says that nothing is set.
macro_rules! calls {
    ($($all:ident $names:ident { $($name:ident $service:literal $operation:literal $right:literal $absent:expr;)* })*) => {$(
        $(pub(super) static $name: Call =
            Call { service: $service, operation: $operation, right: $right, absent: $absent };)*

        /// All of them.
        pub static $all: &[&Call] = &[$(&$name),*];

        #[cfg(test)]
        const $names: &[&str] = &[$(stringify!($name)),*];
    )*};
}

calls! { CALLS NAMES {
    CALLER_IDENTITY "sts" "GetCallerIdentity" "" &[];
    REGIONS "ec2" "DescribeRegions" "" &[];
    TRAILS "cloudtrail" "DescribeTrails" "" &[];
    TRAIL_STATUS "cloudtrail" "GetTrailStatus" "" &[];
    EVENT_SELECTORS "cloudtrail" "GetEventSelectors" "" &[];
    INSIGHTS "cloudtrail" "GetInsightSelectors" "" &["InsightNotEnabledException"];
    RECORDERS "config" "DescribeConfigurationRecorders" "" &[];
    RECORDER_STATUS "config" "DescribeConfigurationRecorderStatus" "" &[];
    CHANNELS "config" "DescribeDeliveryChannels" "" &[];
    LOG_GROUPS "logs" "DescribeLogGroups" "" &[];
    SUBSCRIPTIONS "logs" "DescribeSubscriptionFilters" "" &[];
    DETECTORS "guardduty" "ListDetectors" "" &[];
    DETECTOR "guardduty" "GetDetector" "" &[];
    HUB "securityhub" "DescribeHub" "" &["InvalidAccessException", "ResourceNotFoundException"];
    STANDARDS "securityhub" "GetEnabledStandards" "" &[];
    ORGANIZATION "organizations" "DescribeOrganization" "" &["AWSOrganizationsNotInUseException"];
    SERVICE_POLICIES "organizations" "ListPolicies" "" &[];
    SERVICE_POLICY "organizations" "DescribePolicy" "" &[];
    SERVICE_POLICY_TARGETS "organizations" "ListTargetsForPolicy" "" &[];
    ACCOUNT_PUBLIC_ACCESS "s3control" "GetPublicAccessBlock" "s3:GetAccountPublicAccessBlock"
        &["NoSuchPublicAccessBlockConfiguration"];
    BUCKETS "s3" "ListBuckets" "s3:ListAllMyBuckets" &[];
    BUCKET_LOCATION "s3" "GetBucketLocation" "" &[];
    BUCKET_VERSIONING "s3" "GetBucketVersioning" "" &[];
    BUCKET_ENCRYPTION "s3" "GetBucketEncryption" "s3:GetEncryptionConfiguration"
        &["ServerSideEncryptionConfigurationNotFoundError"];
    BUCKET_PUBLIC_ACCESS "s3" "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock"
        &["NoSuchPublicAccessBlockConfiguration"];
    BUCKET_LOGGING "s3" "GetBucketLogging" "" &[];
    BUCKET_LIFECYCLE "s3" "GetBucketLifecycleConfiguration" "s3:GetLifecycleConfiguration"
        &["NoSuchLifecycleConfiguration"];
    BUCKET_POLICY "s3" "GetBucketPolicy" "" &["NoSuchBucketPolicy"];
    BUCKET_LOCK "s3" "GetObjectLockConfiguration" "s3:GetBucketObjectLockConfiguration"
        &["ObjectLockConfigurationNotFoundError"];
    BUCKET_REPLICATION "s3" "GetBucketReplication" "s3:GetReplicationConfiguration"
        &["ReplicationConfigurationNotFoundError"];
    BUCKET_ACL "s3" "GetBucketAcl" "" &[];
    KEY "kms" "DescribeKey" "" &[];
    KEY_ROTATION "kms" "GetKeyRotationStatus" "" &["UnsupportedOperationException"];
    KEY_POLICY "kms" "GetKeyPolicy" "" &[];
    CLUSTERS "eks" "ListClusters" "" &[];
    CLUSTER "eks" "DescribeCluster" "" &[];
    DATABASES "rds" "DescribeDBInstances" "" &[];
    DATABASE_CLUSTERS "rds" "DescribeDBClusters" "" &[];
    PARAMETERS "rds" "DescribeDBParameters" "" &["DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"];
    CLUSTER_PARAMETERS "rds" "DescribeDBClusterParameters" "" &["DBParameterGroupNotFound", "DBClusterParameterGroupNotFound", "DBParameterGroupNotFoundFault"];
    OPTION_GROUPS "rds" "DescribeOptionGroups" "" &["OptionGroupNotFoundFault"];
    AUTHORIZATION "iam" "GetAccountAuthorizationDetails" "" &[];
    ACCOUNT_SUMMARY "iam" "GetAccountSummary" "" &[];
    CREDENTIALS_MADE "iam" "GenerateCredentialReport" "" &[];
    CREDENTIALS "iam" "GetCredentialReport" "" &[];
} SETUP_CALLS SETUP_NAMES {
    ALIASES "kms" "ListAliases" "" &[];
    NOTIFICATIONS "s3" "GetBucketNotificationConfiguration" "s3:GetBucketNotification" &[];
    QUEUE_URL "sqs" "GetQueueUrl" "" &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
    QUEUE "sqs" "GetQueueAttributes" "" &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
    RULES "config" "DescribeConfigRules" "" &[];
    STREAM "firehose" "DescribeDeliveryStream" "" &["ResourceNotFoundException"];
}}

/// The policy of IAM that an inventory needs: these calls and no others, on whatever is there.
pub fn policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement("ShosekiCheckLive", CALLS)]})
}

/// The statement that an inventory for a set-up needs: what [`policy`] has, and what a set-up asks beside it.
pub fn statement_of_setup() -> Value {
    statement("ShosekiSetupReads", &[CALLS, SETUP_CALLS].concat())
}

fn statement(sid: &str, calls: &[&Call]) -> Value {
    let mut rights: Vec<String> = calls.iter().map(|call| call.right()).collect();
    rights.sort();
    rights.dedup();
    json!({"Sid": sid, "Effect": "Allow", "Action": rights, "Resource": "*"})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What asks.
    const CODE: [&str; 8] = [
        include_str!("mod.rs"),
        include_str!("desk.rs"),
        include_str!("buckets.rs"),
        include_str!("recorders.rs"),
        include_str!("stores.rs"),
        include_str!("identities.rs"),
        include_str!("organization.rs"),
        include_str!("setup.rs"),
    ];

    #[test]
    fn each_call_of_the_policy_is_made_and_none_is_made_that_is_not_in_it() {
        for name in NAMES.iter().chain(SETUP_NAMES) {
            assert!(CODE.iter().any(|code| code.contains(&format!("calls::{name}"))), "nobody asks `{name}`");
        }
        // Whatever is asked goes by a call of the list: no file names an operation by itself.
        for code in CODE {
            let code = code.split("#[cfg(test)]").next().unwrap();
            for call in CALLS.iter().chain(SETUP_CALLS) {
                assert!(!code.contains(&format!("\"{}\"", call.operation)), "{}", call.operation);
            }
            for by in [".call(\"", ".whole(\""] {
                assert!(!code.contains(by), "{by}");
            }
        }
    }

    #[test]
    fn the_policy_reads_and_changes_nothing() {
        let (policy, of_setup) = (policy(), statement_of_setup());
        let of_setup = of_setup["Action"].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
        assert_eq!(of_setup.clone().count(), CALLS.len() + SETUP_CALLS.len());
        for right in of_setup {
            let (_, verb) = right.split_once(':').unwrap();
            assert!(["Describe", "Get", "List", "Generate"].iter().any(|start| verb.starts_with(start)), "{right}");
        }
        let rights: Vec<&str> =
            policy["Statement"][0]["Action"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        for right in &rights {
            let (_, verb) = right.split_once(':').unwrap();
            let reads = ["Describe", "Get", "List", "Generate"].iter().any(|start| verb.starts_with(start));
            assert!(reads && !right.contains('*'), "{right}");
        }
        assert!(rights.contains(&"s3:GetEncryptionConfiguration") && !rights.contains(&"s3:GetObject"), "{rights:?}");
        assert_eq!(rights.len(), CALLS.len());
    }
}
