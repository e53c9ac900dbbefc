//! axe-core, which judges whether a page can be read by everybody: one file of JavaScript from npm, installed once into `.venv/axe`. A
//! Chromium runs it; both are used where they are, and neither is needed to build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::call;

const VERSION: &str = "4.14.1";
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What tests are told of it.
#[derive(Debug, PartialEq)]
pub struct Axe {
    script: PathBuf,
    browser: &'static str,
}

impl Axe {
    /// The variables that tests look for.
    pub fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [("SHOSEKI_TEST_AXE", self.script.clone()), ("SHOSEKI_TEST_BROWSER", PathBuf::from(self.browser))]
    }
}

/// Makes sure that it is there.
///
/// # Errors
/// Why it is not.
pub fn prepare(root: &Path) -> Result<Axe> {
    let Some(browser) = BROWSERS.into_iter().find(|name| call::quietly(call::at_root(name).arg("--version"))) else {
        bail!("no Chromium is installed");
    };
    let folder = root.join(".venv/axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let manifest = folder.join("node_modules/axe-core/package.json");
    let is_there =
        fs::read_to_string(&manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{VERSION}\"")));
    if !(is_there && script.is_file()) {
        if !call::quietly(call::at_root("npm").arg("--version")) {
            bail!("`npm` is not installed");
        }
        let mut install = call::at_root("npm");
        install.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        if !call::succeeds(install.arg(&folder).arg(format!("axe-core@{VERSION}")))? || !script.is_file() {
            bail!("npm could not install axe-core: is its registry reachable?");
        }
    }
    Ok(Axe { script, browser })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_used_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(".venv/axe/node_modules/axe-core");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("axe.min.js"), "").unwrap();
        fs::write(folder.join("package.json"), format!("{{\"version\": \"{VERSION}\"}}")).unwrap();
        match prepare(root.path()) {
            Ok(axe) => assert_eq!(axe.script, folder.join("axe.min.js")),
            Err(error) => assert!(error.to_string().contains("Chromium"), "{error}"),
        }
    }
}
