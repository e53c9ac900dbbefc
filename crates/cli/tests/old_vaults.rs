//! Vaults that programs of earlier formats wrote: read, judged, asked, added to and judged again. And the other way round:
//! what a newer program wrote is refused by its name, whatever is asked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod serving;
mod site;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use serving::configuration;
use site::Site;

/// What stands in one of the vaults of `testdata/vaults`.
struct Old {
    format: u64,
    /// The events, as they were received.
    events: Vec<String>,
    /// The files that are given back, and their content.
    originals: Vec<(&'static str, String)>,
    /// The sources whose columns were derived by an earlier version of their parser: `--deep` cannot judge them.
    earlier: &'static [&'static str],
    /// What `verify` must say beside its verdict.
    notes: &'static [&'static str],
}

fn old() -> [Old; 5] {
    let first = || (0..12).map(cloudtrail);
    let lines = |count: u32| (0..count).map(|n| audit(n) + "\n").collect::<String>();
    [
        Old {
            format: 1,
            events: first().chain((400..404).map(cloudtrail)).chain((0..4).map(audit)).collect(),
            originals: vec![("samples/a.json", records(0..12)), ("samples/k8s.jsonl", lines(4))],
            earlier: &["cloudtrail"],
            notes: &[],
        },
        Old {
            format: 2,
            events: (0..1_000).map(audit).collect(),
            originals: vec![("samples/k8s-many.jsonl", lines(1_000))],
            earlier: &[],
            notes: &[],
        },
        Old {
            format: 3,
            events: (0..1_100).map(cloudtrail).collect(),
            originals: vec![("samples/first.json", records(0..600)), ("samples/second.json", records(500..1_100))],
            earlier: &[],
            notes: &[],
        },
        Old {
            format: 6,
            events: first().filter(|event| *event != cloudtrail(3)).collect(),
            originals: Vec::new(),
            earlier: &[],
            notes: &["verify-expired", "verify-erased", "verify-anchor-dropped"],
        },
        Old {
            format: 7,
            events: (0..1_120).map(cloudtrail).collect(),
            originals: vec![("samples/first.json", records(0..600)), ("samples/small.json", records(1_100..1_120))],
            earlier: &[],
            notes: &[],
        },
    ]
}

/// The n-th event of CloudTrail in these vaults.
fn cloudtrail(n: u32) -> String {
    let (hour, minute, second) = (n / 3_600 % 24, n / 60 % 60, n % 60);
    let name = ["GetObject", "PutObject", "DeleteObject"][n as usize % 3];
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲","accountId":"111122223333"}},"eventTime":"2026-03-05T{hour:02}:{minute:02}:{second:02}Z","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b","key":"k/{n}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
        n % 250
    )
}

/// The n-th event of Kubernetes audit in these vaults.
fn audit(n: u32) -> String {
    let (verb, space) = (["get", "list", "create", "delete"][n as usize % 4], n % 7);
    let time = format!("2026-03-05T{:02}:{:02}:{:02}", n / 3_600, n / 60 % 60, n % 60);
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"00000000-0000-4000-9000-{n:012}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/ns-{space}/pods/p-{n}","verb":"{verb}","user":{{"username":"甲"}},"objectRef":{{"resource":"pods","namespace":"ns-{space}","name":"p-{n}"}},"requestReceivedTimestamp":"{time}.000000Z","stageTimestamp":"{time}.000001Z"}}"#
    )
}

/// A CloudTrail file.
fn records(numbers: std::ops::Range<u32>) -> String {
    let all: Vec<String> = numbers.map(cloudtrail).collect();
    format!("{{\"Records\":[{}]}}", all.join(","))
}

