//! `cargo xtask test`: everything that the tests need, the tests, the repository's own checks, on a fresh machine in one command.
//!
//! What the tests are told, and without which they print `skipped: …` and return:
//!
//! ```text
//! SHOSEKI_TEST_S3=http://127.0.0.1:PORT      moto's S3; with it what the AWS conventions need to reach it: AWS_ENDPOINT_URL,
//!                                            AWS_ALLOW_HTTP, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
//! SHOSEKI_TEST_PYTHON=…/.venv/bin/python     deltalake, duckdb, pyarrow, cryptography, pypdf
//! SHOSEKI_TEST_EXPORT_PYTHON=…/.venv/export/bin/python   checkov, Helm, the schemas of Kubernetes, cfn-lint
//! SHOSEKI_TEST_AXE=…/axe.min.js               axe-core, and in SHOSEKI_TEST_BROWSER the Chromium that runs it
//! ```
//!
//! Debian's packages that tests run (`debian`) are looked for where Debian puts them.

mod axe;
mod cases;
mod debian;
mod moto;
pub mod python;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::repository::Repository;
use crate::{call, lint};

use cases::Cases;
use moto::Moto;

/// What judges exported code.
const EXPORT_PINS: &str = "bench/requirements-export.txt";

/// The command line of `cargo xtask test`.
#[derive(Args)]
pub struct Options {
    /// What runs the tests.
    #[arg(long, value_enum, default_value_t = Runner::Auto)]
    runner: Runner,
    /// What is handed to it: names of tests, `-p CRATE`, …
    #[arg(last = true)]
    rest: Vec<String>,
}

/// A program that runs tests.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Runner {
    /// cargo-nextest where it is installed.
    Auto,
    /// `cargo test`.
    Cargo,
    /// `cargo nextest run`, and `cargo test --doc` for the examples.
    Nextest,
}

/// Runs all tests and all checks of the repository; `true` where all of them passed.
pub fn run(options: &Options) -> Result<bool> {
    let mut missing = Vec::new();
    let python = match python::prepare(&Repository::root()) {
        Ok(python) => Some(python),
        Err(error) => {
            missing.push(format!("tests over S3, and those that read a vault with Python: {error:#}"));
            None
        }
    };
    if let Err(error) = debian::prepare() {
        missing
            .push(format!("tests over MariaDB, PostgreSQL, rsyslog or a Japanese font, where it is absent: {error:#}"));
    }
    let root = Repository::root();
    let export = match python::prepare_apart(&root.join(".venv/export"), &root.join(EXPORT_PINS)) {
        Ok(python) => Some(python),
        Err(error) => {
            missing.push(format!("what checkov, Helm and others find in exported code: {error:#}"));
            None
        }
    };
    let axe = match axe::prepare(&Repository::root()) {
        Ok(axe) => Some(axe),
        Err(error) => {
            missing.push(format!("whether reports are accessible, judged by axe: {error:#}"));
            None
        }
    };
    let moto = match python.as_deref().map(Moto::start) {
        None => None,
        Some(Ok(moto)) => Some(moto),
        Some(Err(error)) => {
            missing.push(format!("tests over S3: moto's server does not answer: {error:#}"));
            None
        }
    };
    if !Repository::root().join("../shared/data").is_dir() {
        missing.push("tests over third-party data: `../shared/data` is absent".to_owned());
    }

    let mut cases = Cases::default();
    for mut command in commands(options) {
        if let Some(python) = &python {
            command.env("SHOSEKI_TEST_PYTHON", python);
        }
        if let Some(python) = &export {
            command.env("SHOSEKI_TEST_EXPORT_PYTHON", python);
        }
        if let Some(axe) = &axe {
            command.envs(axe.variables());
        }
        if let Some(moto) = &moto {
            command.envs(moto.variables());
        }
        cases.run(command)?;
    }
    drop(moto);
    let clean = lint::run()?;

    println!();
    println!("tests       {cases}");
    println!("repository  {}", if clean { "all checks passed" } else { "a check failed, see above" });
    for what in &missing {
        println!("not run     {what}");
    }
    Ok(cases.passed() && clean)
}

fn commands(options: &Options) -> Vec<std::process::Command> {
    let has_nextest = || call::quietly(call::cargo().args(["nextest", "--version"]));
    let nextest = options.runner == Runner::Nextest || (options.runner == Runner::Auto && has_nextest());
    let workspace: &[&str] =
        if options.rest.iter().any(|word| word == "-p" || word == "--package") { &[] } else { &["--workspace"] };
    if !nextest {
        let mut test = call::cargo();
        test.args(["test", "--no-fail-fast"]).args(workspace).args(&options.rest);
        return vec![test];
    }
    let mut all = call::cargo();
    all.args(["nextest", "run", "--no-fail-fast", "--no-tests", "pass"]).args(workspace).args(&options.rest);
    if !options.rest.is_empty() {
        return vec![all]; // names and filters of tests: no examples are asked for
    }
    let mut examples = call::cargo();
    examples.args(["test", "--doc", "--no-fail-fast"]).args(workspace);
    vec![all, examples]
}
