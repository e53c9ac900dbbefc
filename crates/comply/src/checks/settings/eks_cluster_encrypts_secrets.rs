//! A cluster encrypts its secrets by a key of one's own.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("eks_cluster_encrypts_secrets", Severity::Medium, &[Kind::Cluster], judge, TERRAFORM);

const TERRAFORM: &str = r#"encryption_config {
  resources = ["secrets"]
  provider {
    key_arn = aws_kms_key.NAME.arn
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let cluster = at.resource.cluster();
    cluster.map(|cluster| at.is("EncryptionConfig", &cluster.encrypts_secrets, false)).into_iter().collect()
}
