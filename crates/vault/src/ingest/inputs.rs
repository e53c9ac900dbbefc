//! From paths to inputs: folders are walked, patterns expanded, `-` is standard input, `s3://bucket/prefix` is listed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use shoseki_messages::{Fault, Kind, Result, msg};

use super::bucket;
use super::objects::Object;
use super::{Order, Problem};
use crate::buckets::Buckets;

/// One file to be read.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Its name in provenance and messages; names that are not UTF-8 are shown with escapes.
    pub(super) name: String,
    /// Where it is.
    pub(super) at: At,
    /// Its length when it was found; 0 for standard input.
    pub(super) size: u64,
}

/// Where an input is.
#[derive(Clone, Debug)]
pub(super) enum At {
    Stdin,
    File(PathBuf),
    Object(Object),
}

/// The files behind paths, in a fixed order, and what could not be looked into.
pub(super) async fn expand(
    paths: &[String],
    order: Order,
    buckets: &dyn Buckets,
) -> Result<(Vec<Input>, Vec<Problem>)> {
    let (mut inputs, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        if path.starts_with("s3://") {
            match bucket::list(path, buckets).await {
                Ok(listed) if listed.is_empty() => {
                    return Err(Fault::caller(msg!("vault-prefix-empty", url = path.as_str())));
                }
                Ok(listed) => inputs.extend(listed),
                Err(fault) if fault.kind() == Kind::Caller => return Err(fault),
                Err(fault) => problems.push(Problem::of(path, fault)),
            }
        } else {
            local(path, &mut inputs, &mut problems)?;
        }
    }
    // Archives are filed by account and region first: what is of one day comes together, and so fills whole segments.
    inputs.sort_by_cached_key(|input| day_named(&input.name));
    if order == Order::Newest {
        inputs.reverse();
    }
    Ok((inputs, problems))
}

/// The day that a name states, as `YYYYMMDD`: the first of `2026/03/05`, `2026-03-05` and `20260305` that stands in it by
/// itself.
fn day_named(name: &str) -> Option<u32> {
    let bytes = name.as_bytes();
    let number = |at: usize, length: usize| -> Option<u32> {
        let digits = bytes.get(at..at + length)?;
        let value = |sum: u32, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'));
        digits.iter().try_fold(0, value)
    };
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).filter(|at| *at == 0 || !is_digit(at - 1)).find_map(|at| {
        let year = number(at, 4).filter(|year| (1990..2100).contains(year))?;
        let between = bytes.get(at + 4).copied().filter(|byte| b"/-".contains(byte));
        let wide = usize::from(between.is_some());
        let (month, day) = (number(at + 4 + wide, 2)?, number(at + 6 + 2 * wide, 2)?);
        let is_parted = between.is_none_or(|between| bytes.get(at + 6 + wide) == Some(&between));
        let is_date = is_parted && (1..=12).contains(&month) && (1..=31).contains(&day) && !is_digit(at + 8 + 2 * wide);
        is_date.then_some(year * 10_000 + month * 100 + day)
    })
}

/// What a path of this machine leads to.
fn local(path: &str, inputs: &mut Vec<Input>, problems: &mut Vec<Problem>) -> Result<()> {
    if path == "-" {
        inputs.push(Input { name: "-".to_owned(), at: At::Stdin, size: 0 });
    } else if Path::new(path).symlink_metadata().is_ok() || !path.contains(['*', '?', '[']) {
        walk(Path::new(path), &mut HashSet::new(), inputs, problems);
    } else {
        let matches = glob::glob(path)
            .map_err(|error| Fault::caller(msg!("vault-pattern-unreadable", pattern = path)).because(error))?;
        let before = inputs.len() + problems.len();
        for found in matches {
            match found {
                Ok(found) => walk(&found, &mut HashSet::new(), inputs, problems),
                Err(error) => {
                    let path = error.path().to_owned();
                    problems.push(problem(&path, error.into()));
                }
            }
        }
        if inputs.len() + problems.len() == before {
            return Err(Fault::caller(msg!("vault-pattern-empty", pattern = path)));
        }
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => path.as_os_str().as_encoded_bytes().escape_ascii().to_string(),
    }
}

