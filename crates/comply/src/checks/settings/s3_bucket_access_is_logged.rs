//! Each bucket has its access logged, to another bucket: who read what is evidence.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_bucket_access_is_logged", Severity::Medium, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_logging" "NAME" {
  bucket        = aws_s3_bucket.NAME.id
  target_bucket = aws_s3_bucket.ACCESS_LOGS.id
  target_prefix = "s3/"
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.resource.bucket() else { return Vec::new() };
    let at = at.of("logging");
    let finding = match bucket.logs_to.get() {
        _ if at.estate.takes_access_logs(at.resource) => at.not_applicable(msg!("settings-takes-access-logs")),
        Err(why) => at.unknown("LoggingEnabled", why),
        Ok(None) => at.fail(msg!("settings-missing", setting = "LoggingEnabled")),
        Ok(Some(target))
            if at.estate.find(Kind::Bucket, target).is_some_and(|found| found.name == at.resource.name) =>
        {
            at.fail(msg!("settings-logs-to-itself"))
        }
        Ok(Some(target)) => at.pass(msg!("settings-logs-to", target = target.to_string())),
    };
    vec![finding]
}
