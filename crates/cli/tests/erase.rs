//! Erasure by its commands: one asks, another confirms, and afterwards nobody finds it, everything else is proven, and every copy
//! says why it is not there.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod acting;
mod aws;

use std::path::Path;

use acting::{done, run};
use aws::Moto;
use serde_json::Value;

/// What is said where it is refused.
fn refused(root: &Path, person: &str, words: &[&str]) -> String {
    let output = run(root, person, words);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// Events of some people, one each a second; `aiko` is of an account of her own.
fn events(people: &[&str]) -> String {
    let event = |(n, who): (usize, &&str)| {
        let account = if *who == "aiko" { "111122223333" } else { "999900001111" };
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/{who}","userName":"{who}","accountId":"111122223333"}},"eventTime":"2026-03-05T10:00:{n:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.1","eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"{account}"}}"#
        )
    };
    format!("{{\"Records\":[{}]}}", people.iter().enumerate().map(event).collect::<Vec<_>>().join(","))
}

const QUERY: &str = "filter userIdentity.userName = \"aiko\"";

fn intact(root: &Path) -> Vec<String> {
    let report = done(root, "aya", &["verify", "--deep"]);
    assert_eq!(report["verdict"], "intact", "{report:#}");
    let notes = report["notes"].as_array().unwrap().iter();
    notes.map(|note| note["id"].as_str().unwrap().to_owned()).collect()
}

