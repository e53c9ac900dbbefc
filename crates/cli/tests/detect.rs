//! `shoseki detect` as its users start it: our rules, others' rules, matches as evidence, what is new, what somebody bears.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::path::Path;

use serde_json::{Value, json};
use site::{Site, events};

/// A call of CloudTrail.
fn call(n: u32, minute: u32, (who, service, name): (&str, &str, &str), more: &Value) -> Value {
    let mut event = json!({
        "eventVersion": "1.11", "eventID": format!("00000000-0000-4000-9000-{n:012}"),
        "eventTime": format!("2026-03-05T{:02}:{:02}:00Z", 3 + minute / 60, minute % 60),
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::111122223333:user/{who}"),
            "accountId": "111122223333", "userName": who},
        "eventSource": service, "eventName": name, "awsRegion": "ap-northeast-1", "sourceIPAddress": "203.0.113.77",
        "userAgent": "aws-cli/2.27.0", "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn stopped(n: u32, minute: u32, who: &str) -> Value {
    call(n, minute, (who, "cloudtrail.amazonaws.com", "StopLogging"), &json!({"requestParameters": {"name": "main"}}))
}

fn write(site: &Site, name: &str, calls: &[Value]) {
    let path = site.write(name, json!({"Records": calls}).to_string());
    site.run(&["ingest", "cloudtrail", &path, "--json"]).report(0);
}

/// A rule of one's own, and a correlation that counts another.
const RULES: &str = r"
title: A trail was stopped
id: 5f0f6f0a-0000-4000-8000-000000000001
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
level: critical
---
title: A call was refused
id: 5f0f6f0a-0000-4000-8000-000000000002
name: refused
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {errorCode: AccessDenied}
  condition: selection
level: low
---
title: Many calls were refused
id: 5f0f6f0a-0000-4000-8000-000000000003
correlation:
  type: event_count
  rules: [refused]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 5}
level: high
";

fn refused(n: u32, minute: u32, who: &str) -> Value {
    call(n, minute, (who, "s3.amazonaws.com", "GetObject"), &json!({"errorCode": "AccessDenied"}))
}

fn matches(report: &Value) -> Vec<(String, u64, bool)> {
    let one = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        (format!("{} {}", text("title"), text("actor")), one["events"].as_u64().unwrap(), one["new"] == true)
    };
    report["matches"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn every_rule_of_ours_is_proven_by_its_events() {
    let site = Site::empty();
    let answer = site.run(&["detect", "prove", "--json"]);
    let report: Value = serde_json::from_str(&answer.out).unwrap();
    let files = report["files"].as_array().unwrap();
    let is_good = |file: &&Value| {
        let of_both = file["matching"] != 0 && file["no_match"] != 0;
        of_both && file["wrong"] == json!([])
    };
    let wrong: Vec<&Value> = files.iter().filter(|file| !is_good(file)).collect();
    assert_eq!((answer.code, wrong, report["good"].as_bool()), (Some(0), Vec::new(), Some(true)));
    assert!(files.len() >= 140, "{}", files.len());
    let listed = site.run(&["detect", "rules", "--json"]).report(0);
    for rule in listed["rules"].as_array().unwrap() {
        for lang in ["en", "ja"] {
            for text in ["title", "description", "response"] {
                assert_ne!(rule[lang][text], "", "{}: {lang} {text}", rule["id"]);
            }
        }
        assert_ne!(rule["en"]["title"], rule["ja"]["title"], "{}", rule["id"]);
    }
}

#[test]
fn matches_are_evidence_and_are_told_once() {
    let site = Site::with_vault(&[]);
    let rules = site.write("rules/own.yml", RULES);
    let own = |more: &[&str]| {
        let all = [&["detect", "--no-own", "--rules", &rules, "--json"][..], more].concat();
        site.run(&all)
    };
    site.write("a.json", events(0..100));
    site.run(&["ingest", "cloudtrail", "a.json", "--json"]).report(0);
    let none = own(&[]).report(0);
    assert_eq!((&none["records"], matches(&none).len(), &none["recorded"]), (&json!(100), 0, &json!(true)));

    // Four are too few, five within ten minutes are not; hits of one who are one match.
    let burst: Vec<Value> = (0..4).map(|n| refused(n, n, "aiko")).collect();
    write(
        &site,
        "b.json",
        &[burst, vec![stopped(10, 1, "mei"), stopped(11, 9, "mei"), stopped(12, 200, "mei")]].concat(),
    );
    let report = own(&[]).report(1);
    let mei = "A trail was stopped arn:aws:iam::111122223333:user/mei".to_owned();
    assert_eq!(matches(&report), [(mei.clone(), 1, true), (mei.clone(), 2, true)]);
    let again = own(&[]).report(1);
    assert_eq!(matches(&again), [(mei.clone(), 1, false), (mei.clone(), 2, false)]);
    assert_eq!(again["matches"][0]["id"], report["matches"][0]["id"]);

    // A later run over what is new alone goes on with what was counted, and with the match that was open.
    assert_eq!(matches(&own(&["--new"]).report(0)), []);
    write(&site, "c.json", &[refused(4, 4, "aiko"), stopped(13, 240, "mei")]);
    let new = own(&["--new"]).report(1);
    let aiko = "Many calls were refused arn:aws:iam::111122223333:user/aiko".to_owned();
    assert_eq!(matches(&new), [(mei, 1, false), (aiko, 5, true)]);
    assert_eq!(new["matches"][0]["id"], report["matches"][0]["id"], "it goes on");
    assert_eq!(new["records"], 2);
    assert_eq!(matches(&own(&["--new"]).report(0)), []);

    let burst = &new["matches"][1];
    assert_eq!(burst["records"].as_array().unwrap().len(), 5);
    for record in burst["records"].as_array().unwrap() {
        let proven = site.run(&["prove", record.as_str().unwrap(), "--out", "x.proof"]);
        assert_eq!(proven.code, Some(0), "{proven:?}");
        std::fs::remove_file(site.path("x.proof")).unwrap();
    }
    assert_eq!(site.run(&["access", "--seal"]).code, Some(0));
    let told = site.run(&[
        "query",
        "--source",
        "shoseki",
        "filter action = 'detect.match' | stats count(*) as n by details.id | sort details.id",
        "-o",
        "jsonl",
    ]);
    let counts: Vec<Value> =
        told.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["n"].clone()).collect();
    assert_eq!(counts.len(), 3, "{told:?}");
    assert_eq!(counts.iter().filter_map(Value::as_u64).sum::<u64>(), 4, "{told:?}");
    site.assert_intact();
}

