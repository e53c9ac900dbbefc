//! `cargo xtask bench --iac`: `shoseki check iac` over ten thousand resources, as HCL and as the plan of the same.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Options;
use super::measure::{Figures, Job};
use super::table;

/// How many resources.
const RESOURCES: usize = 10_000;
/// How many of them stand around one bucket.
const OF_A_BUCKET: usize = 5;
/// How long it may take, in seconds.
const TARGET: f64 = 2.0;

/// Makes the files, measures, prints a line each. `true` where each stays within its bound.
pub fn run(options: &Options, folder: &Path, binary: &Path) -> Result<bool> {
    let code = folder.join("iac");
    fs::create_dir_all(&code).with_context(|| format!("cannot make `{}`", code.display()))?;
    let numbers = 0..RESOURCES / OF_A_BUCKET;
    let hcl: String = numbers.clone().map(block).collect();
    fs::write(code.join("main.tf"), format!("locals {{\n  tags = {{ owner = \"bench\" }}\n}}\n{hcl}"))?;
    let plan = serde_json::to_string(&plan(numbers.flat_map(planned).collect()))?;
    fs::write(code.join("plan.json"), &plan)?;
    let mut is_within = true;
    println!("\n{:<44}{:>9}{:>11}{:>12}", "", "target", "seconds", "memory");
    for (title, file) in [("10,000 resources as HCL", "main.tf"), ("10,000 resources as a plan", "plan.json")] {
        let best = best(options, folder, binary, &code.join(file))?;
        let mark = if best.seconds > TARGET { "!" } else { "" };
        let memory = table::bytes(best.peak_bytes);
        println!("{title:<44}{TARGET:>9.1}{:>11}{memory:>12}{mark}", table::seconds(best.seconds));
        is_within &= best.seconds <= TARGET;
    }
    Ok(is_within)
}

fn best(options: &Options, folder: &Path, binary: &Path, file: &Path) -> Result<Figures> {
    let mut best: Option<Figures> = None;
    for _ in 0..options.runs {
        let mut job = Job::new(binary, folder);
        // What fails there is of medium weight: the command ends well, and has all of its work to do.
        job.command.args(["check", "iac", "--fail-on", "critical", "--json"]).arg(file);
        let figures = job.measure()?;
        best = Some(best.filter(|best| best.seconds <= figures.seconds).unwrap_or(figures));
    }
    best.context("no run was asked for")
}

/// A bucket with what belongs to it.
fn block(at: usize) -> String {
    format!(
        r#"
resource "aws_s3_bucket" "b{at}" {{
  bucket = "bench-{at}"
  tags   = merge(local.tags, {{ Name = "bench-{at}" }})
}}

resource "aws_s3_bucket_versioning" "b{at}" {{
  bucket = aws_s3_bucket.b{at}.id
  versioning_configuration {{
    status = "Enabled"
  }}
}}

resource "aws_s3_bucket_lifecycle_configuration" "b{at}" {{
  bucket = aws_s3_bucket.b{at}.id
  rule {{
    id     = "keep"
    status = "Enabled"
    expiration {{
      days = 30 + 370
    }}
  }}
}}

resource "aws_s3_bucket_policy" "b{at}" {{
  bucket = aws_s3_bucket.b{at}.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.b{at}.arn, "${{aws_s3_bucket.b{at}.arn}}/*"]
      Condition = {{ Bool = {{ "aws:SecureTransport" = "false" }} }}
    }}]
  }})
}}

resource "aws_cloudtrail" "b{at}" {{
  name           = "bench-{at}"
  s3_bucket_name = "other-bucket"
}}
"#
    )
}

/// The same as a plan has it.
fn planned(at: usize) -> Vec<Value> {
    let bucket = format!("bench-{at}");
    let arn = format!("arn:aws:s3:::{bucket}");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, format!("{arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]});
    let one = |kind: &str, values: Value| {
        json!({
            "address": format!("{kind}.b{at}"), "mode": "managed", "type": kind, "name": format!("b{at}"), "values": values,
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "sensitive_values": {},
        })
    };
    let rule =
        json!({"id": "keep", "status": "Enabled", "expiration": [{"days": 400}], "filter": [], "transition": []});
    vec![
        one("aws_s3_bucket", json!({"bucket": bucket, "arn": arn, "logging": [], "versioning": [{"enabled": false}]})),
        one("aws_s3_bucket_versioning", json!({"bucket": bucket, "versioning_configuration": [{"status": "Enabled"}]})),
        one("aws_s3_bucket_lifecycle_configuration", json!({"bucket": bucket, "rule": [rule]})),
        one("aws_s3_bucket_policy", json!({"bucket": bucket, "policy": policy.to_string()})),
        one(
            "aws_cloudtrail",
            json!({"name": bucket, "s3_bucket_name": "other-bucket", "is_multi_region_trail": false}),
        ),
    ]
}

fn plan(resources: Vec<Value>) -> Value {
    let changed = |one: &Value| {
        let values = &one["values"];
        json!({
            "address": one["address"], "mode": "managed", "type": one["type"], "name": one["name"],
            "change": {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}},
        })
    };
    let changes: Vec<Value> = resources.iter().map(changed).collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": []}},
    })
}
