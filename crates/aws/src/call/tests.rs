//! Calls of a stub: what is sent, what is tried again, what is made of each answer.

use serde_json::{Value, json};
use shoseki_messages::{Fault, Kind};

use super::stub::{self, Stub, answer, answer_with};
use super::*;

static LOGS: JsonService = JsonService {
    service: Service { id: "CloudWatch Logs", host: "logs", is_fips_in_gov: true },
    target: "Logs_20140328",
    content_type: "application/x-amz-json-1.1",
};
static RDS: QueryService =
    QueryService { service: Service { id: "RDS", host: "rds", is_fips_in_gov: true }, version: "2014-10-31" };

async fn call(stub: &Stub) -> Result<Value, Failure> {
    Json::of(&LOGS, &stub.config()).call("FilterLogEvents", &json!({"a": "証"})).await
}

async fn fault(stub: &Stub) -> Fault {
    failed("logs:FilterLogEvents", "/shop", call(stub).await.unwrap_err())
}

#[tokio::test]
async fn a_request_is_signed_for_its_service_and_region() {
    let stub = Stub::of(vec![answer(200, r#"{"b":1}"#)]);
    assert_eq!(call(&stub).await.unwrap(), json!({"b": 1}));
    let asked = stub.asked().remove(0);
    for expected in [
        "POST / HTTP/1.1\r\n",
        "content-type: application/x-amz-json-1.1\r\n",
        "x-amz-target: Logs_20140328.FilterLogEvents\r\n",
        "x-amz-security-token: TOKEN\r\n",
        "/us-east-1/logs/aws4_request, SignedHeaders=",
        "x-amz-user-agent: aws-sdk-rust/",
        "amz-sdk-request: attempt=1",
        "{\"a\":\"証\"}",
    ] {
        assert!(asked.contains(expected), "`{expected}` is not in {asked}");
    }
    let signed = asked.lines().find(|line| line.starts_with("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    for header in ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"] {
        assert!(signed.unwrap().contains(header), "{signed:?}");
    }
    assert!(!asked.contains("SECRET"), "{asked}");
}

#[tokio::test]
async fn what_is_throttled_or_fails_over_there_is_tried_again() {
    let stub = Stub::of(vec![
        answer(400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
        answer(503, "<html>"),
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{".to_owned(),
        answer(200, ""),
    ]);
    assert_eq!(call(&stub).await.unwrap(), json!({}));
    let attempt = |asked: &String| asked.lines().find_map(|line| Some(line.split_once("attempt=")?.1.as_bytes()[0]));
    assert_eq!(stub.asked().iter().filter_map(attempt).collect::<Vec<_>>(), b"1234");

    // But not for ever, and what is refused only once.
    let throttled = || answer(400, r#"{"__type":"ThrottlingException"}"#);
    let stub = Stub::of((0..6).map(|_| throttled()).collect());
    assert_eq!((fault(&stub).await.id(), stub.asked().len()), ("aws-call-refused", 4));
    let stub = Stub::of((0..2).map(|_| answer(400, r#"{"__type":"InvalidParameterException"}"#)).collect());
    assert_eq!((fault(&stub).await.id(), stub.asked().len()), ("aws-call-refused", 1));
}

#[tokio::test]
async fn a_query_is_a_form_and_its_throttling_is_tried_again_as_well() {
    let stub = Stub::of(vec![
        answer(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
        answer(
            200,
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult><Marker>m</Marker></DescribeDBInstancesResult></DescribeDBInstancesResponse>",
        ),
    ]);
    let rds = Query::of(&RDS, &stub.config());
    let answered = rds.call("DescribeDBInstances", &[("Marker", "a/b c")]).await.unwrap();
    assert_eq!(answered.text_of("Marker"), Some("m"));
    let asked = stub.asked().remove(1);
    assert!(asked.ends_with("\r\n\r\nAction=DescribeDBInstances&Version=2014-10-31&Marker=a%2Fb%20c"), "{asked}");
    assert!(asked.contains("/us-east-1/rds/aws4_request"), "{asked}");

    let gone = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>DBInstance a not found.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
    for (status, body, id) in [
        (404, gone, "aws-call-absent"),
        (403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", "aws-call-forbidden"),
        (400, "no XML", "aws-call-refused"),
        (200, "no XML", "aws-call-odd-answer"),
        (200, "<Other/>", "aws-call-odd-answer"),
    ] {
        let stub = Stub::of(vec![answer(status, body)]);
        let failure = Query::of(&RDS, &stub.config()).call("DescribeDBInstances", &[]).await.unwrap_err();
        assert_eq!(failed("rds:DescribeDBInstances", "a", failure).id(), id, "{body}");
    }
}

#[tokio::test]
async fn each_failure_is_told_as_what_it_is() {
    let absent = r#"{"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"gone"}"#;
    let odd_code = "x-amzn-errortype: AccessDeniedException:http://internal.amazon.com/\r\n";
    let queue = "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n";
    for (answer, id, kind) in [
        (answer(400, absent), "aws-call-absent", Kind::Caller),
        (
            answer_with(400, queue, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#),
            "aws-call-absent",
            Kind::Caller,
        ),
        (answer_with(400, odd_code, "{}"), "aws-call-forbidden", Kind::World),
        (answer(403, "<html>a proxy</html>"), "aws-call-refused", Kind::World),
        (answer(200, "<html>a portal</html>"), "aws-call-odd-answer", Kind::World),
        (answer_with(302, "Location: http://127.0.0.1:1/\r\n", ""), "aws-call-refused", Kind::World),
    ] {
        let stub = Stub::of(vec![answer.clone()]);
        let fault = fault(&stub).await;
        assert_eq!((fault.id(), fault.kind()), (id, kind), "{answer}");
        assert_eq!(stub.asked().len(), 1, "no redirect is followed, and nothing of it is tried again: {answer}");
    }
    let told = Stub::of(vec![answer_with(400, "x-amzn-RequestId: r-1\r\n", r#"{"__type":"X","message":"because"}"#)]);
    let chain = fault(&told).await.chain(shoseki_messages::Lang::En);
    assert!(chain.contains("(X)") && chain.contains("because (request r-1)"), "{chain}");
    let status = fault(&Stub::of(vec![answer(404, "")])).await.chain(shoseki_messages::Lang::En);
    assert!(status.contains("HTTP 404"), "{status}");
    let nobody = failed("logs:FilterLogEvents", "/shop", {
        let config = stub::config("http://127.0.0.1:1");
        Json::of(&LOGS, &config).call::<Value>("FilterLogEvents", &json!({})).await.unwrap_err()
    });
    assert_eq!(nobody.id(), "aws-call-unreachable");
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_not_kept() {
    let long = "x".repeat(LONGEST + 1);
    let stub = Stub::of((0..4).map(|_| answer(200, &long)).collect());
    assert_eq!(fault(&stub).await.id(), "aws-call-unreachable");
}
