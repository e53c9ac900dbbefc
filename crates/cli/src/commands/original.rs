//! `shoseki original list|get`: files as they were received.

use std::path::Path;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_vault::{Original, Snapshot, Vault};

use super::Entry;
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "original", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command.subcommand_required(true).subcommand(Command::new("list")).subcommand(
        Command::new("get")
            .arg(Arg::new("which").value_name("FILE").required(true))
            .arg(Arg::new("out").long("out").short('o').value_name("PATH"))
            .arg(whole_file::force().requires("out")),
    )
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if let Some(("get", matches)) = matches.subcommand()
        && let Some(path) = matches.get_one::<String>("out")
    {
        whole_file::refuse_existing(Path::new(path), whole_file::may_replace(matches))?;
    }
    let vault = context.open().await?;
    let snapshot = vault.snapshot().await?;
    let all = vault.originals(&snapshot).await?;
    let Some(("get", matches)) = matches.subcommand() else {
        list(context, &all)?;
        return Ok(Exit::Done);
    };
    let which = matches.get_one::<String>("which").map(String::as_str).unwrap_or_default();
    let access = Access::new("original.get").with("file", which).with("tree_size", snapshot.size());
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let ended = get(context, matches, (&vault, &snapshot, &all), &mut recorded).await;
    recorded.ended(ended)
}

async fn get(
    context: &Context,
    matches: &ArgMatches,
    (vault, snapshot, all): (&Vault, &Snapshot, &[Original]),
    recorded: &mut Recorded,
) -> Result<Exit> {
    let which = matches.get_one::<String>("which").map(String::as_str).unwrap_or_default();
    let fits = |original: &&Original| {
        let receipt = &original.receipt;
        // A digest of CloudTrail names the hash of a file's content, uncompressed.
        let hashes = [Some(&receipt.received), receipt.content.as_ref()].into_iter().flatten();
        let mut hashes = hashes.map(|extent| extent.sha256.as_str());
        receipt.origin == which || (which.len() >= 8 && hashes.any(|hash| hash.starts_with(which)))
    };
    let Some(original) = all.iter().rev().find(fits) else {
        return Err(Fault::caller(msg!("cli-original-unknown", which = which)));
    };
    recorded.detail("sha256", original.receipt.received.sha256.as_str());
    recorded.detail("bytes", original.receipt.received.size);
    match matches.get_one::<String>("out") {
        Some(path) => {
            let file = WholeFile::begin(Path::new(path), whole_file::may_replace(matches))?;
            let mut writer = file.writer();
            tokio::select! {
                rebuilt = vault.rebuild(snapshot, &original.receipt, &mut writer) => {
                    rebuilt.map_err(|fault| whole_file::named_in(Path::new(path), fault))?;
                }
                _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped), // what is half is taken away
            }
            file.finish()?;
        }
        None => {
            vault.rebuild(snapshot, &original.receipt, &mut output::Standard).await?;
            output::print(&[]); // what is not a line yet goes out as well
        }
    }
    if original.receipt.recipe.is_some() && original.receipt.encoding != "none" {
        context.note(&msg!("cli-original-uncompressed", encoding = original.receipt.encoding.as_str()));
    }
    Ok(Exit::Done)
}

fn list(context: &Context, all: &[Original]) -> Result<()> {
    if context.json {
        let rows: Vec<_> = all
            .iter()
            .map(|original| {
                let mut row = json!(original.receipt);
                if let Some(row) = row.as_object_mut() {
                    row.remove("recipe");
                    row.insert("received_at".to_owned(), json!(original.received.to_string()));
                }
                row
            })
            .collect();
        return output::json(&rows);
    }
    let heads = [
        "cli-original-file",
        "cli-original-received",
        "cli-original-size",
        "cli-original-events",
        "cli-original-sha256",
    ];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for original in all {
        let receipt = &original.receipt;
        table.add_row([
            receipt.origin.clone(),
            context.local(original.received),
            output::bytes(receipt.received.size),
            output::count(receipt.events + receipt.unparsed),
            receipt.received.sha256.chars().take(16).collect(),
        ]);
    }
    output::line(&table.to_string());
    Ok(())
}
