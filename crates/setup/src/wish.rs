//! `[setup]` of `shoseki.toml`: what is wanted, short, with defaults that serve who begins.
//!
//! ```toml
//! [setup]
//! home_region = "ap-northeast-1"
//! frameworks = ["pci-dss", "j-sox"]
//! data_events = ["shop-uploads"]
//! ```

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use shoseki_insights::nearest;
use shoseki_messages::{Message, msg};

use crate::cost::Volumes;

/// A month that is never too short, in days.
const MONTH: u64 = 31;

/// How long a framework has evidence kept, in months: PCI DSS 10.5.1 says a year, and so does the handbook, which stands for those that
/// name no time of their own; internal control over financial reporting goes by the five years of the Financial Instruments and
/// Exchange Act. The seven years of tax law and the ten of the Companies Act (article 432) are for `keep_months`: which of a company's
/// records they are about, no framework says.
const MONTHS: &[(&str, u64)] =
    &[("appi", 12), ("gdpr", 12), ("handbook", 12), ("iso27001", 12), ("j-sox", 60), ("pci-dss", 12)];

/// The least that is kept, in months, whatever is asked for: the handbook's own minimum.
const LEAST: u64 = 12;
/// The most, in months: Object Lock takes a hundred years.
const MOST: u64 = 1_200;

/// The rules of AWS Config that look at evidence and at who may reach it. A rule's identifier is its name in capitals.
const RULES: [&str; 10] = [
    "s3-bucket-public-read-prohibited",
    "s3-bucket-public-write-prohibited",
    "s3-bucket-versioning-enabled",
    "s3-bucket-logging-enabled",
    "cloud-trail-encryption-enabled",
    "cloud-trail-log-file-validation-enabled",
    "iam-user-mfa-enabled",
    "iam-root-access-key-check",
    "root-account-mfa-enabled",
    "rds-logging-enabled",
];

/// Whether objects are locked against deletion, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// Not: a policy denies deletion.
    #[default]
    Off,
    /// Who has the right for it may end it sooner.
    Governance,
    /// Nobody can, not even root.
    Compliance,
}

impl Lock {
    /// The mode, as S3 names it.
    pub(crate) fn mode(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::Governance => Some("GOVERNANCE"),
            Self::Compliance => Some("COMPLIANCE"),
        }
    }
}

impl<'de> Deserialize<'de> for Lock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Said {
            Is(bool),
            Mode(String),
        }
        const EXPECTED: &str = "expected `false`, `\"governance\"` or `\"compliance\"`";
        match Said::deserialize(deserializer).map_err(|_| D::Error::custom(EXPECTED))? {
            Said::Is(false) => Ok(Self::Off),
            Said::Mode(mode) if mode == "governance" => Ok(Self::Governance),
            Said::Mode(mode) if mode == "compliance" => Ok(Self::Compliance),
            Said::Is(true) | Said::Mode(_) => Err(D::Error::custom(EXPECTED)),
        }
    }
}

/// How a pod becomes the collector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// EKS Pod Identity.
    #[default]
    PodIdentity,
    /// A service account's token, of which the cluster's issuer is a provider of IAM.
    Irsa,
}

/// How the logs of clusters come to the evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// They stay in their log groups, which are read.
    #[default]
    Logs,
    /// Firehose writes them to the bucket.
    Firehose,
}

/// Where the collector runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collector {
    /// The cluster, in the home region.
    pub cluster: String,
    /// The namespace.
    #[serde(default = "own_name")]
    pub namespace: String,
    /// The service account.
    #[serde(default = "own_name")]
    pub service_account: String,
    /// How it becomes the role.
    #[serde(default)]
    pub by: By,
    /// The vault that it writes to, where that lies in a bucket: `vault` of the whole file.
    #[serde(skip)]
    pub vault: Option<VaultPlace>,
}

/// Where a vault lies in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultPlace {
    /// The bucket.
    pub bucket: String,
    /// What the names of its objects begin with: nothing, or a folder with its slash.
    pub prefix: String,
}

