//! The two logs: is every commit one of the grammar, in its place, and the one that was sealed; does every object of the
//! transparency log hold what follows from the commits; do all checkpoints agree with them.
//!
//! Commits, bundles and tiles say the same thing three times. Where they disagree, those tell the truth that lead to the
//! root in the newest signed checkpoint, and the others are named; so one lie does not make everything look wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use shoseki_event::Timestamp;
use shoseki_merkle::{Hash, leaf_hash, root};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{Action, Commit, Erasure, File, MAX_COMMIT_BYTES, Replay};
use shoseki_segment::layout;
use shoseki_tlog::{
    CommitEntry, Expected, MAX_CHECKPOINT_BYTES, ObjectPath, SignedCheckpoint, VerifierKey, decode_bundle, decode_tile,
};

use crate::Place;
use crate::table::{Erased, Expired, Files, Replaced, Table};
use crate::vault::{Listing, read_all};
use crate::verdict::{Problem, Report, Since};

/// A full bundle of the longest entries.
const MAX_LOG_OBJECT_BYTES: usize = 256 * (65_535 + 2);
/// How far behind the number of commits an object's number may lie: a bound on what a single name can cost.
const MAX_GAP: u64 = 100_000;
/// How much older than its predecessor a commit may say it is: clocks of two writers differ.
const CLOCK_SKEW_MS: i64 = 300_000;

/// A commit as it lies there.
struct Found {
    entry: Bytes,
    commit: std::result::Result<Commit, Fault>,
}

/// What is known of the logs once they are judged.
pub(crate) struct Logs {
    /// The table after the last commit that could be applied.
    pub(crate) replay: Replay,
    /// The files that must be there by all commits that can be read, each with its commit, in the order of what is in them.
    pub(crate) files: Vec<File>,
    /// The files that compactions took out of the table.
    pub(crate) replaced: Vec<Replaced>,
    /// The files that expired.
    pub(crate) expired: Vec<Expired>,
    /// The files of which records were erased.
    pub(crate) erased: Vec<Erased>,
    /// The erasures, by their commits.
    pub(crate) erasures: BTreeMap<u64, Erasure>,
    /// Whether a sealed commit is of a newer format: it may say things of files that are not known here.
    pub(crate) is_newer: bool,
    /// When each commit that can be read says that it was written.
    pub(crate) times: BTreeMap<u64, Timestamp>,
    /// The size of the tree of the newest checkpoint.
    pub(crate) sealed: u64,
    /// What the log's objects must hold.
    pub(crate) expected: Option<Expected>,
    /// Every place that was ever an anchor.
    pub(crate) all_anchors: BTreeSet<String>,
}

impl Logs {
    /// When a commit was written.
    pub(crate) fn since(&self, commit: u64) -> Option<Since> {
        self.times.get(&commit).map(|time| Since { commit, time: *time })
    }

    /// The segments that expired, and by which commit, as far as that is sealed.
    pub(crate) fn expired_segments(&self) -> HashMap<String, u64> {
        let sealed = self.expired.iter().filter(|expired| expired.by < self.sealed);
        let tags = sealed.flat_map(|expired| expired.file.add.tags.segments.iter().map(move |tag| (tag, expired.by)));
        tags.map(|(tag, by)| (tag.id.to_string(), by)).collect()
    }

    /// The files that are to go by an expiry or an erasure that nobody sealed yet: they are still there, whole.
    pub(crate) fn going(&self) -> impl Iterator<Item = &File> {
        let expiring = self.expired.iter().filter(|expired| expired.by >= self.sealed).map(|expired| &expired.file);
        let erasing = self.erased.iter().filter(|erased| erased.by >= self.sealed).map(|erased| &erased.file);
        expiring.chain(erasing)
    }

    /// The commit by which records of a run were erased, as far as that is sealed.
    pub(crate) fn erased_by(&self, segment: &str, first: u32, count: u32) -> Option<u64> {
        let is_sealed = |version: &u64| *version < self.sealed && self.erasures.contains_key(version);
        let mut erased = segment.parse().ok().into_iter().flat_map(|segment| self.replay.erased_in(segment));
        let found = erased.find(|(ordinals, by)| is_sealed(by) && ordinals.meets(first, count));
        found.map(|(_, by)| by)
    }

