//! What exists against what speaks: each kind that speaks, that is silent, that is young, and of which it cannot be told.

use serde_json::{Value as Json, json};
use shoseki_messages::Lang;

use super::*;
use crate::account::{Answer, Said, of_answers};
use crate::checks::{CHECKS, Cell, Rows};
use crate::settings::Value;

const ACCOUNT: &str = "111122223333";
const DAY: i64 = 24 * HOUR;

fn now() -> Timestamp {
    time("2026-03-20T00:00:00Z")
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

/// So many days before now.
fn ago(days: i64) -> Timestamp {
    Timestamp(now().0 - days * DAY)
}

fn answer(call: &str, of: Option<&str>, said: Json) -> Answer {
    let said = match said.as_str() {
        Some("refused") => Said::Refused(msg!("inventory-refused-then", call = call, code = "AccessDenied")),
        Some("absent") => Said::Absent,
        _ => Said::Answer(Value::from_json(&said)),
    };
    let (account, region) = (ACCOUNT.to_owned(), "ap-northeast-1".to_owned());
    Answer {
        call: call.to_owned(),
        account,
        region,
        of: of.map(str::to_owned),
        said,
        record: Some(format!("a:{call}")),
    }
}

fn trails() -> Answer {
    answer("cloudtrail:DescribeTrails", None, json!({"trailList": []}))
}

fn cluster(name: &str, created: Timestamp) -> Vec<Answer> {
    let seconds = created.0 as f64 / 1e6;
    let arn = format!("arn:aws:eks:ap-northeast-1:{ACCOUNT}:cluster/{name}");
    let said = json!({"cluster": {"name": name, "arn": arn, "createdAt": seconds}});
    vec![answer("eks:ListClusters", None, json!({"clusters": [name]})), answer("eks:DescribeCluster", Some(name), said)]
}

fn database(name: &str, engine: &str, created: Timestamp) -> Answer {
    let one = json!({"DBInstanceIdentifier": name, "DBInstanceArn": format!("arn:db:{name}"), "Engine": engine,
        "InstanceCreateTime": created.to_string()});
    answer("rds:DescribeDBInstances", None, json!({"DBInstances": {"DBInstance": one}}))
}

/// Streams: source, stream, account, region, days since the last record.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, i64);

fn spoken(streams: &[Row<'_>], objects: &[(&str, &str, i64)]) -> Spoken {
    let cells = |last: i64, record: &str| {
        [Cell::Time(ago(last + 1)), Cell::Time(ago(last)), Cell::Number(7), Cell::from(record)]
    };
    let stream = |(source, stream, account, region, last): &Row<'_>| {
        let [first, end, records, record] = cells(*last, &format!("s:{stream}"));
        [Cell::from(*source), (*stream).into(), (*account).into(), (*region).into(), first, end, records, record]
    };
    let names = ["source", "stream", "account", "region", "first", "last", "records", "record"];
    let streams = Rows::of(names, streams.iter().map(stream).collect());
    let object = |(account, bucket, last): &(&str, &str, i64)| {
        let [first, end, records, record] = cells(*last, &format!("o:{bucket}"));
        [Cell::from(*account), (*bucket).into(), first, end, records, record]
    };
    let names = ["account", "bucket", "first", "last", "records", "record"];
    Spoken::of(&streams, &Rows::of(names, objects.iter().map(object).collect()))
}

/// What a check finds: subject, status, text.
fn found(check: &str, answers: &[Answer], spoken: &Spoken) -> Vec<(String, &'static str, String)> {
    let looked = of_answers(answers);
    let check = CHECKS.iter().find(|one| one.id == check).unwrap_or_else(|| panic!("no check {check}"));
    let judged = Listening { looked: &looked, spoken, now: now() }.judge(&[check]);
    let one = |finding: &Finding| (finding.subject.clone(), finding.status.name(), finding.what.text(Lang::En));
    judged.iter().flat_map(|judged| judged.findings.iter().map(one)).collect()
}

fn status(check: &str, answers: &[Answer], spoken: &Spoken) -> &'static str {
    found(check, answers, spoken)[0].1
}

