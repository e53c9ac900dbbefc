//! `config`: a snapshot of AWS Config in each region that has a channel. Its items may all be known, so what is looked for is the
//! receipt of its file; its name says of which account and region it is.

use shoseki_messages::msg;

use super::place::literal;
use super::{Emit, Place, Scene, Sought, Source, Trial};
use crate::found::text;

pub(super) const SOURCE: Source = Source { name: "config", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let site = &scene.site;
    if !site.wish.config {
        return;
    }
    for (account, region) in site.places {
        let list = ("config:DescribeDeliveryChannels", "DeliveryChannels");
        let (channels, unknown) = site.found.entries(list, account, Some(region));
        let channel = channels.into_iter().find_map(|one| Some((text(one, "name")?, one)));
        let emit = |_: &str| match (channel, unknown) {
            (Some((name, _)), _) => Emit::Snapshot(name.to_owned()),
            (None, Some(why)) => Emit::Cannot(why),
            (None, None) => {
                Emit::Cannot(msg!("setup-check-no-channel", account = account.as_str(), region = region.as_str()))
            }
        };
        let file = format!("{account}_Config_{region}_ConfigSnapshot_");
        let place = channel.and_then(|(_, channel)| {
            let bucket = text(channel, "s3BucketName")?;
            let prefix = text(channel, "s3KeyPrefix").map(|prefix| format!("{prefix}/")).unwrap_or_default();
            // AWS Config writes months and days without a nought before them.
            let folder = format!("{prefix}AWSLogs/{account}/Config/{region}/");
            Some(Place::Objects {
                bucket: bucket.to_owned(),
                region: scene.bucket_region(bucket),
                account: site.account().to_owned(),
                folder: format!("{}%Y/%-m/%-d/ConfigSnapshot/", literal(&folder)),
                names: format!("{}%Y%m%dT%H%M%SZ", literal(&file)),
                is_known_by_name: true,
            })
        });
        let trial = Trial::new(SOURCE.name, scene, &format!("{account} {region}"), emit).at(account, region);
        trials.push(Trial { sought: Sought::File(file), ..trial.to(place).within(1, 10) });
    }
}
