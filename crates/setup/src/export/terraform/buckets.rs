//! Buckets as Terraform has them: each setting a resource of its own.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::module::Module;
use crate::export::hcl::{Block, Expression};
use crate::found::{many, text};

/// What a bucket of a piece is called in code.
pub(super) fn label(piece: &str) -> &'static str {
    match piece {
        "access_log_bucket" => "access_logs",
        "config_bucket" => "config",
        _ => "evidence",
    }
}

/// The resource or the data source that a bucket is.
pub(super) fn reference(calls: &Calls<'_>) -> String {
    let label = label(calls.item.piece);
    if calls.is_new() { format!("aws_s3_bucket.{label}") } else { format!("data.aws_s3_bucket.{label}") }
}

/// A bucket with its settings.
pub(super) fn bucket(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    let label = label(calls.item.piece);
    let (region, name) = (module.text(&calls.item.region)?, module.text(&calls.item.name)?);
    let of = reference(calls);
    let part =
        |kind: &str| Block::resource(kind, label).set("region", region.clone()).code("bucket", format!("{of}.id"));
    let mut all = Vec::new();
    if calls.take("s3:CreateBucket").is_some() {
        let is_locked = calls.has("s3:PutObjectLockConfiguration");
        all.push(
            Block::resource("aws_s3_bucket", label)
                .set("region", region.clone())
                .set("bucket", name)
                .when(is_locked, |block| block.code("object_lock_enabled", "true"))
                .block(Block::new("lifecycle", &[]).code("prevent_destroy", "true")),
        );
    } else if !calls.is_new() {
        let data = Block::new("data", &["aws_s3_bucket", label]).about("It is there already, and is not made again.");
        all.push(data.set("region", region.clone()).set("bucket", name));
    }
    if let Some(input) = calls.take("s3:PutBucketVersioning") {
        let status = module.value(&input["VersioningConfiguration"]["Status"])?;
        let said = Block::new("versioning_configuration", &[]).set("status", status);
        all.push(part("aws_s3_bucket_versioning").block(said));
    }
    if let Some(input) = calls.take("s3:PutPublicAccessBlock") {
        let said = &input["PublicAccessBlockConfiguration"];
        let mut block = part("aws_s3_bucket_public_access_block").apart();
        for (name, of) in [
            ("block_public_acls", "BlockPublicAcls"),
            ("block_public_policy", "BlockPublicPolicy"),
            ("ignore_public_acls", "IgnorePublicAcls"),
            ("restrict_public_buckets", "RestrictPublicBuckets"),
        ] {
            block = block.set(name, module.value(&said[of])?);
        }
        all.push(block);
    }
    if let Some(input) = calls.take("s3:PutBucketEncryption") {
        all.push(encryption(module, part("aws_s3_bucket_server_side_encryption_configuration"), input)?);
    }
    let versions = all.iter().any(|block| block.is("aws_s3_bucket_versioning"));
    let after =
        |block: Block| block.when(versions, |block| block.after(&[format!("aws_s3_bucket_versioning.{label}")]));
    if let Some(input) = calls.take("s3:PutObjectLockConfiguration") {
        let default = &input["ObjectLockConfiguration"]["Rule"]["DefaultRetention"];
        let retention = Block::new("default_retention", &[])
            .set("mode", module.lock_mode(&default["Mode"])?)
            .set("days", module.days(&default["Days"])?);
        let rule = Block::new("rule", &[]).block(retention);
        all.push(after(part("aws_s3_bucket_object_lock_configuration").block(rule)));
    }
    // A rule of somebody's that says more than these words would lose it.
    let life_cycle_call = "s3:PutBucketLifecycleConfiguration";
    if calls.peek(life_cycle_call).is_some_and(says_no_more)
        && let Some(input) = calls.take(life_cycle_call)
    {
        let mut block = part("aws_s3_bucket_lifecycle_configuration");
        for rule in many(&input["LifecycleConfiguration"]["Rule"]) {
            block = block.block(life_cycle(module, rule)?);
        }
        all.push(after(block));
    }
    if let Some(document) = calls.take("s3:PutBucketPolicy") {
        let block = part("aws_s3_bucket_policy").set("policy", module.document(document)?);
        // A policy that comes while the public is being shut out is refused for a moment, and once it is there only the role for
        // emergencies may set a life cycle.
        let first = ["aws_s3_bucket_public_access_block", "aws_s3_bucket_lifecycle_configuration"];
        let first = first.into_iter().filter(|kind| all.iter().any(|block| block.is(kind)));
        let first: Vec<String> = first.map(|kind| format!("{kind}.{label}")).collect();
        all.push(block.when(!first.is_empty(), |block| block.after(&first)));
    }
    if let Some(input) = calls.take("s3:PutBucketLogging") {
        let enabled = &input["BucketLoggingStatus"]["LoggingEnabled"];
        let block = part("aws_s3_bucket_logging")
            .set("target_bucket", module.bucket_id(&enabled["TargetBucket"])?)
            .set("target_prefix", module.value(&enabled["TargetPrefix"])?);
        all.push(module.after_policy_of_access_logs(block));
    }
    // What somebody else's bucket has is not taken away with this code.
    let is_theirs = |block: &Block| !calls.is_new() && block.head().starts_with("resource ");
    let keeps = || Block::new("lifecycle", &[]).code("prevent_destroy", "true");
    Ok(all.into_iter().map(|block| if is_theirs(&block) { block.block(keeps()) } else { block }).collect())
}

