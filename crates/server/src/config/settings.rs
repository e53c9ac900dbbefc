//! Where a schedule looks at settings: at accounts as they are (`live`), or at files of code (`iac`).
//!
//! ```text
//! check = { live = true, all_regions = true, roles = ["arn:aws:iam::111122223333:role/look"], framework = "pci-dss" }
//! check = { iac = ["infra"] }
//! inventory = { live = true, all_regions = true }
//! setup = {}
//! ```
//!
//! Which accounts a set-up looks at, `[setup]` says.

use std::path::PathBuf;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use shoseki_comply::checks::{Check, find};
use shoseki_messages::{Message, msg};

use super::schedule::{CheckJob, Names, Schedule};
use crate::schedule::Covering;

/// What exists is listed against what speaks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InventoryJob {
    /// Whether AWS is asked; there is no other way to take one by a schedule.
    pub live: bool,
    /// The regions; the usual one of the credentials where absent.
    pub regions: Names,
    /// Whether all regions of an account are looked at.
    pub all_regions: bool,
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The roles to assume, each an account.
    pub roles: Names,
    /// What the roles' owners ask for.
    pub external_id: Option<String>,
    /// Of which findings people are told; of failures where absent.
    pub alert: Option<Names>,
}

/// What `[setup]` plans is held against what is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetupJob {
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// Of which findings people are told; of failures where absent.
    pub alert: Option<Names>,
}

/// Accounts that are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    /// Whether they are.
    pub is_live: bool,
    /// The regions.
    pub regions: &'a Names,
    /// Whether all regions are.
    pub is_all_regions: bool,
    /// The profile of the AWS configuration.
    pub profile: Option<&'a str>,
    /// The roles to assume, each an account.
    pub roles: &'a Names,
    /// What the roles' owners ask for.
    pub external_id: Option<&'a str>,
}

impl InventoryJob {
    /// The accounts.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts {
            is_live: self.live,
            regions: &self.regions,
            is_all_regions: self.all_regions,
            profile: self.profile.as_deref(),
            roles: &self.roles,
            external_id: self.external_id.as_deref(),
        }
    }
}

impl CheckJob {
    /// The accounts.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts {
            is_live: self.live,
            regions: &self.regions,
            is_all_regions: self.all_regions,
            profile: self.profile.as_deref(),
            roles: &self.roles,
            external_id: self.external_id.as_deref(),
        }
    }
}

/// One path, or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths(pub Vec<PathBuf>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = || D::Error::custom("expected a path, or a list of paths that has one at least");
        let names = Names::deserialize(deserializer).map_err(|_| expected())?;
        Ok(Self(names.0.into_iter().map(PathBuf::from).collect()))
    }
}

/// What is wrong with how a schedule looks at settings.
pub(super) fn mistakes(schedule: &Schedule, found: &mut Vec<Message>) {
    let name = schedule.name.as_str();
    if let Some(job) = &schedule.inventory {
        if !job.live {
            found.push(msg!("schedule-config-inventory", name = name));
        }
        of_accounts(name, job.accounts(), job.live, found);
    }
    if let Some(job) = &schedule.check {
        if job.live && !job.iac.0.is_empty() {
            found.push(msg!("schedule-config-live-iac", name = name));
        }
        of_accounts(name, job.accounts(), job.live, found);
        of_checks(name, job, found);
    }
    let (does, period) = (schedule.kind(), schedule.period);
    match does {
        "iac" | "inventory" | "setup" | "replica" | "retention" if period.is_some() => {
            found.push(msg!("schedule-config-no-period", name = name, key = does));
        }
        "live" if !matches!(schedule.covering(), Covering::Last(_)) => {
            found.push(msg!("schedule-config-live-period", name = name));
        }
        _ => {}
    }
}

fn of_accounts(name: &str, accounts: Accounts<'_>, is_live: bool, found: &mut Vec<Message>) {
    let keys = [
        ("regions", !accounts.regions.0.is_empty()),
        ("all_regions", accounts.is_all_regions),
        ("profile", accounts.profile.is_some()),
        ("roles", !accounts.roles.0.is_empty()),
        ("external_id", accounts.external_id.is_some()),
    ];
    let set: Vec<String> = keys.iter().filter(|(_, is_set)| *is_set).map(|(key, _)| format!("`{key}`")).collect();
    if !is_live && !set.is_empty() {
        found.push(msg!("schedule-config-needs-live", name = name, keys = set.join(", ")));
    }
    if accounts.is_all_regions && !accounts.regions.0.is_empty() {
        found.push(msg!("schedule-config-regions", name = name));
    }
    if accounts.external_id.is_some() && accounts.roles.0.is_empty() {
        found.push(msg!("schedule-config-external-id", name = name));
    }
    for role in accounts.roles.0.iter().filter(|role| !is_role(role)) {
        found.push(msg!("schedule-config-role", name = name, role = role));
    }
}

