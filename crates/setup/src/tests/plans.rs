//! Plans of accounts that answer this and that: what goes on elsewhere is left, and what S3 or CloudTrail would refuse is said.

use serde_json::{Value, json};
use shoseki_aws::inventory::{Answer, CALLS, SETUP_CALLS, Said};
use shoseki_messages::Lang;

use crate::plan::{Item, Outcome, Plan};

const HOME: &str = "111122223333";
const MEMBER: &str = "444455556666";
const BUCKET: &str = "logs";

/// Answers, as they are added.
struct Told(Vec<Answer>);

impl Told {
    /// An account with a trail that delivers to a bucket, and nothing of note beside.
    fn of_a_trail() -> Self {
        let trail = json!({"Name": "t", "TrailARN": "arn:aws:cloudtrail:r:111122223333:trail/t", "S3BucketName": BUCKET,
            "HomeRegion": "r", "IsMultiRegionTrail": true, "IsOrganizationTrail": false});
        let mut told = Self(Vec::new());
        told.says("cloudtrail:DescribeTrails", None, json!({"trailList": [trail]}));
        told.says("s3:ListBuckets", None, json!({"Buckets": {"Bucket": {"Name": BUCKET}}}));
        told.says("s3:GetBucketVersioning", Some(BUCKET), json!({"Status": "Enabled"}));
        told.says("kms:ListAliases", None, json!({"Aliases": []}));
        told.says("iam:GetAccountAuthorizationDetails", None, json!({"RoleDetailList": ""}));
        for call in ["s3:GetBucketReplication", "s3:GetBucketPolicy", "s3:GetBucketLifecycleConfiguration"] {
            told.of(HOME, call, Some(BUCKET), Said::Absent(String::new()));
        }
        told
    }

    fn of(&mut self, account: &str, call: &str, of: Option<&str>, said: Said) {
        let of = of.map(str::to_owned);
        // What is said last of something is what is so.
        self.0.retain(|one| one.call.name() != call || one.account != account || one.of != of);
        let call = CALLS.iter().chain(SETUP_CALLS).find(|one| one.name() == call).unwrap();
        let (account, region) = (account.to_owned(), "r".to_owned());
        self.0.push(Answer { call, account, region, of, time: shoseki_event::Timestamp(0), said });
    }

    fn says(&mut self, call: &str, of: Option<&str>, value: Value) {
        self.of(HOME, call, of, Said::Answer(value));
    }

    fn plan(&self, wish: &str, accounts: &[&str]) -> Plan {
        self.plan_in(wish, accounts, &["r"])
    }

    fn plan_in(&self, wish: &str, accounts: &[&str], regions: &[&str]) -> Plan {
        let wish: crate::Setup = toml::from_str(&format!("home_region = \"r\"\n{wish}")).unwrap();
        let accounts: Vec<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
        let in_each =
            |account: &String| regions.iter().map(|one| (account.clone(), (*one).to_owned())).collect::<Vec<_>>();
        let places = accounts.iter().flat_map(in_each).collect();
        crate::plan(&wish, &accounts, &places, &self.0).unwrap()
    }
}

fn item<'p>(plan: &'p Plan, piece: &str) -> &'p Item {
    plan.items.iter().find(|item| item.piece == piece).unwrap_or_else(|| panic!("no {piece}"))
}

fn outcome<'p>(item: &'p Item, name: &str) -> &'p Outcome {
    &item.settings.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no {name} in {item:?}")).outcome
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Cannot(why) => why.text(Lang::En),
        other => panic!("{other:?}"),
    }
}

fn called<'p>(item: &'p Item, operation: &str) -> Option<&'p Value> {
    item.steps.iter().find(|step| step.change.kind.operation == operation).map(|step| &step.change.input)
}

