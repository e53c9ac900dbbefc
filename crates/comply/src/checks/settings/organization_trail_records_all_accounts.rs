//! A trail of the organization records all of its accounts, also those that are made tomorrow, and no account can stop it by itself.

use shoseki_messages::{Message, msg};

use super::{At, Check, Fact, Finding, Kind, Severity};
use crate::settings::OrganizationTrail;

pub(in crate::checks) const CHECK: Check = Check::settings(
    "organization_trail_records_all_accounts",
    Severity::High,
    &[Kind::Organization],
    judge,
    "is_organization_trail = true\nis_multi_region_trail = true",
);

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(organization) = at.resource.organization() else { return Vec::new() };
    let trails = match organization.trails.get() {
        Err(why) => return vec![at.unknown("IsOrganizationTrail", why)],
        Ok(None) => return vec![at.fail(msg!("settings-organization-no-trail"))],
        Ok(Some(trails)) => trails,
    };
    let is_whole =
        |one: &&OrganizationTrail| one.is_logging == Fact::Known(true) && one.is_multi_region == Fact::Known(true);
    if let Some(trail) = trails.iter().find(is_whole) {
        return vec![at.pass(msg!("settings-organization-trail", trail = trail.arn.as_str()))];
    }
    let unknown = |one: &OrganizationTrail| -> Option<Message> {
        [&one.is_logging, &one.is_multi_region].into_iter().find_map(|fact| fact.get().err()).cloned()
    };
    let names = trails.iter().map(|one| one.arn.as_str()).collect::<Vec<_>>().join(", ");
    vec![match trails.iter().find_map(unknown) {
        Some(why) => at.unknown("IsLogging", &why),
        None => at.fail(msg!("settings-organization-trail-part", trail = names)),
    }]
}
