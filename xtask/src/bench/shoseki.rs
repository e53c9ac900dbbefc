//! Our own side of the benchmark: the release binary, its vault, and each piece of work as a process.
//!
//! Warm figures come from `shoseki shell`, as anybody can have them: it reads the same question several times from a pipe and
//! says with `\timing` how long each answer took.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::Options;
use super::measure::{self, Figures, Job, Measured};
use super::work::Work;
use crate::call;
use crate::repository::Repository;

/// The binary with a vault.
pub struct Shoseki {
    binary: PathBuf,
    folder: PathBuf,
    vault: PathBuf,
    keys: PathBuf,
    tree: PathBuf,
    word: String,
}

/// Builds the binary, or takes the one that was given.
pub fn binary(options: &Options) -> Result<PathBuf> {
    if let Some(given) = &options.binary {
        return std::path::absolute(given).with_context(|| format!("no path: `{}`", given.display()));
    }
    if !call::succeeds(call::cargo().args(["build", "--release", "-p", "shoseki-cli"]))? {
        bail!("shoseki does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Repository::root().join("target"), PathBuf::from);
    Ok(target.join("release").join("shoseki"))
}

impl Shoseki {
    /// A binary, its vault and its notes in `folder`, the events of a tree, and the word that is looked for.
    pub fn new(binary: &Path, folder: &Path, tree: &Path, word: &str) -> Self {
        Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            vault: folder.join("vault"),
            keys: folder.join("keys"),
            tree: tree.to_owned(),
            word: word.to_owned(),
        }
    }

    /// A process of the binary; `notes` is a folder that no other process writes its notes to meanwhile.
    fn job(&self, arguments: &[&str], notes: &Path) -> Job {
        let mut job = Job::new(&self.binary, notes);
        job.command.args(["--lang", "en"]).args(arguments).arg("--vault").arg(&self.vault);
        job.command.env("SHOSEKI_KEY_DIR", &self.keys);
        job
    }

    /// Cold figures of `runs` processes, warm ones of `repeats` answers within one.
    pub fn measure(&self, work: Work, runs: u32, repeats: u32) -> Result<Measured> {
        if work != Work::Ingest && !self.vault.is_dir() {
            self.ingest()?; // the work needs a vault, whose making is not measured
        }
        let once = || match work {
            Work::Ingest => self.ingest(),
            Work::Verify => self.job(&["verify"], &self.folder).measure(),
            Work::VerifyDeep => self.job(&["verify", "--deep"], &self.folder).measure(),
            _ => self.query(work, &self.folder),
        };
        let cold = measure::median((0..runs).map(|_| once()).collect::<Result<Vec<_>>>()?);
        let warm = if work.is_query() { Some(self.ask(work, repeats)?) } else { None };
        Ok(Measured { cold, warm })
    }

    fn ingest(&self) -> Result<Figures> {
        self.init()?;
        let figures = self.take_in(std::slice::from_ref(&self.tree))?;
        Ok(Figures { bytes: Some(measure::folder_bytes(&self.vault)?), ..figures })
    }

    /// An empty vault in the place of the one before.
    pub fn init(&self) -> Result<()> {
        for folder in [&self.vault, &self.keys] {
            if folder.exists() {
                fs::remove_dir_all(folder).with_context(|| format!("cannot clear `{}`", folder.display()))?;
            }
        }
        fs::create_dir_all(&self.folder)?;
        let mut init = Job::new(&self.binary, &self.folder);
        init.command.arg("init").arg(&self.vault).arg("--key-dir").arg(&self.keys);
        init.measure()?;
        Ok(())
    }

    /// Takes files or folders in.
    pub fn take_in(&self, paths: &[PathBuf]) -> Result<Figures> {
        let mut ingest = self.job(&["ingest", "cloudtrail"], &self.folder);
        ingest.command.args(paths);
        ingest.measure()
    }

    /// Asks once, as a whole process.
    pub fn query(&self, work: Work, notes: &Path) -> Result<Figures> {
        let rows = notes.join("rows.csv");
        let mut query = self.job(&["query", &work.query(&self.word), "-o", "csv"], notes);
        query.command.stdout(fs::File::create(&rows)?);
        let (figures, _) = heard(query, notes)?;
        Ok(Figures { rows: Some(measure::csv_rows(&fs::read(&rows)?)), ..figures })
    }

    /// Asks several times within one process; the best of them counts.
    fn ask(&self, work: Work, repeats: u32) -> Result<Figures> {
        let (questions, answers) = (self.folder.join("questions.txt"), self.folder.join("answers.csv"));
        let question = format!("{};\n", work.query(&self.word));
        fs::write(&questions, format!("\\timing on\n\\o csv\n{}", question.repeat(repeats as usize)))?;
        let mut shell = self.job(&["shell"], &self.folder);
        shell.command.stdin(fs::File::open(&questions)?).stdout(fs::File::create(&answers)?);
        let (figures, said) = heard(shell, &self.folder)?;
        let seconds = times(&said);
        ensure!(seconds.len() == repeats as usize, "the shell did not say {repeats} times how long it took:\n{said}");
        Ok(measure::best(&seconds, figures))
    }
}

/// Runs a process, and keeps what it says beside its result off the terminal.
fn heard(mut job: Job, notes: &Path) -> Result<(Figures, String)> {
    let file = notes.join("notes.txt");
    job.command.stderr(fs::File::create(&file)?);
    let figures = job.measure();
    let said = fs::read_to_string(&file)?;
    let figures = figures.with_context(|| format!("it said:\n{said}"))?;
    Ok((figures, said))
}

/// What `\timing` said, in seconds: `time: 12.345 ms`.
fn times(said: &str) -> Vec<f64> {
    let milliseconds = |line: &str| line.strip_prefix("time: ")?.strip_suffix(" ms")?.parse::<f64>().ok();
    said.lines().filter_map(milliseconds).map(|milliseconds| milliseconds / 1_000.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_among_the_notes() {
        assert_eq!(times("hint: time: 1 ms\ntime: 12.500 ms\n\ntime: 2.0 ms\ntime: x ms\n"), [0.0125, 0.002]);
        let english = include_str!("../../../crates/messages/catalogue/en/cli.ftl");
        assert!(english.contains("\ncli-shell-took = time: { $milliseconds } ms\n"), "what is read is what is said");
    }
}
