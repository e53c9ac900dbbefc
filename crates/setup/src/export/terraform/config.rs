//! AWS Config as Terraform has it: in a module with variables one resource for all regions, by the provider's `region` of a resource.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::module::Module;
use crate::export::hcl::{Block, Expression, expression};
use crate::export::placeholder::{HOME, OTHER};
use crate::found::text;
use crate::plan::Item;

/// What a recorder has in the first region and in all others.
struct Both<'a> {
    home: &'a Value,
    other: Option<&'a Value>,
}

impl Both<'_> {
    /// A value: one of both, where they differ.
    fn at(&self, module: &Module<'_>, pointer: &str) -> Result<Expression> {
        let of = |value: &Value| module.value(value.pointer(pointer).unwrap_or(&Value::Null));
        let home = of(self.home)?;
        match self.other.map(of).transpose()? {
            Some(other) if other != home => {
                let (home, other) = (expression(&home), expression(&other));
                let code = match (home.as_str(), other.as_str()) {
                    ("true", "false") => "each.value == var.home_region".to_owned(),
                    _ => format!("each.value == var.home_region ? {home} : {other}"),
                };
                Ok(Expression::Code(code))
            }
            _ => Ok(home),
        }
    }
}

/// The same thing of the other regions, where regions are a variable.
fn other<'i>(item: &Item, items: &'i [Item]) -> Option<&'i Item> {
    let is_it = |one: &&Item| one.piece == item.piece && one.account == item.account && one.region == OTHER;
    items.iter().find(is_it).filter(|_| item.region == HOME)
}

/// The parameters of a call of the same thing of the other regions.
fn input<'i>(item: Option<&'i Item>, name: &str) -> Option<&'i Value> {
    let step = item?.steps.iter().find(|step| step.change.kind.name() == name)?;
    Some(&step.change.input)
}

/// A resource of a region, or of each.
fn block(module: &Module<'_>, item: &Item, kind: &str) -> Result<(Block, String)> {
    if module.has_variables() {
        let block = Block::resource(kind, "evidence").code("for_each", "toset(var.regions)").apart();
        return Ok((block.code("region", "each.value"), "evidence".to_owned()));
    }
    let label = item.region.replace('-', "_");
    Ok((Block::resource(kind, &label).set("region", module.text(&item.region)?), label))
}

/// The recorder, its channel, and that it records.
pub(super) fn recorder(module: &Module<'_>, calls: &mut Calls<'_>, items: &[Item]) -> Result<Vec<Block>> {
    let mut all = Vec::new();
    if module.has_variables() && calls.item.region == OTHER {
        take_all(calls);
        return Ok(all);
    }
    let (item, other) = (calls.item, other(calls.item, items));
    let mut role: Option<String> = None;
    if let Some(input) = calls.take("iam:CreateServiceLinkedRole") {
        let mut block = Block::resource("aws_iam_service_linked_role", "config")
            .about("AWS's own role for AWS Config, of which an account has one.");
        if module.has_variables() {
            block = block.code("count", "var.create_config_role ? 1 : 0").apart();
        }
        all.push(block.set("aws_service_name", module.value(&input["AWSServiceName"])?));
        role = Some("aws_iam_service_linked_role.config".to_owned());
    }
    let put = "config:PutConfigurationRecorder";
    let mut recorder: Option<String> = None;
    // One that is there is somebody else's: Terraform would own it whole.
    let is_theirs = !module.has_variables() && !calls.is_new();
    if !is_theirs && let Some(home) = calls.take(put) {
        let both = Both { home, other: input(other, put) };
        let (block, label) = block(module, item, "aws_config_configuration_recorder")?;
        let group = Block::new("recording_group", &[])
            .set("all_supported", both.at(module, "/ConfigurationRecorder/recordingGroup/allSupported")?)
            .set(
                "include_global_resource_types",
                both.at(module, "/ConfigurationRecorder/recordingGroup/includeGlobalResourceTypes")?,
            );
        let block = block
            .set("name", both.at(module, "/ConfigurationRecorder/name")?)
            .set("role_arn", both.at(module, "/ConfigurationRecorder/roleARN")?)
            .block(group);
        all.push(match &role {
            Some(role) => block.after(std::slice::from_ref(role)),
            None => block,
        });
        recorder = Some(format!("aws_config_configuration_recorder.{label}"));
    }
    let made = recorder.clone();
    let put = "config:PutDeliveryChannel";
    if let Some(home) = calls.take(put) {
        let both = Both { home, other: input(other, put) };
        let frequency = both.at(module, "/DeliveryChannel/configSnapshotDeliveryProperties/deliveryFrequency")?;
        let (block, label) = block(module, item, "aws_config_delivery_channel")?;
        let block = block
            .set("name", both.at(module, "/DeliveryChannel/name")?)
            .set("s3_bucket_name", module.bucket_id(&home["DeliveryChannel"]["s3BucketName"])?)
            .block(Block::new("snapshot_delivery_properties", &[]).set("delivery_frequency", frequency));
        let after: Vec<String> = recorder.iter().cloned().chain(module.policy_for_config()).collect();
        all.push(block.when(!after.is_empty(), |block| block.after(&after)));
        recorder = Some(format!("aws_config_delivery_channel.{label}"));
    }
    if let Some(input) = calls.take("config:StartConfigurationRecorder") {
        let (block, _) = block(module, item, "aws_config_configuration_recorder_status")?;
        // By a reference, where the recorder is here: another region's has the same name.
        let name = match made {
            Some(made) if module.has_variables() => Expression::Code(format!("{made}[each.key].name")),
            Some(made) => Expression::Code(format!("{made}.name")),
            None => module.value(&input["ConfigurationRecorderName"])?,
        };
        let block = block.set("name", name).code("is_enabled", "true");
        all.push(match &recorder {
            Some(after) => block.after(std::slice::from_ref(after)),
            None => block,
        });
    }
    Ok(all)
}

