//! What must lie in a vault: its commits, led to a signed checkpoint, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{Action, Add, Commit, ENCRYPTION_KEY, FORMAT_KEY, ORIGIN_KEY, Remove, Replay};
use shoseki_segment::layout::{self, Marker};
use shoseki_segment::{FORMAT_VERSION, OWN_SOURCE};
use shoseki_tlog::{CommitEntry, Expected, SignedCheckpoint, VerifierKey};

use crate::store::Store;

/// How many commits are read at once.
const AT_ONCE: usize = 16;

/// A file that a commit added.
#[derive(Clone, Debug)]
pub(crate) struct SealedFile {
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
    /// The commit that added it.
    pub(crate) since: u64,
    /// The commit that took it out of the table.
    pub(crate) replaced_by: Option<u64>,
    /// The expiry, or the erasure of something in it, by which it is gone for good: it is neither copied nor brought back.
    pub(crate) gone_by: Option<u64>,
    /// The segments in it.
    pub(crate) segments: Vec<SegmentId>,
    /// The class key that opens it, where it is encrypted.
    pub(crate) key: Option<String>,
    /// Whether it holds nothing but records of our own.
    pub(crate) is_own: bool,
}

/// A vault's state as its signed log proves it.
#[derive(Clone, Debug)]
pub(crate) struct ProvenState {
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) commits: Vec<CommitEntry>,
    /// What the objects of the log must hold.
    pub(crate) log: Expected,
    pub(crate) replay: Replay,
    /// All files that were ever added, by the names of their objects.
    pub(crate) files: BTreeMap<String, SealedFile>,
}

impl ProvenState {
    /// Reads the commits of a store and leads them to a checkpoint. Where another state is proven already, its commits stand in
    /// for those that are missing or are not its.
    ///
    /// # Errors
    /// Damage where they do not lead there; the world's failure else.
    pub(crate) async fn of(
        store: &Store,
        checkpoint: SignedCheckpoint,
        other: Option<(&Store, &Self)>,
    ) -> Result<Self> {
        let read = futures::stream::iter(0..checkpoint.size()).map(|version| read(store, version, other));
        let mut read = std::pin::pin!(read.buffered(AT_ONCE));
        let (mut commits, mut replay, mut files) = (Vec::new(), Replay::default(), BTreeMap::new());
        while let Some((version, bytes)) = read.try_next().await? {
            commits.push(CommitEntry::of(version, &bytes));
            let refused = |fault: Fault| match fault.kind() {
                Kind::Caller => fault, // of a newer format
                _ => Fault::damage(msg!("vault-commit-refused", version = version)).because(fault),
            };
            let commit = Commit::parse(&bytes).map_err(refused)?;
            replay.apply(&commit).map_err(refused)?;
            note_files(&mut files, version, commit.action);
        }
        let log = Expected::of(commits.iter().map(CommitEntry::to_bytes))?;
        if log.root_at(checkpoint.size()) != Some(checkpoint.root()) {
            let size = checkpoint.size();
            return Err(Fault::damage(msg!("replica-log-differs", url = store.url(), size = size)));
        }
        Ok(Self { checkpoint, commits, log, replay, files })
    }

    /// How many commits it has.
    pub(crate) fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// The files of the table.
    pub(crate) fn in_table(&self) -> impl Iterator<Item = (&String, &SealedFile)> {
        self.files.iter().filter(|(_, file)| file.replaced_by.is_none())
    }

    /// The commit by which an object was erased that is a file kept whole.
    pub(crate) fn erased_original(&self, name: &str) -> Option<u64> {
        let sha256 = name.rsplit('/').next().filter(|sha256| layout::original(sha256) == name)?;
        self.replay.erased_original(sha256)
    }

    /// Whether it was.
    pub(crate) fn is_erased_original(&self, name: &str) -> bool {
        self.erased_original(name).is_some()
    }

    /// Whether another signed checkpoint is one of this log.
    pub(crate) fn agrees(&self, checkpoint: &SignedCheckpoint) -> bool {
        self.log.root_at(checkpoint.size()) == Some(checkpoint.root())
    }

    /// The `shoseki.toml` that is sealed.
    pub(crate) fn marker(&self) -> Marker {
        let setting = |name: &str| self.replay.setting(name).unwrap_or_default();
        Marker {
            format: setting(FORMAT_KEY).parse().unwrap_or(FORMAT_VERSION),
            origin: setting(ORIGIN_KEY).to_owned(),
            encryption: setting(ENCRYPTION_KEY).to_owned(),
        }
    }
}

