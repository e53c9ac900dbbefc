//! What AWS Config records goes to a bucket.

use shoseki_messages::{Message, msg};

use super::{At, Check, Finding, Kind, Severity, sure};
use crate::settings::{Resource, Target};

pub(in crate::checks) const CHECK: Check =
    Check::settings("config_recorder_delivers", Severity::High, &[Kind::Recorder], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_config_delivery_channel" "NAME" {
  s3_bucket_name = aws_s3_bucket.NAME.id
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    if at.resource.recorder().is_none() {
        return Vec::new();
    }
    // There is one recorder and one channel in a region of an account; in code, regions are not always told apart.
    let of_same_place = |one: &&Resource| {
        let is_same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        is_same(&one.account, &at.resource.account) && is_same(&one.region, &at.resource.region)
    };
    // One that is there for certain speaks before one that may not be.
    let channels = || at.estate.of_kind(Kind::Channel).filter(of_same_place);
    let channel = channels().find(|one| one.doubt.is_none()).or_else(|| channels().next());
    let bucket = channel.map(|one| sure(one).and_then(|one| one.channel().map_or(Ok(None), |one| one.bucket.get())));
    let finding = match (bucket, at.estate.unread()) {
        (None, Some(why)) => at.unknown("DeliveryChannel", why),
        (None, None) => at.fail(msg!("settings-no-channel")),
        (Some(bucket), _) => said(at, bucket),
    };
    vec![finding]
}

fn said(at: At<'_>, bucket: Result<Option<&Target>, &Message>) -> Finding {
    match bucket {
        Err(why) => at.unknown("S3BucketName", why),
        Ok(None) => at.fail(msg!("settings-missing", setting = "S3BucketName")),
        Ok(Some(bucket)) => at.pass(msg!("settings-is", setting = "S3BucketName", value = bucket.to_string())),
    }
}
