//! The guide's page on sources does what it says: each of its commands takes a sample in, each of its questions finds it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod site;

use std::path::{Path, PathBuf};

use serde_json::Value;
use site::{Answer, Site};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands in a page's shell blocks, of the part in which the sources stand, as words. They have single quotes and nothing else that a shell would read.
fn commands(page: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let text = text.split_once("\n## AWS CloudTrail\n").unwrap().1;
    let words = |line: &str| {
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        });
        words.skip(1).collect()
    };
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    blocks.flat_map(str::lines).filter(|line| line.starts_with("shoseki ")).map(words).collect()
}

fn run(site: &Site, words: &[String], more: &[&str]) -> Answer {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let mut command = site.command(&words);
    command.current_dir(root());
    Site::finish(command)
}

#[test]
fn each_sample_goes_in_and_is_found() {
    let english = commands("docs/guide/collect.md");
    assert_eq!(english, commands("docs/ja/guide/collect.md"), "both pages show the same commands");
    let site = Site::with_vault(&[]);
    let (mut taken, mut found) = (0, 0);
    for words in &english {
        match words[0].as_str() {
            "ingest" => {
                let report = taken_in(&site, words);
                assert!(report["new"].as_u64().unwrap() > 0, "{words:?}: {report}");
                assert_eq!(report["sources"].as_object().unwrap().keys().collect::<Vec<_>>(), [&words[1]], "{report}");
                taken += 1;
            }
            "query" => {
                let answer = run(&site, words, &["-o", "jsonl"]);
                assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
                assert!(!answer.out.trim().is_empty(), "{words:?} finds nothing: {answer:?}");
                found += 1;
            }
            other => assert_eq!(other, "", "a command of another kind"),
        }
    }
    assert_eq!((taken, found), (shoseki_sources::SOURCES.len(), shoseki_sources::SOURCES.len()));
    site.assert_intact();
}

/// What came of an ingest: some samples have a line that is no event, which is what the exit code says.
fn taken_in(site: &Site, words: &[String]) -> Value {
    let answer = run(site, words, &["--json"]);
    answer.report(if answer.out.contains("\"unparsed\": 0\n") { 0 } else { 4 })
}

/// All samples at once, their sources not named: each is taken for what it is.
#[test]
fn auto_knows_each_sample_by_its_content() {
    let site = Site::with_vault(&[]);
    let files: Vec<String> = commands("docs/guide/collect.md")
        .into_iter()
        .filter(|words| words[0] == "ingest")
        .flat_map(|words| words[2..].to_vec())
        .collect();
    let words: Vec<String> = ["ingest", "auto"].into_iter().map(str::to_owned).chain(files).collect();
    let report = taken_in(&site, &words);
    let sources = report["sources"].as_object().unwrap();
    for source in shoseki_sources::SOURCES {
        assert!(sources.contains_key(source.id()), "`{}`: {report}", source.id());
    }
    for (question, rows) in [
        ("falco-lost-events", 1),
        ("config-not-compliant", 1),
        ("github-production-changes", 1),
        ("database-failed-logins", 3),
        ("database-deletions", 3),
        ("s3-access-refused", 1),
        ("lines-with-two-readings", 2),
    ] {
        let answer = site.run(&["query", "--saved", question, "-o", "jsonl"]);
        assert_eq!((answer.code, answer.out.lines().count()), (Some(0), rows), "{question}: {answer:?}");
    }
    let table = run(&site, &["status".to_owned()], &[]);
    assert!(table.out.contains("mariadb-audit/shop-db-1"), "{table:?}");
    site.assert_intact();
}
