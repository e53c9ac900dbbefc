//! `shoseki demo`: on sample evidence, with the commands that a user would type. Without more, the main job from end to end
//! ([`tour`]); with `--incident`, an incident from the first match to its end ([`incident`]). How a command is shown and run stands in
//! [`stage`].

mod incident;
mod stage;
mod tour;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use include_dir::{Dir, include_dir};
use shoseki_messages::{Fault, Result, msg};

use self::stage::Stage;
use super::Entry;
use crate::Exit;
use crate::context::Context;

pub const ENTRY: Entry = Entry { name: "demo", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// A day of a small estate, with an incident in it; written for this project.
static ESTATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../testdata/estate");

fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("incident").long("incident").action(ArgAction::SetTrue))
        .arg(Arg::new("dir").long("dir").value_name("DIR"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let folder = match matches.get_one::<String>("dir") {
        Some(folder) => PathBuf::from(folder),
        None => fresh_folder()?,
    };

    let unusable = |error: std::io::Error| {
        Fault::world(msg!("demo-folder-unusable", path = folder.display().to_string())).because(error)
    };
    std::fs::create_dir_all(&folder).map_err(unusable)?;
    if std::fs::read_dir(&folder).map_err(unusable)?.next().is_some() {
        return Err(Fault::caller(msg!("demo-folder-not-empty", path = folder.display().to_string())));
    }
    let evidence = folder.join("evidence");
    std::fs::create_dir_all(&evidence).and_then(|()| ESTATE.extract(&evidence)).map_err(unusable)?;
    let stage = Stage { context: context.clone(), folder };
    match matches.get_flag("incident") {
        true => incident::play(&stage).await?,
        false => tour::play(&stage).await?,
    }
    Ok(Exit::Done)
}

/// A folder below the system's temporary one that is not there yet.
fn fresh_folder() -> Result<PathBuf> {
    for number in 1..1_000 {
        let folder = std::env::temp_dir().join(format!("shoseki-demo-{number}"));
        if std::fs::create_dir(&folder).is_ok() {
            return Ok(folder);
        }
    }
    Err(Fault::caller(msg!("demo-too-many", path = std::env::temp_dir().display().to_string())))
}
