//! The fold over the commits: which files the table holds, and whether each commit may follow the ones before it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use shoseki_event::{Day, SegmentId, Timestamp};
use shoseki_messages::{Fault, Result, msg};

use super::{
    ANCHORS_KEY, Action, Add, Commit, Erasure, Expiry, FORMAT_KEY, MAX_ANCHORS, REMOVED_ANCHORS_KEY, Remove, Table,
    compaction, erasure, expiry, is_anchor, statement,
};
use crate::{FIRST_FORMAT, OWN_SOURCE, Ordinals, erasure as requests, layout, retention};

/// A file of the table and the commit that added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The Delta version of its commit, which is the index of its entry in the log.
    pub version: u64,
    /// The file.
    pub add: Add,
}

/// Where a file stands among the others: the commit that first added what it begins with, and its place in that commit.
/// A compaction changes nothing in the order of segments.
pub type Order = (u64, usize);

/// A file in its order.
#[derive(Debug)]
struct Live {
    order: Order,
    file: File,
}

/// Where a segment is, and where it came from.
#[derive(Clone, Debug)]
struct Whereabouts {
    /// The commit that first added it.
    commit: u64,
    /// The path of the file that holds it now.
    path: Arc<str>,
}

/// What is left of all commits so far.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    next: u64,
    table: Option<Table>,
    files: BTreeMap<Arc<str>, Arc<Live>>,
    segments: HashMap<SegmentId, Whereabouts>,
    /// The versions of the compactions. What they replaced stands in their commits: there may be a million such files.
    compactions: Vec<u64>,
    /// The names of the files that they and erasures added, also of those that were replaced again.
    compacted: HashSet<SegmentId>,
    /// The versions of the expiries.
    expiries: Vec<u64>,
    /// The segments that expired, and by which commit.
    expired: HashMap<SegmentId, u64>,
    /// The versions of the commits by which requests to erase were made.
    requested: BTreeMap<String, u64>,
    /// The versions of the erasures, by the requests that they did.
    erasures: BTreeMap<String, u64>,
    /// Of each segment of which records were erased, which, and by which commits.
    erased: HashMap<SegmentId, Vec<(Ordinals, u64)>>,
    /// The files kept whole that went with them, and by which commit.
    erased_originals: BTreeMap<String, u64>,
    /// Of each class, the day before which it expired.
    expired_before: BTreeMap<String, Day>,
    /// Every class that a file ever had.
    classes: BTreeSet<String>,
    /// The newest time of an event that came from elsewhere.
    latest: Option<Timestamp>,
    cursors: BTreeMap<String, i64>,
    /// Every anchor that was ever named, in the order in which they were.
    anchors: Vec<String>,
}

impl Replay {
    /// How many commits were applied; the next one has this version.
    pub fn next_version(&self) -> u64 {
        self.next
    }

    /// The table; `None` before the first commit.
    pub fn table(&self) -> Option<&Table> {
        self.table.as_ref()
    }

