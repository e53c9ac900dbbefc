//! The repository as the checks see it: its files' names and the text of those that can be read.
//!
//! Loaded once; the checks are pure functions over it, so that their tests can write a small repository in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Folders that are made, not written, and hold nothing of the repository.
const MADE: [&str; 6] = ["target", ".git", ".venv", "bench-data", "node_modules", "__pycache__"];
/// What is read as text; of every other file only the name is known.
const TEXT: [&str; 4] = ["rs", "md", "toml", "ftl"];

/// The files of the repository.
#[derive(Default)]
pub struct Repository {
    /// Text by path from the root, `/` between the parts.
    texts: BTreeMap<String, String>,
    /// Every file and every folder, the latter without a `/` at its end.
    paths: BTreeSet<String>,
}

impl Repository {
    /// The folder that holds the workspace.
    pub fn root() -> PathBuf {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).to_owned()
    }

    /// Reads the repository at a folder.
    pub fn load(root: &Path) -> Result<Self> {
        let mut repository = Self::default();
        repository.walk(root, "").with_context(|| format!("cannot read `{}`", root.display()))?;
        Ok(repository)
    }

    /// A repository of the files given, for tests.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut repository = Self::default();
        for (path, text) in files {
            repository.add(path, Some((*text).to_owned()));
        }
        repository
    }

    /// The text of a file.
    #[cfg(test)]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All texts whose name ends so, with their paths.
    pub fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Whether a file or folder of that path exists.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path.trim_end_matches('/'))
    }

    /// Every file and folder.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    fn add(&mut self, path: &str, text: Option<String>) {
        for (at, _) in path.match_indices('/') {
            self.paths.insert(path[..at].to_owned());
        }
        self.paths.insert(path.to_owned());
        if let Some(text) = text {
            self.texts.insert(path.to_owned(), text);
        }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !MADE.contains(&name.as_str()) {
                    self.paths.insert(path.clone());
                    self.walk(&entry.path(), &format!("{path}/"))?;
                }
                continue;
            }
            let is_text = kind.is_file() && name.rsplit_once('.').is_some_and(|(_, end)| TEXT.contains(&end));
            let text =
                if is_text { Some(fs::read_to_string(entry.path()).with_context(|| path.clone())?) } else { None };
            self.add(&path, text);
        }
        Ok(())
    }
}
