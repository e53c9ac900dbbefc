//! What answers and items come to: as they should be, as they should not, absent, and refused.

use serde_json::{Value as Json, json};
use shoseki_event::Timestamp;

use super::*;
use crate::checks::CHECKS;
use crate::settings::Value;

const ACCOUNT: &str = "111122223333";

fn answer(call: &str, of: Option<&str>, said: Json) -> Answer {
    let said = match said.get("refused") {
        Some(_) => Said::Refused(msg!("aws-call-forbidden", action = call, what = of.unwrap_or("*"))),
        None if said == json!("absent") => Said::Absent,
        None => Said::Answer(Value::from_json(&said)),
    };
    let (call, account, region) = (call.to_owned(), ACCOUNT.to_owned(), "ap-northeast-1".to_owned());
    let record = Some(format!("r:{call}:{}", of.unwrap_or_default()));
    Answer { call, account, region, of: of.map(str::to_owned), said, record }
}

fn refused() -> Json {
    json!({"refused": true})
}

/// A trail that delivers to a bucket that is as it should be.
fn sound() -> Vec<Answer> {
    let arn = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/all";
    let trail = json!({"trailList": [{
        "Name": "all", "TrailARN": arn, "HomeRegion": "ap-northeast-1", "S3BucketName": "logs", "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true, "LogFileValidationEnabled": true, "KmsKeyId": "arn:aws:kms:ap-northeast-1:111122223333:key/k",
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:trail:*",
    }]});
    let selectors = json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]});
    let policy = json!({"Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]});
    let blocks = json!({"BlockPublicAcls": "true", "IgnorePublicAcls": "true", "BlockPublicPolicy": "true", "RestrictPublicBuckets": "true"});
    let b = Some("logs");
    vec![
        answer("cloudtrail:DescribeTrails", None, trail),
        answer("cloudtrail:GetTrailStatus", Some(arn), json!({"IsLogging": true})),
        answer("cloudtrail:GetEventSelectors", Some(arn), selectors),
        answer("s3:ListBuckets", None, json!({"Buckets": {"Bucket": {"Name": "logs"}}})),
        answer("s3:GetBucketVersioning", b, json!({"Status": "Enabled", "MfaDelete": "Disabled"})),
        answer(
            "s3:GetBucketEncryption",
            b,
            json!({"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}}),
        ),
        answer("s3:GetPublicAccessBlock", b, blocks),
        answer("s3:GetBucketLogging", b, json!("")),
        answer("s3:GetBucketLifecycleConfiguration", b, json!("absent")),
        answer("s3:GetBucketPolicy", b, policy),
        answer(
            "s3:GetObjectLockConfiguration",
            b,
            json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": "2"}}}),
        ),
        answer("s3:GetBucketReplication", b, json!("absent")),
        answer(
            "s3:GetBucketAcl",
            b,
            json!({"AccessControlList": {"Grant": {"Grantee": {"ID": "x"}, "Permission": "FULL_CONTROL"}}}),
        ),
    ]
}

/// The same with another answer to one call.
fn but(call: &str, said: Json) -> Vec<Answer> {
    let mut all = sound();
    let found = all.iter_mut().find(|one| one.call == call).unwrap();
    *found = answer(call, found.of.clone().as_deref(), said);
    all
}

/// How a check stands, and by what.
fn status(looked: &Looked, check: &str) -> Status {
    finding(looked, check).status
}

fn finding(looked: &Looked, check: &str) -> Finding {
    let check = CHECKS.iter().find(|one| one.id == check).unwrap();
    let judged = judge(looked, &[check]);
    judged[0].findings[0].clone()
}

#[test]
fn what_is_as_it_should_be_passes_and_names_the_record_of_its_answer() {
    let looked = of_answers(&sound());
    for (check, call) in [
        ("cloudtrail_trail_is_logging", "cloudtrail:GetTrailStatus"),
        ("cloudtrail_trail_is_multi_region", "cloudtrail:DescribeTrails"),
        ("cloudtrail_trail_records_management_events", "cloudtrail:GetEventSelectors"),
        ("cloudtrail_trail_records_data_events", "cloudtrail:GetEventSelectors"),
        ("s3_evidence_bucket_is_versioned", "s3:GetBucketVersioning"),
        ("s3_evidence_bucket_is_encrypted_by_kms", "s3:GetBucketEncryption"),
        ("s3_evidence_bucket_blocks_public_access", "s3:GetPublicAccessBlock"),
        ("s3_evidence_bucket_demands_tls", "s3:GetBucketPolicy"),
        ("s3_evidence_bucket_denies_deletion", "s3:GetObjectLockConfiguration"),
        ("s3_evidence_bucket_is_kept_a_year", "s3:GetBucketLifecycleConfiguration"),
        ("s3_evidence_bucket_is_not_public", "s3:GetBucketPolicy"),
        ("s3_evidence_bucket_access_is_listed", "s3:GetBucketPolicy"),
    ] {
        let found = finding(&looked, check);
        assert_eq!(found.status, Status::Pass, "{check}: {found:?}");
        assert!(
            found.records.iter().any(|record| record.starts_with(&format!("r:{call}:"))),
            "{check}: {:?}",
            found.records
        );
    }
    assert_eq!(status(&looked, "s3_bucket_access_is_logged"), Status::Fail);
}

#[test]
fn what_is_not_as_it_should_be_fails() {
    for (call, said, check) in [
        ("cloudtrail:GetTrailStatus", json!({"IsLogging": false}), "cloudtrail_trail_is_logging"),
        (
            "cloudtrail:GetEventSelectors",
            json!({"EventSelectors": [], "AdvancedEventSelectors": null}),
            "cloudtrail_trail_records_management_events",
        ),
        ("s3:GetBucketVersioning", json!(""), "s3_evidence_bucket_is_versioned"),
        ("s3:GetBucketEncryption", json!("absent"), "s3_evidence_bucket_is_encrypted_by_kms"),
        ("s3:GetPublicAccessBlock", json!("absent"), "s3_evidence_bucket_blocks_public_access"),
        ("s3:GetBucketPolicy", json!("absent"), "s3_evidence_bucket_demands_tls"),
        (
            "s3:GetBucketLifecycleConfiguration",
            json!({"Rule": {"ID": "x", "Status": "Enabled", "Filter": "", "Expiration": {"Days": "30"}}}),
            "s3_evidence_bucket_is_kept_a_year",
        ),
        (
            "s3:GetBucketAcl",
            json!({"AccessControlList": {"Grant": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]}}),
            "s3_evidence_bucket_is_not_public",
        ),
        (
            "s3:GetBucketPolicy",
            json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": "*"}]}),
            "s3_evidence_bucket_access_is_listed",
        ),
    ] {
        assert_eq!(status(&of_answers(&but(call, said)), check), Status::Fail, "{check}");
    }
}

#[test]
fn what_is_refused_or_was_not_asked_passes_nothing() {
    for (call, check) in [
        ("cloudtrail:GetTrailStatus", "cloudtrail_trail_is_logging"),
        ("cloudtrail:GetEventSelectors", "cloudtrail_trail_records_data_events"),
        ("s3:GetBucketVersioning", "s3_evidence_bucket_is_versioned"),
        ("s3:GetBucketEncryption", "s3_evidence_bucket_is_encrypted_by_kms"),
        ("s3:GetPublicAccessBlock", "s3_evidence_bucket_blocks_public_access"),
        ("s3:GetBucketLogging", "s3_bucket_access_is_logged"),
        ("s3:GetBucketLifecycleConfiguration", "s3_evidence_bucket_is_kept_a_year"),
        ("s3:GetBucketPolicy", "s3_evidence_bucket_demands_tls"),
        ("s3:GetBucketAcl", "s3_evidence_bucket_is_not_public"),
        ("s3:GetBucketPolicy", "s3_evidence_bucket_access_is_listed"),
        // Where the list itself is refused, all that could stand in it is not known.
        ("cloudtrail:DescribeTrails", "cloudtrail_trail_is_logging"),
        ("cloudtrail:DescribeTrails", "s3_evidence_bucket_is_versioned"),
        ("s3:ListBuckets", "s3_evidence_bucket_is_versioned"),
        ("s3:ListBuckets", "s3_bucket_access_is_logged"),
    ] {
        let found = finding(&of_answers(&but(call, refused())), check);
        assert_eq!(found.status, Status::NoEvidence, "{call} {check}: {found:?}");
        assert!(found.what.text(shoseki_messages::Lang::En).contains(call), "{found:?}");
        let without: Vec<Answer> = sound().into_iter().filter(|one| one.call != call).collect();
        if !call.contains(":List") && !call.contains(":DescribeTrails") {
            assert_eq!(status(&of_answers(&without), check), Status::NoEvidence, "{call} {check}");
        }
    }
    // What was not seen in one account takes the pass from nothing that was seen in another.
    assert_eq!(
        status(&of_answers(&but("s3:GetBucketPolicy", refused())), "s3_evidence_bucket_is_versioned"),
        Status::Pass
    );
}

#[test]
fn what_should_be_there_and_is_not_fails_and_all_else_does_not_apply() {
    let nothing = [
        answer("cloudtrail:DescribeTrails", None, json!({"trailList": []})),
        answer("config:DescribeConfigurationRecorders", None, json!({"ConfigurationRecorders": []})),
        answer("guardduty:ListDetectors", None, json!({"detectorIds": []})),
        answer("s3:ListBuckets", None, json!({"Buckets": ""})),
    ];
    let looked = of_answers(&nothing);
    for check in ["cloudtrail_trail_is_logging", "config_recorder_is_on", "guardduty_detector_is_on"] {
        assert_eq!(
            (status(&looked, check), finding(&looked, check).subject),
            (Status::Fail, format!("{ACCOUNT} ap-northeast-1"))
        );
    }
    for check in ["s3_evidence_bucket_is_versioned", "eks_cluster_logs_audit", "rds_database_audits", "kms_key_rotates"]
    {
        assert_eq!(status(&looked, check), Status::NotApplicable, "{check}");
    }
    // What stands in code alone, an account says nothing of.
    let of_code: Vec<&Check> =
        CHECKS.iter().filter(|check| check.id.starts_with("k8s_role") || check.id.starts_with("falco_")).collect();
    assert!(judge(&looked, &of_code).is_empty());
}

#[test]
fn a_bucket_of_another_account_is_not_passed_over() {
    let elsewhere: Vec<Answer> = but("s3:ListBuckets", json!({"Buckets": ""}));
    let found = finding(&of_answers(&elsewhere), "s3_evidence_bucket_is_versioned");
    assert_eq!((found.status, found.subject.as_str()), (Status::NoEvidence, "logs"));
}

#[test]
fn recorders_log_groups_keys_clusters_and_databases() {
    let key = "arn:aws:kms:ap-northeast-1:111122223333:key/k";
    let described = json!({"KeyMetadata": {"Arn": key, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": true, "KeySpec": "SYMMETRIC_DEFAULT"}});
    let cluster = json!({"cluster": {"name": "shop", "arn": "arn:c", "logging": {"clusterLogging": [
        {"types": ["api", "audit", "authenticator"], "enabled": true}, {"types": ["scheduler"], "enabled": false}]},
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": key}}],
        "resourcesVpcConfig": {"endpointPublicAccess": false}}});
    let instance = json!({"DBInstances": {"DBInstance": {"DBInstanceIdentifier": "orders", "DBInstanceArn": "arn:db", "Engine": "postgres",
        "EnabledCloudwatchLogsExports": {"member": "postgresql"}, "DBParameterGroups": {"DBParameterGroup": {"DBParameterGroupName": "audited"}},
        "StorageEncrypted": "true", "DeletionProtection": "true"}}});
    let parameters = json!({"Parameters": {"Parameter": [
        {"ParameterName": "shared_preload_libraries", "ParameterValue": "pg_stat_statements,pgaudit"},
        {"ParameterName": "pgaudit.log", "ParameterValue": "ddl,role"}]}});
    let recorder = json!({"ConfigurationRecorders": [{"name": "default", "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true}}]});
    let all = vec![
        answer("kms:DescribeKey", Some("alias/logs"), described),
        answer("kms:GetKeyRotationStatus", Some(key), json!({"KeyRotationEnabled": true})),
        answer(
            "kms:GetKeyPolicy",
            Some(key),
            json!({"Policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}),
        ),
        answer("eks:ListClusters", None, json!({"clusters": ["shop"]})),
        answer("eks:DescribeCluster", Some("shop"), cluster),
        answer("rds:DescribeDBInstances", None, instance),
        answer("rds:DescribeDBParameters", Some("audited"), parameters),
        answer("config:DescribeConfigurationRecorders", None, recorder),
        answer(
            "config:DescribeConfigurationRecorderStatus",
            None,
            json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": true}]}),
        ),
        answer(
            "config:DescribeDeliveryChannels",
            None,
            json!({"DeliveryChannels": [{"name": "default", "s3BucketName": "b"}]}),
        ),
        answer(
            "logs:DescribeLogGroups",
            None,
            json!({"logGroups": [{"logGroupName": "/aws/eks/shop/cluster", "arn": "arn:l:*", "retentionInDays": 400, "kmsKeyId": key}]}),
        ),
    ];
    let checks = [
        "kms_key_rotates",
        "kms_key_is_usable",
        "kms_key_policy_is_limited",
        "eks_cluster_logs_audit",
        "eks_cluster_encrypts_secrets",
        "eks_cluster_endpoint_is_limited",
        "rds_database_audits",
        "rds_database_exports_audit",
        "rds_database_is_encrypted",
        "rds_database_is_protected",
        "config_recorder_is_on",
        "config_recorder_records_all",
        "config_recorder_delivers",
        "logs_group_is_kept_a_year",
        "logs_group_is_encrypted",
    ];
    let looked = of_answers(&all);
    for check in checks {
        assert_eq!(status(&looked, check), Status::Pass, "{check}: {:?}", finding(&looked, check));
    }
    // Each of these answers, refused, makes no pass of anything.
    for (at, one) in all.iter().enumerate() {
        let mut others = all.clone();
        others[at] = answer(&one.call, one.of.as_deref(), refused());
        let looked = of_answers(&others);
        assert!(checks.iter().any(|check| status(&looked, check) == Status::NoEvidence), "{}", one.call);
        assert!(!checks.iter().any(|check| status(&looked, check) == Status::Fail), "{}", one.call);
    }
}

#[test]
fn who_may_do_what_is_read_of_escaped_documents_and_aws_writes_its_own() {
    let document = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    let page = json!({
        "UserDetailList": {"member": {"UserName": "u", "Arn": "arn:u", "UserPolicyList": {"member": {"PolicyName": "p", "PolicyDocument": document}}}},
        "RoleDetailList": {"member": {"RoleName": "r", "Arn": "arn:r", "RolePolicyList": "", "AssumeRolePolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}},
        "Policies": {"member": {"PolicyName": "all", "Arn": "arn:aws:iam::111122223333:policy/all", "PolicyVersionList": {"member": [
            {"Document": "%7B%22Statement%22%3A%5B%5D%7D", "IsDefaultVersion": "false"}, {"Document": document, "IsDefaultVersion": "true"}]}}},
    });
    let looked = of_answers(&[answer("iam:GetAccountAuthorizationDetails", None, page)]);
    let check = CHECKS.iter().find(|one| one.id == "iam_policy_is_not_all").unwrap();
    let judged = judge(&looked, &[check]);
    let failed: Vec<&str> =
        judged[0].findings.iter().filter(|one| one.status == Status::Fail).map(|one| one.subject.as_str()).collect();
    assert_eq!(failed, ["arn:u/p", "arn:aws:iam::111122223333:policy/all"]);
    assert_eq!(status(&looked, "iam_role_trust_is_limited"), Status::Pass);
    let refused = of_answers(&[answer("iam:GetAccountAuthorizationDetails", None, refused())]);
    assert_eq!(status(&refused, "iam_policy_is_not_all"), Status::NoEvidence);
}

#[test]
fn users_are_judged_by_the_report_and_root_by_the_summary() {
    let report = json!({"GeneratedTime": "2026-03-05T00:00:00Z", "Content": "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n\
        <root_account>,arn:aws:iam::111122223333:root,not_supported,false,false,false\n\
        aiko,arn:aiko,true,true,false,false\nbot,arn:bot,false,false,true,false\nken,arn:ken,true,false,false,false\n"});
    let summary = |mfa: &str, keys: &str| {
        json!({"SummaryMap": {"entry": [
        {"key": "AccountMFAEnabled", "value": mfa}, {"key": "AccountAccessKeysPresent", "value": keys}]}})
    };
    let of = |summary: Json, report: Json, check: &str| {
        let answers = [answer("iam:GetAccountSummary", None, summary), answer("iam:GetCredentialReport", None, report)];
        let check = CHECKS.iter().find(|one| one.id == check).unwrap();
        let judged = judge(&of_answers(&answers), &[check]);
        judged[0].findings.iter().map(|one| (one.status.name(), one.subject.clone())).collect::<Vec<_>>()
    };
    let root = || format!("arn:aws:iam::{ACCOUNT}:root");
    let all = of(summary("1", "0"), report.clone(), "iam_user_has_mfa");
    let expected = [
        ("fail", "arn:ken".to_owned()),
        ("pass", root()),
        ("pass", "arn:aiko".to_owned()),
        ("not_applicable", "arn:bot".to_owned()),
    ];
    assert_eq!(all, expected);
    assert_eq!(of(summary("0", "1"), report.clone(), "iam_user_has_mfa")[0], ("fail", root()));
    assert_eq!(of(summary("1", "0"), report.clone(), "iam_root_has_no_keys"), [("pass", root())]);
    assert_eq!(of(summary("1", "1"), report.clone(), "iam_root_has_no_keys"), [("fail", root())]);
    // Without the report nobody but root is known, and without the summary root is not.
    assert_eq!(of(summary("1", "0"), refused(), "iam_user_has_mfa")[0].0, "no_evidence");
    assert_eq!(of(refused(), report.clone(), "iam_user_has_mfa")[1], ("no_evidence", root()));
    assert_eq!(of(refused(), report, "iam_root_has_no_keys"), [("no_evidence", root())]);
}

#[test]
fn users_that_nobody_uses_and_keys_that_are_old_are_found() {
    let heads = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,access_key_1_active,\
        access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n";
    let made = "2026-03-05T01:00:00+00:00";
    let of = |line: &str| {
        let report = json!({"GeneratedTime": made, "Content": format!("{heads}u,arn:u,{line}\n")});
        let summary = json!({"SummaryMap": {"entry": []}});
        let answers = [answer("iam:GetAccountSummary", None, summary), answer("iam:GetCredentialReport", None, report)];
        ["iam_user_is_in_use", "iam_user_keys_are_young"].map(|check| {
            let found = all_of(&answers, check);
            found.iter().find(|one| one.1 == "arn:u").map(|one| one.0).unwrap_or_default()
        })
    };
    let none = "false,N/A,N/A,false,N/A,N/A";
    let (old, edge, new) = ("2025-12-04T23:00:00+00:00", "2025-12-05T00:00:00+00:00", "2026-03-01T00:00:00+00:00");
    assert_eq!(of(&format!("{old},true,{new},{old},true,{none}")), ["pass", "not_applicable"]);
    assert_eq!(of(&format!("{old},true,{edge},{old},true,{none}")), ["pass", "not_applicable"], "90 days");
    assert_eq!(of(&format!("{old},true,{old},{old},true,{none}")), ["fail", "not_applicable"], "91 days");
    assert_eq!(of(&format!("{old},true,no_information,{old},true,{none}")), ["fail", "not_applicable"], "never used");
    assert_eq!(of(&format!("{new},true,no_information,{new},true,{none}")), ["pass", "not_applicable"], "just made");
    let key = |made: &str, used: &str| format!("{old},false,N/A,N/A,false,true,{made},{used},false,N/A,N/A");
    assert_eq!(of(&key(old, new)), ["pass", "fail"], "an old key that is used");
    assert_eq!(of(&key(new, "N/A")), ["pass", "pass"]);
    assert_eq!(of(&key("N/A", new)), ["pass", "no_evidence"]);
    assert_eq!(of(&format!("{old},false,N/A,N/A,false,{none}")), ["not_applicable", "not_applicable"]);
    // A key that is switched off opens nothing, however old it is.
    let off = format!("{old},true,{new},{old},true,false,{old},N/A,true,{new},{new}");
    assert_eq!(of(&off), ["pass", "pass"]);
    assert_eq!(of(&format!("{old},maybe,{new},{old},true,{none}")), ["no_evidence", "not_applicable"]);
}

fn item(kind: &str, id: &str, status: &str, configuration: Json, supplementary: Json) -> String {
    json!({"resourceType": kind, "resourceId": id, "ARN": format!("arn:{id}"), "awsAccountId": ACCOUNT, "awsRegion": "ap-northeast-1",
        "configurationItemStatus": status, "configurationStateId": 1, "configuration": configuration,
        "supplementaryConfiguration": supplementary}).to_string()
}

#[test]
fn what_cannot_be_read_in_an_item_is_not_known_and_what_is_below_nothing_is_not_set() {
    let of = |lifecycle: Json| {
        let mut newest = Newest::default();
        let trail =
            item("AWS::CloudTrail::Trail", "arn:trail", "OK", json!({"name": "a", "s3BucketName": "logs"}), json!({}));
        newest.add("s:1", Timestamp(1), trail.as_bytes());
        let bucket = item(
            "AWS::S3::Bucket",
            "logs",
            "OK",
            json!({"name": "logs"}),
            json!({"BucketLifecycleConfiguration": lifecycle}),
        );
        newest.add("s:2", Timestamp(2), bucket.as_bytes());
        status(&of_items(&newest), "s3_evidence_bucket_is_kept_a_year")
    };
    let rule = |days: i64| json!({"rules": [{"id": "r", "status": "Enabled", "expirationInDays": days, "noncurrentVersionExpirationInDays": -1}]});
    assert_eq!(
        [of(Json::Null), of(rule(-1)), of(rule(400)), of(rule(30))],
        [Status::Pass, Status::Pass, Status::Pass, Status::Fail]
    );
    assert_eq!(of(json!("{\"rules\": [")), Status::NoEvidence);
    assert_eq!(of(json!(rule(30).to_string())), Status::Fail, "as Config's own API has it");
    // An item whose configuration cannot be read is seen by nobody.
    let mut newest = Newest::default();
    newest.add("s:1", Timestamp(1), item("AWS::KMS::Key", "k", "OK", json!("{"), json!({})).as_bytes());
    assert_eq!(status(&of_items(&newest), "kms_key_is_usable"), Status::NoEvidence);
}

#[test]
fn a_life_cycle_that_archives_the_vault_is_found_however_it_is_told() {
    let check = "s3_vault_bucket_keeps_objects";
    let judged = |mut looked: Looked| {
        looked.estate.keep_vault("logs");
        status(&looked, check)
    };
    let answered = |transition: Json| {
        let rule = json!({"ID": "r", "Status": "Enabled", "Filter": "", "Transition": transition});
        judged(of_answers(&but("s3:GetBucketLifecycleConfiguration", json!({"Rule": rule}))))
    };
    let moves = |class: &str| json!({"Days": "90", "StorageClass": class});
    assert_eq!(answered(moves("DEEP_ARCHIVE")), Status::Fail);
    assert_eq!(answered(json!([moves("STANDARD_IA"), moves("GLACIER")])), Status::Fail, "the second of several");
    assert_eq!([answered(moves("GLACIER_IR")), answered(json!(""))], [Status::Pass; 2]);
    let recorded = |transitions: Json| {
        let rules =
            json!({"rules": [{"id": "r", "status": "Enabled", "expirationInDays": -1, "transitions": transitions}]});
        let mut newest = Newest::default();
        let configuration = json!({"BucketLifecycleConfiguration": rules});
        let bucket = item("AWS::S3::Bucket", "logs", "OK", json!({"name": "logs"}), configuration);
        newest.add("s:1", Timestamp(1), bucket.as_bytes());
        judged(of_items(&newest))
    };
    assert_eq!(recorded(json!([{"days": 30, "storageClass": "DeepArchive"}])), Status::Fail);
    assert_eq!(recorded(json!([{"days": 30, "storageClass": "GLACIER_IR"}])), Status::Pass);
    assert_eq!(recorded(Json::Null), Status::Pass);
}

#[test]
fn an_item_holds_until_the_next_one_and_what_was_deleted_is_gone() {
    let trail =
        json!({"name": "all", "s3BucketName": "logs", "isMultiRegionTrail": true, "hasCustomEventSelectors": false});
    let bucket = |status: &str| {
        json!({"BucketVersioningConfiguration": {"status": status, "isMfaDeleteEnabled": null},
        "BucketLoggingConfiguration": {"destinationBucketName": null}, "BucketPolicy": {"policyText": null}})
    };
    let mut newest = Newest::default();
    let add = |newest: &mut Newest, record: &str, second: i64, raw: &str| {
        newest.add(record, Timestamp(second), raw.as_bytes())
    };
    add(&mut newest, "s:1", 1, &item("AWS::CloudTrail::Trail", "arn:trail", "OK", trail, json!({})));
    add(
        &mut newest,
        "s:2",
        2,
        &item("AWS::S3::Bucket", "logs", "ResourceDiscovered", json!({"name": "logs"}), bucket("Off")),
    );
    let before = of_items(&newest);
    assert_eq!(status(&before, "s3_evidence_bucket_is_versioned"), Status::Fail);
    assert_eq!(finding(&before, "s3_evidence_bucket_is_versioned").records, ["s:2"]);
    assert_eq!(status(&before, "s3_bucket_access_is_logged"), Status::Fail);
    assert_eq!(status(&before, "cloudtrail_trail_is_multi_region"), Status::Pass);
    assert_eq!(status(&before, "cloudtrail_trail_records_management_events"), Status::Pass);
    // What Config does not record, and what it has no item of.
    for check in [
        "cloudtrail_trail_is_logging",
        "logs_group_is_kept_a_year",
        "eks_cluster_logs_audit",
        "s3_evidence_bucket_is_not_public",
    ] {
        assert_eq!(status(&before, check), Status::NoEvidence, "{check}");
    }
    // A notification has the item in it; an older item that comes late changes nothing.
    let changed = item("AWS::S3::Bucket", "logs", "OK", json!({"name": "logs"}), bucket("Enabled"));
    add(
        &mut newest,
        "s:4",
        4,
        &format!(r#"{{"messageType":"ConfigurationItemChangeNotification","configurationItem":{changed}}}"#),
    );
    add(&mut newest, "s:3", 3, &item("AWS::S3::Bucket", "logs", "OK", json!({"name": "logs"}), bucket("Suspended")));
    assert_eq!(finding(&of_items(&newest), "s3_evidence_bucket_is_versioned").records, ["s:4"]);
    assert_eq!(status(&of_items(&newest), "s3_evidence_bucket_is_versioned"), Status::Pass);
    add(&mut newest, "s:5", 5, &item("AWS::S3::Bucket", "logs", "ResourceDeleted", Json::Null, json!({})));
    let gone = finding(&of_items(&newest), "s3_evidence_bucket_is_versioned");
    assert_eq!(
        (gone.status, gone.subject.as_str()),
        (Status::NoEvidence, "logs"),
        "evidence goes to what is not there"
    );
    for odd in ["", "[]", "{}", r#"{"resourceType":7}"#, r#"{"resourceType":"AWS::EC2::Volume"}"#] {
        let count = newest.len();
        add(&mut newest, "s:6", 6, odd);
        assert_eq!(newest.len(), count, "{odd}");
    }
}

#[test]
fn items_have_what_the_api_has() {
    let mut newest = Newest::default();
    let mut add = |at: i64, text: String| newest.add(&format!("s:{at}"), Timestamp(at), text.as_bytes());
    let cluster = json!({"Name": "shop", "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}, {"Type": "audit"}, {"Type": "authenticator"}]}},
        "ResourcesVpcConfig": {"EndpointPublicAccess": true, "PublicAccessCidrs": ["0.0.0.0/0"]}, "EncryptionConfig": [{"Resources": ["secrets"]}]});
    add(1, item("AWS::EKS::Cluster", "shop", "OK", cluster, json!({})));
    let database = json!({"dBInstanceIdentifier": "orders", "engine": "mariadb", "optionGroupMemberships": [{"optionGroupName": "audited"}],
        "enabledCloudwatchLogsExports": ["audit"], "storageEncrypted": true, "deletionProtection": false});
    add(2, item("AWS::RDS::DBInstance", "db-1", "OK", database, json!({})));
    add(
        3,
        item(
            "AWS::RDS::OptionGroup",
            "audited",
            "OK",
            json!({"OptionGroupName": "audited", "OptionConfigurations": [{"OptionName": "MARIADB_AUDIT_PLUGIN"}]}),
            json!({}),
        ),
    );
    let clustered = json!({"dbclusterIdentifier": "c", "engine": "aurora-postgresql", "dbclusterParameterGroup": "g", "enabledCloudwatchLogsExports": ["postgresql"], "storageEncrypted": true, "deletionProtection": true});
    add(4, item("AWS::RDS::DBCluster", "cluster-1", "OK", clustered, json!({})));
    add(
        5,
        item(
            "AWS::KMS::Key",
            "k",
            "OK",
            json!({"keyManager": "CUSTOMER", "keyState": "Enabled", "enabled": true}),
            json!({"KeyRotationStatus": "true"}),
        ),
    );
    add(
        6,
        item(
            "AWS::Config::ConfigurationRecorder",
            "default",
            "OK",
            json!({"Name": "default", "Recording": true,
        "RecordingGroup": {"AllSupported": true, "IncludeGlobalResourceTypes": true}}),
            json!({}),
        ),
    );
    let looked = of_items(&newest);
    for (check, expected) in [
        ("eks_cluster_logs_audit", Status::Pass),
        ("eks_cluster_encrypts_secrets", Status::Pass),
        ("eks_cluster_endpoint_is_limited", Status::Fail),
        ("rds_database_audits", Status::NoEvidence), // Config does not record the cluster's parameters
        ("rds_database_exports_audit", Status::Pass),
        ("rds_database_is_protected", Status::Fail),
        ("kms_key_rotates", Status::Pass),
        ("kms_key_policy_is_limited", Status::NoEvidence),
        ("config_recorder_is_on", Status::Pass),
        ("config_recorder_records_all", Status::Pass),
        ("config_recorder_delivers", Status::NoEvidence),
    ] {
        assert_eq!(status(&looked, check), expected, "{check}: {:?}", finding(&looked, check));
    }
}

/// The statuses of a check, by its subjects.
fn all_of(answers: &[Answer], check: &str) -> Vec<(&'static str, String)> {
    let check = CHECKS.iter().find(|one| one.id == check).unwrap();
    let judged = judge(&of_answers(answers), &[check]);
    judged[0].findings.iter().map(|one| (one.status.name(), one.subject.clone())).collect()
}

fn organization(content: &str, target: &str) -> Vec<Answer> {
    let policies = json!({"Policies": [{"Id": "p-1", "Name": "keep", "Type": "SERVICE_CONTROL_POLICY"}]});
    let mut all = sound();
    all.extend([
        answer(
            "organizations:DescribeOrganization",
            None,
            json!({"Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}}),
        ),
        answer("organizations:ListPolicies", None, policies),
        answer("organizations:DescribePolicy", Some("p-1"), json!({"Policy": {"Content": content}})),
        answer(
            "organizations:ListTargetsForPolicy",
            Some("p-1"),
            json!({"Targets": [{"TargetId": target, "Type": "ROOT"}]}),
        ),
    ]);
    all
}

/// A denial of what stops trails, with more in its statement.
fn denial(actions: &str, more: &str) -> String {
    format!(r#"{{"Statement": [{{"Effect": "Deny", "Action": {actions}, "Resource": "*"{more}}}]}}"#)
}

#[test]
fn what_an_organization_denies_counts_at_its_root() {
    let check = "organization_denies_stopping_logs";
    let of = |content: &str, target: &str| finding(&of_answers(&organization(content, target)), check);
    let stops =
        r#"["cloudtrail:StopLogging", "cloudtrail:Delete*", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"]"#;
    assert_eq!(of(&denial(stops, ""), "r-1a2b").status, Status::Pass);
    assert_eq!(of(&denial("\"cloudtrail:*\"", ""), "r-1a2b").status, Status::Pass);
    // For a part of it, only some calls, or an allowance, it denies nobody everything.
    assert_eq!(of(&denial(stops, ""), "ou-1a2b-x").status, Status::Fail);
    assert_eq!(of(&denial("\"cloudtrail:StopLogging\"", ""), "r-1a2b").status, Status::Fail);
    assert_eq!(of(&denial(stops, "").replace("Deny", "Allow"), "r-1a2b").status, Status::Fail);
    // Who is exempt is a person's to look at; a condition that holds of hardly anybody denies nothing.
    let exempt = r#", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/keeper"}}"#;
    let exempted = of(&denial(stops, exempt), "r-1a2b");
    assert_eq!((exempted.status, exempted.is_to_review), (Status::Pass, true));
    let rare = r#", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}"#;
    assert_eq!(of(&denial(stops, rare), "r-1a2b").status, Status::Fail);
    let some = denial(stops, "").replace("\"Resource\": \"*\"", "\"Resource\": \"arn:aws:cloudtrail:*:*:trail/all\"");
    assert!(of(&some, "r-1a2b").is_to_review);
    // No policy, no organization, and what may not be seen.
    let whole = organization(&denial(stops, ""), "r-1a2b");
    let with = |call: &str, said: Json| {
        let mut all = whole.clone();
        let found = all.iter_mut().find(|one| one.call == call).unwrap();
        *found = answer(call, found.of.clone().as_deref(), said);
        all_of(&all, check)[0].0
    };
    assert_eq!(with("organizations:ListPolicies", json!({"Policies": []})), "fail");
    assert_eq!(with("organizations:DescribeOrganization", json!("absent")), "not_applicable");
    for call in ["DescribeOrganization", "ListPolicies", "DescribePolicy", "ListTargetsForPolicy"] {
        assert_eq!(with(&format!("organizations:{call}"), refused()), "no_evidence", "{call}");
    }
}

#[test]
fn a_trail_of_the_organization_records_all_of_it() {
    let check = "organization_trail_records_all_accounts";
    let with = |is: Json, call: &str, said: Json| {
        let mut all = organization("{}", "r-1");
        for one in &mut all {
            if one.call == "cloudtrail:DescribeTrails" {
                let arn = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/all";
                let trail = json!({"Name": "all", "TrailARN": arn, "S3BucketName": "logs", "IsMultiRegionTrail": true, "IsOrganizationTrail": is});
                *one = answer(&one.call.clone(), None, json!({"trailList": [trail]}));
            }
            if one.call == call {
                *one = answer(call, one.of.clone().as_deref(), said.clone());
            }
        }
        all_of(&all, check)[0].0
    };
    assert_eq!(with(json!(true), "", json!({})), "pass");
    assert_eq!(with(json!(false), "", json!({})), "fail");
    assert_eq!(with(json!(true), "cloudtrail:GetTrailStatus", json!({"IsLogging": false})), "fail");
    assert_eq!(with(json!(true), "cloudtrail:GetTrailStatus", refused()), "no_evidence");
    assert_eq!(with(json!(true), "cloudtrail:DescribeTrails", refused()), "no_evidence");
}

#[test]
fn a_trail_of_another_organization_records_nothing_of_this() {
    let check = "organization_trail_records_all_accounts";
    let other = "222233334444";
    let mut all = organization("{}", "r-1");
    for one in all.iter_mut().filter(|one| one.call == "cloudtrail:DescribeTrails") {
        let arn = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/all";
        let trail = json!({"Name": "all", "TrailARN": arn, "S3BucketName": "logs", "IsMultiRegionTrail": true, "IsOrganizationTrail": true});
        *one = answer(&one.call.clone(), None, json!({"trailList": [trail]}));
    }
    let of_other = |call: &str, said: Json| Answer { account: other.to_owned(), ..answer(call, None, said) };
    let describe = json!({"Organization": {"Id": "o-2", "MasterAccountId": other}});
    all.push(of_other("organizations:DescribeOrganization", describe.clone()));
    all.push(of_other("cloudtrail:DescribeTrails", json!({"trailList": []})));
    let said = |all: &[Answer]| all_of(all, check).into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(said(&all), ["fail", "pass"], "the other has none");
    // A member of the first sees its trail, and is in it.
    let member = json!({"Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}});
    for one in all.iter_mut().filter(|one| one.account == other && one.call == "organizations:DescribeOrganization") {
        *one = of_other("organizations:DescribeOrganization", member.clone());
    }
    assert_eq!(said(&all), ["pass"]);
}

#[test]
fn who_may_do_everything_by_policies_of_aws_is_counted_and_named() {
    let admin = json!({"member": {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}});
    let users: Vec<Json> = ["aiko", "ken"]
        .map(|name| json!({"UserName": name, "Arn": format!("arn:{name}"), "AttachedManagedPolicies": admin}))
        .into();
    let member =
        json!({"UserName": "mei", "Arn": "arn:mei", "GroupList": {"member": "power"}, "AttachedManagedPolicies": ""});
    let roles = |count: usize| -> Vec<Json> {
        let role = |at: usize| json!({"RoleName": format!("r{at}"), "Arn": format!("arn:r{at}"), "AttachedManagedPolicies": admin});
        let own =
            json!({"RoleName": "s", "Arn": "arn:aws:iam::1:role/aws-service-role/x", "AttachedManagedPolicies": admin});
        (0..count).map(role).chain([own]).collect()
    };
    let group = json!({"GroupName": "power", "Arn": "arn:power", "AttachedManagedPolicies": {"member": {"PolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}}});
    let details = |count: usize| {
        json!({"UserDetailList": {"member": [users[0], users[1], member]}, "GroupDetailList": {"member": group},
            "RoleDetailList": {"member": roles(count)}})
    };
    let report = json!({"Content": "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n\
        aiko,arn:aiko,true,true,false,false\nken,arn:ken,true,false,false,false\n"});
    let of = |count: usize, report: Json| {
        let answers = [
            answer("iam:GetAccountAuthorizationDetails", None, details(count)),
            answer("iam:GetAccountSummary", None, json!({"SummaryMap": {"entry": []}})),
            answer("iam:GetCredentialReport", None, report),
        ];
        all_of(&answers, "iam_administrators_are_few")
    };
    let whole = format!("arn:aws:iam::{ACCOUNT}:account");
    let found = of(2, report.clone());
    assert_eq!(found[0], ("fail", "arn:ken".to_owned()), "without a second factor: {found:?}");
    assert!(found.contains(&("no_evidence", "arn:mei".to_owned())), "of whom the report says nothing: {found:?}");
    assert!(found.contains(&("pass", "arn:aiko".to_owned())) && found.contains(&("pass", whole.clone())), "{found:?}");
    assert_eq!(found.len(), 6, "a role of a service is nobody's: {found:?}");
    assert!(of(3, report).contains(&("fail", whole)), "six are many");
    let refused = [answer("iam:GetAccountAuthorizationDetails", None, refused())];
    assert_eq!(all_of(&refused, "iam_administrators_are_few")[0].0, "no_evidence");
}

#[test]
fn what_watches_and_what_passes_on() {
    let arn = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/all";
    let insights = |said: Json| {
        all_of(&[answer("cloudtrail:GetInsightSelectors", Some(arn), said)], "cloudtrail_trail_has_insights")[0].0
    };
    let kinds = |kinds: &[&str]| json!({"InsightSelectors": kinds.iter().map(|kind| json!({"InsightType": kind})).collect::<Vec<_>>()});
    assert_eq!(insights(kinds(&["ApiCallRateInsight", "ApiErrorRateInsight"])), "pass");
    assert_eq!(insights(kinds(&["ApiCallRateInsight"])), "fail");
    assert_eq!((insights(json!("absent")), insights(json!({})), insights(refused())), ("fail", "fail", "no_evidence"));

    let filters = |said: Json| {
        all_of(&[answer("logs:DescribeSubscriptionFilters", Some("audit"), said)], "logs_subscription_passes_all")[0].0
    };
    let filter = |pattern: &str| json!({"filterName": "f", "filterPattern": pattern, "destinationArn": "arn:d"});
    assert_eq!(filters(json!({"subscriptionFilters": [filter("ERROR"), filter("")]})), "pass");
    assert_eq!(filters(json!({"subscriptionFilters": [filter("ERROR")]})), "fail");
    assert_eq!((filters(json!({"subscriptionFilters": []})), filters(refused())), ("not_applicable", "no_evidence"));

    let hub = |said: Json, standards: Json, check: &str| {
        let all =
            [answer("securityhub:DescribeHub", None, said), answer("securityhub:GetEnabledStandards", None, standards)];
        all_of(&all, check)[0].0
    };
    let on = || json!({"HubArn": "arn:hub"});
    let follows = |standard: &str, status: &str| json!({"StandardsSubscriptions": [{"StandardsArn": standard, "StandardsStatus": status}]});
    let fsbp = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0";
    assert_eq!(hub(on(), json!({}), "securityhub_hub_is_on"), "pass");
    assert_eq!(hub(json!("absent"), json!({}), "securityhub_hub_is_on"), "fail");
    assert_eq!(hub(refused(), json!({}), "securityhub_hub_is_on"), "no_evidence");
    assert_eq!(hub(on(), follows(fsbp, "READY"), "securityhub_hub_follows_fsbp"), "pass");
    assert_eq!(hub(on(), follows(fsbp, "DELETING"), "securityhub_hub_follows_fsbp"), "fail");
    assert_eq!(
        hub(on(), follows("arn:aws:securityhub:::ruleset/cis/v/1.2.0", "READY"), "securityhub_hub_follows_fsbp"),
        "fail"
    );
    assert_eq!(hub(on(), refused(), "securityhub_hub_follows_fsbp"), "no_evidence");
}

#[test]
fn an_account_blocks_public_access_for_its_buckets_and_what_is_not_known_blocks_nothing() {
    let with = |said: Json| {
        let mut all = but("s3:GetPublicAccessBlock", json!("absent"));
        all.push(answer("s3control:GetPublicAccessBlock", None, said));
        (
            all_of(&all, "s3_account_blocks_public_access")[0].0,
            status(&of_answers(&all), "s3_evidence_bucket_blocks_public_access"),
        )
    };
    let blocks = |last: &str| json!({"BlockPublicAcls": "true", "IgnorePublicAcls": "true", "BlockPublicPolicy": "true", "RestrictPublicBuckets": last});
    assert_eq!(with(blocks("true")), ("pass", Status::Pass));
    assert_eq!(with(blocks("false")), ("fail", Status::Fail));
    assert_eq!(with(json!("absent")), ("fail", Status::Fail));
    // Where the account may block it, a bucket that does not is not known to be open.
    assert_eq!(with(refused()), ("no_evidence", Status::NoEvidence));
}

#[test]
fn a_finding_says_where_it_is_and_what_a_refusal_hides() {
    let finding_of = |answers: &[Answer], check: &str| finding(&of_answers(answers), check);
    let here = finding_of(&sound(), "s3_evidence_bucket_is_versioned");
    assert_eq!((here.place.as_deref(), &here.hides), (Some(ACCOUNT), &Hides::Nothing), "a bucket is the account's");
    let trail = finding_of(&sound(), "cloudtrail_trail_is_logging");
    assert_eq!(trail.place, Some(format!("{ACCOUNT} ap-northeast-1")));
    let region = Hides::Place(format!("{ACCOUNT} ap-northeast-1"));
    let refuses = |call: &str| but(call, refused());
    assert_eq!(finding_of(&refuses("cloudtrail:DescribeTrails"), "cloudtrail_trail_is_logging").hides, region);
    assert_eq!(
        finding_of(&refuses("s3:ListBuckets"), "s3_bucket_access_is_logged").hides,
        Hides::Place(ACCOUNT.to_owned())
    );
    // Where evidence goes is not known then: it may go anywhere.
    assert_eq!(finding_of(&refuses("cloudtrail:DescribeTrails"), "s3_evidence_bucket_is_versioned").hides, Hides::All);
    let places: Vec<String> = of_answers(&sound()).place_texts().into_iter().collect();
    assert_eq!(places, [ACCOUNT.to_owned(), format!("{ACCOUNT} ap-northeast-1")]);
    // A report of credentials that cannot be read has users that nobody knows.
    let odd = [answer("iam:GetCredentialReport", None, json!({"Content": "!!"}))];
    assert_eq!(all_of(&odd, "iam_user_has_mfa")[0].0, "no_evidence");
}