    /// The commit by which a file that was kept whole was erased, as far as that is sealed.
    pub(crate) fn erased_original(&self, sha256: &str) -> Option<u64> {
        let is_sealed = |version: &u64| *version < self.sealed && self.erasures.contains_key(version);
        self.replay.erased_original(sha256).filter(is_sealed)
    }

    /// Judges a checkpoint of this log, wherever it was kept: `None` where it agrees.
    pub(crate) fn disagreement(&self, what: &str, checkpoint: &SignedCheckpoint) -> Option<Problem> {
        let size = checkpoint.size();
        let Some(expected) = &self.expected else {
            return Some(Problem::unverifiable(what, msg!("verify-root-unknown", size = size)));
        };
        match expected.root_at(size) {
            None => {
                let message = msg!("verify-rolled-back", size = size, tree = expected.size());
                Some(Problem::tampered(what, message))
            }
            Some(root) if root != checkpoint.root() => Some(
                Problem::tampered(what, msg!("verify-forked", size = size)).since(self.since(size.saturating_sub(1))),
            ),
            Some(_) => None,
        }
    }
}

/// Judges both logs.
pub(crate) async fn judge(place: &Place, listing: &Listing, key: &VerifierKey, report: &mut Report) -> Result<Logs> {
    let commits = commits(place, listing, report).await?;
    let checkpoints = checkpoints(place, listing, key, report).await?;
    let newest = checkpoints.values().last();
    let sealed = newest.map_or(0, SignedCheckpoint::size);
    report.tree_size = sealed;
    let end = commits.keys().last().map_or(0, |last| last + 1);
    let mut expected = Expected::of((0..end).map_while(|n| commits.get(&n)).map(|found| found.entry.clone()))?;
    let is_whole = expected.size() == end;
    let agrees =
        |expected: &Expected| newest.is_none_or(|newest| expected.root_at(newest.size()) == Some(newest.root()));
    let mut changed = BTreeSet::new();
    let mut is_known = is_whole && agrees(&expected);
    if let Some(newest) = newest.filter(|_| !is_known) {
        let witnesses = Witnesses::read(place, listing, &commits, newest.size()).await?;
        if let Some(truth) = witnesses.truth(newest) {
            changed = witnesses.name_changed(&truth, report);
            if let Some(better) = witnesses.expected(&truth, end)? {
                expected = better;
                is_known = true;
            }
        } else {
            locate(&expected, &checkpoints, sealed, end, report);
        }
    }
    if is_known || changed.is_empty() {
        objects(place, listing, &expected, sealed, report).await?;
    }
    let tree = Tree { expected: is_known.then_some(&expected), end, sealed, changed: &changed };
    let mut logs = fold(commits, &tree, key, report);
    logs.expected = (is_known || is_whole).then_some(expected);
    let mut wrong_sizes = Vec::new();
    for (size, checkpoint) in &checkpoints {
        if let Some(problem) = logs.disagreement(&layout::checkpoint(*size), checkpoint) {
            let problem = Problem { message: msg!("verify-checkpoint-disagrees", size = *size), ..problem };
            wrong_sizes.push(problem);
        }
    }
    // Where commits are missing, the newest checkpoints are right and the commits were named already.
    wrong_sizes.into_iter().filter(|_| is_whole || is_known).for_each(|problem| report.problem(problem));
    if end > sealed {
        report.note(msg!("verify-unsealed", count = end - sealed, sealed = sealed));
    }
    Ok(logs)
}

async fn commits(place: &Place, listing: &Listing, report: &mut Report) -> Result<BTreeMap<u64, Found>> {
    let named: BTreeMap<u64, (String, u64)> = listing
        .under(layout::DELTA_LOG)
        .filter_map(|(name, size)| Some((layout::commit_version(name)?, (name.to_owned(), size))))
        .collect();
    let limit = named.len() as u64 + MAX_GAP;
    let mut wanted = Vec::new();
    for (version, (name, size)) in named {
        if version >= limit || size > MAX_COMMIT_BYTES as u64 {
            report.problem(Problem::tampered(name, msg!("verify-object-unknown")));
        } else {
            wanted.push((version, name));
        }
    }
    let read = read_all(place, wanted, |version, bytes| {
        (version, Found { entry: CommitEntry::of(version, &bytes).to_bytes(), commit: Commit::parse(&bytes) })
    });
    Ok(read.await?.into_iter().collect())
}

