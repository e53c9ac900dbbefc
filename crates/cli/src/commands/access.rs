//! `shoseki access`: the records of who read evidence that are not sealed yet; `--seal` seals them now.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_messages::{Result, msg};
use shoseki_vault::spool::{Waiting, waiting};

use super::Entry;
use crate::context::Context;
use crate::{Exit, access, output};

pub const ENTRY: Entry = Entry { name: "access", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command.arg(Arg::new("seal").long("seal").action(ArgAction::SetTrue))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let sealed = if matches.get_flag("seal") { Some(access::take_in(context, &vault).await) } else { None };
    let folders = access::folders(context, &vault);
    let all: Result<Vec<Waiting>> = folders.iter().map(|folder| waiting(folder)).collect();
    let all = all?;
    let (ended, under_way) = (all.iter().map(|one| one.ended).sum(), all.iter().map(|one| one.under_way).sum());
    if context.json {
        output::json(&json!({
            "sealed": sealed, "folders": folders, "waiting": Waiting { ended, under_way },
        }))?;
    } else {
        if let Some(sealed) = sealed {
            context.say(&msg!("cli-access-sealed", count = sealed));
        }
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        context.say(&msg!("cli-access-waiting", ended = ended, running = under_way, folders = folders.join(", ")));
    }
    Ok(if sealed.is_some() && ended > 0 { Exit::Failed } else { Exit::Done })
}
