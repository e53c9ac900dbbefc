//! Terraform: a module for the account that keeps the evidence, one for each other account, tests, an example and a README.
//!
//! Its resources are the calls of a plan for an account where nothing is, each said in Terraform's words; what is a variable stands in
//! the plan as a placeholder. So what `setup apply` calls and what is exported cannot say two things.

mod athena;
mod buckets;
mod calls;
mod config;
mod databases;
mod meanings;
mod module;
mod outputs;
mod roles;
mod trail;
mod trial;
mod variables;

use shoseki_messages::{Fault, Result, msg};

use super::hcl::{Block, Expression, file};
use super::placeholder::{
    self, ACCOUNT, AUDITOR, BUCKET, CLUSTER, HOME, ISSUER, MEMBER, NAME, NAMESPACE, ORGANIZATION, OTHER, PARTITION,
    READER, RESPONDER, SERVICE_ACCOUNT, SET, VAULT_BUCKET, VAULT_PREFIX,
};
use super::{Engine, File, What, readme, skips};
use crate::found::Found;
use crate::pieces::{self, eks, trail::objects_of};
use crate::plan::{Item, Plan, Step, given};
use crate::site::{KEY, Site};
use crate::wish::{By, Setup};

use meanings::{Meaning, Meanings};
use module::{Module, Written};

/// Where the module of the evidence is.
const EVIDENCE: &str = "terraform/shoseki-evidence";
/// Where that of another account is.
const MEMBER_MODULE: &str = "terraform/shoseki-member";

/// What the files go by.
struct Exported<'a> {
    wish: &'a Setup,
    head: &'a str,
}

/// The files.
///
/// # Errors
/// Our own broken invariant: a call of the plan that is no code.
pub(super) fn files(wish: &Setup, engines: &[Engine], head: &str) -> Result<Vec<File>> {
    let exported = Exported { wish, head };
    let placed = placeholder::wish(wish);
    let accounts = [ACCOUNT.to_owned(), MEMBER.to_owned()];
    let places = accounts.iter().flat_map(|one| [(one.clone(), HOME.to_owned()), (one.clone(), OTHER.to_owned())]);
    let places = places.collect();
    let answers = placeholder::answers(engines);
    let found = Found::blank(&answers);
    let site = Site::of(&placed, &accounts, &places, &found);
    let mut plan = Plan::default();
    pieces::all(&site, &mut plan);
    let (evidence, member): (Vec<Item>, Vec<Item>) = plan.items.into_iter().partition(|item| item.account == ACCOUNT);
    let mut files = exported.evidence(&site, &evidence)?;
    if !variables::members(wish).is_empty() {
        files.extend(exported.member(&site, &member)?);
    }
    files.push(File::new("terraform/example/main.tf", file(head, &exported.example())));
    Ok(files)
}

/// The files of a plan for accounts as they are: a folder for each, in which nothing is a variable. What is there already is a data
/// source, and what Terraform would have to own whole, or cannot own, is a call in the README.
///
/// # Errors
/// Our own broken invariant: a value that needs what no resource gives.
pub(super) fn of_plan(plan: &Plan, head: &str) -> Result<Vec<File>> {
    let mut accounts: Vec<&str> = plan.items.iter().map(|item| item.account.as_str()).collect();
    accounts.dedup();
    let mut files = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for account in accounts {
        if done.contains(&account) {
            continue;
        }
        done.push(account);
        let items: Vec<Item> = plan.items.iter().filter(|item| item.account == account).cloned().collect();
        files.extend(of_account(account, &items, head)?);
    }
    Ok(files)
}

