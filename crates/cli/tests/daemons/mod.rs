//! Servers of Debian's packages, as a test needs them: on this machine alone, in a folder of their own, not as root, and over with
//! the test however it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a server may run, in seconds: also where nobody is left to end it.
const LONGEST: &str = "300";
/// How long it may take until a server answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether programs are there. Where one is not, it is said that the test is skipped.
pub fn are_there(test: &str, programs: &[&str], package: &str) -> bool {
    let missing: Vec<&&str> = programs.iter().filter(|program| !Path::new(program).exists()).collect();
    if !missing.is_empty() {
        eprintln!(
            "skipped: `{test}` needs {missing:?}, of Debian's {package}, which `cargo xtask test` installs as root"
        );
    }
    missing.is_empty()
}

/// Who runs a server: the package's own user where the tests run as root, else whoever runs the tests.
#[derive(Clone, Copy)]
pub struct User(Option<(u32, u32)>);

impl User {
    pub fn of(name: &str) -> Self {
        let id = |arguments: &[&str]| {
            let output = Command::new("id").args(arguments).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().unwrap()
        };
        Self((id(&["-u"]) == 0).then(|| (id(&["-u", name]), id(&["-g", name]))))
    }

    /// Whether it is another than who runs the tests: these run as root.
    pub fn is_root(self) -> bool {
        self.0.is_some()
    }

    /// A program that this user starts.
    pub fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
        command
    }

    /// A folder of its own, which it can reach.
    pub fn folder(self, path: &Path) -> PathBuf {
        fs::create_dir_all(path).unwrap();
        if let Self(Some((user, group))) = self {
            let parent = path.parent().unwrap();
            fs::set_permissions(parent, Permissions::from_mode(0o711)).unwrap();
            chown(path, Some(user), Some(group)).unwrap();
        }
        path.to_owned()
    }

    /// Starts a server and waits until `answers`. What it says goes to a file.
    pub fn start(self, log: &Path, command: &[&str], answers: impl Fn() -> bool) -> Daemon {
        let said = fs::File::create(log).unwrap();
        let mut timed = self.command("timeout");
        timed.args(["--kill-after=10", LONGEST]).args(command).current_dir("/");
        timed.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        let mut daemon = Daemon { child: timed.spawn().unwrap() };
        let begun = Instant::now();
        while !answers() {
            let said = || fs::read_to_string(log).unwrap_or_default();
            assert!(daemon.child.try_wait().unwrap().is_none(), "{command:?} ended: {}", said());
            assert!(begun.elapsed() < PATIENCE, "{command:?} does not answer: {}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
        daemon
    }
}

/// A server that runs. It ends when this is dropped.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Asks it to end, and waits for that.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a client to its end, with what it reads.
pub fn run(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()); // it may have ended before
    child.wait_with_output().unwrap()
}

/// Accounts for every byte of a log: it is what the messages say, each once, and line ends between them. What is no UTF-8 is
/// compared as a question shows it.
pub fn account(log: &[u8], mut messages: Vec<String>) {
    let text = String::from_utf8_lossy(log);
    messages.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut rest = text.trim_start_matches(['\r', '\n']);
    while !rest.is_empty() {
        let ends = |message: &str| rest[message.len()..].starts_with(['\r', '\n']) || rest.len() == message.len();
        let found = messages.iter().rposition(|message| rest.starts_with(message.as_str()) && ends(message));
        let Some(found) = found else { panic!("no record has {:?}", &rest.chars().take(300).collect::<String>()) };
        rest = rest[messages.remove(found).len()..].trim_start_matches(['\r', '\n']);
    }
    assert!(messages.is_empty(), "these are not in the log: {messages:?}");
}
