//! An inventory: what accounts of AWS have, by calls that change nothing. Each answer is kept as it came, with what was asked, of
//! which account and region, and when; what is refused is an answer too. What they mean is the business of whoever judges.
//!
//! ```text
//! role ─► who am I ─► regions ─► CloudTrail, Config, CloudWatch Logs, GuardDuty, Security Hub, EKS, RDS of each
//!                  └► S3, IAM, Organizations, once an account
//!      ─► the keys of KMS that all of these name, and whom log groups of evidence pass on to
//! ```

mod buckets;
mod calls;
mod desk;
mod groups;
mod identities;
mod organization;
mod recorders;
mod setup;
mod stores;

use async_recursion::async_recursion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use serde_json::Value;
use shoseki_messages::{Fault, Result, msg};
use tokio::task::JoinSet;

pub use calls::{CALLS, Call, SETUP_CALLS, policy, statement_of_setup};
pub use desk::{Answer, Meter, Said};
pub use groups::{Audited, audit_group, family};
pub use setup::{QUEUE, STREAM};

use crate::call::{Query, QueryService, Service, failed};
use crate::change::Hands;
use crate::client::{self, Caller};
use crate::probe::Prober;
use desk::{Desk, Shared, as_json, listed};

static STS: QueryService =
    QueryService { service: Service { id: "STS", host: "sts", is_fips_in_gov: true }, version: "2011-06-15" };
static EC2: QueryService =
    QueryService { service: Service { id: "EC2", host: "ec2", is_fips_in_gov: true }, version: "2016-11-15" };

/// How often it is asked who we are: where nobody answers that, a person waits to hear it.
const FIRST_TRIES: u32 = 3;

/// The answers that name keys of KMS which evidence is encrypted by, and under which name.
static KEYS: [(&Call, &str); 4] = [
    (&calls::TRAILS, "KmsKeyId"),
    (&calls::BUCKET_ENCRYPTION, "KMSMasterKeyID"),
    (&calls::LOG_GROUPS, "kmsKeyId"),
    (&calls::CLUSTER, "keyArn"),
];

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The profile; the process's own where absent.
    pub profile: Option<String>,
    /// The roles, each of which is an account to look at; without one, the account of the credentials themselves.
    pub roles: Vec<String>,
    /// What the roles' owners ask for.
    pub external_id: Option<String>,
    /// The regions; the process's own where none is named.
    pub regions: Vec<String>,
    /// Whether all regions are asked that are enabled in the account.
    pub is_all_regions: bool,
    /// What begins the names of what a set-up makes, where it is one that asks: what it needs to know beside is asked then too.
    pub setup: Option<String>,
    /// Where a set-up has keys beside: the regions that evidence is replicated to.
    pub setup_regions: Vec<String>,
}

/// What was answered.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The accounts that were asked, in the order of the roles.
    pub accounts: Vec<String>,
    /// The same, each with its regions.
    pub places: BTreeSet<(String, String)>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// What could not be asked at all: a role that cannot be assumed.
    pub unasked: Vec<(String, Fault)>,
    configs: BTreeMap<String, SdkConfig>,
}

impl Inventory {
    /// Who changes these accounts: as whom each was asked.
    pub fn hands(&self) -> Hands {
        Hands::of(self.configs.clone())
    }

    /// Who probes these accounts: as whom each was asked.
    pub fn prober(&self) -> Prober {
        Prober::of(self.configs.clone())
    }
}

/// The services that are asked, for who changes them.
pub(crate) mod services {
    pub(crate) use super::buckets::S3;
    pub(crate) use super::identities::IAM;
    pub(crate) use super::recorders::CONFIG;
    pub(crate) use super::setup::FIREHOSE;
    pub(crate) use super::stores::EKS;
}

/// Takes an inventory.
///
/// # Errors
/// The caller's mistake where no region is named; the world's failure where no account answers who we are.
#[async_recursion]
pub async fn take(ask: &Ask, meter: Arc<Meter>) -> Result<Inventory> {
    let roles: Vec<Option<&String>> = match ask.roles.is_empty() {
        true => vec![None],
        false => ask.roles.iter().map(Some).collect(),
    };
    let mut configs = Vec::new();
    for role in roles {
        let caller =
            Caller { region: ask.regions.first().cloned(), role: role.cloned(), external_id: ask.external_id.clone() };
        let name = role.cloned().unwrap_or_default();
        configs.push((name, client::config_with(&caller, ask.profile.as_deref()).await));
    }
    take_by(configs, ask, meter).await
}

async fn take_by(configs: Vec<(String, SdkConfig)>, ask: &Ask, meter: Arc<Meter>) -> Result<Inventory> {
    let shared = Shared::of(meter);
    let mut inventory = Inventory::default();
    let mut seen = BTreeSet::new();
    for (role, config) in configs {
        match desk(config, &shared).await {
            // Two roles may lead to one account.
            Ok(desk) if seen.insert(desk.account.clone()) => {
                let regions = regions(&desk, ask).await;
                inventory.places.extend(regions.iter().map(|region| (desk.account.clone(), region.clone())));
                inventory.accounts.push(desk.account.clone());
                inventory.configs.insert(desk.account.clone(), desk.config.clone());
                account(&desk, &regions, ask.setup.as_deref()).await?;
                if let Some(name) = &ask.setup {
                    setup::take(&desk, (&regions, &ask.setup_regions), name).await?;
                }
            }
            Ok(_) => {}
            Err(fault) => inventory.unasked.push((role, fault)),
        }
    }
    match inventory.unasked.first() {
        Some((_, fault)) if inventory.places.is_empty() => Err(fault.clone()),
        _ => {
            inventory.answers = shared.answers();
            Ok(inventory)
        }
    }
}

