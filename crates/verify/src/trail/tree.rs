//! What is given to be judged, and how it is read: a folder, or a part of a bucket. It only reads, several files at once.

use std::fs;
use std::io;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Attribute, Error, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt};
use shoseki_messages::{Fault, Result, msg};

use super::place::Root;

/// The longest file that is read: CloudTrail's are a few megabytes at most.
const MAX_FILE: u64 = 256 << 20;

/// A folder of this machine, or the objects of a bucket below a prefix.
#[derive(Clone, Debug)]
pub struct TrailPlace {
    root: Root,
    shown: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Folder,
    Bucket(Arc<dyn ObjectStore>),
}

/// A file that was found.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Which of the places it lies in.
    pub(crate) place: usize,
    /// Its whole path: with the bucket before the key, or from the root of the file system.
    pub(crate) path: Box<str>,
    /// How long it is.
    pub(crate) size: u64,
    /// What changes where it changes: an ETag, or the time of its last change.
    pub(crate) stamp: Box<str>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) folders: Vec<String>,
    pub(crate) files: Vec<Object>,
}

/// A file that was read, with what S3 keeps beside it.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    pub(crate) signature: Option<String>,
    pub(crate) made: Option<String>,
}

impl TrailPlace {
    /// A folder: a copy of a bucket, or any folder below or above `AWSLogs`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such folder.
    pub fn folder(path: &FsPath) -> Result<Self> {
        let shown = path.display().to_string();
        let missing = || Fault::caller(msg!("verify-folder-missing", path = shown.as_str()));
        let whole = fs::canonicalize(path).map_err(|error| missing().because(error))?;
        if !whole.is_dir() {
            return Err(Fault::caller(msg!("verify-trail-no-folder", path = shown)));
        }
        let path = whole.to_str().ok_or_else(missing)?.trim_end_matches('/').to_owned();
        let shown = shown.trim_end_matches('/').to_owned();
        Ok(Self { root: Root { path, bucket: None }, shown, source: Source::Folder })
    }

    /// The objects of a bucket below a prefix, which may be empty.
    pub fn bucket(store: Arc<dyn ObjectStore>, bucket: &str, prefix: &Path) -> Self {
        let path = format!("{bucket}/{prefix}").trim_end_matches('/').to_owned();
        let shown = format!("s3://{path}");
        Self { root: Root { path, bucket: Some(bucket.to_owned()) }, shown, source: Source::Bucket(store) }
    }

    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// As people read a path of this place.
    pub(crate) fn shown(&self, path: &str) -> String {
        format!("{}{}", self.shown, path.strip_prefix(self.root.path.as_str()).unwrap_or(path))
    }

    /// The bucket's key of a path.
    fn key(&self, path: &str) -> Path {
        let bucket = self.root.bucket.as_deref().unwrap_or_default();
        Path::from_iter(path.strip_prefix(bucket).unwrap_or(path).split('/').filter(|part| !part.is_empty()))
    }

    fn object(&self, place: usize, meta: ObjectMeta) -> Object {
        let path = format!("{}/{}", self.root.bucket.as_deref().unwrap_or_default(), meta.location).into();
        Object { place, path, size: meta.size, stamp: meta.e_tag.unwrap_or_default().into() }
    }

    fn unlisted(&self, folder: &str, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
        Fault::world(msg!("verify-place-unlistable", name = self.shown(folder))).because(error)
    }

    /// The files and folders right below a folder.
    pub(crate) async fn children(&self, place: usize, folder: &str) -> Result<Listing> {
        let Source::Bucket(store) = &self.source else {
            return self.blocking(place, folder, false).await;
        };
        let key = self.key(folder);
        let listed = store.list_with_delimiter(Some(&key).filter(|key| !key.as_ref().is_empty())).await;
        let listed = listed.map_err(|error| self.unlisted(folder, error))?;
        let bucket = self.root.bucket.as_deref().unwrap_or_default();
        Ok(Listing {
            folders: listed.common_prefixes.iter().map(|prefix| format!("{bucket}/{prefix}")).collect(),
            files: listed.objects.into_iter().map(|meta| self.object(place, meta)).collect(),
        })
    }