fn fixture(format: u64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/vaults/format-{format}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of one of the vaults, with its keys.
fn site_of(format: u64) -> Site {
    let site = Site::empty();
    for part in ["vault", "keys"] {
        copy(&fixture(format).join(part), &site.path(part));
    }
    site
}

/// The events that a question finds.
fn messages(site: &Site, question: &str) -> Vec<String> {
    let answer = site.run(&["query", question, "-o", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let row = |line: &str| serde_json::from_str::<Value>(line).unwrap()["@message"].as_str().unwrap().to_owned();
    answer.out.lines().map(row).collect()
}

fn sorted(mut events: Vec<String>) -> Vec<String> {
    events.sort();
    events
}

/// The verdict, and that of `--deep`: intact, but for what a parser of an earlier version derived.
fn judge(site: &Site, old: &Old, case: &str) {
    let report = site.run(&["verify", "--json"]).report(0);
    assert_eq!(report["verdict"], "intact", "{case}: {report:#}");
    let said: BTreeSet<&str> = report["notes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    assert!(old.notes.iter().all(|note| said.contains(note)), "{case}: {said:?}");
    let deep = site.run(&["verify", "--deep", "--json"]);
    if old.earlier.is_empty() {
        assert_eq!(deep.report(0)["verdict"], "intact", "{case}: {deep:?}");
        return;
    }
    let deep = deep.report(4);
    assert_eq!(deep["verdict"], "unverifiable", "{case}: {deep:#}");
    for problem in deep["problems"].as_array().unwrap() {
        assert_eq!(problem["id"], "verify-derivation-other", "{case}: {problem:#}");
        let text = problem["text"].as_str().unwrap();
        assert!(old.earlier.iter().any(|source| text.contains(&format!("`{source}`"))), "{case}: {text}");
    }
}

/// The formats that files and commits of a vault state.
fn formats(site: &Site) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(site.vault().join("events/_delta_log")).unwrap() {
        for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            found.extend(line["commitInfo"]["shoseki"]["format"].as_u64());
            let tag = line["add"]["tags"]["shoseki.format"].as_str();
            found.extend(tag.map(|format| format.parse::<u64>().unwrap()));
        }
    }
    found
}

const EVIDENCE: &str = "fields @message | filter @source != 'shoseki'";

#[test]
fn what_earlier_versions_wrote_is_read_and_judged() {
    for old in old() {
        let (site, case) = (site_of(old.format), format!("format {}", old.format));
        assert_eq!(formats(&site).last(), Some(&old.format), "{case}: the fixture is of its format");
        judge(&site, &old, &case);
        let all = sorted(old.events.clone());
        assert!(sorted(messages(&site, EVIDENCE)) == all, "{case}: the events are not those that were received");
        // By a column, by a field of the event, by words that an index may rule out.
        let found = |question: &str| sorted(messages(&site, &format!("{EVIDENCE} and {question}")));
        let having = |word: &str| -> Vec<String> { all.iter().filter(|event| event.contains(word)).cloned().collect() };
        for (question, word) in [
            ("eventName = 'PutObject'", "\"PutObject\""),
            ("verb = 'delete'", "\"delete\""),
            ("@message like /k\\/77\"/", "k/77\""),
            ("@message like '00000000-0000-4000-8000-000000001042'", "000000001042"),
            ("@message like '00000000-0000-4000-9000-000000000777'", "4000-9000-000000000777"),
            ("@message like 'nowhere-to-be-found'", "nowhere-to-be-found"),
        ] {
            assert!(found(question) == having(word), "{case}: {question}");
        }
        for (name, content) in &old.originals {
            let given = site.run(&["original", "get", name]);
            assert!(given.code == Some(0) && given.out == *content, "{case}: `{name}` is not as it was received");
        }
    }
    let cut = site_of(1);
    let given = cut.command(&["original", "get", "samples/cut.json.gz", "--out", "cut.json.gz"]).status().unwrap();
    assert!(given.success() && fs::read(cut.path("cut.json.gz")).unwrap().starts_with(b"\x1f\x8b"));
}

#[test]
fn what_earlier_versions_wrote_goes_on_in_its_format() {
    for old in old() {
        let (site, case) = (site_of(old.format), format!("format {}", old.format));
        let before = site.run(&["status", "--json"]).report(0)["tree_size"].as_u64().unwrap();
        // One event that is there already, and one that is not; then so much that newer vaults would take it apart.
        let known = old.events[0].clone();
        site.write("more.jsonl", format!("{known}\n{}\n", audit(5_000)));
        let taken = site.run(&["ingest", "auto", "more.jsonl", "--json"]).report(0);
        assert_eq!((&taken["new"], &taken["duplicates"]), (&1.into(), &1.into()), "{case}: {taken:#}");
        site.write("many.json", records(2_000..3_200));
        let many = site.run(&["ingest", "auto", "many.json", "--json"]).report(0);
        assert_eq!(many["new"], 1_200, "{case}: {many:#}");
        let status = site.run(&["status", "--json"]).report(0);
        assert_eq!(status["unsealed_commits"], 0, "{case}");
        assert!(status["tree_size"].as_u64().unwrap() >= before + 2, "{case}");
        judge(&site, &old, &case);
        assert_eq!(formats(&site).last(), Some(&old.format), "{case}: nothing needs a later format");

        let merged = site.run(&["compact", "--min-files", "2", "--json"]).report(0);
        assert_eq!(formats(&site).last(), Some(&old.format.max(3)), "{case}: {merged:#}");
        judge(&site, &old, &case);
        let mut all = old.events.clone();
        all.extend((2_000..3_200).map(cloudtrail).chain([audit(5_000)]));
        assert!(sorted(messages(&site, EVIDENCE)) == sorted(all), "{case}: after a compaction");
    }
}

#[test]
fn a_package_of_an_earlier_version_is_intact_and_its_query_runs_again() {
    let site = site_of(1);
    let package = fixture(1).join("package-2.zip").display().to_string();
    let key = site.path("keys/shoseki_format-1/verifier.pub").display().to_string();
    let report = site.run(&["package", "verify", &package, "--key", &key, "--json"]).report(0);
    let notes: Vec<&str> = report["notes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    assert_eq!((&report["verdict"], &report["checked"]["records"]), (&"intact".into(), &5.into()), "{report:#}");
    assert!(notes.contains(&"verify-population-complete"), "{notes:?}");
}

/// Every command that opens a vault, with as much as it needs to get there.
const OPENING: &[&[&str]] = &[
    &["init"],
    &["ingest", "auto", "event.json"],
    &["query", "fields @message"],
    &["query", "--sql", "select 1"],
    &["shell"],
    &["prove", "0123456789abcdef0123456789abcdef:0"],
    &["package", "create", "--query", "fields @message", "--out", "x.zip"],
    &["detect"],
    &["detect", "coverage"],
    &["incident", "list"],
    &["incident", "show", "x"],
    &["incident", "open", "--title", "x"],
    &["incident", "note", "x", "y"],
    &["incident", "add", "x", "--why", "y"],
    &["incident", "timeline", "x"],
    &["incident", "scope", "x"],
    &["incident", "contain", "x"],
    &["incident", "measure", "x", "y", "--check", "vault_is_anchored"],
    &["incident", "report", "x", "--form", "review"],
    &["incident", "close", "x"],
    &["leaks"],
    &["status"],
    &["gaps"],
    &["gaps", "repair"],
    &["gaps", "settle", "x", "--cause", "y"],
    &["inventory"],
    &["check"],
    &["check", "scope"],
    &["check", "scope", "exclude", "app", "--reason", "x"],
    &["check", "scope", "include", "app"],
    &["finding", "list"],
    &["finding", "show", "x"],
    &["finding", "accept", "x", "--owner", "a", "--reason", "b", "--until", "2027-01-01"],
    &["finding", "resolve", "x", "--cause", "a", "--measure", "b"],
    &["finding", "note", "x", "y"],
    &["finding", "add", "--from", "a", "--title", "b"],
    &["finding", "cause", "x", "y"],
    &["finding", "measure", "x", "y"],
    &["review"],
    &["review", "list"],
    &["report", "--framework", "pci-dss"],
    &["report", "list"],
    &["report", "leak", "--incident-from", "2026-03-05", "--incident-to", "2026-03-06", "--known", "2026-03-06"],
    &["original", "list"],
    &["original", "get", "x"],
    &["attach", "event.json", "--requirement", "pci-dss:10.2.1"],
    &["anchor", "add", "anchor"],
    &["anchor", "remove", "anchor"],
    &["anchor", "list"],
    &["replica", "add", "replica"],
    &["replica", "sync"],
    &["replica", "list"],
    &["replica", "remove", "replica"],
    &["restore", "--from", "whole", "--damaged"],
    &["key", "show"],
    &["key", "backup", "backup"],
    &["key", "check", "backup"],
    &["key", "rotate"],
    &["mapping", "set", "mapping.toml"],
    &["mapping", "show"],
    &["mapping", "remove"],
    &["serve"],
    &["schedule", "list"],
    &["schedule", "run", "anchored"],
    &["alert", "list"],
    &["alert", "ack", "x", "--why", "y"],
    &["fetch"],
    &["forward", "--wal", "wal"],
    &["access"],
    &["compact"],
    &["retention", "show"],
    &["retention", "set", "--months", "3"],
    &["retention", "plan"],
    &["retention", "run"],
    &["hold", "place", "--why", "x", "--source", "cloudtrail"],
    &["hold", "list"],
    &["hold", "release", "x", "--why", "y"],
    &["hold", "confirm", "x"],
    &["erase", "plan", "--query", "fields @message"],
    &["erase", "request", "--query", "fields @message", "--ground", "other", "--why", "x"],
    &["erase", "list"],
    &["erase", "show", "x"],
    &["erase", "confirm", "x", "--yes"],
    &["erase", "withdraw", "x", "--why", "y"],
];

/// What opens no vault, or asks AWS before it does, or judges what it opens (`verify`, below).
const OTHERS: &[&[&str]] = &[
    &["verify"],
    &["demo"],
    &["completions"],
    &["token"],
    &["validate", "cloudtrail"],
    &["package", "verify"],
    &["setup", "plan"],
    &["setup", "apply"],
    &["setup", "check"],
    &["setup", "policy"],
    &["setup", "export"],
    &["detect", "rules"],
    &["detect", "show"],
    &["detect", "prove"],
    &["check", "list"],
    &["check", "show"],
    &["check", "frameworks"],
    &["check", "audit-policy"],
    &["check", "iac"],
    &["retention", "tier"], // of a bucket only; there it opens the vault as `retention show` does
];

/// The commands that a page of help lists.
fn listed(site: &Site, of: &[&str]) -> Vec<String> {
    let help = site.run(&[of, &["--help"]].concat()).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// A vault that a newer program made, and one that it wrote a commit into.
fn newer() -> [(&'static str, Site); 2] {
    let made = site_of(3);
    let marker = fs::read_to_string(made.vault().join("shoseki.toml")).unwrap();
    made.write("vault/shoseki.toml", marker.replace("format = 3", "format = 99") + "more = \"of tomorrow\"\n");
    let written = site_of(3);
    let commit = |n: u64| format!("vault/events/_delta_log/{n:020}.json");
    let newest = fs::read_to_string(written.path(&commit(4))).unwrap();
    written.write(&commit(5), newest.replacen("\"format\":3", "\"format\":99", 1));
    [("the vault", made), ("its newest commit", written)]
}

#[test]
fn what_a_newer_version_wrote_is_refused_by_its_name() {
    for (what, site) in newer() {
        site.write("event.json", cloudtrail(1));
        site.write("mapping.toml", "[[app]]\nstreams = [\"app/*\"]\nwho = [\"user\"]\n");
        let more = "region = \"us-east-1\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                    [[schedule]]\nname = \"anchored\"\nevery = \"1h\"\ncheck = { checks = \"vault_is_anchored\" }\n\
                    [[alert]]\nname = \"ops\"\nwebhook = \"http://127.0.0.1:9/hook\"\n\
                    [[fetch.s3]]\nname = \"trail\"\nurl = \"s3://nobody\"\nfrom = \"2026-03-05\"\n\
                    [[forward]]\nname = \"hook\"\n[forward.webhook]\nurl = \"http://127.0.0.1:9/x\"\nsecret_file = \"event.json\"\n";
        let text = configuration(more, "receivers = [\"ndjson\"]\nsource = \"app\"");
        site.write("shoseki.toml", text);
        fs::create_dir(site.path("anchor")).unwrap();
        copy(&site.vault(), &site.path("whole"));
        let before = objects(&site);
        let mut wrong = Vec::new();
        for words in OPENING {
            let mut bounded = Command::new("timeout"); // `serve` would go on
            bounded.args(["60", env!("CARGO_BIN_EXE_shoseki")]);
            let answer = Site::finish(site.started_by(bounded, words));
            let is_named = answer.err.contains("format 99") && answer.err.contains("formats up to");
            if answer.code != Some(2) || !is_named || !answer.out.is_empty() {
                wrong.push(format!("{words:?}: {answer:?}"));
            }
        }
        assert!(wrong.is_empty(), "{what} is of a newer format, and these do not refuse it:\n{}", wrong.join("\n"));
        assert_eq!(objects(&site), before, "nothing was written");
        for deep in [&["verify", "--json"][..], &["verify", "--deep", "--json"]] {
            let report = site.run(deep).report(4);
            let said = format!("{report:#}");
            assert!(report["verdict"] == "unverifiable" && said.contains("format 99"), "{deep:?} with {what}: {said}");
        }
    }
}

/// The objects of a vault, with their contents.
fn objects(site: &Site) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut folders, mut found) = (vec![site.vault()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            match entry.unwrap().path() {
                path if path.is_dir() => folders.push(path),
                path => found.push((path.clone(), fs::read(path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

/// A command that is made later cannot be forgotten above.
#[test]
fn every_command_is_known_to_open_a_vault_or_not_to() {
    let site = Site::empty();
    let known: Vec<&[&str]> = OPENING.iter().chain(OTHERS).copied().collect();
    for command in listed(&site, &[]) {
        let of = known.iter().filter(|words| words[0] == command).collect::<Vec<_>>();
        assert!(!of.is_empty(), "`{command}` is missing in this file's lists");
        for below in listed(&site, &[&command]) {
            assert!(of.iter().any(|words| words.get(1) == Some(&&*below)), "`{command} {below}` is missing");
        }
    }
}
