//! `access-logs`: a line of the access logs of the bucket of evidence, by asking it for an object that does not exist. S3 delivers these
//! within hours, so this is waited for only where it is asked for.

use shoseki_messages::msg;

use super::place::literal;
use super::{Emit, Place, Scene, Source, Trial, data_events};
use crate::found::{Seen, text};

pub(super) const SOURCE: Source = Source { name: "access-logs", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let site = &scene.site;
    let (account, bucket) = (site.account(), &site.evidence.name);
    let region = scene.bucket_region(bucket);
    let place = target(scene, (bucket, &region));
    let emit = |mark: &str| match place {
        Some(_) => data_events::object(bucket, &region, mark),
        None => Emit::Cannot(msg!("setup-check-no-access-logs", bucket = bucket.as_str())),
    };
    let trial = Trial::new(SOURCE.name, scene, bucket, emit).at(account, &region);
    trials.push(trial.to(place.clone()).within(60, 360));
}

/// Where the access logs of a bucket go: `s3/2026-03-05-…`, or by account, region, bucket and day.
fn target(scene: &Scene<'_>, (bucket, region): (&str, &str)) -> Option<Place> {
    let account = scene.site.account();
    let Seen::Is(logging) = scene.site.found.about("s3:GetBucketLogging", account, bucket) else { return None };
    let logging = &logging["LoggingEnabled"];
    let target = text(logging, "TargetBucket")?;
    let prefix = text(logging, "TargetPrefix").unwrap_or_default();
    let is_partitioned = logging["TargetObjectKeyFormat"].get("PartitionedPrefix").is_some();
    let folder = match is_partitioned {
        true => format!("{}%Y/%m/%d/", literal(&format!("{prefix}{account}/{region}/{bucket}/"))),
        false => literal(prefix),
    };
    let names = if is_partitioned { "" } else { "%Y-%m-%d-%H-%M-%S" };
    Some(Place::Objects {
        bucket: target.to_owned(),
        region: scene.bucket_region(target),
        account: account.to_owned(),
        folder,
        names: names.to_owned(),
        is_known_by_name: false,
    })
}
