//! The file of `--resume`: which log files were found to be what their digests say, so that a run that was stopped goes on.
//!
//! ```text
//! {"format":"shoseki-validate/1"}
//! {"file":"s3://trail-bucket/AWSLogs/…json.gz","mark":"2048-\"9b2c…\"","sha256":"9bb6…"}
//! ```
//!
//! A line counts only for a file of the same length and the same ETag or time of change, and only where the digest, which is
//! read and verified again each time, states this very hash. It proves nothing: who writes into this file can have a
//! changed log file passed over. The report therefore says how many files it did not read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Result, msg};
use shoseki_verify::trail::Remembered;

const FORMAT: &str = "shoseki-validate/1";
/// The longest line that is read: the longest key of S3 and some more.
const MAX_LINE: u64 = 8 << 10;
/// After so many lines what was found is written to the disk.
const TOGETHER: usize = 256;

#[derive(Deserialize, Serialize)]
struct Head {
    format: String,
}

#[derive(Deserialize, Serialize)]
struct Line<'l> {
    #[serde(borrow)]
    file: std::borrow::Cow<'l, str>,
    #[serde(borrow)]
    mark: std::borrow::Cow<'l, str>,
    #[serde(borrow)]
    sha256: std::borrow::Cow<'l, str>,
}

/// What was found before, and where what is found now is written.
pub struct Resume {
    known: HashMap<Box<str>, (Box<str>, Box<str>)>,
    out: Mutex<Out>,
    path: String,
}

struct Out {
    file: BufWriter<File>,
    waiting: usize,
    failed: Option<std::io::Error>,
}

impl Resume {
    /// Opens the file, or begins it.
    ///
    /// # Errors
    /// The caller's mistake where it is another file; the world's failure where it cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let failed = |error| Fault::world(msg!("cli-out-unwritable", path = shown.as_str())).because(error);
        let file = File::options().read(true).append(true).create(true).open(path).map_err(failed)?;
        let (known, is_new, is_whole) = read(&file, &shown)?;
        let mut file = BufWriter::new(file);
        if is_new {
            let head = serde_json::to_string(&Head { format: FORMAT.to_owned() });
            let head = head.map_err(|error| Fault::broken(msg!("cli-json")).because(error))?;
            writeln!(file, "{head}").map_err(failed)?;
        } else if !is_whole {
            writeln!(file).map_err(failed)?; // the run before it was killed within a line
        }
        file.flush().map_err(failed)?;
        let out = Mutex::new(Out { file, waiting: 0, failed: None });
        Ok(Self { known, out, path: shown })
    }

    /// Writes out what was found, and says whether all of it could be written.
    pub fn finish(&self) -> Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = out.failed.take().or_else(|| out.file.flush().err());
        let fault = |error| Fault::world(msg!("cli-out-unwritable", path = self.path.as_str())).because(error);
        failed.map_or(Ok(()), |error| Err(fault(error)))
    }
}

/// What a line says: of which file, with which mark, which hash.
type Known = HashMap<Box<str>, (Box<str>, Box<str>)>;

/// The lines of a file, whether it is a new one, and whether its last line has an end.
fn read(mut file: &File, shown: &str) -> Result<(Known, bool, bool)> {
    let other = || Fault::caller(msg!("cli-validate-resume-other", path = shown));
    let failed = |error| Fault::world(msg!("cli-verify-file-unreadable", path = shown)).because(error);
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut reader = BufReader::new(file);
    let (mut known, mut line, mut is_new, mut is_whole) = (Known::new(), Vec::new(), true, true);
    loop {
        line.clear();
        let length = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(failed)?;
        if length == 0 {
            return Ok((known, is_new, is_whole));
        }
        is_whole = line.ends_with(b"\n");
        if std::mem::take(&mut is_new) {
            let head: Option<Head> = serde_json::from_slice(&line).ok();
            if head.is_none_or(|head| head.format != FORMAT) {
                return Err(other());
            }
        } else if let Ok(Line { file, mark, sha256 }) = serde_json::from_slice(&line) {
            known.insert(file.into(), (mark.into(), sha256.into()));
        }
    }
}

fn digits(sha256: &[u8; 32]) -> String {
    sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Remembered for Resume {
    fn knows(&self, file: &str, mark: &str, sha256: &[u8; 32]) -> bool {
        let found = self.known.get(file);
        found.is_some_and(|(known, hash)| **known == *mark && **hash == *digits(sha256))
    }

    fn keep(&self, file: &str, mark: &str, sha256: &[u8; 32]) {
        let sha256 = digits(sha256);
        let line = Line { file: file.into(), mark: mark.into(), sha256: sha256.into() };
        let Ok(line) = serde_json::to_string(&line) else { return };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = writeln!(out.file, "{line}");
        out.waiting += 1;
        if out.waiting >= TOGETHER {
            written = written.and_then(|()| out.file.flush());
            out.waiting = 0;
        }
        if let Err(error) = written {
            out.failed.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_known_and_a_half_line_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resume");
        let first = Resume::open(&path).unwrap();
        first.keep("a", "1-x", &[1; 32]);
        first.keep("b", "2-x", &[2; 32]);
        first.finish().unwrap();
        assert!(!first.knows("a", "1-x", &[1; 32]), "known is what an earlier run found");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 5);
        std::fs::write(&path, bytes).unwrap();
        let second = Resume::open(&path).unwrap();
        assert!(second.knows("a", "1-x", &[1; 32]));
        for (file, mark, hash) in [("b", "2-x", [2; 32]), ("a", "1-y", [1; 32]), ("a", "1-x", [2; 32])] {
            assert!(!second.knows(file, mark, &hash), "{file} {mark}");
        }
        second.keep("c", "3", &[3; 32]);
        second.finish().unwrap();
        assert!(Resume::open(&path).unwrap().knows("c", "3", &[3; 32]), "behind the half line");
    }

    #[test]
    fn another_file_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        for text in ["a,b\n", "{\"format\":\"shoseki-validate/2\"}\n"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Resume::open(&path).err().unwrap().id(), "cli-validate-resume-other");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(Resume::open(folder.path()).is_err());
    }
}