    /// A setting of the table.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.table.as_ref()?.configuration.get(name).map(String::as_str)
    }

    /// The anchors: every one that was ever named and that no statement of the log's key removed.
    pub fn anchors(&self) -> Vec<&str> {
        let removed: Vec<&str> = self.setting(REMOVED_ANCHORS_KEY).unwrap_or_default().split('\n').collect();
        let all = self.anchors.iter().map(String::as_str);
        all.filter(|anchor| !removed.contains(anchor)).collect()
    }

    /// The anchors that were ever named, those that are removed too.
    pub fn named_anchors(&self) -> &[String] {
        &self.anchors
    }

    /// The newest format that whoever reads the vault is known to understand: files of a later one are not written into it.
    pub fn format(&self) -> u32 {
        self.setting(FORMAT_KEY).and_then(|format| format.parse().ok()).unwrap_or(FIRST_FORMAT)
    }

    /// The files, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values().map(|live| &live.file)
    }

    /// The files in the order in which commits first added what is in them.
    pub fn files_in_order(&self) -> Vec<&File> {
        let mut all: Vec<&Live> = self.files.values().map(AsRef::as_ref).collect();
        all.sort_by_key(|live| live.order);
        all.into_iter().map(|live| &live.file).collect()
    }

    /// The file of a path below `events/`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path).map(|live| &live.file)
    }

    /// The file that holds a segment.
    pub fn file_of(&self, segment: SegmentId) -> Option<&File> {
        self.file(&self.segments.get(&segment)?.path)
    }

    /// The commit that first added a segment: what proves its records, in whichever file they lie now.
    pub fn commit_of(&self, segment: SegmentId) -> Option<u64> {
        self.segments.get(&segment).map(|there| there.commit)
    }

    /// The versions of the compactions, in order: their commits say which files they took out of the table.
    pub fn compactions(&self) -> &[u64] {
        &self.compactions
    }

    /// The versions of the expiries, in order: their commits say which files they took out of the table.
    pub fn expiries(&self) -> &[u64] {
        &self.expiries
    }

    /// The commit by which a segment expired.
    pub fn expired_by(&self, segment: SegmentId) -> Option<u64> {
        self.expired.get(&segment).copied()
    }

    /// Each request to erase that was done: the commit by which it was made, and the one that did it.
    pub fn done_requests(&self) -> impl Iterator<Item = (&str, u64, u64)> {
        let made = |id: &String| self.requested.get(id).copied();
        self.erasures.iter().filter_map(move |(id, done)| Some((id.as_str(), made(id)?, *done)))
    }

    /// The commit that did a request to erase.
    pub fn erasure(&self, request: &str) -> Option<u64> {
        self.erasures.get(request).copied()
    }

    /// The versions of the erasures, in order: their commits say which files they put others in the places of.
    pub fn erasures(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.erasures.values().copied().collect();
        all.sort_unstable();
        all
    }

    /// The commit by which a record was erased.
    pub fn erased_by(&self, segment: SegmentId, ordinal: u32) -> Option<u64> {
        self.erased_in(segment).find(|(ordinals, _)| ordinals.contains(ordinal)).map(|(_, version)| version)
    }

    /// The erasures of a segment's records: which, and by which commit.
    pub fn erased_in(&self, segment: SegmentId) -> impl Iterator<Item = (&Ordinals, u64)> {
        self.erased.get(&segment).into_iter().flatten().map(|(ordinals, version)| (ordinals, *version))
    }

    /// All records of a segment that were erased.
    pub fn erased_of(&self, segment: SegmentId) -> Ordinals {
        self.erased_in(segment).fold(Ordinals::default(), |all, (ordinals, _)| all.with(ordinals))
    }

    /// The commit by which a file that was kept whole was erased, by its SHA-256.
    pub fn erased_original(&self, sha256: &str) -> Option<u64> {
        self.erased_originals.get(sha256).copied()
    }

    /// The files kept whole that were erased, and by which commits.
    pub fn erased_originals(&self) -> impl Iterator<Item = (&str, u64)> {
        self.erased_originals.iter().map(|(sha256, version)| (sha256.as_str(), *version))
    }

    /// The day before which a class expired: nothing older is taken into it again.
    pub fn expired_before(&self, class: &str) -> Option<Day> {
        self.expired_before.get(class).copied()
    }

    /// Every class that a file ever had, by name.
    pub fn classes(&self) -> impl Iterator<Item = &String> {
        self.classes.iter()
    }

    /// The newest time of an event that came from elsewhere and says its time itself.
    pub fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// The day from which periods are counted at a time, in milliseconds since 1970; `None` where no evidence says that any time
    /// has passed.
    pub fn counted_from(&self, time_ms: i64) -> Option<Day> {
        expiry::latest(self, time_ms)
    }

    /// How far a stream was read.
    pub fn cursor(&self, stream: &str) -> Option<i64> {
        self.cursors.get(stream).copied()
    }

    /// How far each stream was read whose name begins so, in the order of their names.
    pub fn cursors_below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, i64)> {
        let below = self.cursors.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let below = below.take_while(move |(stream, _)| stream.starts_with(prefix));
        below.map(|(stream, sequence)| (stream.as_str(), *sequence))
    }

    /// The files of a partition and a source, in order.
    pub(super) fn in_partition(&self, class: &str, day: Day, source: &str) -> Vec<(Order, &File)> {
        let folder = layout::partition(class, day);
        let below = self.files.range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded));
        let below = below.take_while(|(path, _)| path.starts_with(&folder));
        let of_source = below.filter(|(_, live)| live.file.add.source() == Some(source));
        let mut found: Vec<(Order, &File)> = of_source.map(|(_, live)| (live.order, &live.file)).collect();
        found.sort_by_key(|(order, _)| *order);
        found
    }

    /// Whether a name is or was that of a file or of a segment. A file that an ingest added has the name of its first segment.
    pub(super) fn is_taken(&self, name: SegmentId) -> bool {
        self.segments.contains_key(&name) || self.compacted.contains(&name)
    }

    /// Applies the next commit.
    ///
    /// # Errors
    /// Damage where it may not follow what came before: a second `create`, none at all, a segment or file that is there
    /// already, another table's `configure`, one that loses a hold, a compaction that changes more than where segments lie, an
    /// expiry of what must stay, an erasure that nobody asked for. Nothing is changed then.
    pub fn apply(&mut self, commit: &Commit) -> Result<()> {
        let version = self.next;
        let refused = |why: &str| Fault::damage(msg!("segment-commit-out-of-place", version = version, why = why));
        // Whose statement it is only who has the verifier key can tell.
        match (commit.needed_statement(self.table.as_ref()), &commit.statement) {
            (Some(_), None) => {
                return Err(refused("evidence may go or be copied by it, and it has no statement of the log's key"));
            }
            (None, Some(_)) => return Err(refused("it has a statement of the log's key that it does not need")),
            _ => {}
        }
        match (&commit.action, &self.table) {
            (Action::Create(table), None) if self.next == 0 => {
                if !statement::lets_go(&table.configuration).is_empty() {
                    return Err(refused("a table is created without a policy, holds and replicas"));
                }
                self.name_anchors(table).map_err(refused)?;
                self.table = Some(table.clone());
            }
            (Action::Create(_), _) => return Err(refused("a table is created once, by commit 0")),
            (_, None) => return Err(refused("commit 0 does not create the table")),
            (Action::Configure(table), Some(old)) if table.id != old.id || table.created_ms != old.created_ms => {
                return Err(refused("it configures another table"));
            }
            (Action::Configure(table), Some(old)) => {
                retention::check_change(&old.configuration, &table.configuration).map_err(|why| refused(&why))?;
                requests::check_change(&old.configuration, &table.configuration).map_err(|why| refused(&why))?;
                self.name_anchors(table).map_err(refused)?;
                let ids = table.configuration.keys().filter_map(|key| key.strip_prefix(requests::ERASURE_KEY));
                for id in ids {
                    self.requested.entry(id.to_owned()).or_insert(self.next);
                }
                self.table = Some(table.clone());
            }
            (Action::Ingest { transactions, adds }, Some(_)) => {
                self.ingest(adds).map_err(|why| refused(&why))?;
                for transaction in transactions {
                    self.cursors.insert(transaction.stream.clone(), transaction.sequence);
                }
            }
            (Action::Compact { removes, add }, Some(_)) => {
                let order = compaction::check(self, removes, add).map_err(|why| refused(&why))?;
                self.compact(order, removes, add);
            }
            (Action::Expire { expiry, removes }, Some(_)) => {
                expiry::check(self, commit.timestamp_ms, expiry, removes).map_err(|why| refused(&why))?;
                self.expire(expiry, removes);
            }
            (Action::Erase { erasure, removes, adds }, Some(_)) => {
                erasure::check(self, erasure, removes, adds).map_err(|why| refused(&why))?;
                self.erase(erasure, removes, adds);
            }
        }
        self.next += 1;
        Ok(())
    }

    /// Whoever can write to the store can name anchors: so few that naming them holds nobody up.
    fn name_anchors(&mut self, table: &Table) -> std::result::Result<(), &'static str> {
        let mut anchors = self.anchors.clone();
        for anchor in table.configuration.get(ANCHORS_KEY).map(String::as_str).unwrap_or_default().split('\n') {
            if anchor.is_empty() || anchors.iter().any(|known| known == anchor) {
                continue;
            }
            if !is_anchor(anchor) || anchors.len() >= MAX_ANCHORS {
                return Err("it names what is no anchor, or too many");
            }
            anchors.push(anchor.to_owned());
        }
        self.anchors = anchors;
        Ok(())
    }

    fn ingest(&mut self, adds: &[Add]) -> std::result::Result<(), String> {
        let mut new = HashMap::new();
        for add in adds {
            let path: Arc<str> = add.path().into();
            if self.compacted.contains(&add.name) {
                return Err(format!("the name `{}` is that of another file", add.name));
            }
            if self.expired_before(&add.class).is_some_and(|before| add.day < before) {
                return Err(format!("class `{}` expired before a day after {}", add.class, add.day));
            }
            for tag in &add.tags.segments {
                let there = Whereabouts { commit: self.next, path: Arc::clone(&path) };
                if self.segments.contains_key(&tag.id) || new.insert(tag.id, there).is_some() {
                    return Err(format!("segment `{}` is there already", tag.id));
                }
            }
        }
        self.segments.extend(new);
        for (index, add) in adds.iter().enumerate() {
            self.classes.insert(add.class.clone());
            // What could not be read has the time of its receipt, which is our own clock's.
            let others = add.tags.segments.iter().filter(|tag| tag.source != OWN_SOURCE && tag.unparsed == 0);
            self.latest = others.map(|tag| tag.max).chain(self.latest).max();
            self.add((self.next, index), add);
        }
        Ok(())
    }

    fn compact(&mut self, order: Order, removes: &[Remove], add: &Add) {
        for remove in removes {
            self.files.remove(remove.path().as_str());
        }
        self.compactions.push(self.next);
        self.compacted.insert(add.name);
        let path: Arc<str> = add.path().into();
        for tag in &add.tags.segments {
            if let Some(there) = self.segments.get_mut(&tag.id) {
                there.path = Arc::clone(&path);
            }
        }
        self.add(order, add);
    }

    fn erase(&mut self, erasure: &Erasure, removes: &[Remove], adds: &[Add]) {
        for (remove, add) in removes.iter().zip(adds) {
            let Some(before) = self.files.remove(remove.path().as_str()) else { continue };
            self.compacted.insert(add.name);
            let path: Arc<str> = add.path().into();
            for (old, new) in before.file.add.tags.segments.iter().zip(&add.tags.segments) {
                if let Some(there) = self.segments.get_mut(&new.id) {
                    there.path = Arc::clone(&path);
                }
                let gone = new.erased.without(&old.erased);
                if !gone.is_empty() {
                    self.erased.entry(new.id).or_default().push((gone, self.next));
                }
            }
            self.add(before.order, add);
        }
        self.erasures.insert(erasure.request.clone(), self.next);
        let settings = self.table.as_ref().map(|table| &table.configuration);
        let request = settings.and_then(|settings| requests::requests(settings).ok()?.remove(&erasure.request));
        let originals = request.into_iter().flat_map(|request| request.originals);
        for sha256 in originals {
            self.erased_originals.entry(sha256).or_insert(self.next);
        }
    }

    fn expire(&mut self, expiry: &Expiry, removes: &[Remove]) {
        for remove in removes {
            let file = self.files.remove(remove.path().as_str());
            let tags = file.iter().flat_map(|live| &live.file.add.tags.segments);
            self.expired.extend(tags.map(|tag| (tag.id, self.next)));
        }
        self.expiries.push(self.next);
        let before = self.expired_before.entry(expiry.class.clone()).or_insert(expiry.before);
        *before = expiry.before.max(*before);
    }

    fn add(&mut self, order: Order, add: &Add) {
        let file = File { version: self.next, add: add.clone() };
        self.files.insert(add.path().into(), Arc::new(Live { order, file }));
    }
}