#[test]
fn a_cluster_is_known_by_its_log_group_or_by_its_name() {
    let old = cluster("prod", ago(100));
    let of = |stream: &str, days: i64| {
        status("inventory_cluster_speaks", &old, &spoken(&[("k8s-audit", stream, "", "", days)], &[]))
    };
    for stream in [
        "k8s-audit/eks/aws/eks/prod/cluster",
        "k8s-audit/aws/eks/prod/cluster",
        "k8s-audit/prod",
        "k8s-audit/hook/prod",
    ] {
        assert_eq!((of(stream, 0), of(stream, 2)), ("pass", "fail"), "{stream}");
    }
    // Another cluster's log group is not its, and one without a name may be anybody's.
    assert_eq!(of("k8s-audit/eks/aws/eks/preprod/cluster", 0), "fail");
    assert_eq!(of("k8s-audit/eks/aws/eks/pre/prod/cluster", 0), "fail");
    assert_eq!(of("k8s-audit/hook", 0), "no_evidence");
    let nothing = spoken(&[], &[]);
    let never = &found("inventory_cluster_speaks", &old, &nothing)[0];
    assert_eq!((never.1, never.2.contains("2025-12-10T00:00:00Z")), ("fail", true), "{}", never.2);
    let young = &found("inventory_cluster_speaks", &cluster("prod", ago(1)), &nothing)[0];
    assert_eq!(young.1, "not_applicable", "{}", young.2);
    // What cannot be listed is not known, and what is not there is nothing to speak.
    assert_eq!(
        status("inventory_cluster_speaks", &[answer("eks:ListClusters", None, json!("refused"))], &nothing),
        "no_evidence"
    );
    assert_eq!(status("inventory_cluster_speaks", &[trails()], &nothing), "not_applicable");
}

#[test]
fn what_was_not_heard_of_late_is_asked_for_in_all_that_came_before() {
    let clusters = cluster("prod", ago(100));
    let looked = of_answers(&clusters);
    let checks: Vec<&Check> = CHECKS.iter().filter(|one| one.is_of_inventory()).collect();
    let unheard = |spoken: &Spoken| {
        let (sources, has_buckets) = Listening { looked: &looked, spoken, now: now() }.unheard(&checks);
        (sources.into_iter().collect::<Vec<String>>().join(" "), has_buckets)
    };
    let account = ("cloudtrail", "cloudtrail/1", ACCOUNT, "ap-northeast-1", 0);
    let its = ("k8s-audit", "k8s-audit/prod", "", "", 0);
    assert_eq!(unheard(&spoken(&[], &[])), ("cloudtrail k8s-audit".to_owned(), false));
    assert_eq!(unheard(&spoken(&[account], &[])), ("k8s-audit".to_owned(), false));
    assert_eq!(unheard(&spoken(&[account, its], &[])), (String::new(), false));
    // What is too young to speak has said nothing before either; of a silent bucket, its logs and data events are asked for.
    let young = of_answers(&cluster("prod", ago(0)));
    let heard = spoken(&[account], &[]);
    assert_eq!(Listening { looked: &young, spoken: &heard, now: now() }.unheard(&checks).0.len(), 0);
    let buckets = of_answers(&bucket(true, json!([]), "other"));
    let (sources, has_buckets) = Listening { looked: &buckets, spoken: &heard, now: now() }.unheard(&checks);
    assert_eq!((sources.into_iter().collect::<Vec<_>>(), has_buckets), (vec!["s3-access".to_owned()], true));
    // What came before is told with what came since, as of one stream.
    let mut all = spoken(&[its], &[(ACCOUNT, "shop", 3)]);
    all.add(spoken(
        &[("k8s-audit", "k8s-audit/prod", "", "", 50), ("k8s-audit", "k8s-audit/old", "", "", 60)],
        &[(ACCOUNT, "shop", 40)],
    ));
    let prod = all.heard(|stream| stream.heard.stream == "k8s-audit/prod").unwrap_or_else(|| panic!("not heard"));
    assert_eq!((prod.records, prod.first, prod.last), (14, ago(51), ago(0)));
    assert_eq!(all.of_sources(&["k8s-audit"]).count(), 2, "one of a name");
    assert_eq!(all.objects_of("shop").map(|heard| (heard.first, heard.last)), Some((ago(41), ago(3))));
}

