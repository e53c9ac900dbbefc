//! A file that is there whole or not at all: what is written lies beside it until the end, and takes its name at once.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::{Arg, ArgAction, ArgMatches};
use shoseki_messages::{Fault, Result, msg};

type Shared = Arc<Mutex<BufWriter<File>>>;

/// A file that is being written. Dropped before [`WholeFile::finish`], it leaves nothing.
pub struct WholeFile {
    out: Shared,
    /// Where it lies until it is whole; nowhere where it is written straight into a pipe or a device.
    unfinished: Option<PathBuf>,
    path: PathBuf,
    may_replace: bool,
    is_finished: bool,
}

/// Writes into a [`WholeFile`].
pub struct Writer(Shared);

/// `--force`: every command that writes a file which the user names takes it beside that file's name.
pub fn force() -> Arg {
    Arg::new("force").long("force").action(ArgAction::SetTrue)
}

/// Whether a file that is there may be replaced, as [`force`] says it.
pub fn may_replace(matches: &ArgMatches) -> bool {
    matches.get_flag("force")
}

/// Refuses a file that is there, unless it may be replaced: somebody may have signed it. A command asks this before its work, so
/// that nothing is done, and nothing recorded, for a file that cannot be written. A pipe or a device is no file that could be lost.
///
/// # Errors
/// The caller's mistake where it is there.
pub fn refuse_existing(path: &Path, may_replace: bool) -> Result<()> {
    // What a link leads to counts; a link that leads nowhere is a name that is taken.
    let is_there = match std::fs::metadata(path) {
        Ok(there) => there.is_file(),
        Err(_) => std::fs::symlink_metadata(path).is_ok(),
    };
    if is_there && !may_replace { Err(exists(path)) } else { Ok(()) }
}

fn exists(path: &Path) -> Fault {
    Fault::caller(msg!("cli-out-exists", path = path.display().to_string()))
}

impl WholeFile {
    /// Begins a file; one of that name stays as it is until the end, and is refused unless it may be replaced. Behind a link it is
    /// the file that is meant; what is no file, such as a pipe, is written into as it comes.
    ///
    /// # Errors
    /// The caller's mistake where a file, or a folder, is there; the world's failure where it cannot be written.
    pub fn begin(path: &Path, may_replace: bool) -> Result<Self> {
        Self::begin_with(path, may_replace, &File::options())
    }

    /// The same; only its owner reads it.
    pub fn begin_private(path: &Path, may_replace: bool) -> Result<Self> {
        let mut options = File::options();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::begin_with(path, may_replace, &options)
    }

    fn begin_with(path: &Path, may_replace: bool, options: &OpenOptions) -> Result<Self> {
        refuse_existing(path, may_replace)?;
        let failed = |error: io::Error| unwritable(path).because(error);
        if path.is_dir() || path.file_name().is_none() {
            return Err(Fault::caller(msg!("cli-out-unwritable", path = path.display().to_string())));
        }
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let stream = File::options().write(true).open(path).map_err(failed)?;
            let out = Arc::new(Mutex::new(BufWriter::new(stream)));
            return Ok(Self { out, unfinished: None, path: path.to_owned(), may_replace, is_finished: false });
        }
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
        let path =
            if is_link { std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = path.with_file_name(format!("{name}.{}.unfinished", std::process::id()));
        // One that a killed process of this number left goes; what stands there then is no file or link of somebody else.
        let _ = std::fs::remove_file(&unfinished);
        let file = options.clone().read(true).write(true).create_new(true).open(&unfinished).map_err(failed)?;
        let out = Arc::new(Mutex::new(BufWriter::new(file)));
        Ok(Self { out, unfinished: Some(unfinished), path, may_replace, is_finished: false })
    }

    /// The file itself, for who writes into it at places of his choice; he uses no [`Writer`] beside it.
    ///
    /// # Errors
    /// The world's failure.
    pub fn file(&self) -> Result<File> {
        let cloned = self.out.lock().map_err(|_| io::Error::other("a writer panicked"));
        cloned.and_then(|out| out.get_ref().try_clone()).map_err(|error| unwritable(&self.path).because(error))
    }

    /// What writes into it.
    pub fn writer(&self) -> Writer {
        Writer(Arc::clone(&self.out))
    }

