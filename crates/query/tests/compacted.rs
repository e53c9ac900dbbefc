//! A compacted vault answers every question as it did before: rows, their order, their names.

#![expect(clippy::unwrap_used, reason = "in a test it is how it fails")]

use std::collections::BTreeMap;
use std::sync::Arc;

use shoseki_event::Timestamp;
use shoseki_query::output::{Format, writer};
use shoseki_query::{Answer, Cache, Engine, Options};
use shoseki_segment::Layout;
use shoseki_vault::compact::{Goal, compact};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Access, Init, Vault};

/// The events of one file: of two accounts, some refused, each with what only it has; every seventh with a field of its own.
fn events(run: u32) -> String {
    let event = |n: u32| {
        let (account, refused) = (n % 2, if n.is_multiple_of(5) { r#""errorCode":"AccessDenied","# } else { "" });
        let own = if n.is_multiple_of(7) { format!(r#""resources":[{{"ARN":"arn:{n}"}}],"#) } else { String::new() };
        format!(
            r#"{{"eventVersion":"1.08",{refused}{own}"userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::11112222333{account}:user/甲{}"}},"eventTime":"2026-03-{:02}T{:02}:{:02}:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"{}","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b{}","key":"k/{n}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"11112222333{account}"}}"#,
            n % 3,
            5 + n % 2,
            n / 3_600 % 24,
            n / 60 % 60,
            n % 60,
            ["GetObject", "PutObject", "DeleteObject"][n as usize % 3],
            n % 250,
            n % 4,
        )
    };
    // Files overlap in time: what is put together is not in the order of time.
    let all: Vec<String> = (0..300).map(|at| event(at * 12 + run)).collect();
    format!("{{\"Records\":[{}]}}", all.join(","))
}

const QUESTIONS: [&str; 12] = [
    "fields @timestamp, @ptr, @log, @message | sort @timestamp, @ptr | limit 10000",
    "fields @timestamp, @message | limit 20",
    "fields @ptr, eventID | sort @timestamp desc, eventID | limit 50",
    "filter @message like /k\\/111\"/ | fields @ptr, @message",
    "filter @message like /(?i)accessdenied/ | stats count(*) as n by bin(1h), recipientAccountId | sort n, recipientAccountId",
    "filter eventName = 'PutObject' and errorCode = 'AccessDenied' | fields @ptr, requestParameters.key | sort eventID",
    "stats count(*) as n by requestParameters.bucketName | sort requestParameters.bucketName",
    "stats count(*) as n, count_distinct(sourceIPAddress) as ips by userIdentity.arn | sort userIdentity.arn",
    "filter ispresent(resources.0.ARN) | fields @ptr, resources.0.ARN | sort eventID | limit 1000",
    "filter eventID = '00000000-0000-4000-8000-000000000123' | fields @ptr, @message",
    "stats min(@timestamp) as first, max(@timestamp) as last, count(*) as n by @log | sort @log",
    "filter noSuchField = 'x' | stats count(*) as n",
];

/// What is asked about: everything, our own records too; an hour; one account; both.
fn options() -> Vec<Options> {
    let at = |text: &str| Some(Timestamp::parse(text).unwrap());
    let now = Timestamp::parse("2026-03-07T00:00:00Z").unwrap();
    let base = Options { now, with_pointers: true, ..Options::default() };
    let hour = (at("2026-03-05T00:10:00Z"), at("2026-03-05T00:40:00Z"));
    let stream = vec!["cloudtrail/111122223331/ap-northeast-1".to_owned()];
    vec![
        Options { include_internal: true, ..base.clone() },
        Options { from: hour.0, to: hour.1, ..base.clone() },
        Options { streams: stream.clone(), ..base.clone() },
        Options { from: hour.0, to: hour.1, streams: stream, ..base },
    ]
}

async fn lines(mut answer: Answer) -> Vec<String> {
    let mut bytes = Vec::new();
    let mut rows = writer(Format::JsonLines, &answer.schema(), &mut bytes).unwrap();
    while let Some(batch) = answer.next().await.unwrap() {
        rows.write(&batch).unwrap();
    }
    rows.finish().unwrap();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

/// The answers to all questions over the vault as it is now. What no order was asked of is put in one.
async fn answers(vault: &Arc<Vault>, cache: &Arc<Cache>) -> BTreeMap<String, Vec<String>> {
    let snapshot = vault.snapshot().await.unwrap();
    let mut answers = BTreeMap::new();
    for (about, options) in options().into_iter().enumerate() {
        let engine = Engine::over(Arc::clone(vault), &snapshot, options).with_cache(cache);
        for question in QUESTIONS {
            let mut rows = lines(engine.insights(question).await.unwrap()).await;
            if !question.contains("sort") {
                rows.sort();
            }
            answers.insert(format!("{about}: {question}"), rows);
        }
        let sql = "SELECT operation, count(*) AS n, min(time) AS first FROM events GROUP BY 1 ORDER BY 1";
        answers.insert(format!("{about}: {sql}"), lines(engine.sql(sql).await.unwrap()).await);
    }
    answers
}

async fn judge(layout: Layout) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let init = Init { layout: Some(layout), ..Init::default() };
    let vault = Vault::init(&path("vault"), &Access::new(folder.path().join("keys")), &init).await.unwrap().vault;
    for run in 0..9 {
        std::fs::write(path("a.json"), events(run)).unwrap();
        let request = Request { paths: vec![path("a.json")], ..Request::default() };
        assert_eq!(ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap().new, 300);
    }
    let (vault, cache) = (Arc::new(vault), Arc::default());
    let before = answers(&vault, &cache).await;
    assert_eq!(before[&format!("0: {}", QUESTIONS[0])].len(), 2_700 + 9, "{:?}", before.keys());
    let empty: Vec<&String> = before.iter().filter(|(_, rows)| rows.is_empty()).map(|(question, _)| question).collect();
    assert!(
        empty.iter().all(|question| !question.starts_with('0')),
        "without an answer nothing is compared: {empty:?}"
    );

    // In two steps: first files of a few segments, then one of files that have several already.
    for (target_rows, files) in [(500, 10), (131_072, 3)] {
        let goal = Goal { target_rows, min_files: 2 };
        compact(&vault, &goal, &Arc::new(Meter::default())).await.unwrap();
        let snapshot = vault.snapshot().await.unwrap();
        let all: Vec<_> = snapshot.replay.files().collect();
        assert!(all.len() <= files, "{} files", all.len());
        assert!(all.iter().any(|file| file.add.tags.segments.len() > 1));
        let after = answers(&vault, &cache).await;
        for (question, rows) in &before {
            assert_eq!(&after[question], rows, "{question}, with what the cache knows");
        }
        assert!(answers(&vault, &Arc::default()).await == before, "and without");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compacted_vault_answers_as_before() {
    judge(Layout::Text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compacted_vault_answers_as_before_where_events_are_taken_apart() {
    judge(Layout::Columns).await;
}
