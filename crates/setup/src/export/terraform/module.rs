//! A module of Terraform as it is written: what placeholders mean in it, which buckets are resources of it, and the items of a plan as
//! blocks, by file.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::meanings::Meanings;
use super::{buckets, config, databases, roles, trail};
use crate::export::hcl::{Block, Expression};
use crate::plan::{Item, Step};

/// What all blocks of a module go by.
#[derive(Debug)]
pub(super) struct Module<'a> {
    pub(super) meanings: &'a Meanings,
    /// For how many days evidence is kept, where that is a variable.
    pub(super) days: Option<u64>,
    /// Buckets by their names, with what they are in code.
    buckets: Vec<(String, String)>,
    has_policy_of_access_logs: bool,
    has_policy_of_evidence: bool,
}

/// What came of a plan.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Blocks, by the file that they stand in, in the order of files.
    pub(super) files: Vec<(&'static str, Vec<Block>)>,
    /// Calls that are no code: of what Terraform cannot own, or what is there already in a form that it would replace.
    pub(super) left: Vec<(String, Step)>,
}

impl Written {
    fn add(&mut self, file: &'static str, blocks: Vec<Block>) {
        match self.files.iter_mut().find(|(name, _)| *name == file) {
            Some((_, all)) => all.extend(blocks),
            None if blocks.is_empty() => {}
            None => self.files.push((file, blocks)),
        }
    }

    /// Whether there is a block of a kind.
    pub(super) fn has(&self, head: &str) -> bool {
        self.files.iter().flat_map(|(_, blocks)| blocks).any(|block| block.head().starts_with(head))
    }
}

impl<'a> Module<'a> {
    pub(super) fn of(meanings: &'a Meanings, days: Option<u64>, items: &[Item]) -> Self {
        let is_bucket = |item: &&Item| ["access_log_bucket", "config_bucket", "evidence_bucket"].contains(&item.piece);
        let name = |item: &Item| (item.name.clone(), buckets::reference(&Calls::of(item)));
        let has_policy = |piece: &str| {
            let its = items.iter().filter(|item| item.piece == piece);
            its.flat_map(|item| &item.steps).any(|step| step.change.kind.name() == "s3:PutBucketPolicy")
        };
        Self {
            meanings,
            days,
            buckets: items.iter().filter(is_bucket).map(name).collect(),
            has_policy_of_access_logs: has_policy("access_log_bucket"),
            has_policy_of_evidence: has_policy("evidence_bucket"),
        }
    }

    /// Whether values are variables; else they stand as they are.
    pub(super) fn has_variables(&self) -> bool {
        self.days.is_some()
    }

    pub(super) fn text(&self, text: &str) -> Result<Expression> {
        self.meanings.text(text)
    }

    pub(super) fn value(&self, value: &Value) -> Result<Expression> {
        self.meanings.value(value)
    }

    pub(super) fn document(&self, document: &Value) -> Result<Expression> {
        self.meanings.document(document)
    }

    /// A number of days; the variable, where it is that for which evidence is kept.
    pub(super) fn days(&self, days: &Value) -> Result<Expression> {
        match (days, self.days) {
            (Value::Number(is), Some(kept)) if is.as_u64() == Some(kept) => Ok(Expression::code("var.keep_days")),
            // What S3 answered is text.
            (Value::String(text), _) => Ok(Expression::code(text.clone())),
            _ => self.value(days),
        }
    }

    /// The mode of a lock.
    pub(super) fn lock_mode(&self, mode: &Value) -> Result<Expression> {
        if self.has_variables() { Ok(Expression::code("var.object_lock_mode")) } else { self.value(mode) }
    }

    /// A bucket by its name: the resource, where it is one of these.
    pub(super) fn bucket_id(&self, name: &Value) -> Result<Expression> {
        let its = self.buckets.iter().find(|(known, _)| name.as_str() == Some(known));
        its.map_or_else(|| self.value(name), |(_, reference)| Ok(buckets::name_of(reference)))
    }

