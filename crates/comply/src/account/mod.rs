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
mod organization;
mod read;
mod recorded;

use std::collections::{BTreeSet, HashMap};

use shoseki_messages::{Message, msg};

use crate::checks::{Check, Finding, Hides, Judged, Looks, Status, judge_settings};
use crate::settings::{Estate, Fact, Kind, Origin, Resource, Target};

pub use answers::{Answer, Said, looked as of_answers, selectors as selectors_of_trail};
pub use items::{Newest, looked as of_items};
pub use recorded::newest;

/// The kinds of resources that an account has; others stand in code alone.
pub const KINDS: [Kind; 20] = [
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
    Kind::AccountPublicAccess,
    Kind::Insights,
    Kind::Subscriptions,
    Kind::Organization,
    Kind::Hub,
    Kind::Administrators,
];

/// The kinds that an account has once, whatever regions are looked at.
const OF_ACCOUNTS: [Kind; 7] = [
    Kind::Bucket,
    Kind::IamPolicy,
    Kind::IamRole,
    Kind::IamUser,
    Kind::AccountPublicAccess,
    Kind::Organization,
    Kind::Administrators,
];

/// What was seen of accounts, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What is there.
    pub estate: Estate,
    /// What could not be seen.
    pub unseen: Vec<Unseen>,
    /// Where was looked: accounts, each with its regions.
    places: BTreeSet<(String, String)>,
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
    /// What could be there for all that is known.
    hides: Hides,
}

/// A place without a resource of a kind.
#[derive(Clone, Debug)]
struct Missing {
    kind: Kind,
    place: String,
    origin: Origin,
}

/// The checks that fail where nothing of their kind is in a region of an account: what does not exist records nothing.
const DEMANDED: [(&str, Kind); 4] = [
    ("cloudtrail_trail_is_logging", Kind::Trail),
    ("config_recorder_is_on", Kind::Recorder),
    ("guardduty_detector_is_on", Kind::Detector),
    ("securityhub_hub_is_on", Kind::Hub),
];

/// Checks that concern only what evidence is delivered to.
const OF_EVIDENCE: [&str; 4] = ["s3_evidence_", "s3_bucket_can_", "logs_group_", "kms_key_"];

/// Checks that concern only the bucket that our own vault lies in.
const OF_VAULT: &str = "s3_vault_";

/// Whether an account answers a check: it looks at settings of a kind that accounts have, or at what exists in them. What only files
/// of code show, such as an audit policy of Kubernetes, no account answers.
pub fn answers(check: &Check) -> bool {
    match &check.looks {
        Looks::Settings { kinds, .. } => kinds.iter().any(|kind| KINDS.contains(kind)),
        Looks::Inventory { .. } => true,
        _ => false,
    }
}

/// Judges what was seen. Each check that an account can answer says something: where it found nothing to look at, it says so.
pub fn judge<'a>(looked: &Looked, checks: &[&'a Check]) -> Vec<Judged<'a>> {
    let mut found = judge_settings(&looked.estate, checks);
    let places = looked.places_by_name();
    let mut judged = Vec::new();
    for check in checks {
        let Looks::Settings { kinds, .. } = &check.looks else { continue };
        if !answers(check) {
            continue;
        }
        let place = found.iter().position(|one| one.check.id == check.id);
        let mut findings = place.map(|place| found.swap_remove(place).findings).unwrap_or_default();
        for finding in &mut findings {
            finding.place = places.get(finding.subject.as_str()).cloned().flatten();
        }
        findings.extend(looked.beside(check, kinds));
        if findings.is_empty() {
            findings = looked.nothing_of(check);
        }
        findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
        judged.push(Judged { check, findings });
    }
    judged
}

impl Looked {
    fn of(resources: Vec<Resource>, unseen: Vec<Unseen>, missing: Vec<Missing>, nothing: (Status, Message)) -> Self {
        let (estate, nothing) = (Estate::of(resources, Vec::new()), Some(nothing));
        let mut looked = Self { estate, unseen, places: BTreeSet::new(), missing, nothing };
        looked.look_for_buckets();
        looked
    }

    fn at(self, places: BTreeSet<(String, String)>) -> Self {
        Self { places, ..self }
    }

    /// Where was looked: accounts, each with its regions.
    pub fn places(&self) -> &BTreeSet<(String, String)> {
        &self.places
    }

