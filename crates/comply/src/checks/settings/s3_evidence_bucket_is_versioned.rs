//! A bucket that takes evidence keeps versions: what is overwritten or deleted is still there.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_is_versioned", Severity::High, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_versioning" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  versioning_configuration {
    status = "Enabled"
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let bucket = at.evidence_bucket();
    bucket.map(|bucket| at.of("versioning").is("Versioning", &bucket.is_versioned, false)).into_iter().collect()
}
