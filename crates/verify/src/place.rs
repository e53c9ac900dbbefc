//! Where the judge reads: an object store and a prefix in it. It only reads, and it reads by itself.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::archived;

/// A place to read from.
#[derive(Clone)]
pub struct Place {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    reads: Arc<Reads>,
}

/// How much of a place was read, for a progress bar.
#[derive(Debug, Default)]
pub struct Reads {
    wanted: AtomicU64,
    done: AtomicU64,
}

impl Reads {
    /// The bytes that were read, and those that are to be read in all, as far as that is known; never fewer than were read.
    pub fn now(&self) -> (u64, u64) {
        let done = self.done.load(Ordering::Relaxed);
        (done, self.wanted.load(Ordering::Relaxed).max(done))
    }

    pub(crate) fn want(&self, bytes: u64) {
        self.wanted.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({}/{})", self.store, self.prefix)
    }
}

impl Place {
    /// The objects below a prefix, which may be empty.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self { store, prefix, reads: Arc::default() }
    }

    /// How much of it was read, by whoever has a copy of this.
    pub fn reads(&self) -> &Arc<Reads> {
        &self.reads
    }

    /// A folder of this machine.
    ///
    /// # Errors
    /// The caller's mistake where there is no such folder.
    pub fn folder(path: &std::path::Path) -> Result<Self> {
        let store = object_store::local::LocalFileSystem::new_with_prefix(path).map_err(|error| {
            Fault::caller(msg!("verify-folder-missing", path = path.display().to_string())).because(error)
        })?;
        Ok(Self::new(Arc::new(store), Path::default()))
    }

    fn path(&self, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(name).parts()))
    }

    /// Reads an object; `None` where it is absent.
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        let read = async { self.store.get(&self.path(name)).await?.bytes().await };
        match read.await {
            Ok(bytes) => {
                self.reads.done.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                Ok(Some(bytes))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => {
                let archived = archived(&self.store.to_string(), self.path(name).as_ref(), &error);
                let unreadable = || Fault::world(msg!("verify-object-unreadable", name = name)).because(error);
                Err(archived.unwrap_or_else(unreadable))
            }
        }
    }

    /// All objects with their sizes, by name.
    pub(crate) async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>> {
        let below = self.path(folder);
        let below = Some(&below).filter(|below| !below.as_ref().is_empty());
        let own = self.prefix.parts().count();
        let name = |location: &Path| {
            let parts: Vec<String> = location.parts().skip(own).map(|part| part.as_ref().to_owned()).collect();
            parts.join("/")
        };
        let mut names: Vec<(String, u64)> = self
            .store
            .list(below)
            .map_ok(|meta| (name(&meta.location), meta.size))
            .try_collect()
            .await
            .map_err(|error| Fault::world(msg!("verify-place-unlistable", name = folder)).because(error))?;
        names.sort();
        Ok(names)
    }
}