#[test]
fn what_somebody_bears_alerts_nobody_until_its_end() {
    let site = Site::with_vault(&[]);
    let rules = site.write("rules/own.yml", RULES);
    write(&site, "a.json", &[stopped(1, 1, "mei"), stopped(2, 2, "aiko")]);
    let config = |until: &str, more: &str| {
        format!(
            "[detect]\nrules = [\"rules\"]\n[[detect.suppress]]\nrule = \"5f0f6f0a-0000-4000-8000-000000000001\"\n\
             actor = \"arn:aws:iam::111122223333:user/m*\"\nowner = \"H. Mori\"\nuntil = \"{until}\"\n{more}"
        )
    };
    let ask = |text: String| {
        let path = site.write("shoseki.toml", text);
        site.run(&["detect", "--rule", "5f0f6f0a-0000-4000-8000-000000000001", "--config", &path, "--json"])
    };
    let report = ask(config("2026-04-01", "reason = \"the trail moves, CHG-7\"")).report(1);
    let borne: Vec<&Value> =
        report["matches"].as_array().unwrap().iter().map(|one| &one["suppressed"]["owner"]).collect();
    assert_eq!(borne, [&Value::Null, &json!("H. Mori")], "{report}");
    let over = ask(config("2026-03-05", "reason = \"the trail moves, CHG-7\"")).report(1);
    assert!(over["matches"].as_array().unwrap().iter().all(|one| one["suppressed"].is_null()), "{over}");
    let refused = ask(config("2026-04-01", "reason = \"\""));
    assert!(refused.code == Some(2) && refused.err.contains("its reason"), "{refused:?}");
    let _ = rules;
}

#[test]
fn what_is_no_rule_is_told_and_costs_no_other() {
    let site = Site::with_vault(&[]);
    write(&site, "a.json", &[stopped(1, 1, "mei")]);
    let rules = site.write("rules/own.yml", RULES);
    site.write("rules/broken.yml", "title: x\nlogsource: [\n");
    let first = RULES.split("---").next().unwrap().replace("8000-", "8001-");
    site.write("rules/windows.yml", first.replace("product: aws, service: cloudtrail", "product: windows"));
    let broken = site.run(&["detect", "--no-own", "--rules", "rules", "--from", "2027-01-01"]);
    assert!(broken.code == Some(4) && broken.err.contains("broken.yml"), "{broken:?}");
    let found = site.run(&["detect", "--no-own", "--rules", "rules", "--json"]).report(1);
    assert_eq!((found["rules"].as_u64(), found["problems"].as_array().unwrap().len()), (Some(2), 1), "{found}");
    let unknown = site.run(&["detect", "show", "5f0f6f0a-0000-4000-8000-00000000000x", "--rules", &rules]);
    assert!(unknown.code == Some(2) && unknown.err.contains("did you mean"), "{unknown:?}");
    let absent = site.run(&["detect", "--rules", "none"]);
    assert!(absent.code == Some(2) && absent.err.contains("none"), "{absent:?}");
    let shown = site.run(&["detect", "show", "5f0f6f0a-0000-4000-8000-000000000001", "--rules", &rules, "--no-own"]);
    assert!(shown.code == Some(0) && shown.out.contains("A trail was stopped"), "{shown:?}");
}

