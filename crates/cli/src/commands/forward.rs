//! `shoseki forward [NAME…]`: one round of what `serve` passes on again and again.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_server::{Again, Forwarded, Happening};

use super::Entry;
use super::serve::{self, Opened};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "forward", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    super::fetch::stretch_arguments(serve::shared_arguments(command))
        .arg(Arg::new("name").value_name("NAME").num_args(0..))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (path, config) = serve::config(matches)?;
    if config.forwards.is_empty() {
        return Err(Fault::caller(msg!("cli-forward-nothing", path = path.display().to_string())));
    }
    let Opened { vault, wal } = serve::open(context, &config).await?;
    let names: Vec<String> = matches.get_many::<String>("name").into_iter().flatten().cloned().collect();
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = super::query::range(context, text("from"), text("to"))?;
    let stretch = from.map(|from| (from, to.unwrap_or_else(Timestamp::now)));
    let targets: Vec<String> = config
        .forwards
        .iter()
        .filter(|one| names.is_empty() || names.contains(&one.name))
        .map(|one| format!("{}={}", one.name, one.target().1))
        .collect();
    let access = Access::new("forward.run").with("targets", targets);
    let access = match stretch {
        Some((from, to)) => access.with("from", from.to_string()).with("to", to.to_string()),
        None => access,
    };
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let asked = Again { names, stretch };
    let forwarding = shoseki_server::forward(vault, &config, &wal, (&asked, happened(context), serve::stopped()?));
    let ended = match forwarding.await {
        Ok((forwarded, is_stopped)) => {
            recorded.detail("records", forwarded.iter().map(|one| one.records).sum::<u64>());
            recorded.detail("bytes", forwarded.iter().map(|one| one.bytes).sum::<u64>());
            recorded.detail("refused", forwarded.iter().map(|one| one.refused).sum::<u64>());
            if let Some(fault) = forwarded.iter().find_map(|one| one.fault.as_ref()) {
                recorded.detail("why", fault.chain(Lang::En));
            }
            shown(context, &forwarded, is_stopped)
        }
        Err(fault) => Err(fault),
    };
    recorded.ended(ended)
}

/// Shows what came of it.
fn shown(context: &Context, forwarded: &[Forwarded], is_stopped: bool) -> Result<Exit> {
    report(context, forwarded)?;
    if is_stopped {
        return Ok(Exit::Stopped);
    }
    let is_whole = forwarded.iter().all(|one| one.fault.is_none() && one.refused == 0);
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

/// Tells of what happens; of a failure the table tells.
fn happened(context: &Context) -> impl Fn(&Happening) + Send + Sync + 'static {
    let lang = context.lang;
    move |happening: &Happening| {
        if happening.action != "forward.failed" {
            serve::tell(happening, Some(lang));
        }
    }
}

fn report(context: &Context, forwarded: &[Forwarded]) -> Result<()> {
    if context.json {
        let row = |one: &Forwarded| {
            json!({
                "name": one.name,
                "records": one.records,
                "bytes": one.bytes,
                "refused": one.refused,
                "problem": one.fault.as_ref().map(|fault| fault.chain(Lang::En)),
            })
        };
        return output::json(&json!({"forwarded": forwarded.iter().map(row).collect::<Vec<_>>()}));
    }
    let heading = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let headings = ["name", "records", "bytes", "refused"].map(|column| heading(&format!("cli-forward-{column}")));
    let mut table = output::table(&headings);
    for one in forwarded {
        let numbers = [output::count(one.records), output::bytes(one.bytes), output::count(one.refused)];
        table.add_row(std::iter::once(one.name.clone()).chain(numbers));
    }
    output::line(&table.to_string());
    for one in forwarded {
        if let Some(fault) = &one.fault {
            context.note(&msg!("cli-fetch-failed", name = one.name.as_str(), why = fault.chain(context.lang)));
        }
    }
    Ok(())
}
