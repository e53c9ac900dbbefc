//! Envelopes: each kind, nested ones, what is none, and what would be too much.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Source;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn opened(document: &Value) -> Option<Envelope> {
    open(&Bytes::from(document.to_string()))
}

/// What was delivered: the source that knows it, its delivery and its number.
fn events(document: &Value) -> Vec<(String, String, u64)> {
    let Some(Envelope::Events(events)) = opened(document) else { panic!("not opened: {document}") };
    let source = |event: &Delivered| auto(&event.bytes).map_or("unknown", Source::id).to_owned();
    events.iter().map(|event| (source(event), event.delivery.clone(), event.position)).collect()
}

fn row(source: &str, delivery: &str, position: u64) -> (String, String, u64) {
    (source.to_owned(), delivery.to_owned(), position)
}

fn example(source: &str) -> String {
    String::from_utf8(crate::by_id(source).unwrap().example().to_vec()).unwrap()
}

fn logs() -> Value {
    json!({
        "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "/aws/eks/shop/cluster", "logStream": "s-1",
        "subscriptionFilters": ["all"],
        "logEvents": [
            {"id": "37", "timestamp": 1_772_672_523_000_i64, "message": example("k8s-audit")},
            {"id": "38", "timestamp": 1_772_672_523_001_i64, "message": format!("{}\n", example("pgaudit"))},
            {"id": "39", "timestamp": 1_772_672_523_002_i64, "message": "I0305 a line of the API server"},
        ],
    })
}

fn logs_rows() -> Vec<(String, String, u64)> {
    let delivery = |id: &str| format!("cloudwatch-logs:111122223333:/aws/eks/shop/cluster:s-1:{id}");
    vec![row("k8s-audit", &delivery("37"), 0), row("pgaudit", &delivery("38"), 0), row("unknown", &delivery("39"), 0)]
}

#[test]
fn each_kind_is_opened() {
    assert_eq!(events(&logs()), logs_rows());
    let packed = BASE64_STANDARD.encode(gzip(logs().to_string().as_bytes()));
    assert_eq!(events(&json!({"awslogs": {"data": packed}})), logs_rows());
    let kinesis = json!({"kinesis": {"data": packed}, "eventSource": "aws:kinesis", "eventID": "shard:1"});
    assert_eq!(events(&kinesis), logs_rows());
    let two = BASE64_STANDARD.encode(format!("{}\n{}", example("falco"), example("falco")));
    let firehose = json!({"requestId": "r-1", "timestamp": 1, "records": [{"data": two}, {"data": BASE64_STANDARD.encode("text")}]});
    let expected =
        [row("falco", "firehose:r-1:0", 0), row("falco", "firehose:r-1:0", 1), row("unknown", "firehose:r-1:1", 0)];
    assert_eq!(events(&firehose), expected);
    let sns = json!({"Type": "Notification", "MessageId": "m-1", "TopicArn": "t", "Message": example("config")});
    assert_eq!(events(&sns), [row("config", "sns:m-1", 0)]);
    assert_eq!(events(&json!({"EventSource": "aws:sns", "Sns": sns})), [row("config", "sns:m-1", 0)]);
    let sqs = json!({"messageId": "q-1", "body": sns.to_string(), "eventSource": "aws:sqs"});
    assert_eq!(events(&sqs), [row("config", "sns:m-1", 0)], "what the innermost carrier calls it");
    assert_eq!(events(&json!({"MessageId": "q-2", "Body": "Hello"})), [row("unknown", "sqs:q-2", 0)]);
}

#[test]
fn an_object_stays_a_slice() {
    let detail = example("cloudtrail");
    let bus = format!(
        r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail": {detail} ,"x":1}}"#
    );
    let Some(Envelope::Slice(range)) = open(&Bytes::from(bus.clone())) else { panic!("not opened") };
    assert_eq!(&bus[range], detail);
    let nested = json!({"messageId": "q-1", "body": bus});
    assert_eq!(events(&nested), [row("cloudtrail", "sqs:q-1", 0)]);
    let other = json!({"detail-type": "ECR Image Action", "source": "aws.ecr", "detail": {"result": "SUCCESS"}});
    assert_eq!(opened(&other), None, "nobody knows what is in it, so that it stays whole");
}

