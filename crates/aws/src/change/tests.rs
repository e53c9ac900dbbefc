//! What is called, as the wire has it; what was there already, what waits, and what is refused.

use serde_json::json;

use super::*;
use crate::call::stub::{Stub, answer, answer_with};

fn hands(stub: &Stub) -> Hands {
    let configs = BTreeMap::from([("111122223333".to_owned(), stub.config())]);
    Hands { configs, pause: Duration::ZERO }
}

fn change(name: &str, of: &str, input: Value) -> Change {
    let (account, region) = ("111122223333".to_owned(), "eu-west-3".to_owned());
    Change { kind: kind(name).unwrap(), account, region, of: of.to_owned(), input }
}

#[tokio::test]
async fn each_protocol_has_its_form_and_the_region_is_that_of_the_change() {
    let stub = Stub::of(vec![
        answer(200, ""),
        answer(200, ""),
        answer(200, "{\"KeyMetadata\":{\"Arn\":\"arn:key\"}}"),
        answer(200, "<ModifyOptionGroupResponse><ModifyOptionGroupResult/></ModifyOptionGroupResponse>"),
        answer(200, "{\"update\":{}}"),
        answer(200, "<CreateRoleResponse><CreateRoleResult/></CreateRoleResponse>"),
    ]);
    let hands = hands(&stub);
    let versioning = json!({"VersioningConfiguration": {"Status": "Enabled"}});
    hands.make(&change("s3:PutBucketVersioning", "shop.logs", versioning)).await.unwrap();
    hands.make(&change("s3:PutBucketPolicy", "logs", json!({"Statement": []}))).await.unwrap();
    let made = hands.make(&change("kms:CreateKey", "alias/x", json!({"KeySpec": "SYMMETRIC_DEFAULT"}))).await.unwrap();
    assert_eq!(made, Made::Done(json!({"KeyMetadata": {"Arn": "arn:key"}})));
    let options = json!({"OptionGroupName": "g", "OptionsToInclude": {"OptionConfiguration": [{"OptionName": "P"}]}});
    hands.make(&change("rds:ModifyOptionGroup", "g", options)).await.unwrap();
    hands.make(&change("eks:UpdateClusterConfig", "shop", json!({"logging": {}}))).await.unwrap();
    hands.make(&change("iam:CreateRole", "r", json!({"RoleName": "r"}))).await.unwrap();
    let asked = stub.asked();
    let body = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
    for (at, expected) in [
        (0, "PUT /shop.logs?versioning HTTP/1.1\r\n"),
        (0, "/eu-west-3/s3/aws4_request"),
        // SHA-256 of the body, in base64: `printf '%s' BODY | openssl dgst -sha256 -binary | base64`.
        (0, "x-amz-checksum-sha256: SC1OUQtc3PC786BE6Cgy3HEfTyh1emwG6yF1goKnPvc=\r\n"),
        (1, "PUT /logs?policy HTTP/1.1\r\n"),
        (1, "{\"Statement\":[]}"),
        (2, "x-amz-target: TrentService.CreateKey\r\n"),
        (3, "OptionsToInclude.OptionConfiguration.1.OptionName=P"),
        (4, "POST /clusters/shop/update-config HTTP/1.1\r\n"),
        (4, "/eu-west-3/eks/aws4_request"),
        (5, "/us-east-1/iam/aws4_request"),
    ] {
        assert!(asked[at].contains(expected), "`{expected}` is not in {}", asked[at]);
    }
    assert!(asked[0].ends_with(body), "{}", asked[0]);
}

#[tokio::test]
async fn what_s3_says_of_a_life_cycle_in_a_header_goes_back_in_one() {
    let stub = Stub::of(vec![answer(200, "")]);
    let rule = json!({"ID": "r", "Status": "Enabled"});
    let input = json!({"LifecycleConfiguration": {"Rule": [rule]},
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"});
    hands(&stub).make(&change("s3:PutBucketLifecycleConfiguration", "logs", input)).await.unwrap();
    let asked = stub.asked().remove(0);
    assert!(asked.contains("x-amz-transition-default-minimum-object-size: varies_by_storage_class\r\n"), "{asked}");
    assert!(asked.ends_with("</Rule></LifecycleConfiguration>") && !asked.contains("Transition"), "{asked}");
}

#[tokio::test]
async fn what_is_there_already_is_no_failure_and_what_waits_is_tried_again() {
    let error = |code: &str| answer(409, &format!("<Error><Code>{code}</Code><Message>m</Message></Error>"));
    let waits = || answer_with(400, "x-amzn-errortype: InsufficientS3BucketPolicyException\r\n", "{\"message\":\"m\"}");
    let stub = Stub::of(vec![
        error("BucketAlreadyOwnedByYou"),
        error("BucketAlreadyExists"),
        waits(),
        waits(),
        answer(200, "{\"Name\":\"t\"}"),
    ]);
    let hands = hands(&stub);
    let create = change("s3:CreateBucket", "logs", json!({}));
    assert_eq!(hands.make(&create).await.unwrap(), Made::WasThere);
    // Somebody else's bucket of this name is a failure.
    assert_eq!(hands.make(&create).await.unwrap_err().id(), "aws-call-refused");
    let trail = change("cloudtrail:CreateTrail", "t", json!({"Name": "t"}));
    assert_eq!(hands.make(&trail).await.unwrap(), Made::Done(json!({"Name": "t"})));
    assert_eq!(stub.asked().len(), 5);
}

#[tokio::test]
async fn what_waits_for_ever_and_what_is_denied_ends() {
    let waits = || answer_with(400, "x-amzn-errortype: InsufficientS3BucketPolicyException\r\n", "{\"message\":\"m\"}");
    let denied = "{\"message\":\"with an explicit deny in a service control policy\"}";
    let mut answers: Vec<String> = (0..TRIES).map(|_| waits()).collect();
    answers.push(answer_with(400, "x-amzn-errortype: AccessDeniedException\r\n", denied));
    let stub = Stub::of(answers);
    let hands = hands(&stub);
    let trail = change("cloudtrail:CreateTrail", "t", json!({"Name": "t"}));
    assert_eq!(hands.make(&trail).await.unwrap_err().id(), "aws-call-refused");
    let refused = hands.make(&trail).await.unwrap_err();
    assert_eq!(refused.id(), "aws-call-forbidden");
    // What AWS says of who denies it is said on.
    let said = refused.chain(shoseki_messages::Lang::En);
    assert!(said.contains("cloudtrail:CreateTrail") && said.contains("service control policy"), "{said}");
    let other = Change { account: "444455556666".to_owned(), ..trail };
    assert_eq!(hands.make(&other).await.unwrap_err().id(), "aws-change-account");
}
