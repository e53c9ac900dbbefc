//! What a plan must not do: read the raw event where a column will do, or the JSON twice.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod store;

use expect_test::{Expect, expect};
use shoseki_query::{Engine, Options};

use store::Memory;

async fn check(query: &str, expected: Expect) {
    let event = shoseki_sources::by_id("cloudtrail").unwrap().example();
    let line = String::from_utf8(event.to_vec()).unwrap().replace('\n', " ");
    let engine = Engine::new(Memory::of(&line) as _, Options { cores: 1, ..Options::default() });
    expected.assert_eq(&engine.explain(query).await.unwrap());
}

#[tokio::test]
async fn the_handbooks_query_reads_four_columns() {
    check(
        "fields @timestamp, @message | filter @message like /delete|update/ | sort @timestamp desc | limit 100",
        expect![[r#"
            ProjectionExec: expr=[time@2 as out:0, raw@3 as out:1]
              SortExec: TopK(fetch=100), expr=[time@2 DESC NULLS LAST, segment@0 ASC NULLS LAST, ordinal@1 ASC NULLS LAST], preserve_partitioning=[false]
                CooperativeExec
                  Events: files=1, partitions=1, columns=[segment, ordinal, time, raw], where=[/delete|update/], newest=100
        "#]],
    )
    .await;
}

#[tokio::test]
async fn native_names_do_not_read_the_raw_event() {
    check(
        "stats count(*) by eventName",
        expect![[r#"
        ProjectionExec: expr=[new:3@0 as out:0, new:4@1 as out:1]
          SortExec: expr=[natural(new:3@0) ASC NULLS LAST, new:4@1 ASC NULLS LAST], preserve_partitioning=[false]
            ProjectionExec: expr=[new:1@0 as new:3, new:2@1 as new:4]
              AggregateExec: mode=Single, gby=[native:eventName@0 as new:1], aggr=[count(1) as new:2]
                CooperativeExec
                  Events: files=1, partitions=1, columns=[native:eventName]
    "#]],
    )
    .await;
    check("filter eventName = 'x' and awsRegion in ['y', 'z'] | fields sourceIPAddress", expect![[r#"
        ProjectionExec: expr=[native:sourceIPAddress@3 as out:0]
          SortExec: expr=[time@2 DESC NULLS LAST, segment@0 ASC NULLS LAST, ordinal@1 ASC NULLS LAST], preserve_partitioning=[false]
            CooperativeExec
              Events: files=1, partitions=1, columns=[segment, ordinal, time, native:sourceIPAddress], where=[native:eventName@0 = x and native:awsRegion@0 = y OR native:awsRegion@0 = z]
    "#]]).await;
}

#[tokio::test]
async fn fields_that_are_read_together_are_read_in_one_pass() {
    check(
        "filter @message like /x/ and requestParameters.a = 'y' and n > 5 | stats count(*), max(n) by requestParameters.b, c",
        expect![[r#"
            ProjectionExec: expr=[new:5@0 as out:0, new:6@1 as out:1, new:7@2 as out:2, new:8@3 as out:3]
              SortExec: expr=[natural(new:5@0) ASC NULLS LAST, natural(new:6@1) ASC NULLS LAST, new:7@2 ASC NULLS LAST, natural(new:8@3) ASC NULLS LAST], preserve_partitioning=[false]
                ProjectionExec: expr=[new:1@0 as new:5, new:2@1 as new:6, new:3@2 as new:7, numberOfKey(new:4@3) as new:8]
                  AggregateExec: mode=Single, gby=[native:requestParameters.b@1 as new:1, native:c@2 as new:2], aggr=[count(1) as new:3, max(numberKey(events.native:n)) as new:4]
                    CooperativeExec
                      Events: files=1, partitions=1, columns=[native:n, native:requestParameters.b, native:c], where=[native:requestParameters.a@0 = y and number(native:n@0) > 5 and /x/]
        "#]],
    )
    .await;
}
