//! The repository's own commands: `cargo xtask test | check | lint | bench | fuzz`.
//!
//! Nothing here is part of the product; what the product needs at run time belongs into a crate under `crates/`.

mod bench;
mod call;
mod check;
mod fuzz;
mod lint;
mod repository;

mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tests, checks and measures this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Prepares what the tests need, runs them all, then the repository's own checks.
    Test(test::Options),
    /// The formatter, clippy with warnings denied, the repository's own checks, cargo-deny where it is installed.
    Check,
    /// The repository's own checks alone.
    Lint,
    /// Speed and size on a million events, beside DuckDB and ClickHouse.
    Bench(bench::Options),
    /// Feeds every parser of untrusted bytes with what reaches new code in it, until the time is over or something breaks.
    Fuzz(fuzz::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that was asked went well; an error where it could not be tried.
fn run(verb: Verb) -> Result<bool> {
    match verb {
        Verb::Test(options) => test::run(&options),
        Verb::Check => check::run(),
        Verb::Lint => lint::run(),
        Verb::Bench(options) => bench::run(&options),
        Verb::Fuzz(options) => fuzz::run(&options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