    /// All files below a folder, at whatever depth.
    pub(crate) async fn all(&self, place: usize, folder: &str) -> Result<Vec<Object>> {
        let Source::Bucket(store) = &self.source else {
            return Ok(self.blocking(place, folder, true).await?.files);
        };
        let key = self.key(folder);
        let listed = store.list(Some(&key).filter(|key| !key.as_ref().is_empty()));
        let objects = listed.map_ok(|meta| self.object(place, meta)).try_collect();
        objects.await.map_err(|error| self.unlisted(folder, error))
    }

    async fn blocking(&self, place: usize, folder: &str, deep: bool) -> Result<Listing> {
        let (here, folder) = (self.clone(), folder.to_owned());
        let walk = move || {
            let mut listing = Listing::default();
            walk(place, FsPath::new(&folder), deep, &mut listing)
                .map(|()| listing)
                .map_err(|error| here.unlisted(&folder, error))
        };
        tokio::task::spawn_blocking(walk).await.map_err(died)?
    }

    /// Reads a file. `None` where it is gone since it was listed.
    pub(crate) async fn get(&self, object: &Object) -> Result<Option<Fetched>> {
        let name = self.shown(&object.path);
        if object.size > MAX_FILE {
            let message = msg!("verify-trail-file-long", name = name, bytes = object.size, limit = MAX_FILE);
            return Err(Fault::world(message));
        }
        let failed = |error: Error| Fault::world(msg!("verify-object-unreadable", name = name.as_str())).because(error);
        let Source::Bucket(store) = &self.source else {
            let path = PathBuf::from(&*object.path);
            let read = tokio::task::spawn_blocking(move || fs::read(path)).await.map_err(died)?;
            return match read {
                Ok(bytes) => Ok(Some(Fetched { bytes: bytes.into(), signature: None, made: None })),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Fault::world(msg!("verify-object-unreadable", name = name)).because(error)),
            };
        };
        let result = match store.get(&self.key(&object.path)).await {
            Ok(result) => result,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let (signature, made) = (kept(&result, "signature"), kept(&result, "backfill-generation-timestamp"));
        let bytes = result.bytes().await.map_err(failed)?;
        Ok(Some(Fetched { bytes, signature, made }))
    }
}

/// A value of `x-amz-meta-<name>`.
fn kept(result: &GetResult, name: &'static str) -> Option<String> {
    result.attributes.get(&Attribute::Metadata(name.into())).map(|value| value.as_ref().to_owned())
}

fn died(error: tokio::task::JoinError) -> Fault {
    Fault::broken(msg!("verify-thread-died")).because(error)
}

/// Walks a folder; what a link to a folder leads to is not walked: it may lead back up, without end.
fn walk(place: usize, folder: &FsPath, deep: bool, listing: &mut Listing) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()), // a day without files
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let name = match path.to_str() {
            Some(path) => path.to_owned(),
            None => path.as_os_str().as_encoded_bytes().escape_ascii().to_string(),
        };
        let is_link = entry.file_type()?.is_symlink();
        let Ok(metadata) = fs::metadata(&path) else { continue }; // a link that leads nowhere holds nothing
        if metadata.is_dir() {
            match (is_link, deep) {
                (true, _) => {}
                (false, true) => walk(place, &path, deep, listing)?,
                (false, false) => listing.folders.push(name),
            }
        } else if metadata.is_file() {
            let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let stamp = changed.map(|since| since.as_nanos().to_string()).unwrap_or_default();
            listing.files.push(Object { place, path: name.into(), size: metadata.len(), stamp: stamp.into() });
        }
    }
    Ok(())
}
