//! A file that is there whole or not at all: what is written lies beside it until the end, and takes its name at once.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use shoseki_messages::{Fault, Result, msg};

type Shared = Arc<Mutex<BufWriter<File>>>;

/// A file that is being written. Dropped before [`WholeFile::finish`], it leaves nothing.
pub struct WholeFile {
    out: Shared,
    /// Where it lies until it is whole; nowhere where it is written straight into a pipe or a device.
    unfinished: Option<PathBuf>,
    path: PathBuf,
    is_finished: bool,
}

/// Writes into a [`WholeFile`].
pub struct Writer(Shared);

impl WholeFile {
    /// Begins a file; one of that name stays as it is until the end. Behind a link it is the file that is meant; what is no file,
    /// such as a pipe, is written into as it comes.
    pub fn begin(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| unwritable(path).because(error);
        if path.is_dir() || path.file_name().is_none() {
            return Err(Fault::caller(msg!("cli-out-unwritable", path = path.display().to_string())));
        }
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let stream = File::options().write(true).open(path).map_err(failed)?;
            let out = Arc::new(Mutex::new(BufWriter::new(stream)));
            return Ok(Self { out, unfinished: None, path: path.to_owned(), is_finished: false });
        }
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
        let path =
            if is_link { std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = path.with_file_name(format!("{name}.{}.unfinished", std::process::id()));
        let file = File::create(&unfinished).map_err(failed)?;
        let out = Arc::new(Mutex::new(BufWriter::new(file)));
        Ok(Self { out, unfinished: Some(unfinished), path, is_finished: false })
    }

    /// What writes into it.
    pub fn writer(&self) -> Writer {
        Writer(Arc::clone(&self.out))
    }

    /// Gives it its name; from now on it is there, in the place of one of that name.
    pub fn finish(self) -> Result<()> {
        self.finish_as(true)
    }

    /// The same; one of that name stays as it is, unless it may be replaced.
    ///
    /// # Errors
    /// The caller's mistake where there is one; the world's failure else.
    pub fn finish_as(mut self, may_replace: bool) -> Result<()> {
        let finish = |out: &Shared| -> io::Result<()> {
            let mut out = out.lock().map_err(|_| io::Error::other("a writer panicked"))?;
            out.flush()?;
            let Some(unfinished) = &self.unfinished else { return Ok(()) };
            out.get_ref().sync_all()?;
            named(unfinished, &self.path, may_replace)
        };
        finish(&self.out).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Fault::caller(msg!("cli-report-exists", path = self.path.display().to_string()))
            }
            _ => unwritable(&self.path).because(error),
        })?;
        self.is_finished = true;
        // The name is there; that it survives a power cut too is not worth a failure.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Refuses a name that is taken, before there is any work for it: what lies there somebody may have signed, or handed on.
///
/// # Errors
/// The caller's mistake where a file is there that may not be replaced.
pub fn free(path: &Path, may_replace: bool) -> Result<()> {
    match path.is_file() && !may_replace {
        true => Err(Fault::caller(msg!("cli-report-exists", path = path.display().to_string()))),
        false => Ok(()),
    }
}

/// Gives a file that is whole its name. Where it may replace nothing, one that took the name meanwhile stays, in whichever moment that was.
pub fn named(unfinished: &Path, path: &Path, may_replace: bool) -> io::Result<()> {
    if may_replace {
        return std::fs::rename(unfinished, path);
    }
    match std::fs::hard_link(unfinished, path) {
        Ok(()) => std::fs::remove_file(unfinished).or(Ok(())), // the whole file is there under its name
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links: what is there is looked for.
        Err(_) if path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(unfinished, path),
    }
}

fn unwritable(path: &Path) -> Fault {
    Fault::world(msg!("cli-out-unwritable", path = path.display().to_string()))
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(unfinished) = self.unfinished.as_ref().filter(|_| !self.is_finished) {
            let _ = std::fs::remove_file(unfinished); // nobody shall take half an answer for a whole one
        }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().map_err(|_| io::Error::other("a writer panicked"))?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().map_err(|_| io::Error::other("a writer panicked"))?.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        std::fs::write(&path, "before").unwrap();
        let file = WholeFile::begin(&path).unwrap();
        file.writer().write_all(b"half").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        drop(file);
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"before".to_vec()));
        let file = WholeFile::begin(&path).unwrap();
        file.writer().write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"whole".to_vec()));
        // What somebody made meanwhile stays, where it may not be replaced.
        let file = WholeFile::begin(&path).unwrap();
        file.writer().write_all(b"late").unwrap();
        assert_eq!(file.finish_as(false).unwrap_err().id(), "cli-report-exists");
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"whole".to_vec()));
        let other = folder.path().join("other.csv");
        let file = WholeFile::begin(&other).unwrap();
        file.writer().write_all(b"first").unwrap();
        file.finish_as(false).unwrap();
        assert_eq!((names(), std::fs::read(&other).unwrap()), (2, b"first".to_vec()));
        assert!(WholeFile::begin(folder.path()).is_err(), "a folder is no file");
        #[cfg(unix)]
        {
            let link = folder.path().join("link.csv");
            std::os::unix::fs::symlink(&other, &link).unwrap();
            let file = WholeFile::begin(&link).unwrap();
            file.writer().write_all(b"through").unwrap();
            file.finish().unwrap();
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink(), "a link stays one");
            assert_eq!(std::fs::read(&other).unwrap(), b"through");
            let device = Path::new("/dev/null");
            let file = WholeFile::begin(device).unwrap();
            file.writer().write_all(b"away").unwrap();
            file.finish().unwrap();
            assert!(!std::fs::symlink_metadata(device).unwrap().is_file(), "a device stays one");
        }
        assert!(WholeFile::begin(&folder.path().join("no/such")).is_err());
    }
}
