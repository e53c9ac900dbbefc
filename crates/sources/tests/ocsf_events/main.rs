//! Every record becomes an event that OCSF's schema accepts: of all samples, of the development data, and of columns that say
//! anything or nothing. Where the schema or the data is absent, the tests say so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod schema;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use expect_test::expect_file;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use shoseki_event::{Columns, Kind, Outcome, Provenance, TimeOrigin, Timestamp};
use shoseki_sources::ocsf::{Seen, event};
use shoseki_sources::{Inflate, Limits, Piece, Source, Splitter, auto};

use schema::Schema;

const ID: &str = "000102030405060708090a0b0c0d0e0f:7";

fn provenance(source: &str, stream: &str, kind: Kind) -> Provenance {
    Provenance {
        kind,
        source: source.into(),
        stream: stream.into(),
        origin: "s3://trail-bucket/AWSLogs/2026/03/05/events.json.gz".into(),
        position: 0,
        received: received(),
        reason: Arc::default(),
    }
}

fn received() -> Timestamp {
    Timestamp::parse("2026-03-06T00:00:00Z").unwrap()
}

/// The event of some bytes of a source; nothing where they are none of it.
fn of(source: &dyn Source, raw: &[u8]) -> Option<Value> {
    let columns = source.derive(raw, received()).ok()?;
    let provenance = provenance(source.id(), &source.stream(&columns), Kind::Event);
    Some(event(&Seen { id: ID, provenance: &provenance, columns: &columns, raw }))
}

fn accept(schema: &Schema, event: &Value, what: &str) {
    let faults = schema.faults(event);
    assert!(faults.is_empty(), "{what}: {faults:#?}\n{event:#}");
}

fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, paths) } else { paths.push(path) }
    }
}

/// The events in a file, and the source of each: the one that is named, or the one that knows it.
fn events(path: &Path, source: Option<&'static dyn Source>) -> Vec<(&'static dyn Source, bytes::Bytes)> {
    let mut inflate = Inflate::new(File::open(path).unwrap(), Limits::default()).unwrap();
    let (mut pieces, mut splitter) = (Vec::new(), Splitter::auto());
    while let Some(chunk) = inflate.chunk(1 << 20).unwrap() {
        splitter.feed(chunk, &mut pieces);
    }
    splitter.finish(&mut pieces);
    let events = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Event { bytes, .. } => Some(bytes),
        _ => None,
    });
    events.filter_map(|bytes| Some((source.or_else(|| auto(&bytes))?, bytes))).collect()
}

#[test]
fn every_sample_becomes_a_valid_event() {
    let Some(schema) = Schema::read() else { return };
    assert!(schema.classes() > 70);
    for source in shoseki_sources::all() {
        accept(&schema, &of(source, source.example()).unwrap(), source.id());
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(source.id());
        if !samples.exists() {
            continue; // of our own events there are none
        }
        let (mut paths, mut count) = (Vec::new(), 0);
        below(&samples, &mut paths);
        for path in paths.iter().filter(|path| path.extension().is_none_or(|extension| extension != "columns")) {
            for (number, (source, raw)) in events(path, Some(source)).into_iter().enumerate() {
                let Some(event) = of(source, &raw) else { continue };
                accept(&schema, &event, &format!("{} {number}", path.display()));
                count += 1;
            }
        }
        assert!(count > 0, "`{}` has no samples", source.id());
    }
}

#[test]
fn real_events_become_valid_events_of_their_class() {
    let Some(schema) = Schema::read() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut all = 0;
    for folder in ["cloudtrail", "db-audit", "falco", "k8s-audit"] {
        if !root.join(folder).exists() {
            println!("skipped: this test needs ../shared/data/{folder}");
            continue;
        }
        let (mut paths, mut count, mut base) = (Vec::new(), 0, 0);
        below(&root.join(folder), &mut paths);
        for path in paths {
            let is_text = |ending: &str| path.to_string_lossy().ends_with(ending);
            if [".md", ".txt", ".yaml", ".yml", ".py", ".go"].iter().any(|ending| is_text(ending)) {
                continue;
            }
            for (number, (source, raw)) in events(&path, None).into_iter().enumerate() {
                let Some(event) = of(source, &raw) else { continue };
                accept(&schema, &event, &format!("{} {number}", path.display()));
                count += 1;
                base += usize::from(event["unmapped"]["class_uid"].as_i64().is_some_and(|_| event["class_uid"] == 0));
            }
        }
        println!("{folder}: {count} events, of which {base} could not be of their class");
        assert!(count > 0 && base * 20 <= count, "{folder}: {base} of {count} became Base Events");
        all += count;
    }
    println!("{all} events");
}

