//! The benchmark's peers: DuckDB and ClickHouse from PyPI, by `bench/duckdb_peer.py` and `bench/clickhouse_peer.py`.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::measure::{self, Figures, Job, Measured};
use super::table::Side;
use super::work::Work;

/// One of them, with its store.
pub struct Peer {
    side: Side,
    python: PathBuf,
    folder: PathBuf,
    store: PathBuf,
    tree: PathBuf,
    word: String,
    version: OnceCell<String>,
}

/// What a peer prints.
#[derive(Debug, Deserialize)]
struct Said {
    seconds: Vec<f64>,
    rows: Option<u64>,
    bytes: Option<u64>,
    version: String,
}

impl Peer {
    /// A peer with its store and its notes in `folder`, the events of a tree, and the word that is looked for.
    pub fn new(side: Side, python: PathBuf, folder: &Path, (tree, word): (&Path, &str)) -> Self {
        Self {
            side,
            python,
            folder: folder.to_owned(),
            store: folder.join(side.name()),
            tree: tree.to_owned(),
            word: word.to_owned(),
            version: OnceCell::new(),
        }
    }

    /// Who it is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What it says of its version, once it has said anything.
    pub fn version(&self) -> &str {
        self.version.get().map_or("", String::as_str)
    }

    /// Cold figures of `runs` processes, the interpreter's start included, and warm ones of `repeats` answers within one.
    pub fn measure(&self, work: Work, runs: u32, repeats: u32) -> Result<Measured> {
        if !work.is_query() {
            let runs = (0..runs).map(|_| Ok(self.convert()?.0)).collect::<Result<Vec<_>>>()?;
            let bytes = self.merge()?;
            return Ok(Measured { cold: Figures { bytes, ..measure::median(runs) }, warm: None });
        }
        if !self.store.exists() {
            self.convert()?;
            self.merge()?;
        }
        let ask = |repeats: u32| {
            let mut job = self.job("query");
            job.command.arg(work.name()).arg(&self.store).arg(self.folder.join("peer.csv"));
            job.command.args(["--repeats", &repeats.to_string(), "--word", &self.word]);
            self.run(job)
        };
        let cold = (0..runs).map(|_| ask(1)).collect::<Result<Vec<_>>>()?;
        let rows = cold.last().and_then(|(_, said)| said.rows);
        let cold = measure::median(cold.into_iter().map(|(figures, _)| figures).collect());
        let (figures, said) = ask(repeats)?;
        Ok(Measured { cold: Figures { rows, ..cold }, warm: Some(measure::best(&said.seconds, figures)) })
    }

    fn convert(&self) -> Result<(Figures, Said)> {
        let mut job = self.job("convert");
        job.command.arg(&self.tree).arg(&self.store);
        self.run(job)
    }

    /// What it would do later by itself, so that it is asked at its best; how many bytes it then has.
    fn merge(&self) -> Result<Option<u64>> {
        let mut job = self.job("merge");
        job.command.arg(&self.store);
        Ok(self.run(job)?.1.bytes)
    }

    fn job(&self, verb: &str) -> Job {
        let mut job = Job::new(&self.python, &self.folder);
        job.command.arg(format!("bench/{}_peer.py", self.side.name())).arg(verb);
        job.command.env("PYTHONDONTWRITEBYTECODE", "1");
        job
    }

    fn run(&self, mut job: Job) -> Result<(Figures, Said)> {
        let report = self.folder.join("peer.json");
        job.command.stdout(fs::File::create(&report)?);
        let figures = job.measure()?;
        let said = read(&fs::read_to_string(&report)?).with_context(|| format!("{}'s figures", self.side.title()))?;
        self.version.get_or_init(|| said.version.clone());
        Ok((figures, said))
    }
}

/// The last line; a library may have said something before it.
fn read(text: &str) -> Result<Said> {
    let line = text.lines().last().context("it said nothing")?;
    Ok(serde_json::from_str(line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_peer_counts() {
        let said = read("hello\n{\"seconds\": [0.5, 0.25], \"rows\": 3, \"version\": \"1\", \"more\": 1}\n").unwrap();
        assert_eq!((said.seconds, said.rows, said.bytes), (vec![0.5, 0.25], Some(3), None));
        assert!(read("").is_err() && read("{}").is_err());
    }

    #[test]
    fn the_scripts_of_the_peers_are_there() {
        for side in [Side::Duckdb, Side::Clickhouse] {
            let script = format!("bench/{}_peer.py", side.name());
            assert!(crate::repository::Repository::root().join(&script).is_file(), "{script}");
        }
    }
}
