//! Retention and holds by their commands: what is old goes once nobody holds it, and `verify` is intact after each step.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod acting;

use std::path::Path;

use acting::{done, run};
use serde_json::Value;

fn event(time: &str, id: u32) -> String {
    format!(
        r#"{{"Records":[{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::1:user/甲"}},"eventTime":"{time}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.1","eventID":"00000000-0000-4000-8000-{id:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}]}}"#
    )
}

fn intact(root: &Path) -> Value {
    let report = done(root, "aya", &["verify", "--deep"]);
    assert_eq!(report["verdict"], "intact", "{report:#}");
    report
}

#[test]
fn what_is_old_goes_once_two_people_let_it_go() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    done(root, "aya", &["init"]);
    for (name, time, id) in [("old.json", "2024-03-05T10:00:00Z", 1), ("new.json", "2026-03-05T10:00:00Z", 2)] {
        std::fs::write(root.join(name), event(time, id)).unwrap();
        done(root, "aya", &["ingest", "cloudtrail", root.join(name).to_str().unwrap()]);
    }
    for words in [
        &["retention", "set"][..],
        &["retention", "set", "--months", "12", "--source", "cloudtrial"],
        &["hold", "place", "--why", "", "--source", "cloudtrail"],
        &["hold", "place", "--why", "lawsuit", "--source", "cloudtrial"],
        &["hold", "place", "--why", "lawsuit", "--from", "2026-04-01", "--to", "2026-01-01"],
        &["hold", "place", "--why", "lawsuit", "--from", "2026-04-01", "--to", "2026-04-01"],
    ] {
        let refused = run(root, "aya", words);
        assert_eq!(refused.status.code(), Some(2), "{words:?}: {}", String::from_utf8_lossy(&refused.stderr));
    }
    let nothing = done(root, "aya", &["retention", "run"]);
    assert_eq!(nothing["files"], 0, "without a period everything stays");
    let set = done(root, "aya", &["retention", "set", "--preset", "pci-dss"]);
    assert_eq!((&set["months"], &set["new"]), (&Value::from(12), &Value::from(true)));
    let placed = done(root, "aya", &["hold", "place", "--why", "lawsuit", "--source", "cloudtrail"]);
    assert_eq!(placed["covers"], serde_json::json!({"files": 2, "records": 2}), "{placed}");
    let id = placed["id"].as_str().unwrap();

    let plan = done(root, "aya", &["retention", "plan"]);
    let due = &plan["due"][0];
    assert_eq!((&plan["counted_from"], &due["files"]), (&Value::from("2026-03-05"), &Value::from(0)));
    assert_eq!(due["held"][0]["by"][0], id);
    assert_eq!(done(root, "aya", &["retention", "run", "--yes"])["files"], 0);
    assert_eq!(done(root, "aya", &["status"])["holds"], 1);
    done(root, "aya", &["hold", "release", id, "--why", "over"]);
    let alone = run(root, "Aya", &["hold", "confirm", id]);
    assert_eq!(alone.status.code(), Some(2), "{}", String::from_utf8_lossy(&alone.stderr));
    let held = done(root, "ken", &["hold", "list"]);
    assert_eq!(held[0]["in_force"], true);
    intact(root);
    done(root, "ken", &["hold", "confirm", id]);

    let unasked = run(root, "aya", &["retention", "run"]);
    assert_eq!(unasked.status.code(), Some(2), "nobody is there to be asked");
    let went = done(root, "aya", &["retention", "run", "--yes"]);
    assert_eq!((&went["files"], &went["records"], &went["deleted"]), (&1.into(), &1.into(), &1.into()), "{went}");
    let report = intact(root);
    let notes: Vec<&str> =
        report["notes"].as_array().unwrap().iter().map(|note| note["id"].as_str().unwrap()).collect();
    assert!(notes.contains(&"verify-expired") && notes.contains(&"verify-receipts-expired"), "{notes:?}");
    let rows = done(root, "aya", &["query", "--sql", "select count(*) as n from cloudtrail"]);
    assert_eq!(rows[0]["n"], 1);
    assert_eq!(done(root, "aya", &["retention", "run", "--yes"])["deleted"], 0, "a second run does nothing");
    intact(root);
    let nothing =
        done(root, "aya", &["hold", "place", "--why", "a typo", "--stream", "no-such", "--until", "2099-01-01"]);
    assert_eq!(nothing["covers"]["files"], 0, "{nothing}");
    let said = run(root, "aya", &["hold", "place", "--why", "the same", "--stream", "no-such"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("covers nothing that is in the vault"), "{said}");
}

