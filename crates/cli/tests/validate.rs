//! `shoseki validate cloudtrail`: over a folder, offline; over moto's S3, with keys of a stub of CloudTrail's API.
#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod aws;
mod site;
#[path = "../../verify/src/trail/tests/writer.rs"]
mod writer;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;

use aws::Moto;
use expect_test::{Expect, expect, expect_file};
use serde_json::Value;
use site::{Answer, Site};
use writer::{KEY, Plan, Signer, Trail, extended, gzip, keys_file, md5_hex, to_base64};

/// A folder with a copy of a trail and the keys.
fn copy(trail: &Trail) -> Site {
    let site = Site::empty();
    trail.to_folder(&site.path("copy"), true);
    site.write("keys.json", keys_file(&[Signer::new(KEY).pkcs1()]));
    site
}

const VALIDATE: [&str; 5] = ["validate", "cloudtrail", "copy", "--keys", "keys.json"];

fn validate(site: &Site, more: &[&str]) -> Answer {
    site.run(&[&VALIDATE, more].concat())
}

/// A trail of two regions in which one of each kind of lie is told.
fn tampered() -> (Plan, Trail) {
    let plan = Plan {
        organisation: "o-exampleorgid/".to_owned(),
        regions: vec!["ap-northeast-1".to_owned(), "us-east-1".to_owned()],
        home: "us-east-1".to_owned(),
        hours: 8,
        ..Plan::default()
    };
    let mut trail = plan.write(&Signer::new(KEY));
    trail.remove(&plan.digest(2));
    trail.remove(&plan.digest(3));
    trail.remove(&plan.log(5, 0));
    trail.change(&plan.log(5, 1), |object| object.bytes = gzip(b"{\"Records\":[]}"));
    trail.change(&plan.log(5, 2), |object| object.bytes.extend(b"more"));
    plan.write_log(("111122223333", "us-east-1"), plan.end(4) + 600, "FORGED", &mut trail);
    (plan, trail)
}

#[test]
fn an_intact_trail_is_told_in_both_languages() {
    let plan = Plan { late: vec![2], ..Plan::default() };
    let site = copy(&plan.write(&Signer::new(KEY)));
    for (lang, expected) in [
        ("en", expect_file!["transcripts/validate-intact.en.txt"]),
        ("ja", expect_file!["transcripts/validate-intact.ja.txt"]),
    ] {
        let answer = validate(&site, &["--lang", lang, "--tz", "Asia/Tokyo"]);
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{answer:?}");
        expected.assert_eq(&answer.out);
    }
}

#[test]
fn what_is_wrong_is_told_in_both_languages() {
    let site = copy(&tampered().1);
    for (lang, expected) in [
        ("en", expect_file!["transcripts/validate-tampered.en.txt"]),
        ("ja", expect_file!["transcripts/validate-tampered.ja.txt"]),
    ] {
        let answer = validate(&site, &["--lang", lang]);
        assert_eq!((answer.code, answer.err.as_str()), (Some(1), ""), "{answer:?}");
        expected.assert_eq(&answer.out);
    }
}

#[test]
fn what_must_be_there_is_read_from_a_file() {
    let site = copy(&Plan::default().write(&Signer::new(KEY)));
    let run = |text: &str, more: &[&str]| {
        site.write("estate.toml", text);
        validate(&site, &[&["--expect", "estate.toml", "--json"], more].concat())
    };
    let regions = "regions = [\"ap-northeast-1\", \"us-east-1\"]\n";
    assert_eq!(run("accounts = [\"111122223333\"]\nregions = [\"ap-northeast-1\"]\n", &[]).code, Some(0));
    let report = run(regions, &[]).report(4);
    let findings: Vec<[&Value; 3]> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| ["code", "account", "region"].map(|name| &finding[name]))
        .collect();
    assert_eq!(findings, [["region-absent", "111122223333", "us-east-1"]], "{report:#}");
    assert_eq!(run(regions, &["--region", "ap-northeast-1"]).code, Some(0), "what is named narrows the file");
    assert_eq!(run("", &["--region", "us-east-1"]).code, Some(2), "a file that asks for nothing is a mistake");
    let mistake = run("region = [\"us-east-1\"]\n", &[]);
    assert!(mistake.code == Some(2) && mistake.err.contains("`regions`"), "{mistake:?}");
    assert_eq!(validate(&site, &["--expect", "nowhere.toml"]).code, Some(2));
}

