//! A set-up of evidence in AWS as one plan: what `[setup]` of `shoseki.toml` asks for, held against what an account answers.
//!
//! ```text
//! [setup] ─► wishes ┐
//!                   ├─► site: what is adopted, and what is made ─► pieces ─► plan: settings, and the calls that change them
//! answers ─► found ─┘
//! ```
//!
//! It asks nobody and changes nothing: answers come in, calls come out. What is stricter than asked stays as it is, what belongs to
//! somebody else is added to and never replaced, and nothing is deleted. What could not be seen is not written over.

mod baseline;
pub mod check;
mod cost;
mod course;
mod denied;
mod drift;
pub mod export;
mod found;
mod passing;
mod pieces;
mod plan;
mod policy;
mod site;
pub mod tiering;
mod wish;

use std::collections::BTreeSet;

use shoseki_aws::inventory::Answer;
use shoseki_messages::Result;

pub use baseline::{AGREED, Agreed, Baseline, Way};
pub use cost::{Basis, Cost, Price, Prices, Volumes};
pub use course::{Course, Next};
pub use plan::{Item, Outcome, Plan, Setting, State, Step};
pub use wish::{By, Collector, Delivery, Lock, Setup, VaultPlace};

use found::Found;
use site::Site;

/// The lists by which it is decided what is adopted.
const DECIDE: [&str; 4] =
    ["cloudtrail:DescribeTrails", "iam:GetAccountAuthorizationDetails", "kms:ListAliases", "s3:ListBuckets"];

/// Makes the plan of a set-up: of these accounts with their regions, by what they answered. The first account, in the order of the
/// roles, keeps the evidence.
///
/// # Errors
/// Our own broken invariant: the list of prices.
pub fn plan(
    wish: &Setup,
    accounts: &[String],
    places: &BTreeSet<(String, String)>,
    answers: &[Answer],
) -> Result<Plan> {
    let found = Found::of(answers);
    let site = Site::of(wish, accounts, places, &found);
    let mut plan = Plan::default();
    pieces::all(&site, &mut plan);
    denied::tell(&found, accounts, &mut plan);
    plan.is_partial =
        accounts.iter().any(|account| DECIDE.iter().any(|call| found.lists(call, account, None).1.is_some()));
    plan.costs = cost::costs(&site, &plan)?;
    Ok(plan)
}

#[cfg(test)]
mod tests;
