//! What the patterns of a block lead to: files, by where they are and what they are. It reads nothing of them.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use glob::Pattern;

/// The most files of a block.
pub(super) const MAX_FILES: usize = 10_000;
/// How deep folders are looked into.
const DEEP: usize = 16;
/// What is compressed was read before it was, or is for `ingest`.
const COMPRESSED: &[&str] = &["gz", "zst", "bz2", "xz", "lz4", "zip"];

/// Which file it is while it lies there: its device, and its number on it.
pub(super) type Key = (u64, u64);

/// A file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) key: Key,
    pub(super) size: u64,
    /// When it was last written to, in nanoseconds: what was rotated away is older.
    pub(super) modified: i128,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The oldest first.
    pub(super) files: Vec<Place>,
    /// What could not be looked at, and why.
    pub(super) failed: Vec<(PathBuf, io::Error)>,
    /// The patterns that lead to nothing.
    pub(super) empty: Vec<String>,
    /// Whether there are more files than may be.
    pub(super) is_too_many: bool,
    seen: HashSet<Key>,
}

/// Where to look.
#[derive(Debug)]
pub(super) struct Patterns {
    paths: Vec<String>,
    /// Those with a slash are of the path, others of the name.
    exclude: Vec<(Pattern, bool)>,
}

impl Patterns {
    /// Of patterns that were checked.
    pub(super) fn new(paths: &[String], exclude: &[String]) -> Self {
        let exclude = exclude.iter().filter_map(|text| Some((Pattern::new(text).ok()?, text.contains('/'))));
        Self { paths: paths.to_vec(), exclude: exclude.collect() }
    }

    /// All files that are there.
    pub(super) fn find(&self) -> Places {
        let mut places = Places::default();
        for pattern in &self.paths {
            let before = places.files.len() + places.failed.len();
            // A file may be called as a pattern is written.
            if Path::new(pattern).symlink_metadata().is_ok() {
                self.walk(Path::new(pattern), DEEP, &mut places);
            } else if let Ok(matches) = glob::glob(pattern) {
                for found in matches {
                    match found {
                        Ok(path) => self.walk(&path, DEEP, &mut places),
                        Err(error) => places.failed.push((error.path().to_owned(), error.into())),
                    }
                }
                self.nameless(pattern, &mut places);
            }
            if places.files.len() + places.failed.len() == before {
                places.empty.push(pattern.clone());
            }
        }
        places.files.sort_by(|a, b| a.modified.cmp(&b.modified).then_with(|| a.path.cmp(&b.path)));
        places
    }

    /// Files whose names are no UTF-8: the matcher passes over them, and whoever names a file must not hide it so.
    fn nameless(&self, pattern: &str, places: &mut Places) {
        let path = Path::new(pattern);
        let name = path.file_name().and_then(|name| Pattern::new(&name.to_string_lossy()).ok());
        let (Some(name), Some(above)) = (name, path.parent()) else { return };
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        for folder in glob::glob(&above.to_string_lossy()).into_iter().flatten().flatten() {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten(); // what fails was told above
            for entry in entries.filter(|entry| entry.file_name().to_str().is_none()) {
                if name.matches(&entry.file_name().to_string_lossy()) {
                    self.walk(&entry.path(), DEEP, places);
                }
            }
        }
    }

    fn walk(&self, path: &Path, deep: usize, places: &mut Places) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_compressed = path.extension().is_some_and(|end| COMPRESSED.iter().any(|known| end == *known));
        let is_excluded = self
            .exclude
            .iter()
            .any(|(pattern, is_of_path)| if *is_of_path { pattern.matches_path(path) } else { pattern.matches(&name) });
        if is_excluded || is_compressed {
            return;
        }
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return, // it went while we looked
            Err(error) => return places.failed.push((path.to_owned(), error)),
        };
        if metadata.is_dir() {
            return self.folder(path, deep, places);
        }
        if !metadata.is_file() {
            return;
        }
        if places.files.len() >= MAX_FILES {
            places.is_too_many = true;
            return;
        }
        let key = key_of(path, &metadata);
        if places.seen.insert(key) {
            let (size, modified) = (metadata.len(), modified(&metadata));
            places.files.push(Place { path: path.to_owned(), key, size, modified });
        }
    }

    fn folder(&self, path: &Path, deep: usize, places: &mut Places) {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return places.failed.push((path.to_owned(), error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) if deep > 0 && !places.is_too_many => self.walk(&entry.path(), deep - 1, places),
                Ok(_) => return,
                Err(error) => return places.failed.push((path.to_owned(), error)),
            }
        }
    }
}

