//! SQL: the views and their types, the operators, what describes, and that nothing can be written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use shoseki_messages::Kind;
use shoseki_query::{Engine, Failure, Options};

use store::{Memory, now, rows as rows_of};

const EVENTS: &str = r#"{"eventVersion":"1.08","eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.1","eventID":"00000000-0000-4000-8000-000000000001","eventType":"AwsApiCall","readOnly":true,"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲"},"requestParameters":{"bucketName":"b","a.b/c":[10,"二"]}}
{"eventVersion":"1.08","eventTime":"2026-03-05T01:02:04Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.2","eventID":"00000000-0000-4000-8000-000000000002","eventType":"AwsConsoleSignIn","readOnly":"perhaps","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root"},"responseElements":{"ConsoleLogin":"Failure"}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/api","verb":"delete","user":{"username":"u"},"sourceIPs":["192.0.2.3"],"objectRef":{"resource":"pods","name":"web-1"},"responseStatus":{"code":403,"reason":"Forbidden"},"requestReceivedTimestamp":"2026-03-05T00:00:00.000000Z","stageTimestamp":"2026-03-05T00:00:00.000001Z","annotations":{"authorization.k8s.io/decision":"forbid"}}
{"time":"2026-03-05T02:00:00Z","message":"an application's"}
"#;

fn engine() -> Engine {
    Engine::new(Memory::of(EVENTS) as _, Options { now: now(), cores: 1, ..Options::default() })
}

