//! Several processes on one vault, and processes that are killed: nothing is taken in twice, and nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::process::{Child, Stdio};
use std::thread;

use serde_json::Value;
use site::{Site, count_files, events};

fn start(site: &Site, arguments: &[&str]) -> Child {
    site.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn report(child: Child) -> Value {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_vault_is_made_once_by_whoever_comes_first() {
    let site = Site::empty();
    let started: Vec<Child> = (0..4).map(|_| start(&site, &["init", "--json"])).collect();
    let reports: Vec<Value> = started.into_iter().map(report).collect();
    assert_eq!(reports.iter().filter(|report| report["new"] == true).count(), 1, "{reports:?}");
    for other in &reports {
        assert_eq!((&other["origin"], &other["verifier_key"]), (&reports[0]["origin"], &reports[0]["verifier_key"]));
    }
    assert_eq!(site.run(&["status", "--json"]).report(0)["tree_size"], 1);
}

#[test]
fn processes_at_once_take_in_nothing_twice() {
    let site = Site::with_vault(&[]);
    for writer in 0..3 {
        for file in 0..6 {
            // Each file overlaps the next one, and each folder the next folder.
            let first = writer * 60 + file * 20;
            site.write(&format!("in/{writer}/{file}.json"), events(first..first + 30));
        }
        site.write(&format!("in/{writer}/all.json"), events(0..100));
    }
    let started: Vec<Child> =
        (0..3).map(|writer| start(&site, &["ingest", "auto", &format!("in/{writer}"), "--json"])).collect();
    let reports: Vec<Value> = started.into_iter().map(report).collect();
    let sum = |name: &str| reports.iter().map(|report| report[name].as_u64().unwrap()).sum::<u64>();
    let distinct = 2 * 60 + 5 * 20 + 30;
    assert_eq!(sum("new"), distinct, "{reports:?}");
    assert_eq!(sum("new") + sum("duplicates"), 3 * (6 * 30 + 100), "{reports:?}");
    assert_eq!(sum("conflicts") + sum("unparsed"), 0);
    assert_eq!(site.records_of("cloudtrail"), distinct);
    site.assert_intact();

    let again = site.run(&["ingest", "auto", "in", "--json"]).report(0);
    assert_eq!((&again["new"], &again["files_known"]), (&0.into(), &again["files"]));
}

#[test]
fn a_killed_process_loses_and_doubles_nothing() {
    let site = Site::with_vault(&[]);
    let made = count_files(&site.vault());
    for file in 0..8 {
        site.write(&format!("in/{file}.json"), events(file * 40..file * 40 + 60));
    }
    // Killed as soon as it has written so many objects: wherever it then is.
    let mut killed = 0;
    for objects in 0..14 {
        let before = count_files(&site.vault());
        let mut child = start(&site, &["ingest", "cloudtrail", "in", "--json"]);
        while child.try_wait().unwrap().is_none() {
            if count_files(&site.vault()) >= before + objects {
                child.kill().unwrap();
                killed += 1;
                break;
            }
            thread::yield_now();
        }
        child.wait_with_output().unwrap();
    }
    assert!(killed > 3, "some of them were killed in the midst of it: {killed}");
    assert!(count_files(&site.vault()) > made);

    let last = site.run(&["ingest", "cloudtrail", "in", "--json"]).report(0);
    assert_eq!(last["new"].as_u64().unwrap() + last["duplicates"].as_u64().unwrap(), 8 * 60, "{last}");
    assert_eq!(site.records_of("cloudtrail"), 7 * 40 + 60);
    assert_eq!(site.run(&["original", "list", "--json"]).report(0).as_array().unwrap().len(), 8);
    let path = site.path("in/3.json").display().to_string();
    let given = site.run(&["original", "get", "in/3.json"]);
    assert_eq!((given.code, given.out), (Some(0), std::fs::read_to_string(path).unwrap()));
    site.assert_intact();
}

#[test]
fn what_is_not_sealed_yet_is_said_beside_an_answer() {
    let site = Site::with_vault(&[]);
    let evidence = site.write("a.json", events(0..9));
    assert_eq!(site.run(&["ingest", "auto", &evidence]).code, Some(0));
    let query = ["query", "stats count(*) as n", "-o", "json"];
    assert!(!site.run(&query).err.contains("sealed"));

    // As where the process stopped between the commit and its sealing.
    let size = site.run(&["status", "--json"]).report(0)["tree_size"].as_u64().unwrap();
    for later in 2..=size {
        std::fs::remove_file(site.vault().join(format!("tlog/checkpoints/{later:020}"))).unwrap();
    }
    std::fs::copy(site.vault().join(format!("tlog/checkpoints/{:020}", 1)), site.vault().join("tlog/checkpoint"))
        .unwrap();
    let answer = site.run(&query);
    assert_eq!(answer.report(0)[0]["n"], 9, "{answer:?}");
    assert!(answer.err.contains(&format!("not sealed yet: {}", size - 1)), "{answer:?}");
    let evidence = site.write("b.json", events(9..10));
    assert_eq!(site.run(&["ingest", "auto", &evidence]).code, Some(0));
    assert!(!site.run(&query).err.contains("sealed"));
    site.assert_intact();
}
