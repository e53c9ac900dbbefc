//! Completeness through the binary: a package with its population is run again, a sample is drawn by the auditor's seed, and
//! what cannot be repeated is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use shoseki_verify::package::verify_package;
use site::{Answer, Site, events};

fn estate() -> (Site, String) {
    let site = Site::with_vault(&[]);
    std::fs::write(site.path("a.json"), events(0..300)).unwrap();
    std::fs::write(site.path("b.json"), events(4_000..4_100)).unwrap();
    for file in ["a.json", "b.json"] {
        assert_eq!(site.run(&["ingest", "auto", &site.path(file).display().to_string()]).code, Some(0));
    }
    let key = site.run(&["key", "show"]).out.trim().to_owned();
    (site, key)
}

fn create(site: &Site, more: &[&str]) -> Answer {
    let package = site.path("auditor.zip").display().to_string();
    site.run(&[&["package", "create", "--out", &package, "--force", "--json"], more].concat())
}

fn verify(site: &Site, key: &str, code: i32) -> Value {
    let package = site.path("auditor.zip").display().to_string();
    site.run(&["package", "verify", &package, "--key", key, "--json"]).report(code)
}

fn notes(report: &Value) -> Vec<&str> {
    report["notes"].as_array().unwrap().iter().map(|note| note["id"].as_str().unwrap()).collect()
}

#[test]
fn a_package_with_its_population_is_complete() {
    let (site, key) = estate();
    let query = "stats count(*) as n by sourceIPAddress | sort n desc, sourceIPAddress | limit 10";
    let made = create(&site, &["--query", query, "--population", "--from", "2026-03-05T10:00", "--tz", "Asia/Tokyo"])
        .report(0);
    assert_eq!((&made["rows"], &made["population"], &made["records"]), (&10.into(), &100.into(), &100.into()));
    let report = verify(&site, &key, 0);
    assert!(notes(&report).contains(&"verify-population-complete"), "{report:#}");

    // The small program judges all but the rows, and says so.
    let bytes = std::fs::read(site.path("auditor.zip")).unwrap();
    let small = verify_package(std::io::Cursor::new(bytes), Some(&key.parse().unwrap()), None).unwrap();
    let said: Vec<&str> = small.notes.iter().map(shoseki_messages::Message::id).collect();
    assert!(said.contains(&"verify-population-not-run") && !said.contains(&"verify-population-complete"), "{said:?}");

    // That nothing fits is proven, where it could only be claimed before.
    let none = ["--query", "filter eventName = 'none such'"];
    create(&site, &none).report(0);
    verify(&site, &key, 4);
    create(&site, &[&none[..], &["--population"]].concat()).report(0);
    verify(&site, &key, 0);

    // Words for people, in both languages.
    let package = site.path("auditor.zip").display().to_string();
    let said = site.run(&["package", "verify", &package, "--key", &key, "--lang", "ja"]).out;
    assert!(said.contains("400 件のレコードに対してクエリを再実行し、同じ 0 行を得ました"), "{said}");
}

#[test]
fn a_sample_is_drawn_by_a_seed_that_somebody_gives() {
    let (site, key) = estate();
    let query = ["--query", "filter eventName = 'GetObject'"];
    let sample = ["--sample", "25", "--seed", "監査 4711", "--drawn-by", "H. Mori"];
    let made = create(&site, &[&query[..], &sample, &["--population"]].concat()).report(0);
    assert_eq!((&made["rows"], &made["records"], &made["drawn_from"]), (&25.into(), &25.into(), &400.into()));
    let report = verify(&site, &key, 0);
    assert!(notes(&report).contains(&"verify-sample-drawn") && notes(&report).contains(&"verify-population-list"));
    let drawn = report["notes"].as_array().unwrap().iter().find(|note| note["id"] == "verify-sample-drawn").unwrap();
    let text = drawn["text"].as_str().unwrap();
    assert!(text.contains("H. Mori drew 25 of 400") && text.contains("監査 4711"), "{text}");
    // The same seed draws the same again, from the list alone too.
    create(&site, &[&query[..], &sample].concat()).report(0);
    assert!(notes(&verify(&site, &key, 0)).contains(&"verify-sample-list-claimed"));

    let refused = |more: &[&str], says: &str| {
        let answer = create(&site, &[&query[..], more].concat());
        assert!(answer.code == Some(2) && answer.err.contains(says), "{more:?}: {answer:?}");
    };
    refused(&["--sample", "25"], "--seed TEXT");
    refused(&["--sample", "25", "--seed", ""], "--seed TEXT");
    refused(&["--sample", "0", "--seed", "x"], "--sample");
    refused(&["--seed", "x"], "--sample");
    let answer = create(&site, &["--query", "stats count(*)", "--sample", "2", "--seed", "x", "--drawn-by", "y"]);
    assert!(answer.code == Some(2) && answer.err.contains("stats"), "{answer:?}");
    let answer = create(&site, &["--query", "limit any 2", "--population"]);
    assert!(answer.code == Some(2) && answer.err.contains("limit any"), "{answer:?}");
}

