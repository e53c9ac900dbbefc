//! The module's own tests, for `terraform test`: plans against a provider that is mocked, so no account is asked.

use crate::export::hcl::{Block, Expression};
use crate::wish::{By, Lock, Setup};

const ACCOUNT: &str = "111122223333";

fn asserted(condition: &str, message: &str) -> Block {
    Block::new("assert", &[]).code("condition", condition).text("error_message", message)
}

fn mocked(kind: &str, defaults: Expression) -> Block {
    Block::new("mock_data", &[kind]).set("defaults", defaults)
}

pub(super) fn blocks(wish: &Setup) -> Vec<Block> {
    let home = wish.all_regions(None).first().cloned().unwrap_or_else(|| "ap-northeast-1".to_owned());
    let mut variables = Block::new("variables", &[]).text("home_region", home.as_str()).set(
        "regions",
        Expression::texts(if wish.all_regions(None).is_empty() { vec![home.clone()] } else { wish.all_regions(None) }),
    );
    if wish.organization {
        variables = variables.text("organization_id", "o-a1b2c3d4e5");
    }
    if wish.collector.as_ref().is_some_and(|one| one.by == By::Irsa) {
        variables = variables.text("oidc_issuer", format!("oidc.eks.{home}.amazonaws.com/id/EXAMPLE"));
    }
    let provider = Block::new("mock_provider", &["aws"])
        .block(mocked("aws_caller_identity", Expression::object([("account_id", Expression::text(ACCOUNT))])))
        .block(mocked("aws_partition", Expression::object([("partition", Expression::text("aws"))])))
        .block(mocked("aws_regions", Expression::object([("names", Expression::texts([home.as_str()]))])));
    let run = |name: &str| Block::new("run", &[name]).code("command", "plan");
    let mut evidence = run("evidence_is_kept_and_guarded");
    let bucket = format!("aws_s3_bucket.evidence.bucket == \"{}-evidence-{ACCOUNT}-{home}\"", wish.name);
    for (condition, message) in [
        (bucket.as_str(), "The bucket of evidence has the name that policies have."),
        (
            "aws_s3_bucket_versioning.evidence.versioning_configuration[0].status == \"Enabled\"",
            "Its objects have versions.",
        ),
        (
            "alltrue([for block in [aws_s3_bucket_public_access_block.evidence, aws_s3_bucket_public_access_block.access_logs] : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])",
            "The public is shut out.",
        ),
        (
            "strcontains(aws_s3_bucket_policy.evidence.policy, \"ShosekiKeepsObjects\") && strcontains(aws_s3_bucket_policy.evidence.policy, \"ShosekiTlsOnly\")",
            "Nobody deletes, and nobody comes without TLS.",
        ),
        ("aws_kms_key.evidence.enable_key_rotation", "The key rotates."),
        (
            "aws_cloudtrail.evidence.is_multi_region_trail && aws_cloudtrail.evidence.enable_log_file_validation && aws_cloudtrail.evidence.enable_logging",
            "The trail is of all regions, has digests, and logs.",
        ),
    ] {
        evidence = evidence.block(asserted(condition, message));
    }
    if wish.object_lock != Lock::Off {
        evidence = evidence.block(asserted(
            "aws_s3_bucket_object_lock_configuration.evidence.rule[0].default_retention[0].days == var.keep_days",
            "Objects are locked for as long as they are kept.",
        ));
    }
    if wish.config {
        evidence = evidence.block(asserted(
            "toset(keys(aws_config_configuration_recorder.evidence)) == toset(var.regions)",
            "AWS Config records in each region.",
        ));
    }
    let refused = |name: &str, variable: &str, value: Expression| {
        run(name)
            .block(Block::new("variables", &[]).set(variable, value))
            .apart()
            .set("expect_failures", Expression::List(vec![Expression::code(format!("var.{variable}"))]))
    };
    vec![
        provider,
        variables,
        evidence,
        refused("too_short_a_time_is_refused", "keep_days", Expression::code((wish.least_days() - 1).to_string())),
        refused("a_name_that_is_none_of_a_bucket_is_refused", "name", Expression::text("Not_A_Bucket")),
        refused(
            "a_reader_with_a_wildcard_is_refused",
            "readers",
            Expression::texts(["arn:aws:iam::111122223333:role/*"]),
        ),
        refused("all_buckets_and_one_of_them_is_refused", "data_events", Expression::texts(["*", "shop-uploads"])),
    ]
}
