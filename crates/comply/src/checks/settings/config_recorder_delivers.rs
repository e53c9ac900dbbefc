//! What AWS Config records goes to a bucket.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::Resource;

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
    let channel = at.estate.of_kind(Kind::Channel).filter(of_same_place).find_map(Resource::channel);
    let finding = match channel.map(|channel| channel.bucket.get()) {
        None => at.fail(msg!("settings-no-channel")),
        Some(Err(why)) => at.unknown("S3BucketName", why),
        Some(Ok(None)) => at.fail(msg!("settings-missing", setting = "S3BucketName")),
        Some(Ok(Some(bucket))) => at.pass(msg!("settings-is", setting = "S3BucketName", value = bucket.to_string())),
    };
    vec![finding]
}