fn modified(metadata: &Metadata) -> i128 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.and_then(|since| i128::try_from(since.as_nanos()).ok()).unwrap_or_default()
}

/// Which file a path leads to.
#[cfg(unix)]
pub(super) fn key_of(_: &Path, metadata: &Metadata) -> Key {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Which file a path leads to: elsewhere the path must say it, so a file that was renamed is another one.
#[cfg(not(unix))]
pub(super) fn key_of(path: &Path, _: &Metadata) -> Key {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let head = digest.first_chunk::<8>().copied().unwrap_or_default();
    (0, u64::from_be_bytes(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_lead_to_files_the_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("deep/er")).unwrap();
        for name in ["audit.log.1", "audit.log", "audit.log.2.gz", "deep/er/x.json", "other.txt", "[a].log"] {
            fs::write(at(name), name).unwrap();
        }
        let now = std::time::SystemTime::now();
        for (name, age) in [("audit.log.1", 9), ("audit.log", 5), ("[a].log", 7)] {
            let file = fs::File::open(at(name)).unwrap();
            file.set_modified(now - std::time::Duration::from_secs(age)).unwrap();
        }
        let shown = |pattern: &str| at(pattern).display().to_string();
        let find = |paths: &[&str], exclude: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| shown(path)).collect();
            let exclude: Vec<String> = exclude.iter().map(|&text| text.to_owned()).collect();
            let found = Patterns::new(&paths, &exclude).find();
            assert!(found.failed.is_empty() && !found.is_too_many, "{found:?}");
            let names = found.files.iter().map(|place| place.path.strip_prefix(folder.path()).unwrap().to_owned());
            let names: Vec<String> = names.map(|name| name.display().to_string()).collect();
            (names, found.empty.len())
        };
        assert_eq!(find(&["audit.log*"], &[]).0, ["audit.log.1", "audit.log"]);
        assert_eq!(find(&["audit.log*"], &["*.1"]).0, ["audit.log"]);
        assert_eq!(find(&["audit.log", "*.log", "none-*"], &[]), (vec!["[a].log".into(), "audit.log".into()], 1));
        assert_eq!(find(&["[a].log"], &[]).0, ["[a].log"]);
        assert_eq!(find(&["deep"], &[]).0, ["deep/er/x.json"]);
        assert!(find(&["deep"], &["**/er/*"]).0.is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_utf8_hides_no_file() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("wf/deep")).unwrap();
        let odd = |above: &str, name: &[u8]| folder.path().join(above).join(std::ffi::OsStr::from_bytes(name));
        for path in
            [odd("wf", b"app.log"), odd("wf", b"app.log.\xff"), odd("wf", b"app.txt.\xff"), odd("wf/deep", b"\xfe.log")]
        {
            fs::write(path, "x").unwrap();
        }
        let find = |pattern: &str, exclude: &[&str]| {
            let exclude: Vec<String> = exclude.iter().map(|&text| text.to_owned()).collect();
            let found = Patterns::new(&[folder.path().join(pattern).display().to_string()], &exclude).find();
            let mut paths: Vec<PathBuf> = found.files.into_iter().map(|place| place.path).collect();
            paths.sort();
            paths
        };
        assert_eq!(find("wf/*.log*", &[]), [odd("wf", b"app.log"), odd("wf", b"app.log.\xff")]);
        assert_eq!(find("wf/*.log*", &["app.log.*"]), [odd("wf", b"app.log")]);
        assert_eq!(find("wf/**/*.log", &[]), [odd("wf", b"app.log"), odd("wf/deep", b"\xfe.log")]);
    }
}
