//! The virtual environment of the tests, made once from `bench/requirements-test.txt`; the benchmark adds to it what
//! `bench/requirements-bench.txt` names, which no test needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::call;

const PINS: &str = "bench/requirements-test.txt";
/// A copy of the pins that were installed; written last, so that a half-made environment is made again.
const INSTALLED: &str = "installed.txt";
const BENCH_PINS: &str = "bench/requirements-bench.txt";
const BENCH_INSTALLED: &str = "installed-bench.txt";

/// The environment's Python, with everything that the pins name; made or mended where it is not.
pub fn prepare(root: &Path) -> Result<PathBuf> {
    let folder = root.join(".venv");
    let (python, installed) = (folder.join("bin/python"), folder.join(INSTALLED));
    let pins = fs::read_to_string(root.join(PINS)).with_context(|| format!("cannot read `{PINS}`"))?;
    if python.is_file() && fs::read_to_string(&installed).is_ok_and(|text| text == pins) {
        return Ok(python);
    }
    if !call::quietly(call::at_root("python3").arg("--version")) {
        bail!("`python3` is not installed");
    }
    create(&folder)?;
    install(&python, PINS)?;
    fs::write(&installed, pins).with_context(|| format!("cannot write `{}`", installed.display()))?;
    Ok(python)
}

/// The same, with what only the benchmark needs.
pub fn prepare_bench(root: &Path) -> Result<PathBuf> {
    let python = prepare(root)?;
    let installed = root.join(".venv").join(BENCH_INSTALLED);
    let pins = fs::read_to_string(root.join(BENCH_PINS)).with_context(|| format!("cannot read `{BENCH_PINS}`"))?;
    if !fs::read_to_string(&installed).is_ok_and(|text| text == pins) {
        install(&python, BENCH_PINS)?;
        fs::write(&installed, pins).with_context(|| format!("cannot write `{}`", installed.display()))?;
    }
    Ok(python)
}

/// An environment of its own with what a file of pins names, made or mended where it is not there.
pub fn prepare_apart(folder: &Path, pins_file: &Path) -> Result<PathBuf> {
    let (python, installed) = (folder.join("bin/python"), folder.join(INSTALLED));
    let pins = fs::read_to_string(pins_file).with_context(|| format!("cannot read `{}`", pins_file.display()))?;
    if !python.is_file() || !fs::read_to_string(&installed).is_ok_and(|text| text == pins) {
        create(folder)?;
        install(&python, &pins_file.display().to_string())?;
        fs::write(&installed, pins).with_context(|| format!("cannot write `{}`", installed.display()))?;
    }
    Ok(python)
}

fn install(python: &Path, pins: &str) -> Result<()> {
    let mut pip = call::at_root(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2", "-r"]);
    if !call::succeeds(pip.arg(pins))? {
        bail!("pip could not install `{pins}`: is PyPI reachable?");
    }
    Ok(())
}

fn create(folder: &Path) -> Result<()> {
    if call::succeeds(&mut venv(folder))? {
        return Ok(());
    }
    // Debian keeps `venv` in a package of its own.
    let is_root = call::at_root("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root || !call::quietly(call::at_root("apt-get").arg("--version")) {
        bail!("Python's `venv` module is missing: install `python3-venv`");
    }
    let mut apt = call::at_root("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    let updated = call::succeeds(apt.args(["update", "-q"]))?;
    let mut apt = call::at_root("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    let added = call::succeeds(apt.args(["install", "-q", "-y", "python3-venv"]))?;
    if !added || !call::succeeds(&mut venv(folder))? {
        bail!(
            "`python3-venv` could not be installed{}",
            if updated { "" } else { ": are Debian's packages reachable?" }
        );
    }
    Ok(())
}

fn venv(folder: &Path) -> Command {
    let mut command = call::at_root("python3");
    command.args(["-m", "venv", "--clear"]).arg(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_that_fits_its_pins_is_used_again() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("bench")).unwrap();
        fs::write(root.path().join(PINS), "a==1\n").unwrap();
        fs::create_dir_all(root.path().join(".venv/bin")).unwrap();
        let python = root.path().join(".venv/bin/python");
        fs::write(&python, "").unwrap();
        fs::write(root.path().join(".venv").join(INSTALLED), "a==1\n").unwrap();
        assert_eq!(prepare(root.path()).unwrap(), python);
        assert!(prepare_bench(root.path()).unwrap_err().to_string().contains(BENCH_PINS));
        fs::write(root.path().join(BENCH_PINS), "b==1\n").unwrap();
        fs::write(root.path().join(".venv").join(BENCH_INSTALLED), "b==1\n").unwrap();
        assert_eq!(prepare_bench(root.path()).unwrap(), python);
        assert_eq!(prepare_apart(&root.path().join(".venv"), &root.path().join(PINS)).unwrap(), python);
    }

    #[test]
    fn without_pins_nothing_is_made() {
        let root = tempfile::tempdir().unwrap();
        assert!(prepare(root.path()).unwrap_err().to_string().contains(PINS));
        assert!(!root.path().join(".venv").exists());
    }
}
