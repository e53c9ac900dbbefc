//! Falco's alerts leave the node: they are posted, or falcosidekick takes them.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("falco_is_forwarded", Severity::High, &[Kind::Falco], judge, TERRAFORM);

const TERRAFORM: &str = "";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(falco) = at.resource.falco() else { return Vec::new() };
    let finding = match (falco.posts.or(false), falco.has_sidekick.or(false)) {
        (Ok(true), _) => at.pass(msg!("settings-is", setting = "http_output.enabled", value = "true")),
        (_, Ok(true)) => at.pass(msg!("settings-is", setting = "falcosidekick.enabled", value = "true")),
        (Err(why), _) => at.unknown("http_output.enabled", why),
        (_, Err(why)) => at.unknown("falcosidekick.enabled", why),
        (Ok(false), Ok(false)) => at.fail(msg!("settings-falco-stays")),
    };
    vec![finding]
}
