//! `shoseki anchor add|list`: where checkpoints are kept outside the vault.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_messages::{Result, msg};
use shoseki_vault::Vault;

use super::Entry;
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "anchor", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
        .subcommand_required(true)
        .subcommand(Command::new("add").arg(Arg::new("url").value_name("URL").required(true)))
        .subcommand(Command::new("remove").arg(Arg::new("url").value_name("URL").required(true)))
        .subcommand(Command::new("list"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    if let Some(("add", matches)) = matches.subcommand() {
        let url = matches.get_one::<String>("url").map(String::as_str).unwrap_or_default();
        let recorded = Recorded::begin(context, &vault, Access::new("anchor.add").with("url", url)).await?;
        let ended = add(context, &vault, url, recorded.is_recorded()).await;
        return recorded.ended(ended);
    }
    if let Some(("remove", matches)) = matches.subcommand() {
        let url = matches.get_one::<String>("url").map(String::as_str).unwrap_or_default();
        let recorded = Recorded::begin(context, &vault, Access::new("anchor.remove").with("url", url)).await?;
        let ended = remove(context, &vault, url, recorded.is_recorded()).await;
        return recorded.ended(ended);
    }
    let anchors = vault.snapshot().await?.anchors();
    if context.json {
        output::json(&anchors)?;
    } else {
        anchors.iter().for_each(|anchor| output::line(anchor));
    }
    Ok(Exit::Done)
}

async fn remove(context: &Context, vault: &Vault, url: &str, is_recorded: bool) -> Result<Exit> {
    vault.remove_anchor(url).await?;
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    if context.json {
        output::json(&json!({"url": url, "tree_size": checkpoint.size(), "recorded": is_recorded}))?;
    } else {
        context.say(&msg!("cli-anchor-removed", url = url));
    }
    Ok(if warnings.is_empty() { Exit::Done } else { Exit::Failed })
}

async fn add(context: &Context, vault: &Vault, url: &str, is_recorded: bool) -> Result<Exit> {
    let is_new = vault.add_anchor(url).await?;
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    if context.json {
        output::json(&json!({"url": url, "new": is_new, "tree_size": checkpoint.size(), "recorded": is_recorded}))?;
    } else if is_new {
        context.say(&msg!("cli-anchor-added", url = url, size = checkpoint.size()));
    } else {
        context.say(&msg!("cli-anchor-there", url = url));
    }
    Ok(if warnings.is_empty() { Exit::Done } else { Exit::Failed })
}