fn problem(path: &Path, error: io::Error) -> Problem {
    let name = shown(path);
    Problem::of(&name, unreadable(&name, error))
}

/// Why a file or a folder cannot be opened.
pub(super) fn unreadable(name: &str, error: io::Error) -> Fault {
    let message = match error.kind() {
        io::ErrorKind::NotFound => return Fault::caller(msg!("vault-file-missing", path = name)).because(error),
        io::ErrorKind::PermissionDenied => msg!("vault-file-forbidden", path = name),
        _ => msg!("vault-file-unreadable", path = name),
    };
    Fault::world(message).because(error)
}

/// Links are followed; a folder that was seen by another path is not walked again, for a link may lead back up, without end.
fn walk(path: &Path, seen: &mut HashSet<PathBuf>, inputs: &mut Vec<Input>, problems: &mut Vec<Problem>) {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return problems.push(problem(path, error)),
    };
    if metadata.is_file() {
        return inputs.push(Input { name: shown(path), at: At::File(path.to_owned()), size: metadata.len() });
    }
    if !metadata.is_dir() {
        let name = shown(path);
        let fault = Fault::caller(msg!("vault-file-special", path = name.as_str()));
        return problems.push(Problem::of(&name, fault));
    }
    if fs::canonicalize(path).is_ok_and(|real| !seen.insert(real)) {
        return;
    }
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(path).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    match entries {
        Err(error) => problems.push(problem(path, error)),
        Ok(mut entries) => {
            entries.sort();
            for entry in &entries {
                walk(entry, seen, inputs, problems);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProfiles;

    #[test]
    fn a_day_is_read_out_of_a_name() {
        let day = |name: &str| day_named(name).unwrap_or_default();
        assert_eq!(day("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/x_20260306T0005Z_y.json.gz"), 20_260_305);
        assert_eq!(day("111122223333_CloudTrail_us-east-1_20260306T0005Z_AbC.json.gz"), 20_260_306);
        assert_eq!(day("audit-2026-03-07.log"), 20_260_307);
        for none in
            ["", "a.json", "202603051.json", "2026/13/05", "2026/03-05", "1120260305", "2026", "2026-03", "証跡"]
        {
            assert_eq!(day_named(none), None, "{none}");
        }
    }

    #[tokio::test]
    async fn a_day_comes_together_whatever_folder_it_is_in() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2026/03/05", "a/2026/03/06", "a/2026/03/05"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("x.json"), "{}").unwrap();
        }
        fs::write(folder.path().join("z.json"), "{}").unwrap();
        let paths = [folder.path().display().to_string()];
        let (inputs, _) = expand(&paths, Order::Oldest, &NoProfiles).await.unwrap();
        let names: Vec<&str> = inputs.iter().filter_map(|input| input.name.strip_prefix(&paths[0])).collect();
        assert_eq!(names, ["/z.json", "/a/2026/03/05/x.json", "/b/2026/03/05/x.json", "/a/2026/03/06/x.json"]);
    }

    #[tokio::test]
    async fn newest_first_is_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["2026-01.json", "2025-12.json", "2026-02.json"] {
            fs::write(folder.path().join(name), "{}").unwrap();
        }
        let paths = [folder.path().display().to_string()];
        for (order, expected) in [
            (Order::Oldest, ["2025-12.json", "2026-01.json", "2026-02.json"]),
            (Order::Newest, ["2026-02.json", "2026-01.json", "2025-12.json"]),
        ] {
            let (inputs, problems) = expand(&paths, order, &NoProfiles).await.unwrap();
            let names: Vec<&str> = inputs.iter().filter_map(|input| input.name.rsplit('/').next()).collect();
            assert_eq!((names.as_slice(), problems.len()), (expected.as_slice(), 0));
        }
    }
}
