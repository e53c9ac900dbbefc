//! Evidence that comes in envelopes: subscriptions of CloudWatch Logs as Firehose writes them, queues, topics and the event bus.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod site;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use site::Site;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn example(source: &str) -> String {
    String::from_utf8(shoseki_sources::by_id(source).unwrap().example().to_vec()).unwrap()
}

/// A document of a subscription to a log group.
fn logs(group: &str, events: &[(&str, String)]) -> Value {
    let event =
        |(id, message): &(&str, String)| json!({"id": id, "timestamp": 1_772_672_523_000_i64, "message": message});
    json!({
        "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": group, "logStream": "s-1",
        "subscriptionFilters": ["all"], "logEvents": events.iter().map(event).collect::<Vec<_>>(),
    })
}

fn rows(site: &Site, query: &str) -> Vec<Value> {
    let answer = site.run(&["query", query, "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_firehose_wrote_is_opened_and_kept_whole() {
    let site = Site::with_vault(&[]);
    let database = "/aws/rds/instance/shop/postgresql";
    let cluster = logs(
        "/aws/eks/shop/cluster",
        &[("1", example("k8s-audit")), ("2", "I0305 a line of the API server".to_owned())],
    );
    let first = logs(database, &[("3", example("pgaudit")), ("4", example("pgaudit"))]);
    // Members of gzip, documents one after another, and nothing between.
    let delivered = [gzip(cluster.to_string().as_bytes()), gzip(first.to_string().as_bytes())].concat();
    let path = site.write("firehose/one.gz", &delivered);
    let report = site.run(&["ingest", "auto", &path, "--json"]).report(4);
    assert_eq!((&report["records"], &report["unparsed"]), (&json!(4), &json!(1)), "{report}");
    assert_eq!(report["sources"], json!({"k8s-audit": 1, "pgaudit": 2, "unknown": 1}), "{report}");

    let found = rows(&site, "filter @source = 'pgaudit' | fields @log, @origin, @message, user | sort @origin");
    assert_eq!(found.len(), 2, "two equal lines with ids of their own are two events");
    assert_eq!(found[0]["@log"], "pgaudit/aws/rds/instance/shop/postgresql");
    assert_eq!(found[0]["@origin"], format!("cloudwatch-logs:111122223333:{database}:s-1:3"));
    assert_eq!((&found[0]["@message"], &found[0]["user"]), (&json!(example("pgaudit")), &json!("aiko")));

    // Delivered again, in another file, with one that is new: what has its id is the same event.
    let again = logs(database, &[("4", example("pgaudit")), ("5", example("pgaudit"))]);
    let path = site.write("firehose/two", again.to_string());
    let report = site.run(&["ingest", "pgaudit", &path, "--json"]).report(0);
    assert_eq!((&report["new"], &report["duplicates"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(site.run(&["original", "get", &path, "--out", "given"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(site.path("given")).unwrap(), again.to_string(), "the file is kept whole");
    site.assert_intact();
}

#[test]
fn nested_envelopes_and_slices() {
    let site = Site::with_vault(&[]);
    let bus = json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3"}).to_string();
    let bus = format!("{},\"detail\":{}}}", bus.trim_end_matches('}'), example("cloudtrail"));
    let topic = json!({"Type": "Notification", "MessageId": "m-1", "TopicArn": "t", "Message": example("config")});
    let queue = json!({"Records": [{"messageId": "q-1", "body": topic.to_string(), "eventSource": "aws:sqs"}]});
    let other = json!({"version": "0", "detail-type": "ECR Image Action", "source": "aws.ecr", "detail": {"result": "SUCCESS"}});
    let path = site.write("bus.jsonl", format!("{bus}\n{other}\n"));
    let report = site.run(&["ingest", "auto", &path, "--json"]).report(4); // a bus has other events, too
    assert_eq!(report["sources"], json!({"cloudtrail": 1, "unknown": 1}), "{report}");
    let path = site.write("queue.json", queue.to_string());
    let report = site.run(&["ingest", "auto", &path, "--json"]).report(0);
    assert_eq!(report["sources"], json!({"config": 1}), "{report}");
    let found = rows(&site, "filter @source = 'cloudtrail' | fields @origin, @message");
    assert!(found[0]["@origin"].as_str().unwrap().ends_with("bus.jsonl"), "a slice is of its file: {found:?}");
    assert_eq!(found[0]["@message"], example("cloudtrail"));
    assert_eq!(rows(&site, "filter @source = 'config' | fields @origin")[0]["@origin"], "sns:m-1");
    site.assert_intact();
}

/// An export task of CloudWatch Logs puts a time before each event, which stays a slice of its file.
#[test]
fn what_an_export_task_wrote_is_read() {
    let site = Site::with_vault(&[]);
    let line = |source: &str| format!("2026-03-05T01:02:03.004Z {}\n", example(source));
    let cluster =
        format!("{}{}2026-03-05T01:02:04.000Z a line of the API server\n", line("k8s-audit"), line("k8s-audit"));
    let path = site.write("exports/cluster.gz", gzip(cluster.as_bytes()));
    let report = site.run(&["ingest", "k8s-audit", &path, "--stream", "k8s/shop", "--json"]).report(4);
    assert_eq!(
        (&report["new"], &report["duplicates"], &report["unparsed"]),
        (&json!(2), &json!(1), &json!(1)),
        "{report}"
    );
    let path = site.write("exports/database.gz", gzip(format!("{0}{0}", line("pgaudit")).as_bytes()));
    let report = site.run(&["ingest", "auto", &path, "--json"]).report(0);
    assert_eq!(report["sources"], json!({"pgaudit": 2}), "{report}");
    assert_eq!(rows(&site, "filter @source = 'pgaudit' | fields @message")[0]["@message"], example("pgaudit"));
    assert_eq!(site.run(&["original", "get", &path, "--out", "given"]).code, Some(0));
    site.assert_intact();
}

/// What comes by standard input cannot be kept whole, so that it stays in its envelope.
#[test]
fn nothing_is_opened_that_cannot_be_kept() {
    let site = Site::with_vault(&[]);
    let path = site.write("one.json", logs("/g", &[("1", example("pgaudit"))]).to_string());
    let mut command = site.command(&["ingest", "auto", "-", "--json"]);
    command.stdin(std::fs::File::open(path).unwrap());
    let report = Site::finish(command).report(4);
    assert_eq!((&report["records"], &report["unparsed"]), (&json!(1), &json!(1)), "{report}");
    site.assert_intact();
}