    /// The same as findings name places: each account, and each of its regions. What is once in an account is in the first.
    pub fn place_texts(&self) -> BTreeSet<String> {
        let regions = self.places.iter().map(|(account, region)| format!("{account} {region}"));
        self.places.iter().map(|(account, _)| account.clone()).chain(regions).collect()
    }

    /// The places of resources, by their names.
    fn places_by_name(&self) -> HashMap<&str, Option<String>> {
        self.estate.resources().iter().map(|one| (one.name.as_str(), one.place_text())).collect()
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
                let (subject, hides) = (bucket.0, Hides::Nothing);
                unseen.push(Unseen { kinds, is_of_evidence: true, subject, why, origin, hides });
            }
        }
        self.unseen.extend(unseen);
    }

    /// An account that could not be asked at all: nothing of it is known.
    pub fn is_not_seen(&mut self, who: &str, why: &Message) {
        let origin = Origin::Call { name: "sts:AssumeRole".to_owned(), record: None };
        let (kinds, subject) = (KINDS.to_vec(), who.to_owned());
        let (why, hides) = (why.clone(), Hides::Nothing);
        self.unseen.push(Unseen { kinds, is_of_evidence: false, subject, why, origin, hides });
    }

    /// What a check says beside the resources that were seen.
    fn beside(&self, check: &Check, kinds: &[Kind]) -> Vec<Finding> {
        let is_of_evidence = OF_EVIDENCE.iter().any(|start| check.id.starts_with(start));
        let concerns = |one: &&Unseen| {
            one.kinds.iter().any(|kind| kinds.contains(kind)) && (is_of_evidence || !one.is_of_evidence)
        };
        let unseen = self.unseen.iter().filter(concerns).map(Unseen::finding);
        let is_demanded = |one: &&Missing| DEMANDED.iter().any(|(id, kind)| check.id == *id && *kind == one.kind);
        let missing = self.missing.iter().filter(is_demanded).map(|one| {
            let finding = Finding::fail(one.place.as_str(), msg!("settings-none-in-place")).seen_at(&one.origin);
            Finding { place: Some(one.place.clone()), ..finding }
        });
        unseen.chain(missing).collect()
    }

    /// What of these kinds could not be seen.
    pub(crate) fn unseen_of(&self, kinds: &[Kind]) -> Vec<Finding> {
        // A check of accounts themselves has no kind: to it, an account that could not be asked is unseen.
        let is_whole = |one: &Unseen| kinds.is_empty() && one.kinds.len() == KINDS.len();
        let concerns =
            |one: &&Unseen| !one.is_of_evidence && (is_whole(one) || one.kinds.iter().any(|kind| kinds.contains(kind)));
        self.unseen.iter().filter(concerns).map(Unseen::finding).collect()
    }

    /// What is said where nothing is there that a check concerns.
    pub(crate) fn nothing_of(&self, check: &Check) -> Vec<Finding> {
        if check.id.starts_with(OF_VAULT) {
            return vec![match self.estate.vault() {
                Some(bucket) => {
                    let finding = Finding::no_evidence(bucket, msg!("settings-not-here", what = bucket));
                    Finding { hides: Hides::All, ..finding }
                }
                None => Finding::new(Status::NotApplicable, check.id.as_ref(), msg!("settings-no-vault")),
            }];
        }
        let finding = |(status, what): &(Status, Message)| {
            // Where it is not known that there is none, nothing is closed by it.
            let hides = if *status == Status::NoEvidence { Hides::All } else { Hides::Nothing };
            Finding { hides, ..Finding::new(*status, check.id.as_ref(), what.clone()) }
        };
        self.nothing.iter().map(finding).collect()
    }
}

impl Unseen {
    /// Something that was not seen in a place, and could be there.
    fn in_place((kinds, is_of_evidence): (&[Kind], bool), place: (&str, &str), why: &Message, origin: Origin) -> Self {
        let (account, region) = place;
        let subject = format!("{account} {region}");
        let hides = match kinds.iter().any(|kind| OF_ACCOUNTS.contains(kind)) {
            // What delivers evidence may deliver it anywhere.
            _ if is_of_evidence => Hides::All,
            true => Hides::Place(account.to_owned()),
            false => Hides::Place(subject.clone()),
        };
        Self { kinds: kinds.to_vec(), is_of_evidence, subject, why: why.clone(), origin, hides }
    }

    fn finding(&self) -> Finding {
        let what = msg!("settings-unseen", why = vec![self.why.clone()]);
        let finding = Finding::no_evidence(self.subject.as_str(), what).seen_at(&self.origin);
        Finding { hides: self.hides.clone(), ..finding }
    }
}

#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;
