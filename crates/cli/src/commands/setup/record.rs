//! `setup plan --record`: what differs from the plan becomes findings in the vault, as a run of checks leaves them. One is resolved
//! where a later run finds its setting as planned.

use std::sync::Arc;

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_comply::checks::{Check, Judged, Period, Status};
use shoseki_comply::findings::{self, About, Looking, Register};
use shoseki_comply::frameworks::{Framework, named_by};
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_vault::Vault;

use super::super::check::{access_of, engine, tell};
use super::super::query::{limits, newest};
use super::look::Planned;
use crate::access::{self, Recorded};
use crate::context::Context;

/// What is so now, in microseconds: a day, by which findings are closed.
const NOW: i64 = 86_400_000_000;

/// What is kept of a plan.
pub(super) struct Kept {
    judged: Vec<Judged<'static>>,
    /// Whether a record of it is left.
    is_recorded: bool,
}

impl Kept {
    /// How many findings are new; nothing where none is kept.
    pub(super) fn new_ones(&self) -> Option<usize> {
        self.is_recorded.then(|| self.judged.iter().map(Judged::new_ones).sum())
    }

    /// Adds it to a plan as JSON, as a run of checks has it.
    pub(super) fn add_to(&self, json: &mut Value) {
        let asked: Vec<&str> = self.judged.iter().map(|judged| judged.check.id.as_ref()).collect();
        let checks: Vec<Value> = self.found().map(Judged::to_json).collect();
        json["recorded"] = json!(self.is_recorded);
        json["new_findings"] = json!(self.new_ones().unwrap_or_default());
        json["status"] = json!(Status::of_all(self.found().map(Judged::status)).name());
        json["asked"] = json!(asked);
        json["checks"] = json!(checks);
    }

    /// The checks of which something is planned.
    fn found(&self) -> impl Iterator<Item = &Judged<'static>> {
        self.judged.iter().filter(|judged| !judged.findings.is_empty())
    }
}

/// Keeps what differs from a plan; nothing where it was stopped.
pub(super) async fn keep(
    context: &Context,
    matches: &ArgMatches,
    vault: &Arc<Vault>,
    planned: &Planned,
) -> Result<Option<Kept>> {
    let now = Timestamp::now();
    let period = Period { from: Timestamp(now.0.saturating_sub(NOW)), to: now };
    let looking: &Looking = &planned.seen.looking;
    let mut judged = planned.plan.drift(&planned.inventory.places);
    let checks: Vec<&Check> = judged.iter().map(|judged| judged.check).collect();
    let tail = newest(context, vault, false, true).await?;
    let access = access_of(&[], (&[], &checks), period, tail.snapshot.size()).with("setup", true);
    let recorded = Recorded::begin(context, vault, access).await?;
    let read = {
        let engine = engine(context, limits(matches)?, vault, &tail);
        recorded.over(Register::read(&engine, now)).await?
    };
    let Some((recorded, register)) = read else { return Ok(None) };
    let known: Vec<&Framework> = Framework::all()?;
    let about = About { period, run: recorded.id(), looked: Some(looking) };
    let mut stated = findings::state(&mut judged, &register, about, &|id| named_by(id, &known));
    // What was not seen may have what was not found.
    let is_blind = planned.plan.is_blind() || !planned.inventory.unasked.is_empty();
    stated.judged.iter_mut().for_each(|judged| judged.is_blind |= is_blind);
    let kept = Kept { judged, is_recorded: recorded.is_recorded() };
    let statuses: Vec<Status> = kept.found().map(Judged::status).collect();
    tell(recorded, &statuses, (stated, Some(looking)))?;
    if kept.is_recorded {
        access::seal(context, vault).await;
    }
    Ok(Some(kept))
}
