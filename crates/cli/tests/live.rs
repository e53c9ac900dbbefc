//! The settings of accounts, as AWS answers (moto plays it) and as AWS Config recorded them: an account as it should be, one as it should
//! not be, one in which nothing is, one call that is refused; and mended, what failed passes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws::Cloud;
use aws::front::{NOTHING, front};
use serde_json::{Value, json};
use site::{Answer, Site};

impl Cloud {
    /// Looks at an account.
    fn look(&self, site: &Site, account: &str, more: &[&str]) -> Answer {
        look_at(site, &self.moto.endpoint(), account, more)
    }
}

/// An account that no other test uses.
fn account() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{:012}", 100_000_000_000 + since % 900_000_000_000)
}

fn look_at(site: &Site, endpoint: &str, account: &str, more: &[&str]) -> Answer {
    let role = format!("arn:aws:iam::{account}:role/look");
    let mut command =
        site.command(&[&["check", "--live", "--role", &role, "--region", "us-east-1", "-o", "json"], more].concat());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_REGION", "us-east-1").env_remove("AWS_PROFILE").env_remove("AWS_ENDPOINT_URL_S3");
    if !site.vault().exists() {
        command.env_remove("SHOSEKI_VAULT");
    }
    Site::finish(command)
}

/// How each check stands.
fn statuses(report: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["checks"].as_array().unwrap().iter().map(|check| (text(&check["id"]), text(&check["status"]))).collect()
}

fn which(statuses: &BTreeMap<String, String>, status: &str) -> Vec<String> {
    statuses.iter().filter(|(_, is)| *is == status).map(|(id, _)| id.clone()).collect()
}

#[test]
fn an_account_as_it_should_be_one_as_it_should_not_and_one_in_which_nothing_is() {
    let Some(cloud) = Cloud::of("live settings") else { return };
    let site = Site::empty();
    let (sound, bad, empty) = (account(), account(), account());
    cloud.make(&sound, "sound");
    // Which standards Security Hub follows moto does not tell: who stands before it does.
    let passed = look_at(&site, &front(&cloud.moto.endpoint(), NOTHING), &sound, &[]).report(1);
    let all = statuses(&passed);
    // A life cycle and Object Lock each take the place of MFA delete, which moto does not know; and no vault lies in a bucket.
    let beside = ["s3_evidence_bucket_has_mfa_delete", "s3_vault_bucket_keeps_objects"];
    assert_eq!(which(&all, "not_applicable"), beside);
    // Nor can moto give root a second factor.
    assert_eq!(which(&all, "fail"), ["iam_user_has_mfa"]);
    assert_eq!(which(&all, "pass").len(), all.len() - beside.len() - 1, "{all:?}");
    assert!(all.len() >= 40, "{all:?}");
    assert_eq!(passed["settings"]["places"], json!([format!("{sound} us-east-1")]));
    // Without a vault nothing is kept, and that is said.
    assert_eq!((&passed["settings"]["sealed"], &passed["recorded"]), (&Value::Null, &json!(false)));
    let notes = passed["settings"]["notes"].to_string();
    assert!(notes.contains("no vault is named"), "{notes}");

    cloud.make(&bad, "bad");
    let all = statuses(&cloud.look(&site, &bad, &[]).report(1));
    // No key of moto's can be old: what judges these is tried with reports of credentials.
    let others = [
        "iam_user_is_in_use",
        "iam_user_keys_are_young",
        "s3_bucket_can_take_access_logs",
        "s3_evidence_bucket_has_mfa_delete",
        "s3_vault_bucket_keeps_objects",
        "securityhub_hub_follows_fsbp",
    ];
    assert_eq!(which(&all, "not_applicable"), others);
    assert_eq!(which(&all, "pass"), ["iam_administrators_are_few", "iam_root_has_no_keys"]);
    assert_eq!(which(&all, "fail").len(), all.len() - others.len() - 2, "{all:?}");

    let all = statuses(&cloud.look(&site, &empty, &[]).report(1));
    let missing = [
        "cloudtrail_trail_is_logging",
        "config_recorder_is_on",
        "guardduty_detector_is_on",
        "iam_user_has_mfa",
        "s3_account_blocks_public_access",
        "securityhub_hub_is_on",
    ];
    assert_eq!(which(&all, "fail"), missing);
    let pass = ["iam_administrators_are_few", "iam_root_has_no_keys"];
    assert_eq!(which(&all, "pass"), pass);
    assert_eq!(which(&all, "not_applicable").len(), all.len() - 8, "{all:?}");

    // Two accounts in one run: what fails in one is not hidden by the other.
    let role = format!("arn:aws:iam::{sound}:role/look");
    let both = cloud.look(&site, &bad, &["--role", &role, "--check", "s3_evidence_bucket_is_versioned"]).report(1);
    let found = both["checks"][0]["findings"].as_array().unwrap();
    let found: Vec<&str> = found.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(found, ["fail", "pass", "pass"]);

    // What is mended as it says passes.
    cloud.make(&bad, "mended");
    let mended = statuses(&cloud.look(&site, &bad, &[]).report(1));
    for check in [
        "cloudtrail_trail_is_logging",
        "logs_group_is_kept_a_year",
        "s3_evidence_bucket_is_versioned",
        "s3_evidence_bucket_blocks_public_access",
        "s3_evidence_bucket_demands_tls",
        "s3_evidence_bucket_denies_deletion",
        "s3_evidence_bucket_is_not_public",
        "s3_evidence_bucket_access_is_listed",
    ] {
        assert_eq!(mended[check], "pass", "{check}");
    }
}