fn encryption(module: &Module<'_>, block: Block, input: &Value) -> Result<Block> {
    let rule = many(&input["ServerSideEncryptionConfiguration"]["Rule"]).into_iter().next().unwrap_or(&Value::Null);
    let default = &rule["ApplyServerSideEncryptionByDefault"];
    let mut said = Block::new("apply_server_side_encryption_by_default", &[])
        .set("sse_algorithm", module.value(&default["SSEAlgorithm"])?);
    if let Some(key) = text(default, "KMSMasterKeyID") {
        said = said.set("kms_master_key_id", module.text(key)?);
    }
    let mut written = Block::new("rule", &[]);
    if !rule["BucketKeyEnabled"].is_null() {
        written = written.set("bucket_key_enabled", module.value(&rule["BucketKeyEnabled"])?);
    }
    Ok(block.block(written.block(said)))
}

/// Whether all that a life cycle says has a word here.
fn says_no_more(input: &Value) -> bool {
    const SAID: [&str; 7] = [
        "ID",
        "Status",
        "Filter",
        "Prefix",
        "Expiration",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
    ];
    let only = |value: &Value, names: &[&str]| {
        value.as_object().is_none_or(|all| all.keys().all(|name| names.contains(&name.as_str())))
    };
    many(&input["LifecycleConfiguration"]["Rule"]).into_iter().all(|rule| {
        only(rule, &SAID)
            && only(&rule["Filter"], &["Prefix"])
            && only(&rule["Expiration"], &["Days"])
            && only(&rule["NoncurrentVersionExpiration"], &["NoncurrentDays"])
    })
}

fn life_cycle(module: &Module<'_>, rule: &Value) -> Result<Block> {
    let filter = match text(&rule["Filter"], "Prefix").or_else(|| text(rule, "Prefix")) {
        Some(prefix) => Block::new("filter", &[]).set("prefix", module.text(prefix)?),
        None => Block::new("filter", &[]),
    };
    let mut block = Block::new("rule", &[])
        .set("id", module.value(&rule["ID"])?)
        .set("status", module.value(&rule["Status"])?)
        .block(filter);
    for (of, day, name, said) in [
        ("Expiration", "Days", "expiration", "days"),
        ("NoncurrentVersionExpiration", "NoncurrentDays", "noncurrent_version_expiration", "noncurrent_days"),
        (
            "AbortIncompleteMultipartUpload",
            "DaysAfterInitiation",
            "abort_incomplete_multipart_upload",
            "days_after_initiation",
        ),
    ] {
        if !rule[of][day].is_null() {
            block = block.block(Block::new(name, &[]).set(said, module.days(&rule[of][day])?));
        }
    }
    Ok(block)
}

/// The queue that is told of new files, where it is ours.
pub(super) fn queue(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    const LABEL: &str = "files";
    let region = module.text(&calls.item.region)?;
    let mut all = Vec::new();
    if let Some(input) = calls.take("sqs:CreateQueue") {
        let attributes = &input["Attributes"];
        let mut block = Block::resource("aws_sqs_queue", LABEL)
            .set("region", region.clone())
            .set("name", module.value(&input["QueueName"])?);
        for (name, of) in [
            ("message_retention_seconds", "MessageRetentionPeriod"),
            ("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
            ("sqs_managed_sse_enabled", "SqsManagedSseEnabled"),
            ("visibility_timeout_seconds", "VisibilityTimeout"),
        ] {
            block = block.code(name, text(attributes, of).unwrap_or("null"));
        }
        all.push(block);
        let policy = Block::resource("aws_sqs_queue_policy", LABEL).set("region", region.clone());
        let policy = policy.code("queue_url", format!("aws_sqs_queue.{LABEL}.url"));
        all.push(policy.set("policy", module.document(&attributes["Policy"])?));
    }
    if let Some(input) = calls.take("sqs:SetQueueAttributes") {
        let policy = Block::resource("aws_sqs_queue_policy", LABEL)
            .set("region", region.clone())
            .set("queue_url", module.value(&input["QueueUrl"])?);
        all.push(policy.set("policy", module.document(&input["Attributes"]["Policy"])?));
    }
    if calls.has("s3:PutBucketNotificationConfiguration") && !all.is_empty() {
        notification(module, calls, &mut all)?;
    }
    Ok(all)
}

/// Who is told of what. One who is told by something else than queues is left to a call: Terraform would take that away.
fn notification(module: &Module<'_>, calls: &mut Calls<'_>, all: &mut Vec<Block>) -> Result<()> {
    let step = calls.item.steps.iter().find(|step| step.change.kind.name() == "s3:PutBucketNotificationConfiguration");
    let Some(step) = step else { return Ok(()) };
    let config = &step.change.input["NotificationConfiguration"];
    let is_queues = config.as_object().is_some_and(|all| all.keys().all(|name| name == "QueueConfiguration"));
    let queues = many(&config["QueueConfiguration"]);
    if !is_queues || queues.iter().any(|one| !many(&one["Filter"]).is_empty()) {
        return Ok(());
    }
    calls.take("s3:PutBucketNotificationConfiguration");
    let mut block = Block::resource("aws_s3_bucket_notification", "evidence")
        .set("region", module.text(&calls.item.region)?)
        .set("bucket", module.bucket_id(&Value::String(step.change.of.clone()))?);
    for one in queues {
        let events: Vec<Value> = many(&one["Event"]).into_iter().cloned().collect();
        let mut queue = Block::new("queue", &[]);
        if !one["Id"].is_null() {
            queue = queue.set("id", module.value(&one["Id"])?);
        }
        block = block.block(
            queue.set("queue_arn", module.value(&one["Queue"])?).set("events", module.value(&Value::Array(events))?),
        );
    }
    all.push(block.after(&["aws_sqs_queue_policy.files".to_owned()]));
    Ok(())
}

/// What names the bucket of a piece in outputs.
pub(super) fn name_of(reference: &str) -> Expression {
    Expression::code(format!("{reference}.id"))
}
