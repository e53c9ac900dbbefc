//! The program as its users start it: in a folder of its own, with a vault and its keys, in English unless told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a vault, its keys, and what is to go in.
pub struct Site {
    folder: TempDir,
}

/// What the program answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The report, where it ended with this code.
    pub fn report(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Site {
    /// A folder in which nothing is yet.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with a new vault; `more` goes to `init`.
    pub fn with_vault(more: &[&str]) -> Self {
        let site = Self::empty();
        let made = site.run(&[&["init", "--quiet"], more].concat());
        assert_eq!(made.code, Some(0), "{made:?}");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The vault's folder.
    pub fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// Writes a file, with the folders above it, and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The program, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.started_by(Command::new(env!("CARGO_BIN_EXE_shoseki")), arguments)
    }

    /// The program, started by another one.
    pub fn started_by(&self, mut command: Command, arguments: &[&str]) -> Command {
        for name in ["LANG", "LC_ALL", "LC_MESSAGES", "SHOSEKI_TZ"] {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("XDG_STATE_HOME", self.path("state")).env_remove("SHOSEKI_WAL");
        command.env("SHOSEKI_VAULT", self.vault()).env("SHOSEKI_KEY_DIR", self.path("keys"));
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that was made to its end.
    pub fn finish(mut command: Command) -> Answer {
        Answer::of(command.output().unwrap())
    }

    /// How many records of a source the vault has, as `status` says it; all commits must be sealed.
    pub fn records_of(&self, source: &str) -> u64 {
        let status = self.run(&["status", "--json"]).report(0);
        assert_eq!(status["unsealed_commits"], 0, "{status}");
        let streams = status["streams"].as_array().unwrap().iter().filter(|stream| stream["source"] == source);
        streams.map(|stream| stream["records"].as_u64().unwrap()).sum()
    }

    /// Judges the whole vault, every record of it.
    pub fn assert_intact(&self) {
        let judged = self.run(&["verify", "--deep"]);
        assert_eq!(judged.code, Some(0), "{judged:?}");
    }
}

/// A CloudTrail event, one a second.
pub fn event(n: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲","accountId":"111122223333"}},"eventTime":"2026-03-05T{:02}:{:02}:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b","key":"k/{n}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
        n / 3_600 % 24,
        n / 60 % 60,
        n % 60,
        n % 250,
    )
}

/// A CloudTrail file with the events of these numbers.
pub fn events(numbers: Range<u32>) -> String {
    let all: Vec<String> = numbers.map(event).collect();
    format!("{{\"Records\":[{}]}}", all.join(","))
}

/// How many files lie below a folder.
pub fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.filter_map(Result::ok).map(|entry| if entry.path().is_dir() { count_files(&entry.path()) } else { 1 }).sum()
}
