//! All of the development data's CloudTrail and Kubernetes audit in one vault: nothing that is an event is unparsed, a second run
//! adds nothing, the vault is intact, and a byte changed in any of its objects is found and located. Where that data is absent, the test says so.
#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

mod site;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use shoseki_segment::keys::LocalKey;
use shoseki_verify::{Place, Question, Verdict, verify_vault};
use site::Site;

fn data(folder: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    match path.canonicalize() {
        Ok(path) => Some(path.display().to_string()),
        Err(_) => {
            println!("skipped: this test needs ../shared/data/{folder}");
            None
        }
    }
}

/// Takes all of it in: the report of the run, which ends with this code.
fn take(site: &Site, paths: &[&str], code: i32) -> Value {
    site.run(&[&["ingest", "auto", "--json"], paths].concat()).report(code)
}

/// The files of which something is unparsed.
fn unparsed(site: &Site) -> BTreeSet<String> {
    let question = "filter @kind = 'unparsed' | stats count(*) as n by @origin | limit 10000";
    let answer = site.run(&["query", question, "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let name = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        Path::new(row["@origin"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned()
    };
    answer.out.lines().map(name).collect()
}

/// The objects of the vault, by their names in it.
fn objects(vault: &Path) -> Vec<String> {
    let (mut folders, mut found) = (vec![vault.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            match entry.unwrap().path() {
                path if path.is_dir() => folders.push(path),
                path => found.push(path.strip_prefix(vault).unwrap().display().to_string()),
            }
        }
    }
    found.sort();
    found
}

/// The kind of an object: its first folder, and what it is below that.
fn kind(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        ["events", "_delta_log", ..] => "commit".to_owned(),
        ["tlog", "tile", level, ..] => format!("tile/{level}"),
        ["tlog", second, ..] => second.to_owned(),
        _ => parts[0].to_owned(),
    }
}

fn question(site: &Site) -> Question {
    let keys: Vec<PathBuf> = fs::read_dir(site.path("keys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let text = |name: &str| fs::read_to_string(keys[0].join(name)).unwrap();
    Question {
        place: Place::folder(&site.vault()).unwrap(),
        key: Some(text("verifier.pub").trim().parse().unwrap()),
        provider: Some(Arc::new(LocalKey::parse(&text("encryption.key")).unwrap())),
        deep: false,
        against: None,
        anchors: Vec::new(),
        opener: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_goes_in_once_and_every_changed_byte_is_located() {
    let (Some(trail), Some(audit)) = (data("cloudtrail"), data("k8s-audit")) else { return };
    let site = Site::with_vault(&[]);
    // Some of it is no event, which is what the exit code says.
    let (first, second) = (take(&site, &[&trail], 4), take(&site, &[&audit], 4));
    assert_eq!(
        first["sources"]["cloudtrail"].as_u64().unwrap(),
        2_900 + 310 + 262 - first["duplicates"].as_u64().unwrap()
    );
    assert_eq!((&first["conflicts"], &first["problems"]), (&0.into(), &Value::Array(Vec::new())), "{first:#}");
    assert_eq!((&second["sources"]["k8s-audit"], &second["duplicates"]), (&(4_042 + 51).into(), &0.into()));
    assert_eq!((&second["conflicts"], &second["problems"]), (&2.into(), &Value::Array(Vec::new())), "{second:#}");
    // What is no event: licences, a policy, what belongs to the repositories that the data is from.
    let others = ["CMakeLists.txt", "LICENSE", "audit-policy.yaml", "labels.yaml"];
    assert_eq!(unparsed(&site), others.map(str::to_owned).into());

    let again = take(&site, &[&trail, &audit], 0);
    assert_eq!((&again["new"], &again["files"]), (&0.into(), &again["files_known"]), "{again:#}");
    let moved = site.write("moved.json", fs::read(format!("{audit}/falco/create_secret.json")).unwrap());
    assert_eq!(take(&site, &[&moved], 0)["new"], 0, "it is known wherever it lies");

    // A file of it without its end: kept whole, so that every kind of object is there.
    let whole = fs::read(format!("{audit}/apiserver/audit.log.gz")).unwrap();
    let cut = site.write("cut.log.gz", &whole[..whole.len() - 4]);
    let taken = site.run(&["ingest", "auto", "--json", &cut]);
    let report: Value = serde_json::from_str(&taken.out).unwrap();
    assert_eq!(report["new"], 0, "all its events are there: {report:#}");
    site.assert_intact();
    change_all(&site).await;
    site.assert_intact();
}

/// Changes a byte of each object: the first, one within, and the last. More places of each are changed in `shoseki-verify`'s own tests.
async fn change_all(site: &Site) {
    let (names, mut kinds) = (objects(&site.vault()), BTreeSet::new());
    for name in &names {
        let path = site.vault().join(name);
        let good = fs::read(&path).unwrap();
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut changed = good.clone();
            changed[at] ^= 0x20;
            fs::write(&path, changed).unwrap();
            let report = verify_vault(&question(site)).await.unwrap();
            let is_named = report.problems.iter().any(|problem| problem.what == *name);
            assert!(
                report.verdict != Verdict::Intact && is_named,
                "byte {at} of {} in {name}: {:#?}",
                good.len(),
                report.problems
            );
        }
        fs::write(&path, good).unwrap();
        kinds.insert(kind(name));
    }
    let all = [
        "checkpoint",
        "checkpoints",
        "commit",
        "events",
        "keys",
        "originals",
        "shoseki.toml",
        "tile/0",
        "tile/entries",
    ];
    assert_eq!(kinds, all.map(str::to_owned).into(), "every kind was changed");
}
