//! Which trials a site has, and how a trial stands by what was seen of it.

use serde_json::{Value, json};
use shoseki_aws::inventory::{CALLS, Said};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, msg};

use super::*;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-northeast-1";

fn answer(call: &str, of: Option<&str>, said: Value) -> Answer {
    let call = CALLS.iter().find(|one| one.name() == call).unwrap();
    let (account, region, of) = (ACCOUNT.to_owned(), REGION.to_owned(), of.map(str::to_owned));
    Answer { call, account, region, of, time: Timestamp(0), said: Said::Answer(said) }
}

fn estate() -> Vec<Answer> {
    let trail = json!({"Name": "t", "TrailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"), "S3BucketName": "logs",
        "S3KeyPrefix": "100%", "HomeRegion": REGION, "IsMultiRegionTrail": true, "IsOrganizationTrail": true});
    let database = |name: &str, engine: &str, more: Value| {
        let mut one =
            json!({"DBInstanceIdentifier": name, "Engine": engine, "Endpoint": {"Address": "db.test", "Port": "3306"}});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    vec![
        answer("cloudtrail:DescribeTrails", None, json!({"trailList": [trail]})),
        answer("organizations:DescribeOrganization", None, json!({"Organization": {"Id": "o-1"}})),
        answer("s3:GetBucketVersioning", Some("logs"), json!({})),
        answer("s3:GetBucketVersioning", Some("shop"), json!({})),
        answer(
            "s3:GetBucketLogging",
            Some("logs"),
            json!({"LoggingEnabled": {"TargetBucket": "access", "TargetPrefix": "s3/"}}),
        ),
        answer(
            "config:DescribeDeliveryChannels",
            None,
            json!({"DeliveryChannels": [{"name": "d", "s3BucketName": "logs"}]}),
        ),
        answer("eks:ListClusters", None, json!({"clusters": ["shop", "bare"]})),
        answer(
            "eks:DescribeCluster",
            Some("shop"),
            json!({"cluster": {"endpoint": "https://e", "certificateAuthority": {"data": "eA=="}}}),
        ),
        answer("eks:DescribeCluster", Some("bare"), json!({"cluster": {}})),
        answer(
            "rds:DescribeDBInstances",
            None,
            json!({"DBInstances": {"DBInstance": [
                database("orders", "mariadb", json!({})),
                database("member", "aurora-mysql", json!({"DBClusterIdentifier": "points"})),
                database("old", "oracle-ee", json!({})),
            ]}}),
        ),
        answer(
            "rds:DescribeDBClusters",
            None,
            json!({"DBClusters": {"DBCluster": {
                "DBClusterIdentifier": "points", "Engine": "aurora-postgresql", "Endpoint": "points.test", "Port": "5432",
            }}}),
        ),
    ]
}

fn nonce() -> Nonce {
    Nonce::parse("69a8d60b1f3c").unwrap()
}

fn made(wish: &Setup, answers: &[Answer], given: &Given) -> Vec<Trial> {
    let places = BTreeSet::from([(ACCOUNT.to_owned(), REGION.to_owned())]);
    trials(wish, (&[ACCOUNT.to_owned()], &places), answers, (&nonce(), given))
}

fn one<'t>(all: &'t [Trial], source: &str, of: &str) -> &'t Trial {
    let found = all.iter().find(|one| one.source == source && one.of == of);
    found.unwrap_or_else(|| panic!("no {source} {of} in {all:?}"))
}