/// Who we are: the account.
async fn desk(config: SdkConfig, shared: &Arc<Shared>) -> Result<Desk> {
    let region = config.region().map(ToString::to_string);
    let region = region.ok_or_else(|| Fault::caller(msg!("aws-region-absent")))?;
    let call = &calls::CALLER_IDENTITY;
    let few = RetryConfig::standard().with_max_attempts(FIRST_TRIES);
    let asked = config.clone().into_builder().retry_config(few).build();
    shared.meter().asked.fetch_add(1, Ordering::Relaxed);
    let answer = as_json(Query::of(&STS, &asked).call(call.operation, &[]).await);
    shared.meter().answered.fetch_add(1, Ordering::Relaxed);
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Err(unknown(&config, failed(&call.right(), region.as_str(), failure)).await),
    };
    let account = answer.get("Account").and_then(Value::as_str).unwrap_or_default().to_owned();
    // It becomes a part of a host that is called.
    if account.is_empty() || !account.chars().all(|c| c.is_ascii_digit()) {
        return Err(Fault::world(msg!("aws-call-odd-answer", action = call.right(), what = region)));
    }
    Ok(Desk { account, region, config, shared: Arc::clone(shared) })
}

/// Why it is not known who we are: nothing that is called is the same as nobody who calls.
async fn unknown(config: &SdkConfig, fault: Fault) -> Fault {
    let Some(provider) = config.credentials_provider() else { return fault };
    match provider.provide_credentials().await {
        Err(CredentialsError::CredentialsNotLoaded(_)) => Fault::caller(msg!("aws-credentials-absent")),
        _ => fault,
    }
}

/// The regions that are asked: those that are named, or all that are enabled. Where these cannot be listed, the one that is there.
async fn regions(desk: &Desk, ask: &Ask) -> Vec<String> {
    if !ask.is_all_regions {
        return if ask.regions.is_empty() { vec![desk.region.clone()] } else { ask.regions.clone() };
    }
    let call = &calls::REGIONS;
    let ec2 = desk.query(&EC2);
    let answer = desk.note(call, None, async { as_json(ec2.whole(call.operation, &[]).await) }).await;
    let answer = answer.unwrap_or_default();
    let found = listed(&answer, "regionInfo", "item").into_iter();
    let mut found: Vec<String> =
        found.filter_map(|one| one.get("regionName").and_then(Value::as_str).map(str::to_owned)).collect();
    if found.is_empty() {
        found.push(desk.region.clone());
    }
    found
}

/// All of an account: first what stands by itself, then the keys that it names.
async fn account(desk: &Desk, regions: &[String], setup: Option<&str>) -> Result<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(buckets::take(desk.clone()));
    tasks.spawn(identities::take(desk.in_region(crate::call::home(&desk.region))));
    tasks.spawn(organization::take(desk.in_region(crate::call::home_of_organizations(&desk.region))));
    tasks.spawn(organization::public_access(desk.clone()));
    let trails = Arc::new(recorders::Trails::default());
    for region in regions {
        let desk = desk.in_region(region);
        tasks.spawn(recorders::trails(desk.clone(), Arc::clone(&trails)));
        tasks.spawn(recorders::config(desk.clone()));
        tasks.spawn(recorders::log_groups(desk.clone()));
        tasks.spawn(recorders::detectors(desk.clone()));
        tasks.spawn(organization::hub(desk.clone()));
        tasks.spawn(stores::clusters(desk.clone()));
        tasks.spawn(stores::databases(desk, setup.map(str::to_owned)));
    }
    joined(tasks).await?;
    let mut tasks = JoinSet::new();
    for (region, key) in desk.shared.named(&desk.account, &KEYS) {
        // A key's ARN says where it is; another account's key is that account's to show, and is asked for all the same.
        let region = key.split(':').nth(3).filter(|region| !region.is_empty()).map_or(region, str::to_owned);
        tasks.spawn(stores::key(desk.in_region(&region), key));
    }
    for (region, group) in groups(desk) {
        tasks.spawn(recorders::subscriptions(desk.in_region(&region), group));
    }
    joined(tasks).await
}

/// The log groups that evidence goes to, each with its region: those that a trail names, and those whose names say so.
fn groups(desk: &Desk) -> Vec<(String, String)> {
    let arns = desk.shared.named(&desk.account, &[(&calls::TRAILS, "CloudWatchLogsLogGroupArn")]);
    // `arn:aws:logs:<region>:<account>:log-group:<name>:*`
    let of_trails: BTreeSet<(String, String)> = arns
        .iter()
        .filter_map(|(_, arn)| {
            let mut parts = arn.splitn(7, ':').skip(3);
            let (region, name) = (parts.next()?, parts.nth(2)?);
            Some((region.to_owned(), name.trim_end_matches(":*").to_owned()))
        })
        .collect();
    let all = desk.shared.named(&desk.account, &[(&calls::LOG_GROUPS, "logGroupName")]);
    all.into_iter().filter(|one| recorders::is_of_evidence(&one.1) || of_trails.contains(one)).collect()
}

/// Waits for all. A task that died would be a part of the inventory that is not there, unseen.
async fn joined(mut tasks: JoinSet<()>) -> Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|error| Fault::broken(msg!("aws-inventory-died")).because(error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