/// How many records a question finds.
fn found(root: &Path, query: &str) -> usize {
    let output = run(root, "mia", &["query", query, "-o", "jsonl"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[test]
fn what_one_asks_and_another_confirms_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
    done(root, "aya", &["init"]);
    let hold = done(root, "mia", &["hold", "place", "--why", "Lawsuit 3", "--query", QUERY]);
    let hold = hold["id"].as_str().unwrap();
    std::fs::write(root.join("a.json"), events(&["ben", "aiko", "aiko", "chie", "aiko"])).unwrap();
    done(root, "aya", &["ingest", "cloudtrail", &path("a.json")]);
    let whole = path("whole.zip");
    let package = ["package", "create", "--query", "fields eventName", "--population", "--out"];
    done(root, "aya", &[&package[..], &[whole.as_str()]].concat());
    let key = run(root, "aya", &["key", "show"]);
    let key = String::from_utf8(key.stdout).unwrap();
    let key = key.split_whitespace().find(|word| word.contains('+')).unwrap().to_owned();

    let slip = run(root, "aya", &["erase", "plan", "--query", "filter userIdentity.usrName = \"aiko\""]);
    let said = String::from_utf8(slip.stderr).unwrap();
    assert!(said.contains("userIdentity.userName"), "a slip in a name is told: {said}");
    let plan = done(root, "aya", &["erase", "plan", "--query", QUERY]);
    assert_eq!((&plan["records"], &plan["classes"][0]["class"]), (&3.into(), &"standard".into()), "{plan:#}");
    let unreached: Vec<&str> =
        plan["unreached"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(unreached, ["package", "own", "source"]);
    for (words, what) in [
        (&["erase", "plan"][..], "--query"),
        (&["erase", "plan", "--query", "stats count(*)"], "events"),
        (&["erase", "request", "--query", QUERY, "--why", "Case 12"], "--ground"),
        (&["erase", "request", "--query", QUERY, "--ground", "gdpr-17"], "--why"),
        (&["erase", "request", "--query", "filter eventName = \"None\"", "--ground", "other", "--why", "x"], "Nothing"),
        (&["erase", "plan", "--record", "x:1"], "`x`"),
        (&["erase", "plan", "--query", QUERY, "--source", "cloudtrial"], "cloudtrial"),
        (&["erase", "confirm", "none", "--yes"], "none"),
        (&["erase", "show", "none"], "none"),
    ] {
        let said = refused(root, "aya", words);
        assert!(said.to_lowercase().contains(&what.to_lowercase()), "{words:?}: {said}");
    }
    done(root, "aya", &["retention", "set", "--preset", "companies-act"]);
    let request = ["erase", "request", "--query", QUERY, "--ground", "gdpr-17", "--why", "Case 12"];
    assert!(refused(root, "aya", &request).contains("2036-03-05"));
    let asked = done(root, "aya", &[&request[..], &["--before-its-time", "The law lets it go"]].concat());
    let id = asked["id"].as_str().unwrap();
    assert_eq!(asked["request"]["records"].as_object().unwrap().len(), 1);
    assert_eq!(found(root, QUERY), 3, "asking erases nothing");
    let shown = done(root, "ken", &["erase", "show", id]);
    assert_eq!((shown["rows"].as_array().unwrap().len(), &shown["state"]), (3, &"waiting".into()));
    assert!(shown["rows"][0]["who"].as_str().unwrap().contains("aiko"), "{shown:#}");

    assert!(refused(root, "AYA", &["erase", "confirm", id, "--yes"]).contains("another person"));
    assert!(refused(root, "ken", &["erase", "confirm", id]).contains("--yes"), "nobody is there to be asked");
    assert_eq!(done(root, "aya", &["status"])["erasures_waiting"], 1);
    // The hold was placed before there was anything that answers it: its question is asked again.
    let said = refused(root, "ken", &["erase", "confirm", id, "--yes"]);
    assert!(said.contains("Lawsuit 3") && said.contains(hold), "{said}");
    assert_eq!(done(root, "ken", &["erase", "plan", "--query", QUERY])["classes"][0]["held_by"][0], hold);
    assert!(!intact(root).contains(&"verify-erased".to_owned()));
    done(root, "aya", &["hold", "release", hold, "--why", "over"]);
    done(root, "ken", &["hold", "confirm", hold]);

    let erased = done(root, "ken", &["erase", "confirm", id, "--yes"]);
    assert_eq!((&erased["done"]["records"], &erased["done"]["again"]), (&3.into(), &false.into()), "{erased:#}");
    let version = erased["done"]["version"].as_u64().unwrap();
    assert_eq!((found(root, QUERY), found(root, "filter @message like /aiko/")), (0, 0));
    assert_eq!(found(root, "filter @source = \"cloudtrail\""), 2, "the others are there");
    let notes = intact(root);
    assert!(notes.contains(&"verify-erased".to_owned()) && notes.contains(&"verify-receipts-erased".to_owned()));
    let again = done(root, "ken", &["erase", "confirm", id, "--yes"]);
    assert_eq!((&again["done"]["again"], again["done"]["deleted"].as_array().unwrap().len()), (&true.into(), 0));
    let status = done(root, "aya", &["status"]);
    assert_eq!(status["records_erased"], 3);
    let listed = done(root, "aya", &["erase", "list"]);
    assert_eq!((&listed[0]["state"], &listed[0]["commit"]), (&"done".into(), &version.into()));

    // No record of ours has the question, and every copy says why it is not there.
    assert_eq!(
        found(root, "SOURCE 'shoseki/access' | filter action like /^erase/ and @message like /userName = .*aiko/"),
        0
    );
    let record = shown["rows"][0]["@ptr"].as_str().unwrap();
    assert!(refused(root, "aya", &["prove", record]).contains(&format!("commit {version}")));
    assert!(refused(root, "aya", &["original", "get", &path("a.json")]).contains("erased"));
    let before = (version - 1).to_string();
    assert!(refused(root, "aya", &["query", "fields @ptr", "--at", &before]).contains("erased"));
    let back = done(root, "aya", &["ingest", "cloudtrail", &path("a.json"), "--again"]);
    assert_eq!((&back["new"], &back["erased"]), (&0.into(), &3.into()), "{back:#}");

    // A package of before proves itself, and one of now is whole without what was erased.
    let judge = |package: &str| done(root, "eva", &["package", "verify", package, "--key", &key]);
    assert_eq!(judge(&whole)["verdict"], "intact");
    let now = path("now.zip");
    done(root, "aya", &[&package[..], &[now.as_str()]].concat());
    let judged = judge(&now);
    assert_eq!((&judged["verdict"], &judged["checked"]["records"]), (&"intact".into(), &2.into()), "{judged:#}");
    let said: Vec<&str> = judged["notes"].as_array().unwrap().iter().map(|note| note["id"].as_str().unwrap()).collect();
    assert!(said.contains(&"verify-population-complete"), "{said:?}");
}

#[test]
fn a_request_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    done(root, "aya", &["init"]);
    std::fs::write(root.join("a.json"), events(&["aiko", "ben"])).unwrap();
    done(root, "aya", &["ingest", "cloudtrail", root.join("a.json").to_str().unwrap()]);
    let request = ["erase", "request", "--query", QUERY, "--ground", "appi-35", "--why", "Case 12"];
    done(root, "aya", &["retention", "set", "--for-ever"]);
    assert!(refused(root, "aya", &request).contains("--before-its-time"), "it is to be kept for ever");
    let asked = done(root, "aya", &[&request[..], &["--before-its-time", "The law lets it go"]].concat());
    let id = asked["id"].as_str().unwrap();
    done(root, "aya", &["erase", "withdraw", id, "--why", "A mistake"]);
    assert!(refused(root, "ken", &["erase", "confirm", id, "--yes"]).contains("aya"));
    assert_eq!(done(root, "aya", &["erase", "list"])[0]["state"], "withdrawn");
    assert_eq!(found(root, QUERY), 1);
    intact(root);
}

/// What an erasure says that it did not reach in the bucket.
fn versions(said: &Value) -> Vec<(String, Value)> {
    let unreached = said["unreached"].as_array().unwrap().iter();
    let versions = unreached.filter(|one| one["what"].as_str().unwrap().starts_with("version"));
    versions.map(|one| (one["message"].as_str().unwrap().to_owned(), one["until"].clone())).collect()
}

/// A vault in a bucket that keeps versions: the older ones go too, and those that may not are named.
#[test]
fn older_versions_of_a_bucket_go_unless_they_are_locked() {
    let Some(moto) = Moto::of("erasure in a bucket with versions") else { return };
    for is_locked in [false, true] {
        let bucket = moto.prefix("erasure").replace('/', "-");
        let header = if is_locked { "x-amz-bucket-object-lock-enabled: true\r\n" } else { "" };
        moto.put_at(&bucket, header, b"");
        let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        moto.put_at(&format!("{bucket}?versioning"), "", enabled.as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("url"), format!("s3://{bucket}/v")).unwrap();
        done(root, "aya", &["init"]);
        std::fs::write(root.join("a.json"), events(&["aiko", "ben"])).unwrap();
        done(root, "aya", &["ingest", "cloudtrail", root.join("a.json").to_str().unwrap()]);
        if is_locked {
            let lock =
                "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2099-11-30T00:00:00Z</RetainUntilDate></Retention>";
            let listed = moto.call(&format!("GET /{bucket}?list-type=2"), "s3", "", b"");
            let keys = listed.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap());
            let of_the_day: Vec<&str> = keys.filter(|key| key.contains("day=2026-03-05")).collect();
            assert_eq!(of_the_day.len(), 1, "{listed}");
            moto.put_at(&format!("{bucket}/{}?retention", of_the_day[0]), "", lock.as_bytes());
        }
        let request = ["erase", "request", "--query", QUERY, "--ground", "order", "--why", "Case 12"];
        let asked = done(root, "aya", &request);
        assert!(versions(&asked["plan"]).is_empty(), "moto does not say what is locked");
        let id = asked["id"].as_str().unwrap();
        let erased = done(root, "ken", &["erase", "confirm", id, "--yes"]);
        let left = versions(&erased);
        assert_eq!(left.len(), usize::from(is_locked), "{left:?}");
        if let Some((message, _)) = left.first() {
            assert!(message.contains("s3:DeleteObjectVersion") && message.contains("day=2026-03-05"), "{message}");
        }
        let gone = moto.call(&format!("GET /{bucket}?versions&prefix=v/events/class"), "s3", "", b"");
        assert_eq!(gone.matches("<DeleteMarker>").count(), usize::from(is_locked), "{gone}");
        assert_eq!(found(root, QUERY), 0);
        intact(root);
    }
}
