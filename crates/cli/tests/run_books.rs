//! The run books, run: every block of shell in `docs/operations.md` and in its Japanese page, in order, on a copy of the demo's vault. Each
//! says before it how it ends and what one must see; what needs another system says so.
//!
//! ```text
//! <!-- situation: tampered -->                what is done to the vault first
//! <!-- run: 1 "tampered" "since" -->          the exit code, and texts that are seen
//! <!-- not run: needs AWS -->                 why it cannot run here
//! ```
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use site::Answer;
use tempfile::TempDir;

const ENGLISH: &str = include_str!("../../../docs/operations.md");
const JAPANESE: &str = include_str!("../../../docs/ja/operations.md");

/// The configuration that the run books speak of.
const CONFIGURATION: &str = r#"
[[sender]]
name = "prod-cluster"
token_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
receivers = ["kubernetes-audit"]

[[alert]]
name = "on-call"
webhook = "https://example.com/"

[[schedule]]
name = "nightly"
at = "06:40"
check = { framework = "pci-dss" }
"#;

/// A block of shell.
#[derive(Debug)]
struct Block {
    line: usize,
    /// The heading of the second level that it stands below.
    book: String,
    situation: Option<String>,
    run: Run,
    script: String,
}

#[derive(Debug, PartialEq)]
enum Run {
    /// With this exit code, and these texts to be seen.
    Ends(i32, Vec<String>),
    /// Not here, and why.
    Not(String),
    /// Nothing is said.
    Unsaid,
}

/// The blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let comment = Regex::new(r"^\s*<!-- (run|not run|situation): (.*) -->$").unwrap();
    let text = Regex::new(r#""([^"]*)""#).unwrap();
    let (mut all, mut book, mut run, mut situation) = (Vec::new(), String::new(), Run::Unsaid, None);
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            book = heading.to_owned();
        }
        if let Some(said) = comment.captures(line) {
            match &said[1] {
                "situation" => situation = Some(said[2].to_owned()),
                "not run" => run = Run::Not(said[2].to_owned()),
                _ => {
                    let code =
                        said[2].split(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("line {number}: {line}"));
                    run = Run::Ends(code, text.captures_iter(&said[2]).map(|one| one[1].to_owned()).collect());
                }
            }
            continue;
        }
        let Some(indent) = line.strip_suffix("```sh").filter(|indent| indent.trim().is_empty()) else { continue };
        let script = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
        let script: Vec<&str> = script.map(|line| line.strip_prefix(indent).unwrap_or(line)).collect();
        let script = script.join("\n");
        let (run, situation) = (std::mem::replace(&mut run, Run::Unsaid), situation.take());
        all.push(Block { line: number + 1, book: book.clone(), situation, run, script });
    }
    all
}

/// Where a run book is run: folders that stand for those that the page names, and a user's home.
struct Stage {
    root: TempDir,
    lang: &'static str,
}