#[test]
fn two_clusters_of_one_name_are_not_told_apart_by_it() {
    let mut both = cluster("prod", ago(100));
    let mut other = cluster("prod", ago(100));
    for one in &mut other {
        one.region = "us-east-1".to_owned();
        if let (Some(_), Said::Answer(_)) = (&one.of, &one.said) {
            one.said = Said::Answer(Value::from_json(&json!({"cluster": {"name": "prod", "arn": "arn:other"}})));
        }
    }
    both.extend(other);
    let speaks = spoken(&[("k8s-audit", "k8s-audit/eks/aws/eks/prod/cluster", "", "", 0)], &[]);
    let all: Vec<&str> = found("inventory_cluster_speaks", &both, &speaks).iter().map(|one| one.1).collect();
    assert_eq!(all, ["no_evidence", "no_evidence"]);
}

#[test]
fn a_database_is_known_by_its_log_group_or_by_a_part_of_its_stream() {
    let of = |engine: &str, source: &str, stream: &str, days: i64| {
        status(
            "inventory_database_speaks",
            &[database("orders", engine, ago(100))],
            &spoken(&[(source, stream, "", "", days)], &[]),
        )
    };
    assert_eq!(of("mariadb", "mariadb-audit", "mariadb-audit/rds/aws/rds/instance/orders/audit", 1), "pass");
    assert_eq!(of("mysql", "mariadb-audit", "mariadb-audit/mysql/orders/audit", 1), "pass");
    assert_eq!(of("postgres", "pgaudit", "pgaudit/rds/aws/rds/instance/orders/postgresql", 1), "pass");
    assert_eq!(of("postgres", "pgaudit", "pgaudit/orders", 6), "pass");
    assert_eq!(of("postgres", "pgaudit", "pgaudit/orders", 8), "fail");
    // Of another database, of another engine, of another kind of log group.
    assert_eq!(of("postgres", "pgaudit", "pgaudit/rds/aws/rds/instance/orders2/postgresql", 1), "fail");
    assert_eq!(of("postgres", "mariadb-audit", "mariadb-audit/orders", 1), "fail");
    assert_eq!(of("postgres", "pgaudit", "pgaudit/x/aws/rds/proxy/orders/log", 1), "fail");
    assert_eq!(of("oracle-ee", "pgaudit", "pgaudit/orders", 1), "no_evidence");
    // A member of a cluster speaks by it.
    let cluster = json!({"DBClusters": {"DBCluster": {"DBClusterIdentifier": "shop", "DBClusterArn": "arn:shop", "Engine": "aurora-postgresql"}}});
    let member = json!({"DBInstances": {"DBInstance": {"DBInstanceIdentifier": "shop-1", "DBInstanceArn": "arn:shop-1",
        "DBClusterIdentifier": "shop", "Engine": "aurora-postgresql"}}});
    let answers = [answer("rds:DescribeDBClusters", None, cluster), answer("rds:DescribeDBInstances", None, member)];
    for stream in ["pgaudit/rds/aws/rds/cluster/shop/postgresql", "pgaudit/rds/aws/rds/instance/shop-1/postgresql"] {
        let all = found("inventory_database_speaks", &answers, &spoken(&[("pgaudit", stream, "", "", 1)], &[]));
        assert_eq!((all.len(), all[0].0.as_str(), all[0].1), (1, "arn:shop", "pass"), "{stream}");
    }
}

