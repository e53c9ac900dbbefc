//! The tests of the crate, by what they are about, and what they share.

mod arbitrary;
mod formats;
mod golden;
mod signatures;
mod theirs;
mod trees;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::{CommitEntry, SigningKey};

/// A key whose secret everybody knows: seed `00 01 … 1f`.
const TEST_KEY: &str = "PRIVATE+KEY+example.com/shoseki+d19733c9+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

fn test_key() -> SigningKey {
    SigningKey::from_secret_text(TEST_KEY).unwrap()
}

/// Entries as ours are: that of commit n, whose bytes are `commit n`.
fn entries(count: u64) -> Vec<Bytes> {
    (0..count).map(|n| CommitEntry::of(n, format!("commit {n}").as_bytes()).to_bytes()).collect()
}

/// A folder of the shared data, where it is at hand.
fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: this needs ../shared/data/{folder}");
    None
}

fn bytes_of(path: &Path) -> Bytes {
    Bytes::from(fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