/// Any columns of a class that a source may give.
fn columns() -> impl Strategy<Value = (usize, Columns)> {
    let text = || {
        proptest::option::of("[a-z0-9:.@/ -]{0,12}|\\PC{0,6}|arn:aws:iam::1:user/x|198\\.51\\.100\\.7|::1")
            .prop_map(|text| text.map(shoseki_event::ColumnText::from))
    };
    let numbers = (0..shoseki_sources::all().count(), 0..16_usize, 0..16_i32, 0..=6_i32, any::<i64>(), 0..3_usize);
    let texts = (text(), text(), text(), text(), text(), text(), text(), text(), text(), text());
    (numbers, texts).prop_map(|((source, class, activity_id, severity_id, time, outcome), texts)| {
        let known = shoseki_sources::all().nth(source).unwrap();
        let class_uid = known.classes()[class % known.classes().len()];
        let (key, operation, service, actor, actor_type, src_ip, account, region, resource, error) = texts;
        let time_origin = [TimeOrigin::Event, TimeOrigin::Received, TimeOrigin::Implausible][outcome];
        let status = [Outcome::Unknown, Outcome::Success, Outcome::Failure][outcome];
        let columns = Columns {
            time: Timestamp(time),
            time_origin,
            key,
            class_uid,
            activity_id: activity(class_uid, activity_id),
            severity_id,
            status,
            operation,
            service,
            actor,
            actor_type,
            src_ip,
            account,
            region,
            resource,
            error,
        };
        (source, columns)
    })
}

/// One of the activities that the schema has for a class.
fn activity(class_uid: i32, any: i32) -> i32 {
    let most = match class_uid {
        2003 | 2004 => 3,
        3001 => 12,
        3002 => 7,
        5023 => 2,
        6002 => 8,
        6003 => 4,
        6005 => 10,
        _ => 0,
    };
    if any > most { 99 } else { any }
}

