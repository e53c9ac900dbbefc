//! `shoseki mapping set|show|remove`: which names of applications' events say who did what. It stands in the vault's
//! configuration, so that each change of it is sealed.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Mapping;

use super::Entry;
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "mapping", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
        .subcommand_required(true)
        .subcommand(Command::new("set").arg(Arg::new("file").value_name("FILE").required(true)))
        .subcommand(Command::new("show"))
        .subcommand(Command::new("remove"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("set", matches)) => {
            let path = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
            let unreadable = |error| Fault::caller(msg!("cli-mapping-unreadable", path = path)).because(error);
            let text = std::fs::read_to_string(path).map_err(unreadable)?;
            Mapping::parse(&text)?;
            change(context, Some(&text)).await
        }
        Some(("remove", _)) => change(context, None).await,
        _ => show(context).await,
    }
}

async fn change(context: &Context, text: Option<&str>) -> Result<Exit> {
    let vault = context.open().await?;
    let is_new = vault.set_app_mapping(text).await?;
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    if context.json {
        output::json(&json!({"changed": is_new, "tree_size": checkpoint.size()}))?;
    } else if is_new {
        context.say(&msg!("cli-mapping-changed", size = checkpoint.size()));
    } else {
        context.say(&msg!("cli-mapping-same"));
    }
    Ok(if warnings.is_empty() { Exit::Done } else { Exit::Failed })
}

async fn show(context: &Context) -> Result<Exit> {
    let snapshot = context.open().await?.snapshot().await?;
    match snapshot.app_mapping() {
        mapping if context.json => output::json(&json!({ "mapping": mapping }))?,
        Some(text) => output::data(text.trim_end()),
        None => context.say(&msg!("cli-mapping-none")),
    }
    Ok(Exit::Done)
}
