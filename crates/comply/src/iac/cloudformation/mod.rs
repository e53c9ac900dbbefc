//! Templates of CloudFormation, JSON or YAML.
//!
//! ```yaml
//! Resources:
//!   Trail:
//!     Type: AWS::CloudTrail::Trail
//!     Properties: {S3BucketName: !Ref Logs, IsLogging: true, IsMultiRegionTrail: true}
//! ```

mod intrinsics;
mod resources;

pub(crate) use resources::selectors;

use shoseki_messages::msg;

use super::seen::{Place, Seen};
use super::tree::Node;
use crate::settings::Value;
use intrinsics::Template;

/// Whether a document is a template: resources with types of AWS.
pub(crate) fn is_template(node: &Node) -> bool {
    let is_of_aws = |node: &Node| node.text_at("Type").is_some_and(|kind| kind.starts_with("AWS::"));
    let resources = node.get("Resources").map(Node::entries).unwrap_or_default();
    node.get("AWSTemplateFormatVersion").is_some() || resources.iter().any(|entry| is_of_aws(&entry.node))
}

/// Reads a template.
pub(crate) fn read(path: &str, node: &Node, seen: &mut Seen) {
    let template = Template::of(node);
    for root in node.entries().iter().filter(|entry| entry.name == "Transform") {
        // The macros of AWS that change no settings of evidence are few; what any other makes is only seen once it ran.
        if !matches!(root.node.text(), Some("AWS::LanguageExtensions" | "AWS::SecretsManager-2020-07-23")) {
            seen.problem(path, root.line, msg!("iac-transform"));
        }
    }
    let entries = node.get("Resources").map(Node::entries).unwrap_or_default();
    for (index, entry) in entries.iter().enumerate() {
        let last = entries.get(index + 1).map_or(u32::MAX, |next| next.line.saturating_sub(1));
        seen.blocks.entry(path.to_owned()).or_default().push((entry.line, last));
        if entry.name.starts_with("Fn::") {
            seen.problem(path, entry.line, msg!("iac-transform"));
        }
        let Some(kind) = entry.node.text_at("Type") else { continue };
        if matches!(kind, "AWS::CloudFormation::Stack" | "AWS::CloudFormation::Macro" | "AWS::CloudFormation::StackSet")
        {
            seen.problem(path, entry.line, msg!("iac-nested-stack", name = entry.name.as_str()));
        }
        seen.count += 1;
        // What a condition leaves out is not there; where it cannot be told, it may be.
        let condition = entry.node.get("Condition").map(|node| node.text().unwrap_or_default());
        let doubt = match condition.map(|name| (name, template.condition(name))) {
            Some((_, Some(false))) => continue,
            Some((name, None)) => Some(msg!("iac-condition-of", name = name)),
            None | Some((_, Some(true))) => None,
        };
        let properties = entry.node.get("Properties").map_or(Value::Null, |node| template.value(node));
        let place = Place { address: &entry.name, path, line: entry.line, doubt: doubt.as_ref() };
        resources::resource(&place, kind, &properties, seen);
    }
    resources::start_recorders(seen);
}
