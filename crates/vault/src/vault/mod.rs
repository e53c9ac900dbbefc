//! A vault that is open: how it is made, read, committed to and sealed.

mod configure;

pub(crate) use configure::{anchors, lines_of};

use async_recursion::async_recursion;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{
    Action, Add, Commit, ENCRYPTION_KEY, Erasure, Expiry, FORMAT_KEY, File, LAYOUT_KEY, ORIGIN_KEY, Remove, Replay,
    Table, Transaction,
};
use shoseki_segment::keys::{KeyProvider, KeyServices, NoServices, Secret};
use shoseki_segment::layout::{self, Marker};
use shoseki_segment::{Layout, VAULT_FORMAT};
use shoseki_tlog::{SignedCheckpoint, SigningKey, VerifierKey};
use tokio::sync::{Mutex, OnceCell};

use crate::anchor;
use crate::buckets::{Buckets, NoProfiles};
use crate::keydir::KeyDir;
use crate::keyring::Keyring;
use crate::log::{Log, tip};
use crate::replica;
use crate::store::{Created, Store};

/// `aes-256-gcm`, the encryption of a vault's files.
const AES: &str = "aes-256-gcm";
/// No encryption of our own: the bucket's.
const NONE: &str = "none";

/// What a caller brings along to open a vault.
#[derive(Clone, Debug)]
pub struct Access {
    /// The folder of key folders: `--key-dir`.
    pub key_base: PathBuf,
    /// What opens keys that are no file.
    pub services: Arc<dyn KeyServices>,
    /// What opens buckets.
    pub buckets: Arc<dyn Buckets>,
}

impl Access {
    /// With key files alone, and buckets by the environment's variables.
    pub fn new(key_base: impl Into<PathBuf>) -> Self {
        Self { key_base: key_base.into(), services: Arc::new(NoServices), buckets: Arc::new(NoProfiles) }
    }
}

/// How a vault is made.
#[derive(Clone, Debug, Default)]
pub struct Init {
    /// The log's origin; made up from the URL's last part and random digits where absent.
    pub origin: Option<String>,
    /// Whether files are encrypted by us; by default in a folder, not in a bucket.
    pub encrypt: Option<bool>,
    /// The name of a service's key that wraps the keys, `aws-kms:arn:…`; a new key file where absent.
    pub service: Option<String>,
    /// How events lie in files; taken apart where we encrypt them, as text where others are to read them.
    pub layout: Option<Layout>,
}

/// A vault and whether it was there before.
#[derive(Debug)]
pub struct Initialised {
    /// The vault.
    pub vault: Vault,
    /// Whether this call made it.
    pub is_new: bool,
}

/// An open vault.
#[derive(Debug)]
pub struct Vault {
    store: Store,
    marker: Marker,
    keys: KeyDir,
    services: Arc<dyn KeyServices>,
    buckets: Arc<dyn Buckets>,
    ring: Option<Keyring>,
    log: Mutex<Log>,
    /// Whether it is a replica, once that was looked for.
    replica: OnceCell<bool>,
}

/// The table at one version: what a reader works on.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The fold over all commits up to the version.
    pub replay: Arc<Replay>,
}

impl Snapshot {
    /// How many commits it holds: the size of the tree that proves them.
    pub fn size(&self) -> u64 {
        self.replay.next_version()
    }
}

impl Vault {
    /// Makes a vault, or opens the one that is there.
    ///
    /// # Errors
    /// The caller's mistake where the URL is unusable or holds something else; the world's failure else.
    #[async_recursion]
    pub async fn init(url: &str, access: &Access, init: &Init) -> Result<Initialised> {
        Self::init_at(Store::open(url, true, access.buckets.as_ref()).await?, access, init).await
    }

