//! What lies in buckets, what queues name and what log groups hold is fetched: whole, once, also what comes late.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod serving;
mod site;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws::Moto;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use serving::Server;
use site::{Site, event, events};

/// AWS as moto plays it, and boto3 that calls it.
struct Cloud {
    moto: Moto,
    python: String,
}

impl Cloud {
    fn of(test: &str) -> Option<Self> {
        let python = std::env::var("SHOSEKI_TEST_PYTHON").ok();
        if python.is_none() {
            eprintln!("skipped: `{test}` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
        }
        Some(Self { moto: Moto::of(test)?, python: python? })
    }

    /// Lets boto3 do something.
    fn boto3(&self, arguments: &[&str], input: &[u8]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/sender.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg(self.moto.endpoint()).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn configure(site: &Site, fetchers: &str) -> String {
    let text = format!(
        "region = \"us-east-1\"\n[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n{fetchers}"
    );
    site.write("shoseki.toml", text)
}

/// One round: what each fetcher says of it.
fn fetch(site: &Site, names: &[&str]) -> Vec<Value> {
    let config = site.path("shoseki.toml").display().to_string();
    let wal = site.path("wal").display().to_string();
    let fetched = site.run(&[&["fetch", "--json", "--config", &config, "--wal", &wal], names].concat());
    fetched.report(0)["fetched"].as_array().unwrap().clone()
}

fn numbers(fetched: &[Value]) -> Vec<[u64; 2]> {
    fetched.iter().map(|one| ["objects", "events"].map(|name| one[name].as_u64().unwrap())).collect()
}

fn ask_with(site: &Site, query: &str, more: &[&str]) -> Vec<Value> {
    let wal = site.path("wal").display().to_string();
    let answer = site.run(&[&["query", query, "-o", "json", "--wal", &wal], more].concat());
    answer.report(0).as_array().unwrap().clone()
}

fn ask(site: &Site, query: &str) -> Vec<Value> {
    ask_with(site, query, &[])
}

/// What the program itself told of something.
fn told(site: &Site, action: &str) -> Vec<Value> {
    ask_with(site, &format!("filter action = '{action}' | fields details.file as file"), &["--source", "shoseki"])
}

fn wait_until_told(site: &Site, action: &str) {
    let begun = Instant::now();
    while told(site, action).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{action} was never told");
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn count(site: &Site, filter: &str) -> u64 {
    ask(site, &format!("filter {filter} | stats count(*) as n")).first().map_or(0, |row| row["n"].as_u64().unwrap())
}

/// Waits until so many records are there.
fn wait_for(site: &Site, filter: &str, expected: u64) {
    let begun = Instant::now();
    while count(site, filter) != expected {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {expected}", count(site, filter));
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn digest(bucket: &str, keys: &[String]) -> String {
    let files: Vec<Value> = keys
        .iter()
        .map(|key| json!({"s3Bucket": bucket, "s3Object": key, "hashValue": "00".repeat(32), "hashAlgorithm": "SHA-256"}))
        .collect();
    json!({
        "awsAccountId": "111122223333", "digestStartTime": "2026-03-05T01:00:00Z", "digestEndTime": "2026-03-05T02:00:00Z",
        "digestS3Bucket": bucket, "digestS3Object": "AWSLogs/x.json.gz", "digestPublicKeyFingerprint": "00",
        "digestSignatureAlgorithm": "SHA256withRSA", "logFiles": files,
    })
    .to_string()
}

fn before_today(days: u64) -> NaiveDate {
    Utc::now().date_naive() - Days::new(days)
}

#[test]
fn a_bucket_is_fetched_day_by_day_and_late_files_are_found() {
    let Some(cloud) = Cloud::of("a bucket is fetched") else { return };
    let site = Site::with_vault(&[]);
    let bucket = cloud.moto.prefix("evidence");
    cloud.moto.bucket(&bucket);
    let put = |key: &str, body: &str| cloud.moto.put_at(&format!("{bucket}/{key}"), "", body.as_bytes());
    let trail = "AWSLogs/111122223333/CloudTrail/ap-northeast-1";
    let on = |days: u64, name: &str| format!("{trail}/{}/{name}.json", before_today(days).format("%Y/%m/%d"));
    put(&on(0, "a"), &events(0..20));
    put(&on(2, "b"), &events(20..30));
    put(&on(5, "c"), &events(30..40));
    put(&on(9, "too-old"), &events(900..910));
    let day = before_today(3);
    let unpadded = format!("{}/{}/{}", day.year(), day.month(), day.day());
    put(
        &format!("AWSLogs/111122223333/Config/ap-northeast-1/{unpadded}/ConfigHistory/x.json"),
        r#"{"fileVersion":"1.0","configurationItems":[{"resourceType":"AWS::S3::Bucket","resourceId":"b","configurationItemCaptureTime":"2026-03-05T01:02:03.004Z","configurationItemStatus":"OK","awsAccountId":"111122223333","awsRegion":"ap-northeast-1","configuration":{}}]}"#,
    );
    put("app/loose.json", r#"{"event":"login","user":"aiko","timestamp":"2026-03-05T01:02:03Z"}"#);
    let digests =
        format!("AWSLogs/111122223333/CloudTrail-Digest/ap-northeast-1/{}", before_today(0).format("%Y/%m/%d"));
    put(&format!("{digests}/d1.json"), &digest(&bucket, &[on(0, "a"), on(9, "too-old"), on(0, "gone")]));
    configure(
        &site,
        &format!("[[fetch.s3]]\nname = \"trail\"\nurl = \"s3://{bucket}\"\nfrom = \"{}\"\n", before_today(6)),
    );

    // Three files, a configuration item, a loose line, a digest; and one more that the digest names although it is too old.
    assert_eq!(numbers(&fetch(&site, &[])), [[7, 53]]);
    assert_eq!(count(&site, "`@source` = 'cloudtrail'"), 50);
    let missing = told(&site, "fetch.missing");
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert!(missing[0]["file"].as_str().unwrap().ends_with("/gone.json"), "{missing:?}");

    // A second round finds nothing, and says nothing twice; the tree does not grow.
    let size = |site: &Site| site.run(&["status", "--json"]).report(0)["tree_size"].as_u64().unwrap();
    fetch(&site, &[]); // it seals what the questions left
    let before = size(&site);
    assert_eq!((numbers(&fetch(&site, &[])), size(&site)), (vec![[0, 0]], before));

    // What comes late, in the last 48 hours, is found, although other files came after it; what is replaced is read again.
    put(&on(2, "0-late"), &events(40..45));
    put(&on(0, "b"), &events(45..50));
    put("app/loose.json", r#"{"event":"logout","user":"aiko","timestamp":"2026-03-05T02:02:03Z"}"#);
    assert_eq!(numbers(&fetch(&site, &["trail"])), [[3, 11]]);
    assert_eq!([count(&site, "`@source` = 'cloudtrail'"), count(&site, "`@source` = 'app'")], [60, 2]);

    // The missing file is a gap until it is taken in.
    let states = |more: &[&str]| -> Vec<Value> {
        let found = site.run(&[&["gaps", "--json"], more].concat());
        let found: Value = serde_json::from_str(&found.out).unwrap();
        let missing = |gap: &&Value| gap["kind"] == "missing";
        found["gaps"].as_array().unwrap().iter().filter(missing).map(|gap| gap["state"].clone()).collect()
    };
    assert_eq!(states(&[]), ["open"]);
    put(&on(0, "gone"), &events(50..55));
    let gone = format!("s3://{bucket}/{}", on(0, "gone"));
    assert_eq!(site.run(&["ingest", "cloudtrail", &gone]).code, Some(0));
    assert_eq!(states(&[]), ["closed"]);
    site.assert_intact();

    let unknown = site.run(&["fetch", "--config", &site.path("shoseki.toml").display().to_string(), "trial"]);
    assert_eq!((unknown.code, unknown.err.contains("`trial`")), (Some(2), true), "{unknown:?}");
}

#[test]
fn what_a_queue_names_is_taken_in_and_what_it_holds_itself_too() {
    let Some(cloud) = Cloud::of("a queue is fetched") else { return };
    let site = Site::with_vault(&[]);
    let bucket = cloud.moto.prefix("told");
    let (straight, by_topic) = (cloud.moto.prefix("straight"), cloud.moto.prefix("topic"));
    let queues: Vec<String> =
        serde_json::from_str(&cloud.boto3(&["queue-of-bucket", &bucket, &straight, &by_topic], b"")).unwrap();
    cloud.boto3(&["put", &bucket, "AWSLogs/証跡 1+2.json"], events(0..10).as_bytes());
    cloud.boto3(&["put", &bucket, "AWSLogs/b.json"], events(10..20).as_bytes());
    let bridged = json!({"version": "0", "id": "e-1", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3",
                         "account": "111122223333", "time": "2026-03-05T01:02:03Z", "region": "ap-northeast-1", "resources": [],
                         "detail": serde_json::from_str::<Value>(&event(77)).unwrap()});
    let gone = json!({"s3Bucket": bucket, "s3ObjectKey": ["AWSLogs/deleted.json"]});
    let odd = "no JSON at all";
    cloud.boto3(&["send", &queues[0]], format!("{bridged}\n{gone}\n{odd}\n").as_bytes());
    let fetchers: Vec<String> = [("straight", &queues[0]), ("topic", &queues[1])]
        .iter()
        .map(|(name, url)| format!("[[fetch.sqs]]\nname = \"{name}\"\nqueue = \"{url}\"\n"))
        .collect();
    configure(&site, &fetchers.concat());

    // The topic's queue names the same objects: they are received once.
    let fetched = fetch(&site, &[]);
    assert_eq!([&fetched[0]["events"], &fetched[1]["events"]], [&json!(22), &json!(0)], "{fetched:?}");
    assert_eq!(count(&site, "`@source` = 'cloudtrail'"), 21);
    assert_eq!(told(&site, "fetch.vanished").len(), 1);
    assert_eq!(ask(&site, &format!("filter @message = '{odd}'")).len(), 1, "what nobody knows is kept");
    for queue in &queues {
        assert_eq!(cloud.boto3(&["waiting", queue], b"").trim(), "0", "{queue}");
    }
    site.assert_intact();
}

/// A line of a Kubernetes audit log.
fn audit(n: u32) -> String {
    audit_at(n, 1_772_672_523_500)
}

fn audit_at(n: u32, milliseconds: i64) -> String {
    let time = DateTime::from_timestamp_millis(milliseconds).unwrap().to_rfc3339();
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": format!("a-{n}"),
           "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/本番/secrets/x", "verb": "delete",
           "user": {"username": "aiko"}, "requestReceivedTimestamp": time, "stageTimestamp": time})
    .to_string()
}

#[test]
fn log_groups_are_read_by_time_and_twice_is_once() {
    let Some(cloud) = Cloud::of("log groups are fetched") else { return };
    let site = Site::with_vault(&[]);
    let own = cloud.moto.prefix("shop");
    let (cluster, database) = (format!("/aws/eks/{own}/cluster"), format!("/aws/rds/instance/{own}/audit"));
    let now = Utc::now().timestamp_millis();
    let log = |group: &str, stream: &str, events: &[(i64, String)]| {
        cloud.boto3(&["log", group, stream], json!(events).to_string().as_bytes());
    };
    let audits: Vec<(i64, String)> = (0..1_200).map(|n| (now - 7_200_000 + i64::from(n) * 5_000, audit(n))).collect();
    log(&cluster, "kube-apiserver-audit-1", &audits);
    log(&cluster, "authenticator-1", &[(now - 1_000, "level=info msg=access".to_owned())]);
    // Two equal lines are two events: CloudWatch Logs calls them differently.
    let line = "20260305 01:02:03,db,aiko,192.0.2.1,7,11,QUERY,shop,'DELETE FROM 注文',0".to_owned();
    log(&database, "audit", &[(now - 60_000, line.clone()), (now - 60_000, line.clone())]);
    configure(
        &site,
        &format!(
            "[[fetch.cloudwatch-logs]]\nname = \"eks\"\ngroups = [\"/aws/eks/{own}*/cluster\"]\nstreams = \"kube-apiserver-audit-\"\n\
             [[fetch.cloudwatch-logs]]\nname = \"rds\"\ngroups = [\"{database}\"]\nsource = \"mariadb-audit\"\n"
        ),
    );
    let events = |fetched: &[Value]| fetched.iter().map(|one| one["events"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(events(&fetch(&site, &[])), [1_200, 2]);
    let both = |site: &Site| [count(site, "`@source` = 'k8s-audit'"), count(site, "`@source` = 'mariadb-audit'")];
    assert_eq!(both(&site), [1_200, 2]);
    let streams = ask(&site, "filter `@source` like /audit/ | stats count(*) as n by `@log` | sort `@log` asc");
    let streams: Vec<&str> = streams.iter().map(|row| row["@log"].as_str().unwrap()).collect();
    assert_eq!(streams, [format!("k8s-audit/eks{cluster}"), format!("mariadb-audit/rds{database}")]);

    // The last minutes are asked for again; what was there is there once, what came late is new.
    log(&cluster, "kube-apiserver-audit-2", &[(now - 600_000, audit(5_000)), (now, audit(5_001))]);
    log(&database, "audit", &[(now - 30_000, line)]);
    fetch(&site, &[]);
    assert_eq!(both(&site), [1_202, 3]);
    let status = site.run(&["status", "--json"]).report(0);
    let mut streams = status["streams"].as_array().unwrap().iter();
    let has_receipts = streams.any(|stream| stream["stream"] == "shoseki/receipts");
    assert!(!has_receipts, "an envelope of our own is no evidence, and leaves no receipt: {status}");
    site.assert_intact();
}

#[test]
fn what_cannot_be_read_keeps_nothing_else_waiting() {
    let Some(cloud) = Cloud::of("what cannot be read") else { return };
    let site = Site::with_vault(&[]);
    let (bucket, group) = (cloud.moto.prefix("part"), format!("/aws/eks/{}/cluster", cloud.moto.prefix("part")));
    cloud.moto.bucket(&bucket);
    let put = |key: &str, body: &str| cloud.moto.put_at(&format!("{bucket}/{key}"), "", body.as_bytes());
    let day = |days: u64| before_today(days).format("%Y/%m/%d").to_string();
    put(&format!("bad/{}//x.json", day(1)), &events(0..10)); // a key that cannot be asked for
    put(&format!("bad/{}/y.json", day(2)), &events(10..20));
    put(&format!("good/{}/z.json", day(0)), &events(20..30));
    let now = Utc::now().timestamp_millis();
    cloud.boto3(&["log", &group, "kube-apiserver-audit-1"], json!([[now - 1_000, audit(1)]]).to_string().as_bytes());
    let config = configure(
        &site,
        &format!(
            "[[fetch.s3]]\nname = \"files\"\nurl = \"s3://{bucket}\"\n\
             [[fetch.cloudwatch-logs]]\nname = \"logs\"\ngroups = [\"/no/such/group\", \"{group}\"]\n"
        ),
    );
    let wal = site.path("wal").display().to_string();
    let fetched = site.run(&["fetch", "--json", "--config", &config, "--wal", &wal]).report(1)["fetched"].clone();
    assert_eq!([&fetched[0]["events"], &fetched[1]["events"]], [&json!(20), &json!(1)], "{fetched}");
    assert!(fetched[1]["problem"].as_str().unwrap().contains("/no/such/group"), "{fetched}");
    assert!(fetched[0]["problem"].is_string(), "{fetched}");
}

#[test]
fn a_gap_is_repaired_from_where_its_source_still_has_it() {
    let Some(cloud) = Cloud::of("a gap is repaired") else { return };
    let site = Site::with_vault(&[]);
    let group = format!("/aws/eks/{}/cluster", cloud.moto.prefix("gap"));
    let now = Utc::now().timestamp_millis() / 60_000 * 60_000;
    let at = |n: u32| now - i64::from(n) * 60_000;
    let audits: Vec<(i64, String)> = (0..2_000).rev().map(|n| (at(n), audit_at(n, at(n)))).collect();
    cloud.boto3(&["log", &group, "kube-apiserver-audit-1"], json!(audits).to_string().as_bytes());
    // All but forty minutes came by a file, in the stream that the fetcher writes as well.
    let stream = format!("k8s-audit/eks{group}");
    let there: Vec<String> = (0..2_000).filter(|n| !(300..340).contains(n)).map(|n| audit_at(n, at(n))).collect();
    let file = site.write("audit.log", there.join("\n"));
    assert_eq!(site.run(&["ingest", "k8s-audit", &file, "--stream", &stream]).code, Some(0));
    let config = configure(&site, &format!("[[fetch.cloudwatch-logs]]\nname = \"eks\"\ngroups = [\"{group}\"]\n"));
    let wal = site.path("wal").display().to_string();
    assert_eq!(site.run(&["gaps", "--json"]).report(1)["gaps"].as_array().unwrap().len(), 1);
    let repaired = site.run(&["gaps", "repair", "--json", "--config", &config, "--wal", &wal]).report(0);
    assert_eq!([&repaired["before"], &repaired["gaps"]], [&json!(1), &json!([])], "{repaired}");
    assert_eq!(count(&site, "`@source` = 'k8s-audit'"), 2_000);
    site.assert_intact();
}

#[test]
fn a_missing_file_is_repaired_by_its_name() {
    let Some(cloud) = Cloud::of("a missing file is repaired") else { return };
    let site = Site::with_vault(&[]);
    let bucket = cloud.moto.prefix("missing");
    cloud.moto.bucket(&bucket);
    let put = |key: &str, body: &str| cloud.moto.put_at(&format!("{bucket}/{key}"), "", body.as_bytes());
    let on = |days: u64, kind: &str, name: &str| {
        let day = before_today(days).format("%Y/%m/%d");
        format!("AWSLogs/111122223333/{kind}/ap-northeast-1/{day}/{name}.json")
    };
    let gone = on(40, "CloudTrail", "gone");
    put(&on(0, "CloudTrail", "a"), &events(0..20));
    put(&on(0, "CloudTrail-Digest", "d"), &digest(&bucket, &[on(0, "CloudTrail", "a"), gone.clone()]));
    let block = format!("[[fetch.s3]]\nname = \"trail\"\nurl = \"s3://{bucket}\"\nfrom = \"{}\"\n", before_today(2));
    let config = configure(&site, &block);
    fetch(&site, &[]);
    let wal = site.path("wal").display().to_string();
    let repair = |code: i32| site.run(&["gaps", "repair", "--json", "--config", &config, "--wal", &wal]).report(code);
    let missing = |report: &Value| -> Vec<Value> {
        let all = report["gaps"].as_array().unwrap().iter();
        all.filter(|gap| gap["kind"] == "missing").map(|gap| gap["state"].clone()).collect()
    };
    let still = repair(1);
    assert_eq!((missing(&still), &still["fetched_events"]), (vec![json!("open")], &json!(0)), "{still}");
    // It comes back, of forty days ago; what else lies there is left to the next round.
    put(&gone, &events(50..55));
    put(&on(0, "CloudTrail", "b"), &events(60..70));
    let repaired: Value = {
        let answer = site.run(&["gaps", "repair", "--json", "--config", &config, "--wal", &wal]);
        serde_json::from_str(&answer.out).unwrap()
    };
    assert_eq!(repaired["fetched_events"], 5, "{repaired}");
    assert!(missing(&repaired).iter().all(|state| state == "closed"), "{repaired}");
    assert_eq!(count(&site, "`@source` = 'cloudtrail'"), 25);
    site.assert_intact();
}

#[test]
fn a_server_fetches_and_says_when_it_cannot() {
    let Some(cloud) = Cloud::of("a server fetches") else { return };
    let site = Site::with_vault(&[]);
    let (bucket, queue) = (cloud.moto.prefix("served"), cloud.moto.prefix("served"));
    let queues: Vec<String> =
        serde_json::from_str(&cloud.boto3(&["queue-of-bucket", &bucket, &queue, &format!("{queue}-t")], b"")).unwrap();
    let absent = cloud.moto.prefix("absent");
    let config = configure(
        &site,
        &format!(
            "[[fetch.s3]]\nname = \"absent\"\nurl = \"s3://{absent}/x\"\nevery = \"1s\"\n\
             [[fetch.sqs]]\nname = \"queue\"\nqueue = \"{}\"\nrole_arn = \"arn:aws:iam::123456789012:role/reader\"\nexternal_id = \"x-1\"\n",
            queues[0]
        ),
    );
    let config = format!("seal_every = \"1s\"\n{}", std::fs::read_to_string(config).unwrap());
    let server = Server::start(&site, &config);
    wait_until_told(&site, "fetch.failed");
    cloud.boto3(&["put", &bucket, "a.json"], events(0..10).as_bytes());
    wait_for(&site, "`@source` = 'cloudtrail'", 10);
    server.kill();
    cloud.boto3(&["put", &bucket, "b.json"], events(10..20).as_bytes());
    let server = Server::start(&site, &config);
    wait_for(&site, "`@source` = 'cloudtrail'", 20);
    cloud.moto.bucket(&absent);
    wait_until_told(&site, "fetch.recovered");
    let metrics = serving::request(&server.status, "GET /metrics", &[], b"").body;
    assert!(metrics.contains("shoseki_fetched_events_total{fetcher=\"queue\"} 10"), "{metrics}");
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < Duration::from_secs(10), "a queue is waited at for 20 seconds, but not at the end");
    site.assert_intact();
}
