//! What a module says of what it made: what other code, and the chart of shoseki, need of it.

use super::module::Written;
use crate::export::hcl::{Block, Expression};
use crate::pieces::eks;
use crate::wish::Setup;

fn output(name: &str, about: &str, value: &str) -> Block {
    Block::new("output", &[name]).text("description", about).code("value", value)
}

pub(super) fn of_evidence(wish: &Setup, written: &Written) -> Vec<Block> {
    let has = |kind: &str, label: &str| written.has(&format!("resource \"{kind}\" \"{label}\""));
    let mut all = vec![
        output("evidence_bucket", "The bucket of evidence.", "aws_s3_bucket.evidence.id"),
        output("access_logs_bucket", "The bucket of access logs.", "aws_s3_bucket.access_logs.id"),
    ];
    let config = if has("aws_s3_bucket", "config") { "aws_s3_bucket.config.id" } else { "aws_s3_bucket.evidence.id" };
    all.push(output("config_bucket", "The bucket that AWS Config delivers to.", config));
    all.push(output("key_arn", "The key that encrypts evidence.", "aws_kms_key.evidence.arn"));
    all.push(output("trail_arn", "The trail.", "aws_cloudtrail.evidence.arn"));
    if has("aws_sqs_queue", "files") {
        all.push(output(
            "queue_url",
            "The queue that is told of new files: `url` of `[[fetch.sqs]]`.",
            "aws_sqs_queue.files.url",
        ));
    }
    for (label, about) in [
        ("collector", "The role of shoseki itself."),
        ("auditor", "The role of auditors."),
        ("break_glass", "The role for emergencies."),
    ] {
        if has("aws_iam_role", label) {
            all.push(output(&format!("{label}_role_arn"), about, &format!("aws_iam_role.{label}.arn")));
        }
    }
    if wish.eks {
        let about = "What a cluster of EKS logs: `enabled_cluster_log_types` of its aws_eks_cluster, which is not this module's.";
        let types = Expression::texts(eks::NEEDED);
        all.push(Block::new("output", &["eks_log_types"]).text("description", about).set("value", types));
    }
    all.push(output(
        "athena_table",
        "The table of the trail, for Athena.",
        "\"${aws_glue_catalog_database.evidence.name}.${aws_glue_catalog_table.trail.name}\"",
    ));
    all
}
