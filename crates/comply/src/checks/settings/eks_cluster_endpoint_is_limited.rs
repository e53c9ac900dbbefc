//! A cluster's endpoint is not open to the whole internet.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("eks_cluster_endpoint_is_limited", Severity::High, &[Kind::Cluster], judge, TERRAFORM);

const TERRAFORM: &str = "vpc_config {\n  subnet_ids              = var.subnet_ids\n  endpoint_private_access = true\n  endpoint_public_access  = false\n}";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(cluster) = at.resource.cluster() else { return Vec::new() };
    let finding = match (cluster.is_public.or(true), cluster.public_from.get()) {
        (Err(why), _) => at.unknown("EndpointPublicAccess", why),
        (Ok(false), _) => at.pass(msg!("settings-is", setting = "EndpointPublicAccess", value = "false")),
        (Ok(true), Err(why)) => at.unknown("PublicAccessCidrs", why),
        (Ok(true), Ok(None)) => at.fail(msg!("settings-not-set", setting = "PublicAccessCidrs", value = "0.0.0.0/0")),
        (Ok(true), Ok(Some(from))) => {
            let is_open = from.is_empty() || from.iter().any(|one| one == "0.0.0.0/0" || one == "::/0");
            let said = msg!("settings-is", setting = "PublicAccessCidrs", value = from.join(", "));
            if is_open { at.fail(said) } else { at.pass(said) }
        }
    };
    vec![finding]
}
