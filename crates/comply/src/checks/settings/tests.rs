//! What is absent is the service's default, and what is unknown passes nothing, for each kind.

use shoseki_messages::msg;

use super::*;
use crate::checks::{CHECKS, judge_settings};
use crate::settings::*;

fn unknown<T>() -> Fact<T> {
    Fact::Unknown(msg!("iac-after-apply"))
}

fn target(name: &str) -> Fact<Target> {
    Fact::Known(Target(name.to_owned()))
}

fn estate(all: Vec<Facts>) -> Estate {
    let origin = Origin::File { path: "a.tf".to_owned(), line: 1 };
    let one = |(at, facts): (usize, Facts)| Resource::new(format!("r{at}"), origin.clone(), facts);
    let mut estate = Estate::of(all.into_iter().enumerate().map(one).collect(), Vec::new());
    let bucket = estate.of_kind(Kind::Bucket).next().map(|bucket| bucket.name.clone());
    bucket.iter().for_each(|bucket| estate.keep_vault(bucket));
    estate
}

/// The statuses of all findings, by check.
fn statuses(all: Vec<Facts>) -> Vec<(String, Status)> {
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.is_of_settings()).collect();
    let estate = estate(all);
    let judged = judge_settings(&estate, &checks);
    let each = |judged: &Judged<'_>| {
        judged.findings.iter().map(|finding| (judged.check.id.to_string(), finding.status)).collect::<Vec<_>>()
    };
    judged.iter().flat_map(each).collect()
}

/// Resources of which nothing is known.
fn all_unknown() -> Vec<Facts> {
    vec![
        Trail {
            name: unknown(),
            bucket: target("r1"),
            key: unknown(),
            log_group: unknown(),
            is_multi_region: unknown(),
            has_global_services: unknown(),
            validates_files: unknown(),
            is_logging: unknown(),
            selectors: unknown(),
        }
        .into(),
        Bucket {
            name: unknown(),
            is_versioned: unknown(),
            has_mfa_delete: unknown(),
            encryption: unknown(),
            public_access: unknown(),
            logs_to: target("r2"),
            lifecycle: unknown(),
            policy: unknown(),
            lock: unknown(),
            replicates_to: unknown(),
            acl: unknown(),
        }
        .into(),
        Bucket {
            is_versioned: unknown(),
            encryption: Fact::Known(Encryption { algorithm: unknown(), key: unknown() }),
            public_access: Fact::Known(PublicAccess {
                blocks_acls: unknown(),
                ignores_acls: unknown(),
                blocks_policy: unknown(),
                restricts: unknown(),
            }),
            lifecycle: Fact::Known(vec![LifecycleRule { is_enabled: unknown(), ..LifecycleRule::default() }]),
            policy: Fact::Known(Policy { statements: Vec::new(), unknown: Some(msg!("iac-after-apply")) }),
            ..Bucket::default()
        }
        .into(),
        Bucket { logs_to: unknown(), ..Bucket::default() }.into(),
        Key {
            rotates: unknown(),
            rotation_days: unknown(),
            spec: unknown(),
            policy: unknown(),
            is_pending_deletion: unknown(),
            is_enabled: unknown(),
        }
        .into(),
        Recorder { name: unknown(), is_all: unknown(), has_global: unknown(), is_recording: unknown() }.into(),
        Channel { name: unknown(), bucket: unknown() }.into(),
        LogGroup { name: Fact::Known("audit".to_owned()), retention: unknown(), key: unknown() }.into(),
        Cluster {
            name: unknown(),
            log_types: unknown(),
            encrypts_secrets: unknown(),
            is_public: unknown(),
            public_from: unknown(),
        }
        .into(),
        Database {
            engine: Fact::Known("mariadb".to_owned()),
            exports: unknown(),
            parameters: unknown(),
            options: unknown(),
            is_encrypted: unknown(),
            is_protected: unknown(),
            ..Database::default()
        }
        .into(),
        Database { engine: unknown(), is_encrypted: unknown(), is_protected: unknown(), ..Database::default() }.into(),
        IamPolicy { name: unknown(), document: unknown(), is_of_aws: false }.into(),
        IamPolicy {
            document: Fact::Known(Policy { statements: Vec::new(), unknown: Some(msg!("iac-after-apply")) }),
            ..IamPolicy::default()
        }
        .into(),
        IamRole { name: unknown(), trust: unknown(), managed: unknown() }.into(),
        Detector { is_enabled: unknown() }.into(),
        unknown_user(true).into(),
        unknown_user(false).into(),
        KubernetesRole { is_cluster: true, rules: unknown() }.into(),
        Falco { is_json: unknown(), posts: unknown(), has_sidekick: unknown() }.into(),
    ]
}

