//! `cloudtrail`: a management event in each region of each account, by asking for the status of a trail that does not exist. CloudTrail
//! records the name.

use shoseki_messages::msg;

use super::place::literal;
use super::{Emit, Place, Scene, Source, Trial};
use crate::found::text;
use crate::plan::State;
use crate::site::Trail;

pub(super) const SOURCE: Source = Source { name: "cloudtrail", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    for (account, region) in scene.site.places {
        let Some(trail) = scene.site.trails.get(account) else { continue };
        let emit = |mark: &str| match trail.state {
            State::New => Emit::Cannot(msg!("setup-check-no-trail", account = account.as_str())),
            State::There | State::Elsewhere => Emit::Trail(format!("shoseki-check-{mark}")),
        };
        let trial = Trial::new(SOURCE.name, scene, &format!("{account} {region}"), emit);
        trials.push(trial.at(account, region).to(place(scene, trail, (account, region))).within(5, 15));
    }
}

/// Where a trail delivers events of an account and region.
pub(super) fn place(scene: &Scene<'_>, trail: &Trail<'_>, (account, region): (&str, &str)) -> Option<Place> {
    let there = trail.there?;
    let bucket = text(there, "S3BucketName")?;
    let prefix = text(there, "S3KeyPrefix").map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let organization = scene.site.is_of_organization(trail).then(|| scene.site.organization(account).0).flatten();
    let organization = organization.map(|id| format!("{id}/")).unwrap_or_default();
    let folder = format!("{prefix}AWSLogs/{organization}{account}/CloudTrail/{region}/");
    Some(Place::Objects {
        bucket: bucket.to_owned(),
        region: scene.bucket_region(bucket),
        account: scene.site.account().to_owned(),
        folder: format!("{}%Y/%m/%d/", literal(&folder)),
        names: format!("{}%Y%m%dT%H%MZ", literal(&format!("{account}_CloudTrail_{region}_"))),
        is_known_by_name: false,
    })
}

impl Scene<'_> {
    /// The region of a bucket: each that is there was asked for its versioning.
    pub(super) fn bucket_region(&self, bucket: &str) -> String {
        let region = self.site.found.region_of("s3:GetBucketVersioning", self.site.account(), bucket);
        region.unwrap_or(&self.site.home).to_owned()
    }
}