impl VaultPlace {
    /// That of a URL: `s3://bucket/folder`. `None` where it is none, or where a policy would take its name for a pattern.
    pub fn of(url: &str) -> Option<Self> {
        let place = url.strip_prefix("s3://")?;
        let (bucket, folder) = place.split_once('/').unwrap_or((place, ""));
        let folder = folder.trim_matches('/');
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let is_plain = !place.contains(['*', '?', '$']);
        (is_plain && !bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), prefix })
    }
}

fn own_name() -> String {
    "shoseki".to_owned()
}

/// What is wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// What the names of all that is made begin with.
    pub name: String,
    /// Where the bucket, its key, the trail and the queue are; the first of `regions`, else the region of the whole file.
    pub home_region: Option<String>,
    /// Where AWS Config records and clusters and databases are looked for; the home alone where none is named.
    pub regions: Vec<String>,
    /// Roles that are assumed, each an account; the first keeps the evidence. The credentials' own account where none is named.
    pub roles: Vec<String>,
    /// What the roles' owners ask for.
    pub external_id: Option<String>,
    /// The frameworks that say how long evidence is kept.
    pub frameworks: Vec<String>,
    /// For how many months evidence is kept, where that is longer than they ask.
    pub keep_months: Option<u64>,
    /// Whether evidence expires after that; else it is kept for ever.
    pub expire: bool,
    /// Whether objects are locked.
    pub object_lock: Lock,
    /// The region in which a second bucket has the same evidence.
    pub replicate_to: Option<String>,
    /// Whether the trail is one of the whole organization.
    pub organization: bool,
    /// The buckets whose data events are recorded; `*` for all of them.
    pub data_events: Vec<String>,
    /// Whether CloudTrail's Insights watch for rates that are not usual.
    pub insights: bool,
    /// Whether a queue is told of new files.
    pub queue: bool,
    /// Whether AWS Config records.
    pub config: bool,
    /// The rules of AWS Config.
    pub config_rules: Option<Vec<String>>,
    /// Whether clusters of EKS log.
    pub eks: bool,
    /// How their logs come to the evidence.
    pub eks_delivery: Delivery,
    /// Whether the trail goes to a log group too.
    pub trail_log_group: bool,
    /// Whether databases audit.
    pub databases: bool,
    /// Who may read the evidence beside the roles that are made, as ARNs.
    pub readers: Vec<String>,
    /// Where the collector runs, for which a role is made.
    pub collector: Option<Collector>,
    /// Who may take the auditor's role, with a second factor, as ARNs.
    pub auditors: Vec<String>,
    /// The permission set of IAM Identity Center that may take it.
    pub auditors_sso: Option<String>,
    /// Who may take the role for emergencies, with a second factor, as ARNs.
    pub break_glass: Vec<String>,
    /// What is assumed of a month, for what it costs.
    pub volumes: Volumes,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            name: "shoseki".to_owned(),
            home_region: None,
            regions: Vec::new(),
            roles: Vec::new(),
            external_id: None,
            frameworks: Vec::new(),
            keep_months: None,
            expire: true,
            object_lock: Lock::Off,
            replicate_to: None,
            organization: false,
            data_events: Vec::new(),
            insights: false,
            queue: true,
            config: true,
            config_rules: None,
            eks: true,
            eks_delivery: Delivery::Logs,
            trail_log_group: false,
            databases: true,
            readers: Vec::new(),
            collector: None,
            auditors: Vec::new(),
            auditors_sso: None,
            break_glass: Vec::new(),
            volumes: Volumes::default(),
        }
    }
}

impl Setup {
    /// The regions, the home first; nothing where none is named.
    pub fn all_regions(&self, of_file: Option<&str>) -> Vec<String> {
        let home = self.home_region.as_deref().or_else(|| self.regions.first().map(String::as_str)).or(of_file);
        let mut all: Vec<String> = home.map(str::to_owned).into_iter().collect();
        all.extend(self.regions.iter().filter(|region| Some(region.as_str()) != home).cloned());
        all
    }

    /// For how many months evidence is kept.
    pub fn months(&self) -> u64 {
        self.asked_months().max(self.keep_months.unwrap_or(LEAST))
    }

