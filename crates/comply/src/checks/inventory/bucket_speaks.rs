//! Who reads and writes each bucket is told: by its access logs, or by data events of a trail.
//!
//! A bucket that nobody touches says nothing. So what is judged of a silent one is whether it would be heard: data events that cover it
//! arrive of other buckets, or they do not.

use shoseki_messages::{Message, msg};

use super::{Check, Habit, Heard, Kind, Listening, Severity, Speech, Status};
use crate::inventory::QUERIES;
use crate::settings::{Bucket, DataEvents, Fact, Resource};

pub(in crate::checks) const CHECK: Check =
    Check::inventory("inventory_bucket_speaks", Severity::High, (&[Kind::Bucket], QUERIES), judge);

/// To a bucket of evidence something is written each hour; access logs come some hours late.
const OF_EVIDENCE: Habit = Habit::steady(48);
/// Any other may lie untouched.
const OTHERS: Habit = Habit::at_times(30 * 24);
/// Within how many hours data events of an account come, where they come at all.
const EVENTS: Habit = Habit::steady(48);

/// What would record who touches a bucket.
enum Recording {
    /// Data events of this trail.
    Events(String),
    /// Access logs.
    Logs,
    /// Nothing.
    Nothing,
    /// That is not known.
    Unknown(Message),
}

fn judge(at: &Listening<'_>) -> Vec<Speech> {
    at.resources(Kind::Bucket).filter_map(|resource| one(at, resource)).collect()
}

fn one(at: &Listening<'_>, resource: &Resource) -> Option<Speech> {
    let bucket = resource.bucket()?;
    let name = bucket.name.known()?.as_str();
    let logs = format!("s3-access/{name}");
    let is_its = |stream: &str| {
        stream == logs || stream.strip_prefix("s3-access/").is_some_and(|rest| rest.ends_with(&format!("/{name}")))
    };
    let by_logs = at.spoken.heard(|stream| stream.source == "s3-access" && is_its(&stream.heard.stream));
    let heard = [by_logs, at.spoken.objects_of(name)].into_iter().flatten().max_by_key(|heard| heard.last);
    let recording = recording(at, resource, bucket);
    let stream = match (&heard, &recording) {
        (Some(heard), _) => heard.stream.clone(),
        (None, Recording::Events(_)) => format!("cloudtrail/{}", resource.account.as_deref().unwrap_or("…")),
        (None, Recording::Logs) => logs,
        (None, Recording::Nothing | Recording::Unknown(_)) => String::new(),
    };
    let is_of_evidence = !at.looked.estate.delivers_to(resource).is_empty();
    let said = said(at, resource, (&stream, heard.as_ref()), (&recording, is_of_evidence));
    Some(Speech::of(resource, stream, said).hearing(heard.as_ref()))
}

fn said(
    at: &Listening<'_>,
    resource: &Resource,
    (stream, heard): (&str, Option<&Heard>),
    (recording, is_of_evidence): (&Recording, bool),
) -> (Status, Message) {
    let habit = if is_of_evidence { OF_EVIDENCE } else { OTHERS };
    let judged = habit.judged((stream, heard), resource.created, at.now);
    // That it was heard once proves nothing where nobody listens any more.
    let is_still = match recording {
        Recording::Events(_) | Recording::Logs => true,
        Recording::Unknown(_) => EVENTS.judged((stream, heard), resource.created, at.now).0 == Status::Pass,
        Recording::Nothing => false,
    };
    if judged.0 == Status::NotApplicable || (judged.0 == Status::Pass && is_still) {
        return judged;
    }
    match recording {
        Recording::Nothing => (Status::Fail, msg!("inventory-bucket-unrecorded")),
        Recording::Unknown(why) => (Status::NoEvidence, msg!("inventory-bucket-not-told", why = vec![why.clone()])),
        _ if is_of_evidence => judged,
        Recording::Logs => (Status::NoEvidence, msg!("inventory-bucket-idle")),
        Recording::Events(trail) => {
            let events = at.spoken.objects_by(resource.account.as_deref().unwrap_or_default());
            let stream = format!("cloudtrail/{}", resource.account.as_deref().unwrap_or("…"));
            match EVENTS.judged((&stream, events.as_ref()), None, at.now) {
                (Status::Pass, _) => {
                    let last = events.map(|events| events.last.to_string()).unwrap_or_default();
                    (Status::Pass, msg!("inventory-bucket-covered", trail = trail, last = last))
                }
                _ => (Status::Fail, msg!("inventory-bucket-no-events", trail = trail)),
            }
        }
    }
}

fn recording(at: &Listening<'_>, resource: &Resource, bucket: &Bucket) -> Recording {
    let mut unknown = None;
    for one in at.resources(Kind::Trail) {
        let Some(trail) = one.trail() else { continue };
        let is_here = one.account == resource.account || is_of_organization(at, &one.name);
        match (&trail.selectors, trail.is_logging.or(true)) {
            (Fact::Known(selectors), Ok(true)) if is_here && selectors.objects == DataEvents::All => {
                return Recording::Events(one.name.clone());
            }
            (Fact::Known(selectors), Ok(true)) if is_here && names(&selectors.of, bucket) => {
                return Recording::Events(one.name.clone());
            }
            (Fact::Unknown(why), _) if is_here => unknown = Some(why.clone()),
            _ => {}
        }
    }
    match (&bucket.logs_to, unknown) {
        (Fact::Known(_), _) => Recording::Logs,
        (Fact::Unknown(why), _) => Recording::Unknown(why.clone()),
        (Fact::Absent, Some(why)) => Recording::Unknown(why),
        (Fact::Absent, None) => Recording::Nothing,
    }
}

/// Whether a trail records all accounts of an organization.
fn is_of_organization(at: &Listening<'_>, trail: &str) -> bool {
    let mut all = at.resources(Kind::Organization).filter_map(|one| one.organization()?.trails.known());
    all.any(|trails| trails.iter().any(|one| one.arn == trail))
}

/// Whether a selector names the bucket: `arn:aws:s3:::shop/`.
fn names(of: &[String], bucket: &Bucket) -> bool {
    let Some(name) = bucket.name.known() else { return false };
    of.iter().any(|one| {
        let rest = one.splitn(6, ':').nth(5).unwrap_or(one);
        rest.split('/').next() == Some(name.as_str())
    })
}
