//! `schedule run NAME`: now, what `serve` does when it is due, with the same record, and with the same word to the same people.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Result, msg};
use shoseki_server::schedule::{Desk, Outcome, word};
use shoseki_server::{Happening, Post, Untold};
use shoseki_vault::Vault;

use super::super::serve;
use super::{check, configured, desk, find};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

/// How long is waited for another run.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (path, config) = configured(matches)?;
    let name = matches.get_one::<String>("name").map(String::as_str).unwrap_or_default();
    let schedule = find(&config, name)?;
    check(context, &config, &path)?;
    let opened = serve::open_beside(context, &config).await?;
    let context = &context.clone().with_wal(opened.wal.clone());
    let desk = desk(context, &config, &path, &opened);
    // Until its record is sealed: `serve` must know of it before it does the same.
    let lock = desk.lock(PATIENCE).await?;
    let access = Access::new("schedule.run").with("schedule", name);
    let mut recorded = Recorded::begin(context, &opened.vault, access).await?;
    let outcome = tokio::select! {
        outcome = done(&desk, schedule, &lock) => outcome,
        _ = tokio::signal::ctrl_c() => {
            recorded.stopped();
            return Ok(Exit::Stopped);
        }
    };
    let Outcome { told, verdict, fault } = match outcome {
        Ok(outcome) => outcome,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    let heard: Vec<Happening> =
        told.iter().filter(|(_, is_told)| *is_told).map(|(happening, _)| happening.clone()).collect();
    let post = Post::of(&config.alerts, &heard, recorded.is_recorded());
    for (number, happening) in told.iter().map(|(happening, _)| happening).chain(&post.held).enumerate() {
        let access = Access::new(happening.action).saying(&happening.details)?;
        recorded.tell(&number.to_string(), access.with("told", happening.time.to_string()));
    }
    recorded.detail("verdict", verdict.clone().unwrap_or_else(|| "failed".to_owned()));
    recorded.whole();
    access::seal(context, &Arc::clone(&opened.vault)).await;
    post.held.iter().for_each(|held| context.note(&held.message));
    let is_told = people(context, &post, &opened.vault).await? & held(context, &desk, &opened.vault).await?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    let verdict = verdict.unwrap_or_default();
    show(context, (name, &verdict), &heard)?;
    Ok(match verdict.as_str() {
        "no_evidence" => Exit::Unverifiable,
        "fail" | "too_many" => Exit::Failed,
        _ if !is_told => Exit::Failed,
        _ => Exit::Done,
    })
}

async fn done(desk: &Desk, schedule: &shoseki_server::config::Schedule, lock: &File) -> Result<Outcome> {
    let history = desk.history().await?;
    let run = desk.asked(schedule, (Timestamp::now(), false), &history)?;
    Ok(desk.run(&run, &history, lock).await)
}

/// Tells people, says who could not be told, and keeps that: he is told at the next run.
async fn people(context: &Context, post: &Post, vault: &Arc<Vault>) -> Result<bool> {
    let (untold, held) = post.send().await;
    for Untold { kept, why, .. } in &untold {
        context.note(&kept.message);
        let access = Access::new(kept.action).saying(&kept.details)?;
        Recorded::begin(context, vault, access).await?.failed(why);
    }
    for happening in &held {
        keep(context, vault, happening).await?;
    }
    if !untold.is_empty() {
        access::seal(context, vault).await;
    }
    Ok(untold.is_empty())
}

/// Tells what was held and is due, where no `serve` does, and keeps that it was told.
async fn held(context: &Context, desk: &Desk, vault: &Arc<Vault>) -> Result<bool> {
    let (told, untold) = desk.tell_held().await?;
    for happening in &told {
        context.note(&happening.message);
        keep(context, vault, happening).await?;
    }
    if !told.is_empty() {
        access::seal(context, vault).await;
    }
    for (name, why) in &untold {
        context.note(&msg!("cli-fetch-failed", name = name, why = why.chain(context.lang)));
    }
    Ok(untold.is_empty())
}

async fn keep(context: &Context, vault: &Arc<Vault>, happening: &Happening) -> Result<()> {
    let access = Access::new(happening.action).saying(&happening.details)?;
    Recorded::begin(context, vault, access).await?.whole();
    Ok(())
}

fn show(context: &Context, (name, verdict): (&str, &str), told: &[Happening]) -> Result<()> {
    if context.json {
        let row = |happening: &Happening| {
            json!({
                "action": happening.action, "message": happening.message.text(Lang::En), "details": happening.details,
                "what_to_do": happening.mend.as_ref().map(|mend| mend.text(Lang::En)),
                "lines": happening.beside.iter().map(|line| line.text(Lang::En)).collect::<Vec<_>>(),
            })
        };
        let told: Vec<_> = told.iter().map(row).collect();
        return output::json(&json!({"schedule": name, "verdict": verdict, "told": told}));
    }
    for happening in told {
        context.say(&happening.message);
        for line in &happening.beside {
            output::line(&format!("- {}", line.text(context.lang)));
        }
        if let Some(mend) = &happening.mend {
            context.say(mend);
        }
    }
    context.say(&msg!("schedule-ran", name = name, verdict = word(verdict)));
    Ok(())
}
