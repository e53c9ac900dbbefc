//! `shoseki prove RECORD`: one record's own proof.

use std::io::Write;
use std::path::Path;

use clap::{Arg, ArgMatches, Command};
use shoseki_event::RecordId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{Snapshot, Vault};

use super::Entry;
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "prove", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("record").value_name("RECORD").required(true))
        .arg(Arg::new("out").long("out").short('o').value_name("FILE"))
        .arg(whole_file::force().requires("out"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let id: RecordId = matches.get_one::<String>("record").map(String::as_str).unwrap_or_default().parse()?;
    if let Some(path) = matches.get_one::<String>("out") {
        whole_file::refuse_existing(Path::new(path), whole_file::may_replace(matches))?;
    }
    let vault = context.open().await?;
    let snapshot = vault.snapshot().await?;
    let access = Access::new("record.prove").with("record", id.to_string()).with("tree_size", snapshot.size());
    let recorded = Recorded::begin(context, &vault, access).await?;
    let ended = prove(context, matches, (&vault, &snapshot), id).await;
    recorded.ended(ended)
}

async fn prove(
    context: &Context,
    matches: &ArgMatches,
    (vault, snapshot): (&Vault, &Snapshot),
    id: RecordId,
) -> Result<Exit> {
    let proof = vault.prove_one(snapshot, id).await?.to_bytes();
    let Some(file) = matches.get_one::<String>("out") else {
        output::data(String::from_utf8_lossy(&proof).trim_end());
        return Ok(Exit::Done);
    };
    let whole = WholeFile::begin(Path::new(file), whole_file::may_replace(matches))?;
    let unwritable = |error| Fault::world(msg!("cli-out-unwritable", path = file.as_str())).because(error);
    whole.writer().write_all(&proof).map_err(unwritable)?;
    whole.finish()?;
    let key = vault.verifier()?.to_string();
    let size = vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
    context.note(&msg!("cli-prove-done", file = file.as_str(), record = id.to_string(), size = size, key = key));
    Ok(Exit::Done)
}
