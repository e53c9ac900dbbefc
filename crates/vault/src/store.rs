//! A vault's place: a folder or a bucket prefix, and the few ways in which it is written.
//!
//! There are two: [`Store::create`], for everything that is evidence or proves it, and [`Store::replace`], for the one
//! copy that may be brought forward and for what a restore puts right, once what was wrong is kept beside it
//! (`replica/restore.rs`). Three things are ever deleted: files that a sealed compaction replaced (`compact/replaced.rs`), files
//! that a sealed expiry took out of the table (`retention.rs`), and what a sealed erasure took records out of (`erase.rs`).

use async_recursion::async_recursion;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::{archived, layout};

use crate::buckets::{self, Buckets, S3};
use crate::folder::{Folder, TEMPORARY};

/// Where a vault is, and how to reach it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    prefix: Path,
    url: Arc<str>,
    folder: Option<Arc<FsPath>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.url)
    }
}

/// How a create-only write ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// These bytes are there now: by this call, or by an equal one before.
    Ours,
    /// Other bytes were there already.
    Theirs(Bytes),
}

/// How often a write is tried whose outcome cannot be learnt.
const TRIES: u32 = 4;

/// What lies between two tries.
async fn pause(tries: u32) {
    tokio::time::sleep(std::time::Duration::from_millis(50 << tries)).await;
}

impl Store {
    /// Opens the place of a URL: `s3://bucket/prefix`, `file:///path`, or a path. A folder is created where `create` says so.
    ///
    /// # Errors
    /// The caller's mistake where the URL is not one of these or the folder is absent; the world's failure else.
    #[async_recursion]
    pub async fn open(url: &str, create: bool, buckets: &dyn Buckets) -> Result<Self> {
        if url.starts_with(S3) {
            let (bucket, _, prefix) = buckets::open(url, buckets).await?;
            return Self::over(bucket, prefix.trim_end_matches('/'), url);
        }
        if let Some((scheme, _)) = url.split_once("://").filter(|(scheme, _)| *scheme != "file") {
            return Err(Fault::caller(msg!("vault-scheme-unknown", scheme = scheme, url = url)));
        }
        let folder = PathBuf::from(url.strip_prefix("file://").unwrap_or(url));
        let shown = folder.display().to_string();
        if create {
            std::fs::create_dir_all(&folder).map_err(|error| {
                Fault::world(msg!("vault-folder-uncreatable", path = shown.as_str())).because(error)
            })?;
        }
        if !folder.is_dir() {
            return Err(Fault::caller(msg!("vault-folder-missing", path = shown)));
        }
        let store = Folder::new(&folder)
            .map_err(|error| Fault::world(msg!("vault-folder-unreadable", path = shown.as_str())).because(error))?;
        Ok(Self { inner: Arc::new(store), prefix: Path::default(), url: url.into(), folder: Some(folder.into()) })
    }

    /// Over any object store: how tests put faults between a vault and its place.
    pub fn over(inner: Arc<dyn ObjectStore>, prefix: &str, url: &str) -> Result<Self> {
        let prefix = Path::parse(prefix)
            .map_err(|error| Fault::caller(msg!("vault-bucket-unusable", url = url)).because(error))?;
        Ok(Self { inner, prefix, url: url.into(), folder: None })
    }

    /// The URL as it was given.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is another store's place or one within it, by whatever URL.
    pub fn is_within(&self, other: &Self) -> bool {
        match (self.folder(), other.folder()) {
            (Some(one), Some(other)) => {
                let real = |path: &FsPath| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
                real(one).starts_with(real(other))
            }
            (None, None) => self.bucket() == other.bucket() && self.prefix.prefix_matches(&other.prefix),
            _ => false,
        }
    }

    /// The bucket of its URL.
    fn bucket(&self) -> &str {
        let rest = self.url.strip_prefix(S3).unwrap_or(&self.url);
        rest.split_once('/').map_or(rest, |(bucket, _)| bucket)
    }

    /// The folder, where it is one.
    pub fn folder(&self) -> Option<&FsPath> {
        self.folder.as_deref()
    }