#[test]
fn a_line_of_an_export_is_a_slice() {
    for source in ["k8s-audit", "pgaudit", "mariadb-audit", "app"] {
        let line = format!("2026-03-05T01:02:03.004Z {}", example(source));
        assert!(auto(line.as_bytes()).is_none(), "`{source}`: the time is no part of it");
        assert_eq!(open(&Bytes::from(line.clone())), Some(Envelope::Slice(25..line.len())));
        let two = Bytes::from(format!("{line}\n{line}\n"));
        for splitter in [crate::Splitter::auto(), crate::Splitter::expecting(crate::by_id(source).unwrap())] {
            let (mut splitter, mut pieces) = (splitter, Vec::new());
            splitter.feed(two.clone(), &mut pieces);
            splitter.finish(&mut pieces);
            let events: Vec<&Bytes> = pieces.iter().filter(|piece| piece.bytes().len() > 1).map(Piece::bytes).collect();
            assert_eq!(events, [&line, &line], "`{source}`");
        }
    }
    for line in ["2026-03-05T01:02:03.004Z text", "2026-03-05T01:02:03Z {}", "2026-03-05 01:02:03.004Z {}"] {
        assert_eq!(open(&Bytes::from(line)), None, "{line}");
    }
}

#[test]
fn what_is_no_envelope_stays_as_it_is() {
    for document in [
        json!({}),
        json!([]),
        json!({"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "", "logEvents": []}),
        json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "logEvents": []}),
        json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "logEvents": [{"id": "1"}]}),
        json!({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": "x"}]}),
        json!({"records": [{"data": "eA=="}]}),
        json!({"requestId": "r", "records": [{"data": "eA=="}, {}]}),
        json!({"Message": "x"}),
        json!({"messageId": "q", "body": {"a": 1}}),
        json!({"kinesis": {"data": 7}}),
    ] {
        assert_eq!(opened(&document), None, "{document}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let mut document = json!({"messageId": "0", "body": example("falco")});
    for depth in 1..10 {
        document = json!({"messageId": depth.to_string(), "body": document.to_string()});
    }
    let rows = events(&document);
    assert_eq!((rows.len(), rows[0].0.as_str()), (1, "unknown"), "the fifth stays closed");
    let bomb = gzip(&vec![b' '; 80 << 20]);
    let document = json!({"awslogs": {"data": BASE64_STANDARD.encode(&bomb)}});
    assert!(events(&document) == [row("unknown", "awslogs", 0)], "a bomb is given as it is");
    let many: Vec<Value> =
        (0..40).map(|_| json!({"data": BASE64_STANDARD.encode(gzip(&vec![b' '; 2 << 20]))})).collect();
    let left = events(&json!({"requestId": "r", "records": many})).len();
    assert!((5..15).contains(&left), "{left} are given as they are: the budget is one for all");
    let cut = BASE64_STANDARD.encode(&gzip(logs().to_string().as_bytes())[..100]);
    assert_eq!(events(&json!({"awslogs": {"data": cut}})).len(), 1, "what cannot be inflated is given as it is");
    assert_eq!(events(&json!({"awslogs": {"data": "no base64!"}})), [row("unknown", "awslogs", 0)]);
}

proptest! {
    #[test]
    fn near_misses_end_in_an_answer(keys in prop::collection::vec((prop::sample::select(vec![
        "messageType", "owner", "logGroup", "logStream", "logEvents", "records", "requestId", "data", "kinesis", "awslogs", "Sns",
        "MessageId", "messageId", "Message", "body", "detail", "detail-type", "source", "eventID", "id", "message",
    ]), prop::sample::select(vec![
        "1", "null", "\"x\"", "\"DATA_MESSAGE\"", "{}", "[{}]", "[{\"data\":\"eA==\"}]", "{\"data\":\"H4sI\"}", "[{\"id\":\"1\",\"message\":\"{\\\"a\\\":1}\"}]",
        "\"{\\\"messageId\\\":\\\"1\\\",\\\"body\\\":\\\"x\\\"}\"",
    ])), 0..10)) {
        let members: Vec<String> = keys.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let document = Bytes::from(format!("{{{}}}", members.join(",")));
        match open(&document) {
            Some(Envelope::Events(events)) => prop_assert!(events.iter().all(|event| !event.delivery.is_empty())),
            Some(Envelope::Slice(range)) => prop_assert!(document.get(range).is_some()),
            None => {}
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = open(&Bytes::from(bytes));
    }
}
