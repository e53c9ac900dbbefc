//! `cargo xtask bench`: the table of speed and size, beside DuckDB and ClickHouse doing the same work in the same run.
//!
//! Cold, each piece of work is a process of its own, from its start to its end, on each side. Warm, one process answers the
//! same question several times. Never part of the tests: a loaded machine must not fail them.

mod detect;
mod estate;
mod growth;
mod iac;
mod long;
mod measure;
mod mixed;
mod needle;
mod parsers;
mod peer;
mod push;
mod random;
mod shoseki;
mod table;
mod template;
mod trail;
mod tree;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::repository::Repository;
use crate::test::python;

use peer::Peer;
use shoseki::Shoseki;
use table::{Row, Side, Table, Times};
use work::Work;

/// The command line of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// How many events the tree holds.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    events: u64,
    /// Where the vault and the peers' stores are put, and left; what stands there is used again.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only this piece of work; may be given more than once.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Work>,
    /// Only this side; may be given more than once.
    #[arg(long, value_enum, value_name = "NAME")]
    side: Vec<Side>,
    /// How often each piece of work runs as a process of its own.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// How often a question is asked within one process.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    repeats: u32,
    /// Where the figures are written as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measures this program rather than building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Only makes the tree.
    #[arg(long)]
    tree_only: bool,
    #[command(flatten)]
    instead: Instead,
    /// How many events come a second.
    #[arg(long, default_value_t = 20_000, requires = "push", value_parser = clap::value_parser!(u64).range(400..=1_000_000))]
    rate: u64,
    /// For how many seconds.
    #[arg(long, default_value_t = 60, requires = "push", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// How often it is killed.
    #[arg(long, default_value_t = 10, requires = "push", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    kills: u32,
    /// How many log files the trail has.
    #[arg(long, default_value_t = 100_000, requires = "trail", value_parser = clap::value_parser!(u64).range(60..=10_000_000))]
    files: u64,
    /// How many of them the AWS CLI is given.
    #[arg(long, default_value_t = 3_000, requires = "trail", value_parser = clap::value_parser!(u64).range(60..=10_000_000))]
    peer_files: u64,
}

/// What is measured instead of the table: one of these.
#[derive(Args)]
#[group(multiple = false, conflicts_with_all = ["only", "side", "tree_only"])]
struct Instead {
    /// How much longer questions take over ten times as many events.
    #[arg(long)]
    growth: bool,
    /// Many questions at once while an ingest goes on.
    #[arg(long, conflicts_with_all = ["runs", "repeats"])]
    mixed: bool,
    /// The memory of the ingest of one document of 2 GB.
    #[arg(long, conflicts_with_all = ["runs", "repeats", "events"])]
    long_file: bool,
    /// `validate cloudtrail` beside `aws cloudtrail validate-logs`.
    #[arg(long, conflicts_with_all = ["repeats", "events"])]
    trail: bool,
    /// `serve` under a load of Kubernetes audit events, and under kills.
    #[arg(long, conflicts_with_all = ["repeats", "events"])]
    push: bool,
    /// How fast each parser is, alone on one core.
    #[arg(long, conflicts_with_all = ["repeats", "events", "keep", "binary", "json"])]
    parsers: bool,
    /// How many events a second our rules look at, alone on one core.
    #[arg(long, conflicts_with_all = ["repeats", "events", "keep", "binary", "json"])]
    detect: bool,
    /// `check iac` over ten thousand resources of Terraform, as code and as a plan.
    #[arg(long, conflicts_with_all = ["repeats", "events", "json"])]
    iac: bool,
}

impl Options {
    fn measures(&self, side: Side) -> bool {
        self.side.is_empty() || self.side.contains(&side)
    }
}

/// Makes the tree, measures, prints the table. `true` where every piece of work succeeded and all sides found the same.
pub fn run(options: &Options) -> Result<bool> {
    if options.instead.parsers {
        return parsers::run(options.runs);
    }
    if options.instead.detect {
        return detect::run(options.runs);
    }
    let root = Repository::root();
    let trees = root.join("bench-data");
    if options.tree_only {
        tree::prepare(&trees, usize::try_from(options.events)?)?;
        return Ok(true);
    }
    if let Some(load) = measure::load().filter(|load| *load > 0.5) {
        println!("bench: this machine is busy (load {load}): the seconds will be too many, on all sides");
    }
    let folder = match &options.keep {
        Some(folder) => std::path::absolute(folder)?,
        None => trees.join("run"),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let binary = || shoseki::binary(options);
    let agrees = match &options.instead {
        Instead { push: true, .. } => push::run(options, &folder, &binary()?)?,
        Instead { iac: true, .. } => iac::run(options, &folder, &binary()?)?,
        Instead { trail: true, .. } => trail::run(options, (&trees, &folder), &binary()?)?,
        Instead { growth: true, .. } => growth::run(options, (&trees, &folder), &binary()?)?,
        Instead { mixed: true, .. } => mixed::run(options, (&trees, &folder), &binary()?)?,
        Instead { long_file: true, .. } => long::run(options, (&trees, &folder), &binary()?)?,
        _ => side_by_side(options, &root, &folder)?,
    };
    if options.keep.is_none() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(agrees)
}

/// The table.
fn side_by_side(options: &Options, root: &Path, folder: &Path) -> Result<bool> {
    let (tree, manifest) = tree::prepare(&root.join("bench-data"), usize::try_from(options.events)?)?;
    let word = needle::access_key(&tree)?;
    println!(
        "bench: {} events in {} files, {} of JSON, {} of gzip; the access key is {word}",
        manifest.events,
        manifest.files,
        table::bytes(manifest.json_bytes),
        table::bytes(manifest.gzip_bytes)
    );
    let ours = match options.measures(Side::Shoseki) {
        true => Some(Shoseki::new(&shoseki::binary(options)?, folder, &tree, &word)),
        false => None,
    };
    let peers = [
        peer(options, Side::Duckdb, || python::prepare(root), (folder, &tree, &word)),
        peer(options, Side::Clickhouse, || python::prepare_bench(root), (folder, &tree, &word)),
    ];
    let mut table = Table::new(&manifest, Times { runs: options.runs, repeats: options.repeats });
    for work in Work::value_variants() {
        if !options.only.is_empty() && !options.only.contains(work) {
            continue;
        }
        println!("bench: {}", work.name());
        let measured = ours.as_ref().map(|ours| ours.measure(*work, options.runs, options.repeats)).transpose()?;
        let mut sides = [measured, None, None];
        for (figures, peer) in sides[1..].iter_mut().zip(&peers) {
            if let Some(peer) = peer.as_ref().filter(|_| work.has_peers()) {
                *figures = Some(peer.measure(*work, options.runs, options.repeats)?);
            }
        }
        table.add(Row { work: *work, sides });
    }
    for peer in peers.iter().flatten() {
        table.note_version(peer.side(), peer.version());
    }
    table.print();
    if let Some(file) = &options.json {
        fs::write(file, table.json()?).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(table.agrees())
}

/// A peer; `None`, and the reason on the terminal, where Python or PyPI is out of reach: the rest is still measured.
fn peer(
    options: &Options,
    side: Side,
    prepare: impl Fn() -> Result<PathBuf>,
    (folder, tree, word): (&Path, &Path, &str),
) -> Option<Peer> {
    if !options.measures(side) {
        return None;
    }
    match prepare() {
        Ok(python) => Some(Peer::new(side, python, folder, (tree, word))),
        Err(error) => {
            println!("bench: {} is not measured: {error:#}", side.title());
            None
        }
    }
}
