//! Roles as Terraform has them, and the tie of the collector's to its service account.

use serde_json::Value;
use shoseki_messages::Result;

use super::calls::Calls;
use super::meanings::Meaning;
use super::module::Module;
use crate::export::hcl::Block;
use crate::export::placeholder::OTHER;

/// What a role of a piece is called in code.
pub(super) fn label(piece: &str) -> &str {
    piece.strip_suffix("_role").unwrap_or(piece)
}

pub(super) fn role(module: &Module<'_>, calls: &mut Calls<'_>) -> Result<Vec<Block>> {
    let label = label(calls.item.piece);
    let mut all = Vec::new();
    let mut name = module.text(&calls.item.name)?;
    if let Some(input) = calls.take("iam:CreateRole") {
        all.push(
            Block::resource("aws_iam_role", label)
                .set("name", module.value(&input["RoleName"])?)
                .text("description", "Made by shoseki setup export")
                .set("max_session_duration", module.value(&input["MaxSessionDuration"])?)
                .set("assume_role_policy", module.document(&input["AssumeRolePolicyDocument"])?),
        );
        name = crate::export::hcl::Expression::code(format!("aws_iam_role.{label}.id"));
    }
    if let Some(input) = calls.take("iam:PutRolePolicy") {
        // A role is of no region: what it may do elsewhere stands in it once for each.
        let mut meanings = module.meanings.clone();
        meanings.add(OTHER, Meaning::Each { list: "var.regions".to_owned(), one: "region" });
        all.push(
            Block::resource("aws_iam_role_policy", label)
                .set("name", module.value(&input["PolicyName"])?)
                .set("role", name)
                .set("policy", meanings.document(&input["PolicyDocument"])?),
        );
    }
    Ok(all)
}

/// The tie of EKS Pod Identity.
pub(super) fn pod_identity(
    module: &Module<'_>,
    (region, cluster): (&str, &str),
    (namespace, service): (&str, &str),
) -> Result<Block> {
    let text = |text: &str| module.value(&Value::String(text.to_owned()));
    Ok(Block::resource("aws_eks_pod_identity_association", "collector")
        .about("The cluster needs the add-on eks-pod-identity-agent.")
        .set("region", text(region)?)
        .set("cluster_name", text(cluster)?)
        .set("namespace", text(namespace)?)
        .set("service_account", text(service)?)
        .code("role_arn", "aws_iam_role.collector.arn"))
}
