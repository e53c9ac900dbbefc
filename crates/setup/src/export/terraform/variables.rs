//! The variables of a module: their types, what they say, what they are where nothing is said, and what they may be.

use crate::export::hcl::{Block, Expression};
use crate::wish::{By, Lock, Setup, VaultPlace};

/// A variable.
pub(super) struct Variable {
    name: &'static str,
    kind: &'static str,
    about: &'static str,
    default: Option<Expression>,
    /// Conditions, with what is said where one does not hold.
    holds: Vec<(String, String)>,
}

/// ARNs of IAM, of which none has a wildcard.
const ARN: &str = "^arn:[a-z-]+:(iam|sts)::[0-9]{12}:[^*?]+$";

impl Variable {
    fn new(name: &'static str, kind: &'static str, about: &'static str) -> Self {
        Self { name, kind, about, default: None, holds: Vec::new() }
    }

    fn is(mut self, default: Expression) -> Self {
        self.default = Some(default);
        self
    }

    fn holds(mut self, condition: impl Into<String>, message: impl Into<String>) -> Self {
        self.holds.push((condition.into(), message.into()));
        self
    }

    /// A list of ARNs.
    fn arns(name: &'static str, about: &'static str, all: &[String]) -> Self {
        let condition = format!("alltrue([for arn in var.{name} : can(regex(\"{ARN}\", arn))])");
        let message =
            format!("Each of {name} is an ARN of IAM without wildcards: arn:aws:iam::111122223333:role/NAME.");
        Self::new(name, "list(string)", about).is(Expression::texts(all.iter().cloned())).holds(condition, message)
    }

    /// What a word of Kubernetes or IAM is.
    fn word(name: &'static str, about: &'static str, is: &str) -> Self {
        Self::new(name, "string", about).is(Expression::text(is)).holds(
            format!("can(regex(\"^[A-Za-z0-9._-]+$\", var.{name}))"),
            format!("{name} has letters, digits, \"-\", \"_\" and \".\"."),
        )
    }

    /// As a block.
    pub(super) fn block(&self) -> Block {
        let mut block = Block::new("variable", &[self.name]).text("description", self.about).code("type", self.kind);
        if let Some(default) = &self.default {
            block = block.set("default", default.clone());
        }
        block = block.code("nullable", "false");
        for (condition, message) in &self.holds {
            block = block.block(
                Block::new("validation", &[])
                    .code("condition", condition.as_str())
                    .text("error_message", message.as_str()),
            );
        }
        block
    }
}

fn name(wish: &Setup) -> Variable {
    Variable::new("name", "string", "What the names of all that is made begin with.")
        .is(Expression::text(wish.name.as_str()))
        .holds(
            "can(regex(\"^[a-z][a-z0-9-]{1,18}[a-z0-9]$\", var.name)) && !strcontains(var.name, \"--\")",
            "The name has 3 to 20 letters of a to z, digits and single hyphens, a letter first.",
        )
}

fn regions(wish: &Setup) -> [Variable; 2] {
    let home = Variable::new("home_region", "string", "Where the bucket, its key, the trail and the queue are.");
    let all = Variable::new("regions", "list(string)", "Where AWS Config records; the home region is one of them.");
    let named = wish.all_regions(None);
    let (home, all) = match named.first() {
        Some(first) => (home.is(Expression::text(first.as_str())), all.is(Expression::texts(named.iter().cloned()))),
        None => (home, all),
    };
    [
        home.holds(
            "can(regex(\"^[a-z]{2}(-[a-z]+)+-[0-9]$\", var.home_region))",
            "A region is called as ap-northeast-1 is.",
        ),
        all.holds("contains(var.regions, var.home_region)", "The home region is one of the regions."),
    ]
}

