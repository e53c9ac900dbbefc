//! Policy documents, statement by statement, and how they are put into what is there.

mod plans;

use serde_json::{Value, json};

use crate::passing::{self, Store};
use crate::policy::{self, Delivers, Merged, Names, document, merged};
use crate::wish::VaultPlace;

fn names() -> Names {
    Names {
        partition: "aws",
        account: "111122223333".to_owned(),
        break_glass: Some("arn:aws:iam::111122223333:role/shoseki-break-glass".to_owned()),
    }
}

fn delivers() -> Delivers {
    Delivers {
        arn: "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/shoseki-trail".to_owned(),
        prefix: String::new(),
        folders: vec!["111122223333".to_owned()],
    }
}

fn statement<'s>(all: &'s [Value], sid: &str) -> &'s Value {
    all.iter().find(|one| one["Sid"] == sid).unwrap_or_else(|| panic!("no {sid} in {all:?}"))
}

#[test]
fn nobody_reaches_a_bucket_of_evidence_without_tls_or_takes_anything_from_it() {
    let all = policy::guards(&names(), "logs");
    let expected = json!({
        "Sid": "ShosekiTlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    assert_eq!(statement(&all, "ShosekiTlsOnly"), &expected);
    let but = json!({"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/shoseki-break-glass"]}});
    let objects = statement(&all, "ShosekiKeepsObjects");
    assert_eq!(objects["Action"], json!(["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]));
    let bucket = statement(&all, "ShosekiKeepsBucket");
    assert_eq!(bucket["Action"], json!(["s3:DeleteBucket", "s3:DeleteBucketPolicy"]));
    for one in [objects, bucket] {
        assert_eq!(
            (&one["Effect"], &one["Principal"], &one["Condition"]),
            (&json!("Deny"), &json!({"AWS": "*"}), &but)
        );
    }
    assert_eq!(
        (&objects["Resource"], &bucket["Resource"]),
        (&json!("arn:aws:s3:::logs/*"), &json!("arn:aws:s3:::logs"))
    );
    let cycle = statement(&all, "ShosekiKeepsLifeCycle");
    assert_eq!((&cycle["Action"], &cycle["Condition"]), (&json!("s3:PutLifecycleConfiguration"), &but));
    assert!(
        policy::guards_life_cycle(&document(all.clone())) && !policy::guards_life_cycle(&document(all[..3].to_vec()))
    );
    assert_eq!(all.len(), 4);
}

#[test]
fn where_nobody_is_named_for_emergencies_nobody_is_exempt() {
    let none = Names { break_glass: None, ..names() };
    let denials = |names: &Names| {
        let all = [policy::guards(names, "logs"), policy::key(names, &[], &[], &[])].concat();
        all.into_iter().filter(|one| one["Effect"] == "Deny" && one["Sid"] != "ShosekiTlsOnly").collect::<Vec<_>>()
    };
    let (strict, exempting) = (denials(&none), denials(&names()));
    assert_eq!((strict.len(), exempting.len()), (4, 4));
    assert!(strict.iter().all(|one| one.get("Condition").is_none()), "{strict:?}");
    assert!(exempting.iter().all(|one| one.get("Condition").is_some()), "{exempting:?}");
    // An exemption that was written before anybody asked who has it is taken out, and what exempts nobody stays.
    let (all, missing) = open(Some(&document(exempting.clone())), strict.clone());
    assert_eq!((all.len(), missing.len()), (4, 4));
    assert!(all.iter().all(|one| one.get("Condition").is_none()), "{all:?}");
    assert_eq!(merged(Some(&document(strict.clone())), exempting.clone()), Merged::Right);
    assert_eq!(policy::exempts_nobody(&document(strict)).len(), 4);
    assert_eq!(policy::exempts_nobody(&document(exempting)), Vec::<String>::new());
}

#[test]
fn a_trail_writes_its_own_files_and_those_of_its_organization_and_no_others() {
    let organization =
        Delivers { prefix: "o-1".to_owned(), folders: vec!["111122223333".to_owned(), "o-1".to_owned()], ..delivers() };
    let all = policy::trails(&names(), "logs", &[organization]);
    let arn = json!(["arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/shoseki-trail"]);
    let write = statement(&all, "ShosekiTrailWrite");
    let places = ["arn:aws:s3:::logs/o-1/AWSLogs/111122223333/*", "arn:aws:s3:::logs/o-1/AWSLogs/o-1/*"];
    assert_eq!((&write["Action"], &write["Resource"]), (&json!("s3:PutObject"), &json!(places)));
    let limits = json!({"StringEquals": {"aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control"}});
    assert_eq!(write["Condition"], limits);
    let acl = statement(&all, "ShosekiTrailAcl");
    assert_eq!((&acl["Action"], &acl["Resource"]), (&json!("s3:GetBucketAcl"), &json!("arn:aws:s3:::logs")));
    for one in [write, acl] {
        assert_eq!(
            (&one["Effect"], &one["Principal"]),
            (&json!("Allow"), &json!({"Service": "cloudtrail.amazonaws.com"}))
        );
        assert_eq!(one["Condition"]["StringEquals"]["aws:SourceArn"], arn);
    }
    assert_eq!((all.len(), policy::trails(&names(), "logs", &[])), (2, Vec::new()));
}

#[test]
fn others_write_what_is_theirs_and_are_named_with_their_accounts() {
    let accounts = ["111122223333".to_owned(), "444455556666".to_owned()];
    let all = policy::config(&names(), "logs", &accounts);
    let write = statement(&all, "ShosekiConfigWrite");
    let places = ["arn:aws:s3:::logs/AWSLogs/111122223333/Config/*", "arn:aws:s3:::logs/AWSLogs/444455556666/Config/*"];
    assert_eq!(write["Resource"], json!(places));
    assert_eq!(write["Condition"]["StringEquals"]["aws:SourceAccount"], json!(accounts));
    let looks = statement(&all, "ShosekiConfigLooks");
    assert_eq!(looks["Condition"], json!({"StringEquals": {"aws:SourceAccount": accounts}}));

    let all = policy::access_logs(&names(), "access", &["logs".to_owned()]);
    let expected = json!({
        "Sid": "ShosekiAccessLogs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::access/*", "Condition": {
            "ArnLike": {"aws:SourceArn": ["arn:aws:s3:::logs"]}, "StringEquals": {"aws:SourceAccount": "111122223333"}},
    });
    assert_eq!(all, [expected]);

    let all = policy::queue(&names(), "arn:aws:sqs:x:1:q", "logs");
    let tells = statement(&all, "ShosekiTells");
    assert_eq!((&tells["Action"], &tells["Resource"]), (&json!("sqs:SendMessage"), &json!("arn:aws:sqs:x:1:q")));
    assert_eq!(tells["Condition"]["ArnLike"], json!({"aws:SourceArn": "arn:aws:s3:::logs"}));
    assert_eq!(statement(&all, "ShosekiTlsOnly")["Effect"], "Deny");
}

#[test]
fn who_administers_the_key_neither_reads_by_it_nor_takes_it_away() {
    let reader = "arn:aws:iam::111122223333:role/shoseki-collector".to_owned();
    let all = policy::key(&names(), std::slice::from_ref(&reader), &[delivers()], &["111122223333".to_owned()]);
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let administers = statement(&all, "ShosekiAdministers");
    assert_eq!(administers["Principal"], root);
    let actions: Vec<&str> =
        administers["Action"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let reads = [
        "kms:*",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:Disable*",
    ];
    assert!(reads.iter().all(|one| !actions.contains(one)), "{actions:?}");
    // KMS takes no policy under which nobody could change it again.
    assert!(actions.contains(&"kms:PutKeyPolicy"));
    let keeps = statement(&all, "ShosekiKeepsKey");
    assert_eq!((&keeps["Effect"], &keeps["Principal"]), (&json!("Deny"), &json!({"AWS": "*"})));
    let taken = json!(["kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:ScheduleKeyDeletion"]);
    assert_eq!(keeps["Action"], taken);
    assert_eq!(keeps["Condition"], json!({"ArnNotLike": {"aws:PrincipalArn": [names().break_glass.unwrap()]}}));
    let reads = statement(&all, "ShosekiReads");
    assert_eq!(reads["Action"], json!(["kms:Decrypt", "kms:DescribeKey"]));
    assert_eq!(reads["Condition"], json!({"ArnLike": {"aws:PrincipalArn": [reader]}}));
    let trail = statement(&all, "ShosekiTrailEncrypts");
    assert_eq!(trail["Action"], "kms:GenerateDataKey*");
    assert_eq!(trail["Condition"]["StringEquals"]["aws:SourceArn"], json!([delivers().arn]));
    let config = statement(&all, "ShosekiConfigEncrypts");
    assert_eq!(config["Condition"]["StringEquals"]["aws:SourceAccount"], json!(["111122223333"]));
    assert_eq!(all.len(), 6);
}

fn open(there: Option<&Value>, wanted: Vec<Value>) -> (Vec<Value>, Vec<String>) {
    match merged(there, wanted) {
        Merged::Open(policy, missing) => (policy["Statement"].as_array().unwrap().clone(), missing),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_others_wrote_stays_and_what_is_there_is_not_written_again() {
    let wanted = || policy::guards(&names(), "logs");
    let (all, missing) = open(None, wanted());
    assert_eq!((all, missing.len()), (wanted(), 4));
    let theirs = json!({"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::logs/*"});
    let there = document(vec![theirs.clone()]);
    let (all, _) = open(Some(&there), wanted());
    assert_eq!((&all[0], all.len()), (&theirs, 5));
    assert_eq!(merged(Some(&document(all.clone())), wanted()), Merged::Right);
    // KMS and SQS give the text of a policy.
    assert_eq!(merged(Some(&json!(document(all).to_string())), wanted()), Merged::Right);
    assert_eq!(merged(Some(&json!("no policy")), wanted()), Merged::Unreadable);
    assert_eq!(merged(Some(&json!(["no policy"])), wanted()), Merged::Unreadable);
    // AWS may give back one of a list as a text, everybody in another way, and under another name.
    let other = json!({"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"],
        "Resource": ["arn:aws:s3:::logs/*", "arn:aws:s3:::logs"], "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}});
    let (_, missing) = open(Some(&document(vec![other])), wanted());
    assert_eq!(missing, ["ShosekiKeepsObjects", "ShosekiKeepsBucket", "ShosekiKeepsLifeCycle"]);
}

#[test]
fn what_is_stricter_stays_and_what_names_more_keeps_it() {
    let keeps = || vec![statement(&policy::guards(&names(), "logs"), "ShosekiKeepsObjects").clone()];
    let of = |change: &dyn Fn(&mut Value)| {
        let mut one = keeps().remove(0);
        change(&mut one);
        document(vec![one])
    };
    // Nobody at all may, and more is denied.
    let nobody = of(&|one| drop(one.as_object_mut().unwrap().remove("Condition")));
    assert_eq!(merged(Some(&nobody), keeps()), Merged::Right);
    let more = of(&|one| one["Action"].as_array_mut().unwrap().push(json!("s3:PutObjectRetention")));
    assert_eq!(merged(Some(&more), keeps()), Merged::Right);
    // One more is exempt, or less is denied: that is weaker, and is mended.
    let exempt =
        of(&|one| one["Condition"]["ArnNotLike"]["aws:PrincipalArn"].as_array_mut().unwrap().push(json!("arn:x")));
    let (all, _) = open(Some(&exempt), keeps());
    assert_eq!((all.len(), &all[0]["Condition"]), (1, &keeps()[0]["Condition"]));
    let less = of(&|one| one["Action"] = json!("s3:DeleteObject"));
    let (all, _) = open(Some(&less), keeps());
    assert_eq!((all.len(), all[0]["Action"].as_array().unwrap().len()), (1, 3));
    let but = of(&|one| {
        let resource = one.as_object_mut().unwrap().remove("Resource").unwrap();
        one["NotResource"] = resource;
    });
    assert_eq!(open(Some(&but), keeps()).1, ["ShosekiKeepsObjects"]);

    // Another run let another account's trail in: it is not shut out.
    let other = Delivers {
        arn: "arn:aws:cloudtrail:x:444455556666:trail/t".to_owned(),
        folders: vec!["444455556666".to_owned()],
        ..delivers()
    };
    let there = document(policy::trails(&names(), "logs", &[other]));
    let (all, missing) = open(Some(&there), policy::trails(&names(), "logs", &[delivers()]));
    assert_eq!((all.len(), missing.len()), (2, 2));
    assert_eq!(
        statement(&all, "ShosekiTrailWrite")["Condition"]["StringEquals"]["aws:SourceArn"].as_array().unwrap().len(),
        2
    );
    let both = document(all);
    assert_eq!(merged(Some(&both), policy::trails(&names(), "logs", &[delivers()])), Merged::Right);
}

#[test]
fn a_role_is_taken_by_whom_it_names_and_with_a_second_factor_where_aws_sees_one() {
    let who = ["arn:aws:iam::111122223333:user/aiko".to_owned()];
    let expected = json!({"Sid": "ShosekiAuditors", "Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}});
    assert_eq!(policy::trust_with_mfa("ShosekiAuditors", &who), expected);
    let sso = policy::trust_of_sso(&names(), "Audit");
    let start = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/";
    // Sixteen digits: the roles of a set `Audit_Admin` have more.
    let set = "AWSReservedSSO_Audit_????????????????";
    assert_eq!(
        sso["Condition"],
        json!({"ArnLike": {"aws:PrincipalArn": [format!("{start}{set}"), format!("{start}*/{set}")]}})
    );
    assert_eq!(sso["Principal"], json!({"AWS": "arn:aws:iam::111122223333:root"}));

    let pods = policy::trust_of_pods("111122223333", "arn:cluster", ("audit", "collector"));
    assert_eq!(pods["Principal"], json!({"Service": "pods.eks.amazonaws.com"}));
    assert_eq!(pods["Action"], json!(["sts:AssumeRole", "sts:TagSession"]));
    let limits = json!({
        "ArnEquals": {"aws:SourceArn": "arn:cluster"},
        "StringEquals": {"aws:SourceAccount": "111122223333", "aws:RequestTag/kubernetes-namespace": "audit",
            "aws:RequestTag/kubernetes-service-account": "collector"},
    });
    assert_eq!(pods["Condition"], limits);
    let token = policy::trust_of_web_identity(&names(), "oidc.x/id/1", ("audit", "collector"));
    assert_eq!(token["Principal"], json!({"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.x/id/1"}));
    let limits = json!({"StringEquals": {"oidc.x/id/1:aud": "sts.amazonaws.com",
        "oidc.x/id/1:sub": "system:serviceaccount:audit:collector"}});
    assert_eq!(token["Condition"], limits);
}

#[test]
fn each_role_may_do_its_work_and_no_more() {
    let (buckets, keys) = (["logs".to_owned()], ["arn:key".to_owned()]);
    let actions = |all: &[Value]| -> Vec<String> {
        let of = |one: &Value| match &one["Action"] {
            Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        all.iter().flat_map(of).collect()
    };
    let places = ("arn:aws:sqs:ap-northeast-1:111122223333:theirs", ["ap-northeast-1", "us-east-1"]);
    let collector = policy::rights_of_collector(&names(), &buckets, &keys, (places.0, &places.1));
    let expected = [
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "kms:Decrypt",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "logs:DescribeLogGroups",
        "logs:FilterLogEvents",
        "cloudtrail:ListPublicKeys",
    ];
    assert_eq!(actions(&collector), expected);
    assert_eq!(statement(&collector, "ShosekiHears")["Resource"], "arn:aws:sqs:ap-northeast-1:111122223333:theirs");
    assert_eq!(statement(&collector, "ShosekiReads")["Resource"], json!(["arn:aws:s3:::logs/*"]));
    // In each region that is set up, and in no other.
    let group = |region: &str, name: &str| format!("arn:aws:logs:{region}:111122223333:log-group:{name}");
    let [home, other] = places.1;
    assert_eq!(statement(&collector, "ShosekiGroups")["Resource"], json!([group(home, "*"), group(other, "*")]));
    let [eks, rds] = ["/aws/eks/*", "/aws/rds/*"];
    let of_both = [group(home, eks), group(other, eks), group(home, rds), group(other, rds)];
    assert_eq!(statement(&collector, "ShosekiLogs")["Resource"], json!(of_both));
    let vault = policy::vault(&names(), &VaultPlace::of("s3://vault/shoseki/").unwrap());
    assert_eq!(statement(&vault, "ShosekiWritesVault")["Resource"], "arn:aws:s3:::vault/shoseki/*");
    assert!(actions(&vault).iter().all(|one| !one.contains("Delete") && one != "s3:*"), "{vault:?}");
    let auditor = policy::rights_of_auditor(&names(), &buckets, &keys, vec!["s3:GetBucketPolicy".to_owned()]);
    for action in actions(&auditor) {
        let verb = action.split_once(':').unwrap().1;
        assert!(["Get", "List", "Lookup", "Decrypt"].iter().any(|start| verb.starts_with(start)), "{action}");
    }
    let glass = policy::rights_of_break_glass(&names(), &buckets, &keys);
    let all = actions(&glass);
    assert!(all.contains(&"s3:DeleteObjectVersion".to_owned()) && all.contains(&"kms:ScheduleKeyDeletion".to_owned()));
    // What is dangerous is of these buckets and this key, and of nothing else.
    assert!(glass.iter().all(|one| one["Resource"] != "*" && one["Resource"] != json!(["*"])), "{glass:?}");
}

#[test]
fn each_trail_that_delivers_to_the_bucket_goes_on_delivering() {
    use shoseki_aws::inventory::{Answer, CALLS, Said};
    let trail = |name: &str, bucket: &str| {
        json!({"Name": name, "TrailARN": format!("arn:aws:cloudtrail:r:1:trail/{name}"), "S3BucketName": bucket,
            "HomeRegion": "r", "IsMultiRegionTrail": name == "main"})
    };
    let all = json!({"trailList": [trail("main", "logs"), trail("second", "logs"), trail("other", "elsewhere")]});
    let answers = [Answer {
        call: CALLS.iter().find(|one| one.name() == "cloudtrail:DescribeTrails").unwrap(),
        account: "1".to_owned(),
        region: "r".to_owned(),
        of: None,
        time: shoseki_event::Timestamp::now(),
        said: Said::Answer(all),
    }];
    let (wish, accounts, places) =
        (crate::Setup::default(), ["1".to_owned()], [("1".to_owned(), "r".to_owned())].into());
    let found = crate::found::Found::of(&answers);
    let site = crate::site::Site::of(&wish, &accounts, &places, &found);
    let arns: Vec<String> = site.deliver().into_iter().map(|one| one.arn).collect();
    assert_eq!(arns, ["main", "second"].map(|name| format!("arn:aws:cloudtrail:r:1:trail/{name}")));
}

#[test]
fn who_is_of_another_account_reads_by_its_account_and_a_condition() {
    let readers = ["arn:aws:iam::444455556666:role/a".to_owned(), "arn:aws:iam::444455556666:role/b".to_owned()];
    let root = json!({"AWS": ["arn:aws:iam::444455556666:root"]});
    let only = json!({"ArnLike": {"aws:PrincipalArn": readers}});
    let key = policy::key_elsewhere(&names(), &readers);
    assert_eq!((&key[0]["Principal"], &key[0]["Condition"], key.len()), (&root, &only, 1));
    let bucket = policy::readers_elsewhere(&names(), "logs", &readers);
    for (one, resource) in bucket.iter().zip(["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]) {
        assert_eq!((&one["Principal"], &one["Condition"], &one["Resource"]), (&root, &only, &json!(resource)));
    }
    assert_eq!(bucket.len(), 2);
    let none = (policy::key_elsewhere(&names(), &[]), policy::readers_elsewhere(&names(), "logs", &[]));
    assert_eq!(none, (Vec::new(), Vec::new()));
}

#[test]
fn a_replication_deletes_nothing_and_uses_each_key_by_s3_alone() {
    let (from, to) = (
        Store { bucket: "logs", key: "arn:key", region: "a" },
        Store { bucket: "copy", key: "arn:other", region: "b" },
    );
    let all = passing::rights_of_replication(&names(), &from, &to);
    let text = json!(all).to_string();
    assert!(!text.contains("Delete"), "{text}");
    let places = ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*", "arn:aws:s3:::copy/*", "arn:key", "arn:other"];
    assert_eq!(all.iter().map(|one| one["Resource"].as_str().unwrap()).collect::<Vec<_>>(), places);
    for (sid, via) in [("ShosekiReplicatesBy", "s3.a.amazonaws.com"), ("ShosekiReplicatesUnder", "s3.b.amazonaws.com")]
    {
        assert_eq!(statement(&all, sid)["Condition"]["StringLike"]["kms:ViaService"], via);
    }
}

#[test]
fn who_else_may_take_a_role_or_write_to_a_bucket_is_seen() {
    let who = ["arn:aws:iam::111122223333:user/aiko".to_owned()];
    let ours = vec![policy::trust_with_mfa("ShosekiBreakGlass", &who)];
    let any = json!({"Sid": "Any", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    assert_eq!(policy::beyond(&document(ours.clone()), &ours), Vec::<String>::new());
    let both = document(vec![ours[0].clone(), any]);
    assert_eq!(policy::beyond(&json!(both.to_string()), &ours), ["Any"]);

    let folders = ["111122223333".to_owned()];
    let others = |one: Value| policy::other_writers(&document(vec![one]), "111122223333", &[delivers()], &folders);
    for mine in policy::trails(&names(), "logs", &[delivers()]) {
        assert_eq!(others(mine), Vec::<String>::new());
    }
    let writes = |principal: Value, place: &str| {
        json!({"Sid": "W", "Effect": "Allow", "Principal": principal, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::logs/AWSLogs/{place}/*")})
    };
    let trail = json!({"Service": "cloudtrail.amazonaws.com"});
    assert_eq!(others(writes(trail.clone(), "111122223333")), Vec::<String>::new());
    assert_eq!(others(writes(json!({"AWS": "arn:aws:iam::111122223333:root"}), "x")), Vec::<String>::new());
    for (principal, place) in [
        (trail, "444455556666"),
        (json!({"Service": "delivery.logs.amazonaws.com"}), "111122223333"),
        (json!({"AWS": "arn:aws:iam::444455556666:root"}), "111122223333"),
        (json!("*"), "111122223333"),
    ] {
        assert_eq!(others(writes(principal.clone(), place)), ["W"], "{principal}");
    }
}

#[test]
fn the_collector_reads_the_queue_that_is_told_already() {
    use shoseki_aws::inventory::{Answer, SETUP_CALLS, Said};
    let accounts = ["111122223333".to_owned()];
    let wish: crate::Setup = toml::from_str("home_region = \"r\"\n[collector]\ncluster = \"shop\"\n").unwrap();
    let of = |answers: &[Answer]| {
        let places = [(accounts[0].clone(), "r".to_owned())].into();
        let found = crate::found::Found::of(answers);
        let site = crate::site::Site::of(&wish, &accounts, &places, &found);
        crate::pieces::roles::queue(&site)
    };
    assert_eq!(of(&[]), "arn:aws:sqs:r:111122223333:shoseki-trail-events");
    let theirs = "arn:aws:sqs:r:111122223333:theirs";
    let told = json!({"QueueConfiguration": {"Queue": theirs, "Event": "s3:ObjectCreated:*"}});
    let answers = [Answer {
        call: SETUP_CALLS.iter().find(|one| one.name() == "s3:GetBucketNotificationConfiguration").unwrap(),
        account: accounts[0].clone(),
        region: "r".to_owned(),
        of: Some("shoseki-evidence-111122223333-r".to_owned()),
        time: shoseki_event::Timestamp::now(),
        said: Said::Answer(told),
    }];
    assert_eq!(of(&answers), theirs);
}