    /// As [`Vault::init`], at a place that is open already.
    ///
    /// # Errors
    /// As [`Vault::init`].
    #[async_recursion]
    pub async fn init_at(store: Store, access: &Access, init: &Init) -> Result<Initialised> {
        let mut there = store.get(layout::MARKER).await?;
        if there.is_none() && !store.list("").await?.is_empty() {
            // Somebody may have begun a vault in between; the marker is the first object of each.
            there = store.get(layout::MARKER).await?;
            if there.is_none() {
                return Err(Fault::caller(msg!("vault-place-not-empty", url = store.url())));
            }
        }
        let mut is_new = there.is_none();
        let mut marker = match there {
            Some(bytes) => read_marker(&bytes)?,
            None => new_marker(&store, init)?,
        };
        if is_new {
            let made = KeyDir::of(&access.key_base, &marker.origin).create(&marker.origin, init.service.as_deref());
            let first = match made {
                Ok(()) => match store.create(layout::MARKER, marker.to_text().into_bytes().into()).await? {
                    Created::Theirs(bytes) => Some(bytes),
                    Created::Ours => None,
                },
                // Another process may have made this vault, with these keys, since it was looked.
                Err(fault) => Some(store.get(layout::MARKER).await?.ok_or(fault)?),
            };
            if let Some(bytes) = first {
                (marker, is_new) = (read_marker(&bytes)?, false); // another process was first
            }
        }
        if let Some(origin) = init.origin.as_deref().filter(|origin| *origin != marker.origin) {
            return Err(Fault::caller(msg!("vault-other-origin", wanted = origin, there = marker.origin.as_str())));
        }
        let keys = KeyDir::of(&access.key_base, &marker.origin);
        keys.are_used()?;
        let vault = Self::with(store, marker, keys, access)?;
        vault.complete(init.layout).await?;
        Ok(Initialised { vault, is_new })
    }

    /// Opens a vault.
    ///
    /// # Errors
    /// The caller's mistake where there is none, or a newer version wrote it; damage where it is not readable.
    #[async_recursion]
    pub async fn open(url: &str, access: &Access) -> Result<Self> {
        Self::open_at(Store::open(url, false, access.buckets.as_ref()).await?, access).await
    }

    /// As [`Vault::open`], at a place that is open already.
    ///
    /// # Errors
    /// As [`Vault::open`].
    #[async_recursion]
    pub async fn open_at(store: Store, access: &Access) -> Result<Self> {
        let Some(bytes) = store.get(layout::MARKER).await? else {
            return Err(Fault::caller(msg!("vault-none-here", url = store.url())));
        };
        let marker = read_marker(&bytes)?;
        let keys = KeyDir::of(&access.key_base, &marker.origin);
        let vault = Self::with(store, marker, keys, access)?;
        let mut log = vault.log.lock().await;
        log.refresh(&vault.store).await?;
        if log.replay.table().is_none() {
            return Err(Fault::caller(msg!("vault-unfinished", url = vault.store.url())));
        }
        drop(log);
        Ok(vault)
    }

    fn with(store: Store, marker: Marker, keys: KeyDir, access: &Access) -> Result<Self> {
        let is_encrypted = match marker.encryption.as_str() {
            NONE => false,
            AES => true,
            other => return Err(Fault::damage(msg!("vault-encryption-unknown", name = other))),
        };
        let (services, buckets) = (Arc::clone(&access.services), Arc::clone(&access.buckets));
        let mut vault = Self {
            store,
            marker,
            keys,
            services,
            buckets,
            ring: None,
            log: Mutex::default(),
            replica: OnceCell::new(),
        };
        if is_encrypted {
            vault.open_ring()?;
        }
        Ok(vault)
    }

    /// What opens the buckets of anchors and of evidence.
    pub(crate) fn buckets(&self) -> &dyn Buckets {
        self.buckets.as_ref()
    }

