//! What a query may read of a store that is paid for, against what it did read: the bound holds, and before it nothing was read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::fmt::Write as _;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use shoseki_event::Timestamp;
use shoseki_query::{Engine, Fetched, Language, Options, Toll};
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Access, Init, Store, Vault};

const DAYS: u32 = 4;
const A_DAY: u32 = 300;

/// CloudTrail's events of four days; one of five hundred is of a key of its own.
fn events() -> String {
    let mut all = String::from("{\"Records\":[");
    for n in 0..DAYS * A_DAY {
        let (day, hour, second) = (n / A_DAY + 3, n % 24, n % 60);
        let key = if n % 500 == 7 { "AKIAIOSFODNN7RARE000" } else { "AKIAIOSFODNN7EXAMPLE" };
        let comma = if n == 0 { "" } else { "," };
        write!(
            all,
            r#"{comma}{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u{}","accessKeyId":"{key}"}},"eventTime":"2026-03-{day:02}T{hour:02}:00:{second:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b","key":"k/{}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
            n % 37,
            n % 251,
            n.wrapping_mul(2_654_435_761),
        )
        .unwrap();
    }
    all + "]}"
}

/// A vault in a store that is no folder.
async fn vault(is_encrypted: bool, folder: &std::path::Path) -> Arc<Vault> {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let access = Access::new(folder.join(format!("keys-{is_encrypted}")));
    let init =
        Init { encrypt: Some(is_encrypted), origin: Some("shoseki/toll".to_owned()), service: None, layout: None };
    let store = Store::over(objects, "vault", "test://vault").unwrap();
    let vault = Vault::init_at(store, &access, &init).await.unwrap().vault;
    let path = folder.join("a.json");
    std::fs::write(&path, events()).unwrap();
    let request = Request { paths: vec![path.display().to_string()], ..Request::default() };
    ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    Arc::new(vault)
}

fn fits(query: &str, fetched: &[Fetched], toll: &[Toll]) {
    for read in fetched {
        let Some(most) = toll.iter().find(|toll| toll.path == read.path) else {
            panic!("`{query}` read {read:?}, which was not told")
        };
        assert!(read.bytes <= most.most_bytes && read.requests <= most.most_requests, "`{query}`: {read:?} {most:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_reads_no_more_than_was_told() {
    let folder = tempfile::tempdir().unwrap();
    for is_encrypted in [true, false] {
        let vault = vault(is_encrypted, folder.path()).await;
        let snapshot = vault.snapshot().await.unwrap();
        for (query, language) in [
            ("stats count(*)", Language::Insights),
            ("fields @message | limit 3", Language::Insights),
            ("filter @message like /RARE/ and @message like /user/ | fields @message", Language::Insights),
            ("filter userIdentity.accessKeyId = 'AKIAIOSFODNN7RARE000' | sort @timestamp asc", Language::Insights),
            ("filter @message like 'nothing of this kind' | stats count(*) by eventName", Language::Insights),
            ("filter eventName in (stats count(*) by eventName | fields eventName) | limit 5", Language::Insights),
            ("fields requestParameters.key, @message", Language::Insights),
            ("select \"eventName\", count(*) from cloudtrail group by 1", Language::Sql),
        ] {
            for slice in [None, Some(60_000)] {
                let options =
                    Options { slice, now: Timestamp::parse("2026-04-01T00:00:00Z").unwrap(), ..Options::default() };
                let engine = Engine::over(Arc::clone(&vault), &snapshot, options);
                let toll = match engine.toll(query, language).await {
                    Ok(toll) => toll,
                    Err(failure) => panic!("{query}: {failure:?}"),
                };
                assert!(!toll.is_empty() && engine.fetched().is_empty(), "`{query}` was read before it was told");
                assert!(toll.iter().all(|file| file.times >= 1 && file.most_bytes >= file.bytes), "{toll:?}");
                let mut answer = match language {
                    Language::Sql => engine.sql(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}")),
                    Language::Insights => {
                        engine.insights(query).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}"))
                    }
                };
                while answer.next().await.unwrap().is_some() {}
                let fetched = engine.fetched();
                assert!(!fetched.is_empty(), "{query}");
                fits(query, &fetched, &toll);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_rule_out_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(true, folder.path()).await;
    let snapshot = vault.snapshot().await.unwrap();
    let toll = async |options: Options, query: &str| {
        let engine = Engine::over(Arc::clone(&vault), &snapshot, options);
        engine.toll(query, Language::Insights).await.unwrap_or_else(|failure| panic!("{query}: {failure:?}")).len()
    };
    let day = |day: u32| Some(Timestamp::parse(&format!("2026-03-{day:02}T00:00:00Z")).unwrap());
    assert_eq!(toll(Options::default(), "stats count(*)").await, DAYS as usize);
    assert_eq!(toll(Options { from: day(4), to: day(6), ..Options::default() }, "stats count(*)").await, 2);
    assert_eq!(toll(Options { sources: vec!["falco".to_owned()], ..Options::default() }, "stats count(*)").await, 0);
    assert_eq!(toll(Options::default(), "filter @logStream = 'none' | fields @message").await, 0);
    assert_eq!(
        toll(Options::default(), "filter userIdentity.accessKeyId = 'AKIA0000000000000000'").await,
        DAYS as usize
    );
}