#[test]
fn an_account_speaks_each_day_and_a_region_with_something_in_it_each_week() {
    let mut answers = cluster("prod", ago(100));
    answers.push(trails());
    let of = |account: i64, region: i64| {
        let streams = [
            ("cloudtrail", "cloudtrail/a/us-east-1", ACCOUNT, "us-east-1", account),
            ("cloudtrail", "named-otherwise", ACCOUNT, "ap-northeast-1", region),
        ];
        let all = found("inventory_account_speaks", &answers, &spoken(&streams, &[]));
        let status = |subject: &str| all.iter().find(|one| one.0 == subject).map(|one| one.1).unwrap_or_default();
        (status(ACCOUNT), status(&format!("{ACCOUNT} ap-northeast-1")))
    };
    assert_eq!((of(0, 6), of(0, 8), of(2, 8)), (("pass", "pass"), ("pass", "fail"), ("fail", "fail")));
    // Where nothing of an account arrives, that is one failure.
    let other = spoken(&[("cloudtrail", "cloudtrail/2/x", "222222222222", "ap-northeast-1", 0)], &[]);
    let all: Vec<&str> = found("inventory_account_speaks", &answers, &other).iter().map(|one| one.1).collect();
    assert_eq!(all, ["fail", "not_applicable"]);
    // In a region in which nothing runs nothing may happen.
    let alone =
        found("inventory_account_speaks", &[trails()], &spoken(&[("cloudtrail", "s", ACCOUNT, "us-east-1", 0)], &[]));
    assert_eq!((alone.len(), alone[0].1), (1, "pass"));
}

#[test]
fn an_account_that_could_not_be_asked_is_not_passed_over() {
    let mut looked = of_answers(&[trails()]);
    looked.is_not_seen("arn:aws:iam::999999999999:role/look", &msg!("settings-unreadable"));
    let check = CHECKS.iter().find(|one| one.id == "inventory_account_speaks").unwrap();
    let spoken = spoken(&[("cloudtrail", "s", ACCOUNT, "us-east-1", 0)], &[]);
    let judged = Listening { looked: &looked, spoken: &spoken, now: now() }.judge(&[check]);
    assert_eq!(judged[0].status(), Status::NoEvidence);
    assert_eq!(judged[0].findings[0].subject, "arn:aws:iam::999999999999:role/look");
}

#[test]
fn a_recorder_spoke_once_at_least_and_may_be_silent_then() {
    let recorder = |started: f64| {
        [
            answer(
                "config:DescribeConfigurationRecorders",
                None,
                json!({"ConfigurationRecorders": [{"name": "default"}]}),
            ),
            answer(
                "config:DescribeConfigurationRecorderStatus",
                None,
                json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": true, "lastStartTime": started}]}),
            ),
        ]
    };
    let old = recorder(ago(100).0 as f64 / 1e6);
    let of = |days: i64| {
        status("inventory_recorder_speaks", &old, &spoken(&[("config", "c", ACCOUNT, "ap-northeast-1", days)], &[]))
    };
    assert_eq!((of(6), of(8)), ("pass", "no_evidence"));
    let elsewhere = spoken(&[("config", "c", ACCOUNT, "us-east-1", 0)], &[]);
    assert_eq!(status("inventory_recorder_speaks", &old, &elsewhere), "fail");
    assert_eq!(status("inventory_recorder_speaks", &recorder(ago(6).0 as f64 / 1e6), &elsewhere), "not_applicable");
}

