//! What is asked and what is noted, by answers in the wire's form; what comes of a whole account, the command's tests see with moto.

use super::*;
use crate::call::stub::{Stub, answer};

fn desk(stub: &Stub) -> Desk {
    let shared = Shared::of(Arc::default());
    Desk { account: "111122223333".to_owned(), region: "us-east-1".to_owned(), config: stub.config(), shared }
}

/// What was noted: the call, what it was about, and how it was answered.
fn noted(desk: &Desk) -> Vec<(String, String, String)> {
    let said = |said: Said| match said {
        Said::Answer(value) => value.to_string(),
        Said::Absent(code) => format!("absent: {code}"),
        Said::Refused(code, fault) | Said::Unanswered(code, fault) => format!("{}: {code}", fault.id()),
    };
    let answers = desk.shared.answers().into_iter();
    answers.map(|one| (one.call.name(), one.of.unwrap_or_default(), said(one.said))).collect()
}

#[tokio::test]
async fn a_bucket_is_asked_in_its_region_and_what_is_not_set_is_no_refusal() {
    let error = |status, code: &str| answer(status, &format!("<Error><Code>{code}</Code><Message>m</Message></Error>"));
    let stub = Stub::of(vec![
        answer(
            200,
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name><BucketRegion>eu-west-3</BucketRegion></Bucket>\
             </Buckets></ListAllMyBucketsResult>",
        ),
        answer(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
        error(404, "ServerSideEncryptionConfigurationNotFoundError"),
        error(404, "NoSuchPublicAccessBlockConfiguration"),
        answer(200, "<BucketLoggingStatus/>"),
        error(404, "NoSuchLifecycleConfiguration"),
        answer(200, r#"{"Statement":[]}"#),
        error(403, "AccessDenied"),
        error(404, "ReplicationConfigurationNotFoundError"),
        error(404, "NoSuchBucket"),
    ]);
    let desk = desk(&stub);
    buckets::take(desk.clone()).await;
    let asked = stub.asked();
    assert!(asked[0].starts_with("GET /?max-buckets=1000 HTTP/1.1"), "{}", asked[0]);
    assert!(asked[1].starts_with("GET /logs?versioning") && asked[1].contains("/eu-west-3/s3/"), "{}", asked[1]);
    let [listed, rest @ ..] = &noted(&desk)[..] else { panic!("nothing was noted") };
    assert_eq!((listed.0.as_str(), listed.1.as_str()), ("s3:ListBuckets", ""));
    let said: Vec<(&str, &str)> = rest.iter().map(|(call, _, said)| (call.as_str(), said.as_str())).collect();
    assert_eq!(
        said,
        [
            ("s3:GetBucketVersioning", r#"{"Status":"Enabled"}"#),
            ("s3:GetBucketEncryption", "absent: ServerSideEncryptionConfigurationNotFoundError"),
            ("s3:GetPublicAccessBlock", "absent: NoSuchPublicAccessBlockConfiguration"),
            ("s3:GetBucketLogging", r#""""#),
            ("s3:GetBucketLifecycleConfiguration", "absent: NoSuchLifecycleConfiguration"),
            ("s3:GetBucketPolicy", r#"{"Statement":[]}"#),
            ("s3:GetObjectLockConfiguration", "aws-call-forbidden: AccessDenied"),
            ("s3:GetBucketReplication", "absent: ReplicationConfigurationNotFoundError"),
            ("s3:GetBucketAcl", "aws-call-refused: NoSuchBucket"),
        ]
    );
}

#[tokio::test]
async fn a_list_is_asked_for_page_after_page_and_what_was_read_stays() {
    let stub = Stub::of(vec![
        answer(200, r#"{"logGroups":[{"logGroupName":"a"}],"nextToken":"n"}"#),
        answer(400, r#"{"__type":"AccessDeniedException"}"#),
    ]);
    let desk = desk(&stub);
    recorders::log_groups(desk.clone()).await;
    assert!(stub.asked()[1].contains(r#""nextToken":"n""#));
    let noted = noted(&desk);
    assert_eq!(noted.len(), 2);
    assert_eq!(noted[1].2, "aws-call-forbidden: AccessDeniedException");
}

#[tokio::test]
async fn keys_that_answers_name_are_asked_in_the_region_of_their_name() {
    let groups = r#"{"logGroups":[{"kmsKeyId":"arn:aws:kms:eu-west-3:444455556666:key/k"}]}"#;
    let described = r#"{"KeyMetadata":{"Arn":"arn:aws:kms:eu-west-3:444455556666:key/k","KeyManager":"AWS"}}"#;
    let stub = Stub::of(vec![answer(200, groups), answer(200, described)]);
    let desk = desk(&stub);
    recorders::log_groups(desk.clone()).await;
    let named = desk.shared.named(&desk.account, &KEYS);
    assert_eq!(named, [("us-east-1".to_owned(), "arn:aws:kms:eu-west-3:444455556666:key/k".to_owned())]);
    stores::key(desk.in_region("eu-west-3"), named[0].1.clone()).await;
    // A key of AWS is not asked for its rotation.
    assert!(stub.asked().len() == 2 && stub.asked()[1].contains("/eu-west-3/kms/"));
}

#[tokio::test]
async fn where_nobody_says_who_we_are_nothing_is_there() {
    let denied = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>";
    let stub = Stub::of(vec![answer(403, denied)]);
    let taken = take_by(vec![(String::new(), stub.config())], &Ask::default(), Arc::default()).await;
    assert_eq!(taken.unwrap_err().id(), "aws-call-refused");
}

#[tokio::test]
async fn what_aws_cannot_answer_is_no_refusal() {
    let down = || answer(503, r#"{"__type":"ServiceUnavailableException"}"#);
    let stub = Stub::of(vec![down(), down(), down(), down()]);
    let desk = desk(&stub);
    recorders::log_groups(desk.clone()).await;
    let answers = desk.shared.answers();
    let [Answer { said: Said::Unanswered(code, fault), .. }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!((code.as_str(), fault.id()), ("ServiceUnavailableException", "aws-call-unanswered"));
}

#[test]
fn a_list_that_is_cut_is_said_to_be() {
    let desk = desk(&Stub::of(Vec::new()));
    let mut pages = desk::Pages::default();
    let page = || Some(serde_json::json!({"nextToken": "n"}));
    while pages.is_more() {
        pages.take(page(), "nextToken");
    }
    desk.whole(&calls::LOG_GROUPS, None, &pages);
    let noted = noted(&desk);
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].2, "aws-list-endless: pages");
    // One that ends is whole.
    let mut pages = desk::Pages::default();
    pages.take(Some(serde_json::json!({})), "nextToken");
    desk.whole(&calls::LOG_GROUPS, None, &pages);
    assert!(desk.shared.answers().is_empty());
}
