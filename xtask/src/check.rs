//! `cargo xtask check`: all that can be judged without running the product.

use anyhow::Result;

use crate::{call, lint};

/// Formatter, clippy, our own checks, licences and advisories. Goes on after a failure, so that one run shows all.
pub fn run() -> Result<bool> {
    let mut formatted = call::succeeds(call::cargo().args(["fmt", "--all", "--check"]))?;
    formatted &= call::succeeds(call::cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    let clean = call::succeeds(call::cargo().args(clippy))?;
    let ours = lint::run()?;
    let allowed = if call::quietly(call::cargo().args(["deny", "--version"])) {
        call::succeeds(call::cargo().args(["deny", "check"]))?
    } else {
        println!(
            "check: licences and advisories were not checked: cargo-deny is not installed (`cargo install cargo-deny`)"
        );
        true
    };
    Ok(formatted && clean && ours && allowed)
}
