//! A set-up as code, to be reviewed in a pull request: the same wish gives the same files, byte by byte, and no account is asked.
//!
//! ```text
//! [setup] ─► wish with placeholders ─► pieces ─► plan for an account where nothing is ─► Terraform
//!        └─► what shoseki needs of a cluster ─► manifests and a chart, out of one text
//! ```
//!
//! Each file says at its head what made it, and the SHA-256 of all of it: so one that somebody changed is told from one that is old.

mod cloudformation;
mod github;
pub(crate) mod hcl;
mod kubernetes;
pub(crate) mod placeholder;
mod readme;
mod skips;
mod terraform;
mod yaml;

use sha2::{Digest, Sha256};
use shoseki_messages::Result;

pub use placeholder::{Engine, left_out};

use crate::plan::Plan;
use crate::wish::Setup;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A template for a StackSet over member accounts.
    CloudFormation,
    /// A workflow of GitHub Actions.
    Github,
    /// A chart of Helm for shoseki itself.
    Helm,
    /// Manifests for shoseki itself, and what a cluster needs to send.
    Kubernetes,
    /// Modules of Terraform.
    Terraform,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::CloudFormation, Self::Github, Self::Helm, Self::Kubernetes, Self::Terraform];

    /// Its name in commands, and the folder that it goes to.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Github => "github",
            Self::Helm => "helm",
            Self::Kubernetes => "kubernetes",
            Self::Terraform => "terraform",
        }
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is, below the folder that was named.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// The vault's URL, where it is known: one in a bucket stands in what is exported.
#[derive(Clone, Copy, Debug)]
pub struct Vault<'a>(pub Option<&'a str>);

/// What is exported, and of what.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// What is set up.
    pub setup: &'a Setup,
    /// What of it.
    pub what: &'a [What],
    /// The databases that groups are made for.
    pub engines: &'a [Engine],
    /// The vault of what runs in the cluster.
    pub vault: Vault<'a>,
    /// The plan for accounts as they are, where they were looked at: then Terraform is of these, and not of an account where nothing is.
    pub plan: Option<&'a Plan>,
}

/// Sixty-four zeros: what stands in the place of a file's SHA-256 while that is computed.
const OPEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What stands before it.
const MARK: &str = "sha256:";

impl File {
    pub(crate) fn new(path: impl Into<String>, text: String) -> Self {
        Self { path: path.into(), text }
    }

    /// With its own SHA-256 in it.
    fn sealed(mut self) -> Self {
        let sum = hex(&self.text);
        self.text = self.text.replacen(&format!("{MARK}{OPEN}"), &format!("{MARK}{sum}"), 1);
        self
    }
}

/// Whether a text is a file of ours as it was made: nobody changed it.
pub fn is_as_made(text: &str) -> bool {
    let Some((before, rest)) = text.split_once(MARK) else { return false };
    let Some((sum, after)) = rest.split_at_checked(OPEN.len()) else { return false };
    sum == hex(&format!("{before}{MARK}{OPEN}{after}"))
}

fn hex(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// What stands at the head of a file.
fn head(what: What) -> String {
    headed(what.name())
}

fn headed(command: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "Made by shoseki {version} from [setup] of shoseki.toml ({MARK}{OPEN}).\nChange that, and make it again: shoseki setup export {command}"
    )
}

/// The same as comments behind a mark.
fn commented(what: What, mark: &str) -> String {
    remarked(&head(what), mark)
}

fn remarked(head: &str, mark: &str) -> String {
    head.lines().map(|line| format!("{mark} {line}\n")).collect()
}

/// The files, in the order of their paths.
///
/// # Errors
/// Our own broken invariant: something of a set-up that is no code.
pub fn export(wanted: &Wanted<'_>) -> Result<Vec<File>> {
    let mut all = Vec::new();
    for what in wanted.what {
        all.extend(match what {
            What::CloudFormation => cloudformation::files(wanted.setup),
            What::Github => github::files(wanted.setup),
            What::Helm => kubernetes::chart(wanted.setup, wanted.vault)?,
            What::Kubernetes => kubernetes::manifests(wanted.setup, wanted.vault)?,
            What::Terraform => match wanted.plan {
                Some(plan) => terraform::of_plan(plan, &remarked(&headed("terraform --live"), "#"))?,
                None => terraform::files(wanted.setup, wanted.engines, &commented(*what, "#"))?,
            },
        });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    Ok(all.into_iter().map(File::sealed).collect())
}

#[cfg(test)]
mod tests;
