//! Which files are watched, as the configuration says it.

use std::path::Path;

use serde::Deserialize;

/// Files that are watched.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The name of the block: it stands in streams and in provenance, and how far files were read is known by it.
    pub name: String,
    /// Files, folders and patterns.
    pub paths: Vec<String>,
    /// What is left out: patterns of names, or of paths where there is a slash.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What stands in the files.
    #[serde(default)]
    pub format: Format,
    /// Where reading begins in files that are there when the block is watched for the first time.
    #[serde(default)]
    pub start: Start,
    /// The source of all that comes; known by its content where absent.
    #[serde(default)]
    pub source: Option<String>,
    /// The stream of all that comes; `<source>/<name>` where absent.
    #[serde(default)]
    pub stream: Option<String>,
}

/// What stands in a file.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The events of a source, as text or JSON.
    #[default]
    Lines,
    /// What a container wrote, as its node keeps it.
    Cri,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// With the first byte.
    #[default]
    Beginning,
    /// Behind the last line.
    End,
}

impl Files {
    /// Makes what is relative count from a folder.
    pub(super) fn anchor(&mut self, folder: &Path) {
        self.paths.iter_mut().for_each(|pattern| *pattern = below(folder, pattern));
        self.exclude.iter_mut().filter(|text| text.contains('/')).for_each(|text| *text = below(folder, text));
    }
}

/// A pattern that counts from a folder, whose own name is none.
fn below(folder: &Path, pattern: &str) -> String {
    if Path::new(pattern).is_absolute() || pattern.starts_with("**/") {
        return pattern.to_owned();
    }
    let folder = folder.display().to_string();
    let escaped = if folder.contains(['*', '?', '[']) { glob::Pattern::escape(&folder) } else { folder };
    Path::new(&escaped).join(pattern).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_relative_counts_from_the_folder() {
        let of = |pattern: &str| below(Path::new("/etc/sho[1]seki"), pattern);
        assert_eq!(of("logs/*.log"), "/etc/sho[[]1[]]seki/logs/*.log");
        assert_eq!([of("/var/log"), of("**/x")], ["/var/log", "**/x"]);
        assert_eq!(below(Path::new("/etc"), "a?"), "/etc/a?");
        assert!(glob::Pattern::new(&of("a")).unwrap().matches("/etc/sho[1]seki/a"));
    }
}
