//! `--trail`: how fast a trail of CloudTrail is judged, beside `aws cloudtrail validate-logs` over the same S3.
//!
//! The S3 is a stub of this program's own (`stub.rs`): moto answers some hundred requests a second, and would itself be what is
//! measured. The AWS CLI reads one file after another, so it is given fewer files; figures are compared by file.

mod stub;
#[path = "../../../../crates/verify/src/trail/tests/writer.rs"]
mod writer;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::measure::{Figures, Job};
use super::{Options, table};
use crate::call;
use crate::repository::Repository;
use crate::test::python;

use stub::Stub;
use writer::{KEY, Plan, Signer, Trail, extended, keys_file, md5_hex, to_base64};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const BUCKET: &str = "trail-bucket";
const FILES_AN_HOUR: u64 = 60;
const EVENTS_A_FILE: i64 = 50;
/// A trail is written a day at a time: not all of it is in memory.
const HOURS_AT_ONCE: i64 = 24;
/// How many files are inflated and hashed to see what these alone cost.
const SAMPLED: usize = 2_000;
/// By how much shoseki is to be faster, by file.
const TARGET: f64 = 20.0;

/// A trail on the disk.
struct Tree {
    folder: PathBuf,
    plan: Plan,
    files: u64,
}

/// What one side took over how many files.
struct Line {
    name: String,
    files: u64,
    figures: Figures,
}

impl Line {
    fn per_file(&self) -> f64 {
        self.figures.seconds / self.files.max(1) as f64
    }
}