#[test]
fn a_replication_that_is_there_is_taken_and_what_others_replicate_stays() {
    let wish = "replicate_to = \"s\"\n";
    let rule = |id: &str, more: Value| {
        let mut rule = json!({"ID": id, "Status": "Enabled", "Priority": "7", "Filter": {"Prefix": ""},
            "Destination": {"Bucket": "arn:aws:s3:::theirs", "EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let over = |rules: Value, role: &str| {
        let mut told = Told::of_a_trail();
        told.says("s3:GetBucketReplication", Some(BUCKET), json!({"Role": role, "Rule": rules}));
        told.plan(wish, &[HOME])
    };
    let ours = "arn:aws:iam::111122223333:role/shoseki-replication";
    // All of it goes elsewhere already.
    let plan = over(rule("all", json!({})), "arn:theirs");
    let item_of = |plan: &Plan| item(plan, "evidence_replication").clone();
    assert_eq!(outcome(&item_of(&plan), "replication"), &Outcome::Adopt("arn:aws:s3:::theirs".to_owned()));
    assert!(!plan.items.iter().any(|item| item.piece.starts_with("replica")), "nothing is made beside it");
    // What is encrypted does not go by it: that is not all.
    let disabled = json!({"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Disabled"}}});
    for some in [json!({"Filter": {"Prefix": "a/"}}), json!({"Status": "Disabled"}), disabled] {
        let plan = over(rule("some", some), "arn:theirs");
        let said = why(outcome(&item_of(&plan), "replication"));
        assert!(said.contains("arn:theirs"), "{said}");
    }
    // With a role that is ours already, theirs stays and ours stands behind it.
    let some = rule("some", json!({"Filter": {"Prefix": "a/"}}));
    let plan = over(some.clone(), ours);
    let item_there = item_of(&plan);
    let put = called(&item_there, "PutBucketReplication").unwrap();
    let rules = put["ReplicationConfiguration"]["Rule"].as_array().unwrap();
    assert_eq!((rules.len(), &rules[0], &rules[1]["Priority"]), (2, &some, &json!(8)));
    assert_eq!(rules[1]["DeleteMarkerReplication"]["Status"], "Disabled");
    assert_eq!(rules[1]["Destination"]["Bucket"], "arn:aws:s3:::shoseki-replica-111122223333-s");
    assert!(item_there.by_hand.iter().any(|one| one.text(Lang::En).contains("Batch Replication")));
    // Ours as it should be is right; with deletions it is mended.
    let to = json!({"Destination": {"Bucket": "arn:aws:s3:::shoseki-replica-111122223333-s",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}});
    let own = rule("shoseki-replication", to);
    let plan = over(own.clone(), ours);
    assert!(matches!(outcome(&item_of(&plan), "replication"), Outcome::Right(_)), "{plan:?}");
    let mut deletes = own;
    deletes["DeleteMarkerReplication"] = json!({"Status": "Enabled"});
    let plan = over(deletes, ours);
    assert!(matches!(outcome(&item_of(&plan), "replication"), Outcome::Change { .. }), "{plan:?}");
    // The old form has no filter, and stands beside no new rule.
    let mut old = some;
    old.as_object_mut().unwrap().remove("Filter");
    old["Prefix"] = json!("a/");
    assert!(why(outcome(&item_of(&over(old, ours)), "replication")).contains("old form"));
    // What may not be seen is not written over.
    let mut told = Told::of_a_trail();
    let fault = shoseki_messages::Fault::world(shoseki_messages::msg!("setup-prices"));
    told.of(HOME, "s3:GetBucketReplication", Some(BUCKET), Said::Refused("AccessDenied".to_owned(), fault));
    let plan = told.plan(wish, &[HOME]);
    assert!(matches!(outcome(&item_of(&plan), "replication"), Outcome::Cannot(_)) && item_of(&plan).steps.is_empty());
}

#[test]
fn what_a_call_needs_was_given_before_it_whatever_is_wanted() {
    let mut told = Told::of_a_trail();
    told.says("eks:ListClusters", None, json!({"clusters": ["shop"]}));
    told.says("logs:DescribeLogGroups", None, json!({"logGroups": []}));
    told.of(HOME, "firehose:DescribeDeliveryStream", Some("shoseki-eks"), Said::Absent(String::new()));
    // Keys of the other region were asked for, too.
    let aliases = told.0.iter().find(|one| one.call.name() == "kms:ListAliases").unwrap().clone();
    told.0.push(Answer { region: "s".to_owned(), ..aliases });
    let wish = "replicate_to = \"s\"\neks_delivery = \"firehose\"\ntrail_log_group = true\nauditors_sso = \"Audit\"\n\
                break_glass = [\"arn:aws:iam::111122223333:user/ryo\"]\n[collector]\ncluster = \"shop\"\n";
    let plan = told.plan(wish, &[HOME]);
    let mut course = crate::Course::of(&plan);
    let mut made = 0;
    while let Some(next) = course.next_step().unwrap_or_else(|fault| panic!("{}", fault.chain(Lang::En))) {
        match next {
            crate::Next::Call(..) => {
                made += 1;
                course.is_done(&json!({"KeyMetadata": {"Arn": "arn:key"}}));
            }
            crate::Next::HeldUp(item, _, by) => panic!("{} by {by}", item.id()),
        }
    }
    assert!(made > 25, "{made}");
}

#[test]
fn what_is_locked_is_replicated_to_where_it_is_locked_too() {
    let mut told = Told::of_a_trail();
    let retention = json!({"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": "400"}}});
    told.says("s3:GetObjectLockConfiguration", Some(BUCKET), retention);
    let lock = |wish: &str| {
        let plan = told.plan(&format!("replicate_to = \"s\"\n{wish}"), &[HOME]);
        outcome(item(&plan, "replica_bucket"), "object_lock").clone()
    };
    assert_eq!(lock(""), Outcome::Create("COMPLIANCE 400d".to_owned()));
    assert_eq!(lock("object_lock = \"governance\"\nkeep_months = 24\n"), Outcome::Create("COMPLIANCE 744d".to_owned()));
}