    /// Writes commit 0 and seals it, where that was not done yet.
    async fn complete(&self, layout: Option<Layout>) -> Result<()> {
        let mut log = self.log.lock().await;
        log.refresh(&self.store).await?;
        if log.replay.table().is_none() {
            let layout = layout.unwrap_or(if self.ring.is_some() { Layout::Columns } else { Layout::Text });
            let settings = [
                ("delta.appendOnly", "false"), // expiry and compaction remove files; the grammar guards what may go
                ("delta.dataSkippingStatsColumns", "time"), // delta-rs takes a statistic that is absent for one of no rows
                ("delta.enableExpiredLogCleanup", "false"), // it would delete commits, which are evidence
                ("delta.logRetentionDuration", "interval 36500 days"),
                (ENCRYPTION_KEY, &self.marker.encryption),
                (FORMAT_KEY, &VAULT_FORMAT.to_string()),
                (LAYOUT_KEY, layout.name()),
                (ORIGIN_KEY, &self.marker.origin),
            ];
            let table = Table {
                id: table_id()?,
                created_ms: now_ms(),
                configuration: settings.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            };
            // Another process may have been first; its table is as good.
            if log.try_commit(&self.store, &new_commit(Action::Create(table))?).await?.is_none() {
                log.refresh(&self.store).await?;
            }
        }
        self.seal_log(&mut log, &self.keys.signing()?).await.map(|_| ())
    }

    /// Where it is.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What its `shoseki.toml` says.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// The folder of its secrets.
    pub fn keys(&self) -> &KeyDir {
        &self.keys
    }

    /// The class keys, where it is encrypted.
    pub fn ring(&self) -> Option<&Keyring> {
        self.ring.as_ref()
    }

    /// Reads the class keys' providers, also again after a rotation.
    pub(crate) fn open_ring(&mut self) -> Result<()> {
        let provider: Arc<dyn KeyProvider> = Arc::new(self.keys.providers(self.services.as_ref())?);
        self.ring = Some(Keyring::new(self.store.clone(), provider));
        Ok(())
    }

    /// The key that verifies its checkpoints.
    ///
    /// # Errors
    /// The caller's mistake where the key folder lacks it.
    pub fn verifier(&self) -> Result<VerifierKey> {
        self.keys.verifier()
    }

