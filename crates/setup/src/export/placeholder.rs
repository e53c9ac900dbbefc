//! Placeholders: what stands in a plan where code that is exported has a variable. A plan is made of an account where nothing is, with
//! these in the place of names, accounts and regions; so what is exported is what would be called, word for word.
//!
//! A placeholder is a word between two letters of Unicode's private use, which no name of AWS has.

use serde_json::{Value, json};
use shoseki_aws::inventory::{Answer, CALLS, SETUP_CALLS, Said};
use shoseki_event::Timestamp;

use crate::wish::{Collector, Delivery, Setup, VaultPlace};

macro_rules! placeholders {
    ($($(#[$about:meta])* $name:ident $word:literal;)*) => {
        $($(#[$about])* pub(crate) const $name: &str = concat!("\u{E000}", $word, "\u{E001}");)*
    };
}

placeholders! {
    /// The partition of the account.
    PARTITION "partition";
    /// The account that keeps the evidence.
    ACCOUNT "account";
    /// One of the other accounts.
    MEMBER "member";
    /// The region of what is made once.
    HOME "home";
    /// One of the other regions.
    OTHER "other";
    /// What names begin with.
    NAME "name";
    /// One of those who may decrypt.
    READER "reader";
    /// One of the buckets whose objects are recorded.
    BUCKET "bucket";
    /// One of those who may take the auditor's role.
    AUDITOR "auditor";
    /// The permission set that may take it.
    SET "set";
    /// One of those who may take the role for emergencies.
    RESPONDER "responder";
    /// The cluster of the collector.
    CLUSTER "cluster";
    /// Its namespace.
    NAMESPACE "namespace";
    /// Its service account.
    SERVICE_ACCOUNT "service-account";
    /// The bucket of the vault.
    VAULT_BUCKET "vault-bucket";
    /// What the names of the vault's objects begin with.
    VAULT_PREFIX "vault-prefix";
    /// The issuer of the cluster.
    ISSUER "issuer";
    /// The organization.
    ORGANIZATION "organization";
}

/// A database that is asked for by its engine and version, for nobody looks at an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The engine, as RDS names it: `aurora-mysql`.
    pub name: String,
    /// The version: `8.0`.
    pub version: String,
}

/// What is wanted, with placeholders in the place of all that becomes a variable. What is wanted at all stays as it is.
pub(crate) fn wish(of: &Setup) -> Setup {
    let placed = |all: &[String], one: &str| if all.is_empty() { Vec::new() } else { vec![one.to_owned()] };
    Setup {
        name: NAME.to_owned(),
        home_region: Some(HOME.to_owned()),
        regions: vec![HOME.to_owned(), OTHER.to_owned()],
        data_events: vec![BUCKET.to_owned()],
        readers: vec![READER.to_owned()],
        collector: of.collector.as_ref().map(|one| Collector {
            cluster: CLUSTER.to_owned(),
            namespace: NAMESPACE.to_owned(),
            service_account: SERVICE_ACCOUNT.to_owned(),
            by: one.by,
            vault: one
                .vault
                .as_ref()
                .map(|_| VaultPlace { bucket: VAULT_BUCKET.to_owned(), prefix: VAULT_PREFIX.to_owned() }),
        }),
        auditors: placed(&of.auditors, AUDITOR),
        auditors_sso: of.auditors_sso.as_ref().map(|_| SET.to_owned()),
        break_glass: placed(&of.break_glass, RESPONDER),
        // What `left_out` names.
        replicate_to: None,
        trail_log_group: false,
        eks_delivery: Delivery::default(),
        ..of.clone()
    }
}

/// What a set-up asks for that `setup apply` alone makes, by the names of `[setup]`: no code that is exported has it.
pub fn left_out(of: &Setup) -> Vec<&'static str> {
    let asked = [
        ("replicate_to", of.replicate_to.is_some()),
        ("trail_log_group", of.trail_log_group),
        ("eks_delivery", of.eks_delivery != Delivery::default()),
    ];
    asked.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect()
}

/// What an account answers that has nothing but an organization, the cluster of the collector, and databases of these engines.
pub(crate) fn answers(engines: &[Engine]) -> Vec<Answer> {
    let mut all = Vec::new();
    let mut says = |name: &str, account: &str, of: Option<&str>, value: Value| {
        let call = CALLS.iter().chain(SETUP_CALLS).copied().find(|call| call.name() == name);
        let (account, region) = (account.to_owned(), HOME.to_owned());
        let said = Said::Answer(value);
        all.extend(call.map(|call| Answer {
            call,
            account,
            region,
            of: of.map(str::to_owned),
            time: Timestamp(0),
            said,
        }));
    };
    for account in [ACCOUNT, MEMBER] {
        let organization = json!({"Organization": {"Id": ORGANIZATION, "MasterAccountId": ACCOUNT}});
        says("organizations:DescribeOrganization", account, None, organization);
    }
    let issuer = json!({"cluster": {"identity": {"oidc": {"issuer": format!("https://{ISSUER}")}}}});
    says("eks:DescribeCluster", ACCOUNT, Some(CLUSTER), issuer);
    for (index, engine) in engines.iter().enumerate() {
        let name = format!("database-{index}");
        let is_cluster = engine.name.starts_with("aurora-");
        let (call, one) =
            if is_cluster { ("DescribeDBClusters", "DBCluster") } else { ("DescribeDBInstances", "DBInstance") };
        let identifier = format!("{one}Identifier");
        let database = json!({identifier: name, "Engine": engine.name, "EngineVersion": engine.version});
        says(&format!("rds:{call}"), ACCOUNT, None, json!({format!("{one}s"): {one: database}}));
    }
    all
}