    /// S3 checks no policy when it is told where access logs go, and then delivers none.
    pub(super) fn after_policy_of_access_logs(&self, block: Block) -> Block {
        let after = ["aws_s3_bucket_policy.access_logs".to_owned()];
        block.when(self.has_policy_of_access_logs, |block| block.after(&after))
    }

    /// CloudTrail and AWS Config try to write when they are told of a bucket.
    pub(super) fn policy_of_evidence(&self) -> Option<String> {
        self.has_policy_of_evidence.then(|| "aws_s3_bucket_policy.evidence".to_owned())
    }

    /// The same of the bucket that AWS Config delivers to.
    pub(super) fn policy_for_config(&self) -> Option<String> {
        let is_own = self.buckets.iter().any(|(_, reference)| reference == "aws_s3_bucket.config");
        if is_own { Some("aws_s3_bucket_policy.config".to_owned()) } else { self.policy_of_evidence() }
    }

    /// The items as blocks.
    ///
    /// # Errors
    /// Our own broken invariant: a placeholder that means nothing here.
    pub(super) fn write(&self, items: &[Item]) -> Result<Written> {
        let mut written = Written::default();
        let mut left: Vec<(String, Vec<Step>)> = Vec::new();
        for item in items {
            let mut calls = Calls::of(item);
            let (file, blocks) = match item.piece {
                "evidence_key" => ("key.tf", key(self, &mut calls)?),
                "access_log_bucket" | "evidence_bucket" | "config_bucket" => {
                    ("buckets.tf", buckets::bucket(self, &mut calls)?)
                }
                "trail" => ("trail.tf", trail::trail(self, &mut calls)?),
                "trail_events_queue" => ("queue.tf", buckets::queue(self, &mut calls)?),
                "config_recorder" => ("config.tf", config::recorder(self, &mut calls, items)?),
                "config_rules" => ("config.tf", config::rules(self, &mut calls, items)?),
                "database_audit" => ("databases.tf", databases::groups(self, &mut calls)?),
                "collector_role" | "auditor_role" | "break_glass_role" => ("roles.tf", roles::role(self, &mut calls)?),
                _ => ("", Vec::new()),
            };
            written.add(file, blocks);
            left.push((item.id(), calls.left().into_iter().cloned().collect()));
        }
        written.left =
            left.into_iter().flat_map(|(id, steps)| steps.into_iter().map(move |one| (id.clone(), one))).collect();
        Ok(written)
    }
}

fn key(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    let region = module.text(&calls.item.region)?;
    let mut all = Vec::new();
    if let Some(input) = calls.take("kms:CreateKey") {
        let rotates = calls.take("kms:EnableKeyRotation").is_some();
        all.push(
            Block::resource("aws_kms_key", "evidence")
                .set("region", region.clone())
                .set("description", module.value(&input["Description"])?)
                .set("key_usage", module.value(&input["KeyUsage"])?)
                .set("customer_master_key_spec", module.value(&input["KeySpec"])?)
                .code("enable_key_rotation", rotates.to_string())
                .code("deletion_window_in_days", "30")
                .set("policy", module.document(&input["Policy"])?)
                .block(Block::new("lifecycle", &[]).code("prevent_destroy", "true")),
        );
    }
    if let Some(input) = calls.take("kms:CreateAlias") {
        all.push(
            Block::resource("aws_kms_alias", "evidence")
                .set("region", region.clone())
                .set("name", module.value(&input["AliasName"])?)
                .set("target_key_id", module.value(&input["TargetKeyId"])?),
        );
    }
    if let Some(input) = calls.take("kms:PutKeyPolicy") {
        all.push(
            Block::resource("aws_kms_key_policy", "evidence")
                .set("region", region)
                .set("key_id", module.value(&input["KeyId"])?)
                .set("policy", module.document(&input["Policy"])?),
        );
    }
    Ok(all)
}
