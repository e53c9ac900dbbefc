//! One process measured: its wall time and its peak memory.
//!
//! GNU time asks the kernel (`wait4`) and is exact; where it is missing, `/proc/<pid>/status` is read until the process ends,
//! whose `VmHWM` is the peak so far.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::call;

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// From start to end.
    pub seconds: f64,
    /// What the processors worked for it, where GNU time tells: steadier than the clock on a busy machine.
    pub processor_seconds: Option<f64>,
    /// The most memory that it held.
    pub peak_bytes: u64,
    /// What it stored.
    pub bytes: Option<u64>,
    /// The rows of its result.
    pub rows: Option<u64>,
}

/// What a piece of work cost in both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// As a whole process, from a cold start to its end.
    pub cold: Figures,
    /// Within one process that had its store open and the question answered before.
    pub warm: Option<Figures>,
}

const GNU_TIME: &str = "/usr/bin/time";
const POLL: Duration = Duration::from_millis(2);

static HAS_GNU_TIME: LazyLock<bool> = LazyLock::new(|| {
    let said = Command::new(GNU_TIME).arg("--version").stdin(Stdio::null()).output();
    said.is_ok_and(|said| [said.stdout, said.stderr].iter().any(|text| String::from_utf8_lossy(text).contains("GNU")))
});

/// A process that is to be measured.
pub struct Job {
    /// The command: arguments and environment are added to it.
    pub command: Command,
    program: PathBuf,
    peak: Option<PathBuf>,
}

impl Job {
    /// A program at the repository's root, whose output is dropped; `folder` holds what GNU time writes.
    pub fn new(program: &Path, folder: &Path) -> Self {
        let peak = HAS_GNU_TIME.then(|| folder.join("peak.txt"));
        let mut command = match &peak {
            Some(file) => {
                let mut command = call::at_root(GNU_TIME);
                command.args(["-f", "%M %U %S", "-o"]).arg(file).arg(program);
                command
            }
            None => call::at_root(program),
        };
        command.stdout(Stdio::null());
        Self { command, program: program.to_owned(), peak }
    }

    /// Runs it to its end; fails where it fails.
    pub fn measure(mut self) -> Result<Figures> {
        let program = self.program.display();
        let started = Instant::now();
        let mut child = self.command.spawn().with_context(|| format!("cannot run `{program}`"))?;
        let (status, figures) = match &self.peak {
            Some(file) => (child.wait()?, by_time(&fs::read_to_string(file)?)?),
            None => watch(&mut child)?,
        };
        let seconds = started.elapsed().as_secs_f64();
        if !status.success() {
            bail!("`{program}` failed ({status})");
        }
        Ok(Figures { seconds, ..figures })
    }
}

/// GNU time's last line: the peak in kibibytes, seconds in the program, seconds in the kernel. One that says how the program
/// failed may stand before it.
fn by_time(text: &str) -> Result<Figures> {
    let line = text.lines().last().unwrap_or_default();
    let numbers: Option<Vec<f64>> = line.split(' ').map(|word| word.parse().ok()).collect();
    match numbers.as_deref() {
        Some([kibibytes, program, kernel]) => Ok(Figures {
            peak_bytes: *kibibytes as u64 * 1_024,
            processor_seconds: Some(program + kernel),
            ..Figures::default()
        }),
        _ => bail!("expected three numbers from `{GNU_TIME}`, not `{line}`"),
    }
}

fn watch(child: &mut Child) -> Result<(ExitStatus, Figures)> {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Ok(text) = fs::read_to_string(&path) {
            peak = peak.max(peak_of_status(&text).unwrap_or(0));
        }
        if let Some(status) = child.try_wait()? {
            return Ok((status, Figures { peak_bytes: peak, ..Figures::default() }));
        }
        thread::sleep(POLL);
    }
}

/// `VmHWM:     1234 kB`; a process that has ended has no such line any more.
pub fn peak_of_status(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// The median of several runs: of the seconds; of memory the most, for it must never be more.
pub fn median(mut found: Vec<Figures>) -> Figures {
    found.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let peak_bytes = found.iter().map(|figures| figures.peak_bytes).max().unwrap_or_default();
    found.get(found.len() / 2).map_or_else(Figures::default, |middle| Figures { peak_bytes, ..*middle })
}

/// The best of several answers within one process; the rest of its figures are of all of them.
pub fn best(seconds: &[f64], figures: Figures) -> Figures {
    let best = seconds.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
    Figures { seconds: best, processor_seconds: None, ..figures }
}

/// How many processes have wanted to run over the last minute; `None` where the system does not say.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// What all files under a folder hold.
pub fn folder_bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
        let entry = entry?;
        let meta = entry.metadata()?;
        sum += if meta.is_dir() { folder_bytes(&entry.path())? } else { meta.len() };
    }
    Ok(sum)
}

/// The rows of a CSV file without its heading; a line break between quotes ends none.
pub fn csv_rows(text: &[u8]) -> u64 {
    let (mut quoted, mut lines, mut open) = (false, 0_u64, false);
    for byte in text {
        quoted ^= *byte == b'"';
        let ends = *byte == b'\n' && !quoted;
        lines += u64::from(ends);
        open = !ends;
    }
    (lines + u64::from(open)).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_measured_either_way() {
        let folder = tempfile::tempdir().unwrap();
        let mut job = Job::new(Path::new("sh"), folder.path());
        job.command.args(["-c", "exit 0"]);
        let figures = job.measure().unwrap();
        assert!(figures.seconds > 0.0);
        let mut child = Command::new("sh").args(["-c", "read line"]).stdin(Stdio::piped()).spawn().unwrap();
        let polled = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        assert!(peak_of_status(&polled).unwrap() > 0);
        drop(child.stdin.take());
        assert!(!watch(&mut child).unwrap().0.success());
    }

    #[test]
    fn a_process_that_fails_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut job = Job::new(Path::new("sh"), folder.path());
        job.command.args(["-c", "exit 3"]);
        assert!(job.measure().unwrap_err().to_string().contains("failed"));
    }

    #[test]
    fn the_last_line_of_time_counts() {
        let figures = by_time("Command exited with non-zero status 1\n2048 1.25 0.50\n").unwrap();
        assert_eq!((figures.peak_bytes, figures.processor_seconds), (2_097_152, Some(1.75)));
        assert!(by_time("").is_err());
        assert_eq!(peak_of_status("Name: x\nVmHWM:\t   12 kB\n"), Some(12_288));
    }

    #[test]
    fn the_middle_run_counts_and_the_highest_peak() {
        let run = |seconds, peak_bytes| Figures { seconds, peak_bytes, ..Figures::default() };
        assert_eq!(median(vec![run(3.0, 1), run(1.0, 9), run(2.0, 2)]), run(2.0, 9));
    }

    #[test]
    fn the_best_answer_counts() {
        let figures = Figures { seconds: 9.0, peak_bytes: 7, processor_seconds: Some(8.0), ..Figures::default() };
        let best = best(&[0.3, 0.1, 0.2], figures);
        assert_eq!((best.seconds, best.peak_bytes, best.processor_seconds), (0.1, 7, None));
    }

    #[test]
    fn rows_are_counted_over_line_breaks_in_quotes() {
        assert_eq!(csv_rows(b"a,b\n1,\"x\ny\"\"\"\n2,z\n"), 2);
        assert_eq!(csv_rows(b"a\n1"), 1);
        assert_eq!(csv_rows(b""), 0);
    }
}
