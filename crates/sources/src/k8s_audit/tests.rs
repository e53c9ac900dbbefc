//! Kubernetes audit events: the columns of our samples, and what is odd or hostile.

use shoseki_event::TimeOrigin;

use super::*;

fn derive(event: &str) -> Result<Columns, Reason> {
    K8sAudit.derive(event.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&K8sAudit);
}

#[test]
fn exact_fields_are_exact() {
    crate::tests::fields_are_exact(&K8sAudit);
}

#[test]
fn the_time_is_the_stages_own() {
    let time =
        |rest: &str| derive(&format!(r#"{{"auditID":"a","stage":"b"{rest}}}"#)).map(|columns| columns.time.to_string());
    let received = r#","requestReceivedTimestamp":"2026-03-05T01:00:00Z""#;
    let stage = r#","stageTimestamp":"2026-03-05T02:00:00.5+09:00""#;
    assert_eq!(time(&format!("{received}{stage}")).unwrap(), "2026-03-04T17:00:00.500Z");
    assert_eq!(time(received).unwrap(), "2026-03-05T01:00:00Z");
    assert_eq!(time(r#","timestamp":"2026-03-05T03:00:00Z""#).unwrap(), "2026-03-05T03:00:00Z");
    let odd = derive(r#"{"auditID":"a","stage":"b","stageTimestamp":"noon"}"#).unwrap();
    assert_eq!((odd.time.to_string().as_str(), odd.time_origin), ("2026-03-06T00:00:00Z", TimeOrigin::Implausible));
    assert_eq!(derive(r#"{"auditID":"a","stage":"b"}"#).unwrap().time_origin, TimeOrigin::Received);
}

#[test]
fn what_an_event_must_have() {
    assert_eq!(derive("{}"), Err(Reason::Missing { field: "auditID" }));
    assert_eq!(derive(r#"{"auditID":"a"}"#), Err(Reason::Missing { field: "stage" }));
    assert_eq!(derive(r#"{"auditID":1,"stage":"b"}"#), Err(Reason::NotText { field: "auditID" }));
    assert_eq!(derive(r#"{"auditID":"a","stage":"b","verb":["get"]}"#), Err(Reason::NotText { field: "verb" }));
    assert_eq!(derive("[]"), Err(Reason::NotAnObject));
    assert_eq!(derive(r#"{"auditID":"a","stage":"b"} x"#), Err(Reason::Syntax { at: 28 }));
}

#[test]
fn odd_values_do_not_cost_the_event() {
    let columns = derive(
        r#"{"auditID":"a","stage":"Panic","user":"root","sourceIPs":{},"objectRef":null,
            "responseStatus":{"code":18446744073709551616,"reason":7}}"#,
    )
    .unwrap();
    assert_eq!(columns.key.as_deref(), Some("a/Panic"));
    assert_eq!((columns.actor, columns.src_ip, columns.resource), (None, None, None));
    assert_eq!((columns.status, columns.error.as_deref()), (Outcome::Failure, Some("7")));
}