/// The variables of the module that keeps evidence.
pub(super) fn of_evidence(wish: &Setup, has_config_role: bool) -> Vec<Variable> {
    let mut all = vec![name(wish)];
    all.extend(regions(wish));
    let days = wish.least_days();
    all.push(
        Variable::new("keep_days", "number", "For how many days evidence is kept.")
            .is(Expression::code(wish.days().to_string()))
            .holds(format!("var.keep_days >= {days}"), format!("The frameworks ask for at least {days} days.")),
    );
    if wish.object_lock != Lock::Off {
        all.push(
            Variable::new(
                "object_lock_mode",
                "string",
                "Whether somebody may end the lock sooner (GOVERNANCE) or nobody (COMPLIANCE).",
            )
            .is(Expression::text(wish.object_lock.mode().unwrap_or_default()))
            .holds(
                "contains([\"GOVERNANCE\", \"COMPLIANCE\"], var.object_lock_mode)",
                "The mode is GOVERNANCE or COMPLIANCE.",
            ),
        );
    }
    all.push(
        Variable::new(
            "data_events",
            "list(string)",
            "Buckets whose objects' reads and writes are recorded; [\"*\"] for all of them.",
        )
        .is(Expression::texts(wish.data_events.iter().cloned()))
        .holds(
            "!contains(var.data_events, \"*\") || length(var.data_events) == 1",
            "\"*\" is all buckets, and stands alone.",
        )
        .holds(
            "alltrue([for bucket in var.data_events : can(regex(\"^([^/:* ]+|[*])$\", bucket))])",
            "A bucket is named without a prefix.",
        ),
    );
    all.push(Variable::arns(
        "readers",
        "Who of this account may decrypt evidence beside the roles of this module, as ARNs.",
        &wish.readers,
    ));
    all.push(
        Variable::new("member_accounts", "list(string)", "Other accounts, whose trails and AWS Config deliver here.")
            .is(Expression::texts(members(wish)))
            .holds(
                "alltrue([for account in var.member_accounts : can(regex(\"^[0-9]{12}$\", account))])",
                "An account has twelve digits.",
            ),
    );
    if wish.organization {
        all.push(Variable::new("organization_id", "string", "The organization whose trail this is.").holds(
            "can(regex(\"^o-[a-z0-9]{10,32}$\", var.organization_id))",
            "An organization is called as o-a1b2c3d4e5 is.",
        ));
    }
    if has_config_role {
        all.push(config_role());
    }
    all.extend(of_roles(wish));
    all
}

fn of_roles(wish: &Setup) -> Vec<Variable> {
    let mut all = Vec::new();
    if let Some(collector) = &wish.collector {
        all.push(Variable::word("cluster_name", "The cluster of EKS that the collector runs in.", &collector.cluster));
        all.push(Variable::word("namespace", "The namespace of the collector.", &collector.namespace));
        all.push(Variable::word(
            "service_account",
            "The service account of the collector.",
            &collector.service_account,
        ));
        if let Some(VaultPlace { bucket, prefix }) = &collector.vault {
            all.push(Variable::word("vault_bucket", "The bucket of the vault that the collector writes to.", bucket));
            all.push(
                Variable::new(
                    "vault_prefix",
                    "string",
                    "The folder of the vault in its bucket, with a slash at its end; nothing where the vault is all of it.",
                )
                .is(Expression::text(prefix))
                .holds(
                    "can(regex(\"^([^*?$]+/)?$\", var.vault_prefix))",
                    "The folder has a slash at its end, and no pattern in it.",
                ),
            );
        }
        if collector.by == By::Irsa {
            all.push(
                Variable::new(
                    "oidc_issuer",
                    "string",
                    "The issuer of the cluster without https://, which must be a provider of IAM.",
                )
                .holds("!startswith(var.oidc_issuer, \"https://\")", "The issuer is named without https://."),
            );
        }
    }
    if !wish.auditors.is_empty() {
        all.push(Variable::arns(
            "auditors",
            "Who may take the auditor's role, with a second factor, as ARNs.",
            &wish.auditors,
        ));
    }
    if let Some(set) = &wish.auditors_sso {
        all.push(Variable::word(
            "auditors_sso",
            "The permission set of IAM Identity Center that may take the auditor's role.",
            set,
        ));
    }
    if !wish.break_glass.is_empty() {
        all.push(Variable::arns(
            "break_glass",
            "Who may take the role for emergencies, with a second factor, as ARNs.",
            &wish.break_glass,
        ));
    }
    all
}

fn config_role() -> Variable {
    Variable::new(
        "create_config_role",
        "bool",
        "Whether AWS's own role for AWS Config is made: false where the account has it already.",
    )
    .is(Expression::code("true"))
}

/// The variables of the module of another account.
pub(super) fn of_member(wish: &Setup, has_config_role: bool) -> Vec<Variable> {
    let mut all = vec![name(wish)];
    all.extend(regions(wish));
    all.push(
        Variable::new(
            "data_events",
            "list(string)",
            "Buckets of this account whose objects' reads and writes are recorded; [\"*\"] for all of them.",
        )
        .is(Expression::texts(wish.data_events.iter().cloned())),
    );
    all.push(Variable::new(
        "evidence_bucket",
        "string",
        "The bucket of evidence: the output evidence_bucket of the other module.",
    ));
    all.push(Variable::new(
        "config_bucket",
        "string",
        "The bucket of AWS Config: the output config_bucket of the other module.",
    ));
    all.push(Variable::new(
        "evidence_key_arn",
        "string",
        "The key of the evidence: the output key_arn of the other module.",
    ));
    if has_config_role {
        all.push(config_role());
    }
    all
}

/// The accounts of the roles beside the first, each once.
pub(super) fn members(wish: &Setup) -> Vec<String> {
    let of = |arn: &String| arn.split(':').nth(4).unwrap_or_default().to_owned();
    let first = wish.roles.first().map(of);
    let mut all: Vec<String> = wish.roles.iter().skip(1).map(of).filter(|one| Some(one) != first.as_ref()).collect();
    all.sort();
    all.dedup();
    all
}
