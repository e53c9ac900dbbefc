//! `shoseki alert`: what people were told and stands open, and that somebody looks after it.

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_server::{ACKNOWLEDGED, Config, OpenAlert};

use super::{Entry, schedule, serve};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "alert", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let list = serve::shared_arguments(Command::new("list"));
    let ack = serve::shared_arguments(Command::new("ack")).arg(Arg::new("id").value_name("ALERT").required(true)).arg(
        Arg::new("why").long("why").value_name("TEXT").required(true).value_parser(NonEmptyStringValueParser::new()),
    );
    command
        .subcommand_required(true)
        .subcommand(list.arg(Arg::new("all").long("all").action(ArgAction::SetTrue)))
        .subcommand(ack)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let Some((verb, matches)) = matches.subcommand() else {
        return Err(Fault::broken(msg!("cli-command-not-wired")));
    };
    let (path, config) = serve::config(matches)?;
    let opened = serve::open_beside(context, &config).await?;
    let context = &context.clone().with_wal(opened.wal.clone());
    let open = schedule::desk(context, &config, &path, &opened).standing().await?.open();
    match verb {
        "ack" => ack(context, matches, (&opened, &open)).await,
        _ => {
            let is_shown = |one: &OpenAlert| matches.get_flag("all") || one.told(&config.alerts).next().is_some();
            list(context, &config, &open.into_iter().filter(is_shown).collect::<Vec<OpenAlert>>())
        }
    }
}

async fn ack(context: &Context, matches: &ArgMatches, (opened, open): (&serve::Opened, &[OpenAlert])) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default().trim();
    let (id, why) = (text("id"), text("why"));
    if why.is_empty() {
        return Err(Fault::caller(msg!("alert-ack-why")));
    }
    let Some(one) = open.iter().find(|one| one.id == id) else {
        let known = open.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Fault::caller(msg!("alert-ack-unknown", id = id, known = known)));
    };
    let access = Access::new(ACKNOWLEDGED).with("alert", id).with("about", one.about.as_str());
    let access = access.with("of", one.action.as_str()).with("why", why);
    let recorded = Recorded::begin(context, &opened.vault, access).await?;
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("alert-ack-unrecorded")));
    }
    recorded.whole();
    access::seal(context, &opened.vault).await;
    match context.json {
        true => output::json(&json!({"alert": id, "about": one.about, "why": why}))?,
        false => context.say(&msg!("alert-ack-done", id = id)),
    }
    Ok(Exit::Done)
}

/// Exit code 1 where nobody looks after one of them.
fn list(context: &Context, config: &Config, open: &[OpenAlert]) -> Result<Exit> {
    if context.json {
        let alerts: Vec<Value> = open.iter().map(|one| to_json(config, one)).collect();
        output::json(&json!({"alerts": alerts}))?;
    } else if open.is_empty() {
        context.say(&msg!("alert-list-none"));
    } else {
        let heads = ["id", "severity", "action", "about", "since", "told", "state"];
        let head = |name: &str| lookup(&format!("alert-head-{name}"), context.lang).unwrap_or_default();
        let mut table = output::table(&heads.map(head));
        for one in open {
            table.add_row([
                one.id.clone(),
                one.severity.word().text(context.lang),
                one.action.clone(),
                output::on_one_line(&one.about),
                context.local(one.since),
                one.told(&config.alerts).chain(one.escalated.iter().map(String::as_str)).collect::<Vec<_>>().join(" "),
                state(one).text(context.lang),
            ]);
        }
        output::line(&table.to_string());
    }
    let is_looked_after = open.iter().all(|one| one.acknowledged.is_some());
    Ok(if is_looked_after { Exit::Done } else { Exit::Failed })
}

fn state(one: &OpenAlert) -> shoseki_messages::Message {
    match &one.acknowledged {
        Some(said) => {
            msg!("alert-state-acknowledged", by = said.by.as_str(), why = output::on_one_line(&said.why))
        }
        None if one.escalated.is_empty() => msg!("alert-state-open"),
        None => msg!("alert-state-escalated"),
    }
}

fn to_json(config: &Config, one: &OpenAlert) -> Value {
    let said = one.acknowledged.as_ref();
    json!({
        "id": one.id,
        "about": one.about,
        "action": one.action,
        "severity": one.severity.name(),
        "since": one.since.to_string(),
        "last": one.last.to_string(),
        "times": one.times,
        "message": one.said,
        "told": one.told(&config.alerts).collect::<Vec<_>>(),
        "acknowledged": said.map(|said| json!({"by": said.by, "why": said.why, "at": said.at.to_string()})),
        "escalated": one.escalated,
    })
}