    /// The table as it stands in the store now.
    ///
    /// # Errors
    /// Damage where a commit is missing or not of the grammar; the world's failure else.
    #[async_recursion]
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let mut log = self.log.lock().await;
        log.refresh(&self.store).await?;
        Ok(Snapshot { replay: Arc::new(log.replay.clone()) })
    }

    /// The key of a file, `None` where it is not encrypted.
    ///
    /// # Errors
    /// The caller's mistake where the key folder holds another vault's keys; damage where a wrapped key was changed.
    #[async_recursion]
    pub async fn file_key(&self, add: &Add) -> Result<Option<Secret>> {
        match &self.ring {
            Some(ring) => ring.file_key(add).await,
            None => Ok(None),
        }
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// Damage where its signature does not verify; the world's failure else.
    #[async_recursion]
    pub async fn checkpoint(&self) -> Result<Option<SignedCheckpoint>> {
        tip(&self.store, &self.verifier()?).await
    }

    /// Commits files that were judged against the commits before `since`, with how far streams were read by them. Where others came since, `revise` is given the
    /// table as it is now and their files, and may change what is committed; an empty list commits nothing.
    ///
    /// # Errors
    /// What `revise` says; damage or the world's failure else.
    pub(crate) async fn commit<R>(
        &self,
        mut adds: Vec<Add>,
        transactions: &[Transaction],
        mut since: u64,
        mut revise: R,
    ) -> Result<Vec<Add>>
    where
        R: AsyncFnMut(Vec<Add>, Arc<Replay>, Vec<File>) -> Result<Vec<Add>>,
    {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        loop {
            self.refresh(&mut log).await?;
            // A compaction brings nothing that was not there before.
            let is_new = |file: &&File| {
                let mut segments = file.add.tags.segments.iter();
                segments.any(|tag| log.replay.commit_of(tag.id).is_some_and(|commit| commit >= since))
            };
            let between: Vec<File> = log.replay.files().filter(is_new).cloned().collect();
            since = log.replay.next_version();
            if !between.is_empty() {
                adds = revise(adds, Arc::new(log.replay.clone()), between).await?;
            }
            if adds.is_empty() {
                return Ok(adds);
            }
            let action = Action::Ingest { transactions: transactions.to_vec(), adds: adds.clone() };
            if log.try_commit(&self.store, &new_commit(action)?).await?.is_some() {
                return Ok(adds);
            }
        }
    }

    /// Whether these files are in the table as it stands now.
    pub(crate) async fn holds(&self, files: &[Remove]) -> Result<bool> {
        let mut log = self.log.lock().await;
        log.refresh(&self.store).await?;
        Ok(files.iter().all(|file| log.replay.file(&file.path()).is_some()))
    }

    /// Commits that a file takes the place of others. `false` where another compaction removed one of them first: the file is
    /// then one that no commit names.
    pub(crate) async fn commit_compaction(&self, removes: Vec<Remove>, add: Add) -> Result<bool> {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        loop {
            self.refresh(&mut log).await?;
            if removes.iter().any(|file| log.replay.file(&file.path()).is_none()) {
                return Ok(false);
            }
            let commit = new_commit(Action::Compact { removes: removes.clone(), add: add.clone() })?;
            if log.try_commit(&self.store, &commit).await?.is_some() {
                log.checked.insert(add.name); // it was read before it was written
                return Ok(true);
            }
        }
    }

    /// Commits that files expire, as the next commit after those that were looked at. `false` where another commit was there first.
    pub(crate) async fn commit_expiry(&self, expiry: Expiry, removes: &[Remove], version: u64) -> Result<bool> {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        self.refresh(&mut log).await?;
        if log.replay.next_version() != version {
            return Ok(false);
        }
        let action = Action::Expire { expiry, removes: removes.to_vec() };
        let commit = self.stated(&mut log, new_commit(action)?).await?;
        Ok(log.try_commit(&self.store, &commit).await?.is_some())
    }

    /// Commits that files are put in the places of others, with less in them. `None` where a file that goes is no longer in the table:
    /// those that were written are then files that no commit names.
    pub(crate) async fn commit_erasure(
        &self,
        erasure: Erasure,
        removes: Vec<Remove>,
        adds: Vec<Add>,
    ) -> Result<Option<u64>> {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        loop {
            self.refresh(&mut log).await?;
            if removes.iter().any(|file| log.replay.file(&file.path()).is_none()) {
                return Ok(None);
            }
            let action = Action::Erase { erasure: erasure.clone(), removes: removes.clone(), adds: adds.clone() };
            let commit = self.stated(&mut log, new_commit(action)?).await?;
            if let Some(version) = log.try_commit(&self.store, &commit).await? {
                log.checked.extend(adds.iter().map(|add| add.name)); // they were read before they were written
                return Ok(Some(version));
            }
        }
    }

    /// Reads what came, and makes sure that the log's key says so where evidence may go by it: nothing is written behind a commit
    /// that cannot be sealed.
    async fn refresh(&self, log: &mut Log) -> Result<()> {
        log.refresh(&self.store).await?;
        log.check_stated(&self.store, &self.verifier()?).await
    }

    /// Seals all commits and writes the checkpoint to every anchor. An anchor that cannot be reached is a warning, not a
    /// failure: the next sealing writes there again.
    ///
    /// # Errors
    /// The caller's mistake where the signing key is missing; damage where the log holds other objects, or a compaction whose
    /// file does not hold the records that it says: that is not sealed.
    #[async_recursion]
    pub async fn seal(&self) -> Result<(SignedCheckpoint, Vec<Fault>)> {
        self.refuse_replica().await?;
        let key: SigningKey = self.keys.signing()?;
        let mut log = self.log.lock().await;
        let checkpoint = self.seal_log(&mut log, &key).await?;
        let anchors = anchors(&log.replay);
        drop(log);
        let mut warnings = Vec::new();
        for url in anchors {
            if let Err(fault) = anchor::write(&url, &checkpoint, self.buckets()).await {
                warnings.push(fault);
            }
        }
        Ok((checkpoint, warnings))
    }

    async fn seal_log(&self, log: &mut Log, key: &SigningKey) -> Result<SignedCheckpoint> {
        let unsealed = log.unsealed(&self.store, key).await?;
        for file in &unsealed.compacted {
            self.check_compacted(file).await.map_err(|fault| match fault.kind() {
                Kind::Damage => Fault::damage(msg!("vault-compaction-refused", version = file.version)).because(fault),
                _ => fault,
            })?;
            log.checked.insert(file.add.name);
        }
        log.seal(&self.store, key, unsealed).await
    }

    /// Makes sure, before anything is added, that the vault can be sealed and was not put back to an older state: an anchor or a
    /// replica that cannot be reached is no reason to stop, one that knows a later state is.
    ///
    /// # Errors
    /// The caller's mistake where the signing key is missing or the keys were rotated elsewhere; damage where an anchor or a replica
    /// holds a later checkpoint, or a commit lets evidence go and is not of the log's key.
    #[async_recursion]
    pub async fn check_before_adding(&self) -> Result<()> {
        self.refuse_replica().await?;
        self.keys.signing()?;
        self.check_stated().await?;
        if let Some(ring) = &self.ring {
            ring.check_current().await?;
        }
        for url in self.snapshot().await?.anchors() {
            let later = anchor::newest(&url, &self.marker.origin, self.buckets()).await.unwrap_or_default();
            let there = self.snapshot().await?.size(); // after the anchor was looked at: others may be adding
            if later > there {
                return Err(Fault::damage(msg!("vault-anchor-ahead", url = url.as_str(), size = later, there = there)));
            }
        }
        for url in self.snapshot().await?.replicas() {
            let later = replica::claimed(self, &url).await;
            let there = self.snapshot().await?.size();
            if later > there {
                return Err(Fault::damage(msg!(
                    "vault-replica-ahead",
                    url = url.as_str(),
                    size = later,
                    there = there
                )));
            }
        }
        Ok(())
    }

    /// Looks at the commits that are not sealed yet and by which evidence may go or be copied.
    ///
    /// # Errors
    /// Damage where one of them is not of the log's key; the caller's mistake where the verifier key is missing.
    #[async_recursion]
    pub async fn check_stated(&self) -> Result<()> {
        let mut log = self.log.lock().await;
        self.refresh(&mut log).await
    }

    /// Whether it is a replica of another place: only `replica sync` writes there.
    ///
    /// # Errors
    /// The world's failure where it cannot be read.
    #[async_recursion]
    pub async fn is_replica(&self) -> Result<bool> {
        self.replica.get_or_try_init(async || replica::is_marked(&self.store).await).await.copied()
    }

    /// What is written to a replica by any other way parts its log from that of the vault.
    async fn refuse_replica(&self) -> Result<()> {
        match self.is_replica().await? {
            true => Err(Fault::caller(msg!("replica-not-written", url = self.store.url()))),
            false => Ok(()),
        }
    }
}

