//! A command as a process of its own: the very command that a person would type, so there is no second way to run a check or make a
//! report. What it needs of memory is gone when it ends, what comes in goes first on the processor, and where it dies, `serve` does not.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use shoseki_messages::{Fault, Result, Value as Said, msg};
use shoseki_server::config::Schedule;
use shoseki_server::schedule::{Ran, Run, Runner};

use super::words;

/// The variable that says by which schedule a command runs: its record has it.
pub const VARIABLE: &str = "SHOSEKI_SCHEDULE";
/// How long is waited until it is looked again whether it ended.
const LOOK: Duration = Duration::from_millis(20);
/// How long is waited for the end of a process that is killed.
const KILLED: Duration = Duration::from_secs(2);
/// The most that is read of what it prints.
const MOST: usize = 64 << 20;
/// The most that is kept of what it says on standard error: the end of it, where it says why it failed.
const HEARD: usize = 16_000;
/// The most that is shown of it, in letters.
const SAID: usize = 2_000;

/// What each command is given.
pub(super) struct Child {
    pub(super) config: PathBuf,
    pub(super) vault: String,
    pub(super) key_dir: Option<PathBuf>,
    pub(super) wal: PathBuf,
    /// The region that the vault's bucket is in, where the configuration says one.
    pub(super) region: Option<String>,
}

/// What a process printed, and how it ended.
struct Ended {
    /// Nothing where it was stopped, since its time was over.
    status: Option<ExitStatus>,
    out: Vec<u8>,
    is_cut: bool,
    err: String,
}

/// Whether it is about the vault's files, and asks nothing of what is in them.
fn is_of_the_vault(schedule: &Schedule) -> bool {
    schedule.replica.is_some() || schedule.retention.is_some()
}

#[async_trait]
impl Runner for Child {
    async fn run(&self, run: &Run<'_>, lock: &File) -> Result<Ran> {
        let (words, file) = words::of(run, &self.config);
        let line = words::line(&words);
        if let Some(folder) = file.as_ref().and_then(|file| file.parent()) {
            let path = folder.display().to_string();
            std::fs::create_dir_all(folder)
                .map_err(|error| Fault::world(msg!("schedule-folder-unwritable", path = path)).because(error))?;
        }
        let command = self.command(run.schedule, &words, lock)?;
        let (guard, timeout) = (Stop::default(), run.schedule.timeout.0);
        let (stop, is_over) = (Arc::clone(&guard.stop), Arc::clone(&guard.is_over));
        let died = |error| Fault::broken(msg!("schedule-child-died")).because(error);
        let ended = tokio::task::spawn_blocking(move || {
            let ended = to_end(command, &stop, timeout);
            is_over.store(true, Ordering::Relaxed);
            ended
        });
        let ended = ended.await.map_err(died)??;
        let Some(status) = ended.status else {
            let length = format!("{}s", timeout.as_secs());
            return Err(Fault::world(msg!("schedule-timeout", command = line, length = length)));
        };
        let is_rows = run.schedule.query.is_some();
        let must_succeed = is_rows || is_of_the_vault(run.schedule);
        match report(&ended, is_rows).filter(|_| !must_succeed || status.success()) {
            Some(report) => Ok(Ran { command: line, report, said: short(ended.err.trim()), is_cut: ended.is_cut }),
            None => {
                let code = status.code().map_or_else(|| "-".to_owned(), |code| code.to_string());
                let said = why(&ended.err);
                Err(Fault::world(msg!("schedule-command-failed", command = line, code = code, said = said)))
            }
        }
    }
}

/// What it printed, as data. Of rows, those that were read where there are too many.
fn report(ended: &Ended, is_rows: bool) -> Option<Value> {
    if !is_rows {
        return serde_json::from_slice(&ended.out).ok();
    }
    let text = String::from_utf8_lossy(&ended.out);
    let whole = if ended.is_cut { text.rsplit_once('\n').map_or("", |(whole, _)| whole) } else { &text };
    whole.lines().map(|line| serde_json::from_str(line).ok()).collect::<Option<Vec<Value>>>().map(Value::Array)
}

/// Why it failed, in each language, as it says in its last line; else what it said.
fn why(err: &str) -> Said {
    let last = err.trim_end().lines().next_back().unwrap_or_default();
    let fault = serde_json::from_str::<Value>(last).ok();
    let text = |lang: &str| fault.as_ref().and_then(|fault| fault["error"][lang].as_str()).map(short);
    match (text("en"), text("ja")) {
        (Some(en), Some(ja)) => Said::Both { en, ja },
        _ => Said::Text(short(err.trim())),
    }
}

/// The end of a text that is too long to be shown.
fn short(text: &str) -> String {
    let letters = text.chars().count();
    match letters > SAID {
        true => text.chars().skip(letters - SAID).collect(),
        false => text.to_owned(),
    }
}

