//! `shoseki key backup|check|rotate|show`: the vault's secrets are worth as much as the vault.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_aws::kms;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::{KeyDir, Keyring, Next, Vault};

use super::Entry;
use crate::access::{Access, Recorded};
use crate::context::{self, Context};
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
        .subcommand(
            Command::new("rotate")
                .arg(Arg::new("kms-key").long("kms-key").value_name("KEY"))
                .arg(Arg::new("key-file").long("key-file").action(ArgAction::SetTrue).conflicts_with("kms-key")),
        )
}

/// When a backup of the keys was last checked.
pub fn backup_checked(vault: &Vault) -> Option<String> {
    fs::read_to_string(vault.keys().path().join(CHECKED)).ok().map(|text| text.trim().to_owned())
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let mut vault = context.open().await?;
    let folder = |matches: &ArgMatches| PathBuf::from(matches.get_one::<String>("folder").cloned().unwrap_or_default());
    match matches.subcommand() {
        Some(("backup", matches)) => {
            let recorded = begin(context, &vault, "key.backup", &folder(matches)).await?;
            recorded.ended(backup(context, &vault, &folder(matches)))
        }
        Some(("check", matches)) => {
            let recorded = begin(context, &vault, "key.check", &folder(matches)).await?;
            let ended = check(context, &vault, &folder(matches), recorded.is_recorded()).await;
            recorded.ended(ended)
        }
        Some(("rotate", matches)) => {
            let to = matches.get_one::<String>("kms-key").cloned();
            let access = Access::new("key.rotate").with("from", vault.ring().map(Keyring::provider)).with("to", to);
            let mut recorded = Recorded::begin(context, &vault, access).await?;
            let ended = rotate(context, &mut vault, matches, &mut recorded).await;
            recorded.ended(ended)
        }
        _ => show(context, &vault),
    }
}

async fn begin(context: &Context, vault: &Vault, action: &'static str, folder: &Path) -> Result<Recorded> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let access = Access::new(action).with("folder", folder.display().to_string());
    Recorded::begin(context, vault, access.with("encryption_key", vault.ring().map(Keyring::provider))).await
}

fn show(context: &Context, vault: &Vault) -> Result<Exit> {
    let verifier = vault.verifier()?.to_string();
    if context.json {
        let provider = vault.ring().map(Keyring::provider);
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
    refuse_own(vault, &target)?;
    vault.keys().copy_to(&target)?;
    context.say(&msg!("cli-key-backup-done", path = target.path().display().to_string()));
    Ok(Exit::Done)
}

/// Wraps the class keys by another key. No backup holds that one yet, so that the last check says nothing any more.
async fn rotate(context: &Context, vault: &mut Vault, matches: &ArgMatches, recorded: &mut Recorded) -> Result<Exit> {
    let next = match matches.get_one::<String>("kms-key") {
        Some(key) => Next::Service(kms::take(key).await?),
        None if matches.get_flag("key-file") => Next::File,
        None => Next::Same,
    };
    let mark = vault.keys().path().join(CHECKED);
    if vault.ring().is_some() && mark.exists() {
        let shown = mark.display().to_string();
        fs::remove_file(&mark)
            .map_err(|error| Fault::world(msg!("cli-key-mark-stays", path = shown)).because(error))?;
    }
    let rotation = vault.rotate(&next).await?;
    recorded.detail("to", rotation.provider.as_str());
    recorded.detail("rewrapped", rotation.rewrapped as u64);
    if context.json {
        output::json(&json!({
            "encryption_key": rotation.provider, "new": rotation.is_new, "class_keys": rotation.class_keys,
            "rewrapped": rotation.rewrapped, "folder": vault.keys().path(),
            "recorded": recorded.is_recorded(),
        }))?;
        return Ok(Exit::Done);
    }
    let name = rotation.provider.as_str();
    let what =
        if rotation.is_new { msg!("cli-key-rotated", name = name) } else { msg!("cli-key-resumed", name = name) };
    context.say(&what);
    context.say(&msg!("cli-key-rewrapped", count = rotation.rewrapped, all = rotation.class_keys));
    context.say(&msg!("cli-key-rotated-older", path = vault.keys().path().display().to_string()));
    context.note(&msg!("cli-key-rotated-back-up"));
    Ok(Exit::Done)
}

/// What the vault works with is no backup of it.
fn refuse_own(vault: &Vault, folder: &KeyDir) -> Result<()> {
    match folder.is_same(vault.keys()) {
        true => Err(Fault::caller(msg!("cli-key-no-backup", path = folder.path().display().to_string()))),
        false => Ok(()),
    }
}

/// A backup is good when its keys open this vault: the signing key is the log's, the encryption key is the one that wraps
/// now, and each file's key unwraps.
async fn check(context: &Context, vault: &Vault, folder: &Path, is_recorded: bool) -> Result<Exit> {
    let backup = KeyDir::of(folder, &vault.marker().origin);
    refuse_own(vault, &backup)?;
    let path = backup.path().display().to_string();
    if backup.signing()?.verifier().to_string() != vault.verifier()?.to_string() {
        return Err(Fault::caller(msg!("cli-key-check-other", path = path)));
    }
    if let Some(wanted) = vault.ring().map(Keyring::provider) {
        let given = backup.encryption_name()?;
        if given != wanted {
            return Err(Fault::caller(msg!("cli-key-check-older", path = path, given = given, wanted = wanted)));
        }
    }
    let access = context::access(folder.to_owned());
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
        output::json(&json!({
            "folder": path, "files_opened": opened_keys, "checked": checked, "recorded": is_recorded,
        }))?;
    } else {
        context.say(&msg!("cli-key-check-done", path = path, files = opened_keys));
    }
    Ok(Exit::Done)
}
