//! The access key that one event of the tree has: the whole word that the benchmark looks for.
//!
//! Each `AssumeRole` gives out a key of its own, made of random letters, so any of them stands in one event only; which one is
//! looked for follows from the tree alone: the first in the file in the middle.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use memchr::memmem;

use super::tree;

const BEFORE: &[u8] = b"\"credentials\":{\"accessKeyId\":\"";

/// Looks for it; fails where no event of the tree gives out a key.
pub fn access_key(tree: &Path) -> Result<String> {
    let mut files = tree::files(tree)?;
    let middle = files.len() / 2;
    files.rotate_left(middle);
    for file in files {
        let mut json = Vec::new();
        GzDecoder::new(fs::File::open(&file)?)
            .read_to_end(&mut json)
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        if let Some(at) = memmem::find(&json, BEFORE) {
            let rest = &json[at + BEFORE.len()..];
            let end = memchr::memchr(b'"', rest).unwrap_or(rest.len());
            return Ok(String::from_utf8_lossy(&rest[..end]).into_owned());
        }
    }
    anyhow::bail!("no event in `{}` gives out an access key: it has too few", tree.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stands_in_one_event_only() {
        let folder = tempfile::tempdir().unwrap();
        let (root, _) = tree::prepare(folder.path(), 4_500).unwrap();
        let key = access_key(&root).unwrap();
        assert!(key.len() == 20 && key.starts_with("ASIA"), "{key}");
        let mut times = 0;
        for file in tree::files(&root).unwrap() {
            let mut json = Vec::new();
            GzDecoder::new(fs::File::open(file).unwrap()).read_to_end(&mut json).unwrap();
            times += memmem::find_iter(&json, key.as_bytes()).count();
        }
        assert_eq!(times, 1);
    }

    #[test]
    fn a_tree_without_keys_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(access_key(folder.path()).unwrap_err().to_string().contains("too few"));
    }
}