fn of_account(account: &str, items: &[Item], head: &str) -> Result<Vec<File>> {
    let mut meanings = Meanings::default();
    meanings.one(&given(KEY), "aws_kms_key.evidence.arn");
    let module = Module::of(&meanings, None, items);
    let written = module.write(items)?;
    let folder = format!("terraform/account-{account}");
    let region = items.first().map_or("us-east-1", |item| item.region.as_str());
    let provider = Block::new("provider", &["aws"])
        .text("region", region)
        .set("allowed_account_ids", Expression::texts([account]));
    let mut files = vec![File::new(format!("{folder}/versions.tf"), file(head, &[versions(), provider]))];
    for (name, blocks) in written.files.iter().filter(|(name, _)| !name.is_empty()) {
        files.push(File::new(format!("{folder}/{name}"), file(head, &skips::remarked(blocks))));
    }
    let by_hand = |(thing, step): &(String, Step)| {
        let input = step.change.input.to_string().replace(&given(KEY), "aws_kms_key.evidence.arn").replace('|', "\\|");
        format!("| `{thing}` | `{}` | `{}` | `{input}` |\n", step.change.kind.name(), step.change.of)
    };
    let words = [("@account@", account.to_owned()), ("@left@", written.left.iter().map(by_hand).collect())];
    files.extend(readme::live(&folder, &words));
    Ok(files)
}

impl Exported<'_> {
    fn evidence(&self, site: &Site<'_>, items: &[Item]) -> Result<Vec<File>> {
        let (meanings, locals) = of_evidence(site)?;
        let module = Module::of(&meanings, Some(self.wish.days()), items);
        let mut written = module.write(items)?;
        is_whole(&written)?;
        let has_config_role = written.has("resource \"aws_iam_service_linked_role\"");
        let collector = self.wish.collector.as_ref().filter(|one| one.by == By::PodIdentity);
        if collector.is_some() {
            let tie = roles::pod_identity(&module, (HOME, CLUSTER), (NAMESPACE, SERVICE_ACCOUNT))?;
            match written.files.iter_mut().find(|(name, _)| *name == "roles.tf") {
                Some((_, blocks)) => blocks.push(tie),
                None => written.files.push(("roles.tf", vec![tie])),
            }
        }
        written.files.push(("athena.tf", athena::blocks(self.wish.organization)));
        let variables = variables::of_evidence(self.wish, has_config_role);
        let mut files = self.module(EVIDENCE, locals, &variables, &written);
        files.push(self.file(EVIDENCE, "outputs.tf", &outputs::of_evidence(self.wish, &written)));
        files.push(self.file(EVIDENCE, "tests/evidence.tftest.hcl", &trial::blocks(self.wish)));
        let [en, ja] = readme::left_out(&placeholder::left_out(self.wish));
        let words = [
            ("@eks_types@", eks::NEEDED.map(|one| format!("\"{one}\"")).join(", ")),
            ("@left@", left(&written)),
            ("@left-out-en@", en),
            ("@left-out-ja@", ja),
        ];
        files.extend(readme::files("terraform", What::Terraform, &words));
        Ok(files)
    }

    fn member(&self, site: &Site<'_>, items: &[Item]) -> Result<Vec<File>> {
        let meanings = of_member(site);
        let module = Module::of(&meanings, Some(self.wish.days()), items);
        let written = module.write(items)?;
        is_whole(&written)?;
        let has_config_role = written.has("resource \"aws_iam_service_linked_role\"");
        let locals = Block::new("locals", &[])
            .code("account_id", "data.aws_caller_identity.current.account_id")
            .code("partition", "data.aws_partition.current.partition")
            .set("data_event_arns", data_events(site, &self::meanings())?);
        let variables = variables::of_member(self.wish, has_config_role);
        Ok(self.module(MEMBER_MODULE, locals, &variables, &written))
    }

    /// What every module has.
    fn module(&self, folder: &str, locals: Block, variables: &[variables::Variable], written: &Written) -> Vec<File> {
        let main = [
            Block::new("data", &["aws_caller_identity", "current"]),
            Block::new("data", &["aws_partition", "current"]),
            locals,
        ];
        let variables: Vec<Block> = variables.iter().map(variables::Variable::block).collect();
        let mut files = vec![
            self.file(folder, "main.tf", &main),
            self.file(folder, "variables.tf", &variables),
            self.file(folder, "versions.tf", &[versions()]),
        ];
        files.extend(written.files.iter().map(|(name, blocks)| self.file(folder, name, &skips::remarked(blocks))));
        files
    }

    fn file(&self, folder: &str, name: &str, blocks: &[Block]) -> File {
        File::new(format!("{folder}/{name}"), file(self.head, blocks))
    }

    fn example(&self) -> Vec<Block> {
        let home = self.wish.all_regions(None).first().cloned().unwrap_or_else(|| "ap-northeast-1".to_owned());
        let mut module = Block::new("module", &["evidence"]).text("source", "../shoseki-evidence").apart();
        if self.wish.all_regions(None).is_empty() {
            module = module.text("home_region", home.as_str()).set("regions", Expression::texts([home.as_str()]));
        }
        if self.wish.organization {
            module = module.text("organization_id", "o-a1b2c3d4e5");
        }
        if self.wish.collector.as_ref().is_some_and(|one| one.by == By::Irsa) {
            module = module.text("oidc_issuer", format!("oidc.eks.{home}.amazonaws.com/id/EXAMPLE"));
        }
        let mut all = vec![versions(), Block::new("provider", &["aws"]).text("region", home.as_str()), module];
        for account in variables::members(self.wish) {
            let alias = format!("account_{account}");
            let role = self.wish.roles.iter().find(|role| role.split(':').nth(4) == Some(&account));
            let assume = Block::new("assume_role", &[]).text("role_arn", role.map_or("", String::as_str));
            all.push(
                Block::new("provider", &["aws"])
                    .text("alias", alias.as_str())
                    .text("region", home.as_str())
                    .block(assume),
            );
            let member = Block::new("module", &[alias.as_str()])
                .text("source", "../shoseki-member")
                .set("providers", Expression::object([("aws", Expression::code(format!("aws.{alias}")))]))
                .apart()
                .code("evidence_bucket", "module.evidence.evidence_bucket")
                .code("config_bucket", "module.evidence.config_bucket")
                .code("evidence_key_arn", "module.evidence.key_arn");
            all.push(member);
        }
        all
    }
}