#[test]
fn s3_tells_nobody_twice_of_the_same_and_that_is_said() {
    let queue = "arn:aws:sqs:r:111122223333:theirs";
    let filter = |name: &str, value: &str| json!({"S3Key": {"FilterRule": {"Name": name, "Value": value}}});
    let over = |config: Value| {
        let mut told = Told::of_a_trail();
        told.says("s3:GetBucketNotificationConfiguration", Some(BUCKET), config);
        told.of(HOME, "sqs:GetQueueUrl", Some("shoseki-trail-events"), Said::Absent(String::new()));
        let plan = told.plan("", &[HOME]);
        item(&plan, "trail_events_queue").clone()
    };
    let told = |more: Value| {
        let mut one = json!({"Queue": queue, "Event": "s3:ObjectCreated:*"});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"QueueConfiguration": one})
    };
    // All of the evidence, though not all of the bucket.
    for prefix in ["", "AWSLogs/", "AWSLogs/111122223333/"] {
        let item = over(told(json!({"Filter": filter("Prefix", prefix)})));
        assert_eq!(outcome(&item, "notifications"), &Outcome::Adopt(queue.to_owned()), "{prefix}");
    }
    let lambda = json!({"CloudFunctionConfiguration": {"CloudFunction": "arn:aws:lambda:r:1:function:f",
        "Event": ["s3:ObjectCreated:Put"]}});
    for some in [
        told(json!({"Filter": filter("prefix", "other/")})),
        told(json!({"Filter": filter("suffix", ".json.gz")})),
        told(json!({"Event": "s3:ObjectCreated:Put"})),
        lambda,
    ] {
        let item = over(some.clone());
        let said = why(outcome(&item, "notifications"));
        assert!(said.contains("nobody else") && item.steps.is_empty(), "{some}: {said}");
    }
    // What is told of deletions, or by EventBridge, takes nobody's place.
    for beside in [told(json!({"Event": "s3:ObjectRemoved:*"})), json!({"EventBridgeConfiguration": ""})] {
        let item = over(beside.clone());
        let put = called(&item, "PutBucketNotificationConfiguration").unwrap_or_else(|| panic!("{beside}: {item:?}"));
        assert!(put.to_string().contains("shoseki-trail-events"), "{put}");
        for (name, value) in beside.as_object().unwrap() {
            let kept = &put["NotificationConfiguration"][name];
            assert!(kept == value || kept.as_array().is_some_and(|all| all.contains(value)), "{name}: {put}");
        }
    }
}