    /// Gives it its name; from now on it is there. One that took the name meanwhile stays as it is, unless it may be replaced.
    ///
    /// # Errors
    /// The caller's mistake where there is one; the world's failure else.
    pub fn finish(mut self) -> Result<()> {
        let finish = |out: &Shared| -> io::Result<()> {
            let mut out = out.lock().map_err(|_| io::Error::other("a writer panicked"))?;
            out.flush()?;
            let Some(unfinished) = &self.unfinished else { return Ok(()) };
            out.get_ref().sync_all()?;
            named(unfinished, &self.path, self.may_replace)
        };
        finish(&self.out).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => unwritable(&self.path).because(error),
        })?;
        self.is_finished = true;
        // The name is there; that it survives a power cut too is not worth a failure.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Gives a file that is whole its name. Where it may replace nothing, one that took the name meanwhile stays, in whichever moment that was.
fn named(unfinished: &Path, path: &Path, may_replace: bool) -> io::Result<()> {
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

/// A failure of what writes rows, a package or an original into a file, by the name of that file, which it does not know.
pub fn named_in(path: &Path, fault: Fault) -> Fault {
    if !["query-output", "vault-output-failed", "verify-package-unwritable"].contains(&fault.id()) {
        return fault;
    }
    let mut code = None;
    let mut cause = std::error::Error::source(&fault);
    while let Some(error) = cause {
        code = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error).or(code);
        cause = error.source();
    }
    match code {
        Some(code) => unwritable(path).because(io::Error::from_raw_os_error(code)),
        None => unwritable(path).because(fault),
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
        let file = WholeFile::begin(&path, true).unwrap();
        file.writer().write_all(b"half").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        drop(file);
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"before".to_vec()));
        let file = WholeFile::begin(&path, true).unwrap();
        file.writer().write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"whole".to_vec()));
        // What somebody made meanwhile stays, where it may not be replaced.
        assert_eq!(WholeFile::begin(&path, false).map(drop).unwrap_err().id(), "cli-out-exists");
        let other = folder.path().join("other.csv");
        let file = WholeFile::begin(&other, false).unwrap();
        file.writer().write_all(b"late").unwrap();
        std::fs::write(&other, "meanwhile").unwrap();
        assert_eq!(file.finish().unwrap_err().id(), "cli-out-exists");
        assert_eq!((names(), std::fs::read(&other).unwrap()), (2, b"meanwhile".to_vec()));
        std::fs::remove_file(&other).unwrap();
        let file = WholeFile::begin(&other, false).unwrap();
        file.writer().write_all(b"first").unwrap();
        file.finish().unwrap();
        assert_eq!((names(), std::fs::read(&other).unwrap()), (2, b"first".to_vec()));
        assert!(WholeFile::begin(folder.path(), true).is_err(), "a folder is no file");
        #[cfg(unix)]
        {
            let link = folder.path().join("link.csv");
            std::os::unix::fs::symlink(&other, &link).unwrap();
            assert!(WholeFile::begin(&link, false).is_err(), "what it leads to is there");
            let nowhere = folder.path().join("nowhere.csv");
            std::os::unix::fs::symlink(folder.path().join("none"), &nowhere).unwrap();
            assert!(WholeFile::begin(&nowhere, false).is_err(), "the name is taken");
            let file = WholeFile::begin(&link, true).unwrap();
            file.writer().write_all(b"through").unwrap();
            file.finish().unwrap();
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink(), "a link stays one");
            assert_eq!(std::fs::read(&other).unwrap(), b"through");
            let device = Path::new("/dev/null");
            let file = WholeFile::begin(device, false).unwrap();
            file.writer().write_all(b"away").unwrap();
            file.finish().unwrap();
            assert!(!std::fs::symlink_metadata(device).unwrap().is_file(), "a device stays one");
        }
        assert!(WholeFile::begin(&folder.path().join("no/such"), false).is_err());
    }

    /// Each command that writes a file which the user names stands in the list that `tests/out.rs` goes through.
    #[test]
    fn every_file_that_a_user_names_is_in_the_list_and_has_force_beside_it() {
        fn walk(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            let longs: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
            for long in longs.iter().filter(|long| **long == "out" || long.starts_with("save") && **long != "saved") {
                assert!(longs.contains(&"force"), "`{path} --{long}` has no --force");
                found.push(format!("{path} --{long}").trim_start().to_owned());
            }
            for below in command.get_subcommands() {
                walk(below, format!("{path} {}", below.get_name()).trim_start(), found);
            }
        }
        let mut found = Vec::new();
        walk(&crate::help::command(shoseki_messages::Lang::En), "", &mut found);
        found.sort();
        let mut listed: Vec<&str> = include_str!("../tests/out/list.txt").lines().collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