/// `region` of a resource is the provider's from version 6 on: a list of regions is then a variable, and needs no provider for each.
fn versions() -> Block {
    let aws = Expression::object([
        ("source", Expression::text("hashicorp/aws")),
        ("version", Expression::text(">= 6.0.0, < 7.0.0")),
    ]);
    Block::new("terraform", &[])
        .text("required_version", ">= 1.9.0")
        .block(Block::new("required_providers", &[]).set("aws", aws))
}

/// What is left to a call: changes of databases, which are somebody else's resources. All else would be missing in the code.
fn is_whole(written: &Written) -> Result<()> {
    let is_of_database = |name: &str| matches!(name, "rds:ModifyDBInstance" | "rds:ModifyDBCluster");
    let missing = written.left.iter().find(|(_, step)| !is_of_database(&step.change.kind.name()));
    missing.map_or(Ok(()), |(_, step)| Err(Fault::broken(msg!("setup-export-call", call = step.change.kind.name()))))
}

/// What is left to a person, of each database that was named: lines of a table.
fn left(written: &Written) -> String {
    let one = |(_, step): &(String, Step)| {
        let input = step.change.input.as_object().into_iter().flatten();
        let said = input.filter(|(name, _)| !name.ends_with("Identifier") && *name != "ApplyImmediately");
        let said: Vec<String> = said.map(|(name, value)| format!("`{name}` = `{value}`")).collect();
        format!("| `{}` | {} |\n", step.change.kind.name(), said.join(", ").replace(NAME, "NAME"))
    };
    written.left.iter().map(one).collect()
}