#[test]
fn reports_and_findings_are_for_machines() {
    let (plan, trail) = tampered();
    let site = copy(&trail);
    let report = validate(&site, &["--json"]).report(1);
    assert_eq!((&report["verdict"], &report["stopped"]), (&"tampered".into(), &false.into()));
    assert_eq!(report["gaps"][0]["hours"], 2, "{report:#}");
    let codes: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    let expected = [
        "log-unproven",
        "digest-missing",
        "digest-missing",
        "log-missing",
        "log-altered",
        "trailing-bytes",
        "log-extra",
    ];
    let sorted = |codes: &[&str]| {
        let mut codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        codes.sort();
        codes
    };
    assert_eq!(sorted(&codes), sorted(&expected));

    let lines = validate(&site, &["--findings"]);
    assert_eq!(lines.code, Some(1));
    let lines: Vec<Value> = lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), expected.len());
    let missing = lines.iter().find(|line| line["code"] == "log-missing").unwrap();
    assert_eq!(missing["resource"], format!("s3://{}", plan.log(5, 0)));
    assert_eq!(missing["digest"], format!("copy/{}", plan.digest(5)));
    assert_eq!((&missing["from"], &missing["to"]), (&extended(plan.end(4)).into(), &extended(plan.end(5)).into()));
    for field in ["account", "region", "trail"] {
        assert!(missing[field].as_str().is_some_and(|text| !text.is_empty()), "{missing}");
    }
    for field in ["text", "mend"] {
        assert!(["en", "ja"].iter().all(|lang| missing[field][lang].as_str().is_some_and(|text| text.len() > 10)));
    }
    assert_eq!(validate(&site, &["--findings", "--region", "us-east-1"]).out.lines().count(), 1);
    assert_eq!(validate(&site, &["--region", "us-east-1", "--to", &extended(plan.end(3))]).code, Some(0));
}

fn check(answer: &Answer, code: i32, expected: Expect) {
    assert_eq!((answer.code, answer.out.as_str()), (Some(code), ""), "{answer:?}");
    expected.assert_eq(&answer.err);
}