/// The checks that are named are of those that look there.
fn of_checks(name: &str, job: &CheckJob, found: &mut Vec<Message>) {
    if !job.framework_file.0.is_empty() {
        return; // what a file names, its command knows
    }
    let named: Vec<&Check> = job.checks.0.iter().filter_map(|id| find(id, &[])).collect();
    let is_of_code = !job.iac.0.is_empty();
    for check in &named {
        let id = check.id.as_ref();
        if check.is_of_setup() {
            found.push(msg!("schedule-config-of-setup", name = name, check = id));
            continue;
        }
        if is_of_code && !check.is_of_settings() {
            found.push(msg!("schedule-config-not-settings", name = name, check = id));
        }
        if !is_of_code && !job.live && check.is_of_settings() {
            found.push(msg!("schedule-config-settings", name = name, check = id));
        }
    }
    if job.live && !named.is_empty() && !named.iter().any(|check| check.needs_a_look()) {
        found.push(msg!("schedule-config-live-nothing", name = name));
    }
}

/// Whether a text is the ARN of a role: `arn:aws:iam::111122223333:role/look`.
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            let role = resource.strip_prefix("role/").unwrap_or_default();
            let is_named = !role.is_empty() && role.bytes().all(|byte| byte.is_ascii_graphic());
            partition.starts_with("aws") && is_account && is_named
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(more: &str) -> Result<Config, String> {
        let text = format!("[[schedule]]\nname = \"a\"\nevery = \"1h\"\n{more}\n");
        Config::parse(&text, "shoseki.toml").map_err(|fault| fault.chain(shoseki_messages::Lang::En))
    }

    #[test]
    fn accounts_and_code_are_read() {
        let role = "arn:aws:iam::111122223333:role/path/look";
        let live =
            format!("check = {{ live = true, all_regions = true, roles = \"{role}\", framework = \"pci-dss\" }}");
        let config = read(&live).unwrap();
        let one = &config.schedules[0];
        assert_eq!((one.kind(), one.covering()), ("live", Covering::Last(7 * 86_400)));
        let accounts = one.check.as_ref().unwrap().accounts();
        assert!(accounts.is_live && accounts.is_all_regions && accounts.roles.0 == [role]);
        let config = read("check = { iac = [\"infra\", \"k8s\"], checks = \"kms_key_rotates\" }").unwrap();
        let one = &config.schedules[0];
        assert_eq!((one.kind(), one.check.as_ref().unwrap().iac.0.len()), ("iac", 2));
        let config = read("inventory = { live = true, regions = [\"us-east-1\"] }").unwrap();
        assert_eq!(config.schedules[0].kind(), "inventory");
        let config = read("setup = { alert = \"no_evidence\" }\n[setup]").unwrap();
        assert_eq!((config.schedules[0].kind(), config.schedules[0].covering()), ("setup", Covering::Last(86_400)));
    }

    #[test]
    fn mistakes_are_named() {
        for (job, parts) in [
            ("check = { live = true, iac = \"infra\" }", &["`live`", "`iac`"][..]),
            ("check = { roles = \"arn:aws:iam::111122223333:role/a\" }", &["`roles`", "`live = true`"]),
            ("check = { iac = \"infra\", all_regions = true }", &["`all_regions`", "`live = true`"]),
            ("check = { live = true, regions = \"us-east-1\", all_regions = true }", &["`regions`", "`all_regions`"]),
            ("check = { live = true, external_id = \"x\" }", &["`external_id`", "`roles`"]),
            ("check = { live = true, roles = \"look\" }", &["`look`", "arn:aws:iam::111122223333:role/"]),
            ("check = { live = true, roles = \"arn:aws:iam::1111:role/a\" }", &["`arn:aws:iam::1111:role/a`"]),
            ("check = { live = true, roles = \"arn:aws:iam::111122223333:user/a\" }", &["user/a`"]),
            ("check = { live = true, checks = \"evidence_has_no_open_gap\" }", &["settings"]),
            ("check = { iac = \"infra\", checks = \"vault_is_anchored\" }", &["`vault_is_anchored`"]),
            ("check = { checks = \"iam_user_has_mfa\" }", &["`iam_user_has_mfa`", "`live = true`", "`iac`"]),
            ("check = { iac = [] }", &["a path"]),
            ("check = { live = false, regions = \"us-east-1\" }", &["`regions`"]),
            ("inventory = {}", &["live = true"]),
            ("inventory = { live = true, framework = \"pci-dss\" }", &["`framework`"]),
            ("period = \"last month\"\ncheck = { live = true }", &["`last 7d`"]),
            ("period = \"last 7d\"\ncheck = { iac = \"infra\" }", &["`period`"]),
            ("period = \"last 7d\"\ninventory = { live = true }", &["`period`"]),
            ("inventory = { live = true }\ncheck = { live = true }", &["exactly one of"]),
            ("period = \"last 7d\"\nsetup = {}", &["`period`"]),
            ("setup = {}", &["[setup]"]),
            ("setup = { regions = \"us-east-1\" }", &["`regions`", "`profile`"]),
            ("setup = { alert = \"failure\" }", &["`failure`", "`no_evidence`"]),
            (
                "check = { live = true, checks = \"setup_trail_is_as_planned\" }",
                &["`setup_trail_is_as_planned`", "setup = {}"],
            ),
        ] {
            let said = read(job).unwrap_err();
            for part in parts {
                assert!(said.contains(part), "{job}: {part} in {said}");
            }
        }
    }
}
