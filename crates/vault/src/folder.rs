//! A folder as an object store that is durable: what it says is written survives a power cut.
//!
//! `object_store`'s own folder store writes without fsync. This one writes a temporary file, syncs it, puts it in its place
//! (a hard link where it must not exist yet, else a rename) and syncs the folder. Everything else is delegated.

use std::fmt;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// The prefix of temporary files: a listing passes over them.
pub(crate) const TEMPORARY: &str = ".shoseki-";

/// So many bytes are read by who asks for them: to hand that to another thread takes longer.
const AT_ONCE: u64 = 256 << 10;

/// The store.
#[derive(Debug)]
pub struct Folder {
    inner: LocalFileSystem,
    root: PathBuf,
}

impl Folder {
    /// Over a folder that exists.
    ///
    /// # Errors
    /// Where it does not.
    pub fn new(root: &FsPath) -> Result<Self> {
        Ok(Self { inner: LocalFileSystem::new_with_prefix(root)?, root: root.canonicalize().map_err(generic)? })
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root.display())
    }
}

fn generic(error: io::Error) -> Error {
    Error::Generic { store: "folder", source: Box::new(error) }
}

fn sync_folder(folder: &FsPath) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Creates a folder and those above it, syncing each parent that got a new entry.
fn create_folders(folder: &FsPath) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    create_folders(parent)?;
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(parent),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A new file that nobody else writes to: a process number alone is not unique where containers share a folder.
fn create_temporary(folder: &FsPath) -> io::Result<(PathBuf, fs::File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
        match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {} // somebody's, or left by one who died
            Err(error) => return Err(error),
        }
    }
}

/// Writes bytes durably; `create` refuses to replace a file that is there.
fn put_file(target: &FsPath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = target.parent().unwrap_or_else(|| FsPath::new("."));
    create_folders(folder)?;
    let (temporary, mut file) = create_temporary(folder)?;
    let placed = (|| {
        for part in payload {
            file.write_all(part)?;
        }
        file.sync_all()?;
        if create { fs::hard_link(&temporary, target) } else { fs::rename(&temporary, target) }
    })();
    if create || placed.is_err() {
        let _ = fs::remove_file(&temporary); // it is a link to the placed file by now, or of no use
    }
    match placed {
        // What is there was put there by somebody who may not have lived to sync the folder.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => sync_folder(folder).and(Err(error)),
        placed => placed.and_then(|()| sync_folder(folder)),
    }
}

/// Ranges of a file, in their order.
fn read_ranges(path: &FsPath, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>> {
    let mut file = fs::File::open(path)?;
    let mut read = Vec::with_capacity(ranges.len());
    for range in ranges {
        let length = range.end.checked_sub(range.start).and_then(|length| usize::try_from(length).ok());
        let mut bytes = vec![0; length.ok_or(io::ErrorKind::InvalidInput)?];
        file.seek(SeekFrom::Start(range.start))?;
        file.read_exact(&mut bytes)?;
        read.push(bytes.into());
    }
    Ok(read)
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let create = match opts.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => {
                return Err(Error::NotImplemented { operation: "put".into(), implementer: "folder".into() });
            }
        };
        let target = self.inner.path_to_filesystem(location)?;
        let path = location.to_string();
        let put = tokio::task::spawn_blocking(move || put_file(&target, &payload, create)).await?;
        match put {
            Ok(()) => Ok(PutResult { e_tag: None, version: None }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists { path, source: Box::new(error) })
            }
            Err(error) => Err(generic(error)),
        }
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    /// Only what is asked for: what stands between ranges costs as much to read as they do, where no request is saved by it.
    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let bytes: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum();
        // What fails is asked again: it has the words for it.
        if bytes <= AT_ONCE
            && let Ok(read) = read_ranges(&self.inner.path_to_filesystem(location)?, ranges)
        {
            return Ok(read);
        }
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    /// Files that come before the offset are not looked at, however many there are.
    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