#[test]
fn each_source_that_there_is_has_a_trial_and_a_mark_of_its_own() {
    let wish = Setup { data_events: vec!["shop".to_owned(), "gone".to_owned()], ..Setup::default() };
    let door = |receiver: &str, is_open| Door {
        sender: "prod".to_owned(),
        receiver: receiver.to_owned(),
        path: format!("/{receiver}"),
        is_open,
    };
    let given = Given {
        doors: vec![door("ndjson", true), door("falco", false), door("github", false)],
        syslog: vec![("servers".to_owned(), true), ("far".to_owned(), false)],
        files: vec![("web".to_owned(), "/var/log/web.log".to_owned())],
        url: "https://shoseki.test/".to_owned(),
    };
    let all = made(&wish, &estate(), &given);
    let mut marks: Vec<&str> = all.iter().map(|trial| trial.mark.as_str()).collect();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), all.len());
    assert!(SOURCES.iter().all(|source| all.iter().any(|trial| trial.source == source.name)));

    let trail = one(&all, "cloudtrail", "111122223333 ap-northeast-1");
    assert!(matches!(&trail.emit, Emit::Trail(name) if *name == format!("shoseki-check-{}", trail.mark)));
    let place = trail.place.as_ref().unwrap();
    assert_eq!(
        place.prefixes(Timestamp::parse("2026-03-05T01:03:00Z").unwrap(), Timestamp::parse("2026-03-05T01:04:00Z").unwrap()),
        [(
            "100%/AWSLogs/o-1/111122223333/CloudTrail/ap-northeast-1/2026/03/05/".to_owned(),
            "100%/AWSLogs/o-1/111122223333/CloudTrail/ap-northeast-1/2026/03/05/111122223333_CloudTrail_ap-northeast-1_20260305T0102Z".to_owned()
        )]
    );
    assert!(matches!(&one(&all, "data-events", "shop").emit, Emit::Object { bucket, .. } if bucket == "shop"));
    let gone = &one(&all, "data-events", "gone").emit;
    assert!(matches!(gone, Emit::Cannot(why) if why.text(Lang::En).contains("`gone`")), "{gone:?}");
    assert!(one(&all, "access-logs", "logs").is_slow());
    assert!(
        matches!(&one(&all, "config", "111122223333 ap-northeast-1").emit, Emit::Snapshot(channel) if channel == "d")
    );
    assert!(matches!(&one(&all, "eks", "shop").emit, Emit::Api { endpoint, .. } if endpoint == "https://e"));
    assert!(matches!(&one(&all, "eks", "bare").emit, Emit::Cannot(_)));
    let orders = one(&all, "database", "orders");
    assert!(
        matches!(&orders.emit, Emit::LogIn { protocol: Protocol::MySql, port: 3306, user, .. } if user.len() == 32)
    );
    assert_eq!(orders.place, Some(Place::Group("/aws/rds/instance/orders/audit".to_owned())));
    let points = one(&all, "database", "points");
    assert!(matches!(&points.emit, Emit::LogIn { host, port: 5432, .. } if host == "points.test"));
    assert_eq!(points.place, Some(Place::Group("/aws/rds/cluster/points/postgresql".to_owned())));
    assert!(matches!(&one(&all, "database", "old").emit, Emit::Cannot(_)));
    assert!(!all.iter().any(|trial| trial.of == "member"));
    // Of a door whose token is not at hand, whoever sends there is a person's.
    assert!(matches!(&one(&all, "door", "prod ndjson").emit, Emit::Door { .. }));
    assert!(
        matches!(&one(&all, "door", "prod github").emit, Emit::Person(line) if line.contains("https://shoseki.test/github"))
    );
    assert!(!all.iter().any(|trial| trial.source == "door" && trial.of == "prod falco"));
    let falco = one(&all, "falco", "prod");
    assert!(
        matches!(&falco.emit, Emit::Person(line) if line.ends_with(&format!("cat /etc/shadow shoseki-check-{}", falco.mark)))
    );
    assert!(one(&all, "app", "prod").is_for_person() && one(&all, "app", "web /var/log/web.log").is_for_person());
    assert!(matches!(&one(&all, "door", "servers syslog").emit, Emit::Syslog(_)));
}

#[test]
fn an_account_in_which_nothing_is_has_nothing_emitted_and_what_is_not_wanted_is_not_tried() {
    let empty = [answer("cloudtrail:DescribeTrails", None, json!({"trailList": []}))];
    let all = made(&Setup::default(), &empty, &Given::default());
    assert!(all.iter().all(|trial| matches!(trial.emit, Emit::Cannot(_))), "{all:?}");
    let wish = Setup { config: false, eks: false, databases: false, ..Setup::default() };
    let sources: Vec<&str> = made(&wish, &empty, &Given::default()).iter().map(|trial| trial.source).collect();
    assert_eq!(sources, ["cloudtrail", "access-logs"]);
}

