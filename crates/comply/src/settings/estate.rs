//! The estate: all resources that were seen, with their pieces, and what refers to what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shoseki_messages::{Message, msg};

use super::{Fact, Facts, Kind, Piece, Resource, Target};

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    resources: Vec<Resource>,
    index: HashMap<(Kind, String), usize>,
    /// The places of the resources of each kind.
    kinds: HashMap<Kind, Vec<usize>>,
    /// Why there may be more than what was seen, where that is so.
    unread: Option<Message>,
    /// What the recorders of each account say of global types together; of those whose account is not known, by themselves.
    globals: HashMap<Option<String>, Fact<bool>>,
    /// Buckets that evidence is delivered to, by what.
    evidence: BTreeMap<usize, BTreeSet<&'static str>>,
    /// Log groups that evidence is delivered to, by what.
    groups: BTreeMap<usize, &'static str>,
    /// Buckets that take access logs of others.
    takes_access_logs: BTreeSet<usize>,
    /// The bucket that our own vault lies in, and its place where it was seen.
    vault: Option<(String, Option<usize>)>,
}

/// What was not read, and what it may have said.
#[derive(Clone, Debug, Default)]
pub struct Unread {
    /// Something that may say anything, and why it was not read.
    pub whole: Option<Message>,
    /// Something that was told of these resources, and may set anything of them.
    pub about: Vec<(Target, Message)>,
}

/// The kinds of which pieces are told apart.
const IN_PIECES: [Kind; 3] = [Kind::Bucket, Kind::Recorder, Kind::Key];

impl Estate {
    /// An estate of what was seen, all of which could be read.
    pub fn of(resources: Vec<Resource>, pieces: Vec<Piece>) -> Self {
        Self::beside(resources, pieces, Unread::default())
    }

    /// An estate of what was seen beside what was not read. Pieces come to what they are about; one that may not be there makes
    /// unknown what it would change, and one whose resource cannot be told what it would set, wherever that is not set.
    pub fn beside(resources: Vec<Resource>, pieces: Vec<Piece>, unread: Unread) -> Self {
        let mut estate = Self { resources, unread: unread.whole, ..Self::default() };
        for (at, resource) in estate.resources.iter_mut().enumerate() {
            resource.place = at;
            estate.kinds.entry(resource.kind()).or_default().push(at);
            for name in &resource.called {
                estate.index.entry((resource.kind(), plain(name).to_owned())).or_insert(at);
            }
        }
        let logged = logged(&pieces);
        // What is there for certain comes first: what may not be there is compared with it.
        let (doubted, certain): (Vec<Piece>, Vec<Piece>) = pieces.into_iter().partition(|piece| piece.doubt.is_some());
        let mut loose: BTreeMap<(Kind, &'static str), Message> = BTreeMap::new();
        for piece in certain.into_iter().chain(doubted) {
            estate.put(piece, &mut loose);
        }
        for (target, why) in &unread.about {
            for kind in IN_PIECES {
                if let Some(resource) = estate.place(kind, target).and_then(|at| estate.resources.get_mut(at)) {
                    resource.facts.blur_all(why);
                }
            }
        }
        for resource in &mut estate.resources {
            for ((kind, part), why) in &loose {
                if resource.kind() == *kind {
                    resource.facts.blur(part, why);
                }
            }
            if let Some(why) = &estate.unread {
                resource.facts.blur_all(why);
            }
        }
        estate.find_evidence(logged);
        estate.find_globals();
        estate
    }

    /// Puts a piece to its resource.
    fn put(&mut self, piece: Piece, loose: &mut BTreeMap<(Kind, &'static str), Message>) {
        let kind = piece.facts.kind();
        match &piece.of {
            Fact::Known(target) => {
                // What is about a resource that is not here is not ours to judge.
                let Some(resource) = self.place(kind, target).and_then(|at| self.resources.get_mut(at)) else { return };
                match &piece.doubt {
                    Some(why) => resource.facts.doubt(piece.facts, why),
                    None => resource.facts.take(piece.facts),
                }
                resource.parts.push((piece.part, piece.origin));
            }
            Fact::Absent => (),
            Fact::Unknown(why) => {
                let why = msg!("settings-loose", origin = piece.origin.to_string(), why = vec![why.clone()]);
                loose.entry((kind, piece.part)).or_insert(why);
            }
        }
    }

    /// All resources, in the order in which they were seen.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.kinds.get(&kind).into_iter().flatten().filter_map(|at| self.resources.get(*at))
    }

    /// Why there may be more than what was seen, where that is so.
    pub fn unread(&self) -> Option<&Message> {
        self.unread.as_ref()
    }

    /// Whether a recorder that is on records global types, in an account: in one region is enough.
    pub fn records_globals(&self, account: &Option<String>) -> Fact<bool> {
        let none = Fact::Absent;
        let of = |account: &Option<String>| self.globals.get(account).unwrap_or(&none);
        // Where accounts are not told apart, all are one.
        let all: Vec<&Fact<bool>> = match account {
            Some(_) => vec![of(account), of(&None)],
            None => self.globals.values().collect(),
        };
        best(all)
    }

    /// The resource that somebody refers to.
    pub fn find(&self, kind: Kind, target: &Target) -> Option<&Resource> {
        self.resources.get(self.place(kind, target)?)
    }

    /// What delivers evidence to a bucket: `trail`, `config`, `access logs`, `replication`. Nothing where nothing does.
    pub fn delivers_to(&self, bucket: &Resource) -> Vec<&'static str> {
        self.evidence.get(&bucket.place).into_iter().flatten().copied().collect()
    }

