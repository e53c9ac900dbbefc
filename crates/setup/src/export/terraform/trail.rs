//! The trail as Terraform has it. One that is there already stays as it is: Terraform would own it whole, with all that others set in it.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::module::Module;
use crate::export::hcl::{Block, Expression};
use crate::found::{is_on, many};

pub(super) fn trail(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    let Some(input) = calls.take("cloudtrail:CreateTrail") else { return Ok(Vec::new()) };
    let mut block = Block::resource("aws_cloudtrail", "evidence")
        .set("region", module.text(&calls.item.region)?)
        .set("name", module.value(&input["Name"])?)
        .set("s3_bucket_name", module.bucket_id(&input["S3BucketName"])?)
        .set("kms_key_id", module.value(&input["KmsKeyId"])?)
        .set("is_multi_region_trail", module.value(&input["IsMultiRegionTrail"])?)
        .set("include_global_service_events", module.value(&input["IncludeGlobalServiceEvents"])?)
        .set("enable_log_file_validation", module.value(&input["EnableLogFileValidation"])?)
        .code("enable_logging", calls.take("cloudtrail:StartLogging").is_some().to_string());
    if is_on(input, "IsOrganizationTrail") {
        block = block.code("is_organization_trail", "true");
    }
    if let Some(said) = calls.take("cloudtrail:PutEventSelectors") {
        for selector in many(&said["EventSelectors"]) {
            block = block.block(basic(module, selector)?);
        }
    }
    if let Some(said) = calls.take("cloudtrail:PutInsightSelectors") {
        for selector in many(&said["InsightSelectors"]) {
            let kind = module.value(&selector["InsightType"])?;
            block = block.block(Block::new("insight_selector", &[]).set("insight_type", kind));
        }
    }
    block = block.block(Block::new("lifecycle", &[]).code("prevent_destroy", "true"));
    let after: Vec<String> = module.policy_of_evidence().into_iter().collect();
    Ok(vec![block.when(!after.is_empty(), |block| block.after(&after))])
}

fn basic(module: &Module<'_>, selector: &Value) -> Result<Block> {
    let mut block = Block::new("event_selector", &[])
        .set("read_write_type", module.value(&selector["ReadWriteType"])?)
        .set("include_management_events", module.value(&selector["IncludeManagementEvents"])?);
    for resource in many(&selector["DataResources"]) {
        let (kind, values) = (module.value(&resource["Type"])?, module.value(&resource["Values"])?);
        block = block.block(match values {
            // Without a bucket there is no such block.
            Expression::Code(list) => Block::new("dynamic", &["data_resource"])
                .code("for_each", format!("length({list}) > 0 ? [{list}] : []"))
                .block(Block::new("content", &[]).set("type", kind).code("values", "data_resource.value")),
            values => Block::new("data_resource", &[]).set("type", kind).set("values", values),
        });
    }
    Ok(block)
}
