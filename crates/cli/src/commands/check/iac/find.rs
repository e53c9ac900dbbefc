//! Finding files: those that are named, and in folders those whose names may be ours. Bounded in number, size and depth.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use shoseki_comply::iac::{ENDS, MOST_BYTES, Source};
use shoseki_messages::{Fault, Result, msg};

/// How many files are read, and how many bytes of them in all.
const MOST_FILES: usize = 50_000;
const MOST_IN_ALL: u64 = 1 << 30;
/// How deep folders may lie in each other.
const DEEPEST: usize = 40;

/// Whether a path is there.
///
/// # Errors
/// The caller's mistake where it is not.
pub(super) fn is_there(path: &str) -> Result<()> {
    fs::metadata(path).map(drop).map_err(|error| unreadable(Path::new(path), error))
}

fn unreadable(path: &Path, error: std::io::Error) -> Fault {
    Fault::caller(msg!("cli-verify-file-unreadable", path = path.display().to_string())).because(error)
}

/// The files of paths, in the order of their names, each once; of one that cannot be read, why.
pub(super) fn files(paths: &[&String]) -> Result<Vec<Source>> {
    let mut all: Vec<(PathBuf, bool)> = Vec::new();
    for path in paths {
        let path = Path::new(path);
        if fs::metadata(path).map_err(|error| unreadable(path, error))?.is_dir() {
            folder(path, 0, &mut all)?;
        } else {
            all.push((path.to_owned(), true));
        }
    }
    all.sort();
    all.dedup_by(|next, first| {
        let is_same = next.0 == first.0;
        first.1 |= is_same && next.1;
        is_same
    });
    let (mut found, mut read) = (Vec::new(), 0);
    for (path, is_named) in all {
        // Backslashes of Windows and a leading `./` would make one file two.
        let name = path.to_string_lossy().replace('\\', "/");
        let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        let is_terraform = [".tf", ".tf.json", ".tfvars", ".tfvars.json"].iter().any(|end| name.ends_with(end));
        let (text, unread) = match text(&path, &mut read) {
            Ok(Some(text)) => (text, None),
            Ok(None) if is_terraform || is_like_ours(&path) => (String::new(), Some(msg!("iac-no-text"))),
            Ok(None) if is_named => (String::new(), Some(msg!("iac-none-of-ours"))),
            Ok(None) => continue, // what is no text is none of ours
            Err(what) => (String::new(), Some(what)),
        };
        found.push(Source { path: name, text, unread, is_named });
    }
    Ok(found)
}

/// Whether a file that is no UTF-8 has what ours have: a template with remarks in Shift_JIS, a plan as PowerShell writes it (UTF-16).
fn is_like_ours(path: &Path) -> bool {
    const MARKS: [&[u8]; 5] =
        [b"AWSTemplateFormatVersion", b"AWS::", b"apiVersion", b"format_version", b"falcosidekick"];
    /// How much is looked at.
    const MOST: u64 = 4 << 20;
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    bytes.retain(|byte| *byte != 0);
    read.is_ok() && MARKS.iter().any(|mark| bytes.windows(mark.len()).any(|part| part == *mark))
}

/// The files below a folder that may be ours. Links and hidden folders are passed over, and what package managers fetched.
fn folder(path: &Path, depth: usize, all: &mut Vec<(PathBuf, bool)>) -> Result<()> {
    let unreadable = |error: std::io::Error| {
        Fault::world(msg!("cli-verify-file-unreadable", path = path.display().to_string())).because(error)
    };
    if depth > DEEPEST {
        return Err(Fault::caller(msg!("cli-check-iac-deep", path = path.display().to_string(), most = DEEPEST)));
    }
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (kind, name) = (entry.file_type().map_err(unreadable)?, entry.file_name());
        let name = name.to_string_lossy();
        if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
            folder(&entry.path(), depth + 1, all)?;
        } else if kind.is_file() && name.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end)) {
            all.push((entry.path(), false));
        }
        if all.len() > MOST_FILES {
            return Err(Fault::caller(msg!("cli-check-iac-many", most = MOST_FILES)));
        }
    }
    Ok(())
}

/// The text of a file; nothing where it is none.
fn text(path: &Path, read: &mut u64) -> std::result::Result<Option<String>, shoseki_messages::Message> {
    let failed = |error: std::io::Error| msg!("cli-check-iac-unreadable", why = &error);
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MOST_BYTES || *read + size > MOST_IN_ALL {
        return Err(msg!("cli-check-iac-long", most = MOST_BYTES >> 20, all = MOST_IN_ALL >> 20));
    }
    *read += size;
    Ok(String::from_utf8(fs::read(path).map_err(failed)?).ok())
}