/// The checkpoints whose signature is right, by size; the others are named.
async fn checkpoints(
    place: &Place,
    listing: &Listing,
    key: &VerifierKey,
    report: &mut Report,
) -> Result<BTreeMap<u64, SignedCheckpoint>> {
    let mut wanted = Vec::new();
    for (name, size) in listing.under(layout::CHECKPOINTS) {
        match layout::checkpoint_size(name) {
            Some(tree) if size <= MAX_CHECKPOINT_BYTES as u64 => wanted.push((tree, name.to_owned())),
            _ => report.problem(Problem::tampered(name, msg!("verify-object-unknown"))),
        }
    }
    let verifier = key.clone();
    let read = read_all(place, wanted, move |size, bytes| (size, SignedCheckpoint::open(&bytes, &verifier))).await?;
    let mut good = BTreeMap::new();
    for (size, opened) in read {
        let name = layout::checkpoint(size);
        match opened {
            Ok(signed) if signed.size() == size => {
                report.checked.checkpoints += 1;
                good.insert(size, signed);
            }
            Ok(signed) => {
                report.problem(Problem::tampered(name, msg!("verify-checkpoint-misplaced", size = signed.size())));
            }
            Err(fault) => report.problem(Problem::of(name, fault)),
        }
    }
    copy(place, listing, key, &mut good, report).await?;
    Ok(good)
}

/// The copy of the newest checkpoint: the one object that is ever replaced.
async fn copy(
    place: &Place,
    listing: &Listing,
    key: &VerifierKey,
    good: &mut BTreeMap<u64, SignedCheckpoint>,
    report: &mut Report,
) -> Result<()> {
    let Some(length) = listing.size(layout::CHECKPOINT) else {
        report.note(msg!("verify-copy-missing"));
        return Ok(());
    };
    if length > MAX_CHECKPOINT_BYTES as u64 {
        report.problem(Problem::tampered(layout::CHECKPOINT, msg!("verify-object-unknown")));
        return Ok(());
    }
    let bytes = place.get(layout::CHECKPOINT).await?.unwrap_or_default();
    let copy = match SignedCheckpoint::open(&bytes, key) {
        Ok(copy) => copy,
        Err(fault) => {
            report.problem(Problem::of(layout::CHECKPOINT, fault));
            return Ok(());
        }
    };
    report.checked.checkpoints += 1;
    let newest = good.keys().last().copied().unwrap_or_default();
    match good.get(&copy.size()) {
        Some(other) if other.root() != copy.root() => {
            report.problem(Problem::tampered(layout::CHECKPOINT, msg!("verify-forked", size = copy.size())));
        }
        Some(_) if copy.size() < newest => report.note(msg!("verify-copy-behind", size = copy.size(), newest = newest)),
        Some(_) => {}
        None => {
            let name = layout::checkpoint(copy.size());
            if listing.size(&name).is_none() && place.get(&name).await?.is_some() {
                return Ok(()); // somebody sealed after the listing
            }
            if listing.size(&name).is_none() {
                report.problem(Problem::tampered(name, msg!("verify-checkpoint-removed", size = copy.size())));
            }
            good.insert(copy.size(), copy);
        }
    }
    Ok(())
}

/// Who says what the leaves are: commits, bundles, tiles.
struct Witnesses<'a> {
    commits: &'a BTreeMap<u64, Found>,
    bundles: BTreeMap<u64, Bytes>,
    tiles: BTreeMap<u64, Hash>,
    size: u64,
}

