//! `shoseki key backup|check|show`: the vault's secrets are worth as much as the vault.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{KeyDir, Vault};

use super::Entry;
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "key", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// Beside the keys: when a backup of them was last checked.
const CHECKED: &str = "backup-checked";

fn arguments(command: Command) -> Command {
    let folder = || Arg::new("folder").value_name("FOLDER").required(true);
    command
        .subcommand_required(true)
        .subcommand(Command::new("show"))
        .subcommand(Command::new("backup").arg(folder()))
        .subcommand(Command::new("check").arg(folder()))
}

/// When a backup of the keys was last checked.
pub fn backup_checked(vault: &Vault) -> Option<String> {
    fs::read_to_string(vault.keys().path().join(CHECKED)).ok().map(|text| text.trim().to_owned())
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let folder = |matches: &ArgMatches| PathBuf::from(matches.get_one::<String>("folder").cloned().unwrap_or_default());
    match matches.subcommand() {
        Some(("backup", matches)) => backup(context, &vault, &folder(matches)),
        Some(("check", matches)) => check(context, &vault, &folder(matches)).await,
        _ => show(context, &vault),
    }
}

fn show(context: &Context, vault: &Vault) -> Result<Exit> {
    let verifier = vault.verifier()?.to_string();
    if context.json {
        let provider = vault.ring().map(shoseki_vault::Keyring::provider);
        output::json(&json!({
            "origin": vault.marker().origin, "verifier_key": verifier, "folder": vault.keys().path(),
            "encryption_key": provider, "backup_checked": backup_checked(vault),
        }))?;
    } else {
        output::line(&verifier);
    }
    Ok(Exit::Done)
}

fn backup(context: &Context, vault: &Vault, folder: &Path) -> Result<Exit> {
    let target = KeyDir::of(folder, &vault.marker().origin);
    let failed = |error: std::io::Error| {
        let shown = target.path().display().to_string();
        Fault::world(msg!("cli-key-backup-failed", path = shown)).because(error)
    };
    fs::create_dir_all(target.path()).map_err(failed)?;
    for (from, to) in vault.keys().files().iter().zip(target.files()) {
        let content = fs::read(from).map_err(failed)?;
        match fs::read(&to) {
            Ok(there) if there == content => {}
            Ok(_) => return Err(Fault::caller(msg!("cli-key-backup-other", path = to.display().to_string()))),
            Err(_) => {
                fs::copy(from, &to).map_err(failed)?; // with its permissions
            }
        }
    }
    context.say(&msg!("cli-key-backup-done", path = target.path().display().to_string()));
    Ok(Exit::Done)
}

/// A backup is good when its keys open this vault: the signing key is the log's, and a class key unwraps.
async fn check(context: &Context, vault: &Vault, folder: &Path) -> Result<Exit> {
    let backup = KeyDir::of(folder, &vault.marker().origin);
    let path = backup.path().display().to_string();
    if backup.signing()?.verifier().to_string() != vault.verifier()?.to_string() {
        return Err(Fault::caller(msg!("cli-key-check-other", path = path)));
    }
    let access = shoseki_vault::Access { key_base: folder.to_owned() };
    let opened = Vault::open(vault.store().url(), &access).await?;
    let snapshot = opened.snapshot().await?;
    let mut opened_keys = 0;
    for file in snapshot.replay.files() {
        if opened.file_key(&file.add).await?.is_some() {
            opened_keys += 1;
        }
    }
    let checked = Timestamp::now().to_string();
    fs::write(vault.keys().path().join(CHECKED), format!("{checked}\n"))
        .map_err(|error| Fault::world(msg!("cli-key-backup-failed", path = path.as_str())).because(error))?;
    if context.json {
        output::json(&json!({"folder": path, "files_opened": opened_keys, "checked": checked}))?;
    } else {
        context.say(&msg!("cli-key-check-done", path = path, files = opened_keys));
    }
    Ok(Exit::Done)
}