    /// Whether this user may write, as far as that can be seen without writing: in a folder, its checkpoint could be opened for it.
    ///
    /// # Errors
    /// The world's failure where the user may not.
    pub fn may_write(&self) -> Result<()> {
        let Some(folder) = self.folder() else { return Ok(()) };
        let opened = std::fs::OpenOptions::new().write(true).open(folder.join(layout::CHECKPOINT));
        match opened {
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                Err(Fault::world(msg!("vault-store-read-only", url = self.url())).because(error))
            }
            _ => Ok(()),
        }
    }

    /// The object store below, for readers of Parquet.
    pub fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.inner
    }

    /// The place of an object in [`Store::objects`].
    pub fn path(&self, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(name).parts()))
    }

    fn failed(&self, name: &str, error: Error) -> Fault {
        if let Some(fault) = archived(self.url(), self.path(name).as_ref(), &error) {
            return fault;
        }
        let message = match error {
            Error::Unauthenticated { .. } => msg!("vault-store-unauthenticated", url = self.url()),
            Error::PermissionDenied { .. } => msg!("vault-store-forbidden", url = self.url(), name = name),
            _ => msg!("vault-store-failed", url = self.url(), name = name),
        };
        Fault::world(message).because(error)
    }

    /// Reads an object; `None` where it is absent.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        let read = async { self.inner.get(&self.path(name)).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(name, error)),
        }
    }

    /// Reads an object that must be there.
    ///
    /// # Errors
    /// Damage where it is absent; the world's failure else.
    #[async_recursion]
    pub async fn need(&self, name: &str) -> Result<Bytes> {
        self.get(name).await?.ok_or_else(|| Fault::damage(msg!("vault-object-missing", url = self.url(), name = name)))
    }

    /// Writes an object that must not be there yet. On any error the object is read back: the same bytes are ours,
    /// other bytes are somebody else's, and where there are none it is tried again. So a lost answer doubles nothing.
    ///
    /// # Errors
    /// The world's failure where it is neither written nor there after several tries.
    #[async_recursion]
    pub async fn create(&self, name: &str, bytes: Bytes) -> Result<Created> {
        let mut tries = 0;
        loop {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            let Err(error) = self.inner.put_opts(&self.path(name), bytes.clone().into(), options).await else {
                return Ok(Created::Ours);
            };
            // A folder's file may be read back and yet not be durable: only its own word that it is there counts.
            let counts = self.folder.is_none() || matches!(error, Error::AlreadyExists { .. });
            match self.get(name).await {
                Ok(Some(there)) if there == bytes && !counts => {}
                Ok(Some(there)) if there == bytes => return Ok(Created::Ours),
                Ok(Some(there)) => return Ok(Created::Theirs(there)),
                Ok(None) | Err(_) => {}
            }
            tries += 1;
            if tries == TRIES {
                return Err(self.failed(name, error));
            }
            pause(tries).await;
        }
    }

    /// Writes an object that is a pure function of what is there already: other bytes in its place are a fork.
    ///
    /// # Errors
    /// Damage where other bytes are there; the world's failure else.
    #[async_recursion]
    pub async fn create_same(&self, name: &str, bytes: Bytes) -> Result<()> {
        match self.create(name, bytes).await? {
            Created::Ours => Ok(()),
            Created::Theirs(_) => Err(Fault::damage(msg!("vault-object-differs", url = self.url(), name = name))),
        }
    }

    /// Writes or replaces an object: for copies, and for what is not what was sealed; never for evidence.
    ///
    /// # Errors
    /// The world's failure where it fails several times.
    #[async_recursion]
    pub async fn replace(&self, name: &str, bytes: Bytes) -> Result<()> {
        let mut tries = 0;
        loop {
            let Err(error) = self.inner.put(&self.path(name), bytes.clone().into()).await else { return Ok(()) };
            tries += 1;
            if tries == TRIES {
                return Err(self.failed(name, error));
            }
            pause(tries).await;
        }
    }

    /// Deletes a file that a compaction or an expiry took out of the table. Whether it may go was judged by `compact/replaced.rs` or
    /// `gone.rs`, or it is no longer what it was and `replica/restore.rs` keeps it elsewhere. A file that is gone already is
    /// deleted.
    ///
    /// # Errors
    /// The world's failure where it fails several times.
    pub(crate) async fn delete_removed(&self, name: &str) -> Result<()> {
        let mut tries = 0;
        loop {
            let error = match self.inner.delete(&self.path(name)).await {
                Ok(()) | Err(Error::NotFound { .. }) => return Ok(()),
                Err(error) => error,
            };
            tries += 1;
            if tries == TRIES {
                return Err(self.failed(name, error));
            }
            pause(tries).await;
        }
    }

    /// The objects below a folder with their sizes, by name; temporary files are passed over.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>> {
        self.list_after(folder, None).await
    }

    /// As [`Store::list`], only names behind `after`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn list_after(&self, folder: &str, after: Option<&str>) -> Result<Vec<(String, u64)>> {
        let prefix = self.path(folder);
        let prefix = Some(&prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let listing = match after {
            Some(after) => self.inner.list_with_offset(prefix, &self.path(after)),
            None => self.inner.list(prefix),
        };
        let own = self.prefix.parts().count();
        let mut names: Vec<(String, u64)> = listing
            .map(|entry| entry.map(|meta| (Path::from_iter(meta.location.parts().skip(own)).to_string(), meta.size)))
            .try_collect()
            .await
            .map_err(|error| match self.folder {
                Some(_) => self.failed(folder, error),
                None => buckets::unlisted(self.url(), error),
            })?;
        names.retain(|(name, _)| !name.rsplit('/').next().is_some_and(|last| last.starts_with(TEMPORARY)));
        names.sort();
        Ok(names)
    }
}