/// A commit's bytes. What the other state does not have is led to the root afterwards.
async fn read(store: &Store, version: u64, other: Option<(&Store, &ProvenState)>) -> Result<(u64, Bytes)> {
    let name = layout::commit(version);
    let there = store.get(&name).await?;
    let proven = other
        .and_then(|(other, state)| Some((other, usize::try_from(version).ok().and_then(|at| state.commits.get(at))?)));
    match (there, proven) {
        (Some(bytes), None) => Ok((version, bytes)),
        (Some(bytes), Some((_, entry))) if entry.is_of(version, &bytes) => Ok((version, bytes)),
        (_, Some((other, _))) => Ok((version, other.need(&name).await?)),
        (None, None) => Err(Fault::damage(msg!("vault-commit-missing", version = version))),
    }
}

fn note_files(files: &mut BTreeMap<String, SealedFile>, version: u64, action: Action) {
    let file = |add: &Add| SealedFile {
        size: add.size,
        sha256: add.tags.sha256.0,
        since: version,
        replaced_by: None,
        gone_by: None,
        segments: add.tags.segments.iter().map(|segment| segment.id).collect(),
        key: add.tags.key.as_ref().map(|key| key.id.clone()),
        is_own: add.tags.segments.iter().all(|segment| segment.source == OWN_SOURCE),
    };
    match action {
        Action::Ingest { adds, .. } => files.extend(adds.iter().map(|add| (object(add.path()), file(add)))),
        Action::Compact { removes, add } => {
            take_out(files, &removes, version);
            files.insert(object(add.path()), file(&add));
        }
        Action::Expire { removes, .. } => {
            take_out(files, &removes, version);
            gone(files, &removes, version);
        }
        Action::Erase { removes, adds, .. } => {
            let erased = adds.iter().flat_map(|add| &add.tags.segments).filter(|tag| !tag.erased.is_empty());
            let erased: BTreeSet<SegmentId> = erased.map(|tag| tag.id).collect();
            take_out(files, &removes, version);
            gone(files, &removes, version);
            // Copies that compactions left have it, too.
            let has_it = |file: &SealedFile| file.segments.iter().any(|segment| erased.contains(segment));
            for file in files.values_mut().filter(|file| file.replaced_by.is_some() && has_it(file)) {
                file.gone_by.get_or_insert(version);
            }
            files.extend(adds.iter().map(|add| (object(add.path()), file(add))));
        }
        Action::Create(_) | Action::Configure(_) => {}
    }
}

fn take_out(files: &mut BTreeMap<String, SealedFile>, removes: &[Remove], version: u64) {
    for remove in removes {
        if let Some(removed) = files.get_mut(&object(remove.path())) {
            removed.replaced_by = Some(version);
        }
    }
}

fn gone(files: &mut BTreeMap<String, SealedFile>, removes: &[Remove], version: u64) {
    for remove in removes {
        if let Some(removed) = files.get_mut(&object(remove.path())) {
            removed.gone_by = Some(version);
        }
    }
}

fn object(path: String) -> String {
    format!("{}/{path}", layout::EVENTS)
}

/// The newest checkpoint whose signature is right, whatever else lies there.
///
/// # Errors
/// The world's failure.
pub(crate) async fn newest_signed(store: &Store, key: &VerifierKey) -> Result<Option<SignedCheckpoint>> {
    let open = |bytes: Option<Bytes>| bytes.and_then(|bytes| SignedCheckpoint::open(&bytes, key).ok());
    let copy = open(store.get(layout::CHECKPOINT).await?);
    let later = signed_up_to(store, key, u64::MAX).await?;
    Ok([copy, later].into_iter().flatten().max_by_key(SignedCheckpoint::size))
}

/// The newest checkpoint of a tree of at most this size.
///
/// # Errors
/// The world's failure.
pub(crate) async fn signed_up_to(store: &Store, key: &VerifierKey, most: u64) -> Result<Option<SignedCheckpoint>> {
    let listed = store.list(layout::CHECKPOINTS).await?;
    for (name, _) in listed.iter().rev() {
        let Some(size) = layout::checkpoint_size(name).filter(|size| *size <= most) else { continue };
        let Some(bytes) = store.get(name).await? else { continue };
        if let Some(signed) = SignedCheckpoint::open(&bytes, key).ok().filter(|signed| signed.size() == size) {
            return Ok(Some(signed));
        }
    }
    Ok(None)
}