fn unknown_user(is_root: bool) -> IamUser {
    IamUser {
        is_root,
        has_password: unknown(),
        has_mfa: unknown(),
        active_keys: unknown(),
        idle_days: unknown(),
        key_days: unknown(),
        ..IamUser::default()
    }
}

/// What only an account has, of which nothing is known.
fn of_accounts_unknown() -> Vec<Facts> {
    vec![
        AccountPublicAccess {
            access: PublicAccess {
                blocks_acls: unknown(),
                ignores_acls: unknown(),
                blocks_policy: unknown(),
                restricts: unknown(),
            },
        }
        .into(),
        Insights { types: unknown() }.into(),
        Subscriptions { group: "audit".to_owned(), all: unknown() }.into(),
        Organization { management: unknown(), trails: unknown(), policies: unknown() }.into(),
        Hub { is_enabled: unknown(), standards: unknown() }.into(),
        Administrators { all: unknown() }.into(),
    ]
}

#[test]
fn what_is_unknown_passes_nothing() {
    let found = statuses([all_unknown(), of_accounts_unknown()].concat());
    for (check, status) in &found {
        // That access goes somewhere is known there; that a bucket takes access logs excludes SSE-KMS, whatever else is.
        let is_known =
            matches!(check.as_str(), "s3_bucket_access_is_logged" | "s3_evidence_bucket_is_encrypted_by_kms");
        assert!(
            is_known || *status == Status::NoEvidence || *status == Status::NotApplicable || *status == Status::Fail,
            "`{check}`: {status:?}"
        );
        assert!(*status != Status::Pass || is_known, "`{check}` passes what is unknown");
    }
    let seen: std::collections::BTreeSet<&str> = found.iter().map(|(check, _)| check.as_str()).collect();
    let by_itself = ["plan_keeps_evidence", "k8s_audit_policy_records"];
    for check in CHECKS.iter().filter(|check| check.is_of_settings() && !by_itself.contains(&check.id.as_ref())) {
        assert!(seen.contains(check.id.as_ref()), "`{}` says nothing of what is unknown", check.id);
        let is_open = found.iter().any(|(id, status)| *id == check.id && *status == Status::NoEvidence);
        assert!(is_open, "`{}` never says that it does not know", check.id);
    }
}

#[test]
fn what_is_absent_is_what_the_service_does_by_itself() {
    let trail = Trail { bucket: target("r1"), ..Trail::default() };
    let group = LogGroup { name: Fact::Known("audit".to_owned()), ..LogGroup::default() };
    let found = statuses(vec![
        trail.into(),
        Bucket::default().into(),
        Key::default().into(),
        group.into(),
        Cluster::default().into(),
        Database { engine: Fact::Known("postgres".to_owned()), ..Database::default() }.into(),
        Detector::default().into(),
        Falco::default().into(),
    ]);
    let of = |id: &str| found.iter().find(|(check, _)| check == id).map(|(_, status)| *status);
    for id in [
        "cloudtrail_trail_is_logging",
        "cloudtrail_trail_records_global_services",
        "cloudtrail_trail_records_management_events",
        "s3_evidence_bucket_is_kept_a_year",
        "s3_evidence_bucket_is_not_public",
        "kms_key_policy_is_limited",
        "kms_key_is_usable",
        "logs_group_is_kept_a_year",
        "guardduty_detector_is_on",
    ] {
        assert_eq!(of(id), Some(Status::Pass), "{id}");
    }
    for id in [
        "cloudtrail_trail_is_multi_region",
        "cloudtrail_trail_validates_files",
        "cloudtrail_trail_records_data_events",
        "s3_evidence_bucket_is_versioned",
        "s3_evidence_bucket_has_mfa_delete",
        "s3_bucket_access_is_logged",
        "kms_key_rotates",
        "eks_cluster_logs_audit",
        "eks_cluster_endpoint_is_limited",
        "rds_database_audits",
        "rds_database_exports_audit",
        "falco_output_is_json",
    ] {
        assert_eq!(of(id), Some(Status::Fail), "{id}");
    }
    assert!(statuses(Vec::new()).is_empty(), "nothing was looked at, and nothing is said");
}