impl<'a> Witnesses<'a> {
    async fn read(
        place: &Place,
        listing: &Listing,
        commits: &'a BTreeMap<u64, Found>,
        size: u64,
    ) -> Result<Witnesses<'a>> {
        let mut witnesses = Self { commits, bundles: BTreeMap::new(), tiles: BTreeMap::new(), size };
        if size > commits.len() as u64 + MAX_GAP {
            return Ok(witnesses); // nobody can have removed so much and left a size that is worth computing
        }
        let wanted = log_objects(listing)
            .filter(|(path, ..)| matches!(path, ObjectPath::Entries { .. } | ObjectPath::Tile { level: 0, .. }));
        let wanted: Vec<(ObjectPath, String)> = wanted.map(|(path, name, _)| (path, name)).collect();
        // Wider objects come later and replace what narrower ones of the same place said.
        let mut read = read_all(place, wanted, |path, bytes| (path, bytes)).await?;
        read.sort_by_key(|(path, _)| *path);
        for (path, bytes) in read {
            match path {
                ObjectPath::Entries { index, width } => {
                    let entries = decode_bundle(&bytes, width).unwrap_or_default();
                    witnesses.bundles.extend((index * 256..).zip(entries));
                }
                ObjectPath::Tile { index, width, .. } => {
                    let hashes = decode_tile(&bytes, width).unwrap_or_default();
                    witnesses.tiles.extend((index * 256..).zip(hashes));
                }
                ObjectPath::Checkpoint { .. } => {}
            }
        }
        Ok(witnesses)
    }

    fn said(&self, n: u64) -> [Option<Hash>; 3] {
        let commit = self.commits.get(&n).map(|found| leaf_hash(&found.entry));
        [commit, self.bundles.get(&n).map(|entry| leaf_hash(entry)), self.tiles.get(&n).copied()]
    }

    /// The leaves that lead to the newest checkpoint's root, where any do.
    fn truth(&self, newest: &SignedCheckpoint) -> Option<Vec<Hash>> {
        if self.size > self.commits.len() as u64 + MAX_GAP {
            return None;
        }
        let leaves = |choose: &dyn Fn([Option<Hash>; 3]) -> Option<Hash>| {
            (0..self.size).map(|n| choose(self.said(n))).collect::<Option<Vec<Hash>>>()
        };
        let majority = |said: [Option<Hash>; 3]| match said {
            [a, b, c] if a.is_some() && (a == b || a == c) => a,
            [_, b, c] if b.is_some() && b == c => b,
            [a, b, c] => a.or(b).or(c),
        };
        let candidates = [leaves(&|said| said[0]), leaves(&|said| said[1]), leaves(&|said| said[2]), leaves(&majority)];
        candidates.into_iter().flatten().find(|leaves| root(leaves) == newest.root())
    }

    /// Names the commits that are not the ones that were sealed.
    fn name_changed(&self, truth: &[Hash], report: &mut Report) -> BTreeSet<u64> {
        let mut changed = BTreeSet::new();
        for (n, leaf) in (0..).zip(truth) {
            let problem = match self.commits.get(&n) {
                Some(found) if leaf_hash(&found.entry) == *leaf => continue,
                Some(_) => Problem::tampered(layout::commit(n), msg!("verify-commit-changed", version = n)),
                None => Problem::tampered(layout::commit(n), msg!("verify-commit-missing", version = n)),
            };
            changed.insert(n);
            report.problem(problem);
        }
        changed
    }

    /// What the log's objects must hold, where an entry is left for every leaf.
    fn expected(&self, truth: &[Hash], end: u64) -> Result<Option<Expected>> {
        let entry = |n: u64, leaf: &Hash| {
            let commit = self.commits.get(&n).map(|found| &found.entry);
            [commit, self.bundles.get(&n)].into_iter().flatten().find(|entry| leaf_hash(entry) == *leaf).cloned()
        };
        let sealed: Option<Vec<Bytes>> = (0..).zip(truth).map(|(n, leaf)| entry(n, leaf)).collect();
        let Some(mut entries) = sealed else { return Ok(None) };
        entries.extend((self.size..end).map_while(|n| self.commits.get(&n)).map(|found| found.entry.clone()));
        Expected::of(entries).map(Some)
    }
}

/// Nothing leads to the newest checkpoint: says between which checkpoints the commits were changed, or which are missing.
fn locate(
    expected: &Expected,
    checkpoints: &BTreeMap<u64, SignedCheckpoint>,
    sealed: u64,
    end: u64,
    report: &mut Report,
) {
    let first_missing = expected.size();
    if first_missing < sealed.max(end) {
        let last = sealed.max(end).min(first_missing.saturating_add(16));
        for version in (first_missing..last).filter(|n| *n == first_missing || *n >= end) {
            let message = msg!("verify-commit-missing", version = version);
            report.problem(Problem::tampered(layout::commit(version), message));
        }
        return;
    }
    let is_good = |(size, checkpoint): &(&u64, &SignedCheckpoint)| expected.root_at(**size) == Some(checkpoint.root());
    let good = checkpoints.iter().rev().find(is_good).map_or(0, |(size, _)| *size);
    let bad = checkpoints.iter().find(|checkpoint| !is_good(checkpoint)).map_or(sealed, |(size, _)| *size);
    let (first, last) = (good, bad.saturating_sub(1).max(good));
    let message = msg!("verify-commits-changed", first = first, last = last);
    report.problem(Problem::tampered(layout::commit(first), message));
}

