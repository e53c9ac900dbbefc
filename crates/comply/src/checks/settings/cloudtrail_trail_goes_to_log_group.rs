//! The trail goes to CloudWatch Logs too, where alarms can see it within minutes.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_goes_to_log_group", Severity::Low, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = r#"cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.NAME.arn}:*"
cloud_watch_logs_role_arn = aws_iam_role.NAME.arn"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.is_set("CloudWatchLogsLogGroupArn", &trail.log_group)).into_iter().collect()
}