/// A bucket, with its access logs on or not, and what a trail records.
fn bucket(is_logged: bool, values: Json, trail_bucket: &str) -> Vec<Answer> {
    let logging = if is_logged { json!({"LoggingEnabled": {"TargetBucket": "access"}}) } else { json!("") };
    let selectors = json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}]});
    let selectors = if values == json!([]) { json!({"EventSelectors": []}) } else { selectors };
    vec![
        answer(
            "cloudtrail:DescribeTrails",
            None,
            json!({"trailList": [{"Name": "all", "TrailARN": "arn:trail", "S3BucketName": trail_bucket}]}),
        ),
        answer("cloudtrail:GetTrailStatus", Some("arn:trail"), json!({"IsLogging": true})),
        answer("cloudtrail:GetEventSelectors", Some("arn:trail"), selectors),
        answer(
            "s3:ListBuckets",
            None,
            json!({"Buckets": {"Bucket": {"Name": "shop", "CreationDate": "2025-01-01T00:00:00Z"}}}),
        ),
        answer("s3:GetBucketLogging", Some("shop"), logging),
    ]
}

#[test]
fn a_bucket_speaks_or_it_is_known_whether_it_would() {
    let none = json!([]);
    let (all, some) = (json!(["arn:aws:s3"]), json!(["arn:aws:s3:::shop/"]));
    let of = |answers: &[Answer], streams: &[Row<'_>], objects: &[(&str, &str, i64)]| {
        status("inventory_bucket_speaks", answers, &spoken(streams, objects))
    };
    let logs = ("s3-access", "s3-access/shop", "", "", 3);
    assert_eq!(of(&bucket(true, none.clone(), "other"), &[logs], &[]), "pass");
    assert_eq!(of(&bucket(false, all.clone(), "other"), &[], &[(ACCOUNT, "shop", 3)]), "pass");
    // Nothing came of it: what would record it decides.
    assert_eq!(of(&bucket(false, none.clone(), "other"), &[], &[]), "fail");
    assert_eq!(of(&bucket(true, none.clone(), "other"), &[], &[]), "no_evidence");
    for values in [all.clone(), some.clone()] {
        assert_eq!(of(&bucket(false, values.clone(), "other"), &[], &[(ACCOUNT, "another", 0)]), "pass");
        assert_eq!(of(&bucket(false, values.clone(), "other"), &[], &[(ACCOUNT, "another", 9)]), "fail");
        assert_eq!(of(&bucket(false, values, "other"), &[], &[("222222222222", "another", 0)]), "fail");
    }
    let elsewhere = json!(["arn:aws:s3:::shop-2/"]);
    assert_eq!(of(&bucket(false, elsewhere, "other"), &[], &[(ACCOUNT, "another", 0)]), "fail", "another bucket's");
    // To one that evidence goes to, something is written all the time.
    assert_eq!(of(&bucket(true, none, "shop"), &[logs], &[]), "fail");
    assert_eq!(of(&bucket(false, all.clone(), "shop"), &[], &[(ACCOUNT, "another", 0)]), "fail");
    // What may not be seen is not known.
    let mut refused = bucket(false, all, "other");
    refused[2] = answer("cloudtrail:GetEventSelectors", Some("arn:trail"), json!("refused"));
    assert_eq!(of(&refused, &[], &[]), "no_evidence");
}

#[test]
fn a_finding_names_the_newest_record_and_where_its_resource_was_seen() {
    let looked = of_answers(&cluster("prod", ago(100)));
    let check = CHECKS.iter().find(|one| one.id == "inventory_cluster_speaks").unwrap();
    let streams =
        [("k8s-audit", "k8s-audit/prod", "", "", 3), ("k8s-audit", "k8s-audit/eks/aws/eks/prod/cluster", "", "", 0)];
    let spoken = spoken(&streams, &[]);
    let judged = Listening { looked: &looked, spoken: &spoken, now: now() }.judge(&[check]);
    let finding = &judged[0].findings[0];
    assert_eq!(finding.records, ["a:eks:DescribeCluster", "s:k8s-audit/eks/aws/eks/prod/cluster"]);
    assert_eq!(finding.place.as_deref(), Some("111122223333 ap-northeast-1"));
    let speech = &Listening { looked: &looked, spoken: &spoken, now: now() }.speeches(check)[0];
    assert_eq!(speech.heard.as_ref().map(|heard| (heard.records, heard.last)), Some((14, now())));
}