/// What all placeholders are but those of accounts.
fn meanings() -> Meanings {
    let mut all = Meanings::default();
    for (piece, code) in [
        (PARTITION, "local.partition"),
        (HOME, "var.home_region"),
        (OTHER, "each.value"),
        (NAME, "var.name"),
        (SET, "var.auditors_sso"),
        (CLUSTER, "var.cluster_name"),
        (NAMESPACE, "var.namespace"),
        (SERVICE_ACCOUNT, "var.service_account"),
        (VAULT_BUCKET, "var.vault_bucket"),
        (VAULT_PREFIX, "var.vault_prefix"),
        (ISSUER, "var.oidc_issuer"),
        (ORGANIZATION, "var.organization_id"),
    ] {
        all.one(piece, code);
    }
    for (piece, list, one) in [
        (READER, "var.readers", "reader"),
        (BUCKET, "var.data_events", "bucket"),
        (AUDITOR, "var.auditors", "auditor"),
        (RESPONDER, "var.break_glass", "responder"),
    ] {
        all.add(piece, Meaning::Each { list: list.to_owned(), one });
    }
    all
}

/// The objects of which data events are recorded.
fn data_events(site: &Site<'_>, meanings: &Meanings) -> Result<Expression> {
    let mut one = meanings.clone();
    one.one(BUCKET, "bucket");
    let all = super::hcl::expression(&one.text(&objects_of(site, "*"))?);
    let of_one = super::hcl::expression(&one.text(&objects_of(site, BUCKET))?);
    Ok(Expression::Code(format!("[for bucket in var.data_events : bucket == \"*\" ? {all} : {of_one}]")))
}

/// What placeholders and the names made of them are in the module of the evidence, and its local values.
fn of_evidence(site: &Site<'_>) -> Result<(Meanings, Block)> {
    let mut all = meanings();
    all.one(ACCOUNT, "local.account_id");
    all.add(MEMBER, Meaning::Each { list: "var.member_accounts".to_owned(), one: "account" });
    let mut locals = Block::new("locals", &[])
        .code("account_id", "data.aws_caller_identity.current.account_id")
        .code("partition", "data.aws_partition.current.partition")
        .apart();
    let buckets = [
        ("evidence", Some(&site.evidence)),
        ("access_logs", Some(&site.access_logs)),
        ("config", site.config.as_ref()),
    ];
    let buckets: Vec<(&str, &str)> =
        buckets.iter().filter_map(|(name, one)| Some((*name, one.as_ref()?.name.as_str()))).collect();
    let named = all.clone();
    for (name, bucket) in &buckets {
        locals = locals.set(&format!("{name}_bucket"), named.text(bucket)?);
        all.one(bucket, format!("local.{name}_bucket"));
    }
    locals = locals.apart();
    let of_buckets = all.clone();
    let mut arns: Vec<(String, String)> =
        buckets.iter().map(|(name, bucket)| (format!("{name}_bucket_arn"), site.names.bucket(bucket))).collect();
    arns.extend(site.trails.get(ACCOUNT).map(|trail| ("trail_arn".to_owned(), trail.arn.clone())));
    if site.wish.queue {
        arns.push(("queue_arn".to_owned(), pieces::roles::queue(site)));
    }
    for (name, arn) in arns {
        locals = locals.set(&name, of_buckets.text(&arn)?);
        all.one(&arn, format!("local.{name}"));
    }
    locals = locals.apart().set("data_event_arns", data_events(site, &of_buckets)?);
    all.add(&objects_of(site, BUCKET), Meaning::Each { list: "local.data_event_arns".to_owned(), one: "bucket" });
    all.one(&given(KEY), "aws_kms_key.evidence.arn");
    Ok((all, locals))
}

/// The same in the module of another account.
fn of_member(site: &Site<'_>) -> Meanings {
    let mut all = meanings();
    all.one(MEMBER, "local.account_id");
    all.one(&site.evidence.name, "var.evidence_bucket");
    if let Some(bucket) = &site.config {
        all.one(&bucket.name, "var.config_bucket");
    }
    all.add(&objects_of(site, BUCKET), Meaning::Each { list: "local.data_event_arns".to_owned(), one: "bucket" });
    all.one(&given(KEY), "var.evidence_key_arn");
    all
}
