//! `shoseki init URL`: makes a vault and its keys.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_aws::kms;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::Layout;
use shoseki_vault::{Init, Keyring, Vault};

use super::Entry;
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "init", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("url").value_name("URL").required(false))
        .arg(Arg::new("origin").long("origin").value_name("NAME"))
        .arg(Arg::new("encryption").long("encryption").value_name("HOW").value_parser(["aes-256-gcm", "none"]))
        .arg(Arg::new("layout").long("layout").value_name("LAYOUT").value_parser(["columns", "text"]))
        .arg(Arg::new("kms-key").long("kms-key").value_name("KEY"))
        .arg(Arg::new("quiet").long("quiet").short('q').action(ArgAction::SetTrue))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let url = match matches.get_one::<String>("url") {
        Some(url) => url,
        None => context.url()?,
    };
    let kms_key = matches.get_one::<String>("kms-key");
    let encrypt = matches.get_one::<String>("encryption").map(|how| how != "none");
    let service = match kms_key {
        Some(_) if encrypt == Some(false) => return Err(Fault::caller(msg!("cli-init-key-of-nothing"))),
        Some(key) => Some(kms::take(key).await?),
        None => None,
    };
    let init = Init {
        origin: matches.get_one::<String>("origin").cloned(),
        encrypt: encrypt.or(kms_key.map(|_| true)), // a key is given to be used, also in a bucket
        service,
        layout: matches.get_one::<String>("layout").and_then(|name| Layout::from_name(name)),
    };
    let made = Vault::init(url, &context.access()?, &init).await?;
    let vault = &made.vault;
    let verifier = vault.verifier()?.to_string();
    let provider = vault.ring().map(Keyring::provider);
    let [signing, encryption, _] = vault.keys().files().map(|file| file.display().to_string());
    if context.json {
        output::json(&json!({
            "url": url, "new": made.is_new, "origin": vault.marker().origin, "verifier_key": verifier,
            "encryption": vault.marker().encryption, "signing_key_file": signing, "encryption_key_file": encryption,
            "encryption_key": provider,
        }))?;
        return Ok(Exit::Done);
    }
    if matches.get_flag("quiet") {
        return Ok(Exit::Done);
    }
    let what = if made.is_new { msg!("cli-init-new", url = url) } else { msg!("cli-init-there", url = url) };
    context.say(&what);
    context.say(&msg!("cli-init-origin", origin = vault.marker().origin.as_str()));
    context.say(&msg!("cli-init-verifier", key = verifier));
    context.say(&msg!("cli-init-encryption", how = vault.marker().encryption.as_str()));
    context.say(&msg!("cli-init-keys", signing = signing, encryption = encryption));
    if let Some(service) = provider.as_ref().filter(|name| !name.starts_with("file:")) {
        context.say(&msg!("cli-init-service", name = service.as_str()));
    }
    if made.is_new {
        context.say(&match vault.ring() {
            Some(_) => msg!("cli-init-back-up"),
            None => msg!("cli-init-back-up-signing"),
        });
    }
    Ok(Exit::Done)
}
