//! CloudTrail events: the columns of our samples, and what is odd or hostile.

use shoseki_event::{Outcome, TimeOrigin};

use super::*;

const HEAD: &str = r#""eventVersion":"1.11","eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com""#;

fn derive(event: &str) -> Result<Columns, Reason> {
    CloudTrail.derive(event.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
}

/// An event with these members besides the usual ones.
fn with(members: &str) -> Columns {
    derive(&format!("{{{HEAD},{members}}}")).unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&CloudTrail);
}

#[test]
fn exact_fields_are_exact() {
    crate::tests::fields_are_exact(&CloudTrail);
}

#[test]
fn classes_and_activities() {
    for (source, name, class_uid, activity_id) in [
        ("signin", "ConsoleLogin", 3002, 1),
        ("signin", "SwitchRole", 3002, 7),
        ("signin", "CheckMfa", 3002, 99),
        ("signin", "PasswordRecoveryRequested", 3001, 4),
        ("sso", "Logout", 3002, 2),
        ("example", "SwitchRole", 6003, 99),
        ("sts", "GetFederationToken", 3002, 1),
        ("sts", "AssumeRoleWithSAML", 3002, 1),
        ("sts", "GetSessionToken", 3002, 1),
        ("sts", "GetCallerIdentity", 6003, 2),
        ("iam", "CreateUser", 3001, 1),
        ("iam", "CreateAccessKey", 3001, 1),
        ("iam", "AttachUserPolicy", 3001, 7),
        ("iam", "DetachRolePolicy", 3001, 8),
        ("iam", "DeleteUserPolicy", 3001, 8),
        ("iam", "DeletePolicy", 3001, 6),
        ("iam", "DeactivateMFADevice", 3001, 11),
        ("iam", "ChangePassword", 3001, 3),
        ("iam", "AddUserToGroup", 3001, 99),
        ("iam", "ListUsers", 6003, 2),
        ("iam", "CreateRole", 6003, 1),
        ("cognito-idp", "CreateUser", 6003, 1),
        ("s3", "DeleteObject", 6003, 4),
        ("s3", "PutObject", 6003, 3),
        ("ec2", "TerminateInstances", 6003, 4),
        ("kms", "Decrypt", 6003, 99),
        ("s3", "", 6003, 0),
    ] {
        let event = format!(
            r#"{{"eventTime":"2026-03-05T01:02:03Z","eventSource":"{source}.amazonaws.com","eventName":"{name}"}}"#
        );
        let columns = derive(&event).unwrap();
        assert_eq!((columns.class_uid, columns.activity_id), (class_uid, activity_id), "{name}");
    }
}