#[test]
fn what_excludes_each_other_is_known() {
    let trail = || Trail { bucket: target("r1"), ..Trail::default() };
    let of = |bucket: Bucket, id: &str| {
        let found = statuses(vec![trail().into(), bucket.into()]);
        found.iter().find(|(check, _)| check == id).map(|(_, status)| *status)
    };
    let rules = Fact::Known(vec![LifecycleRule::default()]);
    assert_eq!(
        of(Bucket { lifecycle: rules, ..Bucket::default() }, "s3_evidence_bucket_has_mfa_delete"),
        Some(Status::NotApplicable)
    );
    let lock = || Fact::Known(Lock { mode: Fact::Known("COMPLIANCE".to_owned()), days: Fact::Known(365) });
    assert_eq!(
        of(Bucket { lock: lock(), ..Bucket::default() }, "s3_evidence_bucket_has_mfa_delete"),
        Some(Status::NotApplicable)
    );
    assert_eq!(
        of(Bucket { lock: lock(), ..Bucket::default() }, "s3_evidence_bucket_denies_deletion"),
        Some(Status::Pass)
    );
    let days = |days: u64, mode: &str| {
        let lock = Lock { mode: Fact::Known(mode.to_owned()), days: Fact::Known(days) };
        of(Bucket { lock: Fact::Known(lock), ..Bucket::default() }, "s3_evidence_bucket_denies_deletion")
    };
    assert_eq!([days(364, "COMPLIANCE"), days(365, "GOVERNANCE")], [Some(Status::Fail), Some(Status::Pass)]);
    let versions = Policy::of(&Value::text(
        r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion", "Resource": "*"}]}"#,
    ));
    let kept = |is: bool| Bucket { policy: versions.clone(), is_versioned: Fact::Known(is), ..Bucket::default() };
    let denies = |is: bool| of(kept(is), "s3_evidence_bucket_denies_deletion");
    assert_eq!([denies(true), denies(false)], [Some(Status::Pass), Some(Status::Fail)]);
    let itself = Bucket { logs_to: target("r1"), ..Bucket::default() };
    assert_eq!(of(itself, "s3_bucket_access_is_logged"), Some(Status::Fail), "it logs into itself");
    let short = Fact::Known(Lock::default());
    assert_eq!(
        of(Bucket { lock: short, ..Bucket::default() }, "s3_evidence_bucket_denies_deletion"),
        Some(Status::Fail)
    );
    // A bucket that takes access logs can have neither SSE-KMS nor a lock.
    let takes = |bucket: Bucket| {
        let logged = Bucket { logs_to: target("r1"), ..Bucket::default() };
        let found = statuses(vec![logged.into(), bucket.into()]);
        let of = |id: &str, at: usize| found.iter().filter(|(check, _)| check == id).map(|(_, status)| *status).nth(at);
        (of("s3_bucket_can_take_access_logs", 0), of("s3_evidence_bucket_is_encrypted_by_kms", 0))
    };
    assert_eq!(takes(Bucket::default()), (Some(Status::Pass), Some(Status::NotApplicable)));
    assert_eq!(takes(Bucket { lock: lock(), ..Bucket::default() }).0, Some(Status::Fail));
    let kms = Encryption { algorithm: Fact::Known("aws:kms".to_owned()), key: Fact::Absent };
    assert_eq!(takes(Bucket { encryption: Fact::Known(kms), ..Bucket::default() }).0, Some(Status::Fail));
}