    /// The same in days, never fewer than the months have.
    pub fn days(&self) -> u64 {
        self.months().saturating_mul(MONTH)
    }

    /// The fewest days that the frameworks ask for.
    pub(crate) fn least_days(&self) -> u64 {
        self.asked_months().saturating_mul(MONTH)
    }

    /// What the frameworks ask for.
    fn asked_months(&self) -> u64 {
        let of = |name: &String| MONTHS.iter().find(|(known, _)| known == name).map_or(LEAST, |(_, months)| *months);
        self.frameworks.iter().map(of).max().unwrap_or(LEAST)
    }

    /// The rules of AWS Config.
    pub(crate) fn rules(&self) -> Vec<String> {
        let given = || RULES.iter().map(|rule| (*rule).to_owned()).collect();
        self.config_rules.clone().unwrap_or_else(given)
    }

    /// What of the right form is wrong all the same.
    pub fn mistakes(&self) -> Vec<Message> {
        let mut found = Vec::new();
        let mut says = |message: Message| found.push(message);
        let is_name = |name: &str| {
            let ends = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-');
            ends && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        // A bucket's name has 63 letters, of which a region and an account take forty.
        if !(3..=20).contains(&self.name.len()) || !is_name(&self.name) || self.name.contains("--") {
            says(msg!("setup-wish-name", name = self.name.as_str()));
        }
        for name in &self.frameworks {
            if !MONTHS.iter().any(|(known, _)| known == name) {
                let near = nearest(name, MONTHS.iter().map(|(known, _)| *known)).unwrap_or("pci-dss");
                says(msg!("setup-wish-framework", name = name.as_str(), near = near));
            }
        }
        if let Some(months) = self.keep_months {
            let asked = self.asked_months();
            if months < asked {
                says(msg!("setup-wish-months", months = months, asked = asked));
            } else if months > MOST {
                says(msg!("setup-wish-months-most", months = months, most = MOST));
            }
        }
        for role in self.roles.iter().chain(&self.readers).chain(&self.auditors).chain(&self.break_glass) {
            let parts: Vec<&str> = role.splitn(6, ':').collect();
            if !matches!(parts.as_slice(), ["arn", _, "iam" | "sts", "", account, rest]
                if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) && !rest.is_empty() && !rest.contains(['*', '?']))
            {
                says(msg!("setup-wish-arn", arn = role.as_str()));
            }
        }
        // An account as a principal is everybody in it that may assume roles.
        for all in self.break_glass.iter().filter(|arn| arn.ends_with(":root")) {
            says(msg!("setup-wish-break-glass", arn = all.as_str()));
        }
        let home = self.all_regions(None).into_iter().next();
        if self.replicate_to.is_some() && self.replicate_to == home {
            says(msg!("setup-wish-replica", region = home.unwrap_or_default()));
        }
        if self.external_id.is_some() && self.roles.is_empty() {
            says(msg!("setup-wish-external-id"));
        }
        if self.data_events.iter().any(|one| one == "*") && self.data_events.len() > 1 {
            says(msg!("setup-wish-data-events"));
        }
        for bucket in self.data_events.iter().filter(|one| one.as_str() != "*") {
            if bucket.contains(['/', ':', '*', ' ']) || bucket.is_empty() {
                says(msg!("setup-wish-bucket", bucket = bucket.as_str()));
            }
        }
        let names = self.collector.iter().flat_map(|one| [&one.cluster, &one.namespace, &one.service_account]);
        for name in names.chain(&self.auditors_sso) {
            let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || !name.chars().all(is_fit) {
                says(msg!("setup-wish-word", name = name.as_str()));
            }
        }
        if !self.volumes.are_fit() {
            says(msg!("setup-wish-volumes"));
        }
        if self.eks_delivery == Delivery::Firehose && !self.eks {
            says(msg!("setup-wish-delivery"));
        }
        if self.config_rules.is_some() && !self.config {
            says(msg!("setup-wish-rules"));
        }
        for rule in self.config_rules.iter().flatten().filter(|rule| !is_name(rule)) {
            says(msg!("setup-wish-rule", rule = rule.as_str()));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use shoseki_comply::frameworks::Framework;
    use shoseki_messages::Lang;

    use super::*;

    fn wrong(change: impl Fn(&mut Setup)) -> String {
        let mut wish = Setup::default();
        change(&mut wish);
        wish.mistakes().iter().map(|one| one.text(Lang::En)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn of_each_framework_it_is_said_how_long_it_has_evidence_kept() {
        for framework in Framework::all().unwrap() {
            assert!(MONTHS.iter().any(|(known, _)| *known == framework.id), "{}", framework.id);
        }
        let of = |frameworks: &[&str], keep_months| {
            let frameworks = frameworks.iter().map(|one| (*one).to_owned()).collect();
            Setup { frameworks, keep_months, ..Setup::default() }
        };
        assert_eq!((of(&[], None).months(), of(&[], None).days()), (12, 372));
        assert_eq!(of(&["pci-dss", "j-sox"], None).months(), 60);
        assert_eq!(of(&["pci-dss"], Some(84)).months(), 84);
    }

    #[test]
    fn a_vault_in_a_bucket_has_a_folder_there_or_all_of_it() {
        let place =
            |bucket: &str, prefix: &str| Some(VaultPlace { bucket: bucket.to_owned(), prefix: prefix.to_owned() });
        assert_eq!(VaultPlace::of("s3://vault/a/b/"), place("vault", "a/b/"));
        assert_eq!(VaultPlace::of("s3://vault"), place("vault", ""));
        for none in ["s3://", "s3:///a", "s3://vault/a*", "s3://vault/${aws:username}"] {
            assert_eq!(VaultPlace::of(none), None, "{none}");
        }
        assert_eq!(VaultPlace::of("/srv/vault"), None);
    }

    #[test]
    fn what_cannot_be_is_said_with_what_was_expected() {
        assert_eq!(wrong(|_| ()), "");
        assert!(wrong(|wish| wish.frameworks = vec!["pci-ds".to_owned()]).contains("`pci-dss`"));
        let short = wrong(|wish| {
            wish.frameworks = vec!["j-sox".to_owned()];
            wish.keep_months = Some(24);
        });
        assert!(short.contains("24") && short.contains("60"), "{short}");
        for name in ["", "ab", "Shop", "a--b", "shop-", "1shop", "a-name-of-many-letters-of-one"] {
            assert_ne!(wrong(|wish| wish.name = name.to_owned()), "", "{name}");
        }
        assert!(wrong(|wish| wish.roles = vec!["setup".to_owned()]).contains("`setup`"));
        // A policy would take it for everybody.
        let all = "arn:aws:iam::111122223333:*".to_owned();
        assert!(wrong(|wish| wish.readers = vec![all.clone()]).contains(&all));
        let account = "arn:aws:iam::111122223333:root".to_owned();
        assert!(wrong(|wish| wish.break_glass = vec![account.clone()]).contains("break_glass"));
        assert_eq!(wrong(|wish| wish.readers = vec![account.clone()]), "");
        assert_ne!(wrong(|wish| wish.external_id = Some("x".to_owned())), "");
        assert_ne!(wrong(|wish| wish.data_events = vec!["*".to_owned(), "shop".to_owned()]), "");
        assert_ne!(wrong(|wish| wish.data_events = vec!["shop/uploads".to_owned()]), "");
        let rules = wrong(|wish| {
            wish.config = false;
            wish.config_rules = Some(Vec::new());
        });
        assert!(rules.contains("config_rules"), "{rules}");
    }

    #[test]
    fn the_home_is_the_first_of_the_regions() {
        let of = |home: Option<&str>, regions: &[&str]| Setup {
            home_region: home.map(str::to_owned),
            regions: regions.iter().map(|one| (*one).to_owned()).collect(),
            ..Setup::default()
        };
        assert_eq!(of(None, &[]).all_regions(None), Vec::<String>::new());
        assert_eq!(of(None, &[]).all_regions(Some("b")), ["b"]);
        assert_eq!(of(None, &["a", "b"]).all_regions(Some("b")), ["a", "b"]);
        assert_eq!(of(Some("b"), &["a", "b"]).all_regions(Some("c")), ["b", "a"]);
    }
}