#[test]
fn a_hold_by_a_question_covers_also_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    done(root, "aya", &["init"]);
    let take = |name: &str, time: &str, id: u32, by: &str| {
        std::fs::write(root.join(name), event(time, id).replace("user/甲", &format!("user/{by}"))).unwrap();
        done(root, "aya", &["ingest", "cloudtrail", root.join(name).to_str().unwrap()]);
    };
    take("hers.json", "2024-03-05T10:00:00Z", 1, "甲");
    take("his.json", "2024-03-05T11:00:00Z", 2, "乙");
    take("new.json", "2026-03-05T10:00:00Z", 3, "乙");
    done(root, "aya", &["retention", "set", "--preset", "pci-dss"]);
    let mistaken = run(root, "aya", &["hold", "place", "--why", "lawsuit", "--query", "filtr a = 1"]);
    assert_eq!(mistaken.status.code(), Some(2));
    let question = "filter userIdentity.arn like \"甲\" | stats count(*) by eventName";
    let placed = done(root, "aya", &["hold", "place", "--why", "lawsuit", "--query", question]);
    assert_eq!(placed["hold"]["segments"].as_array().unwrap().len(), 1, "{placed}");
    take("late.json", "2024-03-06T10:00:00Z", 4, "甲");

    let went = done(root, "aya", &["retention", "run", "--yes"]);
    assert_eq!((&went["files"], &went["records"]), (&1.into(), &1.into()), "{went}");
    assert_eq!(done(root, "aya", &["hold", "list"])[0]["hold"]["segments"].as_array().unwrap().len(), 2);
    let left = done(root, "aya", &["query", "--sql", "select count(*) as n from cloudtrail"]);
    assert_eq!(left[0]["n"], 3, "hers, what came late, and what is new");
    intact(root);
}

/// Who can write to the vault's folder and holds no key.
#[test]
fn nothing_goes_by_who_has_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    done(root, "aya", &["init"]);
    for (name, time, id) in [("old.json", "2026-01-05T10:00:00Z", 1), ("new.json", "2026-03-05T10:00:00Z", 2)] {
        std::fs::write(root.join(name), event(time, id)).unwrap();
        done(root, "aya", &["ingest", "cloudtrail", root.join(name).to_str().unwrap()]);
    }
    done(root, "aya", &["retention", "set", "--preset", "pci-dss"]);
    intact(root);
    let log = root.join("vault/events/_delta_log");
    let last = std::fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let number: u64 = last.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let forged = std::fs::read_to_string(&last).unwrap().replace("\\\"standard\\\":12", "\\\"standard\\\":1");
    assert_ne!(forged, std::fs::read_to_string(&last).unwrap(), "its period is another");
    let next = log.join(format!("{:020}.json", number + 1));
    std::fs::write(&next, forged).unwrap();

    for words in [
        &["retention", "run", "--yes"][..],
        &["retention", "set", "--for-ever"],
        &["ingest", "cloudtrail", root.join("new.json").to_str().unwrap(), "--again"],
    ] {
        let refused = run(root, "aya", words);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("the log's key does not say so") && said.contains("find out who wrote it"), "{said}");
    }
    let verified = run(root, "aya", &["verify", "--json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((report["verdict"].as_str(), verified.status.code()), (Some("tampered"), Some(1)), "{report:#}");
    let named = report["problems"].as_array().unwrap().iter().map(|problem| problem["what"].as_str().unwrap());
    assert!(named.clone().any(|what| what.ends_with(next.file_name().unwrap().to_str().unwrap())), "{report:#}");
    assert_eq!(
        done(root, "aya", &["query", "--sql", "select count(*) as n from cloudtrail"])[0]["n"],
        2,
        "all is there"
    );

    std::fs::rename(&next, root.join("evidence-of-an-attack.json")).unwrap();
    assert_eq!(done(root, "aya", &["retention", "run", "--yes"])["files"], 0);
    intact(root);
}

/// A schedule of the configuration runs the command that a person would.
#[test]
fn a_schedule_deletes_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    done(root, "aya", &["init"]);
    for (name, time, id) in [("old.json", "2024-03-05T10:00:00Z", 1), ("new.json", "2026-03-05T10:00:00Z", 2)] {
        std::fs::write(root.join(name), event(time, id)).unwrap();
        done(root, "aya", &["ingest", "cloudtrail", root.join(name).to_str().unwrap()]);
    }
    done(root, "aya", &["retention", "set", "--months", "12"]);
    let config = "[[schedule]]\nname = \"retention\"\nat = \"03:00\"\ntz = \"Asia/Tokyo\"\nretention = {}\n";
    std::fs::write(root.join("shoseki.toml"), config).unwrap();
    let config = root.join("shoseki.toml");
    let ran = run(root, "aya", &["schedule", "run", "retention", "--config", config.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(done(root, "aya", &["query", "--sql", "select count(*) as n from cloudtrail"])[0]["n"], 1);
    intact(root);
}
