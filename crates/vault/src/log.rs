//! The two logs that are one: the Delta log, which orders writers, and the transparency log, whose n-th entry commits to
//! the bytes of the n-th Delta commit.
//!
//! The commit loop is our own: commit n is created with create-only and read back on any error ([`Store::create`]), so that
//! a lost answer doubles nothing. Sealing needs no lock: entries are pure functions of commits and signatures are
//! deterministic, so two sealers write the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use shoseki_event::SegmentId;
use shoseki_merkle::Hash;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{Commit, File, Replay};
use shoseki_segment::layout;
use shoseki_tlog::{Checkpoint, CommitEntry, Edge, Objects, SignedCheckpoint, SigningKey, VerifierKey, edge_paths};

use crate::store::{Created, Store};

/// How many objects are read or written at once.
const AT_ONCE: usize = 16;

/// What is known of both logs.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) replay: Replay,
    edge: Option<Edge>,
    /// The files of compactions that hold what their commits say.
    pub(crate) checked: HashSet<SegmentId>,
    /// What was read of each commit: nothing else is sealed as it.
    read: Vec<CommitEntry>,
    /// The commits with a statement of the log's key that nobody has looked at here.
    stated: BTreeSet<u64>,
}

/// What lies between the newest checkpoint and the newest commit.
#[derive(Debug)]
pub(crate) struct Unsealed {
    tip: Option<SignedCheckpoint>,
    /// How many commits there are.
    end: u64,
    /// The files of compactions that somebody else wrote: before they are sealed, they must hold what their commits say, or
    /// who can write to the store, and has no key, could have evidence gone that is said to be moved.
    pub(crate) compacted: Vec<File>,
}

impl Log {
    /// Reads the commits that came since the last call.
    pub(crate) async fn refresh(&mut self, store: &Store) -> Result<()> {
        let next = self.replay.next_version();
        let after = next.checked_sub(1).map(layout::commit);
        let listed = store.list_after(layout::DELTA_LOG, after.as_deref()).await?;
        // A listing is no snapshot: one taken while others write may show a commit and lack the one before it. So what
        // counts is the newest, and each up to it is asked for by its name.
        let newest = listed.iter().filter_map(|(name, _)| layout::commit_version(name)).max();
        let versions = newest.map_or(next..next, |newest| next..newest.saturating_add(1));
        let missing = |version: u64| move || Fault::damage(msg!("vault-commit-missing", version = version));
        let mut commits = futures::stream::iter(versions)
            .map(|version| async move {
                let bytes = store.get(&layout::commit(version)).await?.ok_or_else(missing(version))?;
                Ok::<_, Fault>((version, bytes))
            })
            .buffered(AT_ONCE);
        while let Some((version, bytes)) = commits.try_next().await? {
            self.apply(version, &bytes)?;
        }
        Ok(())
    }

    fn apply(&mut self, version: u64, bytes: &[u8]) -> Result<()> {
        let located = |fault: Fault| Fault::damage(msg!("vault-commit-refused", version = version)).because(fault);
        let newer = |fault: &Fault| fault.kind() == Kind::Caller;
        let commit = Commit::parse(bytes).map_err(|fault| if newer(&fault) { fault } else { located(fault) })?;
        self.replay.apply(&commit).map_err(located)?;
        self.read.push(CommitEntry::of(version, bytes));
        if commit.statement.is_some() {
            self.stated.insert(version);
        }
        Ok(())
    }

    /// Looks at the statements of the commits that are not sealed yet: who seals them, or writes behind them, must know that the
    /// log's key says so.
    ///
    /// # Errors
    /// Damage where one is not of the log's key, or not of its commit.
    pub(crate) async fn check_stated(&mut self, store: &Store, key: &VerifierKey) -> Result<()> {
        if self.stated.is_empty() {
            return Ok(());
        }
        let tip = tip(store, key).await?;
        let size = tip.as_ref().map_or(0, SignedCheckpoint::size);
        self.stated = self.stated.split_off(&size); // the others are sealed
        if self.stated.is_empty() {
            return Ok(());
        }
        let mut edge = load_edge(store, tip.as_ref()).await?;
        self.append(store, key, &mut edge, self.replay.next_version()).await
    }

    /// The root of the tree of all commits, sealed or not.
    ///
    /// # Errors
    /// Damage where a commit is not what was read; the world's failure else.
    pub(crate) async fn root(&mut self, store: &Store, key: &VerifierKey) -> Result<Hash> {
        let tip = tip(store, key).await?;
        let mut edge = load_edge(store, tip.as_ref()).await?;
        self.append(store, key, &mut edge, self.replay.next_version()).await?;
        edge.root()
    }

    /// Appends the commits up to a version to a tree. Each must be what was read, and have the statement that it needs.
    async fn append(&mut self, store: &Store, key: &VerifierKey, edge: &mut Edge, end: u64) -> Result<()> {
        for version in edge.size()..end {
            let bytes = store.need(&layout::commit(version)).await?; // what is sealed is what the store holds
            let entry = CommitEntry::of(version, &bytes);
            let read = usize::try_from(version).ok().and_then(|at| self.read.get(at));
            if read != Some(&entry) {
                return Err(Fault::damage(msg!("vault-commit-changed", version = version)));
            }
            if self.stated.contains(&version) {
                check_statement(version, &Commit::parse(&bytes)?, edge.root()?, key)?;
                self.stated.remove(&version);
            }
            edge.append(&entry.to_bytes())?;
        }
        Ok(())
    }