#[test]
fn a_rule_that_takes_some_objects_early_may_take_evidence() {
    let of = |rule: LifecycleRule| {
        let trail = Trail { bucket: target("r1"), ..Trail::default() };
        let bucket = Bucket { lifecycle: Fact::Known(vec![rule]), ..Bucket::default() };
        let found = statuses(vec![trail.into(), bucket.into()]);
        found.iter().find(|(check, _)| check == "s3_evidence_bucket_is_kept_a_year").map(|(_, status)| status.name())
    };
    let early = || LifecycleRule { expires: Fact::Known(364), ..LifecycleRule::default() };
    assert_eq!(of(early()), Some("fail"));
    assert_eq!(of(LifecycleRule { is_partial: true, ..early() }), Some("no_evidence"));
    assert_eq!(of(LifecycleRule { is_enabled: Fact::Known(false), ..early() }), Some("pass"));
    assert_eq!(of(LifecycleRule { expires: Fact::Known(365), ..LifecycleRule::default() }), Some("pass"));
    assert_eq!(of(LifecycleRule { noncurrent_expires: Fact::Known(30), ..LifecycleRule::default() }), Some("fail"));
    let on_a_day = LifecycleRule { expires_on: Fact::Known("2027-01-01".to_owned()), ..LifecycleRule::default() };
    assert_eq!(of(on_a_day), Some("fail"));
}

#[test]
fn no_rule_takes_objects_of_the_vault() {
    let of = |rule: Option<LifecycleRule>, vault: &str| {
        let bucket =
            Bucket { lifecycle: rule.map_or(Fact::Absent, |rule| Fact::Known(vec![rule])), ..Bucket::default() };
        let mut estate = estate(vec![bucket.into()]);
        estate.keep_vault(vault);
        let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.is_of_settings()).collect();
        let found = judge_settings(&estate, &checks);
        let its = found.into_iter().find(|one| one.check.id == "s3_vault_bucket_keeps_objects");
        its.map(|judged| judged.findings[0].status.name())
    };
    let late = || LifecycleRule { expires: Fact::Known(4_000), ..LifecycleRule::default() };
    assert_eq!(of(Some(late()), "r0"), Some("fail"), "however late: it is no sealed commit");
    assert_eq!(of(Some(late()), "another"), None, "a bucket of no vault");
    assert_eq!(of(Some(LifecycleRule { is_partial: true, ..late() }), "r0"), Some("no_evidence"));
    assert_eq!(of(Some(LifecycleRule { is_enabled: Fact::Known(false), ..late() }), "r0"), Some("pass"));
    let versions = LifecycleRule { noncurrent_expires: Fact::Known(30), ..LifecycleRule::default() };
    assert_eq!(of(Some(versions), "r0"), Some("pass"));
    let archive = || LifecycleRule { archives: Fact::Known("DEEP_ARCHIVE".to_owned()), ..LifecycleRule::default() };
    assert_eq!(of(Some(archive()), "r0"), Some("fail"), "what must be restored first cannot be read");
    assert_eq!(of(Some(LifecycleRule { is_partial: true, ..archive() }), "r0"), Some("no_evidence"));
    assert_eq!(of(Some(LifecycleRule { is_enabled: Fact::Known(false), ..archive() }), "r0"), Some("pass"));
    assert_eq!(of(None, "r0"), Some("pass"));
}

