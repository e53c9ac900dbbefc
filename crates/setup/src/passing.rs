//! Policies of who passes evidence on within AWS: S3 that replicates it, CloudWatch Logs and Firehose that deliver what clusters log,
//! CloudTrail that writes to a log group. How they are put into what is there is the business of `policy.rs`.

use serde_json::{Value, json};

use crate::policy::Names;

/// A bucket with the key that encrypts it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store<'a> {
    pub(crate) bucket: &'a str,
    /// The key's ARN.
    pub(crate) key: &'a str,
    pub(crate) region: &'a str,
}

/// Roles of the account encrypt by a key.
pub(crate) fn key_of_writers(names: &Names, writers: &[String]) -> Vec<Value> {
    if writers.is_empty() {
        return Vec::new();
    }
    let root = json!({"AWS": format!("arn:{}:iam::{}:root", names.partition, names.account)});
    vec![json!({"Sid": "ShosekiWrites", "Effect": "Allow", "Principal": root, "Resource": "*",
        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        "Condition": {"ArnLike": {"aws:PrincipalArn": writers}}})]
}

/// A service may take a role, within these limits.
pub(crate) fn trust_of_service(sid: &str, service: &str, limit: Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        "Condition": limit})
}

/// What S3 does for a replication: reads all versions of the one bucket with what they carry, and writes them to the other. Deletions are
/// not among it: what is deleted in the one stays in the other.
pub(crate) fn rights_of_replication(names: &Names, from: &Store<'_>, to: &Store<'_>) -> Vec<Value> {
    let (source, target) = (names.bucket(from.bucket), names.bucket(to.bucket));
    let via = |region: &str| format!("s3.{region}.amazonaws.com");
    vec![
        json!({"Sid": "ShosekiReplicatesFrom", "Effect": "Allow", "Resource": source,
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"]}),
        json!({"Sid": "ShosekiReplicatesOf", "Effect": "Allow", "Resource": format!("{source}/*"), "Action": [
            "s3:GetObjectLegalHold", "s3:GetObjectRetention", "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]}),
        json!({"Sid": "ShosekiReplicatesTo", "Effect": "Allow", "Resource": format!("{target}/*"),
            "Action": ["s3:ReplicateObject", "s3:ReplicateTags"]}),
        json!({"Sid": "ShosekiReplicatesBy", "Effect": "Allow", "Resource": from.key, "Action": "kms:Decrypt",
            "Condition": {"StringLike": {"kms:ViaService": via(from.region),
                "kms:EncryptionContext:aws:s3:arn": [source, format!("{source}/*")]}}}),
        json!({"Sid": "ShosekiReplicatesUnder", "Effect": "Allow", "Resource": to.key,
            "Action": ["kms:Encrypt", "kms:GenerateDataKey"],
            "Condition": {"StringLike": {"kms:ViaService": via(to.region),
                "kms:EncryptionContext:aws:s3:arn": [target, format!("{target}/*")]}}}),
    ]
}

/// What Firehose does: it writes below one folder of the bucket, by the bucket's key.
pub(crate) fn rights_of_firehose(names: &Names, to: &Store<'_>, folder: &str) -> Vec<Value> {
    let arn = names.bucket(to.bucket);
    vec![
        json!({"Sid": "ShosekiDeliversTo", "Effect": "Allow", "Resource": arn,
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]}),
        json!({"Sid": "ShosekiDelivers", "Effect": "Allow", "Resource": format!("{arn}/{folder}/*"),
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject"]}),
        json!({"Sid": "ShosekiDeliversBy", "Effect": "Allow", "Resource": to.key,
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Condition": {"StringLike": {"kms:ViaService": format!("s3.{}.amazonaws.com", to.region),
                "kms:EncryptionContext:aws:s3:arn": [arn, format!("{arn}/*")]}}}),
    ]
}

/// What CloudWatch Logs does for a subscription: it puts records into one stream.
pub(crate) fn rights_of_subscription(stream: &str) -> Vec<Value> {
    vec![json!({"Sid": "ShosekiSubscribes", "Effect": "Allow", "Resource": stream,
        "Action": ["firehose:PutRecord", "firehose:PutRecordBatch"]})]
}

/// What CloudTrail does for a log group: it writes to streams of that group.
pub(crate) fn rights_of_trail(group: &str) -> Vec<Value> {
    vec![json!({"Sid": "ShosekiTrailLogs", "Effect": "Allow", "Resource": format!("{group}:log-stream:*"),
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"]})]
}

/// CloudWatch Logs of a region encrypts one log group by a key.
pub(crate) fn key_of_group(region: &str, group: &str) -> Value {
    json!({"Sid": "ShosekiLogsEncrypt", "Effect": "Allow", "Resource": "*",
        "Principal": {"Service": format!("logs.{region}.amazonaws.com")},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": group}}})
}
