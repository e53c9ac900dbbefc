//! `cargo xtask bench`: the table of speed and size, beside DuckDB doing the same work in the same run.
//!
//! Each piece of work is a process of its own, from a cold start to its end, and the median of its runs counts. DuckDB's seconds
//! are those of its work alone, without Python's start. Never part of the tests: a loaded machine must not fail them.

mod estate;
mod measure;
mod random;
mod table;
mod template;
mod tree;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

use crate::call;
use crate::repository::Repository;
use crate::test::python;

use measure::{Figures, Job, median};
use table::{Row, Table};
use work::Work;

/// The command line of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// How many events the tree holds.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    events: u64,
    /// Where the vault and DuckDB's table are put, and left; what stands there is used again.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only this piece of work; may be given more than once.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Work>,
    /// Only shoseki or only DuckDB.
    #[arg(long, value_enum, default_value_t = Side::Both)]
    side: Side,
    /// How often each piece of work runs.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Where the figures are written as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only makes the tree.
    #[arg(long)]
    tree_only: bool,
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Side {
    Both,
    Shoseki,
    Duckdb,
}

/// Makes the tree, measures, prints the table. `true` where every piece of work succeeded and both sides found the same.
pub fn run(options: &Options) -> Result<bool> {
    let root = Repository::root();
    let (tree, manifest) = tree::prepare(&root.join("bench-data"), usize::try_from(options.events)?)?;
    println!(
        "bench: {} events in {} files, {} of JSON, {} of gzip",
        manifest.events,
        manifest.files,
        table::bytes(manifest.json_bytes),
        table::bytes(manifest.gzip_bytes)
    );
    if options.tree_only {
        return Ok(true);
    }
    if let Some(load) = measure::load().filter(|load| *load > 0.5) {
        println!("bench: this machine is busy (load {load}): the seconds will be too many, on both sides");
    }
    let folder = match &options.keep {
        Some(folder) => std::path::absolute(folder)?,
        None => root.join("bench-data").join("run"),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;

    let shoseki = if options.side == Side::Duckdb { None } else { Some(Shoseki::build(&folder, &tree)?) };
    let duckdb = if options.side == Side::Shoseki { None } else { Duckdb::prepare(&root, &folder, &tree) };
    let mut table = Table::new(&manifest, options.runs);
    for work in Work::value_variants() {
        if !options.only.is_empty() && !options.only.contains(work) {
            continue;
        }
        let ours = shoseki.as_ref().map(|side| side.measure(*work, options.runs)).transpose()?;
        let theirs = match &duckdb {
            Some(side) if work.has_peer() => Some(side.measure(*work, options.runs)?),
            _ => None,
        };
        table.add(Row { work: *work, ours, theirs });
    }
    table.print();
    if let Some(file) = &options.json {
        fs::write(file, table.json()?).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    if options.keep.is_none() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(table.agrees())
}

/// Our side: the release binary and its vault.
struct Shoseki<'a> {
    binary: PathBuf,
    folder: PathBuf,
    vault: PathBuf,
    keys: PathBuf,
    tree: &'a Path,
}

impl<'a> Shoseki<'a> {
    fn build(folder: &Path, tree: &'a Path) -> Result<Self> {
        if !call::succeeds(call::cargo().args(["build", "--release", "-p", "shoseki-cli"]))? {
            bail!("shoseki does not build");
        }
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Repository::root().join("target"), PathBuf::from);
        let binary = target.join("release").join("shoseki");
        Ok(Self { binary, folder: folder.to_owned(), vault: folder.join("vault"), keys: folder.join("keys"), tree })
    }

    fn job(&self, arguments: &[&str]) -> Job {
        let mut job = Job::new(&self.binary, &self.folder);
        job.command.args(arguments).env("SHOSEKI_KEY_DIR", &self.keys).env("LANG", "C");
        job
    }

    fn measure(&self, work: Work, runs: u32) -> Result<Figures> {
        if work != Work::Ingest && !self.vault.is_dir() {
            self.ingest()?; // the work needs a vault, whose making is not measured
        }
        let mut found = Vec::new();
        for _ in 0..runs {
            found.push(match work {
                Work::Ingest => self.ingest()?,
                Work::Verify => self.verify(&["verify", "--vault"])?,
                Work::VerifyDeep => self.verify(&["verify", "--deep", "--vault"])?,
                _ => self.query(work.query())?,
            });
        }
        Ok(median(found))
    }

    fn ingest(&self) -> Result<Figures> {
        for folder in [&self.vault, &self.keys] {
            if folder.exists() {
                fs::remove_dir_all(folder).with_context(|| format!("cannot clear `{}`", folder.display()))?;
            }
        }
        let mut init = self.job(&["init"]);
        init.command.arg(&self.vault).arg("--key-dir").arg(&self.keys);
        init.measure()?;
        let mut ingest = self.job(&["ingest", "cloudtrail"]);
        ingest.command.arg(self.tree).arg("--vault").arg(&self.vault);
        let figures = ingest.measure()?;
        Ok(Figures { bytes: Some(measure::folder_bytes(&self.vault)?), ..figures })
    }

    fn verify(&self, arguments: &[&str]) -> Result<Figures> {
        let mut verify = self.job(arguments);
        verify.command.arg(&self.vault);
        verify.measure()
    }

    fn query(&self, text: &str) -> Result<Figures> {
        let rows = self.folder.join("rows.csv");
        let mut query = self.job(&["query", text, "-o", "csv", "--vault"]);
        query.command.arg(&self.vault).stdout(fs::File::create(&rows)?);
        let figures = query.measure()?;
        Ok(Figures { rows: Some(measure::csv_rows(&fs::read(&rows)?)), ..figures })
    }
}

