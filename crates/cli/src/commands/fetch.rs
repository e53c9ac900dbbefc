//! `shoseki fetch [NAME…]`: one round of what `serve` fetches again and again.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_server::{Ask, Fetched, Happening};

use super::Entry;
use super::serve::{self, Opened};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "fetch", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    stretch_arguments(serve::shared_arguments(command)).arg(Arg::new("name").value_name("NAME").num_args(0..))
}

pub(super) fn stretch_arguments(command: Command) -> Command {
    command
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true).requires("from"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (path, config) = serve::config(matches)?;
    if config.fetch.is_empty() {
        return Err(Fault::caller(msg!("cli-fetch-nothing", path = path.display().to_string())));
    }
    let Opened { vault, wal } = serve::open(context, &config).await?;
    let names: Vec<String> = matches.get_many::<String>("name").into_iter().flatten().cloned().collect();
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = super::query::range(context, text("from"), text("to"))?;
    let stretch = from.map(|from| (from, to.unwrap_or_else(Timestamp::now)));
    let (fetched, is_stopped) = shoseki_server::fetch(
        vault,
        &config,
        &wal,
        (&Ask { names, stretch, objects: Vec::new() }, happened(context), serve::stopped()?),
    )
    .await?;
    report(context, &fetched)?;
    if is_stopped {
        return Ok(Exit::Stopped);
    }
    Ok(if fetched.iter().all(|one| one.fault.is_none()) { Exit::Done } else { Exit::Failed })
}

/// Tells of what happens; of a failure the table tells.
pub(super) fn happened(context: &Context) -> impl Fn(&Happening) + Send + Sync + 'static {
    let lang = context.lang;
    move |happening: &Happening| {
        if happening.action != "fetch.failed" {
            serve::tell(happening, Some(lang));
        }
    }
}

fn report(context: &Context, fetched: &[Fetched]) -> Result<()> {
    if context.json {
        let row = |one: &Fetched| {
            json!({
                "name": one.name,
                "objects": one.objects,
                "events": one.events,
                "bytes": one.bytes,
                "problem": one.fault.as_ref().map(|fault| fault.chain(Lang::En)),
            })
        };
        return output::json(&json!({"fetched": fetched.iter().map(row).collect::<Vec<_>>()}));
    }
    let heading = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let headings = ["name", "objects", "events", "bytes"].map(|column| heading(&format!("cli-fetch-{column}")));
    let mut table = output::table(&headings);
    for one in fetched {
        let numbers = [output::count(one.objects), output::count(one.events), output::bytes(one.bytes)];
        table.add_row(std::iter::once(one.name.clone()).chain(numbers));
    }
    output::line(&table.to_string());
    for one in fetched {
        if let Some(fault) = &one.fault {
            context.note(&msg!("cli-fetch-failed", name = one.name.as_str(), why = fault.chain(context.lang)));
        }
    }
    Ok(())
}