async fn rows(query: &str) -> String {
    let answer = engine().sql(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"));
    rows_of(answer).await
}

#[tokio::test]
async fn a_source_is_a_view_with_native_and_typed_columns() {
    assert_eq!(
        rows(r#"select "eventName", "userIdentity.arn", "readOnly", "eventTime" - interval '1 hour' as earlier, "requestParameters" from cloudtrail order by "eventTime""#).await,
        concat!(
            r#"{"eventName":"GetObject","userIdentity.arn":"arn:aws:iam::111122223333:user/甲","readOnly":true,"earlier":"2026-03-05T00:02:03Z","requestParameters":"{\"bucketName\":\"b\",\"a.b/c\":[10,\"二\"]}"}"#,
            "\n",
            r#"{"eventName":"ConsoleLogin","userIdentity.arn":"arn:aws:iam::111122223333:root","readOnly":null,"earlier":"2026-03-05T00:02:04Z","requestParameters":null}"#,
            "\n"
        )
    );
    assert_eq!(
        rows(r#"select verb, "user.username", "responseStatus.code" + 1 as next, "objectRef.name" from k8s_audit where "responseStatus.code" >= 400"#).await,
        "{\"verb\":\"delete\",\"user.username\":\"u\",\"next\":404,\"objectRef.name\":\"web-1\"}\n"
    );
}

/// Names of events have capitals, and are written as they are; words of SQL and functions are written as one likes.
#[tokio::test]
async fn names_with_capitals_need_no_quotes() {
    assert_eq!(
        rows("SELECT eventName AS What, COUNT(*) AS Total FROM cloudtrail WHERE Upper(awsRegion) LIKE 'AP%' GROUP BY eventName ORDER BY Total").await,
        "{\"What\":\"GetObject\",\"Total\":1}\n"
    );
    let failed = engine().sql("select EVENTNAME from cloudtrail").await.unwrap_err();
    let Failure::Fault(fault) = failed else { panic!("{failed:?}") };
    assert!(
        fault.chain(shoseki_messages::Lang::En).contains("eventName"),
        "the name that exists is among what is said"
    );
}

#[tokio::test]
async fn a_class_is_a_view_over_all_sources() {
    assert_eq!(
        rows(r#"select "metadata.product.name" as source, "api.operation" as operation, "actor.user.name" as actor, status from ocsf_api_activity order by source"#).await,
        concat!(
            r#"{"source":"cloudtrail","operation":"GetObject","actor":"arn:aws:iam::111122223333:user/甲","status":"success"}"#,
            "\n",
            r#"{"source":"k8s-audit","operation":"delete","actor":"u","status":"failure"}"#,
            "\n"
        )
    );
    assert_eq!(
        rows(r#"select "src_endpoint.ip", status from ocsf_authentication"#).await,
        "{\"src_endpoint.ip\":\"192.0.2.2\",\"status\":\"failure\"}\n"
    );
    assert_eq!(rows("select count(*) as n from ocsf_account_change").await, "{\"n\":0}\n");
}

#[tokio::test]
async fn every_view_gives_its_rows_with_pointers() {
    for view in shoseki_query::sql_views() {
        let all = rows(&format!("select * from {view}")).await;
        let expected = match view.as_str() {
            "ocsf_api_activity" | "cloudtrail" => 2,
            "k8s_audit" | "ocsf_authentication" | "ocsf_base_event" => 1,
            _ => 0,
        };
        assert_eq!(all.lines().count(), expected, "{view}: {all}");
        assert!(all.lines().all(|line| line.contains("\"@ptr\":\"")), "{view}: {all}");
    }
}

#[tokio::test]
async fn json_is_opened_by_operators() {
    let open = r#"select raw -> 'requestParameters' ->> 'bucketName' as bucket,
        raw -> 'requestParameters' -> 'a.b/c' as list,
        raw -> 'requestParameters' -> 'a.b/c' ->> 1 as second,
        json(raw, 'requestParameters.bucketName') as same,
        raw ->> 'nothing' as nothing
        from events where raw ->> 'eventName' = 'GetObject'"#;
    assert_eq!(
        rows(open).await,
        "{\"bucket\":\"b\",\"list\":\"[10,\\\"二\\\"]\",\"second\":\"二\",\"same\":\"b\",\"nothing\":null}\n"
    );
    let key = r#"select annotations ->> 'authorization.k8s.io/decision' as decision from k8s_audit"#;
    assert_eq!(rows(key).await, "{\"decision\":\"forbid\"}\n");
}

#[tokio::test]
async fn tables_can_be_listed_described_and_explained() {
    let tables = rows("show tables").await;
    for name in ["events", "cloudtrail", "k8s_audit", "ocsf_api_activity", "ocsf_authentication", "ocsf_account_change"]
    {
        assert!(tables.contains(&format!("\"table_name\":\"{name}\"")), "{name}: {tables}");
    }
    let columns = rows("describe cloudtrail").await;
    assert!(columns.contains(r#""column_name":"userIdentity.arn","data_type":"Utf8""#), "{columns}");
    assert!(columns.contains(r#""column_name":"readOnly","data_type":"Boolean""#), "{columns}");
    assert!(columns.contains(r#""column_name":"eventTime","data_type":"Timestamp(µs, \"UTC\")""#), "{columns}");
    assert!(!rows("describe events").await.contains("native:"), "what the engine calls its own is not shown");
    let plan = rows("explain select operation from events where service = 'x'").await;
    assert!(plan.contains("Events: files=3"), "{plan}");
}

#[tokio::test]
async fn only_what_is_asked_for_is_read_and_the_json_once() {
    let query =
        r#"select "userIdentity.arn", "requestID" from cloudtrail where "userAgent" = 'x' and "errorMessage" = 'y'"#;
    let plan = engine().explain_sql(query).await.unwrap();
    assert!(!plan.contains("raw"), "{plan}");
    let columns = r#"select "eventName", "awsRegion" from cloudtrail"#;
    let plan = engine().explain_sql(columns).await.unwrap();
    assert!(!plan.contains("json:") && !plan.contains("raw"), "{plan}");
}

#[tokio::test]
async fn whatever_would_write_set_or_reach_out_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.csv");
    let path = file.display();
    for statement in [
        "insert into events (operation) values ('x')".to_owned(),
        "update events set operation = 'x'".to_owned(),
        "delete from events".to_owned(),
        "delete from cloudtrail where true".to_owned(),
        "truncate table events".to_owned(),
        "merge into events using cloudtrail on true when matched then delete".to_owned(),
        "drop table events".to_owned(),
        "drop view cloudtrail".to_owned(),
        "alter table events add column x int".to_owned(),
        "create table t as select * from events".to_owned(),
        "create table t (x int)".to_owned(),
        "create view v as select 1".to_owned(),
        "create or replace view events as select 1".to_owned(),
        "create schema s".to_owned(),
        "create database d".to_owned(),
        "create index i on events (operation)".to_owned(),
        "create function f() returns int return 1".to_owned(),
        format!("create external table t stored as csv location '{path}'"),
        format!("copy events to '{path}' stored as csv"),
        format!("copy (select 1) to '{path}'"),
        format!("explain analyze copy (select 1) to '{path}'"),
        format!("explain analyze create external table t stored as csv location '{path}'"),
        "set datafusion.execution.batch_size = 1".to_owned(),
        "reset datafusion.execution.batch_size".to_owned(),
        "prepare p as select 1".to_owned(),
        "execute p".to_owned(),
        "begin".to_owned(),
        "commit".to_owned(),
        "rollback".to_owned(),
        "grant select on events to public".to_owned(),
        "vacuum".to_owned(),
        "use s".to_owned(),
        "select 1; drop table events".to_owned(),
        "select 1; select 2".to_owned(),
        format!("select * from '{path}'"),
        "select * from '/etc/passwd'".to_owned(),
        format!("select * from read_csv('{path}')"),
        "select * into t from events".to_owned(),
        String::new(),
    ] {
        match engine().sql(&statement).await {
            Err(Failure::Fault(fault)) => {
                assert_eq!((fault.kind(), fault.id()), (Kind::Caller, "query-sql"), "{statement}: {fault:?}");
            }
            Err(other) => panic!("{statement}: {other:?}"),
            Ok(mut answer) => {
                let mut shown = String::new();
                while let Ok(Some(batch)) = answer.next().await {
                    shown = format!("{shown}{batch:?}");
                }
                panic!("`{statement}` ran: {shown}");
            }
        }
        assert!(!file.exists(), "{statement}");
    }
}