/// Makes the trail, judges it on each side, prints the figures. `true` where all judged it intact.
pub fn run(options: &Options, (trees, folder): (&Path, &Path), binary: &Path) -> Result<bool> {
    let signer = Signer::new(KEY);
    let tree = prepare(trees, options.files, &signer)?;
    let keys = folder.join("keys.json");
    fs::write(&keys, keys_file(&[signer.pkcs1()])).with_context(|| format!("cannot write `{}`", keys.display()))?;
    let stub = Stub::start(&tree.folder.join(BUCKET), BUCKET, &public_keys(&signer))?;
    let end = extended(tree.plan.end(tree.plan.hours - 1) + 600);
    let mut lines = Vec::new();
    for (name, place) in [("folder", tree.folder.display().to_string()), ("S3", format!("s3://{BUCKET}/"))] {
        let mut best: Option<Figures> = None;
        for _ in 0..options.runs {
            let figures = validate(binary, folder, &keys, (&place, &end), &stub)?;
            best = best.filter(|best| best.seconds <= figures.seconds).or(Some(figures));
        }
        lines.push(Line { name: format!("shoseki, {name}"), files: tree.files, figures: best.unwrap_or_default() });
    }
    let asked = stub.asked();
    match aws(options, &tree, trees, &stub) {
        Ok(line) => lines.push(line),
        Err(error) => println!("bench: the AWS CLI is not measured: {error:#}"),
    }
    let alone = alone(&tree)?;
    print!("{}", text(&tree, &lines, alone));
    println!("requests to the stub by shoseki: {asked}");
    if let Some(file) = &options.json {
        let lines: Vec<_> = lines.iter().map(as_json).collect();
        let figures = json!({ "files": tree.files, "sides": lines, "inflating_and_hashing_seconds": alone });
        fs::write(file, figures.to_string()).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(true)
}

fn as_json(line: &Line) -> serde_json::Value {
    let Figures { seconds, processor_seconds, peak_bytes, .. } = line.figures;
    json!({
        "side": line.name, "files": line.files, "seconds": seconds, "processor_seconds": processor_seconds,
        "peak_bytes": peak_bytes,
    })
}

/// The trail, made once.
fn prepare(trees: &Path, files: u64, signer: &Signer) -> Result<Tree> {
    let hours = i64::try_from(files.div_ceil(FILES_AN_HOUR))?;
    let plan = Plan {
        bucket: BUCKET.to_owned(),
        accounts: vec![ACCOUNT.to_owned()],
        regions: vec![REGION.to_owned()],
        trail: "bench".to_owned(),
        home: REGION.to_owned(),
        hours,
        files_an_hour: i64::try_from(FILES_AN_HOUR)?,
        events_a_file: EVENTS_A_FILE,
        ..Plan::default()
    };
    let folder = trees.join(format!("trail-{files}"));
    let tree = Tree { folder, files: u64::try_from(hours)? * FILES_AN_HOUR, plan };
    let whole = tree.folder.join("whole");
    if whole.is_file() {
        return Ok(tree);
    }
    println!("bench: writing {} log files with their digests into `{}`", tree.files, tree.folder.display());
    let mut last = None;
    for first in (0..hours).step_by(usize::try_from(HOURS_AT_ONCE)?) {
        let start = tree.plan.end(first - 1);
        let day = Plan { start, hours: HOURS_AT_ONCE.min(hours - first), ..tree.plan.clone() };
        let mut trail = Trail::default();
        last = day.write_chain(signer, (ACCOUNT, REGION), last, &mut trail);
        trail.to_folder(&tree.folder, true);
    }
    fs::write(&whole, "").with_context(|| format!("cannot write `{}`", whole.display()))?;
    Ok(tree)
}

/// The answer to `ListPublicKeys`.
fn public_keys(signer: &Signer) -> String {
    let (value, fingerprint) = (to_base64(&signer.pkcs1()), md5_hex(&signer.pkcs1()));
    format!(r#"{{"PublicKeyList":[{{"Value":"{value}","Fingerprint":"{fingerprint}"}}]}}"#)
}

fn validate(binary: &Path, folder: &Path, keys: &Path, (place, end): (&str, &str), stub: &Stub) -> Result<Figures> {
    let mut job = Job::new(binary, folder);
    job.command.args(["--lang", "en", "validate", "cloudtrail", place, "--to", end, "--json", "--keys"]).arg(keys);
    job.command.envs(stub.variables());
    job.measure().context("the trail must be intact")
}

/// The AWS CLI over the first hours.
fn aws(options: &Options, tree: &Tree, trees: &Path, stub: &Stub) -> Result<Line> {
    let program = prepare_aws(trees)?;
    let hours = i64::try_from(options.peer_files.div_ceil(FILES_AN_HOUR))?.clamp(1, tree.plan.hours);
    // Its range is by the ends of digests, and it takes one hour more.
    let (start, end) = (extended(tree.plan.start), extended(tree.plan.end(hours - 1) - 3_600));
    let mut command = call::at_root(&program);
    command.args(["cloudtrail", "validate-logs", "--region", REGION, "--s3-bucket", BUCKET]);
    command.args(["--trail-arn", &format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/bench")]);
    command.args(["--start-time", &start, "--end-time", &end]).envs(stub.variables());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let output = command.output().context("cannot run the AWS CLI")?;
    let seconds = begun.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "it failed: {said}{}", String::from_utf8_lossy(&output.stderr));
    let files =
        said.lines().find_map(|line| line.trim().strip_suffix(" log files valid")?.split('/').next()?.parse().ok());
    let Some(files) = files else { bail!("it says nothing of log files: {said}") };
    Ok(Line { name: "aws, S3".to_owned(), files, figures: Figures { seconds, ..Figures::default() } })
}

/// The AWS CLI in an environment of its own.
fn prepare_aws(trees: &Path) -> Result<PathBuf> {
    let folder = trees.join("aws");
    let pins = Repository::root().join("bench/requirements-aws.txt");
    python::prepare_apart(&folder, &pins)?;
    Ok(folder.join("bin/aws"))
}

/// What inflating and hashing alone take on one processor, for all files: that of a sample, and as many times more.
fn alone(tree: &Tree) -> Result<f64> {
    let mut waiting = vec![tree.folder.join(BUCKET)];
    let mut sample = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().contains("_CloudTrail_") && sample.len() < SAMPLED {
                sample.push(fs::read(path)?);
            }
        }
    }
    let begun = Instant::now();
    let mut content = Vec::new();
    for file in &sample {
        content.clear();
        GzDecoder::new(file.as_slice()).read_to_end(&mut content)?;
        std::hint::black_box(Sha256::digest(&content));
    }
    Ok(begun.elapsed().as_secs_f64() * tree.files as f64 / sample.len().max(1) as f64)
}

/// The figures as text.
fn text(tree: &Tree, lines: &[Line], alone: f64) -> String {
    let mut text = format!("\n{} log files of {EVENTS_A_FILE} events and {} digests\n", tree.files, tree.plan.hours);
    text += "side                  files    seconds  µs a file   processor s       peak\n";
    for line in lines {
        let Figures { seconds, processor_seconds, peak_bytes, .. } = line.figures;
        let (micros, processor) =
            (line.per_file() * 1e6, processor_seconds.map_or_else(String::new, |s| format!("{s:.2}")));
        let peak = if peak_bytes > 0 { table::bytes(peak_bytes) } else { String::new() };
        let (name, files) = (&line.name, line.files);
        text += &format!("{name:<18} {files:>8} {seconds:>10.2} {micros:>10.1} {processor:>13} {peak:>10}\n");
    }
    text += &format!("inflating and hashing alone, on one processor: {alone:.2} s\n");
    let side = |name: &str| lines.iter().find(|line| line.name == name).map(Line::per_file);
    if let (Some(ours), Some(theirs)) = (side("shoseki, S3"), side("aws, S3")) {
        let factor = theirs / ours;
        let mark = if factor < TARGET { " !" } else { "" };
        text += &format!("over S3, by file: {factor:.1} times as fast as the AWS CLI (target: {TARGET}){mark}\n");
    }
    let theirs = lines.iter().find(|line| line.name == "aws, S3" && line.files < tree.files);
    if let Some(line) = theirs {
        text += &format!("the AWS CLI was given {} files of {}: all would take it too long\n", line.files, tree.files);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_compared_by_file() {
        let line = |name: &str, files, seconds| Line {
            name: name.to_owned(),
            files,
            figures: Figures { seconds, ..Figures::default() },
        };
        let tree = Tree { folder: PathBuf::new(), plan: Plan::default(), files: 1_000 };
        let said = text(&tree, &[line("shoseki, S3", 1_000, 0.5), line("aws, S3", 100, 0.5)], 0.25);
        assert!(
            said.contains("10.0 times as fast") && said.contains(" !") && said.contains("100 files of 1000"),
            "{said}"
        );
    }
}
