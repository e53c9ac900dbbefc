//! `cargo xtask bench --parsers`: how fast each source's parser is, alone on one core. The measuring itself is an example of
//! `shoseki-sources`, which needs nothing else to be built.

use anyhow::Result;

use super::measure;
use crate::call;

/// Builds and runs it; `true` where every parser found all events again.
pub fn run(runs: u32) -> Result<bool> {
    if let Some(load) = measure::load().filter(|load| *load > 0.5) {
        println!("bench: this machine is busy (load {load}): the rates will be too low");
    }
    let arguments = ["run", "--release", "-q", "-p", "shoseki-sources", "--example", "parsers_speed", "--"];
    call::succeeds(call::cargo().args(arguments).arg(runs.to_string()))
}
