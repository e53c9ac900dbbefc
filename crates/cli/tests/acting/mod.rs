//! Persons who act on a vault, each by his name: what two people must do, no test does as one.
#![allow(clippy::unwrap_used, reason = "in a test that is how it fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A person calls the program, in a folder with a vault of its own, or with a file `url` that names one.
pub fn run(root: &Path, person: &str, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoseki"));
    let vault = std::fs::read_to_string(root.join("url")).unwrap_or_else(|_| root.join("vault").display().to_string());
    command.args(words).env("SHOSEKI_VAULT", vault).env("SHOSEKI_KEY_DIR", root.join("keys"));
    command.env("XDG_STATE_HOME", root.join("state")).env("XDG_CONFIG_HOME", root.join("config"));
    command.env("SUDO_USER", person).env("LANG", "C.UTF-8").output().unwrap()
}

/// The report of what he did, which must succeed.
pub fn done(root: &Path, person: &str, words: &[&str]) -> Value {
    let output = run(root, person, &[words, &["--json"]].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
