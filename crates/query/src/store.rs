//! Where files are read from: what this crate needs of a vault, and no more.

use std::collections::HashMap;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{OBJECT_STORE_COALESCE_DEFAULT, ObjectStore, ObjectStoreExt, coalesce_ranges};
use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::keys::Secret;
use shoseki_segment::layout::EVENTS;
use shoseki_segment::{Built, archived};
use shoseki_vault::Vault;

/// A vault's files as a query sees them: a fixed list of segments' files, and their bytes.
#[async_trait]
pub trait Store: Send + Sync + Debug {
    /// The files of the snapshot, as their commits added them.
    fn files(&self) -> &[Add];

    /// Ranges of a file's bytes, in the order asked for.
    ///
    /// # Errors
    /// The world's failure where they cannot be read, damage where the file is shorter.
    async fn read(&self, file: &Add, ranges: &[Range<u64>]) -> Result<Vec<Bytes>>;

    /// The file's key, where it is encrypted.
    ///
    /// # Errors
    /// Where the key is not to be had.
    async fn key(&self, file: &Add) -> Result<Option<Secret>>;

    /// What was read of files so far, where that is paid for: from a bucket. Nothing where it is not.
    fn fetched(&self) -> Vec<Fetched> {
        Vec::new()
    }
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Its path below `events/`.
    pub path: String,
    /// How many requests.
    pub requests: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// A store without some of its files.
#[derive(Debug)]
pub(crate) struct Without {
    inner: Arc<dyn Store>,
    files: Vec<Add>,
}

impl Without {
    pub(crate) fn new(inner: &Arc<dyn Store>, left_out: impl Fn(SegmentId) -> bool) -> Self {
        let files = inner.files().iter().filter(|file| !left_out(file.id())).cloned().collect();
        Self { inner: Arc::clone(inner), files }
    }
}

#[async_trait]
impl Store for Without {
    fn files(&self) -> &[Add] {
        &self.files
    }

    async fn read(&self, file: &Add, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.read(file, ranges).await
    }

    async fn key(&self, file: &Add) -> Result<Option<Secret>> {
        self.inner.key(file).await
    }

    fn fetched(&self) -> Vec<Fetched> {
        self.inner.fetched()
    }
}

/// A vault's table at one version, and what was acknowledged since and lies in memory only.
#[derive(Debug)]
pub(crate) struct VaultFiles {
    vault: Arc<Vault>,
    files: Vec<Add>,
    unsealed: HashMap<SegmentId, Bytes>,
    /// What was read of each file in a bucket.
    fetched: Mutex<HashMap<SegmentId, Fetched>>,
}

impl VaultFiles {
    pub(crate) fn new(vault: Arc<Vault>, mut files: Vec<Add>, unsealed: &[Built]) -> Self {
        files.extend(unsealed.iter().map(|file| file.add.clone()));
        let unsealed = unsealed.iter().map(|file| (file.add.id(), file.bytes.clone())).collect();
        Self { vault, files, unsealed, fetched: Mutex::default() }
    }

    fn count(&self, file: &Add, range: &Range<u64>) {
        let Ok(mut all) = self.fetched.lock() else { return };
        let fetched = all.entry(file.id()).or_insert_with(|| Fetched { path: file.path(), ..Fetched::default() });
        fetched.requests += 1;
        fetched.bytes += range.end.saturating_sub(range.start);
    }

    /// Ranges of an object. Those that lie near each other are fetched by one request, as the store does by itself: so what is
    /// counted is what is paid for.
    async fn ranges(&self, file: &Add, path: &Path, ranges: &[Range<u64>]) -> object_store::Result<Vec<Bytes>> {
        let store = self.vault.store();
        if store.folder().is_some() {
            return store.objects().get_ranges(path, ranges).await;
        }
        let fetch = |range: Range<u64>| {
            self.count(file, &range);
            store.objects().get_range(path, range)
        };
        coalesce_ranges(ranges, fetch, OBJECT_STORE_COALESCE_DEFAULT).await
    }
}

#[async_trait]
impl Store for VaultFiles {
    fn files(&self) -> &[Add] {
        &self.files
    }

    async fn read(&self, file: &Add, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let name = format!("{EVENTS}/{}", file.path());
        if let Some(bytes) = self.unsealed.get(&file.id()) {
            let part = |range: &Range<u64>| {
                let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
                (range.start <= range.end && range.end <= bytes.len()).then(|| bytes.slice(range))
            };
            let parts: Option<Vec<Bytes>> = ranges.iter().map(part).collect();
            return parts.ok_or_else(|| Fault::broken(msg!("query-file-unreadable", path = name.as_str())));
        }
        let store = self.vault.store();
        let path = store.path(&name);
        self.ranges(file, &path, ranges).await.map_err(|error| {
            if let Some(fault) = archived(store.url(), path.as_ref(), &error) {
                return fault;
            }
            let message = msg!("query-file-unreadable", path = name.as_str());
            match error {
                object_store::Error::NotFound { .. } => Fault::damage(message).because(error),
                error => Fault::world(message).because(error),
            }
        })
    }

    async fn key(&self, file: &Add) -> Result<Option<Secret>> {
        self.vault.file_key(file).await
    }

    fn fetched(&self) -> Vec<Fetched> {
        let mut all: Vec<Fetched> = self.fetched.lock().map(|all| all.values().cloned().collect()).unwrap_or_default();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }
}