/// The objects below `tlog/` that are tiles or bundles, with their names and sizes.
fn log_objects(listing: &Listing) -> impl Iterator<Item = (ObjectPath, String, u64)> {
    listing.under(layout::TLOG).filter_map(|(name, size)| {
        let path: ObjectPath = name.strip_prefix(layout::TLOG)?.strip_prefix('/')?.parse().ok()?;
        (!matches!(path, ObjectPath::Checkpoint { .. })).then(|| (path, name.to_owned(), size))
    })
}

/// Checks every tile and bundle, and that those are there that the newest checkpoint needs.
async fn objects(
    place: &Place,
    listing: &Listing,
    expected: &Expected,
    sealed: u64,
    report: &mut Report,
) -> Result<()> {
    let mut known = BTreeSet::new();
    let mut wanted = Vec::new();
    for (path, name, size) in log_objects(listing) {
        known.insert(name.clone());
        match expected.object(&path) {
            None => {
                report.problem(Problem::tampered(name, msg!("verify-log-object-unexpected", size = expected.size())));
            }
            Some(content) if content.len() as u64 != size || size > MAX_LOG_OBJECT_BYTES as u64 => {
                report.problem(Problem::tampered(name, msg!("verify-log-object-changed")));
            }
            Some(_) => wanted.push((path, name)),
        }
    }
    for (name, _) in listing.under(layout::TLOG) {
        let is_checkpoint = name == layout::CHECKPOINT || name.starts_with(layout::CHECKPOINTS);
        if !is_checkpoint && !known.contains(name) {
            report.problem(Problem::tampered(name, msg!("verify-object-unknown")));
        }
    }
    report.checked.log_objects += wanted.len() as u64;
    let read = futures::stream::iter(wanted)
        .map(|(path, name)| async move { Ok::<_, Fault>((path, place.get(&name).await?, name)) })
        .buffer_unordered(16);
    let mut read = std::pin::pin!(read);
    while let Some((path, bytes, name)) = read.try_next().await? {
        if bytes.is_none() || expected.object(&path) != bytes {
            report.problem(Problem::tampered(name, msg!("verify-log-object-changed")));
        }
    }
    let bundles = (0..sealed).step_by(256).filter_map(|first| ObjectPath::entries_of(first, sealed));
    let tiles = (0..8).flat_map(|level| (0..).map_while(move |index| ObjectPath::tile(level, index, sealed)));
    for path in tiles.chain(bundles).take_while(|_| sealed <= expected.size()) {
        let name = |path: ObjectPath| format!("{}/{path}", layout::TLOG);
        if !known.contains(&name(path)) && !known.contains(&name(path.full())) {
            report.problem(Problem::tampered(name(path), msg!("verify-log-object-missing")));
        }
    }
    Ok(())
}

/// What is known of the tree before its commits are replayed.
struct Tree<'a> {
    /// It, where commits lead to the newest checkpoint.
    expected: Option<&'a Expected>,
    /// How many commits there are.
    end: u64,
    /// How many are sealed.
    sealed: u64,
    /// Those that are not what was sealed.
    changed: &'a BTreeSet<u64>,
}

impl Tree<'_> {
    /// Whether the log's key says what a commit by which evidence may go must have of it.
    fn check_statement(&self, version: u64, commit: &Commit, key: &VerifierKey) -> std::result::Result<(), Problem> {
        let Some((kind, statement)) = commit.carried_statement() else { return Ok(()) };
        let Some(root) = self.expected.and_then(|expected| expected.root_at(version)) else {
            let message = msg!("verify-commit-unstatable", version = version);
            return Err(Problem::unverifiable(layout::commit(version), message));
        };
        shoseki_tlog::check_statement(kind, statement.as_bytes(), commit.stated_hash(root), key).map_err(|fault| {
            let message = msg!("verify-commit-unstated", version = version);
            Problem::tampered(layout::commit(version), message).because(fault)
        })
    }
}