#[test]
fn policies_are_judged_by_what_they_allow_together() {
    let policy = |statements: &str| {
        let document = Policy::of(&Value::text(format!("{{\"Statement\": [{statements}]}}")));
        let found = statuses(vec![IamPolicy { document, ..IamPolicy::default() }.into()]);
        let of =
            |id: &str| found.iter().find(|(check, _)| check == id).map(|(_, status)| status.name()).unwrap_or_default();
        [of("iam_policy_is_not_all"), of("iam_policy_guards_evidence"), of("iam_policy_does_not_escalate")]
    };
    let allow = |actions: &str, more: &str| {
        format!("{{\"Effect\": \"Allow\", \"Action\": {actions}, \"Resource\": \"*\"{more}}}")
    };
    assert_eq!(policy(&allow("\"*\"", "")), ["fail", "fail", "fail"]);
    assert_eq!(policy(&allow("\"s3:Get*\"", "")), ["pass", "pass", "pass"]);
    assert_eq!(policy(&allow("\"cloudtrail:*\"", "")), ["pass", "fail", "pass"]);
    let mfa = ", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}";
    assert_eq!(policy(&allow("\"cloudtrail:*\"", mfa)), ["pass", "pass", "pass"]);
    let weak = ", \"Condition\": {\"BoolIfExists\": {\"aws:MultiFactorAuthPresent\": \"true\"}}";
    assert_eq!(
        policy(&allow("\"cloudtrail:*\"", weak)),
        ["pass", "fail", "pass"],
        "keys without a session have no such key"
    );
    let deny = "{\"Effect\": \"Deny\", \"Action\": \"cloudtrail:*\", \"Resource\": \"*\"}";
    assert_eq!(policy(&format!("{}, {deny}", allow("\"cloudtrail:*\"", ""))), ["pass", "pass", "pass"]);
    assert_eq!(policy(&allow("[\"iam:PassRole\"]", "")), ["pass", "pass", "pass"]);
    assert_eq!(policy(&allow("[\"iam:PassRole\", \"ec2:RunInstances\"]", "")), ["pass", "pass", "fail"]);
    let guarded = |condition: &str| {
        let more = format!(", \"Condition\": {{{condition}}}");
        policy(&allow("[\"iam:AttachRolePolicy\"]", &more))[2]
    };
    assert_eq!(guarded("\"ArnEquals\": {\"iam:PolicyARN\": \"arn:aws:iam::111122223333:policy/app\"}"), "pass");
    // These hold of nearly every call.
    assert_eq!(guarded("\"StringNotEquals\": {\"iam:PassedToService\": \"x\"}"), "fail");
    assert_eq!(guarded("\"StringLike\": {\"iam:PermissionsBoundary\": \"*\"}"), "fail");
    assert_eq!(guarded("\"Null\": {\"iam:PolicyARN\": \"false\"}"), "fail");
    let except = "{\"Effect\": \"Allow\", \"NotAction\": \"iam:*\", \"Resource\": \"*\"}";
    assert_eq!(policy(except), ["pass", "fail", "pass"]);
}

#[test]
fn who_may_delete_where_evidence_lies_is_named() {
    let found = |statement: &str| {
        let document = Policy::of(&Value::text(format!("{{\"Statement\": [{statement}]}}")));
        let bucket = Bucket { name: Fact::Known("trail-logs".to_owned()), ..Bucket::default() };
        let estate = estate(vec![bucket.into(), IamPolicy { document, ..IamPolicy::default() }.into()]);
        let check = CHECKS.iter().filter(|check| check.id == "iam_policy_guards_evidence").collect::<Vec<_>>();
        let judged = judge_settings(&estate, &check);
        let finding = &judged[0].findings[0];
        let look = if finding.is_to_review { ", to be looked at" } else { "" };
        format!("{}{look}: {}", finding.status.name(), finding.what.id())
    };
    let of = |actions: &str, resource: &str| {
        found(&format!("{{\"Effect\": \"Allow\", \"Action\": \"{actions}\", \"Resource\": \"{resource}\"}}"))
    };
    let (harm, none) = ("pass, to be looked at: settings-may-harm-there", "pass: settings-may-not-harm");
    for resource in ["trail-logs/*", "trail-logs/AWSLogs/*", "trail-*", "*-logs/x"] {
        assert_eq!(of("s3:DeleteObject*", &format!("arn:aws:s3:::{resource}")), harm, "{resource}");
    }
    for resource in ["trail-logs", "other/*", "trail-logs-of-others/*"] {
        assert_eq!(of("s3:DeleteObject*", &format!("arn:aws:s3:::{resource}")), none, "{resource}");
    }
    assert_eq!(of("s3:PutBucketPolicy", "arn:aws:s3:::trail-logs"), harm);
    assert_eq!(of("s3:PutBucketPolicy", "arn:aws:s3:::trail-logs/*"), none, "no such call is about an object");
    assert_eq!([of("s3:Get*", "arn:aws:s3:::trail-logs/*"), of("s3:*", "arn:aws:sqs:::trail-logs/*")], [none; 2]);
    let allow = "{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::trail-logs*\"";
    let mfa = ", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}}}";
    assert_eq!(found(&format!("{allow}{mfa}")), "pass, to be looked at: settings-may-harm-there-mfa");
    let deny = "{\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::trail-logs*\"}";
    assert_eq!(found(&format!("{allow}}}, {deny}")), none);
    let part =
        "{\"Effect\": \"Deny\", \"Action\": \"s3:DeleteObject*\", \"Resource\": \"arn:aws:s3:::trail-logs/a/*\"}";
    assert_eq!(of("s3:DeleteObject*", "arn:aws:s3:::trail-logs/*"), harm);
    assert_eq!(found(&format!("{allow}}}, {part}")), harm, "a denial of a part leaves the rest");
}