    /// Tries to write the next commit. `None` says that another writer was there first: refresh, revise, try again.
    pub(crate) async fn try_commit(&mut self, store: &Store, commit: &Commit) -> Result<Option<u64>> {
        let version = self.replay.next_version();
        let bytes = Bytes::from(commit.to_bytes());
        // What readers would refuse is never written: a commit is there for ever.
        let mut next = self.replay.clone();
        next.apply(&Commit::parse(&bytes)?)?;
        let entry = CommitEntry::of(version, &bytes);
        match store.create(&layout::commit(version), bytes.clone()).await? {
            Created::Theirs(_) => Ok(None),
            Created::Ours => {
                self.replay = next;
                self.read.push(entry);
                Ok(Some(version))
            }
        }
    }

    /// What is to be sealed: up to here, and after a look at the files of these compactions.
    pub(crate) async fn unsealed(&mut self, store: &Store, key: &SigningKey) -> Result<Unsealed> {
        // The tip first: a commit behind a seal is always there later, while a later tip may be ahead of what was read.
        let tip = tip(store, key.verifier()).await?;
        self.refresh(store).await?;
        let (size, end) = (tip.as_ref().map_or(0, SignedCheckpoint::size), self.replay.next_version());
        if size > end {
            return Err(Fault::damage(msg!("vault-log-longer", size = size, commits = end)));
        }
        let is_unknown = |file: &&File| {
            let is_compacted = file.add.tags.segments.iter().any(|tag| tag.commit.is_some());
            file.version >= size && is_compacted && !self.checked.contains(&file.add.name)
        };
        let compacted = self.replay.files().filter(is_unknown).cloned().collect();
        Ok(Unsealed { tip, end, compacted })
    }

    /// Seals every commit that was to be sealed and gives the checkpoint.
    pub(crate) async fn seal(
        &mut self,
        store: &Store,
        key: &SigningKey,
        Unsealed { tip, end, .. }: Unsealed,
    ) -> Result<SignedCheckpoint> {
        let size = tip.as_ref().map_or(0, SignedCheckpoint::size);
        let mut edge = match self.edge.take() {
            Some(edge) if edge.size() == size => edge,
            _ => load_edge(store, tip.as_ref()).await?,
        };
        if let Some(tip) = tip.filter(|_| size == end) {
            self.edge = Some(edge);
            bring_forward(store, &tip, key.verifier()).await?; // a sealer may have died before it
            return Ok(tip);
        }
        self.append(store, key.verifier(), &mut edge, end).await?;
        let objects = edge.objects()?;
        futures::stream::iter(objects)
            .map(|(path, bytes)| async move { store.create_same(&format!("{}/{path}", layout::TLOG), bytes).await })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size: end, root: edge.root()? };
        let signed = checkpoint.sign(key)?;
        store.create_same(&layout::checkpoint(end), signed.clone()).await?;
        let signed = SignedCheckpoint::open(&signed, key.verifier())?;
        bring_forward(store, &signed, key.verifier()).await?;
        edge.mark_published();
        self.edge = Some(edge);
        Ok(signed)
    }
}

/// Whether the statement of a commit, behind the tree of this root, is of the log's key.
fn check_statement(version: u64, commit: &Commit, root: Hash, key: &VerifierKey) -> Result<()> {
    let Some((kind, statement)) = commit.carried_statement() else { return Ok(()) };
    let name = layout::commit(version);
    let refused = |fault| Fault::damage(msg!("vault-commit-unstated", version = version, name = name)).because(fault);
    shoseki_tlog::check_statement(kind, statement.as_bytes(), commit.stated_hash(root), key).map_err(refused)
}

/// The newest checkpoint of the log: the copy, or what lies behind it.
pub(crate) async fn tip(store: &Store, key: &VerifierKey) -> Result<Option<SignedCheckpoint>> {
    let copy = match store.get(layout::CHECKPOINT).await? {
        Some(bytes) => Some(SignedCheckpoint::open(&bytes, key)?),
        None => None,
    };
    let after = copy.as_ref().map(|copy| layout::checkpoint(copy.size()));
    let later = store.list_after(layout::CHECKPOINTS, after.as_deref()).await?;
    match later.iter().rev().find(|(name, _)| layout::checkpoint_size(name).is_some()) {
        Some((name, _)) => Ok(Some(SignedCheckpoint::open(&store.need(name).await?, key)?)),
        None => Ok(copy),
    }
}

/// Puts the copy of the newest checkpoint in its place, never an older one over a newer.
pub(crate) async fn bring_forward(store: &Store, newest: &SignedCheckpoint, key: &VerifierKey) -> Result<()> {
    let there = store.get(layout::CHECKPOINT).await?;
    let is_newer = match &there {
        Some(bytes) => SignedCheckpoint::open(bytes, key).is_ok_and(|there| there.size() >= newest.size()),
        None => false,
    };
    if is_newer { Ok(()) } else { store.replace(layout::CHECKPOINT, newest.bytes().clone()).await }
}

async fn load_edge(store: &Store, tip: Option<&SignedCheckpoint>) -> Result<Edge> {
    let Some(tip) = tip else { return Ok(Edge::empty()) };
    let objects = objects(store, edge_paths(tip.size())).await?;
    Edge::load(tip.size(), &objects, tip.root())
}

/// Reads objects of the transparency log; a partial tile that is absent is looked for in its full form.
pub(crate) async fn objects(store: &Store, paths: Vec<String>) -> Result<Objects> {
    let read = futures::stream::iter(paths)
        .map(|path| async move {
            if let Some(bytes) = store.get(&format!("{}/{path}", layout::TLOG)).await? {
                return Ok::<_, Fault>((path, bytes));
            }
            let full = shoseki_tlog::full_form(&path).unwrap_or_else(|| path.clone());
            Ok((full.clone(), store.need(&format!("{}/{full}", layout::TLOG)).await?))
        })
        .buffer_unordered(AT_ONCE);
    read.try_collect::<BTreeMap<String, Bytes>>().await
}