#[test]
fn a_life_cycle_keeps_what_stands_in_a_header_and_is_left_to_whom_its_guard_names() {
    let rule = json!({"ID": "month", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": "30"}});
    let mut told = Told::of_a_trail();
    let there = json!({"Rule": rule, "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"});
    told.says("s3:GetBucketLifecycleConfiguration", Some(BUCKET), there);
    let plan = told.plan("", &[HOME]);
    let bucket = item(&plan, "evidence_bucket");
    let put = called(bucket, "PutBucketLifecycleConfiguration").unwrap();
    assert_eq!(put["TransitionDefaultMinimumObjectSize"], "varies_by_storage_class");
    let operations: Vec<&str> = bucket.steps.iter().map(|step| step.change.kind.operation).collect();
    let at = |operation: &str| operations.iter().position(|one| *one == operation).unwrap();
    assert!(
        at("PutBucketLifecycleConfiguration") < at("PutBucketPolicy"),
        "it is guarded from then on: {operations:?}"
    );
    let guard = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutLifecycleConfiguration",
        "Resource": "arn:aws:s3:::logs"}});
    told.says("s3:GetBucketPolicy", Some(BUCKET), guard);
    let plan = told.plan("", &[HOME]);
    let bucket = item(&plan, "evidence_bucket");
    assert!(why(outcome(bucket, "life_cycle")).contains("ShosekiKeepsLifeCycle"), "{bucket:?}");
    assert_eq!(called(bucket, "PutBucketLifecycleConfiguration"), None);
    let plan = told.plan("break_glass = [\"arn:aws:iam::111122223333:user/ryo\"]\n", &[HOME]);
    assert!(why(outcome(item(&plan, "evidence_bucket"), "life_cycle")).contains("break-glass"), "{plan:?}");
}