#[test]
fn any_columns_become_a_valid_event() {
    let Some(schema) = Schema::read() else { return };
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() });
    let checked = runner.run(&(columns(), any::<bool>()), |((source, columns), is_own)| {
        let source = shoseki_sources::all().nth(source).unwrap();
        let provenance = provenance(source.id(), "s", Kind::Event);
        let raw = if is_own { source.example() } else { b"\xff no event" };
        let event = event(&Seen { id: ID, provenance: &provenance, columns: &columns, raw });
        let faults = schema.faults(&event);
        prop_assert!(faults.is_empty(), "{faults:#?}\n{event:#}");
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_no_event_of_a_source_is_a_base_event_with_its_bytes() {
    let columns = Columns { time: received(), time_origin: TimeOrigin::Received, ..Columns::default() };
    let mut unparsed = provenance("unknown", "unknown", Kind::Unparsed);
    unparsed.reason = "not a JSON object".into();
    let seen = |provenance: &Provenance, raw: &[u8]| event(&Seen { id: ID, provenance, columns: &columns, raw });
    let text = seen(&unparsed, "壊れた line".as_bytes());
    assert_eq!((&text["class_uid"], &text["raw_data"]), (&json!(0), &json!("壊れた line")));
    assert_eq!(text["metadata"]["debug"], json!(["not a JSON object"]));
    assert_eq!(text["metadata"]["product"], json!({"name": "unknown"}));
    assert_eq!(text["metadata"].get("original_time"), None, "it states none");
    let bytes = seen(&unparsed, b"\xff\xfe");
    assert_eq!((bytes.get("raw_data"), &bytes["raw_data_size"]), (None, &json!(2)));
    let receipt = seen(&provenance("shoseki", "cloudtrail", Kind::Receipt), b"{}");
    if let Some(schema) = Schema::read() {
        [text, bytes, receipt].iter().for_each(|event| accept(&schema, event, "no event"));
    }
}

/// An event of CloudTrail with these members beside what each has.
fn cloudtrail(members: &str) -> Value {
    let raw = format!(
        r#"{{"eventVersion":"1.11","eventTime":"2026-03-05T01:02:03Z","awsRegion":"ap-northeast-1","recipientAccountId":"111122223333",{members}}}"#
    );
    let event = of(shoseki_sources::by_id("cloudtrail").unwrap(), raw.as_bytes()).unwrap();
    if let Some(schema) = Schema::read() {
        accept(&schema, &event, members);
    }
    event
}

#[test]
fn a_change_of_an_account_names_the_user_or_is_a_call() {
    let aiko = r#""userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/aiko","userName":"aiko","accessKeyId":"AKIAEXAMPLE"}"#;
    let call = |name: &str, parameters: &str| {
        cloudtrail(&format!(
            r#"{aiko},"eventSource":"iam.amazonaws.com","eventName":"{name}","requestID":"r-1","sourceIPAddress":"198.51.100.7","requestParameters":{parameters}"#
        ))
    };
    let created = call("CreateAccessKey", r#"{"userName":"mei"}"#);
    assert_eq!((&created["class_uid"], &created["activity_id"]), (&json!(3001), &json!(1)));
    assert_eq!(created["user"], json!({"name": "mei"}), "whose account it is, and not who changed it");
    assert_eq!(created["actor"]["user"]["uid"], "arn:aws:iam::111122223333:user/aiko");
    assert_eq!(created["actor"]["session"], json!({"credential_uid": "AKIAEXAMPLE"}));
    assert_eq!(created["api"]["request"], json!({"uid": "r-1"}));
    assert_eq!(created["unmapped"]["resource"], "mei");
    let own = call("ChangePassword", "null");
    assert_eq!((&own["class_uid"], &own["user"]), (&json!(3001), &own["actor"]["user"]), "one's own");
    let of_role = call("AttachRolePolicy", r#"{"roleName":"deploy","policyArn":"arn:aws:iam::aws:policy/Admin"}"#);
    assert_eq!((&of_role["class_uid"], &of_role["activity_id"]), (&json!(6003), &json!(3)));
    assert_eq!(of_role["unmapped"]["class_uid"], 3001);
    assert_eq!((&of_role["resources"][0]["name"], of_role.get("user")), (&json!("deploy"), None));
    let of_group = call("DeleteGroupPolicy", r#"{"groupName":"admins","policyName":"all"}"#);
    assert_eq!((&of_group["class_uid"], of_group.get("user")), (&json!(6003), None), "a group is no user");
}

#[test]
fn a_log_in_says_who_where_and_whether_with_a_second_factor() {
    let login = cloudtrail(
        r#""userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root"},"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","sourceIPAddress":"203.0.113.77","errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"}"#,
    );
    assert_eq!(
        (&login["class_uid"], &login["activity_id"], &login["status"]),
        (&json!(3002), &json!(1), &json!("Failure"))
    );
    assert_eq!((&login["user"]["type"], &login["user"]["type_id"]), (&json!("Admin"), &json!(2)));
    assert_eq!(login["service"], json!({"name": "signin.amazonaws.com"}));
    assert_eq!(
        (&login["actor"]["session"]["is_mfa"], &login["unmapped"]["actor_type"]),
        (&json!(false), &json!("Root"))
    );
    assert_eq!(login["api"]["response"], json!({"error_message": "Failed authentication"}));
    let nobody = cloudtrail(r#""eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin""#);
    assert_eq!((&nobody["class_uid"], nobody.get("user")), (&json!(0), None));
    assert_eq!(nobody["unmapped"]["class_uid"], 3002);
    let database = of(
        shoseki_sources::by_id("mariadb-audit").unwrap(),
        b"20260305 01:02:03,db-1,aiko,web-1,17,0,FAILED_CONNECT,shop,,1045",
    );
    let database = database.unwrap();
    assert_eq!((&database["class_uid"], &database["status_code"]), (&json!(3002), &json!("1045")));
    assert_eq!((&database["dst_endpoint"], database.get("service")), (&json!({"hostname": "db-1"}), None));
    assert_eq!(database["src_endpoint"], json!({"hostname": "web-1"}));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let service = cloudtrail(
        r#""userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},"eventSource":"sts.amazonaws.com","eventName":"PutThing","sourceIPAddress":"ec2.amazonaws.com""#,
    );
    assert_eq!(service["src_endpoint"], json!({"svc_name": "ec2.amazonaws.com"}), "a service in place of an address");
    assert_eq!(service["actor"]["user"], json!({"name": "ec2.amazonaws.com", "type": "Service", "type_id": 4}));
    let without = cloudtrail(
        r#""userIdentity":{"type":"AWSAccount","principalId":"x"},"eventSource":"s3.amazonaws.com","eventName":"GetObject""#,
    );
    assert_eq!(without["src_endpoint"], json!({"name": "Unknown", "type": "Unknown", "type_id": 0}));
    assert_eq!(without["actor"]["user"], json!({"name": "x", "type": "AWSAccount", "type_id": 99}));
    let insight = cloudtrail(
        r#""eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"RunInstances"}"#,
    );
    assert_eq!((&insight["class_uid"], &insight["unmapped"]["class_uid"]), (&json!(0), &json!(6003)));
    assert_eq!(insight["unmapped"]["resource"], "ec2.amazonaws.com/RunInstances");
    let server = of(
        shoseki_sources::by_id("mariadb-audit").unwrap(),
        b"20260305 01:02:03,db-1,aiko,192.0.2.1,17,4,QUERY,,'select 1',0",
    );
    let server = server.unwrap();
    assert_eq!(server["database"], json!({"uid": "db-1", "type": "Relational", "type_id": 1}), "none was chosen");
    let postgres = of(
        shoseki_sources::by_id("pgaudit").unwrap(),
        b"2026-03-05 01:02:03.004 UTC [1234] ERROR:  relation \"x\" does not exist",
    );
    let postgres = postgres.unwrap();
    assert_eq!((&postgres["class_uid"], &postgres["unmapped"]["class_uid"]), (&json!(0), &json!(6005)), "of nobody");
    assert_eq!(postgres["status_detail"], "relation \"x\" does not exist");
}

#[test]
fn who_asked_us_is_an_event_of_our_own_datastore() {
    let asked = of(
        shoseki_sources::OWN,
        br#"{"action":"query.run","actor":{"host":"bastion","uid":1000,"user":"aiko"},"details":{"query":"stats count(*)","vault":"shoseki/vault-1"},"id":"ab","outcome":"success","time":"2026-03-05T01:02:03Z"}"#,
    );
    let asked = asked.unwrap();
    assert_eq!((&asked["class_uid"], &asked["activity_id"]), (&json!(6005), &json!(4)));
    assert_eq!(asked["database"], json!({"name": "shoseki/vault-1", "type": "Evidence vault", "type_id": 99}));
    assert_eq!(asked["src_endpoint"], json!({"hostname": "bastion"}));
    assert_eq!(
        (&asked["query_info"]["query_string"], asked["unmapped"].get("service")),
        (&json!("stats count(*)"), None)
    );
    if let Some(schema) = Schema::read() {
        accept(&schema, &asked, "query.run");
    }
}

#[test]
fn a_finding_of_compliance_passes_or_fails() {
    let config = shoseki_sources::by_id("config").unwrap();
    let notice = |verdict: &str| {
        let raw = format!(
            r#"{{"configRuleName":"s3-encrypted","resourceType":"AWS::S3::Bucket","resourceId":"shop","awsAccountId":"111122223333","newEvaluationResult":{{"complianceType":"{verdict}","resultRecordedTime":"2026-03-05T01:02:03Z"}},"messageType":"ComplianceChangeNotification","recordVersion":"1.0","notificationCreationTime":"2026-03-05T01:02:04Z"}}"#
        );
        let event = of(config, raw.as_bytes()).unwrap();
        if let Some(schema) = Schema::read() {
            accept(&schema, &event, verdict);
        }
        event
    };
    let fails = notice("NON_COMPLIANT");
    assert_eq!(fails["class_uid"], 2003);
    assert_eq!(fails["compliance"], json!({"control": "s3-encrypted", "status": "Fail", "status_id": 3}));
    assert_eq!(fails["finding_info"]["title"], "s3-encrypted");
    assert_eq!(fails["resources"], json!([{"name": "AWS::S3::Bucket/shop", "type": "AWS::S3::Bucket"}]));
    assert_eq!(fails.get("status_id"), None, "a finding's status is what became of it");
    assert_eq!(notice("COMPLIANT")["compliance"]["status"], "Pass");
    assert_eq!(notice("NOT_APPLICABLE")["compliance"]["status_id"], 0);
}

/// What the validator says of an event that was changed.
fn faults_of(schema: &Schema, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut event =
        of(shoseki_sources::by_id("k8s-audit").unwrap(), shoseki_sources::by_id("k8s-audit").unwrap().example())
            .unwrap();
    change(&mut event);
    schema.faults(&event)
}

#[test]
fn the_validator_refuses_what_is_wrong() {
    let Some(schema) = Schema::read() else { return };
    assert_eq!(faults_of(&schema, |_| {}), Vec::<String>::new());
    let remove = |event: &mut Value, name: &str| drop(event.as_object_mut().unwrap().remove(name));
    let refused = |fault: &str, change: &dyn Fn(&mut Value)| {
        let faults = faults_of(&schema, change);
        assert!(faults.iter().any(|found| found.starts_with(fault)), "`{fault}` is not among {faults:?}");
    };
    refused("actor: required", &|event| remove(event, "actor"));
    refused("src_endpoint.: at_least_one", &|event| event["src_endpoint"] = json!({"port": 7}));
    refused("src_endpoint.ip: \"web-1\" does not look like ip_t", &|event| {
        event["src_endpoint"]["ip"] = "web-1".into()
    });
    refused("src_endpoint.port: 70000 is out of the range", &|event| event["src_endpoint"]["port"] = 70_000.into());
    refused("actor.user.nickname: unknown", &|event| event["actor"]["user"]["nickname"] = "aiko".into());
    refused("actor.invoked_by: deprecated", &|event| event["actor"]["invoked_by"] = "aiko".into());
    refused("actor.user.type_id: 7 is none of", &|event| event["actor"]["user"]["type_id"] = 7.into());
    refused("actor.user.type_id: `type` is \"Cat\"", &|event| event["actor"]["user"]["type"] = "Cat".into());
    refused("activity_id: 5 is none of", &|event| event["activity_id"] = 5.into());
    refused("type_uid: not that", &|event| event["activity_id"] = 1.into());
    refused("activity_id: it is Other", &|event| event["activity_id"] = 99.into());
    refused("category_uid: not that", &|event| event["category_uid"] = 3.into());
    refused("class_uid: no class 6999", &|event| event["class_uid"] = 6999.into());
    refused("time: \"now\" is no timestamp_t", &|event| event["time"] = "now".into());
    refused("resources: no list", &|event| event["resources"] = json!({"name": "x"}));
    refused("resources.0.: at_least_one", &|event| event["resources"] = json!([{"type": "x"}]));
    refused("cloud: needs the profile", &|event| event["cloud"] = json!({"provider": "AWS"}));
    refused("cloud: required", &|event| event["metadata"]["profiles"] = json!(["cloud"]));
    refused("metadata.profiles: the class has no `incident`", &|event| {
        event["metadata"]["profiles"] = json!(["incident"])
    });
    refused("metadata.version: another", &|event| event["metadata"]["version"] = "1.1.0".into());
    refused("metadata.product.: at_least_one", &|event| event["metadata"]["product"] = json!({}));
    refused("severity_id: required", &|event| remove(event, "severity_id"));
    refused("raw_data: null is no string_t", &|event| event["raw_data"] = Value::Null);
    refused("database: unknown", &|event| event["database"] = json!({"name": "shop", "type_id": 1}));
}

/// One event of each source, as it is read by whoever changes this.
#[test]
fn golden_events() {
    for source in shoseki_sources::all() {
        let event = of(source, source.example()).unwrap();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/ocsf_events/golden")
            .join(format!("{}.json", source.id()));
        expect_file![golden].assert_eq(&format!("{event:#}\n"));
    }
}
