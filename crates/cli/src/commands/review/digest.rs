//! `review [DAY]`: makes the digests, shows them, and has them signed.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ArgMatches;
use shoseki_comply::review::{self, Day, Digest, digest};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_server::Config;
use shoseki_vault::Vault;

use super::super::check::{engine, facts};
use super::super::query::{limits, newest};
use super::{days, shown, sign};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let now = Timestamp::now();
    let days = days(context, matches)?;
    let is_signed = matches.get_flag("sign");
    if days.len() > 1 && matches.contains_id("open") {
        return Err(Fault::caller(msg!("cli-review-open-many")));
    }
    if let Some(day) = days.iter().find(|day| is_signed && day.to > now) {
        return Err(Fault::caller(msg!("cli-review-not-over", day = day.name.as_str())));
    }
    if let Some(day) = days.iter().find(|day| day.from > now) {
        return Err(Fault::caller(msg!("cli-review-day-future", day = day.name.as_str())));
    }
    let config = matches.get_one::<String>("config").map(PathBuf::from);
    let config = config.map(|path| Config::read(&path)).transpose()?;
    let vault = Arc::new(context.open().await?);
    let names: Vec<&str> = days.iter().map(|day| day.name.as_str()).collect();
    let access = Access::new("review.show").with("days", names).with("zone", context.zone.name());
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let made = tokio::select! {
        made = make(context, matches, (&vault, &days, now), config.as_ref()) => made,
        _ = tokio::signal::ctrl_c() => {
            recorded.stopped();
            return Ok(Exit::Stopped);
        }
    };
    let digests = match made {
        Ok(digests) => digests,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    recorded.detail("tree_size", digests.first().map_or(0, |digest| digest.tree_size));
    let is_recorded = recorded.is_recorded();
    recorded.whole();
    if context.json && !is_signed {
        output::json(&digests.iter().map(json).collect::<Vec<_>>())?;
    }
    let mut signed = Vec::new();
    for digest in &digests {
        if !context.json {
            shown::print(context, digest);
        }
        if is_signed || (is_asked(context) && digest.day.to <= now && answer(context, &digest.day)) {
            signed.push(sign::sign(context, matches, (&vault, digest)).await?);
        }
    }
    if context.json && is_signed {
        output::json(&signed)?;
    }
    if is_recorded {
        access::seal(context, &vault).await;
    }
    Ok(Exit::Done)
}

async fn make(
    context: &Context,
    matches: &ArgMatches,
    (vault, days, now): (&Arc<Vault>, &[Day], Timestamp),
    config: Option<&Config>,
) -> Result<Vec<Digest>> {
    let tail = newest(context, vault, false, true).await?;
    let engine = engine(context, limits(matches)?, vault, &tail);
    let mut digests = Vec::new();
    for day in days {
        let expected = config.map(shoseki_server::expected).unwrap_or_default();
        let about = (expected, facts(context, vault, &tail.snapshot)?);
        digests.push(digest(&engine, (day, now, tail.snapshot.size()), about).await?);
    }
    Ok(digests)
}

/// A digest as JSON, with the hash that a signature would state.
fn json(digest: &Digest) -> serde_json::Value {
    let value = digest.to_json();
    serde_json::json!({"sha256": review::sha256(&value), "digest": value})
}

/// Whether somebody is there to be asked.
fn is_asked(context: &Context) -> bool {
    !context.json && output::is_terminal() && std::io::stdin().is_terminal()
}

fn answer(context: &Context, day: &Day) -> bool {
    context.note(&msg!("cli-review-question", day = day.name.as_str()));
    let mut line = String::new();
    let is_read = std::io::stdin().read_line(&mut line).is_ok();
    is_read && matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "はい")
}