/// Replays the commits: what the table holds, and whether each may stand where it stands.
fn fold(commits: BTreeMap<u64, Found>, tree: &Tree<'_>, key: &VerifierKey, report: &mut Report) -> Logs {
    let Tree { end, sealed, changed, .. } = *tree;
    let mut logs = Logs {
        replay: Replay::default(),
        files: Vec::new(),
        replaced: Vec::new(),
        expired: Vec::new(),
        erased: Vec::new(),
        erasures: BTreeMap::new(),
        is_newer: false,
        times: BTreeMap::new(),
        sealed,
        expected: None,
        all_anchors: BTreeSet::new(),
    };
    let mut newest_ms = i64::MIN;
    // Behind a policy, or a hold, that nobody may have changed so, nothing can be judged to expire.
    let mut is_misled = false;
    let mut table = Table::default();
    let there: BTreeSet<u64> = commits.keys().copied().collect(); // also those that cannot be read
    for (version, found) in commits {
        report.checked.commits += u64::from(version < sealed);
        let name = layout::commit(version);
        if changed.contains(&version) {
            continue; // it was named, and nothing that it says is worth anything
        }
        let commit = match found.commit {
            Ok(commit) => commit,
            Err(fault) => {
                let is_newer = fault.kind() == Kind::Caller;
                logs.is_newer |= is_newer && version < sealed;
                let message = msg!("verify-commit-refused", version = version);
                let problem = Problem::tampered(name, message);
                report.problem(if is_newer {
                    Problem::of(layout::commit(version), fault)
                } else {
                    problem.because(fault)
                });
                continue;
            }
        };
        if commit.timestamp_ms < newest_ms.saturating_sub(CLOCK_SKEW_MS) {
            report.note(msg!("verify-commit-backdated", version = version));
        }
        newest_ms = newest_ms.max(commit.timestamp_ms);
        logs.times.insert(version, Timestamp(commit.timestamp_ms.saturating_mul(1_000)));
        let is_due = logs.replay.next_version() == version;
        let refused = |fault| Problem::tampered(name, msg!("verify-commit-refused", version = version)).because(fault);
        let stated = tree.check_statement(version, &commit, key);
        let applied = if is_due { stated.and_then(|()| logs.replay.apply(&commit).map_err(refused)) } else { stated };
        let is_refused = applied.is_err();
        if let Err(problem) = applied {
            report.problem(problem);
        }
        match commit.action {
            Action::Ingest { adds, .. } => table.ingest(version, adds),
            Action::Compact { .. } if is_refused => {} // what it removes must still be there
            Action::Compact { removes, add } => table.compact(version, &removes, add),
            Action::Expire { .. } if is_refused || is_misled => {} // what it removes must still be there
            Action::Expire { removes, .. } => table.expire(version, &removes),
            Action::Erase { .. } if is_refused || is_misled => {} // what it removes must still be there
            Action::Erase { erasure, removes, adds } => {
                table.erase(version, &removes, adds);
                logs.erasures.insert(version, erasure);
            }
            Action::Create(changed) | Action::Configure(changed) => {
                is_misled |= is_refused && commit.statement.is_some();
                let anchors =
                    changed.configuration.get(shoseki_segment::commit::ANCHORS_KEY).cloned().unwrap_or_default();
                // A refused commit may name any number.
                let room = shoseki_segment::commit::MAX_ANCHORS.saturating_sub(logs.all_anchors.len());
                logs.all_anchors.extend(
                    anchors
                        .split('\n')
                        .filter(|line| shoseki_segment::commit::is_anchor(line))
                        .take(room)
                        .map(str::to_owned),
                );
            }
        }
    }
    let files = table.finish();
    Files { there: logs.files, replaced: logs.replaced, expired: logs.expired, erased: logs.erased } = files;
    let missing = (logs.replay.next_version()..end).filter(|n| !there.contains(n) && !changed.contains(n));
    for version in missing.filter(|n| *n >= sealed) {
        report.problem(Problem::tampered(layout::commit(version), msg!("verify-commit-missing", version = version)));
    }
    logs
}
