//! What our rules find of attacks that others recorded, and what they make of what is harmless. `docs/guide/detect.md` has the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use site::Site;

fn data(folder: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: what rules find of others' events needs ../shared/data");
    None
}

/// The rules that find something, by the file that their events came in.
fn found(source: &str, files: &[PathBuf]) -> BTreeMap<String, BTreeSet<String>> {
    let site = Site::with_vault(&[]);
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let taken = site.run(&[&["ingest", source][..], &names].concat());
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let origins = site.run(&["query", "fields @ptr, @origin | limit 100000", "-o", "jsonl"]);
    let origin = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let file = Path::new(row["@origin"].as_str().unwrap()).file_stem().unwrap().to_str().unwrap().to_owned();
        (row["@ptr"].as_str().unwrap().to_owned(), file)
    };
    let origins: BTreeMap<String, String> = origins.out.lines().map(origin).collect();
    let answer = site.run(&["detect", "--json"]);
    let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in report["matches"].as_array().unwrap() {
        for record in one["records"].as_array().unwrap() {
            let file = origins[record.as_str().unwrap()].clone();
            found.entry(file).or_default().insert(one["title"].as_str().unwrap().to_owned());
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|file| file.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn every_technique_in_an_account_is_found() {
    let Some(folder) = data("cloudtrail/stratus") else { return };
    let files = files(&folder);
    let found = found("cloudtrail", &files);
    let mut missed = Vec::new();
    for name in files.iter().map(|file| name_of(file)) {
        match found.get(&name) {
            Some(rules) => println!("{name}: {}", rules.iter().cloned().collect::<Vec<_>>().join("; ")),
            None => missed.push(name),
        }
    }
    assert_eq!(missed, Vec::<String>::new(), "of {} techniques", files.len());
}

/// What a label says of a file: how grave it is, or that it is harmless.
#[derive(Debug, PartialEq, Eq)]
enum Label {
    Grave,
    Noted,
    Harmless,
}

/// The labels that hold without lists of one's own: of images, users and namespaces that are allowed.
fn labels(text: &str) -> BTreeMap<String, Label> {
    let mut labels = BTreeMap::new();
    for block in text.split("\n\n  ").skip(1) {
        let file = block.split_once("trace_files/k8s_audit/").map(|(_, rest)| rest);
        let file = file.and_then(|rest| rest.split_whitespace().next()).and_then(|file| file.strip_suffix(".json"));
        let Some(file) = file else { continue };
        if ["/allow_", "/trust_", "disallow_namespace"].iter().any(|list| block.contains(list)) {
            continue;
        }
        let label = match (block.contains("detect: True"), block.contains("detect_level: INFO")) {
            (true, false) => Label::Grave,
            (true, true) => Label::Noted,
            (false, _) => Label::Harmless,
        };
        if block.starts_with("json_pointer") {
            continue; // a rule of the label's own
        }
        labels.insert(file.to_owned(), label);
    }
    labels
}

#[test]
fn what_is_grave_in_a_cluster_is_found_and_what_is_harmless_is_not() {
    let Some(folder) = data("k8s-audit/falco") else { return };
    let labels = labels(&std::fs::read_to_string(folder.join("labels.yaml")).unwrap());
    let files: Vec<PathBuf> = files(&folder).into_iter().filter(|file| labels.contains_key(&name_of(file))).collect();
    let found = found("k8s-audit", &files);
    let (mut missed, mut alarms, mut counts) = (Vec::new(), Vec::new(), [0, 0, 0]);
    for name in files.iter().map(|file| name_of(file)) {
        let is_found = found.contains_key(&name);
        match labels[&name] {
            Label::Grave => {
                counts[0] += 1;
                missed.extend((!is_found).then_some(name));
            }
            Label::Noted => counts[1] += usize::from(is_found),
            Label::Harmless => {
                counts[2] += 1;
                alarms.extend(is_found.then_some(name));
            }
        }
    }
    println!(
        "grave: {} of {}; noted: {}; harmless: {} alarms of {}",
        counts[0] - missed.len(),
        counts[0],
        counts[1],
        alarms.len(),
        counts[2]
    );
    // Controllers make pods in kube-system all the time.
    assert_eq!(missed, ["create_pod_kube_system_namespace"], "{counts:?}");
    assert_eq!((alarms, counts[0] >= 20, counts[2] >= 5), (Vec::new(), true, true), "{counts:?}");
}