impl Stage {
    /// A stage with a copy of the demo's vault, its evidence, its keys and its backup.
    fn of(demo: &Path, lang: &'static str) -> Self {
        let stage = Self { root: tempfile::tempdir().unwrap(), lang };
        for folder in ["home/.config/shoseki/keys", "srv", "backup", "forensics", "mnt/usb", "tmp", "work", "state"] {
            fs::create_dir_all(stage.at(folder)).unwrap();
        }
        copy(&demo.join("vault"), &stage.at("srv/vault"));
        copy(&demo.join("evidence"), &stage.at("srv/evidence"));
        copy(&demo.join("keys"), &stage.at("home/.config/shoseki/keys"));
        fs::write(stage.at("work/gap-2026-11-26.pdf"), "the cluster was taken down").unwrap();
        fs::write(stage.at("work/restore-2026.pdf"), "restored, and verified").unwrap();
        copy(&demo.join("evidence"), &stage.at("work/AWSLogs"));
        fs::write(stage.at("work/shoseki.toml"), CONFIGURATION).unwrap();
        stage
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A script as it runs here.
    fn run(&self, script: &str) -> Answer {
        let folders = Regex::new(r#"(?m)(^|[\s"'=])/(srv|backup|forensics|mnt|tmp|var)/"#).unwrap();
        let root = self.root.path().display().to_string();
        let script =
            folders.replace_all(script, |found: &regex::Captures<'_>| format!("{}{root}/{}/", &found[1], &found[2]));
        let program = Path::new(env!("CARGO_BIN_EXE_shoseki")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["-e", "-o", "pipefail", "-c", &script]).current_dir(self.at("work")).stdin(Stdio::null());
        for (name, _) in std::env::vars()
            .filter(|(name, _)| ["AWS_", "SHOSEKI_", "XDG_", "LC_"].iter().any(|start| name.starts_with(start)))
        {
            command.env_remove(name);
        }
        command.env("PATH", path).env("HOME", self.at("home")).env("LANG", self.lang);
        command.env("SHOSEKI_VAULT", self.at("srv/vault"));
        Answer::of(command.output().unwrap())
    }

    fn must(&self, script: &str) {
        let answer = self.run(script);
        assert_eq!(answer.code, Some(0), "{script}: {answer:?}");
    }

    /// Brings about what a run book is for.
    fn comes_about(&self, situation: &str) {
        match situation {
            "a backup is there" => self.must("mkdir -p /backup/vault && cp -a \"$SHOSEKI_VAULT/.\" /backup/vault/"),
            "a file was changed" => {
                self.comes_about("a backup is there");
                change_a_byte(&self.at("srv/vault/events"));
            }
            "an object was deleted" => {
                self.comes_about("a backup is there");
                fs::remove_file(largest(&self.at("srv/vault/events"))).unwrap();
            }
            "a key is lost" => {
                self.must("shoseki key backup /mnt/usb/keys");
                self.must("rm -r ~/.config/shoseki/keys/*");
            }
            "the vault is gone" => {
                self.comes_about("a backup is there");
                self.must("cp \"$SHOSEKI_VAULT/tlog/checkpoint\" checkpoint-2026-03 && rm -r /srv/vault");
            }
            "init was interrupted" => {
                self.must("rm -r \"$SHOSEKI_VAULT\" && shoseki init \"$SHOSEKI_VAULT\"");
                self.must("rm -r \"$SHOSEKI_VAULT/events\" \"$SHOSEKI_VAULT/tlog\"");
            }
            "a file is cut off" => {
                self.must("find /srv/evidence -name '*.gz' | head -n 1 | xargs -I {} sh -c 'head -c 200 {} > /srv/evidence/cut.json.gz'");
            }
            "nothing is there yet" => self.must("rm -r /srv/vault ~/.config/shoseki/keys/*"),
            other => panic!("nobody knows how `{other}` comes about"),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The largest data file below a folder.
fn largest(folder: &Path) -> PathBuf {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|end| end == "parquet") => {
                    files.push((path.metadata().unwrap().len(), path))
                }
                false => {}
            }
        }
    }
    files.into_iter().max().unwrap().1
}

/// Changes a byte in the middle of the largest file below a folder.
fn change_a_byte(folder: &Path) {
    let path = largest(folder);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// The demo, played.
fn demo(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoseki"));
    let played = command.args(["demo", "--dir"]).arg(folder).env("LANG", "C").output().unwrap();
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
}

/// Runs all blocks of a page.
fn play(page: &str, lang: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let (mut stage, mut book, mut runs) = (Stage::of(folder.path(), lang), String::new(), 0);
    let mut failed = Vec::new();
    for block in blocks(page) {
        if block.book != book {
            (stage, book) = (Stage::of(folder.path(), lang), block.book.clone());
        }
        if let Some(situation) = &block.situation {
            stage.comes_about(situation);
        }
        let Run::Ends(code, texts) = &block.run else { continue };
        let answer = stage.run(&block.script);
        let seen = format!("{}{}", answer.out, answer.err);
        let missing: Vec<&String> = texts.iter().filter(|text| !seen.contains(text.as_str())).collect();
        if answer.code != Some(*code) || !missing.is_empty() {
            failed.push(format!(
                "line {}: {}\nexpected {code} and {missing:?}, got {answer:?}\n",
                block.line, block.script
            ));
        }
        runs += 1;
    }
    assert!(failed.is_empty(), "{} of {runs}:\n{}", failed.len(), failed.join("\n"));
    assert!(runs > 40, "{runs}");
}

#[test]
fn the_run_books_do_what_they_say() {
    play(ENGLISH, "C");
}

#[test]
fn the_japanese_run_books_do_what_they_say() {
    play(JAPANESE, "ja_JP.UTF-8");
}

#[test]
fn both_pages_have_the_same_commands_and_each_says_how_it_ends() {
    let (english, japanese) = (blocks(ENGLISH), blocks(JAPANESE));
    for (one, other) in english.iter().zip(&japanese) {
        assert_eq!(one.script, other.script, "line {} and line {} of the Japanese page", one.line, other.line);
        assert_eq!(one.situation, other.situation, "line {}", one.line);
        match (&one.run, &other.run) {
            (Run::Ends(code, texts), Run::Ends(other_code, others)) => {
                assert_eq!((code, texts.len()), (other_code, others.len()), "line {}", one.line);
            }
            (Run::Not(_), Run::Not(_)) => {}
            said => panic!("line {} and {}: {said:?}", one.line, other.line),
        }
    }
    assert_eq!(english.len(), japanese.len());
    let of_books =
        |all: &[Block]| all.iter().map(|block| block.book.clone()).collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(of_books(&english), of_books(&japanese));
}

#[test]
fn a_block_is_read_with_what_is_said_of_it() {
    let page = "## A\n<!-- situation: s -->\n<!-- run: 1 \"x\" \"y z\" -->\n  ```sh\n  a \\\n    b\n  ```\n```text\nno\n```\n## B\n<!-- not run: needs AWS -->\n```sh\nc\n```\n```sh\nd\n```\n";
    let all = blocks(page);
    assert_eq!(all.len(), 3);
    assert_eq!((all[0].script.as_str(), all[0].book.as_str()), ("a \\\n  b", "A"));
    assert_eq!(all[0].run, Run::Ends(1, vec!["x".to_owned(), "y z".to_owned()]));
    assert_eq!((all[0].situation.as_deref(), &all[1].run), (Some("s"), &Run::Not("needs AWS".to_owned())));
    assert_eq!((&all[2].run, all[2].line), (&Run::Unsaid, 16));
}