/// The peer: DuckDB from the tests' virtual environment, by `bench/duckdb_peer.py`.
struct Duckdb<'a> {
    python: PathBuf,
    folder: PathBuf,
    table: PathBuf,
    tree: &'a Path,
}

impl<'a> Duckdb<'a> {
    /// `None`, and the reason on the terminal, where Python or PyPI is out of reach: our own side is still measured.
    fn prepare(root: &Path, folder: &Path, tree: &'a Path) -> Option<Self> {
        match python::prepare(root) {
            Ok(python) => Some(Self { python, folder: folder.to_owned(), table: folder.join("duckdb.parquet"), tree }),
            Err(error) => {
                println!("bench: DuckDB is not measured: {error:#}");
                None
            }
        }
    }

    fn measure(&self, work: Work, runs: u32) -> Result<Figures> {
        if work != Work::Ingest && !self.table.is_file() {
            self.run(Work::Ingest)?;
        }
        let found = (0..runs).map(|_| self.run(work)).collect::<Result<Vec<_>>>()?;
        Ok(median(found))
    }

    fn run(&self, work: Work) -> Result<Figures> {
        let mut job = Job::new(&self.python, &self.folder);
        job.command.arg("bench/duckdb_peer.py");
        match work {
            Work::Ingest => job.command.arg("convert").arg(self.tree).arg(&self.table),
            _ => job.command.args(["query", work.name()]).arg(&self.table).arg(self.folder.join("duckdb.csv")),
        };
        let report = self.folder.join("duckdb.json");
        job.command.stdout(fs::File::create(&report)?);
        let figures = job.measure()?;
        let said: serde_json::Value = serde_json::from_slice(&fs::read(&report)?).context("DuckDB's figures")?;
        let seconds = said["seconds"].as_f64().context("DuckDB's figures lack `seconds`")?;
        let bytes = said["bytes"].as_u64().filter(|_| work == Work::Ingest);
        let rows = said["rows"].as_u64().filter(|_| work != Work::Ingest);
        Ok(Figures { seconds, bytes, rows, ..figures })
    }
}
