//! The main job through the binary: the demo in both languages, packages, proofs, errors that help.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a vault of the sample estate in it.
struct Estate {
    folder: TempDir,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Estate {
    fn new() -> Self {
        let estate = Self { folder: tempfile::tempdir().unwrap() };
        estate.run(&["init"], 0);
        let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
        estate.run(&["ingest", "auto", evidence.to_str().unwrap()], 0);
        estate
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, words: &[&str], code: i32) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_shoseki"))
            .args(words)
            .env("SHOSEKI_VAULT", self.path("vault"))
            .env("SHOSEKI_KEY_DIR", self.path("keys"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("LANG", "C")
            .env_remove("LC_ALL")
            .env_remove("SHOSEKI_TZ")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {} {}", text(&output.stdout), text(&output.stderr));
        output
    }

    fn verifier(&self) -> String {
        text(&self.run(&["key", "show"], 0).stdout).trim().to_owned()
    }
}

#[test]
fn the_demo_runs_in_both_languages() {
    for (lang, words) in [
        ("en", ["intact", "tampered", "deploy-bot", "query.run"]),
        ("ja", ["改ざんなし", "改ざんあり", "deploy-bot", "query.run"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("demo");
        let output = Command::new(env!("CARGO_BIN_EXE_shoseki"))
            .args(["demo", "--lang", lang, "--tz", "Asia/Tokyo", "--dir"])
            .arg(&dir)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        for word in words {
            assert!(said.contains(word), "`{word}` is not in the demo in `{lang}`");
        }
        for of in ["ja", "en"] {
            let report = std::fs::read_to_string(dir.join(format!("report.{of}.html"))).unwrap();
            assert!(
                report.contains(&format!("<html lang=\"{of}\">")),
                "the report is in the language that it was asked for in"
            );
            let paper = std::fs::read(dir.join(format!("report.{of}.pdf")));
            match shoseki_report::Fonts::find(&[]) {
                Ok(_) => assert!(paper.unwrap().starts_with(b"%PDF-1.7")),
                Err(_) => assert!(paper.is_err() && said.contains("fonts-noto-cjk"), "it says why there is none"),
            }
        }
        let again = Command::new(env!("CARGO_BIN_EXE_shoseki")).arg("demo").arg("--dir").arg(&dir).output().unwrap();
        assert_eq!(again.status.code(), Some(2), "a folder that is not empty is refused");
    }
}

#[test]
fn the_handbooks_query_runs_word_for_word_and_says_what_differs_by_case() {
    let estate = Estate::new();
    let query = "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100";
    let output = estate.run(&["query", query, "-o", "jsonl"], 0);
    let rows: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 38);
    let times: Vec<&str> = rows.iter().map(|row| row["@timestamp"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
    let words = regex::Regex::new("delete|update|privilege").unwrap();
    assert!(rows.iter().all(|row| words.is_match(row["@message"].as_str().unwrap())));
    let hint = text(&output.stderr);
    assert!(hint.contains('5') && hint.contains("(?i)delete|update|privilege"), "{hint}");
}

#[test]
fn a_question_can_be_of_a_range_a_zone_and_a_source() {
    let estate = Estate::new();
    let count = |words: &[&str]| -> u64 {
        let mut all = vec!["query", "stats count(*) as n", "-o", "csv"];
        all.extend_from_slice(words);
        text(&estate.run(&all, 0).stdout).lines().nth(1).unwrap().parse().unwrap()
    };
    let all = count(&[]);
    assert_eq!(all, 1_472, "receipts are not events");
    assert_eq!(count(&["--source", "cloudtrail"]) + count(&["--source", "k8s-audit"]), all);
    assert_eq!(count(&["--from", "2026-03-05", "--to", "2026-03-05", "--tz", "Asia/Tokyo"]), all, "9 to 21 o'clock");
    let noon = "2026-03-05T12:00:00+09:00";
    assert_eq!(count(&["--from", noon]) + count(&["--to", noon]), all);
    let refused = estate.run(&["query", "fields a", "--from", "2026-03-06", "--to", "2026-03-01"], 2);
    assert!(text(&refused.stderr).contains("empty"));
    let sql = estate.run(&["query", "--sql", "select count(*) as n from events where source = 'cloudtrail'"], 0);
    assert_eq!(text(&sql.stdout).lines().nth(1).unwrap(), count(&["--source", "cloudtrail"]).to_string());
}

#[test]
fn mistakes_in_a_question_are_shown_at_their_places() {
    let estate = Estate::new();
    let output = estate.run(&["query", "filtr a = 1 | stats cout(*) by b | sort"], 2);
    let said = text(&output.stderr);
    assert!(said.contains("^^^^^") && said.contains("filter"), "{said}");
    let sql = estate.run(&["query", "--sql", "drop table events"], 2);
    assert!(!text(&sql.stderr).is_empty());
}

#[test]
fn a_package_verifies_and_a_changed_one_does_not() {
    let estate = Estate::new();
    let (package, key) = (estate.path("auditor.zip"), estate.verifier());
    for query in
        ["filter eventName = \"StopLogging\"", "stats count(*) by eventName", "filter errorCode = \"none such\""]
    {
        estate.run(&["package", "create", "--query", query, "--out", &package, "--force"], 0);
        let code = if query.contains("none such") { 4 } else { 0 }; // nothing checked is no `intact`
        let judged = estate.run(&["package", "verify", &package, "--key", &key, "--json"], code);
        let report: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
        assert_eq!(report["verdict"], if code == 0 { "intact" } else { "unverifiable" }, "{report:#}");
    }
    estate.run(&["package", "create", "--query", "fields @message", "--out", &package], 2);
    estate.run(&["package", "create", "--saved", "handbook", "--memory", "64MB", "--out", &package, "--force"], 0);
    estate.run(&["package", "verify", &package, "--key", &key], 0);
    estate.run(&["package", "create", "--saved", "handbok", "--out", &package, "--force"], 2);
    estate.run(&["package", "create", "--query", "filter verb = \"delete\"", "--out", &package, "--force"], 0);
    let other = Estate::new().verifier();
    estate.run(&["package", "verify", &package, "--key", &other], 4); // it judges nothing
    let mut bytes = std::fs::read(&package).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&package, bytes).unwrap();
    estate.run(&["package", "verify", &package, "--key", &key], 1);
}

#[test]
fn a_proof_stands_alone() {
    let estate = Estate::new();
    let output = estate.run(&["query", "fields @ptr | filter eventName = \"StopLogging\" | limit 1", "-o", "csv"], 0);
    let record = text(&output.stdout).lines().nth(1).unwrap().to_owned();
    let proof = estate.path("proof.json");
    estate.run(&["prove", &record, "--out", &proof], 0);
    let key = estate.verifier().parse().unwrap();
    let proven = shoseki_verify::verify_proof(&std::fs::read(&proof).unwrap(), &key).unwrap();
    assert_eq!(proven.record.id.to_string(), record);
    assert!(text(&proven.record.raw).contains("StopLogging"));
    // What is there already, somebody may have handed on: it is replaced where that is asked for.
    let kept = estate.path("kept.json");
    std::fs::write(&kept, "signed").unwrap();
    let refused = estate.run(&["prove", &record, "--out", &kept], 2);
    assert!(text(&refused.stderr).contains("--force"), "{refused:?}");
    let original = ["original", "get", "cloudtrail", "--out", &kept];
    estate.run(&original, 2);
    assert_eq!(std::fs::read(&kept).unwrap(), b"signed");
    estate.run(&["prove", &record, "--out", &kept, "--force"], 0);
    assert_eq!(std::fs::read(&kept).unwrap(), std::fs::read(&proof).unwrap());
    estate.run(&["prove", "nonsense"], 2);
    estate.run(&["prove", &record.replace(':', ":99999")], 2);
}

#[test]
fn verify_sees_what_was_kept_elsewhere() {
    let estate = Estate::new();
    let anchor = estate.path("anchor");
    std::fs::create_dir(&anchor).unwrap();
    estate.run(&["anchor", "add", &anchor], 0);
    let report = estate.run(&["verify", "--deep", "--json"], 0);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["anchored_until"]["size"], report["tree_size"]);
    let kept = estate.path("kept");
    std::fs::copy(estate.path("vault") + "/tlog/checkpoint", &kept).unwrap();
    estate.run(&["verify", "--against", &kept], 0);

    // Everything after the first two commits is taken away, as by restoring an old copy: the vault itself is in order.
    let vault = estate.path("vault");
    std::fs::remove_file(format!("{vault}/events/_delta_log/{:020}.json", 2)).unwrap();
    std::fs::remove_file(format!("{vault}/tlog/checkpoints/{:020}", 3)).unwrap();
    std::fs::copy(format!("{vault}/tlog/checkpoints/{:020}", 2), format!("{vault}/tlog/checkpoint")).unwrap();
    for name in ["tile/0/000.p/3", "tile/entries/000.p/3"] {
        std::fs::remove_file(format!("{vault}/tlog/{name}")).unwrap();
    }
    estate.run(&["verify"], 0);
    estate.run(&["verify", "--against", &kept], 1);
}

#[test]
fn keys_are_backed_up_and_the_backup_is_proven() {
    let estate = Estate::new();
    let backup = estate.path("backup");
    let before: serde_json::Value = serde_json::from_slice(&estate.run(&["status", "--json"], 0).stdout).unwrap();
    assert!(before["keys_backup_checked"].is_null());
    estate.run(&["key", "check", &backup], 2);
    estate.run(&["key", "backup", &backup], 0);
    estate.run(&["key", "check", &backup], 0);
    let after: serde_json::Value = serde_json::from_slice(&estate.run(&["status", "--json"], 0).stdout).unwrap();
    assert!(after["keys_backup_checked"].is_string());
    assert_eq!(after["records"], 1_472 + 23);
}