#[test]
fn a_question_is_what_anybody_may_type() {
    let all = made(&Setup::default(), &estate(), &Given::default());
    let trail = one(&all, "cloudtrail", "111122223333 ap-northeast-1");
    let typed = trail.command("2026-03-05T01:02:03Z");
    assert!(typed.starts_with(&format!("shoseki query 'filter @message like \"{}\" | ", trail.mark)), "{typed}");
    let config = one(&all, "config", "111122223333 ap-northeast-1").command("2026-03-05T01:02:03Z");
    for part in ["shoseki/receipts", "\"111122223333_Config_ap-northeast-1_ConfigSnapshot_\"", " --source shoseki"] {
        assert!(config.contains(part), "{config}");
    }
}

#[test]
fn a_trial_stands_by_the_first_stage_that_was_not_seen() {
    let all = made(&Setup::default(), &estate(), &Given::default());
    let trial = one(&all, "cloudtrail", "111122223333 ap-northeast-1");
    let mut way = Way::default();
    let stands = |way: &Way, is_over| way.verdict(trial, is_over, false);
    assert_eq!(stands(&way, false), Verdict::Waiting(Stage::Emitted));
    way.saw(Stage::Emitted, Timestamp(1_000_000), "");
    assert_eq!(
        (stands(&way, false), stands(&way, true)),
        (Verdict::Waiting(Stage::Delivered), Verdict::Late(Stage::Delivered))
    );
    // Where it may not be seen, the next stage is what is missing.
    let mut unseen = way.clone();
    unseen.unseen = Some(Fault::world(msg!("setup-check-nonce", text = "x")));
    assert_eq!(stands(&unseen, true), Verdict::Late(Stage::Ingested));
    way.saw(Stage::Ingested, Timestamp(4_000_000), "segment:1");
    way.follows(Stage::Delivered, Timestamp(4_000_000), "s3://logs/x");
    assert!(way.step(Stage::Delivered).unwrap().is_by);
    assert_eq!((stands(&way, true), way.took(Stage::Ingested)), (Verdict::Late(Stage::Sealed), Some(3_000_000)));
    way.saw(Stage::Ingested, Timestamp(9_000_000), "later");
    assert_eq!(way.took(Stage::Ingested), Some(3_000_000), "what was seen first stays");
    way.saw(Stage::Sealed, Timestamp(5_000_000), "7");
    way.saw(Stage::Found, Timestamp(5_500_000), "");
    assert_eq!((stands(&way, true), stands(&way, false)), (Verdict::Arrived, Verdict::Arrived));
}

#[test]
fn what_was_not_emitted_what_nobody_did_and_what_takes_hours_are_told_apart() {
    let given = Given { files: vec![("web".to_owned(), "w".to_owned())], ..Given::default() };
    let all = made(&Setup::default(), &estate(), &given);
    let person = one(&all, "app", "web w");
    assert_eq!(Way::default().verdict(person, true, false), Verdict::NotDone);
    assert_eq!(Way::default().verdict(person, false, false), Verdict::Waiting(Stage::Emitted));
    let slow = one(&all, "access-logs", "logs");
    let mut way = Way::default();
    way.saw(Stage::Emitted, Timestamp(0), "");
    assert_eq!(way.verdict(slow, false, false), Verdict::Slow(Stage::Delivered));
    assert_eq!(way.verdict(slow, false, true), Verdict::Waiting(Stage::Delivered));
    way.refused = Some(Fault::world(msg!("setup-check-nonce", text = "x")));
    assert_eq!(way.verdict(slow, false, true), Verdict::NotEmitted);
    assert_eq!(Way::default().verdict(one(&all, "eks", "bare"), false, false), Verdict::NotEmitted);
}
