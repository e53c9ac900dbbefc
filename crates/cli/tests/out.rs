//! Files that a user names: one that is there is refused and stays as it is, `--force` replaces it, and nothing half is left. The list
//! in `out/list.txt` has each command that writes one; a test beside `whole_file.rs` holds it against the command tree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use site::{Answer, Site, events};

const LIST: &str = include_str!("out/list.txt");

/// What was there before.
const BEFORE: &str = "signed by the auditor";

const SETUP: &str =
    "[setup]\nhome_region = \"ap-northeast-1\"\nregions = [\"ap-northeast-1\"]\nframeworks = [\"pci-dss\"]\n";

/// A vault with a file of events and an incident, and the names of a record and of the incident.
struct Estate {
    site: Site,
    record: String,
    incident: String,
}

impl Estate {
    fn new() -> Self {
        let site = Site::with_vault(&[]);
        site.write("a.json", events(0..20));
        site.write("trail/AWSLogs/nothing", "");
        site.write("shoseki.toml", SETUP);
        assert_eq!(site.run(&["ingest", "cloudtrail", "a.json"]).code, Some(0));
        let rows = site.run(&["query", "fields @ptr | limit 1", "--json"]).report(0);
        let record = rows[0]["@ptr"].as_str().unwrap().to_owned();
        let opened = site.run(&["incident", "open", "--title", "a key", "--json"]).report(0);
        let incident = opened["id"].as_str().unwrap().to_owned();
        Self { site, record, incident }
    }

