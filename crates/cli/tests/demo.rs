//! `shoseki demo --incident`: it ends well in both languages, and what it leaves is what it says. The demo of the main job is tested
//! with the main job (`main_job.rs`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The program over what a demo left, in Tokyo.
fn shoseki(dir: &Path, words: &[&str], code: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoseki"));
    for name in ["LC_ALL", "LC_MESSAGES", "SHOSEKI_WAL", "SHOSEKI_REQUIRE_RECORD"] {
        command.env_remove(name);
    }
    command.env("SHOSEKI_VAULT", dir.join("vault")).env("SHOSEKI_KEY_DIR", dir.join("keys"));
    command.env("SHOSEKI_TZ", "Asia/Tokyo").env("LANG", "C").env("XDG_STATE_HOME", dir.join("state"));
    let output = command.args(words).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{words:?}: {out}{err}");
    (out, err)
}

fn report(dir: &Path, words: &[&str], code: i32) -> Value {
    serde_json::from_str(&shoseki(dir, &[words, &["--json"]].concat(), code).0).unwrap()
}

/// Plays it in a language, and gives its folder and what it said.
fn played(lang: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let (out, err) = shoseki(folder.path(), &["demo", "--incident", "--lang", lang, "--dir", dir.to_str().unwrap()], 0);
    (folder, out + &err)
}

fn check(lang: &str, words: &[&str]) {
    let (folder, said) = played(lang);
    let dir = folder.path().join("demo");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in the demo in `{lang}`: {said}");
    }
    assert!(said.lines().count() < 220, "it can be read: {}", said.lines().count());

    // The incident is closed; its measure is not proved, and stays open as a finding.
    let list = report(&dir, &["incident", "list"], 0);
    let [one] = &list["incidents"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&one["state"], &one["closed"]["despite"]), (&"closed".into(), &Value::Null), "{one}");
    assert!(one["match"].as_str().unwrap().starts_with("M-") && one["first"] == "2026-03-05T05:34:25Z", "{one}");
    assert_eq!(one["steps"].as_array().unwrap().len(), 1);
    let finding = one["measures"][0]["finding"].as_str().unwrap();
    assert_eq!(report(&dir, &["finding", "show", finding], 0)["state"], "open");
    assert!(said.contains(finding), "that it stays open is said: {said}");

    // Every report that it asks for, in both languages, with the incident's name and the day until which it is due.
    let (id, reports) = (one["id"].as_str().unwrap(), one["reports"].as_array().unwrap());
    assert_eq!(reports.len(), 5);
    assert!(reports.iter().all(|report| report["made"].is_string() && report["late"] == false), "{reports:?}");
    assert_eq!(std::fs::read_dir(dir.join("reports")).unwrap().count(), 10);
    for owed in reports {
        for (of, place, export) in
            [("ja", "【要記入: ", "オブジェクト 14 個"), ("en", "[TO BE FILLED IN: ", "14 objects")]
        {
            let form = owed["form"].as_str().unwrap();
            let text = std::fs::read_to_string(dir.join(format!("reports/{form}.{of}.md"))).unwrap();
            let undated = if of == "ja" { "期限の定めなし" } else { "no day is set" };
            for word in [id, owed["due"].as_str().unwrap_or(undated), place, export, "support-temp", finding] {
                assert!(text.contains(word), "`{word}` is not in {form}.{of}: {text}");
            }
        }
    }
    // What happened after the trail was stopped is in the time line too: it is not cut before.
    let review = std::fs::read_to_string(dir.join("reports/review.en.md")).unwrap();
    for word in [
        "StopLogging",
        "export/2026-02/` `success` × 5",
        "kube-system/pods/exec/node-debug",
        "aws iam update-access-key",
    ] {
        assert!(review.contains(word), "`{word}`: {review}");
    }

    assert_eq!(report(&dir, &["hold", "list"], 0)[0]["hold"]["why"], id);
    let key = shoseki(&dir, &["key", "show"], 0).0;
    let package = dir.join("records.zip");
    let judged = report(&dir, &["package", "verify", package.to_str().unwrap(), "--key", key.trim()], 0);
    assert_eq!(judged["verdict"], "intact", "{judged}");
    assert_eq!(report(&dir, &["verify", "--deep"], 0)["verdict"], "intact");
    let refused = shoseki(folder.path(), &["demo", "--incident", "--dir", dir.to_str().unwrap()], 2);
    assert!(refused.1.contains("not empty"), "{refused:?}");
}

#[test]
fn an_incident_is_played_from_its_first_match_to_its_end() {
    check(
        "en",
        &[
            "M-",
            "StopLogging",
            "user/support-temp",
            "--status=Inactive",
            "stays open until",
            "due next",
            "1 closed",
            "intact",
        ],
    );
}

#[test]
fn an_incident_is_played_in_japanese() {
    check("ja", &["M-", "StopLogging", "封じ込め", "未解決のまま残ります", "次: ", "完了 1 件", "改ざんなし"]);
}
