//! The estate: all resources that were seen, with their pieces, and what refers to what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shoseki_messages::{Message, msg};

use super::{Fact, Kind, Piece, Resource, Target};

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    resources: Vec<Resource>,
    index: HashMap<(Kind, String), usize>,
    /// Buckets that evidence is delivered to, by what.
    evidence: BTreeMap<usize, BTreeSet<&'static str>>,
    /// Log groups that evidence is delivered to, by what.
    groups: BTreeMap<usize, &'static str>,
    /// Buckets that take access logs of others.
    takes_access_logs: BTreeSet<usize>,
}

impl Estate {
    /// An estate of what was seen. Pieces come to what they are about; one whose resource cannot be told makes unknown what it would
    /// set, wherever that is not set.
    pub fn of(resources: Vec<Resource>, pieces: Vec<Piece>) -> Self {
        let mut estate = Self { resources, ..Self::default() };
        for (at, resource) in estate.resources.iter_mut().enumerate() {
            resource.place = at;
            for name in &resource.called {
                estate.index.entry((resource.kind(), plain(name).to_owned())).or_insert(at);
            }
        }
        let mut loose: BTreeMap<(Kind, &'static str), Message> = BTreeMap::new();
        for piece in pieces {
            let kind = piece.facts.kind();
            match &piece.of {
                Fact::Known(target) => {
                    // What is about a resource that is not here is not ours to judge.
                    if let Some(resource) = estate.place(kind, target).and_then(|at| estate.resources.get_mut(at)) {
                        resource.facts.take(piece.facts);
                        resource.parts.push((piece.part, piece.origin));
                    }
                }
                Fact::Absent => (),
                Fact::Unknown(why) => {
                    let why = msg!("settings-loose", origin = piece.origin.to_string(), why = vec![why.clone()]);
                    loose.entry((kind, piece.part)).or_insert(why);
                }
            }
        }
        for resource in &mut estate.resources {
            for ((kind, part), why) in &loose {
                if resource.kind() == *kind {
                    resource.facts.blur(part, why);
                }
            }
        }
        estate.find_evidence();
        estate
    }

    /// All resources, in the order in which they were seen.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(move |resource| resource.kind() == kind)
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

    /// Which buckets and log groups evidence goes to, from what delivers to them.
    fn find_evidence(&mut self) {
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