#[test]
fn what_was_answered_is_sealed_and_findings_name_its_records() {
    let Some(cloud) = Cloud::of("answers as records") else { return };
    let site = Site::with_vault(&[]);
    let account = account();
    cloud.make(&account, "bad");
    let report = cloud.look(&site, &account, &["--check", "s3_evidence_bucket_is_versioned"]).report(1);
    let finding = &report["checks"][0]["findings"][0];
    assert_eq!(finding["origin"]["call"], "s3:GetBucketVersioning");
    let record = finding["origin"]["record"].as_str().unwrap();
    assert_eq!(finding["records"], json!([record]));
    assert_eq!(report["settings"]["sealed"], report["settings"]["answers"]);
    // The record is what S3 said of this bucket, and there is a proof of it.
    let question =
        "filter action = \"inventory.answer\" and details.call = \"s3:GetBucketVersioning\" | fields @message, @ptr";
    let rows = site.run(&["query", question, "--source", "shoseki", "-o", "json"]).report(0);
    let row = rows.as_array().unwrap().iter().find(|row| row["@ptr"] == record).unwrap();
    let event: Value = serde_json::from_str(row["@message"].as_str().unwrap()).unwrap();
    assert_eq!(event["details"]["of"], format!("logs-{account}"));
    assert_eq!((&event["details"]["account"], &event["details"]["region"]), (&json!(account), &json!("us-east-1")));
    assert_eq!(event["details"]["answer"], json!(""));
    assert_eq!(site.run(&["prove", record]).code, Some(0));
    // What signs a call is in none of them.
    let all = site.run(&[
        "query",
        "filter action = \"inventory.answer\" | fields @message",
        "--source",
        "shoseki",
        "-o",
        "json",
    ]);
    assert!(
        all.out.contains("DescribeTrails") && !all.out.contains("SecretAccessKey") && !all.out.contains("SessionToken")
    );
    // Again, all of it is asked and kept again: it is another moment.
    let again = cloud.look(&site, &account, &["--check", "s3_evidence_bucket_is_versioned"]).report(1);
    assert_ne!(again["checks"][0]["findings"][0]["origin"]["record"], record);
    site.assert_intact();
    // A framework is judged by the evidence and by the settings together.
    let whole = cloud.look(&site, &account, &["--framework", "pci-dss"]).report(1);
    let requirements = whole["frameworks"][0]["requirements"].as_array().unwrap();
    let logs = requirements.iter().find(|one| one["number"] == "10.2.1").unwrap();
    let ids: Vec<&str> = logs["checks"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"cloudtrail_trail_is_logging") && ids.contains(&"evidence_cloudtrail_arrived"), "{ids:?}");
    // Later, and for the auditor, settings are judged by what was sealed, and nobody is asked.
    let sealed = |report: &Value| {
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|one| one["id"] == "s3_evidence_bucket_is_versioned").unwrap();
        let finding = &check["findings"][0];
        assert_eq!(
            (&finding["status"], &finding["origin"]["call"]),
            (&json!("fail"), &json!("s3:GetBucketVersioning"))
        );
        assert_eq!(finding["records"], json!([finding["origin"]["record"]]));
        let requirements = report.get("frameworks").map_or(&report["requirements"], |all| &all[0]["requirements"]);
        let kept = requirements.as_array().unwrap().iter().find(|one| one["number"] == "10.3.2").unwrap();
        assert!(!kept["settings_not_looked_at"].to_string().contains("s3_evidence"), "{kept}");
    };
    sealed(&site.run(&["check", "--framework", "pci-dss", "--json"]).report(1));
    let report = site.run(&["report", "--framework", "pci-dss", "--from", "-30d", "--format", "json"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    sealed(&serde_json::from_str(&report.out).unwrap());
}

#[test]
fn a_requirement_whose_settings_nobody_looked_at_does_not_pass() {
    // Two requirements of one check that passes; the second has one of settings beside.
    let framework = "id: own\ntitle: {en: Ours, ja: 社内}\nattach: Ours\nrequirements:\n  - number: \"1\"\n    title: {en: a, ja: 甲}\n    \
                     asks: {en: a, ja: 甲}\n    whose: customer\n    checks: [vault_is_anchored]\n  - number: \"2\"\n    title: {en: b, ja: 乙}\n    \
                     asks: {en: b, ja: 乙}\n    whose: customer\n    checks: [vault_is_anchored, kms_key_rotates]\n";
    let site = Site::with_vault(&[]);
    let file = site.write("own.yaml", framework);
    let anchor = site.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    assert_eq!(site.run(&["anchor", "add", anchor.to_str().unwrap()]).code, Some(0));
    let said = site.run(&["check", "--framework-file", &file, "--json"]).report(4);
    let of = |at: usize| said["frameworks"][0]["requirements"][at]["status"].clone();
    assert_eq!([of(0), of(1)], [json!("pass"), json!("no_evidence")]);
    assert_eq!(said["frameworks"][0]["requirements"][1]["settings_not_looked_at"], json!(["kms_key_rotates"]));
}

#[test]
fn what_is_refused_is_no_evidence_and_the_rest_is_judged() {
    let Some(cloud) = Cloud::of("refused calls") else { return };
    let site = Site::empty();
    let account = account();
    cloud.make(&account, "sound");
    for (refuses, right, checks) in [
        (
            "CloudTrail_20131101.DescribeTrails",
            "cloudtrail:DescribeTrails",
            &["cloudtrail_trail_is_logging", "s3_evidence_bucket_is_versioned"][..],
        ),
        ("CloudTrail_20131101.GetTrailStatus", "cloudtrail:GetTrailStatus", &["cloudtrail_trail_is_logging"]),
        ("max-buckets", "s3:ListAllMyBuckets", &["s3_bucket_access_is_logged", "s3_evidence_bucket_demands_tls"]),
        ("?encryption", "s3:GetEncryptionConfiguration", &["s3_evidence_bucket_is_encrypted_by_kms"]),
        ("TrentService.GetKeyRotationStatus", "kms:GetKeyRotationStatus", &["kms_key_rotates"]),
        ("DescribeDeliveryChannels", "config:DescribeDeliveryChannels", &["config_recorder_delivers"]),
        ("DescribeLogGroups", "logs:DescribeLogGroups", &["logs_group_is_kept_a_year"]),
        ("GET /clusters/shop", "eks:DescribeCluster", &["eks_cluster_logs_audit"]),
        ("Action=DescribeDBParameters", "rds:DescribeDBParameters", &["rds_database_audits"]),
        ("GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", &["iam_policy_is_not_all"]),
        ("GET /detector", "guardduty:ListDetectors", &["guardduty_detector_is_on"]),
        ("GetInsightSelectors", "cloudtrail:GetInsightSelectors", &["cloudtrail_trail_has_insights"]),
        ("DescribeSubscriptionFilters", "logs:DescribeSubscriptionFilters", &["logs_subscription_passes_all"]),
        ("/v20180820/", "s3:GetAccountPublicAccessBlock", &["s3_account_blocks_public_access"]),
        ("GET /accounts", "securityhub:DescribeHub", &["securityhub_hub_is_on", "securityhub_hub_follows_fsbp"]),
        ("/standards/get", "securityhub:GetEnabledStandards", &["securityhub_hub_follows_fsbp"]),
        (
            "DescribeOrganization",
            "organizations:DescribeOrganization",
            &["organization_trail_records_all_accounts", "organization_denies_stopping_logs"],
        ),
        (".ListPolicies", "organizations:ListPolicies", &["organization_denies_stopping_logs"]),
        ("ListTargetsForPolicy", "organizations:ListTargetsForPolicy", &["organization_denies_stopping_logs"]),
        (".DescribePolicy", "organizations:DescribePolicy", &["organization_denies_stopping_logs"]),
        ("Action=GetAccountSummary", "iam:GetAccountSummary", &["iam_root_has_no_keys", "iam_user_has_mfa"]),
    ] {
        // Root has no second factor in moto, so that the run fails by that alone.
        let is_root_unknown = refuses.ends_with("GetAccountSummary");
        let code = if is_root_unknown { 4 } else { 1 };
        let report = look_at(&site, &front(&cloud.moto.endpoint(), refuses), &account, &[]).report(code);
        let all = statuses(&report);
        for check in checks {
            assert_eq!(all[*check], "no_evidence", "{refuses}: {check}");
            let its = report["checks"].as_array().unwrap().iter().find(|one| one["id"] == *check).unwrap();
            let why = its["findings"][0]["what"]["en"].as_str().unwrap();
            assert!(why.contains(right), "{check}: {why}");
        }
        let failed = which(&all, "fail");
        assert!(
            failed.iter().all(|check| check == "iam_user_has_mfa") && failed.is_empty() == is_root_unknown,
            "{refuses}: {failed:?}"
        );
        assert!(which(&all, "pass").len() > all.len() / 3, "{refuses}: {all:?}");
    }
}

#[test]
fn a_role_that_cannot_be_taken_hides_nothing_of_the_others() {
    let Some(cloud) = Cloud::of("a role that cannot be assumed") else { return };
    let site = Site::empty();
    let account = account();
    cloud.make(&account, "sound");
    let refused = front(&cloud.moto.endpoint(), "999999999999");
    let check = ["--check", "cloudtrail_trail_is_logging"];
    let all = ["--role", "arn:aws:iam::999999999999:role/look"];
    let report = look_at(&site, &refused, &account, &[check, all].concat()).report(4);
    let found = report["checks"][0]["findings"].as_array().unwrap();
    let found: Vec<_> =
        found.iter().map(|one| (one["status"].as_str().unwrap(), one["subject"].as_str().unwrap())).collect();
    assert_eq!(found[0], ("no_evidence", "arn:aws:iam::999999999999:role/look"));
    assert_eq!(found[1].0, "pass");
    // Where there is no other, nothing was looked at.
    let alone = look_at(&site, &refused, "999999999999", &[]);
    assert_eq!(alone.code, Some(3), "{alone:?}");
}

#[test]
fn the_policy_is_printed_without_a_call() {
    let site = Site::empty();
    let mut command = site.command(&["check", "--live", "--print-policy"]);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("SHOSEKI_VAULT");
    let policy = Site::finish(command).report(0);
    let rights = policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(rights.contains(&json!("s3:GetEncryptionConfiguration")) && rights.len() > 30, "{policy}");
    let wrong = site.run(&["check", "--live", "--aws-config"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

fn item((day, kind, id): (u32, &str, &str), status: &str, configuration: Value, more: Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": format!("2026-03-0{day}T10:00:00.000Z"),
        "configurationStateId": day, "awsAccountId": "111122223333", "configurationItemStatus": status, "resourceType": kind,
        "resourceId": id, "resourceName": id, "ARN": format!("arn:aws:x:::{id}"), "awsRegion": "ap-northeast-1",
        "configuration": configuration, "supplementaryConfiguration": more, "tags": {}, "relatedEvents": [], "relationships": [],
    })
}

#[test]
fn what_aws_config_recorded_is_judged_as_of_a_day() {
    let site = Site::with_vault(&[]);
    let bucket =
        |status: &str| json!({"BucketVersioningConfiguration": {"status": status, "isMfaDeleteEnabled": null}});
    let (kind, trail) = ("AWS::S3::Bucket", json!({"name": "all", "s3BucketName": "logs", "isMultiRegionTrail": true}));
    let cluster = |public: bool| json!({"Name": "shop", "ResourcesVpcConfig": {"EndpointPublicAccess": public}});
    let items = json!({"fileVersion": "1.0", "configurationItems": [
        item((2, "AWS::CloudTrail::Trail", "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/all"), "OK", trail, json!({})),
        item((3, kind, "logs"), "ResourceDiscovered", json!({"name": "logs"}), bucket("Off")),
        item((4, "AWS::EKS::Cluster", "shop"), "OK", cluster(true), json!({})),
        item((6, kind, "logs"), "OK", json!({"name": "logs"}), bucket("Enabled")),
        item((7, "AWS::EKS::Cluster", "shop"), "ResourceDeleted", Value::Null, json!({})),
    ]});
    let file = site.write("in/history.json", items.to_string());
    assert_eq!(site.run(&["ingest", "config", &file]).code, Some(0));
    let check = |as_of: &[&str], check: &str| {
        let answer = site.run(&[&["check", "--aws-config", "--check", check, "-o", "json"], as_of].concat());
        let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        let finding = report["checks"][0]["findings"][0].clone();
        (finding["status"].as_str().unwrap().to_owned(), finding["records"].clone(), report)
    };
    let versioned = "s3_evidence_bucket_is_versioned";
    let (before, proof, report) = check(&["--as-of", "2026-03-05"], versioned);
    assert_eq!(before, "fail");
    assert_eq!(report["settings"]["as_of"], "2026-03-06T00:00:00Z", "a day is meant to its end");
    // The finding names the record of its item, which can be proved.
    assert_eq!(site.run(&["prove", proof[0].as_str().unwrap()]).code, Some(0));
    let (after, other, _) = check(&["--as-of", "2026-03-06"], versioned);
    assert_eq!((after.as_str(), other != proof), ("pass", true));
    assert_eq!(check(&[], versioned).0, "pass");
    // Before there was an item, nothing is known; nor is what Config does not record.
    assert_eq!(check(&["--as-of", "2026-03-01"], versioned).0, "no_evidence");
    assert_eq!(check(&[], "cloudtrail_trail_is_logging").0, "no_evidence");
    assert_eq!(check(&[], "logs_group_is_kept_a_year").0, "no_evidence");
    // What was deleted is gone.
    assert_eq!(check(&["--as-of", "2026-03-06"], "eks_cluster_endpoint_is_limited").0, "fail");
    assert_eq!(check(&[], "eks_cluster_endpoint_is_limited").0, "no_evidence");
}
