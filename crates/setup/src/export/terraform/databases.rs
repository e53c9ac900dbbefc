//! Groups of RDS as Terraform has them. The databases themselves are somebody else's: what is changed of them is said in the README.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::module::Module;
use crate::export::hcl::Block;
use crate::found::{many, text};

/// How a group of parameters is called, made and filled.
const KINDS: [(&str, &str, &str, &str); 2] = [
    ("rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup", "DBParameterGroupName", "aws_db_parameter_group"),
    (
        "rds:CreateDBClusterParameterGroup",
        "rds:ModifyDBClusterParameterGroup",
        "DBClusterParameterGroupName",
        "aws_rds_cluster_parameter_group",
    ),
];

/// What a group is called in code: its name without what all names begin with.
fn label(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii).collect();
    name.trim_start_matches('-').trim_start_matches("name-").trim_end_matches("-audit").replace(['-', '.'], "_")
}

pub(super) fn groups(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    let region = module.text(&calls.item.region)?;
    let mut all = Vec::new();
    if calls.has("rds:CreateOptionGroup")
        && let Some(made) = calls.take("rds:CreateOptionGroup")
    {
        let name = text(made, "OptionGroupName").unwrap_or_default();
        let mut block = Block::resource("aws_db_option_group", &label(name))
            .set("region", region.clone())
            .set("name", module.text(name)?)
            .set("engine_name", module.value(&made["EngineName"])?)
            .set("major_engine_version", module.value(&made["MajorEngineVersion"])?)
            .set("option_group_description", module.value(&made["OptionGroupDescription"])?);
        if let Some(filled) = calls.take("rds:ModifyOptionGroup") {
            for option in many(&filled["OptionsToInclude"]["OptionConfiguration"]) {
                let mut said = Block::new("option", &[]).set("option_name", module.value(&option["OptionName"])?);
                for setting in many(&option["OptionSettings"]["OptionSetting"]) {
                    let setting = Block::new("option_settings", &[])
                        .set("name", module.value(&setting["Name"])?)
                        .set("value", module.value(&setting["Value"])?);
                    said = said.block(setting);
                }
                block = block.block(said);
            }
        }
        all.push(block);
    }
    for (create, modify, name, kind) in KINDS {
        let Some(made) = calls.take(create) else { continue };
        let of = text(made, name).unwrap_or_default();
        let mut block = Block::resource(kind, &label(of))
            .set("region", region.clone())
            .set("name", module.text(of)?)
            .set("family", module.value(&made["DBParameterGroupFamily"])?)
            .set("description", module.value(&made["Description"])?);
        let filled = calls.take(modify).unwrap_or(&Value::Null);
        for parameter in many(&filled["Parameters"]["Parameter"]) {
            let said = Block::new("parameter", &[])
                .set("name", module.value(&parameter["ParameterName"])?)
                .set("value", module.value(&parameter["ParameterValue"])?)
                .set("apply_method", module.value(&parameter["ApplyMethod"])?);
            block = block.block(said);
        }
        all.push(block);
    }
    Ok(all)
}