fn read_marker(bytes: &Bytes) -> Result<Marker> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| Fault::damage(msg!("vault-marker-not-text")).because(error))?;
    Marker::parse(text)
}

fn new_marker(store: &Store, init: &Init) -> Result<Marker> {
    let random = Secret::fresh()?;
    let last = store.url().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let made_up = format!("shoseki/{name}-{}", hex::encode(&random.expose()[..4]));
    let origin = init.origin.clone().unwrap_or(made_up);
    let is_name =
        !origin.trim_matches('.').is_empty() && origin.chars().all(|c| c.is_ascii_graphic() && !"+\"\\".contains(c));
    if !is_name {
        return Err(Fault::caller(msg!("vault-origin-unusable", origin = origin)));
    }
    let encrypt = init.encrypt.unwrap_or(store.folder().is_some());
    let encryption = if encrypt { AES } else { NONE };
    Ok(Marker { format: VAULT_FORMAT, origin, encryption: encryption.to_owned() })
}

fn now_ms() -> i64 {
    Timestamp::now().0.div_euclid(1_000)
}

fn new_commit(action: Action) -> Result<Commit> {
    let random = Secret::fresh()?;
    Ok(Commit {
        timestamp_ms: now_ms(),
        engine: concat!("shoseki/", env!("CARGO_PKG_VERSION")).to_owned(),
        batch: hex::encode(&random.expose()[..16]),
        action,
        statement: None,
    })
}

/// A random UUID, version 4.
fn table_id() -> Result<String> {
    let random = Secret::fresh()?;
    let mut b = [0; 16];
    b.copy_from_slice(&random.expose()[..16]);
    (b[6], b[8]) = (b[6] & 0x0f | 0x40, b[8] & 0x3f | 0x80);
    let text = hex::encode(b);
    Ok(format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]))
}