#[test]
fn whom_a_bucket_of_evidence_lets_in_is_named_and_no_other_account_may_harm() {
    let found = |policy: &str, account: Option<&str>| {
        let policy = Policy::of(&Value::text(format!("{{\"Statement\": [{policy}]}}")));
        let origin = Origin::Call { name: "x".to_owned(), record: None };
        let bucket = Bucket { name: Fact::Known("trail-logs".to_owned()), policy, ..Bucket::default() };
        let mut bucket = Resource::new("trail-logs".to_owned(), origin, bucket);
        bucket.account = account.map(str::to_owned);
        let mut estate = Estate::of(vec![bucket], Vec::new());
        estate.keep_vault("trail-logs");
        let check = CHECKS.iter().filter(|check| check.id == "s3_evidence_bucket_access_is_listed").collect::<Vec<_>>();
        let line = |finding: &Finding| {
            let look = if finding.is_to_review { "!" } else { "" };
            format!("{}{look} {}", finding.status.name(), finding.what.id())
        };
        judge_settings(&estate, &check)[0].findings.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let allow = |principal: &str, actions: &str| {
        format!("{{\"Effect\": \"Allow\", \"Principal\": {principal}, \"Action\": {actions}, \"Resource\": \"*\"}}")
    };
    let own = Some("111122223333");
    let of = |principal: &str, actions: &str| found(&allow(principal, actions), own);
    let (ours, others) =
        ("{\"AWS\": \"arn:aws:iam::111122223333:role/auditor\"}", "{\"AWS\": \"arn:aws:iam::444455556666:root\"}");
    assert_eq!(of(ours, "\"s3:GetObject\""), "pass! settings-lets-read");
    assert_eq!(of(others, "\"s3:Get*\""), "pass! settings-lets-read-abroad");
    assert_eq!(of(others, "[\"s3:GetObject\", \"s3:DeleteObject\"]"), "fail settings-lets-harm-abroad");
    assert_eq!(of("{\"AWS\": \"444455556666\"}", "\"s3:*\""), "fail settings-lets-harm-abroad");
    assert_eq!(of("\"*\"", "\"s3:PutBucketPolicy\""), "fail settings-lets-harm-abroad");
    assert_eq!(of(ours, "\"s3:DeleteObjectVersion\""), "pass! settings-lets-harm");
    assert_eq!(found(&allow(ours, "\"s3:*\""), None), "no_evidence settings-lets-harm-unknown");
    let service = "{\"Service\": \"cloudtrail.amazonaws.com\"}";
    assert_eq!(of(service, "[\"s3:PutObject\", \"s3:GetBucketAcl\"]"), "pass settings-lets-nobody-read");
    assert_eq!(of(others, "[\"s3:ReplicateObject\", \"s3:PutObject\"]"), "pass settings-lets-nobody-read");
    let deny = "{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:Delete*\", \"Resource\": \"*\"}";
    let both = format!("{}, {deny}", allow(others, "[\"s3:GetObject\", \"s3:DeleteObject\"]"));
    assert_eq!(found(&both, own), "pass! settings-lets-read-abroad", "what is denied to all is let to nobody");
}

#[test]
fn what_iam_lets_read_of_evidence_is_named() {
    let found = |statement: &str| {
        let document = Policy::of(&Value::text(format!("{{\"Statement\": [{statement}]}}")));
        let bucket = Bucket { name: Fact::Known("trail-logs".to_owned()), ..Bucket::default() };
        let estate = estate(vec![bucket.into(), IamPolicy { document, ..IamPolicy::default() }.into()]);
        let check = CHECKS.iter().filter(|check| check.id == "s3_evidence_bucket_access_is_listed").collect::<Vec<_>>();
        let judged = judge_settings(&estate, &check);
        judged[0]
            .findings
            .iter()
            .filter(|one| one.subject == "r1")
            .map(|one| one.what.id().to_owned())
            .collect::<Vec<_>>()
    };
    let allow = |action: &str, resource: &str| {
        format!("{{\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"{resource}\"}}")
    };
    let (reads, none) = (vec!["settings-holder-reads"], Vec::<&str>::new());
    assert_eq!(found(&allow("s3:Get*", "*")), reads);
    assert_eq!(found(&allow("s3:GetObject", "arn:aws:s3:::trail-logs/AWSLogs/*")), reads);
    assert_eq!(found(&allow("s3:GetObject", "arn:aws:s3:::other/*")), none);
    assert_eq!(found(&allow("s3:ListBucket", "arn:aws:s3:::trail-logs")), none);
    let deny = "{\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::trail-logs/*\"}";
    assert_eq!(found(&format!("{}, {deny}", allow("s3:Get*", "*"))), none);
}

#[test]
fn a_key_rotates_each_year_and_a_database_audits_something() {
    let rotates = |days: Fact<u64>| {
        let key = Key { rotates: Fact::Known(true), rotation_days: days, ..Key::default() };
        let found = statuses(vec![key.into()]);
        found.iter().find(|(check, _)| check == "kms_key_rotates").map(|(_, status)| status.name()).unwrap_or_default()
    };
    assert_eq!([rotates(Fact::Absent), rotates(Fact::Known(365)), rotates(Fact::Known(90))], ["pass"; 3]);
    assert_eq!([rotates(Fact::Known(2_560)), rotates(unknown())], ["fail", "no_evidence"]);
    let audits = |engine: &str, parameters: &[(&str, &str)]| {
        let parameter = |(name, value): &(&str, &str)| ((*name).to_owned(), Fact::Known((*value).to_owned()));
        let parameters = Fact::Known(parameters.iter().map(parameter).collect());
        let engine = if engine.is_empty() { Fact::Absent } else { Fact::Known(engine.to_owned()) };
        let database = Database { engine, parameters: target("r1"), ..Database::default() };
        judge_settings(
            &estate(vec![database.into(), ParameterGroup { parameters, ..ParameterGroup::default() }.into()]),
            &CHECKS.iter().filter(|check| check.id == "rds_database_audits").collect::<Vec<_>>(),
        )
        .iter()
        .flat_map(|one| one.findings.clone())
        .map(|finding| format!("{}{}", finding.status.name(), if finding.is_to_review { "?" } else { "" }))
        .collect::<String>()
    };
    let on = ("server_audit_logging", "1");
    assert_eq!(audits("aurora-mysql", &[on]), "fail", "it records nothing without events");
    assert_eq!(audits("aurora-mysql", &[on, ("server_audit_events", "")]), "fail");
    assert_eq!(audits("aurora-mysql", &[on, ("server_audit_events", "CONNECT,QUERY")]), "pass");
    let excluded = ("server_audit_excl_users", "admin");
    assert_eq!(audits("aurora-mysql", &[on, ("server_audit_events", "QUERY"), excluded]), "pass?");
    for (classes, status) in [
        ("all", "pass"),
        ("ddl,role", "pass"),
        ("all,-misc", "pass"),
        ("-all", "fail"),
        ("misc", "fail"),
        ("none", "fail"),
    ] {
        let loaded = ("shared_preload_libraries", "pgaudit");
        assert_eq!(audits("postgres", &[loaded, ("pgaudit.log", classes)]), status, "{classes}");
    }
    assert_eq!([audits("", &[]), audits("oracle-ee", &[])], ["no_evidence", "no_evidence"]);
}

#[test]
fn who_has_what_aws_wrote_for_administrators_may_do_all() {
    let of = |policy: &str| {
        let managed = || Fact::Known(vec![format!("arn:aws:iam::aws:policy/{policy}")]);
        let role = IamRole { managed: managed(), ..IamRole::default() };
        let user = IamUser { managed: managed(), has_password: Fact::Known(false), ..IamUser::default() };
        let found = statuses(vec![role.into(), user.into()]);
        let of = |id: &str| {
            found.iter().filter(|(check, _)| check == id).map(|(_, status)| status.name()).collect::<Vec<&str>>()
        };
        ["iam_policy_is_not_all", "iam_policy_guards_evidence", "iam_policy_does_not_escalate"].map(of)
    };
    let (both, none): (Vec<&str>, Vec<&str>) = (vec!["fail", "fail"], Vec::new());
    assert_eq!(of("AdministratorAccess"), [both.clone(), both.clone(), both.clone()]);
    assert_eq!(of("PowerUserAccess"), [none.clone(), both.clone(), none.clone()]);
    assert_eq!(of("IAMFullAccess"), [none.clone(), none.clone(), both]);
    assert_eq!(of("ReadOnlyAccess"), [none.clone(), none.clone(), none]);
    let all = |statement: &str| {
        let document = Policy::of(&Value::text(format!("{{\"Statement\": [{statement}]}}")));
        let found = statuses(vec![IamPolicy { document, ..IamPolicy::default() }.into()]);
        found
            .iter()
            .find(|(check, _)| check == "iam_policy_is_not_all")
            .map(|(_, status)| status.name())
            .unwrap_or_default()
    };
    let allow = |what: &str| format!("{{\"Effect\": \"Allow\", {what}, \"Resource\": \"*\"}}");
    for (what, status) in [
        ("\"Action\": \"**\"", "fail"),
        ("\"Action\": \"*:**\"", "fail"),
        ("\"NotAction\": [\"iam:CreateUser\"]", "fail"),
        ("\"NotAction\": [\"iam:*\", \"organizations:*\"]", "pass"),
    ] {
        assert_eq!(all(&allow(what)), status, "{what}");
    }
}

#[test]
fn another_accounts_recorder_or_one_that_is_off_records_no_global_types() {
    let recorder = |account: &str, has_global: bool, is_on: bool| {
        let facts = Recorder {
            has_global: Fact::Known(has_global),
            is_recording: Fact::Known(is_on),
            is_all: Fact::Known(true),
            ..Recorder::default()
        };
        let origin = Origin::Call { name: "x".to_owned(), record: None };
        let mut resource = Resource::new(format!("{account}/{has_global}"), origin, facts);
        resource.account = Some(account.to_owned());
        resource
    };
    let of = |other: Resource| {
        let estate = Estate::of(vec![recorder("a", false, true), other], Vec::new());
        let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.id == "config_recorder_records_all").collect();
        let judged = judge_settings(&estate, &checks);
        let its = judged.iter().flat_map(|one| &one.findings).find(|finding| finding.subject == "a/false");
        its.map(|finding| finding.status.name()).unwrap_or_default()
    };
    assert_eq!(of(recorder("a", true, true)), "pass");
    assert_eq!([of(recorder("b", true, true)), of(recorder("a", true, false))], ["fail", "fail"]);
}