#[test]
fn mistakes_are_said_with_what_was_expected() {
    let site = copy(&Plan::default().write(&Signer::new(KEY)));
    check(
        &site.run(&["validate", "cloudtrail", "nowhere", "--keys", "keys.json"]),
        2,
        expect![[r#"
            error: the folder `nowhere` cannot be opened: No such file or directory (os error 2)
        "#]],
    );
    check(
        &site.run(&["validate", "cloudtrail", "keys.json", "--keys", "keys.json"]),
        2,
        expect![[r#"
            error: `keys.json` is a file: give the folder that it lies in
        "#]],
    );
    site.write("other.json", "[]");
    check(
        &site.run(&["validate", "cloudtrail", "copy", "--keys", "other.json"]),
        2,
        expect![[r#"
            error: the file of keys is not what `aws cloudtrail list-public-keys` or `--save-keys` writes: a `PublicKeyList` with a `Value` in base64 for each key
        "#]],
    );
    check(
        &validate(&site, &["--resume", "other.json"]),
        2,
        expect![[r#"
        error: `other.json` is another file than one that `--resume` wrote: give a new name
    "#]],
    );
    check(
        &validate(&site, &["--from", "2026-03-06", "--to", "2026-03-05"]),
        2,
        expect![[r#"
        error: the range is empty: it begins at 2026-03-06T00:00:00Z and ends at 2026-03-06T00:00:00Z
    "#]],
    );
    let none = site.run(&["validate", "cloudtrail", ".", "--account", "999999999999", "--keys", "keys.json"]);
    assert_eq!((none.code, none.out.contains("no digest was found")), (Some(4), true), "{none:?}");
}

#[test]
fn a_run_goes_on_behind_what_was_found_intact() {
    let plan = Plan::default();
    let site = copy(&plan.write(&Signer::new(KEY)));
    let first = validate(&site, &["--resume", "found.jsonl", "--json"]).report(0);
    assert_eq!((&first["checked"]["log_files_resumed"], &first["checked"]["log_files"]), (&0.into(), &18.into()));
    let again = validate(&site, &["--resume", "found.jsonl", "--json"]).report(0);
    assert_eq!(again["checked"]["log_files_resumed"], 18);
    assert!(again["notes"].to_string().contains("were not read again"), "{again}");

    // The file vouches for nothing that the digests do not state.
    let name = plan.log(2, 1);
    let forged = gzip(b"{\"Records\":[]}");
    fs::write(site.path(&format!("copy/{name}")), &forged).unwrap();
    let metadata = fs::metadata(site.path(&format!("copy/{name}"))).unwrap();
    let changed = metadata.modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let line = format!(
        "{{\"file\":\"copy/{name}\",\"mark\":\"{}-{changed}\",\"sha256\":\"{}\"}}\n",
        forged.len(),
        writer::sha256(b"{\"Records\":[]}")
    );
    fs::OpenOptions::new().append(true).open(site.path("found.jsonl")).unwrap().write_all(line.as_bytes()).unwrap();
    let report = validate(&site, &["--resume", "found.jsonl", "--json"]).report(1);
    assert_eq!(
        (&report["findings"][0]["code"], report["findings"].as_array().unwrap().len()),
        (&"log-altered".into(), 1)
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_and_calls_nothing_intact() {
    let plan = Plan { hours: 300, files_an_hour: 12, ..Plan::default() };
    let site = copy(&plan.write(&Signer::new(KEY)));
    let mut command = site.command(&[&VALIDATE[..], &["--resume", "found.jsonl", "--json"]].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // As soon as the first log files are written down, it is stopped.
    let found = site.path("found.jsonl");
    while fs::metadata(&found).map_or(0, |metadata| metadata.len()) < 1_000 {
        thread::yield_now();
    }
    let stopped = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let report = Answer::of(child.wait_with_output().unwrap()).report(130);
    assert_eq!((&report["verdict"], &report["stopped"]), (&"unverifiable".into(), &true.into()));
    let report = validate(&site, &["--resume", "found.jsonl", "--json"]).report(0);
    assert!(report["checked"]["log_files_resumed"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["checked"]["log_files_proven"], 3_600);
}

/// Answers `ListPublicKeys` with a key, as often as it is asked, until the test ends.
fn cloudtrail(key: &[u8]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = format!(
        r#"{{"PublicKeyList":[{{"Value":"{}","Fingerprint":"{}","ValidityStartTime":1772323200.0,"ValidityEndTime":1775001600.0}}]}}"#,
        to_base64(key),
        md5_hex(key)
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = vec![0; 64 << 10];
            let length = stream.read(&mut asked).unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).to_lowercase();
            let is_known = asked.contains("listpublickeys");
            let status = if is_known { "200 OK" } else { "400 Bad Request" };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

/// Puts a trail where CloudTrail puts it, with what S3 keeps beside the objects.
fn deliver(moto: &Moto, trail: &Trail) {
    for (name, object) in &trail.objects {
        let mut headers = String::new();
        if let Some(signature) = &object.signature {
            headers += &format!("x-amz-meta-signature: {signature}\r\n");
            headers += "x-amz-meta-signature-algorithm: SHA256withRSA\r\n";
        }
        if let Some(made) = &object.made {
            headers += &format!("x-amz-meta-backfill-generation-timestamp: {made}\r\n");
        }
        moto.put_at(name, &headers, &object.bytes);
    }
}

#[test]
fn a_trail_is_followed_into_the_bucket_before() {
    let Some(moto) = Moto::of("a trail that moved") else { return };
    let (signer, bucket) = (Signer::new(KEY), moto.prefix("old"));
    moto.bucket(&bucket);
    let prefix = format!("{}/", moto.prefix("moved"));
    let old = Plan { bucket, hours: 2, ..Plan::default() };
    let new = Plan { bucket: "shoseki-test".to_owned(), prefix, start: old.end(1), hours: 2, ..Plan::default() };
    let mut trail = Trail::default();
    let names = ("111122223333", "ap-northeast-1");
    let last = old.write_chain(&signer, names, None, &mut trail);
    new.write_chain(&signer, names, last, &mut trail);
    trail.remove(&old.log(0, 1));
    deliver(&moto, &trail);
    let site = Site::empty();
    site.write("keys.json", keys_file(&[signer.pkcs1()]));
    let url = format!("s3://shoseki-test/{}", new.prefix);
    let to = extended(new.end(1));
    let run = |more: &[&str]| {
        let all = [&["validate", "cloudtrail", &url, "--keys", "keys.json", "--to", &to, "--json"], more].concat();
        site.run(&all)
    };
    let report = run(&[]).report(1);
    assert_eq!((&report["checked"]["digests"], &report["checked"]["log_files"]), (&4.into(), &12.into()), "{report:#}");
    assert_eq!(report["findings"][0]["resource"], format!("s3://{}", old.log(0, 1)));
    assert!(report["notes"].to_string().contains("moved from bucket"), "{report}");
    // What lies before the time that was asked for is not opened.
    assert_eq!(run(&["--from", &extended(old.end(1))]).report(0)["checked"]["digests"], 2);
}

#[test]
fn a_bucket_is_judged_with_keys_of_the_api() {
    let Some(moto) = Moto::of("a trail in a bucket") else { return };
    let signer = Signer::new(KEY);
    let prefix = format!("{}/", moto.prefix("trail"));
    let plan = Plan {
        bucket: "shoseki-test".to_owned(),
        prefix: prefix.clone(),
        organisation: "o-exampleorgid/".to_owned(),
        accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
        late: vec![1],
        ..Plan::default()
    };
    let trail = plan.write(&signer);
    deliver(&moto, &trail);
    let site = Site::empty();
    let url = format!("s3://shoseki-test/{prefix}");
    let api = cloudtrail(&signer.pkcs1());
    let to = extended(plan.end(5) + 600);
    let run = |more: &[&str]| {
        let all = [&["validate", "cloudtrail", &url, "--to", &to, "--json"], more].concat();
        let mut command = site.command(&all);
        command.env("AWS_ENDPOINT_URL_CLOUDTRAIL", &api);
        Site::finish(command)
    };
    let report = run(&["--save-keys", "keys.json"]).report(0);
    assert_eq!(
        (&report["checked"]["digests_proven"], &report["checked"]["log_files_proven"]),
        (&14.into(), &38.into())
    );
    assert_eq!(report["checked"]["accounts"], 2);

    // The keys that were saved serve without the API; days are listed by themselves.
    let offline = |more: &[&str]| {
        let all = [&["validate", "cloudtrail", &url, "--keys", "keys.json", "--json"], more].concat();
        site.run(&all)
    };
    let from = extended(plan.end(2));
    let report = offline(&["--from", &from, "--to", &to, "--account", "444455556666"]).report(0);
    assert_eq!((&report["checked"]["digests"], &report["checked"]["log_files"]), (&3.into(), &9.into()));
    // Up to now, nothing of half a year is there.
    let report = offline(&[]).report(4);
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["code"] == "newest-overdue"));

    let key = plan.log(3, 0).split_once('/').unwrap().1.to_owned();
    moto.put(&key, &[&trail.objects[&plan.log(3, 0)].bytes[..], b"x"].concat());
    let report = run(&[]).report(1);
    assert_eq!(report["findings"][0]["code"], "trailing-bytes");
    assert_eq!(report["findings"][0]["resource"], format!("s3://shoseki-test/{key}"));

    let mut command = site.command(&["validate", "cloudtrail", &url, "--to", &to]);
    command.env("AWS_ENDPOINT_URL_CLOUDTRAIL", "http://127.0.0.1:1").env("AWS_MAX_ATTEMPTS", "1");
    let unreachable = Site::finish(command);
    assert_eq!((unreachable.code, unreachable.err.contains("--keys")), (Some(3), true), "{unreachable:?}");
}