    /// The words of a line of the list that write into this file.
    fn words<'a>(&'a self, line: &'a str, file: &'a str) -> Vec<&'a str> {
        let (command, option) = line.rsplit_once(' ').unwrap();
        let more: &[&str] = match command {
            "query" => &["fields eventName | limit 3"],
            "validate cloudtrail" => &["trail"],
            "prove" => &[&self.record],
            "package create" => &["--query", "fields eventName | limit 3"],
            "incident report" => &[&self.incident, "--form", "review"],
            "report" => &["--framework", "pci-dss", "--period", "2026-03-05..2026-03-05"],
            "report leak" => &["--incident-from", "2026-03-05", "--incident-to", "2026-03-06", "--known", "2026-03-06"],
            "original get" => &["a.json"],
            "setup export" => &["terraform"],
            other => panic!("`{other}` is in the list and has no words here"),
        };
        command.split(' ').chain(more.iter().copied()).chain([option, file]).collect()
    }

    fn run(&self, line: &str, file: &str, more: &[&str]) -> Answer {
        self.site.run(&[&self.words(line, file)[..], more].concat())
    }

    /// Names of what lies in the folder of a command's files.
    fn left(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.site.path(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// A trail of which nothing is there cannot be judged, and its keys are written all the same.
fn done(line: &str) -> i32 {
    if line.starts_with("validate") { 4 } else { 0 }
}

/// `setup export` writes a folder: the file in it that is looked at.
fn one_file(folder: &Path) -> PathBuf {
    let below = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut all = below(folder);
    while let Some(path) = all.pop() {
        match path.is_dir() {
            true => all.extend(below(&path)),
            false => return path,
        }
    }
    panic!("nothing was exported into {}", folder.display())
}

#[test]
fn a_file_that_is_there_stays_unless_force_is_given() {
    let estate = Estate::new();
    for (number, line) in LIST.lines().enumerate() {
        let (folder, is_folder) = (format!("out-{number}"), line.starts_with("setup export"));
        fs::create_dir(estate.site.path(&folder)).unwrap();
        let name = if is_folder { folder.clone() } else { format!("{folder}/given.csv") };
        let first = estate.run(line, &name, &[]);
        assert_eq!(first.code, Some(done(line)), "{line}: {first:?}");
        let path = if is_folder { one_file(&estate.site.path(&name)) } else { estate.site.path(&name) };
        assert!(path.is_file(), "{line}: {first:?}");

        fs::write(&path, BEFORE).unwrap();
        for (lang, word) in [("en", "is there"), ("ja", "すでにあります")] {
            let refused = estate.run(line, &name, &["--lang", lang]);
            assert_eq!(refused.code, Some(2), "{line}: {refused:?}");
            assert!(
                refused.err.contains("--force") && (is_folder || refused.err.contains(word)),
                "{line}: {refused:?}"
            );
            assert!(refused.err.contains(path.file_name().unwrap().to_str().unwrap()), "{line}: {refused:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), BEFORE, "{line}");
        }

        let forced = estate.run(line, &name, &["--force"]);
        assert_eq!(forced.code, Some(done(line)), "{line}: {forced:?}");
        assert_ne!(fs::read(&path).unwrap(), BEFORE.as_bytes(), "{line}");
        let left = estate.left(&folder);
        assert!(!left.iter().any(|name| name.contains("unfinished")), "{line}: {left:?}");
        assert!(is_folder || left == ["given.csv"], "{line}: {left:?}");
    }
}

/// Each form that a file is written in: on a disk that fills up, the error names the file and the reason, the exit code is 3, and
/// nothing is left of it.
#[test]
fn a_file_that_cannot_grow_is_named_and_not_left_behind() {
    // Four KiB a file is enough for the record of who asked, and for no answer here; the write fails as on a full disk.
    const SMALL: &str = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
    let estate = Estate::new();
    estate.site.write("many.json", events(100..3_000));
    assert_eq!(estate.site.run(&["ingest", "cloudtrail", "many.json"]).code, Some(0));
    fs::create_dir(estate.site.path("small")).unwrap();
    let package = ["package", "create", "--query", "fields @message"];
    let report = ["report", "--framework", "pci-dss", "--period", "2026-03-05..2026-03-05"];
    for words in [
        &["query", "fields @message", "--out", "small/a.csv"][..],
        &["query", "fields @message", "--out", "small/a.json"],
        &["query", "fields @message", "--out", "small/a.jsonl"],
        &["query", "fields @message", "--out", "small/a.parquet"],
        &["query", "fields @message | sort @timestamp | limit 20", "--out", "small/b.csv"],
        &["query", "fields @message", "--ocsf", "--out", "small/a.ocsf"],
        &["original", "get", "many.json", "--out", "small/a.json"],
        &[&package[..], &["--unmasked", "--out", "small/a.zip"]].concat(),
        &[&package[..], &["--population", "--out", "small/b.zip"]].concat(),
        &[&report[..], &["--out", "small/a.html"]].concat(),
        &[&report[..], &["--format", "csv", "--out", "small/a.csv"]].concat(),
        &["setup", "export", "terraform", "--out", "small"],
    ] {
        let mut bash = Command::new("bash");
        bash.args(["-c", SMALL, env!("CARGO_BIN_EXE_shoseki")]);
        let stopped = Site::finish(estate.site.started_by(bash, words));
        assert_eq!(stopped.code, Some(3), "{words:?}: {stopped:?}");
        let said = format!("error: `{}", words.last().unwrap());
        let is_named = stopped.err.lines().last().is_some_and(|line| line.starts_with(&said));
        assert!(is_named && stopped.err.ends_with("cannot be written: File too large (os error 27)\n"), "{stopped:?}");
        if words[0] == "setup" {
            continue; // a folder: what was whole before stays
        }
        assert!(estate.left("small").is_empty(), "{words:?}: {:?}", estate.left("small"));
        assert_eq!(estate.site.run(words).code, Some(0), "{words:?} is possible");
        fs::remove_file(estate.site.path(words.last().unwrap())).unwrap();
    }
}

/// What goes to standard output ends with 3 on a full disk as well, tables, JSON and bytes; and a reader that goes away changes
/// nothing of how a command ends: a vault that is tampered with is so, whoever reads of it.
#[test]
fn standard_output_that_is_full_is_said_and_one_that_is_closed_changes_nothing() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: no /dev/full here");
        return;
    }
    let estate = Estate::new();
    let to_full = |words: &[&str]| {
        let mut command = estate.site.command(words);
        command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
        Answer::of(command.output().unwrap())
    };
    for words in [
        &["status"][..],
        &["status", "--json"],
        &["verify"],
        &["verify", "--json"],
        &["check", "list", "--json"],
        &["original", "list", "--json"],
        &["original", "get", "a.json"],
        &["query", "fields eventName"],
        &["query", "fields eventName", "--json"],
        &["prove", &estate.record],
        &["ingest", "auto", "a.json", "--json"],
        &["--help"],
        &["--version"],
    ] {
        let full = to_full(words);
        assert_eq!(full.code, Some(3), "{words:?}: {full:?}");
        assert!(full.err.contains("cannot be written") && full.err.contains("No space left"), "{words:?}: {full:?}");
    }

    let closed = |words: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = estate.site.command(words);
        command.stdout(writer);
        Answer::of(command.output().unwrap())
    };
    for words in [&["original", "get", "a.json"][..], &["verify", "--json"], &["status", "--json"]] {
        let gone = closed(words);
        assert_eq!((gone.code, gone.err.contains("error")), (Some(0), false), "{words:?}: {gone:?}");
    }
    let tile = estate.site.vault().join("tlog/checkpoint");
    fs::write(&tile, "another\n").unwrap();
    for words in [&["verify"][..], &["verify", "--json"]] {
        assert_eq!(closed(words).code, Some(1), "{words:?}");
    }
}

#[test]
fn a_device_that_is_full_and_a_folder_that_is_not_there_are_said() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: no /dev/full here");
        return;
    }
    let estate = Estate::new();
    // What is exported is a folder, and a package is written at places, which no device has.
    let lines = LIST.lines().filter(|line| !line.starts_with("setup export") && !line.starts_with("package"));
    for line in lines {
        let more: &[&str] = if line.starts_with("query") { &["-o", "csv"] } else { &[] };
        let full = estate.run(line, "/dev/full", more);
        assert_eq!(full.code, Some(3), "{line}: {full:?}");
        assert!(full.err.contains("`/dev/full` cannot be written: No space left on device"), "{line}: {full:?}");
    }
    // Where no file can be made, that is said, and nothing is left either.
    for line in LIST.lines().filter(|line| !line.starts_with("setup export")) {
        let nowhere = estate.run(line, "no/such/folder/given.csv", &[]);
        assert_eq!(nowhere.code, Some(3), "{line}: {nowhere:?}");
        assert!(
            nowhere.err.contains("`no/such/folder/given.csv` cannot be written: No such file"),
            "{line}: {nowhere:?}"
        );
        assert!(!estate.site.path("no").exists(), "{line}");
    }
}
