//! `cargo xtask bench --detect`: how many events a second our rules look at, alone on one core. The measuring itself is an example of
//! `shoseki-detect`.

use anyhow::Result;

use super::measure;
use crate::call;

/// Builds and runs it; `true` where it could be measured.
pub fn run(runs: u32) -> Result<bool> {
    if let Some(load) = measure::load().filter(|load| *load > 0.5) {
        println!("bench: this machine is busy (load {load}): the rates will be too low");
    }
    let arguments = ["run", "--release", "-q", "-p", "shoseki-detect", "--example", "detect_speed", "--"];
    call::succeeds(call::cargo().args(arguments).arg(runs.to_string()))
}
