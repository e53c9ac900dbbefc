//! `data-events`: a data event of each bucket whose data events are recorded, by asking for an object that does not exist.

use shoseki_messages::msg;

use super::{Emit, Scene, Source, Trial, cloudtrail};

pub(super) const SOURCE: Source = Source { name: "data-events", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let site = &scene.site;
    let account = site.account();
    for bucket in &site.wish.data_events {
        // Of all buckets, the one that is there for certain.
        let bucket = if bucket == "*" { &site.evidence.name } else { bucket };
        let region = site.found.region_of("s3:GetBucketVersioning", account, bucket);
        let emit = |mark: &str| match region {
            Some(region) => object(bucket, region, mark),
            None => Emit::Cannot(msg!("setup-check-no-bucket", bucket = bucket.as_str())),
        };
        let region = region.unwrap_or(&site.home);
        let place = site.trails.get(account).and_then(|trail| cloudtrail::place(scene, trail, (account, region)));
        trials.push(Trial::new(SOURCE.name, scene, bucket, emit).at(account, region).to(place).within(5, 15));
    }
}

/// An object that nobody has.
pub(super) fn object(bucket: &str, region: &str, mark: &str) -> Emit {
    Emit::Object { bucket: bucket.to_owned(), region: region.to_owned(), key: format!("shoseki-check/{mark}") }
}
