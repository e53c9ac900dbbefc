//! `shoseki compact` as its users start it: what it says, and that everything holds behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use serde_json::{Value, json};
use site::{Site, count_files, events};

/// A vault with the files of six runs.
fn filled(more: &[&str]) -> Site {
    let site = Site::with_vault(more);
    for run in 0..6 {
        let name = format!("{run}.json");
        site.write(&name, events(run * 250..run * 250 + 250));
        assert_eq!(site.run(&["ingest", "auto", &name, "--json"]).report(0)["new"], 250);
    }
    site
}

/// What a question gives, in the order of names.
fn ask(site: &Site, question: &str) -> Vec<String> {
    let answer = site.run(&["query", question, "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let mut rows: Vec<String> = answer.out.lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

const ALL: &str = "fields @timestamp, @ptr, @message | limit 10000";

fn data_files(site: &Site) -> usize {
    count_files(&site.vault().join("events/class=standard"))
}

#[test]
fn small_files_become_one_and_everything_holds() {
    for layout in ["text", "columns"] {
        let site = filled(&["--layout", layout]);
        let before = ask(&site, ALL);
        let pointer = serde_json::from_str::<Value>(&before[700]).unwrap()["@ptr"].as_str().unwrap().to_owned();
        assert_eq!(site.run(&["prove", &pointer, "--out", "before.proof"]).code, Some(0));

        let foretold = site.run(&["compact", "--dry-run", "--json"]).report(0);
        assert_eq!((&foretold["dry_run"], data_files(&site)), (&json!(true), 12));
        let done = site.run(&["compact", "--json"]).report(0);
        let count = |report: &Value| {
            let counted = |p: &Value| (p["source"].clone(), p["files_before"].clone(), p["files_after"].clone());
            report["partitions"].as_array().unwrap().iter().map(counted).collect::<Vec<_>>()
        };
        assert_eq!(count(&done), count(&foretold));
        assert_eq!(count(&done)[0], (json!("cloudtrail"), json!(6), json!(1)));
        let [before_bytes, after_bytes] =
            ["bytes_before", "bytes_after"].map(|name| done["partitions"][0][name].as_u64().unwrap());
        assert!(after_bytes < before_bytes, "{done}");
        let tree = done["tree_size"].as_u64().unwrap();
        let again = site.run(&["compact", "--json"]).report(0);
        assert_eq!((again["tree_size"].as_u64(), count(&again).len()), (Some(tree), 0));
        let said = site.run(&["compact"]);
        assert!(said.out.starts_with("nothing to merge") && said.code == Some(0), "{said:?}");

        assert_eq!(ask(&site, ALL), before);
        site.assert_intact();
        assert_eq!(site.records_of("cloudtrail"), 1_500);
        assert_eq!(site.run(&["prove", &pointer, "--out", "after.proof"]).code, Some(0));
        let key = site.run(&["key", "show"]).out.trim().parse().unwrap();
        for (proof, tree) in [("before.proof", 7), ("after.proof", tree)] {
            let proven = shoseki_verify::verify_proof(&std::fs::read(site.path(proof)).unwrap(), &key).unwrap();
            assert_eq!((proven.record.id.to_string(), proven.checkpoint.size()), (pointer.clone(), tree));
            assert!(proven.record.version < 7, "over the commit that took it in");
        }
        let package = site.path("auditor.zip").display().to_string();
        let created = site.run(&["package", "create", "--query", "filter eventID like /7$/", "--out", &package]);
        assert_eq!(created.code, Some(0), "{created:?}");
        let key = site.run(&["key", "show"]).out;
        assert_eq!(site.run(&["package", "verify", &package, "--key", key.trim()]).code, Some(0));
        let originals = site.run(&["original", "list", "--json"]).report(0);
        assert_eq!(originals.as_array().unwrap().len(), 6);
        assert_eq!(site.run(&["original", "get", "3.json", "--out", "given.json"]).code, Some(0));
        assert_eq!(std::fs::read_to_string(site.path("given.json")).unwrap(), events(750..1_000));

        let overlap = site.write("overlap.json", events(1_400..1_600));
        let taken = site.run(&["ingest", "auto", &overlap, "--json"]).report(0);
        assert_eq!((&taken["new"], &taken["duplicates"]), (&json!(100), &json!(100)));
        judge_deletion(&site);
    }
}

fn judge_deletion(site: &Site) {
    let (files, rows) = (data_files(site), ask(site, ALL));
    let early = site.run(&["compact", "--delete-replaced", "--json"]).report(0);
    assert_eq!((&early["deleted"]["files"], &early["deleted"]["kept"]), (&json!(0), &json!(12)));
    let said = site.run(&["verify"]);
    assert!(said.code == Some(0) && said.out.contains("12 files that compactions replaced"), "{said:?}");
    let late = site.run(&["compact", "--delete-replaced", "--grace-days", "0"]);
    assert!(late.code == Some(0) && late.out.contains("deleted 12 files that were replaced"), "{late:?}");
    assert_eq!((data_files(site), ask(site, ALL)), (files - 12, rows));
    site.assert_intact();
}

#[test]
fn what_it_says_and_what_it_refuses() {
    let site = filled(&[]);
    let dry = site.run(&["compact", "--dry-run"]);
    assert!(dry.code == Some(0) && dry.out.contains("6 → 1") && dry.out.contains("nothing was changed"), "{dry:?}");
    let few = site.run(&["compact", "--min-files", "7"]);
    assert!(few.code == Some(0) && few.out.starts_with("nothing to merge: nowhere do 7"), "{few:?}");
    let done = site.run(&["compact", "--target-rows", "600", "--min-files", "2", "--lang", "ja"]);
    assert!(done.code == Some(0) && done.out.contains("6 → 3") && done.out.contains("封印しました"), "{done:?}");
    site.assert_intact();
    for wrong in [
        &["compact", "--target-rows", "200000"][..],
        &["compact", "--min-files", "1"],
        &["compact", "--grace-days", "3"],
        &["compact", "--dry-run", "--delete-replaced"],
    ] {
        assert_eq!(site.run(wrong).code, Some(2), "{wrong:?}");
    }
    for (wrong, expected) in [("0", "within 1..=131072"), ("many", "expected a whole number")] {
        let refused = site.run(&["compact", "--target-rows", wrong]);
        assert!(refused.err.contains(expected), "{refused:?}");
    }
    let help = site.run(&["compact", "--help"]);
    assert!(help.code == Some(0) && help.out.contains("shoseki compact --dry-run"), "{help:?}");
}
