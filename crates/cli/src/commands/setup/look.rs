//! What is there, and the plan that comes of it.

use std::sync::Arc;

use clap::ArgMatches;
use shoseki_aws::inventory::Inventory;
use shoseki_comply::account::Looked;
use shoseki_comply::checks::{CHECKS, Check, own_rows};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_setup::{AGREED, Agreed, Baseline, Plan};
use shoseki_vault::Vault;

use super::super::check::engine;
use super::super::check::look::{self, Heard, Seen};
use super::super::query::{limits, newest};
use super::{Wanted, record, show};
use crate::Exit;
use crate::access::{Access, Recorded};
use crate::context::Context;

/// What was looked at, and the plan.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) inventory: Inventory,
    pub(super) looked: Looked,
    pub(super) seen: Seen,
    /// What the set-up rested on when it was last applied, where the vault knows.
    pub(super) agreed: Option<Agreed>,
    /// Whether what it rests on is another now, and nobody said that it may be.
    pub(super) is_moved: bool,
}

impl Planned {
    /// What it rests on, once it is done; of what nothing is known, and of pieces that are not sure, what was agreed.
    pub(super) fn rests_on(&self, is_sure: impl Fn(&str) -> bool) -> Baseline {
        let was = self.agreed.as_ref().map(|agreed| agreed.baseline.clone()).unwrap_or_default();
        was.renewed(self.plan.baseline().of_pieces(is_sure))
    }

    /// Whether that is kept already.
    pub(super) fn is_agreed(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.baseline == self.rests_on(|_| true))
    }
}

/// The vault that is named, where one is.
pub(super) async fn vault(context: &Context, wanted: &Wanted) -> Result<Option<Arc<Vault>>> {
    let url = context.url().ok().map(str::to_owned).or_else(|| wanted.vault.clone());
    let Some(url) = url else { return Ok(None) };
    Vault::open(&url, &context.access()?).await.map(|vault| Some(Arc::new(vault)))
}

/// Looks, keeps what was answered where there is a vault, and plans.
pub(super) async fn planned(
    context: &Context,
    matches: &ArgMatches,
    wanted: &Wanted,
    vault: Option<&Arc<Vault>>,
) -> Result<Planned> {
    let (inventory, looked, seen) = look::take(context, &wanted.ask(matches), vault.map(Arc::as_ref)).await?;
    // Whose account keeps the evidence is the first; none takes its place.
    let is_first = |(role, _): &&(String, Fault)| wanted.setup.roles.first() == Some(role);
    if let Some((role, fault)) = inventory.unasked.iter().find(is_first) {
        return Err(Fault::world(msg!("cli-setup-first-role", role = role.as_str())).because(fault.clone()));
    }
    let mut plan = shoseki_setup::plan(&wanted.setup, &inventory.accounts, &inventory.places, &inventory.answers)?;
    let agreed = match vault {
        Some(vault) => agreed(context, matches, vault).await?,
        None => None,
    };
    let may_move = matches.try_get_one::<bool>("adopt").is_ok_and(|said| said.is_some_and(|said| *said));
    let is_moved = match &agreed {
        Some(agreed) if !may_move => plan.hold_against(&agreed.baseline, &context.local(agreed.at)),
        _ => false,
    };
    Ok(Planned { plan, inventory, looked, seen, agreed, is_moved })
}

/// What the set-up rested on when it was last applied.
async fn agreed(context: &Context, matches: &ArgMatches, vault: &Arc<Vault>) -> Result<Option<Agreed>> {
    let tail = newest(context, vault, false, true).await?;
    let engine = engine(context, limits(matches)?, vault, &tail);
    Ok(Agreed::of(&own_rows(engine, AGREED, Timestamp::now()).await?))
}

/// `shoseki setup plan`.
pub(super) async fn plan(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let wanted = Wanted::of(matches)?;
    let is_kept = matches.get_flag("record");
    let vault = match vault(context, &wanted).await? {
        // Where findings are to be kept, there must be a vault: why there is none is said.
        None if is_kept => Some(Arc::new(context.open().await?)),
        vault => vault,
    };
    let planned = tokio::select! {
        planned = planned(context, matches, &wanted, vault.as_ref()) => planned?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.is_of_inventory()).collect();
    let mut heard: Option<Heard<'_>> = None;
    if let Some(vault) = &vault {
        let now = Timestamp::now();
        let mut recorded = Recorded::begin(context, vault, Access::new("setup.plan")).await?;
        recorded.detail("settings", planned.plan.items.iter().map(|item| item.settings.len()).sum::<usize>());
        let tail = newest(context, vault, false, true).await?;
        let engine = engine(context, limits(matches)?, vault, &tail);
        let looked = (&planned.looked, &planned.seen.looking);
        heard = Some(look::heard(&engine, looked, now, &checks).await?);
        recorded.whole();
    }
    let mut kept = None;
    if let Some(vault) = vault.as_ref().filter(|_| is_kept) {
        kept = record::keep(context, matches, vault, &planned).await?;
        if kept.is_none() {
            return Ok(Exit::Stopped);
        }
    }
    show::plan(context, &planned, (heard.as_ref(), kept.as_ref()))?;
    show::next(context, &planned.plan);
    Ok(exit(&planned.plan))
}

/// 0 where nothing is to be done, 1 where something is, 4 where nothing is but not all is right or known.
pub(super) fn exit(plan: &Plan) -> Exit {
    match (plan.is_open(), plan.is_blocked()) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Unverifiable,
        (false, false) => Exit::Done,
    }
}
