//! Foreign readers: a vault without encryption opens in Delta's Python package and in DuckDB, an encrypted one by the
//! documented recipe, and a log of old commits with Delta's own checkpoint stays whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use site::{Site, events};

/// The Python that `cargo xtask test` prepared; `None` where it did not.
fn python(test: &str) -> Option<String> {
    let python = std::env::var("SHOSEKI_TEST_PYTHON").ok();
    if python.is_none() {
        eprintln!("skipped: `{test}` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
    }
    python
}

/// Runs a program of Python and gives what it printed.
fn run(python: &str, arguments: &[&str]) -> String {
    let output = Command::new(python).args(["-W", "ignore"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Two files with 70 events between them, taken in by two runs.
fn take_in(site: &Site) {
    site.write("a.json", events(0..50));
    site.write("b.json", events(40..70));
    for (file, new) in [("a.json", 50), ("b.json", 20)] {
        assert_eq!(site.run(&["ingest", "auto", file, "--json"]).report(0)["new"], new);
    }
}

const OPEN: &str = r#"
import json, sys
import duckdb
from deltalake import DeltaTable

table = DeltaTable(sys.argv[1])
rows = table.to_pyarrow_table(columns=["kind", "operation", "actor", "raw"], filters=[("kind", "=", "event")]).to_pylist()
by_time = table.to_pyarrow_table(filters=[("time", "<", __import__("datetime").datetime.fromisoformat("2026-03-05T00:00:10+00:00"))])
over = duckdb.connect()
files = table.file_uris()
of = "FROM read_parquet($files, hive_partitioning = true) WHERE kind = 'event'"
one = lambda what: over.execute(f"SELECT {what} {of}", {"files": files}).fetchone()
print(json.dumps({
    "version": table.version(),
    "operations": [commit["operation"] for commit in table.history()],
    "all": table.to_pyarrow_table().num_rows,
    "events": len(rows),
    "ids": sorted(json.loads(row["raw"])["eventID"] for row in rows),
    "actors": sorted({row["actor"] for row in rows}),
    "first_ten_seconds": by_time.num_rows,
    "duckdb": one("count(*), min(epoch_us(time)), max(epoch_us(time)), min(operation), min(day)::varchar, min(class)"),
}))
"#;

#[test]
fn a_plain_vault_opens_in_delta_and_in_duckdb() {
    let Some(python) = python("a_plain_vault_opens_in_delta_and_in_duckdb") else { return };
    let site = Site::with_vault(&["--encryption", "none"]);
    take_in(&site);
    let events_folder = site.vault().join("events").display().to_string();
    let seen: Value = serde_json::from_str(&run(&python, &["-c", OPEN, &events_folder])).unwrap();
    assert_eq!((&seen["version"], &seen["all"], &seen["events"]), (&2.into(), &72.into(), &70.into()), "{seen}");
    assert_eq!(seen["operations"], serde_json::json!(["WRITE", "WRITE", "CREATE TABLE"]));
    let ids: Vec<String> = (0..70).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect();
    assert_eq!(seen["ids"], serde_json::json!(ids));
    assert_eq!(seen["actors"], serde_json::json!(["arn:aws:iam::111122223333:user/甲"]));
    assert_eq!(seen["first_ten_seconds"], 10, "statistics hide nothing");
    let first = 1_772_668_800_000_000_u64;
    let expected = serde_json::json!([70, first, first + 69_000_000, "GetObject", "2026-03-05", "standard"]);
    assert_eq!(seen["duckdb"], expected);
    site.assert_intact();

    // The same behind a compaction, with what it replaced and without, and with a checkpoint of Delta's own.
    let merged = site.run(&["compact", "--min-files", "2", "--json"]).report(0);
    assert_eq!(merged["partitions"].as_array().unwrap().len(), 2, "events and receipts: {merged}");
    for step in ["merged", "deleted", "checkpoint"] {
        match step {
            "deleted" => {
                let deleted = site.run(&["compact", "--delete-replaced", "--grace-days", "0", "--json"]).report(0);
                assert_eq!(deleted["deleted"]["files"], 4, "{deleted}");
            }
            "checkpoint" => drop(run(&python, &["-c", CHECKPOINT, &events_folder])),
            _ => {}
        }
        let compacted: Value = serde_json::from_str(&run(&python, &["-c", OPEN, &events_folder])).unwrap();
        assert_eq!(compacted["version"], 4, "{step}");
        let operations = compacted["operations"].as_array().unwrap();
        assert_eq!(operations.iter().filter(|name| **name == "OPTIMIZE").count(), 2, "{step}: {compacted}");
        for same in ["all", "events", "ids", "actors", "first_ten_seconds", "duckdb"] {
            assert_eq!(compacted[same], seen[same], "{step}: {same}");
        }
        site.assert_intact();
    }
}

#[test]
fn an_encrypted_vault_is_read_by_the_recipe() {
    let Some(python) = python("an_encrypted_vault_is_read_by_the_recipe") else { return };
    let site = Site::with_vault(&[]);
    take_in(&site);
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/read_encrypted.py").display().to_string();
    let vault = site.vault().display().to_string();
    let keys = std::fs::read_dir(site.path("keys")).unwrap().next().unwrap().unwrap().path();
    let key = keys.join("encryption.key").display().to_string();

    let text = run(&python, &[&recipe, &vault, &key]);
    let of_cloudtrail: BTreeSet<&str> =
        text.lines().filter(|line| line.split('\t').nth(1) == Some("cloudtrail")).collect();
    assert_eq!((text.lines().count(), of_cloudtrail.len()), (72, 70), "{text}");
    let second = of_cloudtrail.iter().nth(1).unwrap().split('\t').collect::<Vec<_>>();
    assert_eq!(second[..3], ["2026-03-05T00:00:01.000000+00:00", "cloudtrail", "GetObject"]);
    assert_eq!(second[3], site::event(1));

    let plain = site.path("plain.parquet").display().to_string();
    run(&python, &[&recipe, &vault, &key, &plain]);
    let count = "import sys, pyarrow.parquet as p; f = p.ParquetFile(sys.argv[1]); print(f.metadata.num_rows, 'shoseki.segments' in str(f.metadata.metadata))";
    assert_eq!(run(&python, &["-c", count, &plain]).trim(), "72 False", "the secrets of segments stay in the vault");

    // Many events are taken apart in their file: the recipe joins them, byte for byte.
    let many = Site::with_vault(&[]);
    many.write("many.json", events(0..1_200));
    assert_eq!(many.run(&["ingest", "auto", "many.json", "--json"]).report(0)["new"], 1_200);
    let (many_keys, many_vault) = (many.path("keys"), many.vault().display().to_string());
    let many_keys = std::fs::read_dir(many_keys).unwrap().next().unwrap().unwrap().path();
    let text = run(&python, &[&recipe, &many_vault, &many_keys.join("encryption.key").display().to_string()]);
    let found: BTreeSet<&str> = text.lines().filter_map(|line| line.split('\t').nth(3)).collect();
    let missing = (0..1_200).map(site::event).filter(|event| !found.contains(event.as_str())).count();
    assert_eq!((text.lines().count(), missing), (1_201, 0));
    let commit = std::fs::read_to_string(many.vault().join("events/_delta_log/00000000000000000001.json")).unwrap();
    assert!(commit.contains(r#""shoseki.format":"7""#), "they have an index: {commit}");

    // Several segments in one file, taken apart together.
    many.write("more.json", events(1_200..1_500));
    assert_eq!(many.run(&["ingest", "auto", "more.json", "--json"]).report(0)["new"], 300);
    many.run(&["compact", "--min-files", "2", "--json"]).report(0);
    let text = run(&python, &[&recipe, &many_vault, &many_keys.join("encryption.key").display().to_string()]);
    let found: BTreeSet<&str> = text.lines().filter_map(|line| line.split('\t').nth(3)).collect();
    let missing = (0..1_500).map(site::event).filter(|event| !found.contains(event.as_str())).count();
    assert_eq!((text.lines().count(), missing), (1_502, 0), "each once, whichever files are still there");

    // Another vault's key opens nothing.
    let other = Site::with_vault(&[]);
    let keys = std::fs::read_dir(other.path("keys")).unwrap().next().unwrap().unwrap().path();
    let refused = Command::new(&python).args([&recipe, &vault]).arg(keys.join("encryption.key")).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{refused:?}");
}

const CHECKPOINT: &str = r#"
import sys
from deltalake import DeltaTable

table = DeltaTable(sys.argv[1])
table.create_checkpoint()
table.cleanup_metadata()
"#;

/// The names in the folder of the Delta log.
fn names(log: &Path) -> BTreeSet<String> {
    std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn old_commits_outlive_deltas_own_clean_up() {
    let Some(python) = python("old_commits_outlive_deltas_own_clean_up") else { return };
    let site = Site::with_vault(&["--encryption", "none"]);
    take_in(&site);
    let log = site.vault().join("events/_delta_log");
    let commits = names(&log);
    for name in &commits {
        let old = SystemTime::now() - Duration::from_secs(40 * 86_400); // by which Delta judges a commit's age
        std::fs::File::options().write(true).open(log.join(name)).unwrap().set_modified(old).unwrap();
    }
    let events_folder = site.vault().join("events").display().to_string();
    run(&python, &["-c", CHECKPOINT, &events_folder]);
    let with_checkpoint = names(&log);
    assert!(with_checkpoint.is_superset(&commits), "a commit was deleted: {with_checkpoint:?}");
    assert!(with_checkpoint.contains("00000000000000000002.checkpoint.parquet"), "{with_checkpoint:?}");
    // The record of this verification waits elsewhere: the next commit is to be of events alone.
    let mut verify = site.command(&["verify", "--deep"]);
    verify.env("SHOSEKI_WAL", site.path("elsewhere"));
    let judged = Site::finish(verify);
    assert_eq!(judged.code, Some(0), "{judged:?}");

    site.write("c.json", events(60..90));
    assert_eq!(site.run(&["ingest", "auto", "c.json", "--json"]).report(0)["new"], 20);
    assert_eq!(site.records_of("cloudtrail"), 90);
    assert_eq!(names(&log).len(), with_checkpoint.len() + 1);
    run(&python, &["-c", CHECKPOINT, &events_folder]);
    assert!(names(&log).is_superset(&with_checkpoint));
    let seen: Value = serde_json::from_str(&run(&python, &["-c", OPEN, &events_folder])).unwrap();
    assert_eq!((&seen["version"], &seen["events"]), (&3.into(), &90.into()), "{seen}");
    site.assert_intact();
}
