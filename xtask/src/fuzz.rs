//! `cargo xtask fuzz`: builds the targets of `fuzz/` with coverage counters, on the same compiler as everything else, and
//! runs each with libFuzzer. What it finds stays in `target/fuzz/corpus`, so that the next run goes on; what breaks a target
//! is written to `target/fuzz/broken`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::call;
use crate::repository::Repository;

/// The command line of `cargo xtask fuzz`.
#[derive(Args)]
pub struct Options {
    /// The targets; all of them by default.
    #[arg(value_name = "TARGET", value_parser = TARGETS.map(|target| target.name))]
    targets: Vec<String>,
    /// How long each runs.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    seconds: u32,
}

/// A target, and what in the repository it begins with.
struct Target {
    name: &'static str,
    seeds: &'static [&'static str],
    /// The longest input in bytes.
    longest: u32,
}

const TARGETS: [Target; 13] = [
    Target { name: "sources", seeds: &["testdata"], longest: 16 << 10 },
    Target { name: "events", seeds: &["testdata"], longest: 4 << 10 },
    Target { name: "envelope", seeds: &["fuzz/seeds/envelope"], longest: 4 << 10 },
    Target { name: "query", seeds: &["crates/query/tests/queries"], longest: 2 << 10 },
    Target { name: "log", seeds: &["fuzz/seeds/log"], longest: 4 << 10 },
    Target { name: "vault", seeds: &["crates/segment/testdata", "fuzz/seeds/vault"], longest: 16 << 10 },
    Target { name: "segment", seeds: &["testdata"], longest: 4 << 10 },
    Target { name: "trail", seeds: &["fuzz/seeds/trail"], longest: 8 << 10 },
    Target {
        name: "iac",
        seeds: &[
            "testdata/iac/bad/terraform",
            "testdata/iac/bad/cloudformation",
            "testdata/iac/bad/kubernetes",
            "testdata/iac/good/terraform",
        ],
        longest: 16 << 10,
    },
    Target { name: "receivers", seeds: &["fuzz/seeds/receivers"], longest: 4 << 10 },
    Target { name: "syslog", seeds: &["testdata/syslog", "testdata/mariadb-audit"], longest: 4 << 10 },
    Target { name: "tampering", seeds: &[], longest: 64 },
    Target { name: "package", seeds: &["crates/segment/testdata", "fuzz/seeds/package"], longest: 32 << 10 },
];

/// Counters for libFuzzer; `cargo-fuzz` gives the compiler the same.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Builds and runs. `true` where nothing broke.
pub fn run(options: &Options) -> Result<bool> {
    let root = Repository::root();
    let made = root.join("target").join("fuzz");
    // The same versions as the product's, resolved again only where those changed: that may need the network.
    let (ours, theirs) = (root.join("Cargo.lock"), root.join("fuzz/Cargo.lock"));
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if changed(&theirs) < changed(&ours) {
        fs::copy(&ours, &theirs).context("cannot copy Cargo.lock")?;
    }
    let host = host()?;
    let mut build = call::cargo();
    build.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    build.arg("--target-dir").arg(&made).env("RUSTFLAGS", FLAGS);
    if !call::succeeds(&mut build)? {
        bail!("the targets do not build; libFuzzer needs a C++ compiler (Debian: `g++`)");
    }
    let mut broken = Vec::new();
    for target in &TARGETS {
        if options.targets.is_empty() || options.targets.iter().any(|name| name == target.name) {
            let program = made.join(&host).join("release").join(target.name);
            if !target.run(&program, &made, options.seconds)? {
                broken.push(target.name);
            }
        }
    }
    if !broken.is_empty() {
        println!("fuzz: broken: {}; the inputs lie in `{}`", broken.join(", "), made.join("broken").display());
    }
    Ok(broken.is_empty())
}

impl Target {
    fn run(&self, program: &Path, made: &Path, seconds: u32) -> Result<bool> {
        let folder = |name: &str| -> Result<PathBuf> {
            let folder = made.join(name).join(self.name);
            fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
            Ok(folder)
        };
        let (corpus, artefacts) = (folder("corpus")?, folder("broken")?);
        let mut command = call::at_root(program);
        command.arg(corpus).args(self.seeds.iter().filter(|seeds| Repository::root().join(seeds).is_dir()));
        command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={}", self.longest));
        command.arg(format!("-artifact_prefix={}/", artefacts.display()));
        // Bounded in time and in memory: a slow input breaks a target too.
        command.args(["-timeout=10", "-rss_limit_mb=1536", "-malloc_limit_mb=768", "-print_final_stats=1"]);
        call::succeeds(&mut command)
    }
}

/// The triple of this machine: with a target named, build scripts and macros are built without counters.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run `rustc -vV`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