    /// Whether a bucket takes access logs of another.
    pub fn takes_access_logs(&self, bucket: &Resource) -> bool {
        self.takes_access_logs.contains(&bucket.place)
    }

    /// Says which bucket our own vault lies in.
    pub fn keep_vault(&mut self, bucket: &str) {
        self.vault = Some((bucket.to_owned(), self.place(Kind::Bucket, &Target(bucket.to_owned()))));
    }

    /// The bucket that our own vault lies in, where it lies in one, whether it was seen or not.
    pub fn vault(&self) -> Option<&str> {
        self.vault.as_ref().map(|(bucket, _)| bucket.as_str())
    }

    /// Whether our own vault lies in a bucket.
    pub fn has_vault(&self, bucket: &Resource) -> bool {
        self.vault.as_ref().is_some_and(|(_, place)| *place == Some(bucket.place))
    }

    /// What delivers evidence to a log group.
    pub fn speaks_to(&self, group: &Resource) -> Option<&'static str> {
        self.groups.get(&group.place).copied()
    }

    fn place(&self, kind: Kind, target: &Target) -> Option<usize> {
        let name = plain(&target.0);
        let find = |name: &str| self.index.get(&(kind, name.to_owned())).copied();
        // A resource that is there many times, of a number that is not known, is seen once, under its name without an index.
        find(name).or_else(|| find(name.split_once('[').map_or(name, |(whole, _)| whole)))
    }

    fn find_globals(&mut self) {
        let mut globals: HashMap<Option<String>, Fact<bool>> = HashMap::new();
        for resource in self.of_kind(Kind::Recorder) {
            let Some(recorder) = resource.recorder() else { continue };
            // What is not on records nothing.
            let is_on = recorder.is_recording.clone().and_then(|is| if is { Fact::Known(true) } else { Fact::Absent });
            let said = match (&resource.doubt, is_on.and_then(|_| recorder.has_global.clone())) {
                (Some(why), Fact::Known(true)) => Fact::Unknown(why.clone()),
                (_, said) => said,
            };
            let known = globals.entry(resource.account.clone()).or_default();
            *known = best(vec![known, &said]);
        }
        self.globals = globals;
    }

    /// Which buckets and log groups evidence goes to, from what delivers to them. `to_buckets` are those that pieces name, whatever
    /// became of them.
    fn find_evidence(&mut self, logged: Vec<Logged>) {
        let mut to_buckets: Vec<(&'static str, Target)> = Vec::new();
        let mut to_groups: Vec<(&'static str, Target)> = Vec::new();
        for resource in &self.resources {
            if let Some(trail) = resource.trail() {
                to_buckets.extend(trail.bucket.known().map(|bucket| ("trail", bucket.clone())));
                to_groups.extend(trail.log_group.known().map(|group| ("trail", group.clone())));
            }
            if let Some(channel) = resource.channel() {
                to_buckets.extend(channel.bucket.known().map(|bucket| ("config", bucket.clone())));
            }
            if let Some(target) = resource.bucket().and_then(|bucket| bucket.logs_to.known()) {
                // A bucket that logs into itself takes the logs of none other.
                if self.place(Kind::Bucket, target) != Some(resource.place) {
                    to_buckets.push(("access logs", target.clone()));
                }
            }
            if let Some(name) = resource.cluster().and_then(|cluster| cluster.name.known()) {
                to_groups.push(("cluster", Target(format!("/aws/eks/{name}/cluster"))));
            }
            if let Some(database) = resource.database() {
                let name = database.name.known().cloned().unwrap_or_default();
                let exports = database.exports.known().into_iter().flatten();
                to_groups.extend(exports.flat_map(|log| {
                    ["instance", "cluster"].map(|of| ("database", Target(format!("/aws/rds/{of}/{name}/{log}"))))
                }));
            }
        }
        for one in logged {
            let Some(at) = self.place(Kind::Bucket, &one.to) else { continue };
            if one.of.and_then(|of| self.place(Kind::Bucket, &of)) != Some(at) {
                self.evidence.entry(at).or_default().insert("access logs");
                // What may not be there excludes nothing.
                if one.is_sure {
                    self.takes_access_logs.insert(at);
                }
            }
        }
        for (what, target) in to_buckets {
            if let Some(at) = self.place(Kind::Bucket, &target) {
                self.evidence.entry(at).or_default().insert(what);
                if what == "access logs" {
                    self.takes_access_logs.insert(at);
                }
            }
        }
        for (what, target) in to_groups {
            if let Some(at) = self.place(Kind::LogGroup, &target) {
                self.groups.entry(at).or_insert(what);
            }
        }
        self.follow_replication();
    }

    /// A bucket that evidence is replicated to holds evidence too; each bucket is followed once.
    fn follow_replication(&mut self) {
        let mut waiting: Vec<usize> = self.evidence.keys().copied().collect();
        while let Some(at) = waiting.pop() {
            let bucket = self.resources.get(at).and_then(Resource::bucket);
            let targets = bucket.and_then(|bucket| bucket.replicates_to.known()).cloned().unwrap_or_default();
            let places: Vec<usize> = targets.iter().filter_map(|target| self.place(Kind::Bucket, target)).collect();
            for at in places {
                if self.evidence.entry(at).or_default().insert("replication") {
                    waiting.push(at);
                }
            }
        }
    }
}

/// A piece that sends the access logs of a bucket to another.
struct Logged {
    of: Option<Target>,
    to: Target,
    is_sure: bool,
}

/// The buckets that pieces send access logs to, whatever becomes of these pieces.
fn logged(pieces: &[Piece]) -> Vec<Logged> {
    let one = |piece: &Piece| {
        let Facts::Bucket(bucket) = &piece.facts else { return None };
        let (of, to) = (piece.of.known().cloned(), bucket.logs_to.known()?.clone());
        Some(Logged { of, to, is_sure: piece.doubt.is_none() })
    };
    pieces.iter().filter_map(one).collect()
}

/// Whether any of them says yes; else why one is not known.
fn best(all: Vec<&Fact<bool>>) -> Fact<bool> {
    let find = |is: fn(&Fact<bool>) -> bool| all.iter().find(|one| is(one)).map(|one| (*one).clone());
    find(|one| *one == Fact::Known(true)).or_else(|| find(|one| one.get().is_err())).unwrap_or(Fact::Absent)
}

/// What a name is called without what ARNs and templates put around it: `logs`, `arn:aws:s3:::logs/*` and `${aws_s3_bucket.logs.arn}/*`
/// of the bucket `aws_s3_bucket.logs` are all plain.
fn plain(name: &str) -> &str {
    let name = bare(name);
    let reference = name.strip_prefix("${").and_then(|rest| rest.split_once('}'));
    reference.and_then(|(inside, _)| inside.rsplit_once('.')).map_or(name, |(address, _)| address)
}

fn bare(name: &str) -> &str {
    let Some(rest) = name.strip_prefix("arn:") else { return name.trim_end_matches(":*") };
    let Some((service, last)) = rest.split(':').nth(1).zip(rest.splitn(5, ':').nth(4)) else { return name };
    match service {
        "s3" => last.split('/').next().unwrap_or(last),
        "logs" => last.strip_prefix("log-group:").unwrap_or(last).trim_end_matches(":*"),
        _ => name,
    }
}