impl Child {
    fn command(&self, schedule: &Schedule, words: &[String], lock: &File) -> Result<Command> {
        let own = std::env::current_exe().map_err(|error| Fault::world(msg!("schedule-no-program")).because(error))?;
        // Where the program was replaced meanwhile, the system still has the one that runs.
        let running = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
        let program = if own.exists() || !running.exists() { own } else { running };
        let mut command = match nice() {
            Some(nice) => {
                let mut command = Command::new(nice);
                command.args(["-n", "10"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(words).args(["--vault", &self.vault]);
        if let Some(folder) = &self.key_dir {
            command.arg("--key-dir").arg(folder);
        }
        match &schedule.query {
            Some(_) => command.args(["-o", "jsonl"]),
            None => command.arg("--json"),
        };
        if let Some(lang) = words::needs_language(words) {
            command.args(["--lang", lang.code()]);
        }
        if !is_of_the_vault(schedule) {
            command.args(["--memory", &format!("{}B", schedule.memory.0)]);
        }
        command.env("SHOSEKI_WAL", &self.wal).env("SHOSEKI_REQUIRE_RECORD", "true").env(VARIABLE, &schedule.name);
        command.env("TOKIO_WORKER_THREADS", "1"); // one core for questions: the others are for what comes in
        if let Some(region) = &self.region {
            command.env("AWS_REGION", region);
        }
        // None of these commands reads what comes in. The lock goes with it in that place, and is held until it ends, also where we are
        // killed before: then nobody begins the same beside it.
        let failed = |error| Fault::world(msg!("schedule-no-program")).because(error);
        let lock = lock.try_clone().map_err(failed)?;
        command.stdin(Stdio::from(lock)).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C in a terminal is for `serve`, which stops it: it shall not be taken for a failure.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(command)
    }
}

/// The program that lets another one wait for those that are more pressing, where the machine has it.
fn nice() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join("nice")).find(|path| cfg!(unix) && path.is_file())
}

/// Stops the process when whoever waits for it is gone: `serve` that ends leaves none behind.
#[derive(Default)]
struct Stop {
    stop: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        while !self.is_over.load(Ordering::Relaxed) && begun.elapsed() < KILLED {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn to_end(mut command: Command, stop: &AtomicBool, timeout: Duration) -> Result<Ended> {
    let failed = |error| Fault::world(msg!("schedule-no-program")).because(error);
    let mut child = command.spawn().map_err(failed)?;
    let out = child.stdout.take().map(|out| std::thread::spawn(move || read(out, MOST)));
    let err = child.stderr.take().map(|err| std::thread::spawn(move || end_of(err, HEARD)));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break Some(status);
        }
        if stop.load(Ordering::Relaxed) || begun.elapsed() > timeout {
            let _ = child.kill(); // it may have ended meanwhile
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(LOOK);
    };
    let (out, is_cut) = out.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let err = err.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok(Ended { status, out, is_cut, err: String::from_utf8_lossy(&err).into_owned() })
}

/// Reads to the end, and keeps that.
fn end_of(mut from: impl Read, most: usize) -> Vec<u8> {
    let (mut kept, mut part) = (VecDeque::new(), [0; 4_096]);
    while let Ok(length @ 1..) = from.read(&mut part) {
        kept.extend(part.iter().take(length));
        kept.drain(..kept.len().saturating_sub(most));
    }
    kept.into()
}

/// Reads to the end, and keeps the beginning. Gives whether there was more.
fn read(mut from: impl Read, most: usize) -> (Vec<u8>, bool) {
    let mut kept = Vec::new();
    let mut limited = (&mut from).take(most as u64);
    let _ = limited.read_to_end(&mut kept); // what cannot be read is missed where it is understood
    let more = std::io::copy(&mut from, &mut std::io::sink()).unwrap_or_default();
    (kept, more > 0)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str, is_stopped: bool, timeout: u64) -> Ended {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdout(Stdio::piped()).stderr(Stdio::piped());
        to_end(command, &AtomicBool::new(is_stopped), Duration::from_millis(timeout)).unwrap()
    }

    #[test]
    fn what_takes_too_long_or_is_stopped_ends() {
        let begun = Instant::now();
        assert!(run("exec sleep 60", false, 100).status.is_none());
        assert!(run("exec sleep 60", true, 60_000).status.is_none());
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn what_is_printed_is_read_within_bounds() {
        let ended = run("printf '{\"a\":1}\n'; printf no >&2; exit 4", false, 60_000);
        assert_eq!((ended.status.and_then(|status| status.code()), ended.err.as_str()), (Some(4), "no"));
        assert_eq!(report(&ended, true), Some(serde_json::json!([{"a": 1}])));
        assert_eq!(report(&ended, false), Some(serde_json::json!({"a": 1})));
        let much = run("head -c 50000 /dev/zero >&2; printf end >&2; printf '{}'", false, 60_000);
        assert_eq!((much.err.len(), report(&much, false)), (HEARD, Some(serde_json::json!({}))));
        assert!(much.err.ends_with("end") && short(&much.err).chars().count() == SAID);
        let cut = Ended { status: None, out: b"{\"a\":1}\n{\"a\":".to_vec(), is_cut: true, err: String::new() };
        assert_eq!(report(&cut, true), Some(serde_json::json!([{"a": 1}])));
        assert_eq!(report(&Ended { is_cut: false, ..cut }, true), None);
    }

    #[test]
    fn why_it_failed_is_said_in_each_language() {
        let said = why("a note\n{\"error\":{\"en\":\"no vault\",\"ja\":\"保管庫がありません\"}}\n");
        assert_eq!(said, Said::Both { en: "no vault".to_owned(), ja: "保管庫がありません".to_owned() });
        assert_eq!(why("killed\n"), Said::Text("killed".to_owned()));
        assert_eq!(why(""), Said::Text(String::new()));
    }

    #[test]
    fn what_runs_holds_the_lock_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = File::create(&path).unwrap();
        lock.try_lock().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "read line; exec sleep 1"]).stdin(Stdio::from(lock.try_clone().unwrap()));
        let mut child = command.spawn().unwrap();
        drop((command, lock)); // we are gone
        let other = File::create(&path).unwrap();
        assert!(other.try_lock().is_err(), "it goes on");
        child.wait().unwrap();
        assert!(other.try_lock().is_ok());
    }
}