#[test]
fn severity_and_status() {
    let of = |members: &str| {
        let columns = with(members);
        (columns.severity_id, columns.status)
    };
    assert_eq!(of(r#""eventName":"ListBuckets""#), (1, Outcome::Success));
    assert_eq!(of(r#""eventName":"ListBuckets","errorCode":"AccessDenied""#), (3, Outcome::Failure));
    assert_eq!(of(r#""eventName":"ListBuckets","errorCode":null"#), (1, Outcome::Success));
    assert_eq!(of(r#""eventName":"StopLogging","errorCode":"AccessDenied""#), (4, Outcome::Failure));
    let login = |user: &str, mfa: &str, result: &str| {
        of(&format!(
            r#""eventName":"ConsoleLogin","userIdentity":{{"type":"{user}"}},"additionalEventData":{{"MFAUsed":"{mfa}"}},"responseElements":{{"ConsoleLogin":"{result}"}}"#
        ))
    };
    assert_eq!(login("IAMUser", "Yes", "Success"), (1, Outcome::Success));
    assert_eq!(login("IAMUser", "No", "Success"), (3, Outcome::Success));
    assert_eq!(login("AssumedRole", "No", "Success"), (1, Outcome::Success));
    assert_eq!(login("IAMUser", "Yes", "Failure"), (3, Outcome::Failure));
    assert_eq!(login("Root", "Yes", "Success"), (4, Outcome::Success));
}

#[test]
fn who_and_what() {
    let who = |identity: &str| with(&format!(r#""eventName":"X","userIdentity":{identity}"#)).actor;
    assert_eq!(who(r#"{"type":"IAMUser","userName":"u","arn":"a"}"#).as_deref(), Some("a"));
    assert_eq!(who(r#"{"type":"IAMUser","principalId":"p","userName":"u"}"#).as_deref(), Some("u"));
    assert_eq!(who(r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#).as_deref(), Some("ec2.amazonaws.com"));
    assert_eq!(who(r#"{"type":"Unknown","arn":""}"#).as_deref(), Some("Unknown"));
    assert_eq!(who("null"), None);
    let what = |members: &str| with(&format!(r#""eventName":"X",{members}"#)).resource;
    assert_eq!(what(r#""resources":[{"type":"x"},{"ARN":"a"},{"ARN":"b"}]"#).as_deref(), Some("a"));
    assert_eq!(what(r#""requestParameters":{"key":"k","bucketName":"b"}"#).as_deref(), Some("b/k"));
    assert_eq!(what(r#""requestParameters":{"key":"k","roleName":"r"}"#).as_deref(), Some("r"));
    assert_eq!(what(r#""requestParameters":{"name":"n","userName":"u"}"#).as_deref(), Some("u"));
    assert_eq!(what(r#""requestParameters":{"userName":{"x":1}},"resources":null"#), None);
}

#[test]
fn what_services_and_insights_are_about() {
    let insight = |state: &str| {
        with(&format!(
            r#""eventType":"AwsCloudTrailInsight","insightDetails":{{"state":"{state}","eventSource":"iam.amazonaws.com","eventName":"CreateUser"}}"#
        ))
    };
    assert_eq!(insight("Start").resource.as_deref(), Some("iam.amazonaws.com/CreateUser"));
    assert_eq!((insight("Start").severity_id, insight("End").severity_id), (3, 1));
    let service = with(r#""eventName":"RotateKey","eventType":"AwsServiceEvent","serviceEventDetails":{"keyId":"k"}"#);
    assert_eq!((service.resource.as_deref(), service.status), (Some("k"), Outcome::Success));
    let refused = with(
        r#""eventName":"UserAuthentication","eventSource":"sign-in.amazonaws.com","serviceEventDetails":{"UserAuthentication":"Failure"}"#,
    );
    assert_eq!((refused.class_uid, refused.status, refused.severity_id), (3002, Outcome::Failure, 3));
    let network =
        |category: &str| with(&format!(r#""eventName":"X","vpcEndpointId":"vpce-1","eventCategory":"{category}""#));
    assert_eq!(network("NetworkActivity").resource.as_deref(), Some("vpce-1"));
    assert_eq!(network("Management").resource, None);
}

#[test]
fn what_an_event_must_have() {
    assert_eq!(derive("{}"), Err(Reason::Missing { field: "eventTime" }));
    assert_eq!(derive(&format!("{{{HEAD}}}")), Err(Reason::Missing { field: "eventName" }));
    assert_eq!(derive(&format!(r#"{{{HEAD},"eventName":5}}"#)), Err(Reason::NotText { field: "eventName" }));
    assert_eq!(derive(r#"{"eventTime":1772672523}"#), Err(Reason::NotText { field: "eventTime" }));
    assert_eq!(derive(r#"{"eventTime":"2026"#), Err(Reason::EndsEarly));
    assert_eq!(derive("null"), Err(Reason::NotAnObject));
    let insight = derive(&format!(r#"{{{HEAD},"eventType":"AwsCloudTrailInsight"}}"#)).unwrap();
    assert_eq!((insight.operation, insight.status), (None, Outcome::Unknown));
    assert_eq!((insight.class_uid, insight.activity_id), (6003, 99));
    assert!(with(r#""eventName":"X""#).key.is_none(), "an event without an `eventID` is an event");
}

#[test]
fn odd_values_are_kept_as_they_are() {
    let odd = with(
        r#""eventName":"First","eventName":"証\u8de1","errorCode":18446744073709551615,"awsRegion":1e999999,
           "userIdentity":{"type":"Root"},"userIdentity":{"arn":"a"},"sourceIPAddress":["x"],"event\u0049D":"id""#,
    );
    assert_eq!(odd.operation.as_deref(), Some("証跡"), "the last of two counts");
    assert_eq!(odd.error.as_deref(), Some("18446744073709551615"));
    assert_eq!((odd.actor_type, odd.actor.as_deref()), (None, Some("a")));
    assert_eq!((odd.src_ip.as_deref(), odd.key.as_deref()), (Some("[\"x\"]"), Some("id")));
    assert_eq!(
        CloudTrail.stream(&with(r#""eventName":"X","awsRegion":"../x","recipientAccountId":"1""#)),
        "cloudtrail/1/unknown"
    );
    let late = derive(r#"{"eventTime":"yesterday","eventName":"X"}"#).unwrap();
    assert_eq!((late.time.to_string().as_str(), late.time_origin), ("2026-03-06T00:00:00Z", TimeOrigin::Implausible));
}
