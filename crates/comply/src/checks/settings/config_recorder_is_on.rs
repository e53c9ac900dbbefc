//! AWS Config's recorder is on.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("config_recorder_is_on", Severity::High, &[Kind::Recorder], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_config_configuration_recorder_status" "NAME" {
  name       = aws_config_configuration_recorder.NAME.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.NAME]
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let recorder = at.resource.recorder();
    recorder.map(|recorder| at.of("status").is("Recording", &recorder.is_recording, false)).into_iter().collect()
}
