//! What accounts of AWS have, as its API answers and as AWS Config recorded it, made an estate and judged by the checks of settings.
//!
//! ```text
//! answers (live)        ─► resources, and what could not be seen ─► estate ─► checks
//! items (AWS Config)    ─┘
//! ```
//!
//! It asks nobody: answers and items come in. What was refused, or is not recorded, is unknown and passes nothing.

mod answers;
mod buckets;
mod identities;
mod items;
mod read;
mod recorded;

use shoseki_messages::{Message, msg};

use crate::checks::{Check, Finding, Judged, Looks, Status, judge_settings};
use crate::settings::{Estate, Fact, Kind, Origin, Resource, Target};

pub use answers::{Answer, Said, looked as of_answers};
pub use items::{Newest, looked as of_items};
pub use recorded::newest;

/// The kinds of resources that an account has; others stand in code alone.
pub const KINDS: [Kind; 14] = [
    Kind::Trail,
    Kind::Recorder,
    Kind::Channel,
    Kind::Bucket,
    Kind::Key,
    Kind::LogGroup,
    Kind::Cluster,
    Kind::Database,
    Kind::ParameterGroup,
    Kind::OptionGroup,
    Kind::IamPolicy,
    Kind::IamRole,
    Kind::IamUser,
    Kind::Detector,
];

/// What was seen of accounts, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What is there.
    pub estate: Estate,
    /// What could not be seen.
    pub unseen: Vec<Unseen>,
    /// Places in which nothing of a kind is: each of them should have one.
    missing: Vec<Missing>,
    /// What is said of a kind of which nothing was seen at all, and whether that settles it.
    nothing: Option<(Status, Message)>,
}

/// Something that could not be seen: a list that was refused, a bucket of an account that was not asked.
#[derive(Clone, Debug)]
pub struct Unseen {
    /// What could be there.
    kinds: Vec<Kind>,
    /// Whether it concerns only what evidence is delivered to: what delivers was not seen, or where it delivers to.
    is_of_evidence: bool,
    /// Where: an account and a region, or a name.
    pub subject: String,
    /// Why.
    pub why: Message,
    /// Where that was said.
    origin: Origin,
}

/// A place without a resource of a kind.
#[derive(Clone, Debug)]
struct Missing {
    kind: Kind,
    place: String,
    origin: Origin,
}

/// The checks that fail where nothing of their kind is in a region of an account: what does not exist records nothing.
const DEMANDED: [(&str, Kind); 3] = [
    ("cloudtrail_trail_is_logging", Kind::Trail),
    ("config_recorder_is_on", Kind::Recorder),
    ("guardduty_detector_is_on", Kind::Detector),
];

/// Checks that concern only what evidence is delivered to.
const OF_EVIDENCE: [&str; 4] = ["s3_evidence_", "s3_bucket_can_", "logs_group_", "kms_key_"];

/// Judges what was seen. Each check that an account can answer says something: where it found nothing to look at, it says so.
pub fn judge<'a>(looked: &Looked, checks: &[&'a Check]) -> Vec<Judged<'a>> {
    let mut found = judge_settings(&looked.estate, checks);
    let mut judged = Vec::new();
    for check in checks {
        let Looks::Settings { kinds, .. } = &check.looks else { continue };
        if !kinds.iter().any(|kind| KINDS.contains(kind)) {
            continue;
        }
        let place = found.iter().position(|one| one.check.id == check.id);
        let mut findings = place.map(|place| found.swap_remove(place).findings).unwrap_or_default();
        findings.extend(looked.beside(check, kinds));
        if findings.is_empty() {
            findings = looked.nothing(check);
        }
        findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
        judged.push(Judged { check, findings });
    }
    judged
}

impl Looked {
    fn of(resources: Vec<Resource>, unseen: Vec<Unseen>, missing: Vec<Missing>, nothing: (Status, Message)) -> Self {
        let mut looked = Self { estate: Estate::of(resources, Vec::new()), unseen, missing, nothing: Some(nothing) };
        looked.look_for_buckets();
        looked
    }

    /// A bucket that evidence is delivered to, and that is in no account that was looked at, is judged by nothing.
    fn look_for_buckets(&mut self) {
        let targets = |resource: &Resource| -> Option<Target> {
            let trail = resource.trail().map(|trail| &trail.bucket);
            let fact: &Fact<Target> = trail.or_else(|| resource.channel().map(|channel| &channel.bucket))?;
            fact.known().cloned()
        };
        let mut unseen: Vec<Unseen> = Vec::new();
        for resource in self.estate.resources() {
            let Some(bucket) = targets(resource) else { continue };
            let is_told = unseen.iter().any(|one| one.subject == bucket.0);
            if self.estate.find(Kind::Bucket, &bucket).is_none() && !is_told {
                let why = msg!("settings-not-here", what = bucket.0.as_str());
                let (kinds, origin) = (vec![Kind::Bucket], resource.origin.clone());
                unseen.push(Unseen { kinds, is_of_evidence: true, subject: bucket.0, why, origin });
            }
        }
        self.unseen.extend(unseen);
    }

    /// An account that could not be asked at all: nothing of it is known.
    pub fn is_not_seen(&mut self, who: &str, why: &Message) {
        let origin = Origin::Call { name: "sts:AssumeRole".to_owned(), record: None };
        let (kinds, subject) = (KINDS.to_vec(), who.to_owned());
        self.unseen.push(Unseen { kinds, is_of_evidence: false, subject, why: why.clone(), origin });
    }

    /// What a check says beside the resources that were seen.
    fn beside(&self, check: &Check, kinds: &[Kind]) -> Vec<Finding> {
        let is_of_evidence = OF_EVIDENCE.iter().any(|start| check.id.starts_with(start));
        let concerns = |one: &&Unseen| {
            one.kinds.iter().any(|kind| kinds.contains(kind)) && (is_of_evidence || !one.is_of_evidence)
        };
        let unseen = self.unseen.iter().filter(concerns).map(|one| {
            let what = msg!("settings-unseen", why = vec![one.why.clone()]);
            Finding::no_evidence(one.subject.as_str(), what).seen_at(&one.origin)
        });
        let is_demanded = |one: &&Missing| DEMANDED.iter().any(|(id, kind)| check.id == *id && *kind == one.kind);
        let missing = self
            .missing
            .iter()
            .filter(is_demanded)
            .map(|one| Finding::fail(one.place.as_str(), msg!("settings-none-in-place")).seen_at(&one.origin));
        unseen.chain(missing).collect()
    }

    fn nothing(&self, check: &Check) -> Vec<Finding> {
        let finding = |(status, what): &(Status, Message)| Finding::new(*status, check.id.as_ref(), what.clone());
        self.nothing.iter().map(finding).collect()
    }
}

#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;
