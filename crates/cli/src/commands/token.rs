//! `shoseki token NAME`: a new token for a sender, and the lines of the configuration that let it in.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use sha2::{Digest, Sha256};
use shoseki_messages::{Result, msg};
use shoseki_segment::keys::Secret;
use shoseki_server::{Config, RECEIVERS};

use super::Entry;
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry =
    Entry { name: "token", arguments, run: |context, matches| Box::pin(async move { run(context, matches) }) };

fn arguments(command: Command) -> Command {
    let receivers: Vec<&'static str> = RECEIVERS.iter().map(|receiver| receiver.id()).collect();
    command.arg(Arg::new("name").value_name("NAME").required(true)).arg(
        Arg::new("receiver")
            .long("receiver")
            .value_name("RECEIVER")
            .value_parser(receivers)
            .num_args(1..)
            .action(ArgAction::Append)
            .required(true),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let receivers: Vec<&String> = matches.get_many::<String>("receiver").into_iter().flatten().collect();
    let token = BASE64_URL_SAFE_NO_PAD.encode(Secret::fresh()?.expose());
    let hash = hex::encode(Sha256::digest(&token));
    let block =
        format!("[[sender]]\nname = {}\ntoken_sha256 = \"{hash}\"\nreceivers = {}\n", json!(name), json!(receivers));
    Config::parse(&block, "-")?; // a name that the configuration would refuse is refused here
    if context.json {
        output::json(&json!({"name": name, "token": token, "token_sha256": hash, "config": block}))?;
        return Ok(Exit::Done);
    }
    context.say(&msg!("cli-token-made", token = token));
    output::line(&block);
    Ok(Exit::Done)
}