/// The rules that others share all load, and are asked.
#[test]
fn rules_of_others_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigma");
    if !folder.is_dir() {
        println!("skipped: rules of others need ../shared/data/sigma");
        return;
    }
    let site = Site::with_vault(&[]);
    write(&site, "a.json", &[stopped(1, 1, "mei")]);
    let folder = folder.display().to_string();
    let report = site.run(&["detect", "--no-own", "--rules", &folder, "--json"]).report(1);
    assert_eq!(report["problems"], json!([]), "{report}");
    assert!(report["rules"].as_u64().unwrap() >= 50, "{report}");
}

#[test]
fn what_was_looked_at_is_told_from_what_was_not() {
    let site = Site::with_vault(&[]);
    let nothing = site.run(&["detect", "coverage"]);
    assert_eq!(nothing.code, Some(4), "of nothing nothing was looked at: {nothing:?}");
    write(&site, "a.json", &[stopped(1, 0, "aiko"), stopped(2, 30, "aiko")]);
    let of = |words: &[&str], code: i32| {
        let report = site.run(&[&["detect", "coverage", "--json"], words].concat()).report(code);
        let row = &report["streams"]["cloudtrail/111122223333/ap-northeast-1"];
        let number = |name: &str| row[name].as_u64().unwrap();
        [number("looked_at"), number("in_part"), number("not_looked_at"), number("by_other_rules")]
    };
    assert_eq!(of(&[], 1), [0, 0, 2, 0], "nobody looked");
    let part = ["detect", "--to", "2026-03-05T03:10:00Z", "--json"];
    site.run(&part).report(1);
    assert_eq!(of(&[], 1), [0, 2, 0, 0], "a run looked at a part of the segment's time");
    site.run(&["detect", "--from", "2026-03-05T03:10:00Z", "--json"]).report(1);
    assert_eq!(of(&[], 0), [2, 0, 0, 0], "two runs together");
    assert_eq!(of(&["--level", "critical"], 1), [0, 0, 2, 2], "other rules are other rules");

    write(&site, "b.json", &[stopped(3, 50, "aiko")]);
    assert_eq!(of(&[], 1), [2, 0, 1, 0], "what came behind the runs");
    assert_eq!(of(&["--to", "2026-03-05T03:40:00Z"], 0), [2, 0, 0, 0]);
    site.run(&["detect", "--source", "falco", "--json"]).report(0);
    assert_eq!(of(&[], 1), [2, 0, 1, 0], "a run over another source");
    site.run(&["detect", "--new", "--json"]).report(1);
    assert_eq!(of(&[], 0), [3, 0, 0, 0]);
    // Segment by segment: who looked at each, and which nobody looked at.
    write(&site, "c.json", &[stopped(4, 70, "aiko")]);
    let other = site.run(&["detect", "--level", "critical", "--json"]);
    assert!(other.code.is_some_and(|code| code < 2), "{other:?}");
    let report = site.run(&["detect", "coverage", "--segments", "--json"]).report(1);
    let segments = report["segments"].as_array().unwrap();
    let seen: Vec<_> = segments.iter().map(|one| one["looked_at"].as_str().unwrap()).collect();
    assert_eq!(seen, ["whole", "whole", "nothing"], "{report}");
    let by = |one: &Value| -> Vec<(bool, String)> {
        let of =
            |by: &Value| (by["rules_sha256"] == report["rules_sha256"], by["looked_at"].as_str().unwrap().to_owned());
        assert!(one["by"].as_array().unwrap().iter().all(|by| by["engine"] == report["engine"]), "{one}");
        let mut all: Vec<_> = one["by"].as_array().unwrap().iter().map(of).collect();
        all.sort();
        all
    };
    let (ours, others) = ((true, "whole".to_owned()), (false, "whole".to_owned()));
    assert_eq!(by(&segments[0]), [others.clone(), ours.clone()], "{report}");
    assert_eq!(by(&segments[2]), std::slice::from_ref(&others), "{report}");
    let last = &segments[2];
    assert_eq!([&last["from"], &last["records"]], [&json!("2026-03-05T04:10:00Z"), &json!(1)], "{last}");
    let lies = std::fs::exists(site.path("vault").join("events").join(last["file"].as_str().unwrap()));
    assert!(lies.unwrap() && last["commit"].as_u64() > segments[1]["commit"].as_u64(), "{report}");
    let table = site.run(&["detect", "coverage", "--segments"]);
    assert!(table.code == Some(1) && table.out.contains(last["segment"].as_str().unwrap()), "{table:?}");
    site.run(&["detect", "--new", "--json"]).report(1);
    let table = site.run(&["detect", "coverage", "--lang", "ja"]);
    assert!(table.code == Some(0) && table.out.contains("一致がなければ、該当はありません"), "{table:?}");
}