/// Ctrl-C while the query is run again: nothing of the evidence is left behind.
#[cfg(unix)]
#[test]
fn an_interrupted_judgement_leaves_nothing_behind() {
    let (site, key) = estate();
    std::fs::write(site.path("c.json"), events(10_000..14_000)).unwrap();
    assert_eq!(site.run(&["ingest", "auto", &site.path("c.json").display().to_string()]).code, Some(0));
    create(&site, &["--query", "fields @timestamp, @message", "--population"]).report(0);
    let room = site.path("room");
    std::fs::create_dir(&room).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_shoseki"))
        .args(["package", "verify", "--key", &key, "--spill"])
        .arg(&room)
        .arg(site.path("auditor.zip"))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // It has begun when its open files name the folder; where that cannot be seen, after a moment.
    let begun = || {
        let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).ok()?;
        let mut links = open.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
        Some(links.any(|link| link.starts_with(&room)))
    };
    let since = std::time::Instant::now();
    while begun() == Some(false) && since.elapsed() < Duration::from_secs(20) {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let code = child.wait_with_output().unwrap().status.code();
    assert!(matches!(code, Some(130 | 0)), "{code:?}");
    assert!(std::fs::read_dir(&room).unwrap().next().is_none());
}

/// A tree gives the same rows however much is added behind it, and however its files are put together since.
#[test]
fn an_earlier_tree_gives_the_same_rows() {
    let site = Site::with_vault(&[]);
    let mut size = 0;
    let mut take = |name: &str, content: String| {
        let path = site.path(name);
        std::fs::write(&path, content).unwrap();
        let taken = site.run(&["ingest", "auto", &path.display().to_string(), "--json"]).report(0);
        size = taken["tree_size"].as_u64().unwrap();
        size
    };
    let query = "stats count(*) as n, max(@timestamp), count_distinct(requestParameters.key) by eventName";
    let ask = |more: &[&str]| site.run(&[&["query", query, "-o", "jsonl"], more].concat());
    take("a.json", events(0..100));
    let first = take("b.json", events(100..300)).to_string();
    let before = ask(&[]);
    assert_eq!(before.code, Some(0));
    let second = take("c.json", events(300..450)).to_string();
    let behind = ask(&[]);
    assert_ne!(before.out, behind.out);
    assert_eq!((ask(&["--at", &first]).out, ask(&["--at", &second]).out), (before.out.clone(), behind.out.clone()));
    assert!(!ask(&["--at", &first]).err.contains("sealed"), "{:?}", ask(&["--at", &first]));

    // One file has them all now, and only the segments of the first tree are asked of it.
    let compacted = site.run(&["compact", "--min-files", "2", "--json"]).report(0);
    let newest = compacted["tree_size"].as_u64().unwrap().to_string();
    assert_eq!(ask(&["--at", &first]).out, before.out);
    assert_eq!((ask(&["--at", &second]).out, ask(&["--at", &newest]).out), (behind.out.clone(), behind.out.clone()));
    assert_eq!(site.run(&["compact", "--delete-replaced", "--grace-days", "0"]).code, Some(0));
    for (tree, answer) in [(&first, &before), (&second, &behind)] {
        assert_eq!(ask(&["--at", tree]).out, answer.out, "what was replaced is gone");
    }

    let later = ask(&["--at", "999"]);
    assert!(later.code == Some(2) && later.err.contains(&newest), "{later:?}");
    assert_eq!(ask(&["--at", "0"]).code, Some(2));
    assert_eq!(ask(&["--at", "1"]).out, "", "the table, and nothing in it");
}
