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
    let entries = node.get("Resources").map(Node::entries).unwrap_or_default();
    for (index, entry) in entries.iter().enumerate() {
        let last = entries.get(index + 1).map_or(u32::MAX, |next| next.line.saturating_sub(1));
        seen.blocks.entry(path.to_owned()).or_default().push((entry.line, last));
        let Some(kind) = entry.node.text_at("Type") else { continue };
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
