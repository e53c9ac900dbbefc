//! `--long-file`: one document of gigabytes, as an export or a backup is, and how much memory its ingest holds.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::read::MultiGzDecoder;
use serde_json::json;

use super::shoseki::Shoseki;
use super::{Options, needle, table, tree};

/// What the document begins and ends with, as each file of the tree does.
const OPEN: &[u8] = b"{\"Records\":[";
const CLOSE: &[u8] = b"]}";
/// So many events are 2.0 GB.
const EVENTS: usize = 1_400_000;
/// The most memory that its ingest may hold, in bytes.
const BOUND: u64 = 768 << 20;

/// Makes the document, takes it in, prints the figures. `true` where the bound holds.
pub fn run(options: &Options, (trees, folder): (&Path, &Path), binary: &Path) -> Result<bool> {
    let (tree, manifest) = tree::prepare(trees, EVENTS)?;
    let file = folder.join("long.json");
    let bytes = document(&tree, &file)?;
    println!("bench: one document of {}, of {} events", table::bytes(bytes), manifest.events);
    let shoseki = Shoseki::new(binary, folder, &tree, &needle::access_key(&tree)?);
    shoseki.init()?;
    let figures = shoseki.take_in(std::slice::from_ref(&file))?;
    fs::remove_file(&file)?;
    let holds = figures.peak_bytes <= BOUND;
    let [peak, bound] = [figures.peak_bytes, BOUND].map(table::bytes);
    println!("taken in within {:.1} s, at most {peak} of memory ({bound} are wanted)", figures.seconds);
    if let Some(json) = &options.json {
        let value =
            json!({ "bytes": bytes, "seconds": figures.seconds, "peak_bytes": figures.peak_bytes, "bound": BOUND });
        fs::write(json, serde_json::to_vec_pretty(&value)?)
            .with_context(|| format!("cannot write `{}`", json.display()))?;
    }
    Ok(holds)
}

/// All events of a tree in one document.
fn document(tree: &Path, to: &Path) -> Result<u64> {
    let mut out = BufWriter::new(File::create(to).with_context(|| format!("cannot write `{}`", to.display()))?);
    let (mut between, mut written) = (OPEN, 0);
    for path in tree::files(tree)? {
        let mut text = Vec::new();
        MultiGzDecoder::new(File::open(&path)?).read_to_end(&mut text)?;
        let events = text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
        let events = events.with_context(|| format!("not a file of the tree: `{}`", path.display()))?;
        for bytes in [between, events] {
            out.write_all(bytes)?;
            written += bytes.len() as u64;
        }
        between = b",";
    }
    out.write_all(CLOSE)?;
    out.flush()?;
    Ok(written + CLOSE.len() as u64)
}
