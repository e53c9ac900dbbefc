//! What each form of GitHub's events becomes.

use super::*;

fn derive(event: &str) -> Result<Columns, Reason> {
    GitHub.derive(event.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
}

/// A webhook's event of octo-org/shop by aiko, with these members.
fn hook(members: &str) -> Columns {
    derive(&format!(r#"{{{members},"repository":{{"full_name":"octo-org/shop"}},"sender":{{"login":"aiko"}}}}"#))
        .unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&GitHub);
}

#[test]
fn a_merge_is_one_and_a_refusal_is_none() {
    let closed = |merged: bool, at: &str| {
        hook(&format!(
            r#""action":"closed","pull_request":{{"merged":{merged},"merged_at":{at},"closed_at":"2026-03-05T02:00:00Z"}}"#
        ))
    };
    let merged = closed(true, r#""2026-03-05T01:00:00Z""#);
    assert_eq!((merged.operation.as_deref(), merged.status), (Some("pull_request.merged"), Outcome::Success));
    assert_eq!(merged.time.to_string(), "2026-03-05T01:00:00Z");
    let refused = closed(false, "null");
    assert_eq!((refused.operation.as_deref(), refused.status), (Some("pull_request.closed"), Outcome::Unknown));
    assert_eq!(refused.time.to_string(), "2026-03-05T02:00:00Z");
    let labeled = hook(
        r#""action":"labeled","pull_request":{"merged":true,"merged_at":"2026-03-05T01:00:00Z","updated_at":"2026-03-05T05:00:00Z"}"#,
    );
    assert_eq!(
        (labeled.operation.as_deref(), labeled.time.to_string().as_str()),
        (Some("pull_request.labeled"), "2026-03-05T05:00:00Z")
    );
}

#[test]
fn a_key_with_dots_in_itself_is_a_path() {
    let dotted = derive(
        r#"{"action":"closed","pull_request.merged":true,"repository.full_name":"octo-org/shop","sender.login":"aiko","pull_request":{}}"#,
    );
    let dotted = dotted.unwrap();
    assert_eq!((dotted.actor.as_deref(), dotted.resource.as_deref()), (Some("aiko"), Some("octo-org/shop")));
    assert_eq!(dotted.operation.as_deref(), Some("pull_request.merged"));
    let object = derive(
        r#"{"workflow_id":9,"node_id":"x","updated_at":"2026-03-05T01:00:00Z","triggering_actor":{"login":"mei"}}"#,
    );
    assert_eq!(object.unwrap().actor.as_deref(), Some("mei"));
    let deep = derive(r#"{"number":7,"node_id":"x","base.repo":{"full_name":"octo-org/shop","x.y":1,"":2,".":3}}"#);
    assert_eq!(deep.unwrap().resource.as_deref(), Some("octo-org/shop"));
}

#[test]
fn verdicts_of_reviews_runs_and_deployments() {
    for (members, operation, status, error) in [
        (
            r#""action":"submitted","pull_request":{},"review":{"state":"approved"}"#,
            "pull_request_review.submitted",
            Outcome::Success,
            None,
        ),
        (
            r#""action":"submitted","pull_request":{},"review":{"state":"CHANGES_REQUESTED"}"#,
            "pull_request_review.submitted",
            Outcome::Failure,
            Some("CHANGES_REQUESTED"),
        ),
        (
            r#""action":"submitted","pull_request":{},"review":{"state":"commented"}"#,
            "pull_request_review.submitted",
            Outcome::Unknown,
            None,
        ),
        (
            r#""action":"completed","workflow_run":{"conclusion":"timed_out"}"#,
            "workflow_run.completed",
            Outcome::Failure,
            Some("timed_out"),
        ),
        (
            r#""action":"requested","workflow_run":{"conclusion":null}"#,
            "workflow_run.requested",
            Outcome::Unknown,
            None,
        ),
        (r#""action":"completed","check_run":{"conclusion":"success"}"#, "check_run.completed", Outcome::Success, None),
        (r#""deployment":{},"deployment_status":{"state":"success"}"#, "deployment_status", Outcome::Success, None),
        (r#""deployment":{"created_at":"2026-03-05T00:00:00Z"}"#, "deployment", Outcome::Unknown, None),
        (r#""action":"published","release":{}"#, "release.published", Outcome::Unknown, None),
        (r#""ref":"refs/heads/main","before":"0","after":"1""#, "push", Outcome::Unknown, None),
        (r#""zen":"Speak like a human.","hook_id":1"#, "ping", Outcome::Unknown, None),
        (r#""action":"added","member":{}"#, "added", Outcome::Unknown, None),
    ] {
        let columns = hook(members);
        assert_eq!(columns.operation.as_deref(), Some(operation), "{members}");
        assert_eq!((columns.status, columns.error.as_deref()), (status, error), "{members}");
        assert_eq!(
            (columns.actor.as_deref(), columns.resource.as_deref(), columns.key),
            (Some("aiko"), Some("octo-org/shop"), None)
        );
        assert_eq!(GitHub.stream(&hook(members)), "github/octo-org/shop");
    }
}

#[test]
fn times_are_numbers_too() {
    let pushed = hook(r#""ref":"refs/heads/main","before":"0","repository":{"pushed_at":1772672523}"#);
    assert_eq!(pushed.time.to_string(), "2026-03-05T01:02:03Z");
    let audited = derive(r#"{"_document_id":"x","@timestamp":1772672523004,"action":"repo.destroy","actor":"aiko","repo":"octo-org/shop"}"#).unwrap();
    assert_eq!((audited.time.to_string().as_str(), audited.key.as_deref()), ("2026-03-05T01:02:03.004Z", Some("x")));
    assert_eq!((audited.activity_id, audited.operation.as_deref()), (4, Some("repo.destroy")));
}

#[test]
fn what_was_listed_twice_and_did_not_change_is_one() {
    let pull = |updated: &str| {
        format!(
            r#"{{"number":7,"node_id":"PR_1","state":"closed","merged_at":"2026-03-05T01:00:00Z","updated_at":"{updated}","user":{{"login":"taro"}},"head":{{}},"base":{{"repo":{{"full_name":"octo-org/shop"}}}}}}"#
        )
    };
    let (one, same, later) = (pull("2026-03-05T01:00:00Z"), pull("2026-03-05T01:00:00Z"), pull("2026-03-05T03:00:00Z"));
    assert_eq!(derive(&one).unwrap().key, derive(&same).unwrap().key);
    assert_ne!(derive(&one).unwrap().key, derive(&later).unwrap().key);
}

#[test]
fn what_is_no_event_is_refused_and_others_are_not_taken_for_it() {
    assert_eq!(derive("{}"), Err(Reason::Missing { field: "sender" }));
    assert_eq!(derive("[]"), Err(Reason::NotAnObject));
    assert!(derive(r#"{"number":7}"#).is_err() && derive(r#"{"sender":{"login":"a"}} x"#).is_err());
    for other in [
        r#"{"action":"login","sender":"aiko","level":"info"}"#,
        r#"{"@timestamp":"2026-03-05T00:00:00Z","action":"login","message":"m"}"#,
        r#"{"number":7,"head":1}"#,
    ] {
        assert_ne!(crate::auto(other.as_bytes()).map(Source::id), Some("github"), "{other}");
    }
}