#[test]
fn a_role_of_our_name_with_other_policies_is_given_nothing() {
    let who = "arn:aws:iam::111122223333:user/ryo";
    let trust = json!({"Statement": crate::policy::trust_with_mfa("ShosekiBreakGlass", &[who.to_owned()])}).to_string();
    let over = |more: Value| {
        let mut role = json!({"RoleName": "shoseki-break-glass", "AssumeRolePolicyDocument": trust});
        role.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut told = Told::of_a_trail();
        told.says("iam:GetAccountAuthorizationDetails", None, json!({"RoleDetailList": {"member": role}}));
        let plan = told.plan(&format!("break_glass = [\"{who}\"]\n"), &[HOME]);
        item(&plan, "break_glass_role").clone()
    };
    let clean = over(json!({}));
    assert!(
        called(&clean, "PutRolePolicy").is_some() && matches!(outcome(&clean, "trust"), Outcome::Right(_)),
        "{clean:?}"
    );
    let inline = json!({"RolePolicyList": {"member": {"PolicyName": "more", "PolicyDocument": "{}"}}});
    let attached = json!({"AttachedManagedPolicies": {"member": {"PolicyName": "AdministratorAccess"}}});
    let any = json!({"AssumeRolePolicyDocument": json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole"}}).to_string()});
    for (more, name) in [(inline, "more"), (attached, "AdministratorAccess"), (any, "AWS")] {
        let role = over(more);
        assert!(role.steps.is_empty() && why(outcome(&role, "trust")).contains(name), "{name}: {role:?}");
    }
}

#[test]
fn the_role_for_emergencies_is_exempt_where_its_people_are_named_and_is_nowhere_else() {
    let named = "break_glass = [\"arn:aws:iam::111122223333:user/ryo\"]\n";
    let policies = |plan: &Plan| {
        let key = called(item(plan, "evidence_key"), "CreateKey").unwrap()["Policy"].to_string();
        let bucket = called(item(plan, "evidence_bucket"), "PutBucketPolicy").unwrap().to_string();
        let logs = called(item(plan, "access_log_bucket"), "PutBucketPolicy").unwrap().to_string();
        [key, bucket, logs]
    };
    let told = Told::of_a_trail();
    let plan = told.plan("", &[HOME]);
    assert!(policies(&plan).iter().all(|one| !one.contains("break-glass")), "{plan:?}");
    assert!(!plan.items.iter().any(|item| item.piece == "break_glass_role"));
    let plan = told.plan(named, &[HOME]);
    assert!(policies(&plan).iter().all(|one| one.contains("role/shoseki-break-glass")), "{plan:?}");
    let trust = called(item(&plan, "break_glass_role"), "CreateRole").unwrap()["AssumeRolePolicyDocument"].to_string();
    assert!(trust.contains("aws:MultiFactorAuthPresent") && trust.contains("user/ryo"), "{trust}");
    // Somebody made a role of that name: it is told, and is given nothing.
    let mut told = Told::of_a_trail();
    let role = json!({"RoleName": "shoseki-break-glass", "AssumeRolePolicyDocument": "{}"});
    told.says("iam:GetAccountAuthorizationDetails", None, json!({"RoleDetailList": {"member": role}}));
    let plan = told.plan("", &[HOME]);
    let role = item(&plan, "break_glass_role");
    assert!(why(outcome(role, "role")).contains("names nobody") && role.steps.is_empty(), "{role:?}");
    // What was written while nobody was named stays as strict, and that is said.
    let mut told = Told::of_a_trail();
    let strict = called(item(&plan, "evidence_bucket"), "PutBucketPolicy").unwrap().clone();
    told.says("s3:GetBucketPolicy", Some(BUCKET), strict);
    let plan = told.plan(named, &[HOME]);
    let role = item(&plan, "break_glass_role");
    assert!(matches!(outcome(role, "exemption"), Outcome::Stricter(is) if is.starts_with("logs: ")), "{role:?}");
    assert!(role.by_hand.iter().any(|one| one.text(Lang::En).contains("ShosekiKeepsObjects")), "{role:?}");
    assert_eq!(outcome(item(&plan, "evidence_bucket"), "policy"), &Outcome::Right("Shoseki*".to_owned()));
}

#[test]
fn the_collector_reads_log_groups_of_each_region_that_is_set_up() {
    let wish = "[collector]\ncluster = \"shop\"\n";
    let rights = |regions: &[&str]| {
        let plan = Told::of_a_trail().plan_in(wish, &[HOME], regions);
        let put = called(item(&plan, "collector_role"), "PutRolePolicy").unwrap().clone();
        put["PolicyDocument"].as_str().unwrap().to_owned()
    };
    let group = |region: &str| format!("arn:aws:logs:{region}:111122223333:log-group:/aws/eks/*");
    let (one, two) = (rights(&["r"]), rights(&["q", "r"]));
    assert!(one.contains(&group("r")) && !one.contains(&group("q")), "{one}");
    assert!(two.contains(&group("r")) && two.contains(&group("q")), "{two}");
    // A role that was made for one region is widened for the second.
    let trust = crate::policy::trust_of_pods(HOME, "arn:aws:eks:r:111122223333:cluster/shop", ("shoseki", "shoseki"));
    let role = json!({"RoleName": "shoseki-collector",
        "AssumeRolePolicyDocument": json!({"Statement": trust}).to_string(),
        "RolePolicyList": {"member": {"PolicyName": "shoseki", "PolicyDocument": one}}});
    let mut told = Told::of_a_trail();
    told.says("iam:GetAccountAuthorizationDetails", None, json!({"RoleDetailList": {"member": role}}));
    let plan = told.plan_in(wish, &[HOME], &["q", "r"]);
    let role = item(&plan, "collector_role");
    assert!(called(role, "PutRolePolicy").unwrap().to_string().contains(&group("q")), "{role:?}");
    assert!(matches!(outcome(role, "rights"), Outcome::Create(is) if is.contains("ShosekiLogs")), "{role:?}");
}

#[test]
fn collector_and_auditor_may_take_the_roles_that_the_stack_set_makes_in_members() {
    let wish = "auditors = [\"arn:aws:iam::111122223333:user/aiko\"]\n[collector]\ncluster = \"shop\"\n";
    let takes = |accounts: &[&str], piece: &str| {
        let plan = Told::of_a_trail().plan(wish, accounts);
        let put = called(item(&plan, piece), "PutRolePolicy").unwrap().clone();
        let document: Value = serde_json::from_str(put["PolicyDocument"].as_str().unwrap()).unwrap();
        let all = document["Statement"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["Action"] == "sts:AssumeRole")
    };
    for (piece, name) in [("collector_role", "collector"), ("auditor_role", "auditor")] {
        let of = |account: &str| format!("arn:aws:iam::{account}:role/shoseki-{name}");
        let expected = json!({"Sid": "ShosekiMembers", "Effect": "Allow", "Action": "sts:AssumeRole",
            "Resource": [of(MEMBER), of("777788889999")]});
        assert_eq!(takes(&[HOME, MEMBER, "777788889999"], piece), Some(expected));
        assert_eq!(takes(&[HOME], piece), None, "{piece}");
    }
}

#[test]
fn a_recorder_that_records_once_a_day_is_made_to_record_each_change() {
    let over = |mode: Value| {
        let mut told = Told::of_a_trail();
        let group = json!({"allSupported": true, "includeGlobalResourceTypes": true});
        let mut recorder = json!({"name": "default", "roleARN": "arn:role", "recordingGroup": group});
        if !mode.is_null() {
            recorder["recordingMode"] = mode;
        }
        told.says("config:DescribeConfigurationRecorders", None, json!({"ConfigurationRecorders": [recorder]}));
        let plan = told.plan("", &[HOME]);
        let item = item(&plan, "config_recorder");
        (outcome(item, "frequency").clone(), called(item, "PutConfigurationRecorder").cloned())
    };
    let always = Outcome::Right("CONTINUOUS".to_owned());
    assert_eq!(over(Value::Null), (always.clone(), None));
    assert_eq!(over(json!({"recordingFrequency": "CONTINUOUS"})), (always, None));
    let of_one = |frequency: &str| json!([{"resourceTypes": ["AWS::S3::Bucket"], "recordingFrequency": frequency}]);
    for (base, other) in [("DAILY", "CONTINUOUS"), ("CONTINUOUS", "DAILY")] {
        let (said, put) = over(json!({"recordingFrequency": base, "recordingModeOverrides": of_one(other)}));
        assert_eq!(said, Outcome::Change { from: "DAILY".to_owned(), to: "CONTINUOUS".to_owned() });
        let expected = json!({"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": of_one("CONTINUOUS")});
        assert_eq!(put.unwrap()["ConfigurationRecorder"]["recordingMode"], expected);
    }
}

#[test]
fn who_reads_from_another_account_stands_in_the_bucket_and_in_the_key() {
    let plan = Told::of_a_trail().plan("readers = [\"arn:aws:iam::444455556666:role/siem\"]\n", &[HOME]);
    let key = called(item(&plan, "evidence_key"), "CreateKey").unwrap()["Policy"].as_str().unwrap();
    let bucket = called(item(&plan, "evidence_bucket"), "PutBucketPolicy").unwrap().to_string();
    for policy in [key, &bucket] {
        assert!(policy.contains("arn:aws:iam::444455556666:root") && policy.contains("role/siem"), "{policy}");
    }
}

#[test]
fn an_account_of_the_organization_has_no_trail_beside_its_organizations() {
    let organization = |manager: &str| json!({"Organization": {"Id": "o-1", "MasterAccountId": manager}});
    let over = |wish: &str, of_member: Said| {
        let mut told = Told::of_a_trail();
        told.says("organizations:DescribeOrganization", None, organization(HOME));
        told.of(MEMBER, "organizations:DescribeOrganization", None, of_member);
        told.of(MEMBER, "cloudtrail:DescribeTrails", None, Said::Answer(json!({"trailList": []})));
        let roles = json!({"RoleDetailList": {"member": {"RoleName": "other"}}});
        told.of(MEMBER, "iam:GetAccountAuthorizationDetails", None, Said::Answer(roles));
        let plan = told.plan(wish, &[HOME, MEMBER]);
        let of = |piece: &str| plan.items.iter().find(|one| one.piece == piece && one.account == MEMBER).cloned();
        (of("trail").unwrap(), of("collector_role"))
    };
    let whole = "organization = true\n[collector]\ncluster = \"shop\"\n";
    let (trail, collector) = over(whole, Said::Answer(organization(HOME)));
    let arn = "arn:aws:cloudtrail:r:111122223333:trail/t";
    assert_eq!((outcome(&trail, "trail"), trail.steps.len()), (&Outcome::Adopt(arn.to_owned()), 0));
    // Who collects there is made by whoever rolls roles out.
    let collector = collector.unwrap();
    assert!(why(outcome(&collector, "role")).contains("StackSet") && collector.steps.is_empty(), "{collector:?}");
    // One of another organization, or of none that is asked for, has its own.
    let other = json!({"Organization": {"Id": "o-2", "MasterAccountId": "777788889999"}});
    assert!(called(&over(whole, Said::Answer(other)).0, "CreateTrail").is_some());
    assert!(called(&over("", Said::Answer(organization(HOME))).0, "CreateTrail").is_some());
    let fault = shoseki_messages::Fault::world(shoseki_messages::msg!("setup-prices"));
    let (trail, _) = over(whole, Said::Refused("AccessDenied".to_owned(), fault));
    assert!(matches!(outcome(&trail, "trail"), Outcome::Cannot(_)) && trail.steps.is_empty(), "{trail:?}");
}

#[test]
fn a_trail_goes_to_a_log_group_where_that_is_wanted_and_one_that_goes_elsewhere_stays() {
    let over = |arn: Option<&str>, group: Option<Value>, wish: &str| {
        let mut told = Told::of_a_trail();
        let mut trail = json!({"Name": "t", "TrailARN": "arn:aws:cloudtrail:r:111122223333:trail/t",
            "S3BucketName": BUCKET, "HomeRegion": "r", "IsMultiRegionTrail": true});
        if let Some(arn) = arn {
            trail["CloudWatchLogsLogGroupArn"] = json!(arn);
        }
        told.says("cloudtrail:DescribeTrails", None, json!({"trailList": [trail]}));
        let groups: Vec<Value> = group.into_iter().collect();
        told.says("logs:DescribeLogGroups", None, json!({"logGroups": groups}));
        let plan = told.plan(&format!("trail_log_group = true\n{wish}"), &[HOME]);
        (item(&plan, "trail_log_group").clone(), plan)
    };
    let (new, plan) = over(None, None, "");
    assert_eq!(called(&new, "PutRetentionPolicy").unwrap()["retentionInDays"], 400);
    assert!(called(&new, "UpdateTrail").is_some() && called(&new, "CreateLogGroup").unwrap()["kmsKeyId"].is_string());
    let key = called(item(&plan, "evidence_key"), "CreateKey").unwrap()["Policy"].as_str().unwrap();
    assert!(key.contains("logs.r.amazonaws.com") && key.contains("log-group:/aws/cloudtrail/shoseki"), "{key}");
    // Longer than CloudWatch Logs has a number for is for ever.
    assert_eq!(called(&over(None, None, "keep_months = 120\n").0, "PutRetentionPolicy"), None);

    let (theirs, plan) = over(Some("arn:aws:logs:r:111122223333:log-group:theirs:*"), None, "");
    assert!(matches!(outcome(&theirs, "trail"), Outcome::Adopt(_)) && theirs.steps.is_empty(), "{theirs:?}");
    assert!(!plan.items.iter().any(|item| item.piece == "trail_log_role"));

    let ours = "arn:aws:logs:r:111122223333:log-group:/aws/cloudtrail/shoseki:*";
    let group = |days: Option<u64>| {
        let mut group = json!({"logGroupName": "/aws/cloudtrail/shoseki", "kmsKeyId": "k"});
        if let Some(days) = days {
            group["retentionInDays"] = json!(days);
        }
        Some(group)
    };
    for (days, expected) in [
        (Some(400), Outcome::Right("400d".to_owned())),
        (Some(731), Outcome::Stricter("731d".to_owned())),
        (None, Outcome::Stricter("no-expiry".to_owned())),
        (Some(30), Outcome::Change { from: "30d".to_owned(), to: "400d".to_owned() }),
    ] {
        let (item, _) = over(Some(ours), group(days), "");
        assert_eq!((outcome(&item, "retention"), item.steps.len()), (&expected, usize::from(days == Some(30))));
    }
}

#[test]
fn what_a_cluster_logs_is_subscribed_to_beside_what_others_take() {
    let group = "/aws/eks/shop/cluster";
    let stream = "arn:aws:firehose:r:111122223333:deliverystream/shoseki-eks";
    let over = |filters: Value, described: Said| {
        let mut told = Told::of_a_trail();
        told.says("eks:ListClusters", None, json!({"clusters": ["shop"]}));
        told.says("logs:DescribeLogGroups", None, json!({"logGroups": [{"logGroupName": group}]}));
        told.says("logs:DescribeSubscriptionFilters", Some(group), json!({"subscriptionFilters": filters}));
        told.of(HOME, "firehose:DescribeDeliveryStream", Some("shoseki-eks"), described);
        let plan = told.plan("eks_delivery = \"firehose\"\n", &[HOME]);
        (item(&plan, "eks_subscription").clone(), item(&plan, "eks_delivery").clone(), plan)
    };
    let absent = || Said::Absent(String::new());
    let filter = |name: &str, pattern: &str, to: &str| json!({"filterName": name, "filterPattern": pattern, "destinationArn": to});
    let (subscription, delivery, plan) = over(json!([filter("theirs", "", "arn:other")]), absent());
    assert_eq!(called(&subscription, "PutSubscriptionFilter").unwrap()["filterPattern"], "");
    let made = &called(&delivery, "CreateDeliveryStream").unwrap()["ExtendedS3DestinationConfiguration"];
    assert_eq!((&made["BucketARN"], &made["CompressionFormat"]), (&json!("arn:aws:s3:::logs"), &json!("UNCOMPRESSED")));
    let key = called(item(&plan, "evidence_key"), "CreateKey").unwrap()["Policy"].as_str().unwrap();
    assert!(key.contains("ShosekiWrites") && key.contains("role/shoseki-firehose"), "{key}");
    // Both ways have their price, and one of them counts.
    let instead: Vec<(&str, bool)> = plan
        .costs
        .iter()
        .filter(|cost| cost.piece == "eks_delivery")
        .map(|cost| (cost.price.id.as_str(), cost.is_instead))
        .collect();
    assert_eq!(instead, [("firehose", false), ("logs-read", true)]);

    let (right, ..) = over(json!([filter("any", "", stream)]), absent());
    assert_eq!(outcome(&right, "subscription"), &Outcome::Right("any".to_owned()));
    let (some, ..) = over(json!([filter("shoseki-eks", "ERROR", stream)]), absent());
    assert!(matches!(outcome(&some, "subscription"), Outcome::Change { .. }) && some.steps.len() == 1, "{some:?}");
    let two = json!([filter("a", "", "arn:a"), filter("b", "", "arn:b")]);
    let (full, ..) = over(two, absent());
    assert!(why(outcome(&full, "subscription")).contains("third") && full.steps.is_empty(), "{full:?}");

    let described = |bucket: &str, status: &str| {
        let destination = json!({"ExtendedS3DestinationDescription": {"BucketARN": bucket}});
        Said::Answer(
            json!({"DeliveryStreamDescription": {"DeliveryStreamStatus": status, "Destinations": [destination]}}),
        )
    };
    let (_, delivery, _) = over(json!([]), described("arn:aws:s3:::logs", "ACTIVE"));
    assert!(matches!(outcome(&delivery, "stream"), Outcome::Right(_)) && delivery.steps.is_empty(), "{delivery:?}");
    let (_, delivery, _) = over(json!([]), described("arn:aws:s3:::theirs", "ACTIVE"));
    assert!(matches!(outcome(&delivery, "stream"), Outcome::Adopt(_)), "{delivery:?}");
    let (_, delivery, _) = over(json!([]), described("arn:aws:s3:::logs", "CREATING_FAILED"));
    assert!(why(outcome(&delivery, "stream")).contains("CREATING_FAILED"), "{delivery:?}");
}