/// What is said of the first region holds for all others.
fn take_all(calls: &mut Calls<'_>) {
    for step in &calls.item.steps {
        calls.take(&step.change.kind.name());
    }
}

/// The rules: in each region, those about identities in the first alone.
pub(super) fn rules(module: &Module<'_>, calls: &mut Calls<'_>, items: &[Item]) -> Result<Vec<Block>> {
    const PUT: &str = "config:PutConfigRule";
    let mut all = Vec::new();
    if !module.has_variables() {
        while let Some(input) = calls.take(PUT) {
            let rule = &input["ConfigRule"];
            let name = text(rule, "ConfigRuleName").unwrap_or_default();
            let label = format!("{}_{}", calls.item.region, name).replace('-', "_");
            let source = Block::new("source", &[])
                .set("owner", module.value(&rule["Source"]["Owner"])?)
                .set("source_identifier", module.value(&rule["Source"]["SourceIdentifier"])?);
            let block =
                Block::resource("aws_config_config_rule", &label).set("region", module.text(&calls.item.region)?);
            all.push(block.set("name", module.text(name)?).block(source));
        }
        return Ok(all);
    }
    if calls.item.region == OTHER {
        take_all(calls);
        return Ok(all);
    }
    let other = other(calls.item, items);
    let named = |item: &Item, name: &str| {
        item.steps.iter().any(|step| step.change.input["ConfigRule"]["ConfigRuleName"].as_str() == Some(name))
    };
    let mut rules = Vec::new();
    while let Some(input) = calls.take(PUT) {
        let rule = &input["ConfigRule"];
        let name = text(rule, "ConfigRuleName").unwrap_or_default();
        let is_everywhere = other.is_none_or(|other| named(other, name));
        let said = Expression::object([
            ("identifier", module.value(&rule["Source"]["SourceIdentifier"])?),
            ("is_everywhere", Expression::code(is_everywhere.to_string())),
        ]);
        rules.push((vec![crate::export::hcl::Part::Literal(name.to_owned())], said));
    }
    all.push(
        Block::new("locals", &[])
            .about("What is once in an account is looked at once.")
            .set("config_rules", Expression::Object(rules)),
    );
    let pairs = "{\n  for pair in setproduct(var.regions, keys(local.config_rules)) :\n  \"${pair[0]}/${pair[1]}\" => { region = pair[0], rule = pair[1] }\n  if pair[0] == var.home_region || local.config_rules[pair[1]].is_everywhere\n}";
    let source = Block::new("source", &[])
        .text("owner", "AWS")
        .code("source_identifier", "local.config_rules[each.value.rule].identifier");
    all.push(
        Block::resource("aws_config_config_rule", "evidence")
            .code("for_each", pairs)
            .apart()
            .code("region", "each.value.region")
            .code("name", "each.value.rule")
            .block(source)
            .after(&["aws_config_configuration_recorder.evidence".to_owned()]),
    );
    Ok(all)
}
